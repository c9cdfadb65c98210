//! One field of a marshmallow schema: `fields.Str(required=True, validate=validate.Length(max=50))`.

use serde_json::Value;

use super::schema_at;
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::program::{CallRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::python::literals::{literal, truth};

/// How deep fields may nest.
const MAX_DEPTH: u32 = 12;

/// What a field says.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Its shape.
    pub shape: Shape,
    /// `required=True`.
    pub required: bool,
    /// `data_key="…"`.
    pub key: Option<Name>,
    /// `dump_only=True`.
    pub dump_only: bool,
    /// `load_only=True`.
    pub load_only: bool,
    /// `metadata={"description": "…"}`.
    pub doc: Option<Name>,
}

impl Said {
    /// As the member of a schema; `None` where the mode leaves it out.
    #[must_use]
    pub fn member(self, name: &Name, mode: Mode) -> Option<Member> {
        let is_left_out = if mode == Mode::Read { self.dump_only } else { self.load_only };
        (!is_left_out).then(|| Member {
            name: self.key.unwrap_or_else(|| name.clone()),
            shape: self.shape,
            required: self.required,
            doc: self.doc,
            read_only: self.dump_only,
            write_only: self.load_only,
            deprecated: false,
        })
    }
}

/// Reads a field; `None` when the expression is none.
#[must_use]
pub fn field(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Option<Said> {
    field_at(program, site, expr, mode, 0)
}

fn field_at(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode, depth: u32) -> Option<Said> {
    if depth > MAX_DEPTH {
        return None;
    }
    let meaning = program.resolve(site, expr);
    let Some((call, at)) = meaning.call() else {
        // `fields.List(fields.Str)`: the class itself.
        let kind = kind_of(program, &meaning)?;
        return Some(Said { shape: simple(&kind).unwrap_or_default(), ..Said::default() });
    };
    let made = program.call(call);
    let inside = at.moved(call.file, made.scope, made.at.offset);
    let kind = kind_of(program, &program.callee(call))?;
    let mut shape = match kind.as_str() {
        "List" => element(program, &inside, made, mode, depth).list(),
        "Nested" | "Pluck" => nested(program, &inside, made, mode),
        "DelimitedList" => element(program, &inside, made, mode, depth).list(),
        "Dict" | "Mapping" => {
            let values = made.arg(1, "values").and_then(|values| field_at(program, &inside, values, mode, depth + 1));
            Shape::Map(Box::new(values.map(|said| said.shape).unwrap_or_default()))
        }
        "Enum" | "EnumField" => enumeration(program, &inside, made),
        "Constant" => {
            made.positional(0).and_then(|value| literal(program, &inside, value)).map_or(Shape::Any, |value| Shape::Enum(vec![value]))
        }
        other => simple(other)?,
    };
    for validator in
        made.keyword("validate").into_iter().flat_map(|expr| if let Expr::List(items) = expr { items.iter().collect() } else { vec![expr] })
    {
        shape = validated(program, &inside, validator, shape);
    }
    let is_true = |key: &str| truth(program, &inside, made.keyword(key)) == Some(true);
    if is_true("many") && !matches!(shape, Shape::List(_)) {
        shape = shape.list();
    }
    let default = ["load_default", "missing"].iter().find_map(|key| made.keyword(key));
    if is_true("allow_none") || default == Some(&Expr::Null) {
        shape = shape.or_null();
    }
    if mode == Mode::Read
        && let Some(value) = default.and_then(|value| literal(program, &inside, value)).filter(|value| !value.is_null())
    {
        shape = shape.with("default", value);
    }
    let text = |expr: &Expr| program.text(&inside, expr).plain().map(Name::from);
    let (key, doc) = (made.keyword("data_key").or_else(|| made.keyword("load_from")), described(program, &inside, made));
    Some(Said {
        shape,
        required: is_true("required"),
        key: key.and_then(text),
        dump_only: is_true("dump_only") || matches!(kind.as_str(), "Method" | "Function" | "URLFor" | "Hyperlinks" | "Constant"),
        load_only: is_true("load_only"),
        doc,
    })
}

fn described(program: &dyn Program, site: &Site, made: &Call) -> Option<Name> {
    if let Some(text) = made.keyword("description").and_then(|expr| program.text(site, expr).plain()) {
        return Some(text.into());
    }
    let metadata = literal(program, site, made.keyword("metadata")?)?;
    metadata.get("description").and_then(Value::as_str).map(Name::from)
}

/// The kind of a field: the name of the library's class.
fn kind_of(program: &dyn Program, meaning: &Meaning) -> Option<String> {
    let of_path = |path: &str| -> Option<String> {
        let (module, name) = path.rsplit_once('.')?;
        let library = module.split('.').next().unwrap_or_default();
        let is_known = [
            "marshmallow",
            "webargs",
            "flask_marshmallow",
            "apiflask",
            "marshmallow_sqlalchemy",
            "flask_smorest",
            "marshmallow_enum",
            "marshmallow_dataclass",
            "apispec",
        ]
        .contains(&library);
        (is_known && (module.contains("field") || module == library || module.ends_with("()"))).then(|| name.to_owned())
    };
    match meaning {
        Meaning::Outside(path) => of_path(path),
        // `ma = Marshmallow(app)`, `ma.Str()`.
        Meaning::Attribute(of, name) => {
            let (call, _) = of.call()?;
            let maker = program.callee(call);
            maker.outside().is_some_and(|path| path.starts_with("flask_marshmallow.")).then(|| name.to_string())
        }
        Meaning::Class(class) => program.outside_bases(*class).iter().find_map(|base| of_path(base)).filter(|kind| kind != "Schema"),
        _ => None,
    }
}

fn simple(kind: &str) -> Option<Shape> {
    Some(match kind {
        "Str" | "String" | "Field_" | "Slug" => Shape::Text(None),
        "Int" | "Integer" | "TimeDelta" => Shape::Int,
        "Float" | "Number" | "Decimal" => Shape::Number,
        "Bool" | "Boolean" => Shape::Bool,
        "DateTime" | "AwareDateTime" | "NaiveDateTime" | "LocalDateTime" => Shape::format("date-time"),
        "Date" => Shape::format("date"),
        "Time" => Shape::format("time"),
        "UUID" => Shape::format("uuid"),
        "Email" => Shape::format("email"),
        "Url" | "URL" | "URLFor" | "AbsoluteURLFor" | "AbsoluteUrlFor" | "UrlFor" => Shape::format("uri"),
        "IP" | "IPv4" | "IPv6" | "IPInterface" | "IPv4Interface" | "IPv6Interface" => Shape::Text(None),
        "File" | "Upload" => Shape::format("binary"),
        "List" | "DelimitedList" | "Tuple" => Shape::Any.list(),
        "Dict" | "Mapping" | "Hyperlinks" => Shape::Map(Box::new(Shape::Any)),
        "Raw" | "Field" | "Function" | "Method" | "Inferred" | "Nested" | "Pluck" | "Enum" | "EnumField" | "Constant" => Shape::Any,
        _ => return None,
    })
}

fn element(program: &dyn Program, site: &Site, made: &Call, mode: Mode, depth: u32) -> Shape {
    let inner = made.arg(0, "cls_or_instance");
    inner.and_then(|inner| field_at(program, site, inner, mode, depth + 1)).map(|said| said.shape).unwrap_or_default()
}

/// `fields.Nested(UserSchema)`, `fields.Nested("UserSchema")`, `fields.Nested(lambda: UserSchema(only=("id",)))`.
fn nested(program: &dyn Program, site: &Site, made: &Call, mode: Mode) -> Shape {
    let Some(target) = made.arg(0, "nested") else { return Shape::Any };
    if let Expr::Object(_) = target {
        return super::dict_members(program, site, target, mode).map(Shape::record).unwrap_or_default();
    }
    if let Some(shape) = schema_at(program, site, target, mode) {
        return shape;
    }
    if let Expr::Func(id) = target {
        let facts = program.file(site.file);
        let returned = facts.returns_of(*id).first().map(|index| &facts.outline.returns[*index as usize]);
        return returned
            .and_then(|value| schema_at(program, &Site::of_scope(site.file, value.scope), &value.value, mode))
            .unwrap_or_default();
    }
    // A name is looked up where the field stands, as far as that goes: schemas of one file, and `self`.
    let Some(name) = program.text(site, target).plain() else { return Shape::Any };
    let last = name.rsplit('.').next().unwrap_or(&name);
    let found = if last == "self" { Expr::Ref("cls".into()) } else { Expr::Ref(last.into()) };
    match program.resolve(&Site::module(site.file), &found) {
        Meaning::Class(class) if super::is_schema(program, class) => program.shape_of_class(class, Vec::new(), mode),
        _ => Shape::Any,
    }
}

fn enumeration(program: &dyn Program, site: &Site, made: &Call) -> Shape {
    let by_value = truth(program, site, made.keyword("by_value"));
    let Some(target) = made.arg(0, "enum") else { return Shape::Any };
    let Meaning::Class(class) = program.resolve(site, target) else { return Shape::Any };
    let declared = program.class(class);
    let inside = program.inside_class(class);
    let named = declared.fields.iter().filter(|field| field.default.is_some() && !field.name.starts_with('_'));
    let values: Vec<Value> = if by_value == Some(true) {
        named.filter_map(|field| literal(program, &inside, field.default.as_ref()?)).collect()
    } else {
        named.map(|field| Value::from(field.name.as_str())).collect()
    };
    if values.is_empty() { Shape::Text(None) } else { Shape::Enum(values) }
}

/// `validate.Length(min=1)`, `validate.Range(max=9)`, `validate.OneOf([…])`, `validate.Regexp(…)`.
fn validated(program: &dyn Program, site: &Site, expr: &Expr, shape: Shape) -> Shape {
    let Expr::Call(id) = expr else { return shape };
    let call = CallRef { file: site.file, id: *id };
    let Meaning::Outside(path) = program.callee(call) else { return shape };
    let made = program.call(call);
    let at =
        |position: usize, key: &str| made.arg(position, key).and_then(|expr| literal(program, site, expr)).filter(|value| !value.is_null());
    let name = path.rsplit('.').next().unwrap_or_default();
    match name {
        "Length" => {
            let [least, most] = if matches!(shape, Shape::List(_)) { ["minItems", "maxItems"] } else { ["minLength", "maxLength"] };
            let equal = at(2, "equal").filter(Value::is_u64);
            let bound = |shape: Shape, keyword: &str, value: Option<Value>| {
                value.filter(Value::is_u64).map_or(shape.clone(), |value| shape.with(keyword, value))
            };
            let shape = bound(shape, least, at(0, "min").or_else(|| equal.clone()));
            bound(shape, most, at(1, "max").or(equal))
        }
        "Range" => {
            let bound = |shape: Shape, keyword: &str, value: Option<Value>| {
                value.filter(Value::is_number).map_or(shape.clone(), |value| shape.with(keyword, value))
            };
            let shape = bound(shape, "minimum", at(0, "min"));
            bound(shape, "maximum", at(1, "max"))
        }
        "OneOf" => match at(0, "choices") {
            Some(Value::Array(values)) if !values.is_empty() => Shape::Enum(values),
            _ => shape,
        },
        "ContainsOnly" => match at(0, "choices") {
            Some(Value::Array(values)) if !values.is_empty() => Shape::Enum(values).list(),
            _ => shape,
        },
        "Regexp" => match at(0, "regex") {
            Some(Value::String(pattern)) => shape.with("pattern", pattern),
            _ => shape,
        },
        "Email" => shape.with("format", "email"),
        "URL" => shape.with("format", "uri"),
        _ => shape,
    }
}
