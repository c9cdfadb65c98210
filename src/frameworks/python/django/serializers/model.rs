//! The fields of a serializer: declared ones, and those that `class Meta` takes from a model.

use super::{Said, fields::field};
use crate::base::Name;
use crate::base::code::{Expr, Type};
use crate::facts::program::{ClassRef, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::python::django::models::{self, ModelField};
use crate::frameworks::python::literals::{literal, texts, truth};
use crate::frameworks::python::marshmallow::nested_class;

/// `class Meta` of a serializer, through its bases.
fn meta_of(program: &dyn Program, class: ClassRef) -> Option<ClassRef> {
    program.lineage(class).into_iter().find_map(|class| nested_class(program, class, "Meta"))
}

/// The model of a serializer.
#[must_use]
pub fn model_of(program: &dyn Program, class: ClassRef) -> Option<ClassRef> {
    let (value, at) = program.class_attribute(meta_of(program, class)?, "model")?;
    program.resolve(&at, value).class()
}

/// All fields of a serializer, in order.
#[must_use]
pub fn fields(program: &dyn Program, class: ClassRef, mode: Mode) -> Vec<(Name, Said)> {
    let declared = declared(program, class, mode);
    let Some(meta) = meta_of(program, class) else { return declared };
    let model = model_of(program, class);
    let reading = Reading {
        program,
        model,
        meta,
        is_linked: program.outside_bases(class).iter().any(|base| base.contains("Hyperlinked")),
        of_model: model.map_or_else(|| library_model(program, meta), |model| models::fields(program, model)),
    };
    reading.chosen(declared)
}

/// The fields of a model that Django itself brings.
fn library_model(program: &dyn Program, meta: ClassRef) -> Vec<ModelField> {
    let Some((value, at)) = program.class_attribute(meta, "model") else { return Vec::new() };
    let meaning = program.resolve(&at, value);
    let made = meaning.call().and_then(|(call, _)| program.callee(call).outside().map(|path| path.to_owned()));
    let path = meaning.outside().map(str::to_owned).or(made).unwrap_or_default();
    match path.rsplit('.').next().unwrap_or_default() {
        "User" | "get_user_model" => models::user(),
        "Group" => models::group(),
        _ => Vec::new(),
    }
}

/// Fields that the class and its bases declare.
fn declared(program: &dyn Program, class: ClassRef, mode: Mode) -> Vec<(Name, Said)> {
    let mut found: Vec<(Name, Said)> = Vec::new();
    for of in program.lineage(class).into_iter().rev() {
        let site = program.inside_class(of);
        for declared in &program.class(of).fields {
            let Some(value) = &declared.default else { continue };
            if matches!(value, Expr::Null) {
                found.retain(|(name, _)| *name != declared.name);
                continue;
            }
            let at = site.moved(of.file, site.scope, declared.at.offset.saturating_add(1));
            let Some(said) = field(program, &at, value, &declared.name, Some(class), mode) else { continue };
            match found.iter_mut().find(|(name, _)| *name == declared.name) {
                Some((_, old)) => *old = said,
                None => found.push((declared.name.clone(), said)),
            }
        }
    }
    found
}

struct Reading<'p> {
    program: &'p dyn Program,
    model: Option<ClassRef>,
    meta: ClassRef,
    is_linked: bool,
    of_model: Vec<ModelField>,
}

