//! The changes that are told, with the calls they reach, and which name of the earlier side is which of the later.

use std::collections::BTreeMap;

use serde_json::Value;

use super::view::{Kind, Side};
use crate::diff::change::{Change, Domain, Level, Location};
use crate::diff::reach::Reach;

/// Gathers changes.
pub(super) struct Told<'s, 'a> {
    /// The changes.
    pub changes: Vec<Change>,
    /// The earlier side.
    pub before: &'s Side<'a>,
    /// The later side.
    pub after: &'s Side<'a>,
    /// Files in another package: the earlier and the later one.
    pub moved: BTreeMap<&'a str, (&'a str, &'a str)>,
    reach: Reach,
}

impl<'s, 'a> Told<'s, 'a> {
    /// For changes from one side to the other.
    pub fn new(before: &'s Side<'a>, after: &'s Side<'a>) -> Self {
        let mut told = Self { changes: Vec::new(), before, after, moved: BTreeMap::new(), reach: Reach::default() };
        told.learn(before);
        told.learn(after);
        told
    }

    fn learn(&mut self, side: &Side) {
        for (name, service) in &side.services {
            for method in &service.methods {
                let end = format!("{name}/{}", method.name);
                self.reach.add_end(&end, &method.request);
                self.reach.add_end(&end, &method.response);
            }
        }
        for (name, item) in &side.items {
            if let Kind::Message(message) = item.kind {
                message.fields.iter().filter_map(|field| field.ty.strip_prefix('.')).for_each(|ty| self.reach.add(name, ty));
            }
        }
        for extension in side.extensions.values() {
            self.reach.add(&extension.extendee, &extension.name);
            extension.field.ty.strip_prefix('.').into_iter().for_each(|ty| self.reach.add(&extension.name, ty));
        }
    }

    /// Tells a change.
    pub fn add(&mut self, rule: &str, at: (&str, &str), before: Option<String>, after: Option<String>) {
        self.add_at(None, rule, at, before, after);
    }

    /// Tells a change at the level its context asks for.
    pub fn add_at(&mut self, level: Option<Level>, rule: &str, at: (&str, &str), before: Option<String>, after: Option<String>) {
        let location = Location { subject: at.0.to_owned(), part: at.1.to_owned(), ..Location::default() };
        let mut change = Change::new(rule, Domain::Proto, location).with(before.map(Value::from), after.map(Value::from));
        change.affects = self.reach.of(at.0);
        self.changes.push(match level {
            Some(level) => change.at_level(level),
            None => change,
        });
    }

    /// What a full name of the earlier side is called on the later one, where its file has another package. A name that is
    /// declared nowhere is taken for one of the package of the file that speaks of it.
    pub fn renamed(&self, name: &str, from: &str) -> String {
        if self.moved.is_empty() {
            return name.to_owned();
        }
        let file = self.file_of(name).unwrap_or(from);
        let Some((was, is)) = self.moved.get(file) else { return name.to_owned() };
        let inner = if was.is_empty() { Some(name) } else { name.strip_prefix(was).and_then(|rest| rest.strip_prefix('.')) };
        match inner {
            Some(inner) if is.is_empty() => inner.to_owned(),
            Some(inner) => format!("{is}.{inner}"),
            None => name.to_owned(),
        }
    }

    fn file_of(&self, name: &str) -> Option<&'a str> {
        let service = self.before.services.get(name).map(|service| service.evidence.file.as_str());
        let extension = self.before.extensions.get(name).map(|extension| extension.evidence.file.as_str());
        self.before.items.get(name).map(|item| item.file).or(service).or(extension)
    }

    /// Whether a file is on both sides under another syntax, which is told by itself.
    pub fn is_syntax_changed(&self, before: &str, after: &str) -> bool {
        let syntax = |side: &Side<'a>, path: &str| side.files.get(path).and_then(|file| file.syntax);
        before == after && syntax(self.before, before) != syntax(self.after, after)
    }
}
