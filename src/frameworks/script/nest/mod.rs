//! NestJS.
//!
//! - [`application`]: applications with their prefix and versions, and the controllers their modules reach.
//! - [`controller`]: a controller's routes.
//! - [`inputs`]: what a handler's parameters take.
//! - [`outputs`]: what comes back.
//! - [`guards`]: guards and security schemes.
//! - [`settings`]: texts that come from `@nestjs/config`.
//! - [`documented`]: what `@nestjs/swagger` says.
//!
//! Read from NestJS 10 and 11 (`@nestjs/core/router`). Middleware bound with `consumer.apply` and middleware functions are left out.

mod application;
mod controller;
mod documented;
mod guards;
mod inputs;
mod outputs;
mod settings;

use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};

/// NestJS.
pub const FRAMEWORK: Framework = Framework {
    id: "script/nest",
    label: "NestJS",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["@nestjs/common"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// Where the decorators of controllers come from.
const COMMON: &[&str] = &["@nestjs/common"];
/// Where the decorators of documents come from.
const SWAGGER: &[&str] = &["@nestjs/swagger"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if imports(program, file, "@nestjs/core") {
        for app in application::applications(program, file) {
            findings.routes.extend(controller::served(program, &app));
        }
    }
    if imports(program, file, "@nestjs/common") && application::is_left_out(program, file) {
        let app = application::without_modules(program, file);
        let mut routes = controller::served(program, &app);
        routes.iter_mut().for_each(|route| route.is_implied = true);
        findings.routes.extend(routes);
    }
}

/// Whether a file imports a library.
fn imports(program: &dyn Program, file: FileId, library: &str) -> bool {
    program
        .file(file)
        .outline
        .imports
        .iter()
        .any(|import| import.module == library || import.module.strip_prefix(library).is_some_and(|rest| rest.starts_with('/')))
}
