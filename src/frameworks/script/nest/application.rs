//! Applications: what `NestFactory.create` is given, the prefix and versions it sets, and the controllers its modules reach.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{COMMON, imports, settings};
use crate::base::code::{CallId, Expr};
use crate::facts::finding::SchemeUse;
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program, Site, Text};
use crate::frameworks::script::decorators::decorators;
use crate::frameworks::script::nest::guards;

/// At most this many modules are gone through.
const MAX_MODULES: usize = 5000;

/// An application with what holds for all of its routes.
#[derive(Clone)]
pub struct App {
    /// Its controllers, with the prefixes that `RouterModule` gives their modules.
    pub controllers: Vec<(ClassRef, Vec<Text>)>,
    /// `setGlobalPrefix`.
    pub prefix: Text,
    /// Paths that go without the prefix, as written.
    pub excluded: Vec<String>,
    /// How versions stand in paths; `None` when they do not.
    pub versioning: Option<Versioning>,
    /// Guards of every route.
    pub guards: Vec<guards::Guarded>,
}

/// Versions in paths.
#[derive(Clone)]
pub struct Versioning {
    /// What stands before a version: `v`.
    pub prefix: String,
    /// Versions of what says none.
    pub default: Vec<String>,
}

/// The calls that make applications, in the order of files, with the module each is given.
fn creations(program: &dyn Program) -> Vec<(CallRef, Option<ClassRef>)> {
    let mut found = Vec::new();
    for file in (0..program.file_count()).map(FileId).filter(|file| imports(program, *file, "@nestjs/core")) {
        for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
            let call_ref = CallRef { file, id: CallId(id) };
            if call.callee.last_name().is_none_or(|name| name != "create")
                || !program.callee(call_ref).is_any(&["@nestjs/core.NestFactory.create"])
            {
                continue;
            }
            let site = Site::of_call(file, call);
            let module = call.positional(0).and_then(|module| module_of(program, &site, module).0);
            found.push((call_ref, module));
        }
    }
    found
}

/// The applications of the program, told once.
struct Applications {
    creations: Vec<(CallRef, Option<ClassRef>)>,
    /// What the modules that applications are given reach.
    modules: BTreeMap<ClassRef, Modules>,
}

impl Applications {
    fn of(program: &dyn Program) -> Arc<Self> {
        program.answers().once(|| {
            let creations = creations(program);
            let roots: BTreeSet<ClassRef> = creations.iter().filter_map(|(_, module)| *module).collect();
            let modules = roots.into_iter().map(|root| (root, Modules::reached(program, root))).collect();
            Self { creations, modules }
        })
    }
}

/// The applications a file is the first to make.
pub fn applications(program: &dyn Program, file: FileId) -> Vec<App> {
    if !program.file(file).outline.calls.iter().any(|call| call.callee.last_name().is_some_and(|name| name == "create")) {
        return Vec::new();
    }
    let known = Applications::of(program);
    let created = &known.creations;
    let mut seen: BTreeSet<ClassRef> = BTreeSet::new();
    let mut apps = Vec::new();
    for (call, root) in created {
        let Some(root) = root else { continue };
        if seen.insert(*root)
            && call.file == file
            && let Some(modules) = known.modules.get(root)
        {
            let calls: Vec<CallRef> = created.iter().filter(|(_, of)| *of == Some(*root)).map(|(call, _)| *call).collect();
            apps.push(configured(program, Some(&calls), created.len() == calls.len(), modules));
        }
    }
    apps
}

/// Whether a file's controllers are served although no application is seen to reach them: there is none, or one whose modules
/// could not all be told.
pub fn is_left_out(program: &dyn Program, file: FileId) -> bool {
    let own = own_controllers(program, file);
    if own.is_empty() {
        return false;
    }
    let known = Applications::of(program);
    if known.modules.is_empty() {
        return true;
    }
    let is_reached = |class: &ClassRef| known.modules.values().any(|modules| modules.controllers.contains_key(class));
    let is_clear = known.creations.iter().all(|(_, module)| module.is_some()) && known.modules.values().all(|modules| modules.is_clear);
    !is_clear && !own.iter().any(is_reached)
}

