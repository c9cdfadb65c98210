//! Classes that describe data by decorators: class-validator, class-transformer, `@nestjs/swagger`; and what is made of them:
//! `PartialType`, `PickType`, `OmitType`, `IntersectionType`.
//!
//! - [`rules`]: what one decorator says of a field.
//! - [`options`]: the options of `@ApiProperty`.
//! - [`mapped`]: classes made of others.
//!
//! Read from class-validator 0.14, class-transformer 0.5, `@nestjs/swagger` 8. Groups and custom constraints are left out on purpose.

mod mapped;
pub mod options;
mod rules;

use crate::base::code::{ClassKind, Expr, Field, Type};
use crate::base::language::Language;
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::members::merge;
use crate::facts::program::{ClassRef, Mode, Program, Site};
use crate::facts::shape::{Member, Record, Shape};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::literals;

/// class-validator and its kin.
pub const FRAMEWORK: Framework = Framework {
    id: "script/class-validator",
    label: "class-validator, class-transformer, @nestjs/swagger",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["class-validator", "class-transformer", "@nestjs/swagger", "@nestjs/mapped-types"],
    tells: &[Tells::Types],
    read: None,
    types: Some(&Reader),
};

/// Where the decorators come from.
pub(super) const LIBRARIES: &[&str] = &[
    "class-validator",
    "class-transformer",
    "@nestjs/swagger",
    "@nestjs/mapped-types",
    "nestjs-swagger-dto",
    "@nestjs/class-validator",
    "@nestjs/class-transformer",
];

struct Reader;

impl TypeReader for Reader {
    fn class(&self, program: &dyn Program, class: ClassRef, _args: &[Shape], mode: Mode) -> Option<Shape> {
        let declared = program.class(class);
        if !program.file(class.file).language.is_script() || declared.kind != ClassKind::Class || !is_described(program, class) {
            return None;
        }
        let site = program.inside_class(class);
        let mut record = Record::default();
        for base in &declared.bases {
            if let Some(inherited) = program.record(&program.shape_of_type(&site, base, mode)) {
                merge(&mut record, Record { doc: None, ..inherited });
            }
        }
        for field in declared.fields.iter().filter(|field| is_data(field)) {
            let said = decorators(program, &site, &field.decorators);
            if let Some(member) = member(program, &site, field, &said, mode) {
                merge(&mut record, Record { members: vec![member], ..Record::default() });
            } else {
                record.members.retain(|known| known.name != field.name);
            }
        }
        record.doc = declared.doc.clone();
        Some(Shape::Record(Box::new(record)))
    }

    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        mapped::shape(program, expr, site, mode)
    }
}

/// Whether some field carries a decorator of these libraries.
fn is_described(program: &dyn Program, class: ClassRef) -> bool {
    let site = program.inside_class(class);
    let fields = &program.class(class).fields;
    fields.iter().any(|field| {
        !field.decorators.is_empty() && decorators(program, &site, &field.decorators).iter().any(|decor| decor.of(LIBRARIES).is_some())
    })
}

fn is_data(field: &Field) -> bool {
    let is_hidden = field.flags.is_static || field.flags.is_private || field.name.starts_with('#') || field.name.is_empty();
    !is_hidden && !matches!(field.ty, Type::Function(_)) && !matches!(field.default, Some(Expr::Func(_)))
}

/// A field as it stands on the wire; `None` when it does not.
fn member(program: &dyn Program, site: &Site, field: &Field, said: &[Decor], mode: Mode) -> Option<Member> {
    let typed = match (&field.ty, &field.default) {
        (Type::Unknown, Some(value)) => program.shape_of_value(site, value, mode),
        (ty, _) => program.shape_of_type(site, ty, mode),
    };
    let is_defaulted = mode == Mode::Read && field.default.is_some();
    let mut member = Member {
        name: field.name.clone(),
        shape: typed,
        required: !field.optional && !is_defaulted && !is_undefined(&field.ty),
        doc: field.doc.clone(),
        ..Member::default()
    };
    for decor in said {
        rules::apply(program, decor, mode, &mut member)?;
    }
    if let Some(value) = field.default.as_ref().filter(|_| mode == Mode::Read).and_then(|value| literals::literal(program, site, value))
        && !value.is_null()
    {
        member.shape = member.shape.with("default", value);
    }
    Some(member)
}

fn is_undefined(ty: &Type) -> bool {
    matches!(ty, Type::Union(types) if types.iter().any(|ty| ty.last_name().is_some_and(|name| name == "undefined")))
}
