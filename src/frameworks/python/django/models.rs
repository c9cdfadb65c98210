//! Fields of Django's models, as far as serializers and filters take them over.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::base::Name;
use crate::base::code::{Call, ClassId, Expr, ScopeId};
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::python::literals::{literal, truth};
use crate::frameworks::python::marshmallow::nested_class;

/// A field of a model.
#[derive(Clone, Debug)]
pub struct ModelField {
    /// Its name.
    pub name: Name,
    /// The shape of its value; of a relation, of the other's key.
    pub shape: Shape,
    /// What it points to.
    pub relation: Option<Relation>,
    /// A client must give it.
    pub required: bool,
    /// Clients cannot set it.
    pub read_only: bool,
    /// `null=True`.
    pub nullable: bool,
    /// `primary_key=True`.
    pub is_key: bool,
    /// `help_text`.
    pub doc: Option<Name>,
}

/// A relation to another model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relation {
    /// The other model, when it is one of the program.
    pub target: Option<ClassRef>,
    /// To many.
    pub is_many: bool,
}

/// The fields of a model, its bases' first.
#[must_use]
pub fn fields(program: &dyn Program, model: ClassRef) -> Vec<ModelField> {
    let mut found: Vec<ModelField> = inherited(program, model);
    for class in program.lineage(model).into_iter().rev() {
        let site = program.inside_class(class);
        for field in &program.class(class).fields {
            if matches!(field.default, Some(Expr::Null)) {
                found.retain(|known| known.name != field.name);
            }
            let Some(Expr::Call(id)) = &field.default else { continue };
            let at = site.moved(class.file, site.scope, field.at.offset.saturating_add(1));
            let Some(read) = self::field(program, &at, &field.name, CallRef { file: class.file, id: *id }, model) else { continue };
            found.retain(|known| known.name != read.name);
            found.push(read);
        }
    }
    if !found.iter().any(|field| field.is_key) && !is_abstract_mixin(program, model) {
        found.insert(0, implicit_key());
    }
    found
}

/// One field by name; `pk` is the key.
#[must_use]
pub fn named(program: &dyn Program, model: ClassRef, name: &str) -> Option<ModelField> {
    let all = fields(program, model);
    if name == "pk" {
        return all.into_iter().find(|field| field.is_key);
    }
    all.into_iter().find(|field| field.name == name || field.name.strip_prefix('_') == Some(name) && field.relation.is_none())
}

/// The shape of a model's key.
#[must_use]
pub fn key(program: &dyn Program, model: ClassRef) -> Shape {
    key_at(program, model, 0)
}

fn key_at(program: &dyn Program, model: ClassRef, depth: u32) -> Shape {
    for class in program.lineage(model) {
        let site = program.inside_class(class);
        for field in &program.class(class).fields {
            let Some(Expr::Call(id)) = &field.default else { continue };
            let call = CallRef { file: class.file, id: *id };
            let made = program.call(call);
            if truth(program, &site, made.keyword("primary_key")) == Some(true) {
                let kind = kind_of(program, call).unwrap_or_default();
                return if matches!(kind.as_str(), "ForeignKey" | "OneToOneField") && depth < 4 {
                    target(program, &site, made, model).map_or(Shape::Int, |target| key_at(program, target, depth + 1))
                } else {
                    simple(&kind)
                };
            }
        }
    }
    Shape::Int
}

fn plain(name: &str, shape: Shape, required: bool) -> ModelField {
    ModelField { name: name.into(), shape, relation: None, required, read_only: false, nullable: false, is_key: false, doc: None }
}

/// The fields of `django.contrib.auth.models.AbstractUser`.
#[must_use]
pub fn user() -> Vec<ModelField> {
    let text = || Shape::Text(None);
    vec![
        implicit_key(),
        plain("password", text(), true),
        ModelField { nullable: true, ..plain("last_login", Shape::format("date-time"), false) },
        plain("is_superuser", Shape::Bool, false),
        plain("username", text(), true),
        plain("first_name", text(), false),
        plain("last_name", text(), false),
        plain("email", Shape::format("email"), false),
        plain("is_staff", Shape::Bool, false),
        plain("is_active", Shape::Bool, false),
        plain("date_joined", Shape::format("date-time"), false),
        plain("groups", Shape::Int.list(), false),
        plain("user_permissions", Shape::Int.list(), false),
    ]
}

/// The fields of `django.contrib.auth.models.Group`.
#[must_use]
pub fn group() -> Vec<ModelField> {
    vec![implicit_key(), plain("name", Shape::Text(None), true), plain("permissions", Shape::Int.list(), false)]
}

