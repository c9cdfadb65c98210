//! One field of a serializer: `serializers.CharField(max_length=50, required=False)`, a nested serializer, a relation.

use serde_json::Value;

use super::{Said, is_serializer, named, shape_at};
use crate::base::Name;
use crate::base::code::{Call, Expr, Type};
use crate::facts::members::any_of;
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::python::django::{models, viewsets};
use crate::frameworks::python::literals::{literal, truth};
use crate::frameworks::specs;

/// Reads a declared field; `None` when the expression is none. `owner` is the serializer it stands in.
#[must_use]
pub fn field(program: &dyn Program, site: &Site, expr: &Expr, name: &Name, owner: Option<ClassRef>, mode: Mode) -> Option<Said> {
    let meaning = program.resolve(site, expr);
    let (call, at) = meaning.call()?;
    let made = program.call(call);
    let inside = at.moved(call.file, made.scope, made.at.offset);
    let is = |keyword: &str| truth(program, &inside, made.keyword(keyword)) == Some(true);
    let mut said = match program.callee(call) {
        Meaning::Class(class) if is_serializer(program, class) => {
            let shape = named(program, class, is("partial"), mode);
            Said { shape: if is("many") { shape.list() } else { shape }, ..Said::default() }
        }
        callee => {
            let kind = kind_of(program, &callee)?;
            let shape = match callee.class().and_then(|class| declared_on(program, class, mode)) {
                Some(shape) => shape,
                None => shape_of_kind(program, &inside, made, &kind, name, owner, mode),
            };
            let shape = if is("many") && !matches!(shape, Shape::List(_)) { shape.list() } else { shape };
            let is_computed =
                matches!(kind.as_str(), "SerializerMethodField" | "ReadOnlyField" | "HyperlinkedIdentityField" | "StringRelatedField")
                    || kind.contains("IdentityField");
            Said { shape, read_only: is_computed, hidden: kind == "HiddenField", ..Said::default() }
        }
    };
    said.read_only |= is("read_only");
    said.write_only |= is("write_only");
    let default = made.keyword("default");
    said.required = truth(program, &inside, made.keyword("required")).unwrap_or(default.is_none()) && !said.read_only;
    constrain(program, &inside, made, &mut said.shape);
    if is("allow_null") {
        said.shape = said.shape.or_null();
    }
    if let Some(value) = default.and_then(|value| literal(program, &inside, value)).filter(|value| !value.is_null()) {
        said.shape = said.shape.with("default", value);
    }
    said.doc = made.keyword("help_text").and_then(|expr| models::text(program, &inside, expr));
    Some(said)
}

/// Bounds that a field's keywords, or `extra_kwargs`, say.
fn constrain(program: &dyn Program, site: &Site, made: &Call, shape: &mut Shape) {
    const BOUNDS: &[(&str, &str)] =
        &[("max_length", "maxLength"), ("min_length", "minLength"), ("max_value", "maximum"), ("min_value", "minimum")];
    for (keyword, bound) in BOUNDS {
        let value = made.keyword(keyword).and_then(|expr| literal(program, site, expr));
        let is_text = matches!(shape, Shape::Text(_)) || matches!(shape, Shape::Refined(inner, _) if matches!(**inner, Shape::Text(_)));
        let fits = if bound.ends_with("Length") { is_text } else { !is_text };
        if let Some(value) = value.filter(Value::is_number).filter(|_| fits) {
            *shape = std::mem::take(shape).with(bound, value);
        }
    }
}

fn kind_of(program: &dyn Program, meaning: &Meaning) -> Option<String> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    match meaning {
        Meaning::Outside(path) => Some(last(path)).filter(|name| name.ends_with("Field") || name.ends_with("Serializer")),
        Meaning::Class(class) => {
            let bases = program.outside_bases(*class);
            bases.iter().map(|base| last(base)).find(|name| name.ends_with("Field"))
        }
        _ => None,
    }
}

/// What an own field class says of itself: `@extend_schema_field(…)`, the annotated result of `to_representation`.
fn declared_on(program: &dyn Program, class: ClassRef, mode: Mode) -> Option<Shape> {
    for class in program.lineage(class) {
        let site = program.around_class(class);
        if let Some(shape) = schema_field(program, &site, &program.class(class).decorators, mode) {
            return Some(shape);
        }
    }
    let method = program.method(class, if mode == Mode::Read { "to_internal_value" } else { "to_representation" })?;
    returned(program, method)
}

/// `@extend_schema_field(X)`, `@swagger_serializer_method(serializer_or_field=X)`.
fn schema_field(program: &dyn Program, site: &Site, decorators: &[Expr], mode: Mode) -> Option<Shape> {
    decorators.iter().find_map(|decorator| {
        let Expr::Call(id) = decorator else { return None };
        let call = CallRef { file: site.file, id: *id };
        let callee = program.callee(call);
        let name = callee.outside()?.rsplit('.').next()?.to_owned();
        let made = program.call(call);
        let target = match name.as_str() {
            "extend_schema_field" => made.arg(0, "field")?,
            "swagger_serializer_method" => made.arg(0, "serializer_or_field")?,
            _ => return None,
        };
        Some(schema(program, site, target, mode))
    })
}

