//! Routes that the program's own decorators say: they are given a router's method, or call one around what they decorate.

use std::sync::Arc;

use super::arguments::at;
use super::owners::owners_of;
use super::{Reading, decorated_functions};
use crate::base::code::{Call, CallId, Expr, FuncId};
use crate::facts::finding::{Findings, Security};
use crate::facts::program::{CallRef, Entered, Env, Frame, FuncRef, Program, Site};
use crate::frameworks::table::RouteRule;

impl Reading<'_, '_> {
    /// `@protected(router.get, "/path")`, where `protected` calls what it is given: `method(path, …)(function)`.
    pub(super) fn wrapped(&self, call: &Call, findings: &mut Findings) {
        if self.decorated.is_none() {
            return;
        }
        for (position, arg) in call.args.iter().enumerate() {
            let Expr::Member(receiver, verb) = &arg.value else { continue };
            let said = self.table.routes.iter().find_map(|rule| match rule {
                RouteRule::Verbs { names, path, handler } => {
                    names.iter().find(|(name, _)| *name == verb).map(|(_, methods)| (*methods, *path, *handler))
                }
                _ => None,
            });
            let Some((methods, path, handler)) = said else { continue };
            let site = Site::of_call(self.call.file, call);
            if owners_of(self.table, self.program, &site, receiver).is_empty() {
                continue;
            }
            let Some(function) = self.program.callee(self.call).function() else { return };
            let Some(inner) = self.called_through(function, arg.name.as_deref(), position) else { continue };
            let made = self.program.call(inner);
            let entered = Entered::Call { function, call: self.call, caller: site };
            let env: Env = Some(Arc::new(Frame { entered, outer: None, depth: 1 }));
            let inside = Site { env, ..Site::of_call(inner.file, made) };
            let text = at(path, made).map(|path| self.program.text(&inside, path)).unwrap_or_default();
            let traits = self.table.hooks.mount.map(|hook| hook(self.program, &inside, inner)).unwrap_or_default();
            self.each_owner(call, receiver, |owner, site| {
                let mut route = self.finish_route(call, owner, site, text.clone(), methods, handler);
                if let Some(route) = route.as_mut().filter(|route| route.security == Security::Inherit) {
                    route.security = traits.security.clone();
                }
                findings.routes.extend(route);
            });
        }
    }

    /// The call in a function whose callee is one of its parameters.
    fn called_through(&self, function: FuncRef, name: Option<&str>, position: usize) -> Option<CallRef> {
        let declared = self.program.function(function);
        let param = match name {
            Some(name) => name,
            None => declared.params.get(position)?.name()?.as_str(),
        };
        let outline = &self.program.file(function.file).outline;
        let is_it =
            |call: &Call| matches!(&call.callee, Expr::Ref(callee) if callee == param) && outline.is_within(call.scope, declared.inner);
        let found = (0u32..).zip(&outline.calls).find(|(_, call)| is_it(call))?;
        Some(CallRef { file: function.file, id: CallId(found.0) })
    }
}

/// The function that a route's own decorator decorates, where the route is said in that decorator: `def api(path): … router.route(path)(f)`.
#[must_use]
pub fn decorated_by_caller(program: &dyn Program, site: &Site) -> Option<FuncRef> {
    let mut next = site.env.as_ref();
    while let Some(frame) = next {
        if let Entered::Call { call, .. } = &frame.entered
            && let Some(id) = decorated_functions(program, call.file).get(&call.id)
        {
            return Some(FuncRef { file: call.file, id: FuncId(id.0) });
        }
        next = frame.outer.as_ref();
    }
    None
}