/// What a library's own base brings to a model.
fn inherited(program: &dyn Program, model: ClassRef) -> Vec<ModelField> {
    let bases = program.outside_bases(model);
    let has = |name: &str| bases.iter().any(|base| base.rsplit('.').next() == Some(name));
    if has("AbstractUser") {
        return user().into_iter().filter(|field| !field.is_key).collect();
    }
    let mut found = Vec::new();
    if has("AbstractBaseUser") {
        found.extend(user().into_iter().filter(|field| matches!(field.name.as_str(), "password" | "last_login")));
    }
    if has("PermissionsMixin") {
        found.extend(user().into_iter().filter(|field| matches!(field.name.as_str(), "is_superuser" | "groups" | "user_permissions")));
    }
    if has("TimeStampedModel") {
        found.extend(["created", "modified"].map(|name| ModelField { read_only: true, ..plain(name, Shape::format("date-time"), false) }));
    }
    found
}

fn implicit_key() -> ModelField {
    ModelField {
        name: "id".into(),
        shape: Shape::Int,
        relation: None,
        required: false,
        read_only: true,
        nullable: false,
        is_key: true,
        doc: None,
    }
}

fn is_abstract_mixin(program: &dyn Program, model: ClassRef) -> bool {
    let Some(meta) = nested_class(program, model, "Meta") else { return false };
    program.class_attribute(meta, "abstract").is_some_and(|(value, _)| *value == Expr::Bool(true))
}

fn field(program: &dyn Program, site: &Site, name: &Name, call: CallRef, model: ClassRef) -> Option<ModelField> {
    let kind = kind_of(program, call)?;
    let made = program.call(call);
    let is = |keyword: &str| truth(program, site, made.keyword(keyword)) == Some(true);
    let has_default = made.keyword("default").is_some() || made.keyword("db_default").is_some();
    let relation = match kind.as_str() {
        "ForeignKey" | "OneToOneField" | "ParentalKey" | "TreeForeignKey" => {
            Some(Relation { target: target(program, site, made, model), is_many: false })
        }
        "ManyToManyField" | "ParentalManyToManyField" | "TaggableManager" => {
            Some(Relation { target: target(program, site, made, model), is_many: true })
        }
        _ => None,
    };
    let mut shape = match (&relation, kind.as_str()) {
        (Some(relation), _) => {
            let one = relation.target.map_or(Shape::Int, |target| key(program, target));
            if relation.is_many { one.list() } else { one }
        }
        (None, "ArrayField") => made
            .arg(0, "base_field")
            .and_then(|inner| match inner {
                Expr::Call(id) => field(program, site, name, CallRef { file: call.file, id: *id }, model),
                _ => None,
            })
            .map_or(Shape::Any, |inner| inner.shape)
            .list(),
        _ => simple(&kind),
    };
    if let Some(values) = made.keyword("choices").and_then(|choices| choices_of(program, site, choices)) {
        shape = Shape::Enum(values);
    } else if let Some(length) = made.keyword("max_length").and_then(|expr| literal(program, site, expr)).filter(Value::is_u64)
        && matches!(shape, Shape::Text(_))
    {
        shape = shape.with("maxLength", length);
    }
    let nullable = is("null");
    let is_automatic =
        is("auto_now") || is("auto_now_add") || kind.contains("AutoField") || kind == "AutoCreatedField" || kind == "AutoLastModifiedField";
    let is_hidden = truth(program, site, made.keyword("editable")) == Some(false);
    Some(ModelField {
        name: name.clone(),
        shape,
        relation,
        required: !(nullable || is("blank") || has_default || is_automatic),
        read_only: is_automatic || is_hidden,
        nullable,
        is_key: is("primary_key"),
        doc: made.keyword("help_text").and_then(|expr| text(program, site, expr)),
    })
}

/// A text, also through translation.
#[must_use]
pub fn text(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Name> {
    if let Expr::Call(id) = expr {
        let call = program.file(site.file).outline.call(*id);
        return call.args.first().and_then(|arg| text(program, site, &arg.value));
    }
    program.text(site, expr).plain().map(Name::from)
}

/// The kind of a field: the name of the nearest library class.
#[must_use]
pub fn kind_of(program: &dyn Program, call: CallRef) -> Option<String> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    let is_field = |name: &str| name.ends_with("Field") || name.ends_with("Key") || name == "TaggableManager";
    match program.callee(call) {
        Meaning::Outside(path) => Some(last(&path)).filter(|name| is_field(name)),
        Meaning::Class(class) => {
            let bases = program.outside_bases(class);
            let known = bases.iter().map(|base| last(base)).find(|name| is_field(name) && simple(name) != Shape::Any);
            known.or_else(|| bases.iter().map(|base| last(base)).find(|name| is_field(name)))
        }
        _ => None,
    }
}

fn target(program: &dyn Program, site: &Site, made: &Call, model: ClassRef) -> Option<ClassRef> {
    let to = made.arg(0, "to")?;
    if let Meaning::Class(class) = program.resolve(site, to) {
        return Some(class);
    }
    let name = program.text(site, to).plain()?;
    if name == "self" {
        return Some(model);
    }
    let (label, last) = name.rsplit_once('.').unwrap_or(("", &name));
    match program.resolve(&Site::module(site.file), &Expr::Ref(last.into())) {
        Meaning::Class(class) => Some(class),
        _ => labelled(program, label, last),
    }
}

