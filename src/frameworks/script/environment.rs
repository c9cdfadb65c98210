//! The environment as TypeScript and JavaScript read it: `process.env`, `import.meta.env`, Deno's and Bun's own, and the schemas
//! that it is checked against.

use crate::base::code::{Assign, Call, Expr, Imported, Key, Pattern};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::infrastructure::EnvAccess;
use crate::facts::program::{FileId, Meaning, Program, Site};
use crate::frameworks::environment::{Reader, access_of, hosts, is_raising, is_screaming, literal, schemas, services, walk};

/// The registry's entry.
pub const FRAMEWORK: Framework = Framework {
    id: "script/environment",
    label: "environment variables, services of others",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &[],
    tells: &[Tells::Infrastructure],
    read: Some(read),
    types: None,
};

/// What bundlers say themselves.
const OF_BUNDLERS: &[&str] = &["MODE", "BASE_URL", "PROD", "DEV", "SSR"];
/// Modules whose exports are variables.
const STATIC: &[&str] = &["$env/static/private", "$env/static/public", "astro:env/server", "astro:env/client"];
/// Methods that check what they are given.
const CHECKS: &[&str] = &[
    "parse",
    "safeParse",
    "parseAsync",
    "safeParseAsync",
    "validate",
    "validateSync",
    "validateAsync",
    "attempt",
    "assert",
    "cast",
    "create",
    "mask",
    "cleanEnv",
    "parseEnv",
    "decode",
    "Decode",
    "Parse",
    "envsafe",
    "customCleanEnv",
    "decodeUnknownSync",
];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let Some(mut reader) = Reader::new(program, file, findings) else { return };
    let outline = &program.file(file).outline;
    let before = reader.findings.infrastructure.things.len();
    walk::each(outline, &mut |seen| {
        hosts::look(&mut reader, seen);
        match seen.expr {
            Expr::Call(id) if !matches!(seen.used, walk::Use::Plain) => {
                reader.uses.insert(*id, seen.used);
            }
            Expr::Member(base, name) if is_env_like(base) => {
                let site = Site { file, scope: seen.scope, offset: seen.at.offset, env: None };
                let is_bundler = OF_BUNDLERS.contains(&name.as_str()) && is_meta(base);
                if !is_bundler && is_env(program, &site, base) {
                    let access = access_of(program, &site, seen.used);
                    let spot = reader.spot(seen.scope, seen.at);
                    reader.read(name, access, spot);
                }
            }
            Expr::Index(parts) if is_env_like(&parts.0) => {
                let site = Site { file, scope: seen.scope, offset: seen.at.offset, env: None };
                if is_env(program, &site, &parts.0) {
                    reader.read_expr(&site, &parts.1, seen.at, &|program, one| helped(program, one, &parts.1, seen.used));
                }
            }
            Expr::Object(entries) if entries.len() > 1 => convict(&mut reader, seen, entries),
            _ => {}
        }
    });
    for assign in &outline.assigns {
        destructured(&mut reader, assign);
    }
    for import in &outline.imports {
        if let Imported::Name(name) = &import.what
            && STATIC.contains(&import.module.as_str())
        {
            let spot = reader.spot(import.scope, import.at);
            reader.read(name, EnvAccess::Required, spot);
        }
    }
    let chained = chained(&outline.calls);
    for (index, call) in outline.calls.iter().enumerate() {
        called(&mut reader, call, index, &chained);
    }
    hosts::settle(&mut reader.findings.infrastructure.things, before);
    services::look(&mut reader);
}

/// What a lookup inside a helper comes to: one that raises asks for the variable, unless something takes its place.
fn helped(program: &dyn Program, site: &Site, name: &Expr, used: walk::Use) -> EnvAccess {
    match access_of(program, site, used) {
        EnvAccess::Read if name.as_str().is_none() && is_raising(program, site) => EnvAccess::Required,
        access => access,
    }
}

/// A cheap look before names are followed.
fn is_env_like(base: &Expr) -> bool {
    match base {
        Expr::Ref(name) | Expr::Member(_, name) => {
            name.len() < 16 && (name.contains("env") || name.contains("Env") || name.contains("ENV"))
        }
        Expr::Cast(inner) => is_env_like(&inner.0),
        _ => false,
    }
}

fn is_meta(base: &Expr) -> bool {
    base.dotted().is_some_and(|path| path == "import.meta.env")
}

