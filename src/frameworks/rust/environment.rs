//! The environment as Rust reads it: `std::env`, the compiler's `env!`, structs that envy, config, figment or clap fill from it.

use std::collections::BTreeMap;

use super::attributes::Attributes;
use super::http::is_test;
use super::serde::fields;
use crate::base::code::{Call, CallId, CallKind, ClassKind, Expr, Field, Type};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::infrastructure::EnvAccess;
use crate::facts::program::{ClassRef, FileId, Meaning, Mode, Program, Site};
use crate::frameworks::environment::{Reader, hosts, literal, services, walk};

/// The registry's entry.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/environment",
    label: "environment variables, services of others",
    languages: &[Language::Rust],
    modules: &[],
    tells: &[Tells::Infrastructure],
    read: Some(read),
    types: None,
};

/// For each call, the one that calls a method of what it gives.
type Chained = BTreeMap<u32, u32>;

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let Some(mut reader) = Reader::new(program, file, findings) else { return };
    let outline = &program.file(file).outline;
    let before = reader.findings.infrastructure.things.len();
    walk::each(outline, &mut |seen| {
        hosts::look(&mut reader, seen);
        if let (Expr::Call(id), false) = (seen.expr, matches!(seen.used, walk::Use::Plain)) {
            reader.uses.insert(*id, seen.used);
        }
    });
    let chained: Chained = (0u32..)
        .zip(&outline.calls)
        .filter_map(|(index, call)| match call.method() {
            Some((Expr::Call(id), _)) => Some((id.0, index)),
            _ => None,
        })
        .collect();
    for (index, call) in (0u32..).zip(&outline.calls) {
        let Some(name) = call.callee.last_name() else { continue };
        match name.as_str() {
            "var" | "var_os" => variable(&mut reader, call, index, &chained),
            "env" | "option_env" if call.kind == CallKind::Macro => of_compiler(&mut reader, call, name),
            "prefixed" | "with_prefix" | "from_env" | "raw" => filled(&mut reader, call, index, &chained),
            _ => {}
        }
    }
    for class in &outline.classes {
        if class.kind == ClassKind::Struct || class.kind == ClassKind::Enum {
            let of_variants = class.variants.iter().flat_map(|variant| &variant.fields);
            for field in class.fields.iter().chain(of_variants) {
                of_arguments(&mut reader, field, &Site::of_scope(file, class.scope), &class.name);
            }
        }
    }
    hosts::settle(&mut reader.findings.infrastructure.things, before);
    services::look(&mut reader);
}

/// `std::env::var("X")` with what is done about its absence.
fn variable(reader: &mut Reader, call: &Call, index: u32, chained: &Chained) {
    let program = reader.program;
    let site = Site::of_call(reader.file, call);
    let is_env = match &call.callee {
        Expr::Member(base, _) => base.last_name().is_some_and(|name| matches!(name.as_str(), "env" | "dotenvy" | "dotenv")),
        _ => true,
    };
    let is_env = is_env
        && match program.callee(CallRefOf(reader.file, index).into()) {
            Meaning::Outside(path) => {
                let path = path.strip_prefix("builtins.").unwrap_or(&path);
                matches!(path, "std.env.var" | "std.env.var_os" | "env.var" | "env.var_os" | "dotenvy.var" | "dotenv.var")
            }
            _ => false,
        };
    let Some(name) = call.positional(0).filter(|_| is_env && !is_test(program, reader.file, call.scope)) else { return };
    reader.read_expr(&site, name, call.at, &{
        let uses = reader.uses.contains_key(&CallId(index));
        move |program: &dyn Program, one: &Site| above(program, one, index, chained, uses)
    });
}

/// What the calls behind a read make of it.
fn above(program: &dyn Program, site: &Site, index: u32, chained: &Chained, is_tested: bool) -> EnvAccess {
    let outline = &program.file(site.file).outline;
    let mut next = index;
    let mut access = if is_tested { EnvAccess::Optional(None) } else { EnvAccess::Read };
    for _ in 0..16 {
        let Some(above) = chained.get(&next) else { break };
        next = *above;
        let call = outline.call(CallId(next));
        match call.callee.last_name().map_or("", |name| name.as_str()) {
            "unwrap_or" | "map_or" => {
                let default = call.positional(0).and_then(|expr| literal(program, site, expr));
                return EnvAccess::Optional(default);
            }
            "unwrap_or_else" | "or_else" | "map_or_else" => {
                let Some(Expr::Func(id)) = call.positional(0) else { return EnvAccess::Optional(None) };
                let returns = program.file(site.file).returns_of(*id);
                let given = returns.last().and_then(|at| outline.returns.get(*at as usize)).filter(|one| !one.is_raise);
                if outline.calls.iter().any(|call| {
                    call.kind == CallKind::Macro
                        && call.callee.last_name().is_some_and(|n| n == "panic")
                        && outline.function_around(call.scope) == Some(*id)
                }) {
                    return EnvAccess::Required;
                }
                let inner = Site { scope: outline.function(*id).inner, offset: u32::MAX, ..site.clone() };
                return EnvAccess::Optional(given.and_then(|one| literal(program, &inner, &one.value)));
            }
            "unwrap_or_default" => return EnvAccess::Optional(Some(String::new())),
            "ok" | "is_ok" | "is_err" | "is_some" | "is_none" | "ok_or_default" => access = EnvAccess::Optional(None),
            "expect" | "unwrap" | "context" | "with_context" | "ok_or" | "ok_or_else" | "wrap_err" | "map_err" => {
                access = EnvAccess::Required;
            }
            _ => {}
        }
    }
    access
}

