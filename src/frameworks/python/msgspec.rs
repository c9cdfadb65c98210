//! msgspec's structs.

use crate::base::case;
use crate::base::code::{Expr, Field, Type};
use crate::base::language::Language;
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::members::merge;
use crate::facts::program::{ClassRef, Mode, Program, Site};
use crate::facts::shape::{Member, Record, Shape};
use crate::frameworks::python::annotations::library_call;
use crate::frameworks::python::literals::literal;

/// msgspec.
pub const FRAMEWORK: Framework = Framework {
    id: "python/msgspec",
    label: "msgspec",
    languages: &[Language::Python],
    modules: &["msgspec"],
    tells: &[Tells::Types],
    read: None,
    types: Some(&Reader),
};

struct Reader;

impl TypeReader for Reader {
    fn class(&self, program: &dyn Program, class: ClassRef, _args: &[Shape], mode: Mode) -> Option<Shape> {
        let is_struct = program.outside_bases(class).iter().any(|base| base == "msgspec.Struct" || base == "msgspec.structs.Struct");
        is_struct.then(|| shape(program, class, mode))
    }

    fn outside(&self, _program: &dyn Program, path: &str, _args: &[Type], _site: &Site, _mode: Mode) -> Option<Shape> {
        match path {
            "msgspec.Raw" => Some(Shape::Any),
            // A field that may be unset may be left out: it is no value of its own.
            "msgspec.UnsetType" => Some(Shape::Never),
            _ => None,
        }
    }
}

fn shape(program: &dyn Program, class: ClassRef, mode: Mode) -> Shape {
    let rename = rename(program, class);
    let mut record = Record { doc: program.class(class).doc.clone(), ..Record::default() };
    if let Some(tag) = tag(program, class) {
        record.members.push(tag);
    }
    for class in program.lineage(class).into_iter().rev() {
        let site = program.inside_class(class);
        let members = program.class(class).fields.iter().filter_map(|field| member(program, &site, field, rename, mode)).collect();
        merge(&mut record, Record { members, ..Record::default() });
    }
    let forbids = keyword(program, class, "forbid_unknown_fields").is_some_and(|(value, _)| *value == Expr::Bool(true));
    record.rest = forbids.then_some(Shape::Never);
    Shape::Record(Box::new(record))
}

fn keyword<'p>(program: &'p dyn Program, class: ClassRef, name: &str) -> Option<(&'p Expr, Site)> {
    program.lineage(class).into_iter().find_map(|class| {
        let declared = program.file(class.file).outline.class(class.id);
        declared.keywords.iter().find(|(known, _)| known == name).map(|(_, value)| (value, program.around_class(class)))
    })
}

/// `class User(Struct, rename="camel")`.
fn rename(program: &dyn Program, class: ClassRef) -> Option<fn(&str) -> String> {
    let (value, site) = keyword(program, class, "rename")?;
    match program.text(&site, value).plain()?.as_str() {
        "camel" => Some(case::camel),
        "pascal" => Some(case::pascal),
        "kebab" => Some(case::kebab),
        "lower" => Some(str::to_lowercase),
        "upper" => Some(str::to_uppercase),
        _ => None,
    }
}

/// `class Cat(Struct, tag="cat", tag_field="kind")`.
fn tag(program: &dyn Program, class: ClassRef) -> Option<Member> {
    let tag = keyword(program, class, "tag");
    let field = keyword(program, class, "tag_field").and_then(|(value, site)| program.text(&site, value).plain());
    let name = program.class(class).name.clone();
    let value = match &tag {
        Some((Expr::Bool(true), _)) => name.to_string(),
        Some((Expr::Bool(false) | Expr::Null, _)) => return None,
        Some((value, site)) => program.text(site, value).plain()?,
        None if field.is_some() => name.to_string(),
        None => return None,
    };
    Some(Member::required(field.unwrap_or_else(|| "type".to_owned()), Shape::Enum(vec![value.into()])))
}

fn member(program: &dyn Program, site: &Site, field: &Field, rename: Option<fn(&str) -> String>, mode: Mode) -> Option<Member> {
    if field.ty == Type::Unknown || field.ty.last_name().is_some_and(|name| name == "ClassVar") {
        return None;
    }
    let mut shape = program.shape_of_type(site, &field.ty, mode);
    let mut name = rename.map_or_else(|| field.name.clone(), |rename| rename(&field.name).into());
    let mut required = field.default.is_none();
    let made = field.default.as_ref().and_then(|expr| library_call(program, site, expr)).filter(|(path, ..)| path == "msgspec.field");
    let default = match &made {
        Some((_, call, at)) => {
            let call = program.call(*call);
            required = call.keyword("default").is_none() && call.keyword("default_factory").is_none();
            if let Some(said) = call.keyword("name").and_then(|expr| program.text(at, expr).plain()) {
                name = said.into();
            }
            call.keyword("default").and_then(|expr| literal(program, at, expr))
        }
        None => field.default.as_ref().and_then(|expr| literal(program, site, expr)),
    };
    if let Some(value) = default.filter(|value| !value.is_null()) {
        shape = shape.with("default", value);
    }
    Some(Member { name, shape, required, doc: field.doc.clone(), ..Member::default() })
}
