//! Owners, mounts and routes of the whole program, joined to the operations it serves.
//!
//! A path is joined from every root: owners are nodes, mounts are edges, routes are leaves. One notion for every framework.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{self, Template};
use crate::base::Name;
use crate::facts::finding::{
    BodyFinding, Findings, GapFinding, Location, Method, Mount, Origin, Owner, OwnerKey, ParamFinding, PathText, Place, ResponseFinding,
    Route, SchemeUse, Traits,
};
use crate::facts::program::{Env, FuncRef, Text};
use crate::facts::shape::Shape;

/// An operation that is served.
#[derive(Clone, Debug)]
pub struct Served {
    /// Its method.
    pub method: Method,
    /// Its full path, as an OpenAPI template.
    pub path: String,
    /// Parameters, path parameters first.
    pub params: Vec<ParamFinding>,
    /// Request body.
    pub body: Option<BodyFinding>,
    /// Responses, by status.
    pub responses: Vec<ResponseFinding>,
    /// Alternatives, each with all the schemes it asks for; empty when nothing is asked for.
    pub security: Vec<Vec<SchemeUse>>,
    /// Tags.
    pub tags: Vec<Name>,
    /// Short text.
    pub summary: Option<Name>,
    /// Long text.
    pub description: Option<Name>,
    /// Given operation id.
    pub operation_id: Option<Name>,
    /// `deprecated`.
    pub deprecated: bool,
    /// Kept out of the framework's own document.
    pub hidden: bool,
    /// The framework's id.
    pub framework: &'static str,
    /// The handler.
    pub handler: Option<FuncRef>,
    /// Where it is said.
    pub place: Place,
    /// A step from code to promise rests on a convention, or is missing (`holes`).
    pub is_implied: bool,
    /// Told by an API document that the program takes for its router.
    pub is_documented: bool,
    /// Parts of the path that are not known.
    pub holes: Vec<Name>,
    /// The application that serves it.
    pub application: Option<Origin>,
}

/// All operations, and what could not be joined.
#[derive(Clone, Debug, Default)]
pub struct Http {
    /// Operations, by path, method and place.
    pub operations: Vec<Served>,
    /// Where applications are made.
    pub applications: Vec<Place>,
    /// Open questions.
    pub gaps: Vec<GapFinding>,
}

impl Http {
    /// Puts every operation under a path that something in front of the program adds.
    pub fn put_under(&mut self, base: &str) {
        for operation in &mut self.operations {
            operation.path = paths::join(base, &operation.path);
        }
    }
}

const MAX_DEPTH: usize = 16;
const MAX_OPERATIONS: usize = 50_000;

/// Joins everything found.
#[must_use]
pub fn join(findings: &Findings) -> Http {
    let mut joiner = Joiner::new(findings);
    let mounted: BTreeSet<Origin> = findings.mounts.iter().flat_map(|mount| mount.children.iter().map(|child| child.origin)).collect();
    // An application that is mounted on another is served there.
    for owner in findings.owners.iter().filter(|owner| owner.is_root && !mounted.contains(&owner.key.origin)) {
        let above = Above { application: Some(owner.key.origin), ..Above::default() };
        joiner.visit(&owner.key, &above, &mut Vec::new());
    }
    joiner.given(&mounted);
    joiner.roots_left_over();
    for route in findings.routes.iter().filter(|route| route.owner.is_none()) {
        joiner.serve(route, &Above::default());
    }
    let mut http = Http { operations: joiner.served, applications: applications(findings, &mounted), gaps: findings.gaps.clone() };
    http.gaps.sort();
    http.gaps.dedup();
    http.operations.sort_by(|a, b| (&a.path, a.method, &a.place).cmp(&(&b.path, b.method, &b.place)));
    http.operations.dedup_by(|a, b| a.path == b.path && a.method == b.method && a.place == b.place);
    http
}