/// `env!("X")`, `option_env!("X")`; what Cargo sets itself is none.
fn of_compiler(reader: &mut Reader, call: &Call, name: &str) {
    let Some(text) = call.positional(0).and_then(Expr::as_str) else { return };
    if text.starts_with("CARGO")
        || matches!(text, "OUT_DIR" | "TARGET" | "HOST" | "PROFILE")
        || is_test(reader.program, reader.file, call.scope)
    {
        return;
    }
    let access = if name == "env" { EnvAccess::Required } else { EnvAccess::Optional(None) };
    let spot = reader.spot(call.scope, call.at);
    reader.read(text, access, spot);
}

/// `envy::prefixed("APP_").from_env::<Config>()`, `Environment::with_prefix("APP").separator("__")`, `Env::prefixed("APP_")`.
fn filled(reader: &mut Reader, call: &Call, index: u32, chained: &Chained) {
    let program = reader.program;
    let Meaning::Outside(path) = program.callee(CallRefOf(reader.file, index).into()) else { return };
    let site = Site::of_call(reader.file, call);
    let given = call.positional(0).and_then(|expr| program.text(&site, expr).plain());
    let path = path.strip_prefix("builtins.").unwrap_or(&path);
    let prefix = match path {
        "envy.from_env" => String::new(),
        "envy.prefixed" => given.unwrap_or_default(),
        "figment.providers.Env.prefixed" => given.unwrap_or_default(),
        "figment.providers.Env.raw" => String::new(),
        "config.Environment.with_prefix" => given.unwrap_or_default(),
        _ => return,
    };
    if is_test(program, reader.file, call.scope) {
        return;
    }
    let (separator, front) = separators(reader, index, chained);
    let is_layered = path == "config.Environment.with_prefix";
    // The prefix is parted like everything else, or by `_`.
    let front = front.or_else(|| separator.clone()).unwrap_or_else(|| "_".to_owned());
    let prefix = if is_layered && !prefix.is_empty() { format!("{prefix}{front}") } else { prefix };
    let separator = separator.unwrap_or_default();
    let Some(class) = target(program, reader.file, call, index, chained) else { return };
    let prefix = prefix.to_uppercase();
    members(reader, class, &prefix, &separator, 0);
}

/// What parts the names of fields, and the prefix from them, when a chain says it.
fn separators(reader: &Reader, index: u32, chained: &Chained) -> (Option<String>, Option<String>) {
    let outline = &reader.program.file(reader.file).outline;
    let (mut separator, mut front) = (None, None);
    let mut top = index;
    for _ in 0..16 {
        let Some(next) = chained.get(&top) else { break };
        top = *next;
        let call = outline.call(CallId(top));
        let given = || call.positional(0).and_then(|expr| literal(reader.program, &Site::of_call(reader.file, call), expr));
        match call.callee.last_name().map_or("", |name| name.as_str()) {
            "separator" | "split" => separator = given(),
            "prefix_separator" => front = given(),
            _ => {}
        }
    }
    (separator, front)
}

/// The struct that is filled: a type argument, an annotation, or what the function returns.
fn target(program: &dyn Program, file: FileId, call: &Call, index: u32, chained: &Chained) -> Option<ClassRef> {
    let outline = &program.file(file).outline;
    let site = Site::of_call(file, call);
    let mut ids = vec![index];
    while let Some(next) = chained.get(ids.last()?).filter(|_| ids.len() < 24) {
        ids.push(*next);
    }
    let function = outline.function_around(call.scope);
    let fills = |name: &str| matches!(name, "from_env" | "from_iter" | "extract" | "try_deserialize" | "deserialize" | "try_into");
    // The chain that ends in one of these; for layered builders, any such call of the same function.
    let of_function = (0u32..)
        .zip(&outline.calls)
        .filter(|(_, other)| outline.function_around(other.scope) == function && other.callee.last_name().is_some_and(|name| fills(name)));
    for (id, filling) in of_function {
        if let Some(ty) = filling.type_args.last()
            && let Some(class) = class_of(program, &site, ty)
        {
            return Some(class);
        }
        let is_value = |expr: &Expr| rooted(outline, expr, id);
        if let Some(assign) = outline.assigns.iter().find(|assign| assign.ty != Type::Unknown && is_value(&assign.value))
            && let Some(class) = class_of(program, &site, &assign.ty)
        {
            return Some(class);
        }
    }
    class_of(program, &site, &outline.function(function?).returns)
}

