//! Messages of channels: which became which, and what differs of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::bindings::{self, Of};
use super::form::{FROM, OF_TRAITS};
use super::operations::Operations;
use super::payload::{self, Content};
use super::plain::{differing, meant, wording};
use super::refs::resolved;
use super::side::{Action, Channel, Message, Side};
use super::told::{Told, text};
use crate::diff::Level;
use crate::diff::schema::Comparer;

/// Which message of a channel is which, by their places in it.
#[derive(Debug, Default)]
pub struct Messages {
    /// Those there are on both sides.
    pub pairs: Vec<(usize, usize)>,
    /// Those that are gone.
    pub removed: BTreeSet<usize>,
    /// Those that are new.
    pub added: BTreeSet<usize>,
}

/// One way to find what a message of before became.
type Way<'s> = &'s dyn Fn(&Messages, usize) -> Option<usize>;

/// Finds out which is which: the same key, else the same name, else the only one left over with the same content.
pub fn paired(sides: (&Side<'_>, &Side<'_>), before: &Channel<'_>, after: &Channel<'_>) -> Messages {
    let mut found =
        Messages { pairs: Vec::new(), removed: (0..before.messages.len()).collect(), added: (0..after.messages.len()).collect() };
    let name_of = |messages: &[Message<'_>], place: usize| messages[place].name().unwrap_or(&messages[place].key).to_owned();
    let ways: [Way<'_>; 3] = [
        &|found, old| found.added.iter().copied().find(|new| after.messages[*new].key == before.messages[old].key),
        &|found, old| {
            let name = name_of(&before.messages, old);
            let mut named = found.added.iter().copied().filter(|new| name_of(&after.messages, *new) == name);
            named.next().filter(|_| named.next().is_none())
        },
        &|found, old| {
            let (mut left, mut right) = (found.removed.iter(), found.added.iter());
            let (_, new) = (left.next(), *right.next()?);
            let is_alone = left.next().is_none() && right.next().is_none();
            let content = |side: &Side<'_>, message: &Message<'_>| {
                let part = |key: &str| message.value.get(key).map(|schema| meant(side.root, schema));
                (part("payload"), part("headers"))
            };
            let same = || {
                let old = content(sides.0, &before.messages[old]);
                old.0.as_ref().is_some_and(|payload| *payload != json!({})) && old == content(sides.1, &after.messages[new])
            };
            (is_alone && same()).then_some(new)
        },
    ];
    for way in ways {
        for old in found.removed.clone() {
            if let Some(new) = way(&found, old) {
                found.removed.remove(&old);
                found.added.remove(&new);
                found.pairs.push((old, new));
            }
        }
    }
    found.pairs.sort_unstable();
    found
}

/// Tells which messages a channel lost and got, all in all and one way or the other.
pub fn compare_lists(
    told: &mut Told,
    operations: &Operations<'_, '_>,
    number: usize,
    channels: (&Channel<'_>, &Channel<'_>),
    messages: &Messages,
) {
    let subject = channels.1.address.as_str();
    for place in &messages.removed {
        told.tell("event-message-removed", subject, format!("message {}", channels.0.messages[*place].label()));
    }
    for place in &messages.added {
        let is_sent = operations.goes(number, Action::Send).0 && operations.carried(number, Action::Send).1.contains(place);
        let change = told.tell("event-message-added", subject, format!("message {}", channels.1.messages[*place].label()));
        if is_sent {
            change.level = Level::Warning;
        }
    }
    for action in [Action::Send, Action::Receive] {
        if operations.goes(number, action) != (true, true) {
            continue;
        }
        let (old, new) = operations.carried(number, action);
        for (left, right) in &messages.pairs {
            let part = format!("{} message {}", action.word(), channels.1.messages[*right].label());
            match (old.contains(left), new.contains(right)) {
                (true, false) => {
                    told.tell("event-message-removed", subject, part);
                }
                (false, true) => {
                    let change = told.tell("event-message-added", subject, part);
                    if action == Action::Send {
                        change.level = Level::Warning;
                    }
                }
                _ => {}
            }
        }
    }
}

/// Rules of members that a named trait may say for many messages, and the members.
const SHARED_PARTS: &[(&str, &str)] = &[
    ("event-message-content-type-changed", "contentType"),
    ("event-message-correlation-id-changed", "correlationId"),
    ("event-message-binding-changed", "bindings"),
    ("event-partition-key-changed", "bindings"),
    ("event-message-name-changed", "name"),
];

/// The same message before and after, wherever it travels.
struct Pair<'s, 'a> {
    messages: (&'s Message<'a>, &'s Message<'a>),
    /// The channels, by address.
    channels: Vec<&'s str>,
    ways: BTreeSet<Action>,
}

/// Message pairs, those that several channels share once.
#[derive(Default)]
pub struct Pairs<'s, 'a> {
    pairs: Vec<Pair<'s, 'a>>,
    known: BTreeMap<(usize, usize), usize>,
}

impl<'s, 'a> Pairs<'s, 'a> {
    /// Adds the messages of a channel with the ways they go; where nobody knows, both.
    pub fn add(
        &mut self,
        channels: (&'s Channel<'a>, &'s Channel<'a>),
        messages: &Messages,
        ways: &BTreeMap<(usize, usize), BTreeSet<Action>>,
    ) {
        for pair in &messages.pairs {
            let (old, new) = (&channels.0.messages[pair.0], &channels.1.messages[pair.1]);
            let identity = (std::ptr::from_ref(old.value).addr(), std::ptr::from_ref(new.value).addr());
            let place = *self.known.entry(identity).or_insert(self.pairs.len());
            if place == self.pairs.len() {
                self.pairs.push(Pair { messages: (old, new), channels: Vec::new(), ways: BTreeSet::new() });
            }
            let known = &mut self.pairs[place];
            known.channels.push(&channels.1.address);
            match ways.get(pair) {
                Some(ways) => known.ways.extend(ways),
                None => known.ways.extend([Action::Send, Action::Receive]),
            }
        }
    }

    /// Whether some message has no content type of its own, on both sides.
    pub fn rely_on_default(&self) -> bool {
        let has_own = |message: &Message<'_>| message.value.get("contentType").is_some();
        self.pairs.iter().any(|pair| !has_own(pair.messages.0) && !has_own(pair.messages.1))
    }

    /// Tells what differs of messages.
    pub fn compare(&self, told: &mut Told, sides: (&Side<'a>, &Side<'a>), comparer: &mut Comparer<'a>) {
        for pair in &self.pairs {
            told.reaching(&pair.channels);
            pair.compare(told, sides, comparer);
            told.reaching(&[]);
        }
    }
}

impl<'a> Pair<'_, 'a> {
    fn compare(&self, told: &mut Told, sides: (&Side<'a>, &Side<'a>), comparer: &mut Comparer<'a>) {
        let (old, new) = self.messages;
        let subject = self.channels.iter().min().copied().unwrap_or_default();
        let (label, since) = (new.label(), told.len());
        let part = format!("message {label}");
        if old.name().or(new.name()).is_some() && old.label() != new.label() || is_renamed(old, new) {
            told.differs("event-message-name-changed", (subject, &part), text(Some(old.label())), text(Some(new.label())));
        }
        self.content_type(told, sides, (subject, &part));
        self.correlation(told, sides, (subject, &part));
        bindings::compare(told, sides, (old.value, new.value), Of::Message, (subject, &format!("{part} bindings")));
        let extensions = |message: &Message<'_>| message.value.get(OF_TRAITS).cloned();
        if extensions(old) != extensions(new) {
            told.differs("event-message-trait-changed", (subject, &part), extensions(old), extensions(new));
        }
        if let Some((left, right)) = differing(&wording(sides.0.root, old.value), &wording(sides.1.root, new.value)) {
            told.differs("event-description-changed", (subject, &part), Some(left), Some(right));
        }
        let (left, right) = (old.value, new.value);
        told.share(since, |change| {
            let key = SHARED_PARTS.iter().find(|(rule, _)| *rule == change.rule)?.1;
            let origin = |message: &Value| message.get(FROM)?.get(key)?.as_str().map(str::to_owned);
            origin(left).filter(|name| origin(right).as_ref() == Some(name)).map(|name| format!("{name}.{key}"))
        });
        let content = Content { sides, messages: (old.value, new.value), subject, label, ways: &self.ways };
        payload::compare(told, &content, comparer);
    }

    /// The serialisation, unless a default that is told on its own says it.
    fn content_type(&self, told: &mut Told, sides: (&Side<'_>, &Side<'_>), place: (&str, &str)) {
        let own = |message: &Message<'a>| message.value.get("contentType").and_then(Value::as_str);
        let (old, new) = (own(self.messages.0), own(self.messages.1));
        if old.is_none() && new.is_none() {
            return;
        }
        let old = old.or_else(|| sides.0.text("defaultContentType"));
        let new = new.or_else(|| sides.1.text("defaultContentType"));
        let is_avro = payload::is_avro(sides.1, self.messages.1.value);
        if !is_same_serialisation(old, new, is_avro) {
            told.differs("event-message-content-type-changed", place, text(old), text(new));
        }
    }

    fn correlation(&self, told: &mut Told, sides: (&Side<'_>, &Side<'_>), place: (&str, &str)) {
        let (old, new) = (correlation_of(sides.0, self.messages.0), correlation_of(sides.1, self.messages.1));
        if old == new {
            return;
        }
        let change = told.differs("event-message-correlation-id-changed", place, text(old.as_deref()), text(new.as_deref()));
        if old.is_none() && self.ways == BTreeSet::from([Action::Send]) {
            change.level = Level::Info;
        }
    }
}

/// Where the id stands that ties a message to others.
fn correlation_of(side: &Side<'_>, message: &Message<'_>) -> Option<String> {
    let id = message.value.get("correlationId").map(|id| resolved(side.root, id))?;
    id.get("location").and_then(Value::as_str).map(str::to_owned)
}

/// A message that only its content tells to be the same.
fn is_renamed(old: &Message<'_>, new: &Message<'_>) -> bool {
    old.key != new.key && old.name().is_none() && new.name().is_none()
}

/// Whether two content types are one: parameters that say what holds anyway do not count, and where nothing was said, the usual.
pub fn is_same_serialisation(old: Option<&str>, new: Option<&str>, is_avro: bool) -> bool {
    let plain = |text: &str| -> String {
        let lower = text.to_ascii_lowercase().replace([' ', '"'], "");
        lower.trim_end_matches(";charset=utf-8").to_owned()
    };
    match (old.map(plain), new.map(plain)) {
        (Some(old), Some(new)) => old == new,
        (None, None) => true,
        (None, Some(new)) => new == "application/json" && !is_avro || new.contains("avro") && is_avro,
        (Some(_), None) => false,
    }
}
