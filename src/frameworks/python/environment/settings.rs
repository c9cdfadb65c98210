//! Classes of settings: each field of a pydantic `BaseSettings` is a variable.

use std::collections::BTreeSet;

use super::{call_at, entry};
use crate::base::code::{Call, ClassId, Expr, Field, Type};
use crate::facts::infrastructure::{EnvAccess, Spot};
use crate::facts::program::{ClassRef, Meaning, Program, Site};
use crate::frameworks::environment::{Reader, literal};

/// How deep settings may hold others.
const MAX_DEPTH: usize = 4;

/// How a class names its variables.
#[derive(Clone, Default)]
struct Naming {
    prefix: String,
    delimiter: Option<String>,
    keeps_case: bool,
}

/// Reads a class of a file.
pub fn class(reader: &mut Reader, index: usize) {
    let program = reader.program;
    let Ok(index) = u32::try_from(index) else { return };
    let class = ClassRef { file: reader.file, id: ClassId(index) };
    let declared = program.class(class);
    if declared.bases.is_empty() || declared.fields.is_empty() && declared.methods.is_empty() {
        return;
    }
    if !is_settings(program, class) || is_base(program, class) {
        return;
    }
    let naming = naming(program, class);
    fields(reader, class, &naming, class, 0);
}

fn is_settings(program: &dyn Program, class: ClassRef) -> bool {
    program.outside_bases(class).iter().any(|base| {
        matches!(
            base.as_str(),
            "pydantic_settings.BaseSettings" | "pydantic.BaseSettings" | "pydantic.v1.BaseSettings" | "pydantic_settings.main.BaseSettings"
        )
    })
}

/// Whether a class has no fields of its own: it only says how others are named.
fn is_base(program: &dyn Program, class: ClassRef) -> bool {
    !program.lineage(class).iter().any(|one| program.class(*one).fields.iter().any(is_variable))
}

fn is_variable(field: &Field) -> bool {
    let is_constant = field.ty.last_name().is_some_and(|name| name == "ClassVar");
    !is_constant && field.ty != Type::Unknown && !field.name.starts_with('_') && field.name != "model_config"
}

/// `model_config = SettingsConfigDict(env_prefix="APP_")`, `class Config: env_prefix = "APP_"`.
fn naming(program: &dyn Program, class: ClassRef) -> Naming {
    let told = |name: &str| -> Option<(Expr, Site)> {
        if let Some((config, at)) = program.class_attribute(class, "model_config") {
            if let Some(value) = entry(config, name) {
                return Some((value.clone(), at));
            }
            if let Some((call, at)) = call_at(program, &at, config)
                && let Some(value) = call.keyword(name)
            {
                return Some((value.clone(), at));
            }
        }
        for one in program.lineage(class) {
            let declared = program.class(one);
            if let Some((_, value)) = declared.keywords.iter().find(|(key, _)| key == name) {
                return Some((value.clone(), program.around_class(one)));
            }
            let outline = &program.file(one.file).outline;
            let inner = outline.classes.iter().find(|inner| inner.outer == Some(one.id) && inner.name == "Config");
            let field = inner.and_then(|inner| inner.fields.iter().find(|field| field.name == name));
            if let Some(value) = field.and_then(|field| field.default.as_ref()) {
                return Some((value.clone(), program.inside_class(one)));
            }
        }
        None
    };
    let text = |name: &str| told(name).and_then(|(expr, at)| literal(program, &at, &expr));
    Naming {
        prefix: text("env_prefix").unwrap_or_default(),
        delimiter: text("env_nested_delimiter"),
        keeps_case: matches!(told("case_sensitive"), Some((Expr::Bool(true), _))),
    }
}

fn fields(reader: &mut Reader, class: ClassRef, naming: &Naming, top: ClassRef, depth: usize) {
    let program = reader.program;
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for one in program.lineage(class) {
        for field in &program.class(one).fields {
            if !is_variable(field) || !seen.insert(&field.name) {
                continue;
            }
            let site = program.inside_class(one);
            if let Some(inner) = nested(program, &site, field, naming, depth) {
                let name = format!("{}{}{}", naming.prefix, field.name, naming.delimiter.as_deref().unwrap_or_default());
                fields(reader, inner, &Naming { prefix: name, ..naming.clone() }, top, depth + 1);
                continue;
            }
            variable(reader, &site, field, naming, top);
        }
    }
}

