//! `urlpatterns`: lists of `path(…)`, `re_path(…)`, `include(…)`.

use super::{FRAMEWORK, routers, settings, views};
use crate::base::Name;
use crate::base::code::{Call, Expr, ScopeId};
use crate::facts::file::Binding;
use crate::facts::finding::{Findings, Mount, Origin, Owner, OwnerKey, PathSyntax, PathText, Place, Route, Traits};
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site, Text};

/// How deep lists may nest.
const MAX_DEPTH: u32 = 12;
/// How many patterns one file may say.
const MAX_PATTERNS: usize = 5_000;

/// Reads the patterns of one file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if program.file(file).bound(ScopeId(0), "urlpatterns").is_empty() {
        return;
    }
    let is_root = settings::root_urlconfs(program).contains(&file);
    if !is_root && settings::is_test(program.path(file)) {
        return;
    }
    let owner = OwnerKey::from(file);
    findings.owners.push(Owner {
        key: owner.clone(),
        framework: FRAMEWORK.id,
        is_root,
        prefix: PathText::default(),
        traits: Traits::default(),
        place: Place { file, ..Place::default() },
    });
    let mut patterns = Patterns {
        program,
        findings,
        names: Vec::new(),
        count: 0,
        is_documented: settings::has_document(program),
        version: settings::version(program),
    };
    patterns.name(&owner, file, ScopeId(0), "urlpatterns", 0);
}

struct Patterns<'p, 'f> {
    program: &'p dyn Program,
    findings: &'f mut Findings,
    /// Names that are being read.
    names: Vec<(FileId, ScopeId, String)>,
    count: usize,
    /// Django REST framework documents itself: what it does not serve is not in its document.
    is_documented: bool,
    /// The one version of the API that paths may name.
    version: Option<String>,
}