/// Whether a value is a chain of calls on this one.
fn rooted(outline: &crate::base::code::Outline, expr: &Expr, id: u32) -> bool {
    let mut next = expr;
    for _ in 0..24 {
        match next {
            Expr::Call(call) if call.0 == id => return true,
            Expr::Call(call) => match outline.call(*call).method() {
                Some((receiver, _)) => next = receiver,
                None => return false,
            },
            _ => return false,
        }
    }
    false
}

/// The struct in a type: `Config`, `Result<Arc<Config>, Error>`, `Self`.
fn class_of(program: &dyn Program, site: &Site, ty: &Type) -> Option<ClassRef> {
    let mut next = ty;
    for _ in 0..4 {
        if let Some(class) = program.resolve_type(site, next).class() {
            return Some(class);
        }
        next = next.args().first()?;
    }
    None
}

/// The fields of a struct as variables.
fn members(reader: &mut Reader, class: ClassRef, prefix: &str, separator: &str, depth: u32) {
    let program = reader.program;
    let declared = program.class(class);
    let whole = Attributes::new(program, class.file, &declared.decorators).says("serde", "default");
    let site = program.inside_class(class);
    for (field, member) in fields::members(program, class, Mode::Read) {
        let name = format!("{prefix}{}", member.name.to_uppercase());
        let attributes = Attributes::new(program, class.file, &field.decorators);
        let inner = if separator.is_empty() || depth > 4 { None } else { class_of(program, &site, &field.ty) };
        if let Some(inner) = inner.filter(|inner| program.class(*inner).kind == ClassKind::Struct && *inner != class) {
            members(reader, inner, &format!("{name}{separator}"), separator, depth + 1);
            continue;
        }
        let access = if attributes.says("serde", "default") || whole {
            EnvAccess::Optional(attributes.text("serde", "default").and_then(|path| returned(program, &site, path)))
        } else if field.ty.last_name().is_some_and(|name| name == "Option") {
            EnvAccess::Optional(None)
        } else {
            EnvAccess::Required
        };
        let spot = crate::facts::infrastructure::Spot::new(program.path(class.file), declared.name.as_str(), field.at.line);
        reader.read(&name, access, spot);
    }
}

/// The value that a function without parameters gives.
fn returned(program: &dyn Program, site: &Site, path: &str) -> Option<String> {
    let mut parts = path.split("::");
    let first = Expr::Ref(parts.next()?.into());
    let expr = parts.fold(first, |base, part| Expr::Member(Box::new(base), part.into()));
    let module = Site { scope: crate::base::code::ScopeId(0), offset: u32::MAX, ..site.clone() };
    let function = program.resolve(site, &expr).function().or_else(|| program.resolve(&module, &expr).function())?;
    let outline = &program.file(function.file).outline;
    let last = program.file(function.file).returns_of(function.id).last()?;
    literal(program, &program.inside(function), &outline.returns.get(*last as usize)?.value)
}

/// `#[arg(long, env = "X", default_value = "y")]`; a bare `env` takes the field's name.
fn of_arguments(reader: &mut Reader, field: &Field, site: &Site, class: &str) {
    let attributes = Attributes::new(reader.program, reader.file, &field.decorators);
    for attribute in ["arg", "clap", "structopt"] {
        if !attributes.says(attribute, "env") {
            continue;
        }
        let name = match attributes.value(attribute, "env") {
            Some(expr) => literal(reader.program, site, expr),
            None => Some(field.name.to_uppercase()),
        };
        let default = ["default_value", "default_value_t"].iter().find_map(|key| attributes.value(attribute, key));
        let is_flag = field.ty.last_name().is_some_and(|name| matches!(name.as_str(), "Option" | "bool" | "Vec"));
        let access = match default {
            Some(expr) => EnvAccess::Optional(literal(reader.program, site, expr)),
            None if is_flag || attributes.says(attribute, "default_value_t") || attributes.says(attribute, "default_value") => {
                EnvAccess::Optional(None)
            }
            None => EnvAccess::Required,
        };
        if let Some(name) = name {
            let spot = crate::facts::infrastructure::Spot::new(reader.program.path(reader.file), class, field.at.line);
            reader.read(&name, access, spot);
        }
    }
}

/// A call of a file by its position.
struct CallRefOf(FileId, u32);

impl From<CallRefOf> for crate::facts::program::CallRef {
    fn from(of: CallRefOf) -> Self {
        Self { file: of.0, id: CallId(of.1) }
    }
}
