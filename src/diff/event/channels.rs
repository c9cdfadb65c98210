//! Which channel became which, and what is told of a channel itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::bindings::{self, Of};
use super::plain::{differing, meant, wording};
use super::refs::{last_of, reference_of};
use super::servers::Servers;
use super::side::{Action, Channel, Side, entries};
use super::told::Told;

/// Which channel of before is which of after, by their places.
pub struct Channels {
    /// Those there are on both sides.
    pub pairs: Vec<(usize, usize)>,
    /// Those that are gone.
    pub removed: BTreeSet<usize>,
    /// Those that are new.
    pub added: BTreeSet<usize>,
}

impl Channels {
    /// What a channel of before became.
    pub fn after(&self, before: usize) -> Option<usize> {
        self.pairs.iter().find(|(old, _)| *old == before).map(|(_, new)| *new)
    }
}

/// Finds out which is which: the same address (whatever its variable parts are called), else the same key, else the same
/// operation on it.
pub fn paired(before: &Side<'_>, after: &Side<'_>) -> Channels {
    let mut removed: BTreeSet<usize> = (0..before.channels.len()).collect();
    let mut added: BTreeSet<usize> = (0..after.channels.len()).collect();
    let mut pairs = Vec::new();
    let index = Index::of(after);
    let same = |old: usize| index.same_address(&before.channels[old], after, |old, new| old == new);
    // Of an address that is nothing but one variable part, the name says which.
    let alike = |old: usize| index.same_address(&before.channels[old], after, |old, _| !shape_of(old).replace("{}", "").is_empty());
    let keyed = |old: usize| index.same_key(&before.channels[old], after);
    let used = |old: usize| index.same_operation(before, old);
    let ways: [&dyn Fn(usize) -> Vec<usize>; 4] = [&same, &alike, &keyed, &used];
    for way in ways {
        for old in removed.clone() {
            if let Some(new) = way(old).into_iter().find(|new| added.contains(new)) {
                removed.remove(&old);
                added.remove(&new);
                pairs.push((old, new));
            }
        }
    }
    pairs.sort_unstable();
    Channels { pairs, removed, added }
}

/// Where a document's channels are found.
struct Index<'a> {
    by_address: BTreeMap<String, Vec<usize>>,
    by_key: BTreeMap<&'a str, usize>,
    by_operation: BTreeMap<(&'a str, Action), usize>,
}

impl<'a> Index<'a> {
    fn of(side: &'a Side<'_>) -> Self {
        let mut by_address: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, channel) in side.channels.iter().enumerate() {
            by_address.entry(shape_of(&channel.address)).or_default().push(place);
        }
        let by_key = side.channels.iter().enumerate().map(|(place, channel)| (channel.key.as_str(), place)).collect();
        let named = side.operations.iter().filter(|operation| operation.is_named);
        let by_operation = named.map(|operation| ((operation.key.as_str(), operation.action), operation.channel)).collect();
        Self { by_address, by_key, by_operation }
    }

    /// Nobody hears a message that travels otherwise, whatever its address.
    fn same_address(&self, old: &Channel<'_>, after: &Side<'_>, is_same: impl Fn(&str, &str) -> bool) -> Vec<usize> {
        let fits = |new: &usize| {
            let new = &after.channels[*new];
            old.protocol.zip(new.protocol).is_none_or(|(old, new)| old == new) && is_same(&old.address, &new.address)
        };
        self.by_address.get(&shape_of(&old.address)).into_iter().flatten().copied().filter(fits).collect()
    }

    fn same_key(&self, old: &Channel<'_>, after: &Side<'_>) -> Vec<usize> {
        self.by_key.get(old.key.as_str()).copied().filter(|new| after.channels[*new].address != old.address).into_iter().collect()
    }

    fn same_operation(&self, before: &Side<'_>, old: usize) -> Vec<usize> {
        let named = before.operations.iter().filter(|operation| operation.is_named && operation.channel == old);
        named.filter_map(|operation| self.by_operation.get(&(operation.key.as_str(), operation.action)).copied()).collect()
    }
}

/// An address without the names of its variable parts: `users.{id}` → `users.{}`.
fn shape_of(address: &str) -> String {
    let mut shape = String::with_capacity(address.len());
    let mut rest = address;
    while let Some((head, tail)) = rest.split_once('{') {
        let Some((_, tail)) = tail.split_once('}') else { break };
        shape.push_str(head);
        shape.push_str("{}");
        rest = tail;
    }
    shape.push_str(rest);
    shape
}