/// Where applications are made that nobody mounts on another.
fn applications(findings: &Findings, mounted: &BTreeSet<Origin>) -> Vec<Place> {
    let roots = findings.owners.iter().filter(|owner| owner.is_root && !mounted.contains(&owner.key.origin));
    let places: BTreeSet<&Place> = roots.map(|owner| &owner.place).collect();
    places.into_iter().cloned().collect()
}

/// What comes down from owners and mounts above.
#[derive(Clone, Debug, Default)]
struct Above {
    prefix: Vec<PathText>,
    security: Vec<Vec<SchemeUse>>,
    tags: Vec<Name>,
    params: Vec<ParamFinding>,
    responses: Vec<ResponseFinding>,
    deprecated: bool,
    hidden: bool,
    application: Option<Origin>,
    /// The framework whose mount led here.
    mounted_by: Option<&'static str>,
}

impl Above {
    fn with(&self, prefix: Option<&PathText>, traits: &Traits) -> Self {
        let mut below = self.clone();
        below.prefix.extend(prefix.filter(|prefix| !prefix.text.is_empty()).cloned());
        if traits.is_apart {
            below.security.clear();
            below.params.clear();
            below.responses.clear();
        }
        below.security = traits.security.below(&below.security);
        below.tags.extend(traits.tags.iter().cloned());
        below.params.extend(traits.params.iter().cloned());
        below.responses.extend(traits.responses.iter().cloned());
        below.deprecated |= traits.deprecated;
        below.hidden |= traits.hidden;
        below
    }
}

struct Joiner<'f> {
    owners: BTreeMap<Origin, Vec<&'f Owner>>,
    mounts: BTreeMap<Origin, Vec<&'f Mount>>,
    routes: BTreeMap<Origin, Vec<&'f Route>>,
    findings: &'f Findings,
    seen: BTreeSet<Origin>,
    served: Vec<Served>,
}

/// Whether something said under `said` frames holds for an instance under `here`.
fn holds(said: &Env, here: &Env) -> bool {
    said.is_none() || here.is_none() || said == here
}

impl<'f> Joiner<'f> {
    fn new(findings: &'f Findings) -> Self {
        let mut joiner = Self {
            owners: BTreeMap::new(),
            mounts: BTreeMap::new(),
            routes: BTreeMap::new(),
            findings,
            seen: BTreeSet::new(),
            served: Vec::new(),
        };
        for owner in &findings.owners {
            joiner.owners.entry(owner.key.origin).or_default().push(owner);
        }
        for mount in &findings.mounts {
            joiner.mounts.entry(mount.parent.origin).or_default().push(mount);
        }
        for route in &findings.routes {
            if let Some(owner) = &route.owner {
                joiner.routes.entry(owner.origin).or_default().push(route);
            }
        }
        joiner
    }

