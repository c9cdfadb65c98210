//! Views: functions and classes, and which methods they answer.

use super::drf;
use super::viewsets::{self, Action};
use super::{methods, requests, responses};
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::finding::{Method, Place, Route, SchemeKind, SchemeUse, Security};
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Program, Site, Text};
use crate::frameworks::interpret::methods_of;
use crate::frameworks::python::guards;

/// How many wrappers may stand around a view.
const MAX_DEPTH: u32 = 6;

/// Library classes, by the last part of their names, and the methods they answer.
const LIBRARY: &[(&str, &[Method])] = &[
    ("TemplateView", &[Method::Get]),
    ("RedirectView", &[Method::Get]),
    ("ListView", &[Method::Get]),
    ("DetailView", &[Method::Get]),
    ("ArchiveIndexView", &[Method::Get]),
    ("YearArchiveView", &[Method::Get]),
    ("MonthArchiveView", &[Method::Get]),
    ("WeekArchiveView", &[Method::Get]),
    ("DayArchiveView", &[Method::Get]),
    ("TodayArchiveView", &[Method::Get]),
    ("DateDetailView", &[Method::Get]),
    ("FilterView", &[Method::Get]),
    ("SingleTableView", &[Method::Get]),
    ("FormView", &[Method::Get, Method::Post]),
    ("CreateView", &[Method::Get, Method::Post]),
    ("UpdateView", &[Method::Get, Method::Post]),
    ("DeleteView", &[Method::Get, Method::Post]),
    ("LoginView", &[Method::Get, Method::Post]),
    ("LogoutView", &[Method::Post]),
    ("PasswordChangeView", &[Method::Get, Method::Post]),
    ("PasswordResetView", &[Method::Get, Method::Post]),
    ("PasswordResetConfirmView", &[Method::Get, Method::Post]),
    ("ListAPIView", &[Method::Get]),
    ("RetrieveAPIView", &[Method::Get]),
    ("CreateAPIView", &[Method::Post]),
    ("DestroyAPIView", &[Method::Delete]),
    ("UpdateAPIView", &[Method::Put, Method::Patch]),
    ("ListCreateAPIView", &[Method::Get, Method::Post]),
    ("RetrieveUpdateAPIView", &[Method::Get, Method::Put, Method::Patch]),
    ("RetrieveDestroyAPIView", &[Method::Get, Method::Delete]),
    ("RetrieveUpdateDestroyAPIView", &[Method::Get, Method::Put, Method::Patch, Method::Delete]),
    ("ObtainAuthToken", &[Method::Post]),
    ("TokenObtainPairView", &[Method::Post]),
    ("TokenRefreshView", &[Method::Post]),
    ("TokenVerifyView", &[Method::Post]),
    ("TokenBlacklistView", &[Method::Post]),
    ("TokenObtainSlidingView", &[Method::Post]),
    ("TokenRefreshSlidingView", &[Method::Post]),
    ("TokenViewBase", &[Method::Post]),
    ("obtain_auth_token", &[Method::Post]),
    ("obtain_jwt_token", &[Method::Post]),
    ("refresh_jwt_token", &[Method::Post]),
    ("verify_jwt_token", &[Method::Post]),
];

/// The routes of a view at a path.
#[must_use]
pub fn routes(program: &dyn Program, site: &Site, view: &Expr, base: &Route) -> Vec<Route> {
    let reading = Reading { program, base };
    reading.view(site, view, &Security::Inherit, 0)
}

struct Reading<'p> {
    program: &'p dyn Program,
    base: &'p Route,
}

