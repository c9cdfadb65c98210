//! tRPC: procedures as HTTP operations, and what they give to those who call them in the same program.
//!
//! - [`served`]: where adapters serve routers.
//! - [`procedures`]: a procedure as an operation.
//! - [`routers`]: routers and procedures.
//! - [`callers`]: callers in the same program.
//!
//! Read from tRPC 10 and 11 (`trpc.io/docs/rpc`). Routers that are loaded lazily are left out.

mod callers;
mod procedures;
mod routers;
mod served;

pub use served::hands_on;

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
    modules: &["@trpc/server", "@hono/trpc-server"],
    tells: &[Tells::Http, Tells::Types],
    read: Some(served::read),
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