    fn owner(&self, key: &OwnerKey) -> Option<&'f Owner> {
        let owners = self.owners.get(&key.origin)?;
        owners
            .iter()
            .find(|owner| owner.key.env == key.env)
            .or_else(|| owners.iter().find(|owner| holds(&owner.key.env, &key.env)))
            .copied()
    }

    fn visit(&mut self, key: &OwnerKey, above: &Above, path: &mut Vec<Origin>) {
        if path.len() > MAX_DEPTH || path.contains(&key.origin) || self.served.len() > MAX_OPERATIONS {
            return;
        }
        self.seen.insert(key.origin);
        path.push(key.origin);
        let here = match self.owner(key) {
            Some(owner) => above.with(Some(&owner.prefix), &owner.traits),
            None => above.clone(),
        };
        self.below(key, &here, path);
        path.pop();
    }

    /// Serves the routes of an owner, then visits what is mounted on it.
    fn below(&mut self, key: &OwnerKey, here: &Above, path: &mut Vec<Origin>) {
        // A function is given what mounts it: what other frameworks would read in it is not said.
        let given_by = here.mounted_by.filter(|_| matches!(key.origin, Origin::Function(_)));
        let is_said_by = |framework: &str| given_by.is_none_or(|given| given == framework);
        for route in self.routes.get(&key.origin).cloned().unwrap_or_default() {
            if is_said_by(route.framework) && route.owner.as_ref().is_some_and(|owner| holds(&owner.env, &key.env)) {
                self.serve(route, here);
            }
        }
        for mount in self.mounts.get(&key.origin).cloned().unwrap_or_default() {
            if !is_said_by(mount.framework) || !holds(&mount.parent.env, &key.env) {
                continue;
            }
            for child in &mount.children {
                let child = OwnerKey { origin: child.origin, env: child.env.clone().or_else(|| key.env.clone()) };
                let below = Above { mounted_by: Some(mount.framework), ..here.with(Some(&mount.prefix), &mount.traits) };
                if mount.replaces_prefix {
                    self.visit_without_prefix(&child, &below, path);
                } else {
                    self.visit(&child, &below, path);
                }
            }
        }
    }

    /// As `visit`, the owner's own prefix left out.
    fn visit_without_prefix(&mut self, key: &OwnerKey, above: &Above, path: &mut Vec<Origin>) {
        if path.len() > MAX_DEPTH || path.contains(&key.origin) {
            return;
        }
        self.seen.insert(key.origin);
        path.push(key.origin);
        let here = self.owner(key).map_or_else(|| above.clone(), |owner| above.with(None, &owner.traits));
        self.below(key, &here, path);
        path.pop();
    }

    /// Functions that are given an application, and that nobody is seen to call: what calls them finds them by a name, or a library
    /// does. The only application of their framework is taken for theirs.
    fn given(&mut self, mounted: &BTreeSet<Origin>) {
        for (function, framework) in &self.findings.given {
            let origin = Origin::Function(*function);
            if self.seen.contains(&origin) || mounted.contains(&origin) {
                continue;
            }
            let applications = self.findings.owners.iter().filter(|owner| owner.is_root && owner.framework == *framework);
            let applications: Vec<&Owner> = applications.filter(|owner| !mounted.contains(&owner.key.origin)).collect();
            let above = match applications.as_slice() {
                [only] => Above { application: Some(only.key.origin), ..Above::default() }.with(Some(&only.prefix), &only.traits),
                _ => Above::default(),
            };
            self.visit_implied(&OwnerKey::from(*function), &above);
        }
        // What is mounted where nobody comes is an application still.
        for owner in self.findings.owners.iter().filter(|owner| owner.is_root) {
            if !self.seen.contains(&owner.key.origin) {
                self.visit_implied(&owner.key, &Above { application: Some(owner.key.origin), ..Above::default() });
            }
        }
    }

    fn visit_implied(&mut self, key: &OwnerKey, above: &Above) {
        let before = self.served.len();
        self.visit(key, above, &mut Vec::new());
        self.served[before..].iter_mut().for_each(|served| served.is_implied = true);
    }

    /// Owners that nothing mounts. They are served where the program has no application of that framework (a library), or where a
    /// mount's target could not be told; otherwise nobody can reach them.
    fn roots_left_over(&mut self) {
        let with_root: BTreeSet<&str> = self.findings.owners.iter().filter(|owner| owner.is_root).map(|owner| owner.framework).collect();
        let open = self.findings.gaps.iter().any(|gap| gap.code == "mount-target-unknown");
        let mounted: BTreeSet<Origin> =
            self.findings.mounts.iter().flat_map(|mount| mount.children.iter().map(|child| child.origin)).collect();
        let left: Vec<&Owner> =
            self.findings.owners.iter().filter(|owner| !owner.is_root && !self.seen.contains(&owner.key.origin)).collect();
        for owner in left {
            let is_top = !mounted.contains(&owner.key.origin);
            if is_top && (open || !with_root.contains(owner.framework)) {
                self.visit_implied(&owner.key, &Above::default());
            }
        }
    }

    fn serve(&mut self, route: &Route, above: &Above) {
        let prefixes: Vec<Template> =
            above.prefix.iter().fold(vec![Template::default()], |whole, prefix| combine(&whole, &paths::prefixes(prefix)));
        let own = if route.path.text == Text::default() { vec![Template::default()] } else { paths::templates(&route.path) };
        for template in combine(&prefixes, &own) {
            for method in &route.methods {
                self.served.push(operation(route, above, &template, *method));
            }
        }
    }
}