/// The classes at the top of files whose path speaks of models, by name.
struct ModelFiles(HashMap<Name, Vec<ClassRef>>);

impl ModelFiles {
    fn of(program: &dyn Program) -> Arc<Self> {
        program.answers().once(|| {
            let mut found: HashMap<Name, Vec<ClassRef>> = HashMap::new();
            for file in (0..program.file_count()).map(FileId).filter(|file| program.path(*file).contains("model")) {
                for (id, class) in (0u32..).zip(&program.file(file).outline.classes).filter(|(_, class)| class.scope == ScopeId(0)) {
                    found.entry(class.name.clone()).or_default().push(ClassRef { file, id: ClassId(id) });
                }
            }
            Self(found)
        })
    }

    fn named(&self, name: &str) -> &[ClassRef] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// A model by its name, under an application's label when one is said.
fn labelled(program: &dyn Program, label: &str, name: &str) -> Option<ClassRef> {
    let mut models = ModelFiles::of(program).named(name).to_vec();
    if models.len() > 1 && !label.is_empty() {
        models.retain(|class| program.path(class.file).split('/').any(|part| part == label));
    }
    if models.len() == 1 { models.pop() } else { None }
}

/// The shape of a field's values by its kind.
#[must_use]
pub fn simple(kind: &str) -> Shape {
    match kind {
        "AutoField"
        | "BigAutoField"
        | "SmallAutoField"
        | "IntegerField"
        | "BigIntegerField"
        | "SmallIntegerField"
        | "PositiveIntegerField"
        | "PositiveSmallIntegerField"
        | "PositiveBigIntegerField" => Shape::Int,
        "FloatField" => Shape::Number,
        "DecimalField" | "MoneyField" => Shape::format("decimal"),
        "BooleanField" | "NullBooleanField" => Shape::Bool,
        "DateTimeField"
        | "CreationDateTimeField"
        | "ModificationDateTimeField"
        | "AutoCreatedField"
        | "AutoLastModifiedField"
        | "MonitorField" => Shape::format("date-time"),
        "DateField" => Shape::format("date"),
        "TimeField" => Shape::format("time"),
        "EmailField" | "CIEmailField" => Shape::format("email"),
        "URLField" | "FileField" | "ImageField" | "ThumbnailerImageField" => Shape::format("uri"),
        "UUIDField" => Shape::format("uuid"),
        "JSONField" | "HStoreField" | "BinaryField" => Shape::Any,
        _ if kind.contains("Geometry") || kind.ends_with("PointField") || kind.ends_with("PolygonField") => {
            Shape::Map(Box::new(Shape::Any))
        }
        _ if kind.contains("Url") || kind.contains("URL") => Shape::format("uri"),
        "Field" => Shape::Any,
        _ if kind.ends_with("Field") => Shape::Text(None),
        _ => Shape::Any,
    }
}

/// The values of `choices=[("a", _("A")), …]`, `choices=Kind.choices`, `choices=Kind`.
#[must_use]
pub fn choices_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Vec<Value>> {
    if let Expr::Member(of, name) = expr
        && name == "choices"
        && let Meaning::Class(class) = program.resolve(site, of)
    {
        return members_of(program, class);
    }
    match program.resolve(site, expr) {
        Meaning::Class(class) => return members_of(program, class),
        Meaning::Attribute(of, name) if name == "choices" => {
            if let Meaning::Class(class) = *of {
                return members_of(program, class);
            }
        }
        _ => {}
    }
    let items = program.items(site, expr)?;
    let mut values = Vec::new();
    for (item, at) in items {
        let value = match program.resolve(&at, item) {
            Meaning::Value(Expr::List(pair), at) => literal(program, &at, pair.first()?),
            _ => literal(program, &at, item),
        };
        values.push(value?);
    }
    values.dedup();
    (!values.is_empty()).then_some(values)
}

/// The values of an enumeration: `A = "a", _("A")`, `A = "a"`, `A = 1, "one"`.
#[must_use]
pub fn members_of(program: &dyn Program, class: ClassRef) -> Option<Vec<Value>> {
    let site = program.inside_class(class);
    let mut values = Vec::new();
    for class in program.lineage(class).into_iter().rev() {
        for field in program.class(class).fields.iter().filter(|field| !field.name.starts_with('_')) {
            let Some(value) = &field.default else { continue };
            let first = match value {
                Expr::List(parts) => parts.first().unwrap_or(value),
                other => other,
            };
            values.extend(literal(program, &site, first).filter(|value| value.is_string() || value.is_number()));
        }
    }
    (!values.is_empty()).then_some(values)
}