/// The controllers of a file under whatever configuration the program has.
pub fn without_modules(program: &dyn Program, file: FileId) -> App {
    struct Configured(App);
    let known = program.answers().once(|| Configured(configured(program, None, true, &Modules::default())));
    let controllers = own_controllers(program, file).into_iter().map(|class| (class, Vec::new())).collect();
    App { controllers, ..known.0.clone() }
}

fn own_controllers(program: &dyn Program, file: FileId) -> Vec<ClassRef> {
    let outline = &program.file(file).outline;
    let classes = (0u32..).zip(&outline.classes).filter(|(_, class)| !class.decorators.is_empty());
    classes
        .map(|(id, _)| ClassRef { file, id: crate::base::code::ClassId(id) })
        .filter(|class| {
            let at = program.around_class(*class);
            decorators(program, &at, &program.class(*class).decorators).iter().any(|decor| decor.of(COMMON) == Some("Controller"))
        })
        .collect()
}

/// What modules reach.
#[derive(Default)]
struct Modules {
    controllers: BTreeMap<ClassRef, Vec<ClassRef>>,
    prefixes: BTreeMap<ClassRef, Vec<Text>>,
    guards: Vec<guards::Guarded>,
    is_clear: bool,
    seen: BTreeSet<ClassRef>,
}

impl Modules {
    fn reached(program: &dyn Program, root: ClassRef) -> Self {
        let mut modules = Self { is_clear: true, ..Self::default() };
        let mut queue = vec![root];
        while let Some(module) = queue.pop() {
            if modules.seen.len() < MAX_MODULES && modules.seen.insert(module) {
                modules.module(program, module, &mut queue);
            }
        }
        modules
    }

    fn module(&mut self, program: &dyn Program, module: ClassRef, queue: &mut Vec<ClassRef>) {
        let at = program.around_class(module);
        let class = program.class(module);
        for decor in decorators(program, &at, &class.decorators) {
            if decor.of(COMMON) == Some("Module")
                && let Some(options) = decor.arg(0)
            {
                self.options(program, &decor.site, options, module, queue);
            }
        }
        for base in program.lineage(module).into_iter().skip(1) {
            queue.push(base);
        }
    }

    fn options(&mut self, program: &dyn Program, site: &Site, options: &Expr, module: ClassRef, queue: &mut Vec<ClassRef>) {
        for (key, value, at) in program.entries(site, options).unwrap_or_default() {
            match key.as_str() {
                "imports" => match program.items(&at, value) {
                    Some(items) => items.into_iter().for_each(|(item, at)| self.import(program, &at, item, queue)),
                    None => self.is_clear = false,
                },
                "controllers" => match program.items(&at, value) {
                    Some(items) => {
                        for (item, at) in items {
                            match program.resolve(&at, item).class() {
                                Some(class) => self.controllers.entry(class).or_default().push(module),
                                None => self.is_clear = false,
                            }
                        }
                    }
                    None => self.is_clear = false,
                },
                "providers" => {
                    for (item, at) in program.items(&at, value).unwrap_or_default() {
                        self.guards.extend(guards::provided(program, &at, item));
                    }
                }
                _ => {}
            }
        }
    }

    fn import(&mut self, program: &dyn Program, site: &Site, item: &Expr, queue: &mut Vec<ClassRef>) {
        let (module, dynamic) = module_of(program, site, item);
        queue.extend(module);
        if let Some((options, at)) = dynamic {
            // `static forRoot() { return { module: X, imports, controllers } }`.
            let own = program.entries(&at, options).unwrap_or_default();
            let named = own.iter().find(|(key, ..)| key == "module").and_then(|(_, value, at)| program.resolve(at, value).class());
            if let Some(module) = named.or(module) {
                queue.push(module);
                self.options(program, &at, options, module, queue);
            }
        } else if module.is_none() {
            self.is_clear &= self.outside(program, site, item);
        }
    }