/// Whether an expression is the environment.
fn is_env(program: &dyn Program, site: &Site, base: &Expr) -> bool {
    let base = match base {
        Expr::Cast(inner) => &inner.0,
        other => other,
    };
    if let Some(path) = base.dotted()
        && matches!(path.as_str(), "process.env" | "import.meta.env" | "Bun.env" | "globalThis.process.env" | "window.process.env")
    {
        return true;
    }
    let Expr::Ref(_) = base else { return false };
    match program.resolve(site, base) {
        Meaning::Outside(path) => {
            let path = path.strip_prefix("builtins.").unwrap_or(&path);
            matches!(
                path,
                "process.env" | "node:process.env" | "Bun.env" | "bun.env" | "$env/dynamic/private.env" | "$env/dynamic/public.env"
            )
        }
        Meaning::Value(value @ (Expr::Member(..) | Expr::Cast(_)), at) if !std::ptr::eq(value, base) => {
            at.file == site.file && matches!(value.dotted().as_deref(), Some("process.env" | "import.meta.env" | "Bun.env"))
        }
        _ => false,
    }
}

/// `const { PORT = "3000", DATABASE_URL } = process.env`.
fn destructured(reader: &mut Reader, assign: &Assign) {
    let Pattern::Object(fields) = &assign.target else { return };
    let site = Site { file: reader.file, scope: assign.scope, offset: assign.at.offset, env: None };
    if !is_env_like(&assign.value) || !is_env(reader.program, &site, &assign.value) {
        return;
    }
    for field in fields {
        let access = match &field.default {
            Some(default) => EnvAccess::Optional(literal(reader.program, &site, default)),
            None => EnvAccess::Read,
        };
        let spot = reader.spot(assign.scope, assign.at);
        reader.read(&field.key, access, spot);
    }
}

/// `{ port: { env: "PORT", default: 3000 } }`, as convict has it.
fn convict(reader: &mut Reader, seen: walk::Seen, entries: &[crate::base::code::Entry]) {
    let value = |name: &str| entries.iter().find(|entry| matches!(&entry.key, Key::Name(key) if key == name)).map(|entry| &entry.value);
    let Some(name) = value("env").and_then(Expr::as_str).filter(|name| is_screaming(name)) else { return };
    let (Some(default), true) = (value("default"), value("format").or(value("doc")).is_some()) else { return };
    let site = Site { file: reader.file, scope: seen.scope, offset: seen.at.offset, env: None };
    let access = match default {
        Expr::Null => EnvAccess::Required,
        other => EnvAccess::Optional(literal(reader.program, &site, other)),
    };
    let spot = reader.spot(seen.scope, seen.at);
    reader.read(name, access, spot);
}

/// For each call, the one that calls a method of what it gives.
fn chained(calls: &[Call]) -> std::collections::BTreeMap<u32, usize> {
    let mut found = std::collections::BTreeMap::new();
    for (index, call) in calls.iter().enumerate() {
        if let Some((Expr::Call(id), _)) = call.method() {
            found.insert(id.0, index);
        }
    }
    found
}

fn called(reader: &mut Reader, call: &Call, index: usize, chained: &std::collections::BTreeMap<u32, usize>) {
    let Some(name) = call.callee.last_name() else { return };
    match name.as_str() {
        "get" | "getOrThrow" | "has" => getter(reader, call, index, chained),
        "createEnv" => t3(reader, call),
        "forRoot" | "forRootAsync" => nest(reader, call),
        name if CHECKS.contains(&name) => checked(reader, call),
        _ => {}
    }
}

