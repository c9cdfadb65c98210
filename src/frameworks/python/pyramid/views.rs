//! Which views serve which route: `@view_config(route_name="user")` on functions, methods and classes, `config.add_view(…)`, and
//! decorators of the program's own that take a route's name.

use std::collections::BTreeMap;

use crate::base::Name;
use crate::base::code::{Call, CallId, ClassId, Expr, FuncId};
use crate::base::language::Language;
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Program, Site};
use crate::frameworks::interpret::handler_function;

/// A view of a route.
pub struct View<'p> {
    /// What is called.
    pub handler: FuncRef,
    /// What is said of it: its own configuration, then what holds for its class.
    pub said: Vec<(&'p Call, Site)>,
    /// Configured by a decorator of the program's own, whose defaults are not known.
    pub is_wrapped: bool,
}

impl<'p> View<'p> {
    /// What is said under a keyword, the view's own first.
    #[must_use]
    pub fn keyword(&self, key: &str) -> Option<(&'p Expr, &Site)> {
        self.said.iter().find_map(|(call, site)| call.keyword(key).map(|value| (value, site)))
    }

    /// The text that is said under a keyword.
    #[must_use]
    pub fn text(&self, program: &dyn Program, key: &str) -> Option<String> {
        let (value, site) = self.keyword(key)?;
        program.text(site, value).plain()
    }
}

/// All views by the names of their routes, in order of files.
#[must_use]
pub fn of_all(program: &dyn Program) -> BTreeMap<String, Vec<View<'_>>> {
    let mut found: BTreeMap<String, Vec<View>> = BTreeMap::new();
    for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language == Language::Python) {
        let mut views = decorated(program, file);
        views.extend(added(program, file));
        for view in views {
            if let Some(name) = view.text(program, "route_name") {
                found.entry(name).or_default().push(view);
            }
        }
    }
    found
}

/// A decorator that configures a view.
struct Config<'p> {
    call: &'p Call,
    site: Site,
    is_wrapped: bool,
}

/// The configurations among decorators. `@view_config` may leave the route to the class.
fn configs<'p>(program: &'p dyn Program, site: &Site, decorators: &'p [Expr], name: &str) -> Vec<Config<'p>> {
    let mut found = Vec::new();
    for decorator in decorators {
        let Expr::Call(id) = decorator else { continue };
        let call_ref = CallRef { file: site.file, id: *id };
        let call = program.call(call_ref);
        let is_named = call.callee.last_name().is_some_and(|last| last == name);
        if !is_named && (name == "view_defaults" || call.keyword("route_name").is_none()) {
            continue;
        }
        let is_wrapped = match program.callee(call_ref) {
            Meaning::Outside(path) if is_named && path.starts_with("pyramid.") => false,
            Meaning::Function(..) | Meaning::Class(_) if name == "view_config" => true,
            _ => continue,
        };
        found.push(Config { call, site: site.clone(), is_wrapped });
    }
    found
}

/// Views that are decorated.
fn decorated(program: &dyn Program, file: FileId) -> Vec<View<'_>> {
    let outline = &program.file(file).outline;
    let mut found = Vec::new();
    for (id, function) in (0u32..).zip(&outline.functions).filter(|(_, function)| !function.decorators.is_empty()) {
        let handler = FuncRef { file, id: FuncId(id) };
        let configs = configs(program, &program.around(handler), &function.decorators, "view_config");
        let defaults = match function.class {
            Some(class) if !configs.is_empty() => defaults(program, ClassRef { file, id: class }),
            _ => Vec::new(),
        };
        for config in configs {
            let said = [(config.call, config.site)].into_iter().chain(defaults.iter().cloned()).collect();
            found.push(View { handler, said, is_wrapped: config.is_wrapped });
        }
    }
    for (id, class) in (0u32..).zip(&outline.classes).filter(|(_, class)| !class.decorators.is_empty()) {
        let class_ref = ClassRef { file, id: ClassId(id) };
        for config in configs(program, &program.around_class(class_ref), &class.decorators, "view_config") {
            let attribute = config.call.keyword("attr").and_then(|attr| program.text(&config.site, attr).plain());
            let Some(handler) = program.method(class_ref, attribute.as_deref().unwrap_or("__call__")) else { continue };
            let said = [(config.call, config.site)].into_iter().chain(defaults(program, class_ref)).collect();
            found.push(View { handler, said, is_wrapped: config.is_wrapped });
        }
    }
    found
}

/// `@view_defaults(…)` of a class or of one it extends.
fn defaults(program: &dyn Program, class: ClassRef) -> Vec<(&Call, Site)> {
    let of = |class: ClassRef| {
        let around = program.around_class(class);
        let declared = program.file(class.file).outline.class(class.id);
        configs(program, &around, &declared.decorators, "view_defaults").into_iter().map(|config| (config.call, config.site)).next()
    };
    program.lineage(class).into_iter().find_map(of).into_iter().collect()
}

/// `config.add_view(show, route_name="user")`, the view also by its dotted name.
fn added(program: &dyn Program, file: FileId) -> Vec<View<'_>> {
    let mut found = Vec::new();
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        if call.method().is_none_or(|(_, name)| name != "add_view") || call.keyword("route_name").is_none() {
            continue;
        }
        let Some(view) = call.arg(0, "view") else { continue };
        let call_ref = CallRef { file, id: CallId(id) };
        let site = Site::of_call(file, call);
        for site in program.instances(&site, &[view]) {
            if let Some(handler) = handler_of(program, &site, call_ref, view) {
                found.push(View { handler, said: vec![(program.call(call_ref), site)], is_wrapped: false });
            }
        }
    }
    found
}

/// The function that serves an added view: a function, or `attr` of a class.
fn handler_of(program: &dyn Program, site: &Site, call: CallRef, view: &Expr) -> Option<FuncRef> {
    let meaning = match program.text(site, view).plain() {
        Some(path) => program.named(call.file, &path),
        None => program.resolve(site, view),
    };
    let class = match &meaning {
        Meaning::Class(class) | Meaning::Instance(class) => Some(*class),
        _ => None,
    };
    let Some(class) = class else { return meaning.function().or_else(|| handler_function(program, site, view)) };
    let attribute = program.call(call).keyword("attr").and_then(|attr| program.text(site, attr).plain());
    let name: Name = attribute.map_or_else(|| "__call__".into(), Name::from);
    program.method(class, &name)
}