impl Reading<'_> {
    fn view(&self, site: &Site, view: &Expr, security: &Security, depth: u32) -> Vec<Route> {
        if depth > MAX_DEPTH {
            return Vec::new();
        }
        let meaning = match view {
            // `url("…", "app.views.index")` of old.
            Expr::Str(path) => self.program.named(site.file, path),
            other => self.program.resolve(site, other),
        };
        match &meaning {
            Meaning::Value(Expr::Call(id), at) => self.made(CallRef { file: at.file, id: *id }, at, security, depth),
            Meaning::Value(Expr::Cond(cond), at) => self.view(at, &cond.yes, security, depth + 1),
            Meaning::Outside(path) => self.library(path),
            other => match other.function() {
                Some(function) => self.function(function, security),
                None => Vec::new(),
            },
        }
    }

    /// `View.as_view(…)`, `login_required(view)`, `cache_page(60)(view)`.
    fn made(&self, call: CallRef, at: &Site, security: &Security, depth: u32) -> Vec<Route> {
        let program = self.program;
        let made = program.call(call);
        let inside = at.moved(call.file, made.scope, made.at.offset);
        if let Some((receiver, name)) = made.method()
            && matches!(name.as_str(), "as_view" | "as_asgi" | "without_ui" | "with_ui")
        {
            return match program.resolve(&inside, receiver) {
                Meaning::Class(class) => self.class(class, made, &inside, security),
                Meaning::Outside(path) => self.library(&path),
                _ => Vec::new(),
            };
        }
        if let Meaning::Class(class) = program.callee(call) {
            let is_feed = program.outside_bases(class).iter().any(|base| base.ends_with(".Feed"));
            return if is_feed { vec![self.plain(Method::Get, program.class(class).name.clone())] } else { Vec::new() };
        }
        let guard = guards::guard(program, &inside, &made.callee);
        let security = match guard {
            Some(scheme) => &Security::Schemes(vec![scheme]),
            None => security,
        };
        let wrapped = made.args.iter().map(|arg| self.view(&inside, &arg.value, security, depth + 1)).find(|routes| !routes.is_empty());
        wrapped.unwrap_or_default()
    }

    fn plain(&self, method: Method, symbol: Name) -> Route {
        Route { methods: vec![method], place: Place { symbol, ..self.base.place.clone() }, ..self.base.clone() }
    }

    /// A view that a library brings.
    fn library(&self, path: &str) -> Vec<Route> {
        let name = path.rsplit('.').next().unwrap_or(path);
        if path.starts_with("builtins.") || matches!(path, "django.views.static.serve") {
            return Vec::new();
        }
        let methods = LIBRARY.iter().find(|(known, _)| *known == name).map_or(&[Method::Get][..], |(_, methods)| *methods);
        let is_api = methods == [Method::Post] && name != "LogoutView";
        methods
            .iter()
            .map(|method| Route { hidden: is_document(path) || (self.base.hidden && !is_api), ..self.plain(*method, name.into()) })
            .collect()
    }

    fn class(&self, class: ClassRef, made: &Call, site: &Site, security: &Security) -> Vec<Route> {
        let program = self.program;
        if let Some(action) = viewsets::mapped(program, site, made, class) {
            return viewsets::routes(program, class, &action, &Route { hidden: false, ..self.base.clone() });
        }
        let allowed = made
            .keyword("http_method_names")
            .map(|methods| methods_of(program, site, methods))
            .or_else(|| viewsets::allowed(program, class));
        let is_rest = is_rest(program, class);
        let mut found = Vec::new();
        for method in class_methods(program, class) {
            if allowed.as_ref().is_some_and(|allowed| !allowed.contains(&method)) {
                continue;
            }
            let name = verb(method);
            let handler = program.method(class, name);
            let class_name = &program.class(class).name;
            let place = match handler {
                Some(handler) => Place { file: handler.file, symbol: Name::default(), line: program.function(handler).at.line },
                None => Place { file: class.file, symbol: Name::default(), line: program.class(class).at.line },
            };
            let symbol: Name = if handler.is_some() { format!("{class_name}.{name}").into() } else { class_name.clone() };
            let mut route = Route { methods: vec![method], handler, place: Place { symbol, ..place }, ..self.base.clone() };
            if is_rest {
                route.hidden = false;
                let action = Action { detail: false, path: Text::default(), methods: Vec::new(), declared: None };
                drf::describe(program, class, &name.into(), &action, &mut route);
                route.hidden |= program.outside_bases(class).iter().any(|base| is_document(base));
            } else {
                described(program, handler, &mut route);
                route.security = class_security(program, class);
            }
            if route.security == Security::Inherit {
                route.security = security.clone();
            }
            found.push(route);
        }
        found
    }

    fn function(&self, function: FuncRef, security: &Security) -> Vec<Route> {
        let program = self.program;
        let name = program.function(function).name.clone();
        let place = Place { file: function.file, symbol: name, line: program.function(function).at.line };
        let said = methods::api_view(program, function);
        let methods = said.clone().unwrap_or_else(|| methods::function_methods(program, function));
        let mut found = Vec::new();
        for method in &methods {
            let mut route = Route { methods: vec![*method], handler: Some(function), place: place.clone(), ..self.base.clone() };
            described(program, Some(function), &mut route);
            if methods.len() > 1 && matches!(method, Method::Get | Method::Head | Method::Delete) {
                route.body = None;
            }
            route.security = guards::security(program, function);
            if said.is_some() {
                route.hidden = false;
                drf::describe_function(program, function, &mut route);
            }
            if route.security == Security::Inherit {
                route.security = security.clone();
            }
            found.push(route);
        }
        found
    }
}