    /// A module of a library; whether it is one.
    fn outside(&mut self, program: &dyn Program, site: &Site, item: &Expr) -> bool {
        let inner = if let Expr::Spread(inner) = item { inner } else { item };
        match program.resolve(site, inner) {
            Meaning::Outside(_) | Meaning::Value(Expr::Null | Expr::Bool(_), _) => true,
            Meaning::Value(Expr::Call(id), at) => {
                let call = CallRef { file: at.file, id: *id };
                let made = program.call(call);
                match program.callee(call) {
                    Meaning::Outside(path)
                        if path.as_str() == "@nestjs/core.RouterModule.register"
                            || path.as_str() == "@nestjs/core.RouterModule.forRoutes" =>
                    {
                        if let Some(routes) = made.positional(0) {
                            self.routes(program, &at, routes, &Text::default(), 0);
                        }
                        true
                    }
                    Meaning::Outside(_) => true,
                    // `ConditionalModule.registerWhen(X, …)` and what cannot be told.
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// `RouterModule.register([{ path: "admin", module: AdminModule, children: [UsersModule] }])`.
    fn routes(&mut self, program: &dyn Program, site: &Site, routes: &Expr, prefix: &Text, depth: u32) {
        if depth > 16 {
            return;
        }
        for (item, at) in program.items(site, routes).unwrap_or_default() {
            if let Some(module) = program.resolve(&at, item).class() {
                self.prefixes.entry(module).or_default().push(prefix.clone());
                continue;
            }
            let Some(entries) = program.entries(&at, item) else { continue };
            let entry = |key: &str| entries.iter().find(|(name, ..)| name == key);
            let own = entry("path").map(|(_, path, at)| program.text(at, path)).unwrap_or_default();
            let here = joined(prefix, &own);
            if let Some(module) = entry("module").and_then(|(_, module, at)| program.resolve(at, module).class()) {
                self.prefixes.entry(module).or_default().push(here.clone());
            }
            if let Some((_, children, at)) = entry("children") {
                self.routes(program, at, children, &here, depth + 1);
            }
        }
    }
}

/// Two parts of a path with a slash between them.
pub fn joined(one: &Text, other: &Text) -> Text {
    if one.is_empty() || other.is_empty() {
        return one.clone().then(other.clone());
    }
    one.clone().then(Text::known("/")).then(other.clone())
}

type Dynamic<'p> = Option<(&'p Expr, Site)>;

/// The module an import names, and the object that a dynamic module is.
fn module_of<'p>(program: &'p dyn Program, site: &Site, item: &'p Expr) -> (Option<ClassRef>, Dynamic<'p>) {
    match program.resolve(site, item) {
        Meaning::Class(class) => (Some(class), None),
        Meaning::Value(object @ Expr::Object(_), at) => (None, Some((object, at))),
        Meaning::Value(inner @ Expr::Call(id), at) => {
            let call = CallRef { file: at.file, id: *id };
            let made = program.call(call);
            match program.callee(call) {
                Meaning::Outside(path) if path.as_str() == "@nestjs/common.forwardRef" => {
                    let Some(Expr::Func(id)) = made.positional(0) else { return (None, None) };
                    let facts = program.file(at.file);
                    let returned = facts.returns_of(*id).first().and_then(|index| facts.outline.returns.get(*index as usize));
                    let class = returned.and_then(|value| program.resolve(&Site::of_scope(at.file, value.scope), &value.value).class());
                    (class, None)
                }
                Meaning::Function(_, class) => match program.produce(&at, inner) {
                    Meaning::Value(object @ Expr::Object(_), at) => (class, Some((object, at))),
                    Meaning::Class(made) => (Some(made), None),
                    _ => (class, None),
                },
                // A builder the library made: `class X extends ConfigurableModuleClass`, `X.forRoot()`.
                _ => match made.method().map(|(receiver, _)| program.resolve(&at, receiver)) {
                    Some(Meaning::Class(class)) => (Some(class), None),
                    _ => (None, None),
                },
            }
        }
        _ => (None, None),
    }
}

/// An application with what the calls on it say. `calls` are those that make it; `is_only` when there is no other.
fn configured(program: &dyn Program, calls: Option<&[CallRef]>, is_only: bool, modules: &Modules) -> App {
    let controllers = modules.controllers.iter().map(|(class, of)| {
        let mut prefixes: Vec<Text> =
            of.iter().flat_map(|module| modules.prefixes.get(module).cloned().unwrap_or_else(|| vec![Text::default()])).collect();
        prefixes.sort();
        prefixes.dedup();
        (*class, prefixes)
    });
    let mut app = App {
        controllers: controllers.collect(),
        prefix: Text::default(),
        excluded: Vec::new(),
        versioning: None,
        guards: modules.guards.clone(),
    };
    for file in (0..program.file_count())
        .map(FileId)
        .filter(|file| imports(program, *file, "@nestjs/common") || imports(program, *file, "@nestjs/core"))
    {
        for call in &program.file(file).outline.calls {
            let Some((receiver, name)) = call.method() else { continue };
            if !matches!(name.as_str(), "setGlobalPrefix" | "enableVersioning" | "useGlobalGuards") {
                continue;
            }
            let site = Site::of_call(file, call);
            if !is_on(program, &site, receiver, calls, is_only) {
                continue;
            }
            match name.as_str() {
                "setGlobalPrefix" if app.prefix.is_empty() => prefixed(program, &site, call, &mut app),
                "enableVersioning" => app.versioning = versioning(program, &site, call.positional(0)),
                "useGlobalGuards" => {
                    app.guards.extend(call.args.iter().filter_map(|arg| guards::guarded(program, &site, &arg.value, true)));
                }
                _ => {}
            }
        }
    }
    app
}

/// Whether a receiver is one of the applications that these calls make.
fn is_on(program: &dyn Program, site: &Site, receiver: &Expr, calls: Option<&[CallRef]>, is_only: bool) -> bool {
    let made: Vec<CallRef> = program
        .produce_all(site, receiver)
        .iter()
        .filter_map(|meaning| meaning.call().map(|(call, _)| call))
        .filter(|call| program.callee(*call).is_any(&["@nestjs/core.NestFactory.create"]))
        .collect();
    match calls {
        Some(calls) if !made.is_empty() => made.iter().any(|call| calls.contains(call)),
        // A test's application, or one that cannot be told.
        _ => is_only && !program.path(site.file).contains("test") && !program.path(site.file).contains("spec"),
    }
}

fn prefixed(program: &dyn Program, site: &Site, call: &crate::base::code::Call, app: &mut App) {
    let folded = |prefix: &Expr| settings::text(program, site, prefix).unwrap_or_else(|| program.text(site, prefix));
    app.prefix = call.positional(0).map(folded).unwrap_or_default();
    let options = call.positional(1).and_then(|options| program.entries(site, options)).unwrap_or_default();
    let Some((_, excluded, at)) = options.into_iter().find(|(key, ..)| key == "exclude") else { return };
    for (item, at) in program.items(&at, excluded).unwrap_or_default() {
        let path = match program.entries(&at, item) {
            Some(entries) => entries.iter().find(|(key, ..)| key == "path").and_then(|(_, path, at)| program.text(at, path).plain()),
            None => program.text(&at, item).plain(),
        };
        app.excluded.extend(path);
    }
}

/// `enableVersioning({ type: VersioningType.URI, defaultVersion: ["1", VERSION_NEUTRAL], prefix: "v" })`.
fn versioning(program: &dyn Program, site: &Site, options: Option<&Expr>) -> Option<Versioning> {
    let entries = options.and_then(|options| program.entries(site, options)).unwrap_or_default();
    let entry = |key: &str| entries.iter().find(|(name, ..)| name == key);
    if let Some((_, kind, at)) = entry("type")
        && let Meaning::Outside(path) = program.resolve(at, kind)
        && !path.ends_with(".URI")
    {
        return None;
    }
    let prefix = match entry("prefix") {
        Some((_, Expr::Bool(false), _)) => String::new(),
        Some((_, prefix, at)) => program.text(at, prefix).plain().unwrap_or_default(),
        None => "v".to_owned(),
    };
    let default = entry("defaultVersion").map(|(_, version, at)| versions(program, at, version)).unwrap_or_default();
    Some(Versioning { prefix, default })
}

/// The versions an expression names; the neutral version is empty.
pub fn versions(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<String> {
    let one = |expr: &Expr, at: &Site| match program.resolve(at, expr) {
        Meaning::Outside(path) if path.ends_with("VERSION_NEUTRAL") => Some(String::new()),
        Meaning::Value(Expr::Int(version), _) => Some(version.to_string()),
        _ => program.text(at, expr).plain(),
    };
    match program.items(site, expr) {
        Some(items) => items.into_iter().filter_map(|(item, at)| one(item, &at)).collect(),
        None => one(expr, site).into_iter().collect(),
    }
}

/// What each guard of all routes asks for, of a route that does not opt out.
pub fn schemes(app: &App, opened: impl Fn(&guards::Guarded) -> bool) -> Vec<Vec<SchemeUse>> {
    app.guards.iter().filter(|guard| !opened(guard)).map(|guard| guard.schemes.clone()).collect()
}
