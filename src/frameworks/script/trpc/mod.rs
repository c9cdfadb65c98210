//! tRPC: what procedures give to those who call them in the same program.

mod callers;
mod routers;

use crate::base::code::Expr;
use crate::base::language::Language;
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::program::{Mode, Program, Site};
use crate::facts::shape::Shape;

/// tRPC.
pub const FRAMEWORK: Framework = Framework {
    id: "script/trpc",
    label: "tRPC",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["@trpc/server"],
    tells: &[Tells::Types],
    read: None,
    types: Some(&Reader),
};

struct Reader;

impl TypeReader for Reader {
    /// `caller.users.byId(input)`.
    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = expr else { return None };
        if !program.file(site.file).language.is_script() {
            return None;
        }
        let made = program.file(site.file).outline.call(*id);
        let at = site.moved(site.file, made.scope, made.at.offset);
        let (router, path) = callers::called(program, &at, &made.callee)?;
        let procedure = routers::procedure(program, &router, &path)?;
        Some(routers::output(program, &procedure, mode))
    }
}
