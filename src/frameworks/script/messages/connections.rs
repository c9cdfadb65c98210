//! Functions that are given a connection: of `io.on("connection", (socket) => …)` the parameter `socket` is one of `io`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::code::{Call, CallId, Expr};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site};

/// The functions whose first parameter is a connection, with the call they are given to.
#[derive(Debug, Default)]
pub struct Connections(BTreeMap<FuncRef, CallRef>);

/// Worked out once.
#[must_use]
pub fn connections(program: &dyn Program) -> Arc<Connections> {
    program.answers().once(|| {
        let mut found = BTreeMap::new();
        for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language.is_script()) {
            for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
                if gives_connection(call)
                    && let Some(function) = handler(program, file, call)
                {
                    found.insert(function, CallRef { file, id: CallId(id) });
                }
            }
        }
        Connections(found)
    })
}

/// `.on("connection", f)`, `.clients.forEach(f)`, `.ws("/path", f)`.
fn gives_connection(call: &Call) -> bool {
    let Some((receiver, method)) = call.method() else { return false };
    let first = call.positional(0).and_then(Expr::as_str);
    match method.as_str() {
        "on" | "once" | "addListener" => matches!(first, Some("connection" | "connect")),
        "forEach" => receiver.last_name().is_some_and(|name| name == "clients"),
        "ws" => first.is_some_and(|path| path.starts_with('/')),
        _ => false,
    }
}

fn handler(program: &dyn Program, file: FileId, call: &Call) -> Option<FuncRef> {
    let site = Site::of_call(file, call);
    let functions = call.args.iter().rev().map(|arg| &arg.value).filter(|value| !matches!(value, Expr::Str(_)));
    functions.take(2).find_map(|value| program.produce(&site, value).function())
}

impl Connections {
    /// The calls whose handler's first parameter an expression is.
    pub fn of_expr(&self, program: &dyn Program, site: &Site, expr: &Expr) -> Vec<CallRef> {
        let meanings = program.produce_all(site, expr);
        let given = meanings.iter().filter_map(|meaning| match meaning {
            Meaning::Param(function, 0) => self.0.get(function).copied(),
            _ => None,
        });
        given.collect()
    }
}
