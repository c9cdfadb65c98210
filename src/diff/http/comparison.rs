//! The comparison under way: both documents, the policy, and what was found. Levels are settled here, by the direction in which
//! an operation is called and by how firmly it is promised.

use std::collections::HashMap;

use serde_json::Value;

use super::super::catalogue;
use super::super::change::{Change, Domain, Level, Location};
use super::super::schema::{Comparer, Direction, Place, SchemaChange};
use super::findings::{Findings, Near};
use super::policy::Policy;
use super::side::Side;

/// Who calls whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Others call the application.
    Served,
    /// The application calls others: webhooks, callbacks.
    Called,
}

impl Flow {
    /// Which way requests go.
    pub fn of_requests(self) -> Direction {
        match self {
            Self::Served => Direction::Input,
            Self::Called => Direction::Output,
        }
    }

    /// Which way responses go.
    pub fn of_responses(self) -> Direction {
        match self {
            Self::Served => Direction::Output,
            Self::Called => Direction::Input,
        }
    }
}

/// What is being compared at the moment.
#[derive(Clone, Debug)]
pub struct Scope {
    /// `POST /orders`.
    pub subject: String,
    /// What stands before every part: `callback paid `.
    pub within: String,
    /// Who calls whom.
    pub flow: Flow,
    /// Whether it is promised with reservations: a draft, an internal operation. Its changes hurt nobody.
    pub is_tentative: bool,
    /// What both sides refer to, when others refer to it too.
    pub shared: Option<Shared>,
}

/// Something that several operations share.
#[derive(Clone, Debug)]
pub struct Shared {
    /// Its name: `responses/NotFound`, `security`.
    pub name: String,
    /// The part that it is: what stands behind this in a part's name is a part of it.
    pub part: String,
}

impl Shared {
    /// Something by its name, as a part of an operation.
    pub fn new(name: impl Into<String>, part: impl Into<String>) -> Self {
        Self { name: name.into(), part: part.into() }
    }

    /// Where a part of an operation and a place in its schema stand: `responses/NotFound body.code`.
    fn place(&self, part: &str, path: &str) -> String {
        let inner = part.strip_prefix(self.part.as_str()).unwrap_or(part).trim();
        let gap = if inner.is_empty() { "" } else { " " };
        let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        format!("{}{gap}{inner}{dot}{path}", self.name)
    }
}

impl Scope {
    /// Of something that is served under a name.
    pub fn of(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), within: String::new(), flow: Flow::Served, is_tentative: false, shared: None }
    }

    /// The same, in a component that both sides refer to by one name for one of their parts.
    pub fn in_component(&self, before: Option<&str>, after: Option<&str>, part: &str) -> Self {
        match before.filter(|name| after == Some(name)) {
            Some(name) => self.within_shared(Shared::new(name, part)),
            None => self.clone(),
        }
    }

    /// The same, in something shared.
    pub fn within_shared(&self, shared: Shared) -> Self {
        Self { shared: Some(shared), ..self.clone() }
    }
}

/// What was there and what is there.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// What was there.
    pub before: Option<Value>,
    /// What is there.
    pub after: Option<Value>,
}

impl Values {
    /// Both.
    pub fn both(before: impl Into<Value>, after: impl Into<Value>) -> Self {
        Self { before: Some(before.into()), after: Some(after.into()) }
    }

    /// Something that is gone.
    pub fn gone(before: impl Into<Value>) -> Self {
        Self { before: Some(before.into()), after: None }
    }

    /// Something new.
    pub fn new(after: impl Into<Value>) -> Self {
        Self { before: None, after: Some(after.into()) }
    }
}

/// The comparison under way.
pub struct Comparison<'a> {
    /// The earlier document.
    pub before: Side<'a>,
    /// The later one.
    pub after: Side<'a>,
    /// What is asked for.
    pub policy: &'a Policy,
    /// What was found.
    pub findings: Findings,
    schemas: Comparer<'a>,
    /// Where changes of named schemas stand among those found, by their number.
    met: HashMap<usize, usize>,
}

impl<'a> Comparison<'a> {
    /// Of two documents.
    pub fn new(before: Side<'a>, after: Side<'a>, policy: &'a Policy) -> Self {
        Self { before, after, policy, findings: Findings::default(), schemas: Comparer::new(before.root, after.root), met: HashMap::new() }
    }

