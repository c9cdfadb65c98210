//! The environment as Python reads it: `os.environ`, `os.getenv`, the readers of django-environ, environs, decouple and Starlette, and
//! classes of settings.

mod settings;

use crate::base::code::{Call, CallId, Expr, Key};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::infrastructure::EnvAccess;
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site};
use crate::frameworks::environment::walk::{self, Use};
use crate::frameworks::environment::{Reader, access_of, hosts, is_raising, is_screaming, literal, services};

/// The registry's entry.
pub const FRAMEWORK: Framework = Framework {
    id: "python/environment",
    label: "environment variables, services of others",
    languages: &[Language::Python],
    modules: &[],
    tells: &[Tells::Infrastructure],
    read: Some(read),
    types: None,
};

/// Classes and functions that read variables by name, as their modules have them.
const READERS: &[&str] = &[
    "environ.Env",
    "environ.FileAwareEnv",
    "environs.Env",
    "environs.FileAwareEnv",
    "starlette.config.Config",
    "decouple.Config",
    "decouple.AutoConfig",
    "starlite.config.Config",
];
/// Readers that are functions.
const FUNCTIONS: &[&str] = &["decouple.config", "prettyconf.config"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let Some(mut reader) = Reader::new(program, file, findings) else { return };
    let outline = &program.file(file).outline;
    let before = reader.findings.infrastructure.things.len();
    walk::each(outline, &mut |seen| {
        hosts::look(&mut reader, seen);
        let site = Site { file, scope: seen.scope, offset: seen.at.offset, env: None };
        match seen.expr {
            Expr::Call(id) if !matches!(seen.used, Use::Plain) => {
                reader.uses.insert(*id, seen.used);
            }
            Expr::Index(parts) if is_environ_like(&parts.0) && is_environ(program, &site, &parts.0) => {
                reader.read_expr(&site, &parts.1, seen.at, &|_, _| EnvAccess::Required);
            }
            // `"X" in os.environ`.
            Expr::Binary(binary) if is_environ_like(&binary.right) && is_environ(program, &site, &binary.right) => {
                reader.read_expr(&site, &binary.left, seen.at, &|_, _| EnvAccess::Optional(None));
            }
            _ => {}
        }
    });
    for (index, call) in (0u32..).zip(&outline.calls) {
        called(&mut reader, call, CallId(index));
    }
    for index in 0..outline.classes.len() {
        settings::class(&mut reader, index);
    }
    hosts::settle(&mut reader.findings.infrastructure.things, before);
    services::look(&mut reader);
}

/// A cheap look before names are followed.
fn is_environ_like(base: &Expr) -> bool {
    base.last_name().is_some_and(|name| name.contains("env") || name.contains("ENV"))
}

fn is_environ(program: &dyn Program, site: &Site, base: &Expr) -> bool {
    program.resolve(site, base).outside().is_some_and(|path| matches!(path, "os.environ" | "os.environb" | "os.path.environ"))
}

fn called(reader: &mut Reader, call: &Call, id: CallId) {
    let Some(name) = call.callee.last_name() else { return };
    match name.as_str() {
        "getenv" => direct(reader, call, id),
        "get" | "setdefault" | "pop" if call.method().is_some_and(|(on, _)| is_environ_like(on)) => direct(reader, call, id),
        _ => {}
    }
    by_reader(reader, call, id);
}

/// `os.getenv("X", "y")`, `os.environ.get("X")`.
fn direct(reader: &mut Reader, call: &Call, id: CallId) {
    let (program, file) = (reader.program, reader.file);
    let callee = program.callee(CallRef { file, id });
    if !callee.is_any(&["os.getenv", "os.getenvb", "os.environ.get", "os.environ.setdefault", "os.environ.pop"]) {
        return;
    }
    let site = Site::of_call(file, call);
    let Some(name) = call.arg(0, "key") else { return };
    let default = call.arg(1, "default");
    let used = reader.uses.get(&id).copied();
    reader.read_expr(&site, name, call.at, &|program, one| match (default.and_then(|expr| literal(program, one, expr)), used) {
        (Some(text), _) => EnvAccess::Optional(Some(text)),
        (None, Some(used @ (Use::Else(_) | Use::Missing(_)))) => access_of(program, one, used),
        (None, _) if name.as_str().is_none() && is_raising(program, one) => EnvAccess::Required,
        _ => EnvAccess::Optional(None),
    });
}