/// What a method is annotated to return.
fn returned(program: &dyn Program, method: FuncRef) -> Option<Shape> {
    let ty = &program.function(method).returns;
    let shape = match ty {
        Type::Unknown => return None,
        ty => program.shape_of_type(&program.around(method), ty, Mode::Write),
    };
    (!shape.is_any()).then_some(shape)
}

fn shape_of_kind(program: &dyn Program, site: &Site, made: &Call, kind: &str, name: &Name, owner: Option<ClassRef>, mode: Mode) -> Shape {
    let choices = || made.arg(0, "choices").and_then(|expr| models::choices_of(program, site, expr)).map(Shape::Enum);
    let child = || {
        let child = made.keyword("child").and_then(|child| field(program, site, child, name, owner, mode));
        child.map(|said| said.shape).unwrap_or_default()
    };
    match kind {
        "SerializerMethodField" => {
            let said = made.arg(0, "method_name").and_then(|expr| program.text(site, expr).plain());
            let method = owner.and_then(|owner| program.method(owner, &said.unwrap_or_else(|| format!("get_{name}"))));
            method.and_then(|method| method_shape(program, method, mode)).unwrap_or_default()
        }
        "ReadOnlyField" => source_shape(program, site, made, name, owner),
        "ChoiceField" | "TypedChoiceField" => choices().unwrap_or(Shape::Text(None)),
        "MultipleChoiceField" => choices().unwrap_or(Shape::Text(None)).list(),
        "EnumField" | "EnumChoiceField" => {
            let class = made.positional(0).or_else(|| made.keyword("enum")).and_then(|expr| program.resolve(site, expr).class());
            class.and_then(|class| models::members_of(program, class)).map_or(Shape::Text(None), Shape::Enum)
        }
        "ListField" => child().list(),
        "DictField" | "HStoreField" => Shape::Map(Box::new(child())),
        "FileField" | "ImageField" => Shape::format(if mode == Mode::Read { "binary" } else { "uri" }),
        "PrimaryKeyRelatedField" => {
            let target = made.keyword("queryset").and_then(|expr| viewsets::queried(program, site, expr, 0));
            target.map_or_else(|| source_shape_or(program, site, made, name, owner, Shape::Int), |model| models::key(program, model))
        }
        "SlugRelatedField" => {
            let slug = made.keyword("slug_field").or_else(|| made.positional(0)).and_then(|expr| program.text(site, expr).plain());
            let target = made.keyword("queryset").and_then(|expr| viewsets::queried(program, site, expr, 0));
            let found = target.zip(slug).and_then(|(model, slug)| models::named(program, model, &slug));
            found.map_or(Shape::Text(None), |found| found.shape)
        }
        "StringRelatedField" => Shape::Text(None),
        "DurationField" | "IPAddressField" | "RegexField" | "SlugField" | "FilePathField" => Shape::Text(None),
        "JSONField" | "ModelField" | "Field" | "RelatedField" => Shape::Any,
        _ if kind.contains("Hyperlinked") || kind.ends_with("IdentityField") => Shape::format("uri"),
        other => models::simple(other),
    }
}

/// What `get_x` gives.
fn method_shape(program: &dyn Program, method: FuncRef, mode: Mode) -> Option<Shape> {
    let site = program.around(method);
    if let Some(shape) = schema_field(program, &site, &program.function(method).decorators, mode) {
        return Some(shape);
    }
    if let Some(shape) = returned(program, method) {
        return Some(shape);
    }
    // What it returns, as far as that is a serializer's data or a literal.
    let facts = program.file(method.file);
    let shapes: Vec<Shape> = facts
        .returns_of(method.id)
        .iter()
        .map(|index| &facts.outline.returns[*index as usize])
        .filter(|value| !value.is_raise)
        .map(|value| {
            let at = Site { file: method.file, scope: value.scope, offset: value.at.offset, env: None };
            match &value.value {
                Expr::Member(of, name) if name == "data" => shape_at(program, &at, of, Mode::Write).unwrap_or_default(),
                other => program.shape_of_value(&at, other, Mode::Write),
            }
        })
        .filter(|shape| !shape.is_any())
        .collect();
    (!shapes.is_empty()).then(|| any_of(shapes))
}

/// The model's attribute behind a field: `source="owner.name"`.
fn source_shape(program: &dyn Program, site: &Site, made: &Call, name: &Name, owner: Option<ClassRef>) -> Shape {
    source_shape_or(program, site, made, name, owner, Shape::Any)
}

fn source_shape_or(program: &dyn Program, site: &Site, made: &Call, name: &Name, owner: Option<ClassRef>, default: Shape) -> Shape {
    let source = made.keyword("source").and_then(|expr| program.text(site, expr).plain()).unwrap_or_else(|| name.to_string());
    let model = owner.and_then(|owner| super::model::model_of(program, owner));
    model.and_then(|model| super::model::attribute(program, model, &source, 0)).unwrap_or(default)
}