    /// Tells a change of a part, at its rule's level.
    pub fn tell(&mut self, scope: &Scope, part: &str, rule: &str, values: Values) {
        let level = catalogue::rule(rule).map(|rule| rule.level).unwrap_or_default();
        self.tell_at(level, scope, part, rule, values);
    }

    /// Tells a change of a part, at a level of its context.
    pub fn tell_at(&mut self, level: Level, scope: &Scope, part: &str, rule: &str, values: Values) {
        let shared = scope.shared.as_ref().map(|shared| shared.place(part, ""));
        let part = format!("{}{part}", scope.within).trim_end().to_owned();
        let location = Location { subject: scope.subject.clone(), part, path: String::new(), shared };
        let level = if scope.flow == Flow::Called { when_called(rule).unwrap_or(level) } else { level };
        let level = if scope.is_tentative { Level::Info } else { level };
        self.findings.tell(Change::new(rule, Domain::Http, location).at_level(level).with(values.before, values.after));
    }

    /// The changes between two schemas.
    pub fn schema_changes(&mut self, pair: (&'a Value, &'a Value), direction: Direction, place: Place) -> Vec<SchemaChange> {
        self.schemas.compare(pair.0, pair.1, direction, place)
    }

    /// Tells what changed from one schema of a part to another.
    pub fn tell_schemas(&mut self, scope: &Scope, part: &str, pair: (&'a Value, &'a Value), (direction, place): (Direction, Place)) {
        let told = self.schemas.told(pair.0, pair.1, direction, place);
        let own_part = format!("{}{part}", scope.within);
        let mut first = Vec::new();
        for met in told.all() {
            match met.identity().and_then(|identity| self.met.get(&identity)) {
                Some(at) => {
                    let level = if scope.is_tentative { Level::Info } else { met.level };
                    let near = Near { level, depth: told.depth(&met), subject: &scope.subject, part: &own_part };
                    self.findings.reach(*at, &near, || told.path(&met));
                }
                None => first.push((met.identity(), told.written(&met))),
            }
        }
        for (identity, change) in first {
            let at = self.tell_schema(scope, part, change);
            self.met.extend(identity.map(|identity| (identity, at)));
        }
    }

    /// Tells a change of a part's schema; gives its number.
    pub fn tell_schema(&mut self, scope: &Scope, part: &str, change: SchemaChange) -> usize {
        let own = || scope.shared.as_ref().map(|shared| shared.place(part, &change.path));
        let shared = change.shared.clone().or_else(own);
        let part = format!("{}{part}", scope.within);
        let location = Location { subject: scope.subject.clone(), part, path: change.path, shared };
        let level = if scope.is_tentative { Level::Info } else { change.level };
        self.findings.tell(Change::new(change.rule, Domain::Http, location).at_level(level).with(change.before, change.after))
    }

    /// Tells which named schemas came, went or have another name.
    pub fn tell_components(&mut self) {
        for change in self.schemas.components() {
            let subject = if change.path.is_empty() { "API".to_owned() } else { format!("schema {}", change.path) };
            let location = Location { subject, ..Location::default() };
            self.findings.tell(Change::new(change.rule, Domain::Http, location).at_level(change.level).with(change.before, change.after));
        }
    }

    /// All that was found, sorted.
    pub fn into_changes(self) -> Vec<Change> {
        self.findings.into_changes()
    }
}

/// The levels that differ where the application calls others: what it sent it must go on sending, what it adds to a request
/// nobody has to know. A body that comes where none came has to be taken.
fn when_called(rule: &str) -> Option<Level> {
    Some(match rule {
        "http-request-media-type-removed"
        | "http-request-media-type-schema-added"
        | "http-parameter-required-added"
        | "http-parameter-became-required"
        | "http-path-parameter-added"
        | "http-parameter-allow-empty-removed"
        | "http-response-media-type-widened"
        | "http-response-media-type-schema-removed"
        | "http-response-header-became-optional"
        | "http-response-required-header-removed"
        | "http-response-header-removed" => Level::Info,
        "http-request-body-became-optional"
        | "http-request-media-type-added"
        | "http-parameter-became-optional"
        | "http-response-media-type-narrowed"
        | "http-response-media-type-schema-added"
        | "http-response-header-became-required" => Level::Breaking,
        "http-request-media-type-schema-removed" | "http-parameter-allow-empty-added" => Level::Warning,
        _ => return None,
    })
}