/// The names of the variable parts, in order.
fn names_in(address: &str) -> Vec<&str> {
    address.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
}

/// Tells what channels are gone and new, and what differs of the others.
pub fn compare(told: &mut Told, before: &Side<'_>, after: &Side<'_>, channels: &Channels, servers: &Servers) {
    for place in &channels.removed {
        told.tell("event-channel-removed", &before.channels[*place].address, "");
    }
    for place in &channels.added {
        told.tell("event-channel-added", &after.channels[*place].address, "");
    }
    for (old, new) in &channels.pairs {
        one(told, (before, after), (&before.channels[*old], &after.channels[*new]), servers);
    }
}

fn one(told: &mut Told, sides: (&Side<'_>, &Side<'_>), channels: (&Channel<'_>, &Channel<'_>), servers: &Servers) {
    let (old, new) = channels;
    let subject = new.address.as_str();
    if shape_of(&old.address) == shape_of(&new.address) {
        parameters(told, sides, channels);
    } else {
        told.differs("event-channel-address-changed", (&old.address, ""), Some(json!(old.address)), Some(json!(new.address)));
    }
    let (left, right) = (servers_of(sides.0, old), servers_of(sides.1, new));
    if servers.kept(&left) != servers.known(right.clone()) {
        told.differs("event-channel-server-changed", (subject, ""), Some(json!(left)), Some(json!(right)));
    }
    bindings::compare(told, sides, (old.value, new.value), Of::Channel, (subject, "bindings"));
    if let Some((left, right)) = differing(&wording(sides.0.root, old.value), &wording(sides.1.root, new.value)) {
        told.differs("event-description-changed", (subject, ""), Some(left), Some(right));
    }
}

/// The keys of a channel's servers; those of all when it names none.
fn servers_of(side: &Side<'_>, channel: &Channel<'_>) -> BTreeSet<String> {
    let all = || -> BTreeSet<String> { entries(side.root, side.root.get("servers")).map(|(key, _)| key.to_owned()).collect() };
    match channel.value.get("servers") {
        Some(Value::Array(list)) if !list.is_empty() => list.iter().filter_map(|one| server_key(side, one)).collect(),
        _ => all(),
    }
}

/// The key of a server that is named, or written out.
fn server_key(side: &Side<'_>, said: &Value) -> Option<String> {
    if let Some(reference) = reference_of(said) {
        let known = || entries(side.root, side.root.get("servers"));
        return last_of(reference).filter(|key| known().any(|(known, _)| known == key));
    }
    let written = meant(side.root, said);
    entries(side.root, side.root.get("servers")).find(|(_, server)| meant(side.root, server) == written).map(|(key, _)| key.to_owned())
}

/// Variable parts of an address, each at its place there, then those that are no part of it.
fn parameters(told: &mut Told, sides: (&Side<'_>, &Side<'_>), channels: (&Channel<'_>, &Channel<'_>)) {
    let read = |side: &Side<'_>, channel: &Channel<'_>| -> BTreeMap<String, Value> {
        let all = entries(side.root, channel.value.get("parameters"));
        all.map(|(name, parameter)| (name.to_owned(), meant(side.root, parameter))).collect()
    };
    let (mut old, mut new) = (read(sides.0, channels.0), read(sides.1, channels.1));
    for (left, right) in names_in(&channels.0.address).into_iter().zip(names_in(&channels.1.address)) {
        parameter(told, channels, right, (old.remove(left), new.remove(right)));
    }
    let names: BTreeSet<String> = old.keys().chain(new.keys()).cloned().collect();
    for name in names {
        let pair = (old.remove(&name), new.remove(&name));
        if pair.0.is_none() {
            // Of a part that the address does not have, even the name says something.
            tell_parameter(told, channels, &name, pair);
        } else {
            parameter(told, channels, &name, pair);
        }
    }
}

fn parameter(told: &mut Told, channels: (&Channel<'_>, &Channel<'_>), name: &str, pair: (Option<Value>, Option<Value>)) {
    let is_same = match &pair {
        (Some(old), Some(new)) => old == new,
        // A part of the address of which nothing more is said.
        (None, Some(new)) => *new == json!({}),
        (Some(_), None) => false,
        (None, None) => true,
    };
    if !is_same {
        tell_parameter(told, channels, name, pair);
    }
}

fn tell_parameter(told: &mut Told, channels: (&Channel<'_>, &Channel<'_>), name: &str, pair: (Option<Value>, Option<Value>)) {
    let part = format!("parameter {name}");
    told.differs("event-channel-parameter-changed", (&channels.1.address, &part), pair.0, pair.1);
}