/// Whether a library's view serves the API's document, or its index.
fn is_document(path: &str) -> bool {
    const WORDS: &[&str] = &["Spectacular", "SchemaView", "Swagger", "Redoc", "schema_view", "APIRootView"];
    WORDS.iter().any(|word| path.contains(word))
}

/// What a plain Django handler reads and returns.
fn described(program: &dyn Program, handler: Option<FuncRef>, route: &mut Route) {
    let Some(handler) = handler else { return };
    let taken = requests::taken(program, handler);
    route.body = taken.body();
    if matches!(route.methods.as_slice(), [Method::Get | Method::Head]) {
        route.body = None;
    }
    route.params = taken.params;
    route.responses = responses::of_view(program, handler);
    if let Some(doc) = &program.function(handler).doc {
        let mut parts = doc.splitn(2, "\n\n");
        let summary: Vec<&str> = parts.next().unwrap_or_default().split_whitespace().collect();
        route.summary = Some(summary.join(" ").trim_end_matches('.').into());
        route.description = parts.next().map(str::trim).filter(|rest| !rest.is_empty()).map(Name::from);
    }
}

/// Whether a class is one of Django REST framework's.
#[must_use]
pub fn is_rest(program: &dyn Program, class: ClassRef) -> bool {
    program
        .outside_bases(class)
        .iter()
        .any(|base| base.starts_with("rest_framework") || base.contains("APIView") || base.ends_with("ViewSet"))
}

/// The name of a method as classes write it.
#[must_use]
pub fn verb(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Put => "put",
        Method::Post => "post",
        Method::Delete => "delete",
        Method::Options => "options",
        Method::Head => "head",
        Method::Patch => "patch",
        Method::Trace => "trace",
    }
}

/// The methods a class answers: those it defines, and those of its library bases.
fn class_methods(program: &dyn Program, class: ClassRef) -> Vec<Method> {
    let mut found: Vec<Method> = Vec::new();
    for method in [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete, Method::Head] {
        if program.method(class, verb(method)).is_some() {
            found.push(method);
        }
    }
    // A framework of its own may dispatch by class attributes: `get = View.list`.
    for base in program.outside_bases(class) {
        let name = base.rsplit('.').next().unwrap_or(&base);
        if let Some((_, methods)) = LIBRARY.iter().find(|(known, _)| *known == name) {
            found.extend(methods.iter());
        }
    }
    if found.is_empty()
        && (program.method(class, "dispatch").is_some()
            || !program.outside_bases(class).iter().any(|base| base.starts_with("rest_framework")))
    {
        found.push(Method::Get);
    }
    found.sort();
    found.dedup();
    found
}

/// `LoginRequiredMixin`, `PermissionRequiredMixin`, `@method_decorator(login_required, name="dispatch")`, guards on `dispatch`.
fn class_security(program: &dyn Program, class: ClassRef) -> Security {
    const MIXINS: &[&str] = &[
        "LoginRequiredMixin",
        "PermissionRequiredMixin",
        "UserPassesTestMixin",
        "StaffuserRequiredMixin",
        "SuperuserRequiredMixin",
        "GroupRequiredMixin",
        "AccessMixin",
    ];
    for base in program.outside_bases(class) {
        let name = base.rsplit('.').next().unwrap_or(&base);
        if MIXINS.contains(&name) {
            return Security::Schemes(vec![SchemeUse { name: name.into(), kind: SchemeKind::Guard, scopes: Vec::new() }]);
        }
    }
    for class in program.lineage(class) {
        let by_class = guards::of_decorators(program, &program.around_class(class), &program.class(class).decorators);
        if by_class != Security::Inherit {
            return by_class;
        }
        if let Some(dispatch) = program.method(class, "dispatch") {
            let by_dispatch = guards::security(program, dispatch);
            if by_dispatch != Security::Inherit {
                return by_dispatch;
            }
        }
    }
    Security::Inherit
}