/// Every prefix with every path below it, parameters made unique.
fn combine(prefixes: &[Template], paths: &[Template]) -> Vec<Template> {
    let mut all = Vec::new();
    for prefix in prefixes {
        for below in paths {
            let mut path = below.path.clone();
            let mut params = prefix.params.clone();
            for param in &below.params {
                let mut param = param.clone();
                if params.iter().any(|known| known.name == param.name) {
                    let name = (2..)
                        .map(|n| format!("{}{n}", param.name))
                        .find(|name| params.iter().all(|known| known.name != *name))
                        .unwrap_or_default();
                    path = path.replacen(&format!("{{{}}}", param.name), &format!("{{{name}}}"), 1);
                    param.name = name.into();
                }
                params.push(param);
            }
            let joined = match (prefix.path.is_empty(), path.is_empty()) {
                (true, true) => String::new(),
                (false, true) => prefix.path.clone(),
                (true, false) => path,
                (false, false) => paths::join(&prefix.path, &path),
            };
            all.push(Template { path: joined, params, holes: prefix.holes.iter().chain(&below.holes).cloned().collect() });
        }
    }
    all.truncate(16);
    all
}

fn operation(route: &Route, above: &Above, template: &Template, method: Method) -> Served {
    let mut params: Vec<ParamFinding> = template.params.clone();
    for said in above.params.iter().chain(&route.params) {
        // A prefix may name what the handler takes without saying from where: it is the path's then.
        let is_same = |known: &ParamFinding| {
            known.name == said.name
                && (known.location == said.location || (known.location == Location::Path && said.location == Location::Query))
        };
        match params.iter_mut().find(|known| is_same(known)) {
            Some(known) => merge_param(known, said),
            // A path parameter that the path does not name belongs to another mount of the same handler.
            None if said.location == Location::Path => {}
            None => params.push(said.clone()),
        }
    }
    let mut responses = route.responses.clone();
    for response in &above.responses {
        if !responses.iter().any(|known| known.status == response.status) {
            responses.push(response.clone());
        }
    }
    let mut tags = above.tags.clone();
    tags.extend(route.tags.iter().filter(|tag| !above.tags.contains(tag)).cloned());
    tags.dedup();
    let takes_body = !matches!(method, Method::Get | Method::Head | Method::Options | Method::Trace) || route.methods.len() == 1;
    Served {
        method,
        path: paths::join("", &template.path),
        params,
        body: route.body.clone().filter(|_| takes_body),
        responses,
        security: route.security.below(&above.security),
        tags,
        summary: route.summary.clone(),
        description: route.description.clone(),
        operation_id: route.operation_id.clone(),
        deprecated: route.deprecated || above.deprecated,
        hidden: route.hidden || above.hidden,
        framework: route.framework,
        handler: route.handler,
        place: route.place.clone(),
        is_implied: route.is_implied,
        is_documented: route.is_documented,
        holes: template.holes.clone(),
        application: above.application,
    }
}

/// What the handler says of a path parameter beats what the path says.
fn merge_param(known: &mut ParamFinding, said: &ParamFinding) {
    // Text is what every parameter is read as.
    let says_less = said.shape == Shape::Text(None) && !known.shape.is_any();
    if !said.shape.is_any() && !says_less {
        known.shape = said.shape.clone();
    }
    known.doc = said.doc.clone().or(known.doc.take());
    known.deprecated |= said.deprecated;
}