impl Reading<'_> {
    fn names(&self, attribute: &str) -> Option<Vec<Name>> {
        let (value, at) = self.program.class_attribute(self.meta, attribute)?;
        Some(texts(self.program, &at, value))
    }

    fn chosen(&self, declared: Vec<(Name, Said)>) -> Vec<(Name, Said)> {
        let listed = self.names("fields");
        let is_all = listed.as_ref().is_some_and(|names| matches!(names.as_slice(), [one] if one == "__all__"));
        let names: Vec<Name> = match listed {
            Some(names) if !is_all => names,
            None if self.model.is_none() || self.names("exclude").is_none() => declared.iter().map(|(name, _)| name.clone()).collect(),
            _ => self.all_names(&declared),
        };
        let excluded = self.names("exclude").unwrap_or_default();
        let read_only = self.names("read_only_fields").unwrap_or_default();
        let mut found: Vec<(Name, Said)> = Vec::new();
        for name in names.iter().filter(|name| !excluded.contains(name)) {
            let known = declared.iter().find(|(declared, _)| declared == name);
            let said = match known {
                Some((_, said)) => said.clone(),
                None => {
                    let mut said = self.taken(name);
                    self.extra(name, &mut said);
                    if read_only.contains(name) {
                        (said.read_only, said.required) = (true, false);
                    }
                    said
                }
            };
            found.push((name.clone(), said));
        }
        found
    }

    /// `fields = "__all__"`, or all but the excluded.
    fn all_names(&self, declared: &[(Name, Said)]) -> Vec<Name> {
        let mut names: Vec<Name> = if self.is_linked { vec!["url".into()] } else { Vec::new() };
        let of_model = self.of_model.iter().filter(|field| !(self.is_linked && field.is_key)).map(|field| field.name.clone());
        names.extend(declared.iter().map(|(name, _)| name.clone()).chain(of_model));
        let mut seen: Vec<Name> = Vec::new();
        names.retain(|name| {
            !seen.contains(name) && {
                seen.push(name.clone());
                true
            }
        });
        names
    }

    /// A field that the model gives.
    fn taken(&self, name: &Name) -> Said {
        if let Some(field) = self.of_model.iter().find(|field| field.name == *name) {
            return self.of_field(field);
        }
        if name == "url" {
            return Said { shape: Shape::format("uri"), read_only: true, ..Said::default() };
        }
        if name == "pk"
            && let Some(field) = self.of_model.iter().find(|field| field.is_key)
        {
            return self.of_field(field);
        }
        if matches!(name.as_str(), "id" | "pk") {
            return Said { shape: Shape::Int, read_only: true, ..Said::default() };
        }
        let source = self.extra_entry(name, "source").and_then(|(value, at)| self.program.text(&at, value).plain());
        if let Some(source) = source.filter(|source| source != name.as_str())
            && let Some(field) = self.of_model.iter().find(|field| field.name == source.as_str())
        {
            return self.of_field(field);
        }
        let shape = self.model.and_then(|model| attribute(self.program, model, name, 0));
        let is_property = shape.is_some();
        Said { shape: shape.unwrap_or_default(), read_only: is_property, required: false, ..Said::default() }
    }

    fn of_field(&self, field: &ModelField) -> Said {
        let shape = match field.relation {
            Some(relation) if self.is_linked => {
                let link = Shape::format("uri");
                if relation.is_many { link.list() } else { link }
            }
            _ => field.shape.clone(),
        };
        let shape = if field.nullable { shape.or_null() } else { shape };
        Said { shape, required: field.required && !field.read_only, read_only: field.read_only, doc: field.doc.clone(), ..Said::default() }
    }

    fn extra_entry(&self, name: &str, keyword: &str) -> Option<(&Expr, Site)> {
        let (value, at) = self.program.class_attribute(self.meta, "extra_kwargs")?;
        let (_, said, at) = self.program.entries(&at, value)?.into_iter().rev().find(|(key, ..)| key == name)?;
        let (_, value, at) = self.program.entries(&at, said)?.into_iter().rev().find(|(key, ..)| key == keyword)?;
        Some((value, at))
    }

    /// `extra_kwargs = {"name": {"required": False}}`.
    fn extra(&self, name: &str, said: &mut Said) {
        let truth_of = |keyword: &str| self.extra_entry(name, keyword).and_then(|(value, at)| truth(self.program, &at, Some(value)));
        let before = (said.read_only, said.write_only);
        said.read_only = truth_of("read_only").unwrap_or(before.0);
        said.write_only = truth_of("write_only").unwrap_or(before.1);
        said.required = truth_of("required").unwrap_or(said.required) && !said.read_only;
        if self.extra_entry(name, "default").is_some() {
            said.required = false;
        }
        if truth_of("allow_null") == Some(true) {
            said.shape = std::mem::take(&mut said.shape).or_null();
        }
        for (keyword, bound) in
            [("max_length", "maxLength"), ("min_length", "minLength"), ("max_value", "maximum"), ("min_value", "minimum")]
        {
            let value = self.extra_entry(name, keyword).and_then(|(value, at)| literal(self.program, &at, value));
            if let Some(value) = value.filter(serde_json::Value::is_number) {
                said.shape = std::mem::take(&mut said.shape).with(bound, value);
            }
        }
        if let Some((value, at)) = self.extra_entry(name, "help_text") {
            said.doc = models::text(self.program, &at, value).or(said.doc.take());
        }
    }
}

/// An attribute of a model by a dotted path: a field, a property, a method.
#[must_use]
pub fn attribute(program: &dyn Program, model: ClassRef, path: &str, depth: u32) -> Option<Shape> {
    if depth > 6 {
        return None;
    }
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    if let Some(field) = models::named(program, model, name) {
        return match (rest, field.relation.and_then(|relation| relation.target)) {
            (Some(rest), Some(target)) => attribute(program, target, rest, depth + 1),
            (Some(_), None) => None,
            (None, _) => Some(if field.nullable { field.shape.or_null() } else { field.shape }),
        };
    }
    if let Some(choice) = name.strip_prefix("get_").and_then(|name| name.strip_suffix("_display"))
        && models::named(program, model, choice).is_some()
    {
        return Some(Shape::Text(None));
    }
    let method = program.method(model, name)?;
    match &program.function(method).returns {
        Type::Unknown => None,
        ty if rest.is_none() => Some(program.shape_of_type(&program.around(method), ty, Mode::Write)),
        _ => None,
    }
}