/// `Deno.env.get("X")`, `configService.get("X", 1)`, `env.get("X").required()` of env-var.
fn getter(reader: &mut Reader, call: &Call, index: usize, chained: &std::collections::BTreeMap<u32, usize>) {
    let (Some((receiver, method)), Some(key)) = (call.method(), call.positional(0)) else { return };
    let (program, file) = (reader.program, reader.file);
    let site = Site::of_call(file, call);
    if receiver.dotted().is_some_and(|path| path == "Deno.env") {
        let used = u32::try_from(index).ok().and_then(|id| reader.uses.get(&crate::base::code::CallId(id)).copied());
        let used = used.unwrap_or(walk::Use::Plain);
        return reader.read_expr(&site, key, call.at, &|program, one| helped(program, one, key, used));
    }
    let Some(key) = key.as_str().filter(|key| is_screaming(key)) else { return };
    let spot = reader.spot(call.scope, call.at);
    if let Some((ty, _)) = program.type_of(&site, receiver)
        && ty.last_name().is_some_and(|name| name == "ConfigService")
    {
        let default = call.positional(1).filter(|expr| !matches!(expr, Expr::Object(_)));
        let used = u32::try_from(index).ok().and_then(|id| reader.uses.get(&crate::base::code::CallId(id)).copied());
        let access = match (default, used) {
            (Some(default), _) => EnvAccess::Optional(literal(program, &site, default)),
            _ if method == "getOrThrow" => EnvAccess::Required,
            (None, Some(used)) => access_of(program, &site, used),
            _ => EnvAccess::Read,
        };
        return reader.read(key, access, spot);
    }
    let is_env_var = is_env_like(receiver) && program.resolve(&site, receiver).outside().is_some_and(|path| path.starts_with("env-var"));
    if is_env_var {
        let mut access = EnvAccess::Optional(None);
        let mut next = u32::try_from(index).ok().and_then(|id| chained.get(&id));
        for _ in 0..16 {
            let Some(above) = next else { break };
            let call = &program.file(file).outline.calls[*above];
            match call.callee.last_name().map_or("", |name| name.as_str()) {
                "required" => access = EnvAccess::Required,
                "default" => access = EnvAccess::Optional(call.positional(0).and_then(|expr| literal(program, &site, expr))),
                _ => {}
            }
            next = u32::try_from(*above).ok().and_then(|id| chained.get(&id));
        }
        reader.read(key, access, spot);
    }
}

/// `createEnv({ server: { X: z.string() }, client: {…}, runtimeEnv: process.env })`.
fn t3(reader: &mut Reader, call: &Call) {
    let site = Site::of_call(reader.file, call);
    let Some(options) = call.positional(0) else { return };
    for (section, schema, at) in reader.program.entries(&site, options).unwrap_or_default() {
        if matches!(section.as_str(), "server" | "client" | "shared") {
            ask(reader, call, &at, schema);
        }
    }
}

/// `ConfigModule.forRoot({ validationSchema: Joi.object({…}) })`.
fn nest(reader: &mut Reader, call: &Call) {
    let site = Site::of_call(reader.file, call);
    let Some(options) =
        call.positional(0).filter(|_| call.method().is_some_and(|(on, _)| on.last_name().is_some_and(|n| n == "ConfigModule")))
    else {
        return;
    };
    for (name, schema, at) in reader.program.entries(&site, options).unwrap_or_default() {
        if name == "validationSchema" {
            ask(reader, call, &at, schema);
        }
    }
}

/// `schema.parse(process.env)`, `cleanEnv(process.env, {…})`.
fn checked(reader: &mut Reader, call: &Call) {
    let site = Site::of_call(reader.file, call);
    let program = reader.program;
    let is_envsafe = call.callee.last_name().is_some_and(|name| name == "envsafe");
    let Some(env) = call.args.iter().position(|arg| holds_env(program, &site, &arg.value, 0)).or(is_envsafe.then_some(usize::MAX)) else {
        return;
    };
    if let Some((receiver, _)) = call.method() {
        ask(reader, call, &site, receiver);
    }
    for (index, arg) in call.args.iter().enumerate() {
        if index != env && index < 2 {
            ask(reader, call, &site, &arg.value);
        }
    }
}

/// Whether a value is the environment, a copy of it, or an object of variables.
fn holds_env(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> bool {
    match expr {
        _ if depth > 4 => false,
        Expr::Object(entries) => entries.iter().any(|entry| match (&entry.key, &entry.value) {
            (Key::Spread, value) => holds_env(program, site, value, depth + 1),
            (_, Expr::Member(base, _)) => is_env_like(base) && is_env(program, site, base),
            (_, Expr::Index(parts)) => is_env_like(&parts.0) && is_env(program, site, &parts.0),
            _ => false,
        }),
        Expr::Ref(_) if !is_env_like(expr) => false,
        Expr::Spread(inner) => holds_env(program, site, inner, depth + 1),
        Expr::Cast(inner) => holds_env(program, site, &inner.0, depth + 1),
        Expr::Ref(_) | Expr::Member(..) => {
            is_env_like(expr)
                && (is_env(program, site, expr)
                    || matches!(program.resolve(site, expr), Meaning::Value(object @ Expr::Object(_), at) if holds_env(program, &at, object, depth + 1)))
        }
        _ => false,
    }
}

/// All that a schema asks for.
fn ask(reader: &mut Reader, call: &Call, site: &Site, schema: &Expr) {
    for (name, access) in schemas::members(reader.program, site, schema) {
        let spot = reader.spot(call.scope, call.at);
        reader.read(&name, access, spot);
    }
}
