//! marshmallow and what builds on it: flask-marshmallow, webargs' fields, APIFlask's schemas.
//!
//! - [`fields`]: one field.
//!
//! What a `Meta` takes from a database model is not read.

pub mod fields;

use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::base::language::Language;
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::members::merge;
use crate::facts::program::{CallRef, ClassRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Record, Shape, TypeKey, TypeSource};
use crate::frameworks::python::literals::{texts, truth};

/// marshmallow.
pub const FRAMEWORK: Framework = Framework {
    id: "python/marshmallow",
    label: "marshmallow",
    languages: &[Language::Python],
    modules: &["marshmallow", "flask_marshmallow", "marshmallow_sqlalchemy", "webargs", "apiflask"],
    tells: &[Tells::Types],
    read: None,
    types: Some(&Reader),
};

/// Whether a class is a schema.
#[must_use]
pub fn is_schema(program: &dyn Program, class: ClassRef) -> bool {
    program.outside_bases(class).iter().any(|base| is_schema_base(base))
}

fn is_schema_base(path: &str) -> bool {
    let Some((module, name)) = path.rsplit_once('.') else { return false };
    let is_schema = matches!(
        name,
        "Schema"
            | "SchemaOpts"
            | "SQLAlchemySchema"
            | "SQLAlchemyAutoSchema"
            | "ModelSchema"
            | "TableSchema"
            | "HyperlinkModelSchema"
            | "OneOfSchema"
            | "BaseSchema"
    );
    let library = module.split('.').next().unwrap_or_default();
    is_schema && (library.contains("marshmallow") || library == "apiflask" || library == "flask_rebar" || library == "webargs")
}

struct Reader;

impl TypeReader for Reader {
    fn class(&self, program: &dyn Program, class: ClassRef, _args: &[Shape], mode: Mode) -> Option<Shape> {
        is_schema(program, class).then(|| Shape::Record(Box::new(record(program, class, mode))))
    }

    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = expr else { return None };
        let call = CallRef { file: site.file, id: *id };
        dumped(program, call, site).or_else(|| instance(program, call, site, mode))
    }

    fn variant(&self, program: &dyn Program, class: ClassRef, variant: &Name, mode: Mode) -> Option<Shape> {
        if !is_schema(program, class) {
            return None;
        }
        let mut record = record(program, class, mode);
        for said in variant.split(';') {
            match said.split_once(':') {
                Some(("only", names)) => record.members.retain(|member| names.split(',').any(|name| name == member.name)),
                Some(("exclude", names)) => record.members.retain(|member| names.split(',').all(|name| name != member.name)),
                _ => record.members.iter_mut().for_each(|member| member.required = false),
            }
        }
        Some(Shape::Record(Box::new(record)))
    }
}

/// The members of a schema.
fn record(program: &dyn Program, class: ClassRef, mode: Mode) -> Record {
    let mut record = Record { doc: program.class(class).doc.clone(), ..Record::default() };
    for class in program.lineage(class).into_iter().rev() {
        let site = program.inside_class(class);
        let own = program.class(class).fields.iter().filter_map(|field| {
            let value = field.default.as_ref()?;
            fields::field(program, &site, value, mode).map(|said| said.member(&field.name, mode))
        });
        let own: Vec<Option<Member>> = own.collect();
        merge(&mut record, Record { members: own.into_iter().flatten().collect(), ..Record::default() });
    }
    let meta = |name: &str| meta_names(program, class, name);
    if let Some(names) = meta("fields") {
        record.members.retain(|member| names.contains(&member.name));
        for name in names {
            if record.member(&name).is_none() {
                record.members.push(Member::optional(name, Shape::Any));
            }
        }
    }
    for name in meta("additional").unwrap_or_default() {
        if record.member(&name).is_none() {
            record.members.push(Member::optional(name, Shape::Any));
        }
    }
    let hidden = [meta("exclude"), if mode == Mode::Write { meta("load_only") } else { meta("dump_only") }];
    for names in hidden.into_iter().flatten() {
        record.members.retain(|member| !names.contains(&member.name));
    }
    record
}

/// Names that `class Meta` of a schema lists.
fn meta_names(program: &dyn Program, class: ClassRef, name: &str) -> Option<Vec<Name>> {
    program.lineage(class).into_iter().find_map(|class| {
        let meta = nested_class(program, class, "Meta")?;
        let (value, at) = program.class_attribute(meta, name)?;
        Some(texts(program, &at, value))
    })
}