impl<'p> Patterns<'p, '_> {
    /// Everything a name is bound to and everything that is appended to it.
    fn name(&mut self, owner: &OwnerKey, file: FileId, scope: ScopeId, name: &str, depth: u32) {
        let key = (file, scope, name.to_owned());
        if self.names.contains(&key) {
            return;
        }
        self.names.push(key);
        let program = self.program;
        let facts = program.file(file);
        for bound in facts.bound(scope, name) {
            match bound.to {
                Binding::Assign(index) => {
                    let assign = &facts.outline.assigns[index as usize];
                    let at = Site { file, scope: assign.scope, offset: assign.at.offset, env: None };
                    self.list(owner, &at, &assign.value, depth + 1);
                }
                Binding::Import(_) if facts.bound(scope, name).len() == 1 => {
                    if let Meaning::Value(value, at) = program.resolve(&Site::of_scope(file, scope), &Expr::Ref(name.into())) {
                        self.list(owner, &at, value, depth + 1);
                    }
                }
                _ => {}
            }
        }
        for call in &facts.outline.calls {
            let Some((Expr::Ref(of), method)) = call.method() else { continue };
            if of != name || !facts.outline.is_within(call.scope, scope) {
                continue;
            }
            let at = Site::of_call(file, call);
            match method.as_str() {
                "append" | "insert" => {
                    if let Some(item) = call.args.last() {
                        self.item(owner, &at, &item.value, depth + 1);
                    }
                }
                "extend" => {
                    if let Some(list) = call.positional(0) {
                        self.list(owner, &at, list, depth + 1);
                    }
                }
                _ => {}
            }
        }
        self.names.pop();
    }

    fn list(&mut self, owner: &OwnerKey, site: &Site, expr: &Expr, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        match expr {
            Expr::List(items) => items.iter().for_each(|item| self.item(owner, site, item, depth + 1)),
            Expr::Binary(binary) => {
                self.list(owner, site, &binary.left, depth + 1);
                self.list(owner, site, &binary.right, depth + 1);
            }
            Expr::Cond(cond) => {
                self.list(owner, site, &cond.yes, depth + 1);
                self.list(owner, site, &cond.no, depth + 1);
            }
            Expr::Spread(inner) => self.list(owner, site, inner, depth + 1),
            Expr::Each(_) => {
                for (item, at) in self.program.items(site, expr).unwrap_or_default() {
                    self.item(owner, &at, item, depth + 1);
                }
            }
            Expr::Call(id) => self.list_call(owner, site, CallRef { file: site.file, id: *id }, depth),
            Expr::Ref(name) => self.listed_name(owner, site, expr, name, depth),
            Expr::Member(of, name) if name == "urls" && self.mount_router(owner, site, of, &PathText::default()) => {}
            Expr::Member(..) | Expr::Index(_) => self.resolved(owner, site, expr, depth),
            _ => {}
        }
    }

    /// A name for a list: where it stands in a module of its own, with what is appended to it there.
    fn listed_name(&mut self, owner: &OwnerKey, site: &Site, expr: &Expr, name: &str, depth: u32) {
        match self.program.resolve(site, expr) {
            Meaning::Outside(_) => {}
            Meaning::Value(value, at) => {
                let facts = self.program.file(at.file);
                let is_named = !facts.bound(at.scope, name).is_empty();
                if is_named
                    && !matches!(value, Expr::Call(_))
                    && !self.names.iter().any(|(file, scope, known)| *file == at.file && *scope == at.scope && known == name)
                {
                    self.name(owner, at.file, at.scope, name, depth + 1);
                } else {
                    self.list(owner, &at, value, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn resolved(&mut self, owner: &OwnerKey, site: &Site, expr: &Expr, depth: u32) {
        if let Meaning::Value(value, at) = self.program.produce(site, expr)
            && !matches!(value, Expr::Ref(_) | Expr::Member(..))
        {
            self.list(owner, &at, value, depth + 1);
        }
    }

    /// Calls that give lists of patterns.
    fn list_call(&mut self, owner: &OwnerKey, site: &Site, call: CallRef, depth: u32) {
        let made = self.program.call(call);
        let at = site.moved(call.file, made.scope, made.at.offset);
        match self.program.resolve(&at, &made.callee) {
            Meaning::Outside(path) => match path.rsplit('.').next().unwrap_or_default() {
                "i18n_patterns" => {
                    for arg in made.args.iter().filter(|arg| arg.name.is_none()) {
                        match &arg.value {
                            Expr::Spread(inner) => self.list(owner, &at, inner, depth + 1),
                            item => self.item(owner, &at, item, depth + 1),
                        }
                    }
                }
                "format_suffix_patterns" | "list" | "tuple" | "required" | "decorator_include" => {
                    if let Some(list) = made.args.first() {
                        self.list(owner, &at, &list.value, depth + 1);
                    }
                }
                // `patterns("prefix", url(…), …)` of old.
                "patterns" => made.args.iter().skip(1).for_each(|arg| self.item(owner, &at, &arg.value, depth + 1)),
                _ => {}
            },
            callee if callee.function().is_some() => {
                if let Meaning::Value(value, inner) = self.program.produce(site, &Expr::Call(call.id))
                    && !matches!(value, Expr::Call(_))
                {
                    self.list(owner, &inner, value, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn item(&mut self, owner: &OwnerKey, site: &Site, expr: &Expr, depth: u32) {
        self.count += 1;
        if depth > MAX_DEPTH || self.count > MAX_PATTERNS {
            return;
        }
        match expr {
            Expr::Spread(inner) => self.list(owner, site, inner, depth + 1),
            Expr::Cond(cond) => {
                self.item(owner, site, &cond.yes, depth + 1);
                self.item(owner, site, &cond.no, depth + 1);
            }
            Expr::Call(_) | Expr::Ref(_) | Expr::Member(..) => {
                for meaning in self.program.produce_all(site, expr) {
                    match meaning {
                        Meaning::Value(Expr::Call(id), at) => self.pattern(owner, &at, CallRef { file: at.file, id: *id }, depth),
                        Meaning::Value(list @ (Expr::List(_) | Expr::Each(_)), at) => self.list(owner, &at, list, depth + 1),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// `path(route, view)`.
    fn pattern(&mut self, owner: &OwnerKey, site: &Site, call: CallRef, depth: u32) {
        let made = self.program.call(call);
        let at = site.moved(call.file, made.scope, made.at.offset);
        let Meaning::Outside(callee) = self.program.resolve(&at, &made.callee) else { return };
        let syntax = match callee.rsplit('.').next().unwrap_or_default() {
            "path" => PathSyntax::Angle,
            "re_path" | "url" => PathSyntax::Regex,
            "i18n_patterns" | "patterns" | "format_suffix_patterns" => return self.list_call(owner, site, call, depth),
            _ => return,
        };
        if !callee.starts_with("django.") && !callee.starts_with("rest_framework.") {
            return;
        }
        let route = made.arg(0, "route").or_else(|| made.keyword("regex"));
        let (Some(route), Some(view)) = (route, made.arg(1, "view")) else { return };
        let path = PathText::new(self.versioned(self.program.text(&at, translated(self.program, &at, route))), syntax);
        self.view(owner, &at, call, made, view, path, depth);
    }

    /// `v(?P<version>\\d+)/` where only one version is allowed.
    fn versioned(&self, text: Text) -> Text {
        let (Some(version), Some(path)) = (&self.version, text.plain()) else { return text };
        if let Some(start) = path.find("(?P<version>")
            && let Some(length) = closed(&path[start..])
        {
            return Text::known(&format!("{}{version}{}", &path[..start], &path[start + length..]));
        }
        match path.find("<str:version>").map(|start| (start, 13)).or_else(|| path.find("<version>").map(|start| (start, 9))) {
            Some((start, length)) => Text::known(&format!("{}{version}{}", &path[..start], &path[start + length..])),
            None => text,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a pattern says, taken apart once")]
    fn view(&mut self, owner: &OwnerKey, at: &Site, call: CallRef, made: &Call, view: &Expr, path: PathText, depth: u32) {
        let meaning = self.program.resolve(at, view);
        if let Some((inner, inner_at)) = meaning.call() {
            let included = self.program.call(inner);
            let inside = inner_at.moved(inner.file, included.scope, included.at.offset);
            let callee = self.program.resolve(&inside, &included.callee);
            if callee.outside().is_some_and(|path| path.ends_with(".include") || path.ends_with(".decorator_include")) {
                let position = usize::from(callee.outside().is_some_and(|path| path.ends_with(".decorator_include")));
                if let Some(target) = included.args.iter().filter(|arg| arg.name.is_none()).nth(position).or_else(|| included.args.first())
                {
                    self.include(owner, &inside, call, &target.value, path, depth);
                }
                return;
            }
        }
        if is_admin(view) {
            return;
        }
        // A triple that a library gives: `(patterns, app, namespace)`.
        if let Expr::Member(of, name) = view
            && name == "urls"
            && self.mount_router(owner, at, of, &path)
        {
            return;
        }
        let route = Route {
            framework: FRAMEWORK.id,
            owner: Some(owner.clone()),
            path,
            place: Place { file: call.file, symbol: Name::default(), line: made.at.line },
            hidden: self.is_documented,
            ..Route::default()
        };
        self.findings.routes.extend(views::routes(self.program, at, view, &route));
    }

    fn include(&mut self, owner: &OwnerKey, site: &Site, pattern: CallRef, target: &Expr, prefix: PathText, depth: u32) {
        let target = match target {
            // `(patterns, "namespace")`
            Expr::List(items)
                if items.len() >= 2 && self.program.text(site, &items[1]).plain().is_some() && !matches!(items[1], Expr::Call(_)) =>
            {
                &items[0]
            }
            other => other,
        };
        if is_admin(target) {
            return;
        }
        if let Expr::Member(of, name) = target
            && name == "urls"
            && self.mount_router(owner, site, of, &prefix)
        {
            return;
        }
        let named = self.program.text(site, target).plain().filter(|path| !path.is_empty() && !matches!(target, Expr::List(_)));
        let module = match &named {
            Some(path) => self.program.named(site.file, path),
            None => self.program.resolve(site, target),
        };
        match module {
            Meaning::Module(file, _) => self.mount(owner, OwnerKey::from(file), prefix, pattern),
            Meaning::Outside(_) | Meaning::Unknown => {}
            _ => {
                let inner = OwnerKey { origin: Origin::Call(pattern), env: site.env.clone() };
                self.mount(owner, inner.clone(), prefix, pattern);
                self.list(&inner, site, target, depth + 1);
            }
        }
    }

    fn mount_router(&mut self, owner: &OwnerKey, site: &Site, router: &Expr, prefix: &PathText) -> bool {
        let routers = routers::owners_of(self.program, site, router);
        for router in &routers {
            self.findings.mounts.push(Mount {
                framework: FRAMEWORK.id,
                parent: owner.clone(),
                children: vec![router.clone()],
                prefix: prefix.clone(),
                replaces_prefix: false,
                traits: Traits::default(),
                place: Place { file: site.file, ..Place::default() },
            });
        }
        !routers.is_empty()
    }

    fn mount(&mut self, parent: &OwnerKey, child: OwnerKey, prefix: PathText, pattern: CallRef) {
        self.findings.mounts.push(Mount {
            framework: FRAMEWORK.id,
            parent: parent.clone(),
            children: vec![child],
            prefix,
            replaces_prefix: false,
            traits: Traits::default(),
            place: Place { file: pattern.file, symbol: Name::default(), line: self.program.call(pattern).at.line },
        });
    }
}

/// The length of a group that a text begins with.
fn closed(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (index, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(index + 1);
        }
    }
    None
}

/// `_("about/")`: the text that is translated.
fn translated<'e>(program: &'e dyn Program, site: &Site, route: &'e Expr) -> &'e Expr {
    let Expr::Call(id) = route else { return route };
    let call = program.file(site.file).outline.call(*id);
    let is_translated = call
        .callee
        .last_name()
        .is_some_and(|name| matches!(name.as_str(), "_" | "gettext_lazy" | "gettext" | "pgettext_lazy" | "ugettext_lazy"));
    if is_translated { call.args.last().map_or(route, |arg| &arg.value) } else { route }
}

/// `admin.site.urls`.
fn is_admin(expr: &Expr) -> bool {
    expr.dotted().is_some_and(|path| path.ends_with("site.urls"))
}
