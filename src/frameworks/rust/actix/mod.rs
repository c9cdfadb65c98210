//! actix-web, and utoipa-actix-web around it.
//!
//! Applications, scopes and resources are owners; so are functions that are given a `ServiceConfig`. Handing an owner to such a function
//! mounts the function on it.
//!
//! - [`nodes`]: which owner an expression is.
//! - [`routing`]: `service`, `route`, `to`, `configure`.
//! - [`macros`]: attributes such as `#[get("/x")]`.
//! - [`wraps`]: middleware that lets only known callers through.
//!
//! Read from actix-web 4.11 and utoipa-actix-web 0.1.

mod macros;
mod nodes;
mod routing;
mod wraps;

use super::http;
use crate::base::code::CallId;
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, Program};

/// actix-web.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/actix",
    label: "actix-web, utoipa-actix-web",
    languages: &[Language::Rust],
    modules: &["actix_web", "utoipa_actix_web", "paperclip"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if http::is_test_file(program, file) {
        return;
    }
    let outline = &program.file(file).outline;
    nodes::configured(program, file, findings);
    for (id, call) in (0u32..).zip(&outline.calls) {
        if http::is_test(program, file, call.scope) {
            continue;
        }
        let place = CallRef { file, id: CallId(id) };
        nodes::owners(program, place, call, findings);
        routing::read(program, place, call, findings);
    }
    wraps::apply(program, file, findings);
}