/// What a document's description calls a type: a serializer, `OpenApiTypes.STR`, `str`, a schema written out.
#[must_use]
pub fn schema(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Shape {
    if let Some(shape) = shape_at(program, site, expr, mode) {
        return shape;
    }
    match program.resolve(site, expr) {
        Meaning::Outside(path) => open_api_type(&path).unwrap_or_else(|| program.shape_of_type(site, &Type::spelled(expr), mode)),
        Meaning::Value(Expr::Call(id), at) => {
            let call = CallRef { file: at.file, id: *id };
            let made = program.call(call);
            let inside = at.moved(call.file, made.scope, made.at.offset);
            let callee = program.callee(call);
            match callee.outside().and_then(|path| path.rsplit('.').next()) {
                Some("OpenApiResponse") => made.arg(0, "response").map_or(Shape::Any, |inner| schema(program, &inside, inner, mode)),
                Some("PolymorphicProxySerializer") => polymorphic(program, &inside, made, mode),
                Some("OpenApiRequest") => made.arg(0, "request").map_or(Shape::Any, |inner| schema(program, &inside, inner, mode)),
                Some("Schema") => described(program, &inside, made),
                _ => field(program, &inside, expr, &Name::default(), None, mode).map(|said| said.shape).unwrap_or_default(),
            }
        }
        Meaning::Value(object @ Expr::Object(_), at) => literal(program, &at, object).map_or(Shape::Any, |value| specs::shape(&value)),
        _ => program.shape_of_type(site, &Type::spelled(expr), mode),
    }
}

fn polymorphic(program: &dyn Program, site: &Site, made: &Call, mode: Mode) -> Shape {
    let serializers = made.keyword("serializers").or_else(|| made.positional(1));
    let shapes: Vec<Shape> = match serializers.map(|expr| (program.items(site, expr), program.entries(site, expr))) {
        Some((Some(items), _)) => items.iter().filter_map(|(item, at)| shape_at(program, at, item, mode)).collect(),
        Some((None, Some(entries))) => entries.iter().filter_map(|(_, item, at)| shape_at(program, at, item, mode)).collect(),
        _ => Vec::new(),
    };
    if shapes.is_empty() { Shape::Any } else { Shape::OneOf(shapes, None) }
}

/// drf-yasg's `openapi.Schema(type=openapi.TYPE_OBJECT, properties={…})`.
fn described(program: &dyn Program, site: &Site, made: &Call) -> Shape {
    use crate::facts::shape::Member;
    let kind = made.keyword("type").and_then(|expr| program.resolve(site, expr).outside().map(str::to_owned));
    match kind.as_deref().and_then(|path| path.rsplit('.').next()) {
        Some("TYPE_STRING") => Shape::Text(None),
        Some("TYPE_INTEGER") => Shape::Int,
        Some("TYPE_NUMBER") => Shape::Number,
        Some("TYPE_BOOLEAN") => Shape::Bool,
        Some("TYPE_ARRAY") => made.keyword("items").map_or(Shape::Any, |items| schema(program, site, items, Mode::Write)).list(),
        Some("TYPE_OBJECT") => {
            let required =
                made.keyword("required").map(|names| crate::frameworks::python::literals::texts(program, site, names)).unwrap_or_default();
            let entries = made.keyword("properties").and_then(|expr| program.entries(site, expr)).unwrap_or_default();
            let members = entries.into_iter().map(|(name, value, at)| Member {
                required: required.contains(&name),
                shape: schema(program, &at, value, Mode::Write),
                name,
                ..Member::default()
            });
            Shape::record(members.collect())
        }
        _ => Shape::Any,
    }
}

/// `OpenApiTypes.UUID`.
#[must_use]
pub fn open_api_type(path: &str) -> Option<Shape> {
    let name = path.strip_suffix(".value").unwrap_or(path).split("OpenApiTypes.").nth(1)?;
    Some(match name {
        "STR" | "PASSWORD" | "IP4" | "IP6" | "HOSTNAME" | "REGEX" | "DURATION" => Shape::Text(None),
        "INT" | "INT32" | "INT64" => Shape::Int,
        "FLOAT" | "DOUBLE" | "NUMBER" => Shape::Number,
        "DECIMAL" => Shape::format("decimal"),
        "BOOL" => Shape::Bool,
        "DATETIME" => Shape::format("date-time"),
        "DATE" => Shape::format("date"),
        "TIME" => Shape::format("time"),
        "UUID" => Shape::format("uuid"),
        "EMAIL" => Shape::format("email"),
        "URI" | "URI_REF" | "URI_TPL" => Shape::format("uri"),
        "BINARY" | "BYTE" => Shape::format("binary"),
        "OBJECT" => Shape::Map(Box::new(Shape::Any)),
        _ => Shape::Any,
    })
}
