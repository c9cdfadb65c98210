//! Events: AsyncAPI documents, channel by channel.
//!
//! Documents of version 2 and 3 come into one form ([`form_of`]; [`read`] gives it from bytes). What the application receives
//! may only widen, what it sends only narrow; where a document does not say which way a message goes, it counts both ways.
//! Keys of a document are nobody's promise: channels are known by their address, messages by their key or name, operations by
//! what they do.

mod avro;
mod bindings;
mod channels;
mod document;
mod form;
mod messages;
mod operations;
mod payload;
mod plain;
mod refs;
mod schemas;
mod second;
mod servers;
mod side;
mod told;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::messages::{Messages, Pairs, is_same_serialisation};
use self::operations::Operations;
use self::side::Side;
use self::told::{Told, text};
use super::change::Change;
use super::schema::Comparer;

pub use document::{ReadError, read};
pub use form::form_of;

/// The changes from one state to the other.
#[must_use]
pub fn compare(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    let nothing = || json!({"asyncapi": "3.0.0"});
    let (old, new) = (before.map_or_else(nothing, form_of), after.map_or_else(nothing, form_of));
    let sides = (&Side::new(&old), &Side::new(&new));
    let mut told = Told::default();
    let channels = channels::paired(sides.0, sides.1);
    let operations = Operations::paired(sides, &channels);
    let mut messages: BTreeMap<usize, Messages> = BTreeMap::new();
    let mut pairs = Pairs::default();
    for (number, (left, right)) in channels.pairs.iter().enumerate() {
        let (left, right) = (&sides.0.channels[*left], &sides.1.channels[*right]);
        let found = messages::paired(sides, left, right);
        messages::compare_lists(&mut told, &operations, number, (left, right), &found);
        pairs.add((left, right), &found, &operations.ways(number, &found));
        messages.insert(number, found);
    }
    let servers = servers::compare(&mut told, sides.0, sides.1);
    channels::compare(&mut told, sides.0, sides.1, &channels, &servers);
    operations.compare(&mut told, &messages);
    pairs.compare(&mut told, sides, &mut Comparer::new(&old, &new));
    if before.is_some() && after.is_some() {
        whole(&mut told, sides, pairs.rely_on_default());
    }
    told.finished()
}

/// What is told of a document as a whole.
fn whole(told: &mut Told, sides: (&Side<'_>, &Side<'_>), default_matters: bool) {
    let (before, after) = sides;
    let place = |key: &'static str| ("document", key);
    let (old, new) = (before.text("defaultContentType"), after.text("defaultContentType"));
    if default_matters && !is_same_serialisation(old, new, false) {
        told.differs("event-default-content-type-changed", place("defaultContentType"), text(old), text(new));
    }
    let (old, new) = (before.text("id"), after.text("id"));
    if old != new {
        told.differs("event-id-changed", place("id"), text(old), text(new));
    }
    let (old, new) = (before.version(), after.version());
    if old != new {
        told.differs("event-spec-version-changed", place("asyncapi"), text(old), text(new));
    }
    let info = |side: &Side<'_>| {
        let info = side.root.get("info").cloned().unwrap_or_default();
        plain::wording_of_info(side.root, &info, side.is_whole())
    };
    if let Some((old, new)) = plain::differing(&info(before), &info(after)) {
        told.differs("event-description-changed", place("info"), Some(old), Some(new));
    }
}

#[cfg(test)]
mod tests;
