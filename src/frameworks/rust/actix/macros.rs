//! `#[get("/x")]`, `#[route("/x", method = "GET", method = "POST")]`, `#[routes]`.

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::facts::finding::{Method, SchemeKind, SchemeUse};
use crate::facts::program::{FuncRef, Program, Text};
use crate::frameworks::rust::http::{auth, macro_symbols};

/// What a macro says of its function.
pub(super) struct Said {
    pub methods: Vec<Method>,
    pub path: Text,
    pub schemes: Vec<SchemeUse>,
}

/// The routes that a function's macros say.
pub(super) fn of(program: &dyn Program, function: FuncRef) -> Vec<Said> {
    let outline = &program.file(function.file).outline;
    let decorators = &outline.function(function.id).decorators;
    decorators
        .iter()
        .filter_map(|decorator| match decorator {
            Expr::Call(id) => said(program, function, *id, outline.call(*id)),
            _ => None,
        })
        .collect()
}

fn said(program: &dyn Program, function: FuncRef, id: CallId, call: &Call) -> Option<Said> {
    let name = macro_symbols(program, function.file, id).into_iter().find_map(|path| {
        ["actix_web.", "actix_web_codegen.", "paperclip.actix."].iter().find_map(|module| path.strip_prefix(module)).map(Name::from)
    })?;
    let methods: Vec<Method> = match name.as_str() {
        "route" => {
            let named = call.args.iter().filter(|arg| arg.name.as_deref() == Some("method"));
            named.filter_map(|arg| arg.value.as_str()).filter_map(Method::of).collect()
        }
        "connect" => return None,
        verb => vec![Method::of(verb)?],
    };
    let site = program.around(function);
    let path = program.text(&site, call.positional(0)?);
    let wraps = call.args.iter().filter(|arg| arg.name.as_deref() == Some("wrap")).filter_map(|arg| arg.value.as_str());
    let schemes = wraps.filter(|text| sounds(text)).map(|text| auth::scheme(name_of(text), SchemeKind::Guard)).collect();
    Some(Said { methods, path, schemes })
}

fn sounds(text: &str) -> bool {
    let plain = text.to_ascii_lowercase();
    ["auth", "jwt", "login", "permission", "require"].iter().any(|word| plain.contains(word))
}

/// `from_fn(auth)` is `auth`, `crate::Auth::new()` is `Auth`.
fn name_of(text: &str) -> &str {
    let inner = text.split_once('(').map_or(text, |(head, args)| {
        let first = args.trim_end_matches(')').split(',').next().unwrap_or_default().trim();
        if head.trim_end().ends_with("from_fn") && !first.is_empty() { first } else { head }
    });
    let mut parts = inner.rsplit("::").filter(|part| !matches!(*part, "new" | "default" | ""));
    parts.next().unwrap_or(inner)
}