/// The model whose members are variables of their own.
fn nested(program: &dyn Program, site: &Site, field: &Field, naming: &Naming, depth: usize) -> Option<ClassRef> {
    naming.delimiter.as_ref().filter(|_| depth < MAX_DEPTH)?;
    let class = program.resolve_type(site, &field.ty).class()?;
    program.outside_bases(class).iter().any(|base| base.starts_with("pydantic")).then_some(class)
}

fn variable(reader: &mut Reader, site: &Site, field: &Field, naming: &Naming, top: ClassRef) {
    let program = reader.program;
    let given =
        field.default.as_ref().and_then(|default| described(program, site, default)).or_else(|| annotated(program, site, &field.ty));
    let mut names = given.as_ref().map(|(call, at)| aliases(program, at, call)).unwrap_or_default();
    if names.is_empty() {
        let name = format!("{}{}", naming.prefix, field.name);
        names.push(if naming.keeps_case { name } else { name.to_uppercase() });
    } else if !naming.keeps_case {
        names.iter_mut().for_each(|name| *name = name.to_uppercase());
    }
    let access = match (&field.default, &given) {
        (Some(default), Some((call, at))) if described(program, site, default).is_some() => of_description(program, at, call),
        (Some(Expr::Ref(name)), _) if name == "..." => EnvAccess::Required,
        (Some(Expr::Null), _) => EnvAccess::Optional(None),
        (Some(default), _) => EnvAccess::Optional(literal(program, site, default)),
        (None, Some((call, at))) => of_description(program, at, call),
        (None, None) => EnvAccess::Required,
    };
    let name = names.remove(0);
    let spot = Spot::new(program.path(reader.file), program.class(top).name.as_str(), field.at.line);
    reader.read_as(&name, names, access, spot);
}

/// `Field(…)` as a default.
fn described<'p>(program: &'p dyn Program, site: &Site, default: &'p Expr) -> Option<(&'p Call, Site)> {
    let Expr::Call(id) = default else { return None };
    let call = program.file(site.file).outline.call(*id);
    call.callee.last_name().is_some_and(|name| name == "Field").then(|| (call, site.clone()))
}

/// `Annotated[str, Field(…)]`.
fn annotated<'p>(program: &'p dyn Program, site: &Site, ty: &'p Type) -> Option<(&'p Call, Site)> {
    ty.last_name().filter(|name| *name == "Annotated")?;
    ty.args().iter().find_map(|arg| match arg {
        Type::Value(expr) => described(program, site, expr),
        _ => None,
    })
}

/// What `Field(…)` says of the value that holds when nothing is set.
fn of_description(program: &dyn Program, site: &Site, call: &Call) -> EnvAccess {
    match call.arg(0, "default") {
        Some(Expr::Ref(name)) if name == "..." => EnvAccess::Required,
        Some(Expr::Null) => EnvAccess::Optional(None),
        Some(expr) => EnvAccess::Optional(literal(program, site, expr)),
        None if call.keyword("default_factory").is_some() => EnvAccess::Optional(None),
        None => EnvAccess::Required,
    }
}

/// `alias="X"`, `validation_alias=AliasChoices("A", "B")`, `env=["A", "B"]`.
fn aliases(program: &dyn Program, site: &Site, call: &Call) -> Vec<String> {
    let Some(alias) = ["validation_alias", "env", "alias"].iter().find_map(|key| call.keyword(key)) else { return Vec::new() };
    match alias {
        Expr::List(items) => items.iter().filter_map(|item| literal(program, site, item)).collect(),
        Expr::Call(id) => {
            let choices = program.file(site.file).outline.call(*id);
            match choices.callee.last_name().map_or("", |name| name.as_str()) {
                "AliasChoices" => choices.args.iter().filter_map(|arg| literal(program, site, &arg.value)).collect(),
                "AliasPath" => choices.positional(0).and_then(|expr| literal(program, site, expr)).into_iter().collect(),
                _ => Vec::new(),
            }
        }
        other => match program.resolve(site, other) {
            Meaning::Value(expr, at) => literal(program, &at, expr).into_iter().collect(),
            _ => literal(program, site, other).into_iter().collect(),
        },
    }
}
