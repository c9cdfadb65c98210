//! Texts that come from `@nestjs/config`: a default, what `registerAs` or `ConfigModule.forRoot({ load })` give; else a hole.

use crate::base::code::{Call, Expr};
use crate::facts::importers::Importers;
use crate::facts::program::{CallRef, FileId, FuncRef, Program, Site, Text};

/// What `configService.get("app.prefix", "api")` gives; `None` when it is no such call.
pub fn text(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Text> {
    let meaning = program.resolve(site, expr);
    let (call, at) = meaning.call()?;
    let made = program.call(call);
    let (receiver, name) = made.method()?;
    if !matches!(name.as_str(), "get" | "getOrThrow") || !is_settings(program, at, receiver) {
        return None;
    }
    if let Some(default) = made.positional(1).map(|default| program.text(at, default)).filter(|default| default.plain().is_some()) {
        return Some(default);
    }
    let key = program.text(at, made.positional(0)?).plain()?;
    Some(loaded(program, &key).unwrap_or_else(|| Text::hole(&key)))
}

/// Whether an expression is a `ConfigService`: by its type, or as `app.get(ConfigService)`.
fn is_settings(program: &dyn Program, site: &Site, receiver: &Expr) -> bool {
    const SERVICE: &[&str] = &["@nestjs/config.ConfigService"];
    if program.type_of(site, receiver).is_some_and(|(ty, at)| program.resolve_type(&at, ty).is_any(SERVICE)) {
        return true;
    }
    let meaning = program.resolve(site, receiver);
    meaning.call().is_some_and(|(call, at)| program.call(call).positional(0).is_some_and(|of| program.resolve(at, of).is_any(SERVICE)))
}

/// The text at a path of keys in what the program loads.
fn loaded(program: &dyn Program, key: &str) -> Option<Text> {
    let steps: Vec<&str> = key.split('.').collect();
    for &file in Importers::of(program).importing("@nestjs/config") {
        let outline = &program.file(file).outline;
        for (id, call) in (0u32..).zip(&outline.calls) {
            let call_ref = CallRef { file, id: crate::base::code::CallId(id) };
            let found = match program.callee(call_ref).outside() {
                Some("@nestjs/config.registerAs") => registered(program, file, call, &steps),
                Some("@nestjs/config.ConfigModule.forRoot") => given(program, file, call, &steps),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

/// `registerAs("app", () => ({ prefix: process.env.PREFIX || "api" }))`.
fn registered(program: &dyn Program, file: FileId, call: &Call, steps: &[&str]) -> Option<Text> {
    let site = Site::of_call(file, call);
    let (name, rest) = steps.split_first()?;
    let is_it = program.text(&site, call.positional(0)?).plain().as_deref() == Some(*name);
    let function = program.resolve(&site, call.positional(1)?).function().filter(|_| is_it)?;
    returned(program, function, rest)
}

/// `ConfigModule.forRoot({ load: [configuration] })`.
fn given(program: &dyn Program, file: FileId, call: &Call, steps: &[&str]) -> Option<Text> {
    let site = Site::of_call(file, call);
    let options = program.entries(&site, call.positional(0)?)?;
    let (_, load, at) = options.into_iter().find(|(key, ..)| key == "load")?;
    let functions = program.items(&at, load)?;
    functions.iter().filter_map(|(item, at)| program.resolve(at, item).function()).find_map(|function| returned(program, function, steps))
}

/// The text at a path of keys in the object that a function returns.
fn returned(program: &dyn Program, function: FuncRef, steps: &[&str]) -> Option<Text> {
    let facts = program.file(function.file);
    let index = facts.returns_of(function.id).first()?;
    let value = &facts.outline.returns.get(*index as usize)?.value;
    let mut here = (value, Site { offset: u32::MAX, ..program.inside(function) });
    for step in steps {
        let (_, value, at) = program.entries(&here.1, here.0)?.into_iter().rev().find(|(key, ..)| key == step)?;
        here = (value, at);
    }
    Some(program.text(&here.1, here.0)).filter(|text| text.plain().is_some())
}