/// A class declared in the body of another.
#[must_use]
pub fn nested_class(program: &dyn Program, class: ClassRef, name: &str) -> Option<ClassRef> {
    let outline = &program.file(class.file).outline;
    let found = (0u32..).zip(&outline.classes).find(|(_, inner)| inner.outer == Some(class.id) && inner.name == name)?;
    Some(ClassRef { file: class.file, id: crate::base::code::ClassId(found.0) })
}

/// `UserSchema(many=True).dump(users)`: what comes out.
fn dumped(program: &dyn Program, call: CallRef, site: &Site) -> Option<Shape> {
    let made = program.call(call);
    let (receiver, name) = made.method()?;
    if !matches!(name.as_str(), "dump" | "jsonify") {
        return None;
    }
    let at = site.moved(call.file, made.scope, made.at.offset);
    let shape = schema_at(program, &at, receiver, Mode::Write)?;
    let is_many = truth(program, &at, made.keyword("many")) == Some(true);
    Some(if is_many && !matches!(shape, Shape::List(_)) { shape.list() } else { shape })
}

/// The shape of a schema, given as a class or as an instance.
#[must_use]
pub fn schema_at(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Option<Shape> {
    match program.resolve(site, expr) {
        Meaning::Class(class) | Meaning::Instance(class) if is_schema(program, class) => {
            Some(program.shape_of_class(class, Vec::new(), mode))
        }
        Meaning::Value(Expr::Call(id), at) => instance(program, CallRef { file: at.file, id: *id }, &at, mode),
        _ => None,
    }
}

/// `UserSchema(many=True, exclude=("password",))`.
fn instance(program: &dyn Program, call: CallRef, site: &Site, mode: Mode) -> Option<Shape> {
    let made = program.call(call);
    let at = site.moved(call.file, made.scope, made.at.offset);
    match program.callee(call) {
        Meaning::Class(class) if is_schema(program, class) => {
            let shape = varied(program, class, made, &at, mode);
            let is_many = truth(program, &at, made.keyword("many")) == Some(true);
            Some(if is_many { shape.list() } else { shape })
        }
        Meaning::Outside(path) if is_schema_base(path.strip_suffix(".from_dict")?) => from_dict(program, &at, made, mode),
        _ => None,
    }
}

fn from_dict(program: &dyn Program, site: &Site, made: &Call, mode: Mode) -> Option<Shape> {
    let entries = made.positional(0).map(|dict| dict_members(program, site, dict, mode))??;
    Some(Shape::record(entries))
}

/// The members of a dict of fields.
#[must_use]
pub fn dict_members(program: &dyn Program, site: &Site, dict: &Expr, mode: Mode) -> Option<Vec<Member>> {
    let meaning = program.resolve(site, dict);
    let (entries, at) = match (&meaning, dict) {
        (Meaning::Value(Expr::Object(entries), at), _) => (entries.as_ref(), at.clone()),
        (_, Expr::Object(entries)) => (entries.as_ref(), site.clone()),
        _ => return None,
    };
    let mut members = Vec::new();
    for entry in entries {
        let name = match &entry.key {
            crate::base::code::Key::Name(name) => name.clone(),
            crate::base::code::Key::Computed(key) => match program.text(&at, key).plain() {
                Some(name) => name.into(),
                None => continue,
            },
            crate::base::code::Key::Spread => {
                members.extend(dict_members(program, &at, &entry.value, mode).unwrap_or_default());
                continue;
            }
        };
        if let Some(said) = fields::field(program, &at, &entry.value, mode) {
            members.extend(said.member(&name, mode));
        }
    }
    Some(members)
}

/// A schema with some of its members.
fn varied(program: &dyn Program, class: ClassRef, made: &Call, site: &Site, mode: Mode) -> Shape {
    let mut said: Vec<String> = Vec::new();
    for key in ["only", "exclude"] {
        if let Some(names) = made.keyword(key).map(|names| texts(program, site, names)).filter(|names| !names.is_empty()) {
            said.push(format!("{key}:{}", names.iter().map(Name::as_str).collect::<Vec<_>>().join(",")));
        }
    }
    if truth(program, site, made.keyword("partial")) == Some(true) {
        said.push("partial".to_owned());
    }
    if said.is_empty() {
        return program.shape_of_class(class, Vec::new(), mode);
    }
    let name = program.class(class).name.clone();
    Shape::Named(Box::new(TypeKey { source: TypeSource::Variant(class, said.join(";").into()), name, args: Vec::new(), mode }))
}