/// `env.str("X", default="y")`, `config("X", cast=int)`.
fn by_reader(reader: &mut Reader, call: &Call, id: CallId) {
    let (program, file) = (reader.program, reader.file);
    let named = call.arg(0, "var").or_else(|| call.keyword("name")).and_then(Expr::as_str);
    let kinds = call.callee.last_name().map_or("", |name| name.as_str());
    if matches!(kinds, "prefixed" | "read_env" | "add_parser") {
        return;
    }
    let name = match (named, kinds) {
        (Some(name), _) if is_screaming(name) || is_environ_like(&call.callee) => name,
        (None, "db" | "db_url") if call.args.is_empty() => "DATABASE_URL",
        (None, "cache" | "cache_url") if call.args.is_empty() => "CACHE_URL",
        (None, "email_url") if call.args.is_empty() => "EMAIL_URL",
        _ => {
            schemed(reader, call, id);
            return;
        }
    };
    let Some((prefix, made)) = reader_of(program, file, call, id) else { return };
    let site = Site::of_call(file, call);
    let default = call.keyword("default").or_else(|| call.keyword("missing"));
    let default = default.or_else(|| call.positional(if kinds_with_cast(program, file, id) { 2 } else { 1 }));
    let declared = made.and_then(|made| scheme(program, &made, name));
    let access = match (default, declared) {
        (Some(Expr::Null), _) => EnvAccess::Optional(None),
        (Some(expr), _) if expr.last_name().is_some_and(|name| name == "NOTSET" || name == "undefined") => EnvAccess::Required,
        (Some(expr), _) => EnvAccess::Optional(literal(program, &site, expr)),
        (None, Some(text)) => EnvAccess::Optional(text),
        (None, None) => EnvAccess::Required,
    };
    let spot = reader.spot(call.scope, call.at);
    reader.read(&format!("{prefix}{name}"), access, spot);
}

/// Whether the second argument is a type: `config("X", int, 5)` of Starlette, `env("X", int)`.
fn kinds_with_cast(program: &dyn Program, file: FileId, id: CallId) -> bool {
    let call = program.file(file).outline.call(id);
    matches!(&call.callee, Expr::Ref(_))
        && call.positional(1).is_some_and(|expr| {
            expr.last_name()
                .is_some_and(|name| matches!(name.as_str(), "int" | "bool" | "str" | "float" | "Secret" | "URL" | "CommaSeparatedStrings"))
        })
}

/// The prefix of the reader that a call asks, and the call that made it.
fn reader_of(program: &dyn Program, file: FileId, call: &Call, id: CallId) -> Option<(String, Option<CallRef>)> {
    if program.callee(CallRef { file, id }).is_any(FUNCTIONS) {
        return Some((String::new(), None));
    }
    let site = Site::of_call(file, call);
    let on = match &call.callee {
        Expr::Member(on, _) => on,
        other => other,
    };
    let direct = made_by(program, &site, &call.callee).filter(|_| matches!(call.callee, Expr::Ref(_)));
    let (made, path) = direct.or_else(|| made_by(program, &site, on))?;
    let made_call = program.call(made);
    if path.ends_with(".prefixed") {
        return Some((made_call.positional(0).and_then(Expr::as_str).unwrap_or_default().to_owned(), None));
    }
    let prefix = made_call.keyword("env_prefix").or_else(|| made_call.keyword("prefix")).and_then(Expr::as_str).unwrap_or_default();
    Some((prefix.to_owned(), Some(made)))
}

/// The call of a reader's class that a value comes from.
fn made_by(program: &dyn Program, site: &Site, expr: &Expr) -> Option<(CallRef, String)> {
    let meaning = program.resolve(site, expr);
    let (made, _) = meaning.call()?;
    let path = program.callee(made).outside().map(str::to_owned);
    match path {
        Some(path) if READERS.contains(&path.as_str()) => Some((made, path)),
        Some(_) => None,
        // `with env.prefixed("APP_") as env`.
        None => {
            let call = program.call(made);
            let (on, name) = call.method()?;
            let is_of_reader = name == "prefixed" && made_by(program, &Site::of_call(made.file, call), on).is_some();
            is_of_reader.then(|| (made, "environs.Env.prefixed".to_owned()))
        }
    }
}

/// `environ.Env(DEBUG=(bool, False))`: variables that the reader itself declares.
fn schemed(reader: &mut Reader, call: &Call, id: CallId) {
    let is_class = call.callee.last_name().is_some_and(|name| matches!(name.as_str(), "Env" | "FileAwareEnv"));
    if !is_class || !reader.program.callee(CallRef { file: reader.file, id }).is_any(&["environ.Env", "environ.FileAwareEnv"]) {
        return;
    }
    for arg in &call.args {
        let Some(name) = arg.name.as_deref().filter(|name| is_screaming(name)) else { continue };
        let default = scheme(reader.program, &CallRef { file: reader.file, id }, name);
        let spot = reader.spot(call.scope, call.at);
        reader.read(name, default.map_or(EnvAccess::Read, EnvAccess::Optional), spot);
    }
}

/// The default of a variable that the reader declares: `DEBUG=(bool, False)`.
fn scheme(program: &dyn Program, made: &CallRef, name: &str) -> Option<Option<String>> {
    let call = program.call(*made);
    match call.keyword(name)? {
        Expr::List(parts) => {
            let default = parts.get(1)?;
            Some(literal(program, &Site::of_call(made.file, call), default))
        }
        _ => None,
    }
}

/// The value of a key of a literal dict.
fn entry<'e>(expr: &'e Expr, name: &str) -> Option<&'e Expr> {
    let Expr::Object(entries) = expr else { return None };
    entries.iter().find(|entry| matches!(&entry.key, Key::Name(key) if key == name)).map(|entry| &entry.value)
}

/// The meaning of a call's value as a call, when it is one.
fn call_at<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<(&'p Call, Site)> {
    match expr {
        Expr::Call(id) => Some((program.file(site.file).outline.call(*id), site.clone())),
        _ => match program.resolve(site, expr) {
            Meaning::Value(Expr::Call(id), at) => Some((program.file(at.file).outline.call(*id), at)),
            _ => None,
        },
    }
}
