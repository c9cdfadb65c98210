//! What the application does on channels: which operation became which, and what differs of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::bindings::{self, Of};
use super::channels::Channels;
use super::messages::Messages;
use super::plain::{differing, wording};
use super::servers;
use super::side::{Action, Operation, Side};
use super::told::{Told, text};

/// Operations of one way on one channel, before and after, by their places.
#[derive(Default)]
struct Ends {
    before: Vec<usize>,
    after: Vec<usize>,
}

/// The operations of two documents, side by side.
pub struct Operations<'s, 'a> {
    sides: (&'s Side<'a>, &'s Side<'a>),
    channels: &'s Channels,
    /// By channel (its pair's number) and way.
    ends: BTreeMap<(usize, Action), Ends>,
    /// The same operation before and after.
    pairs: Vec<(usize, usize)>,
}

impl<'s, 'a> Operations<'s, 'a> {
    /// Puts together what belongs together.
    pub fn paired(sides: (&'s Side<'a>, &'s Side<'a>), channels: &'s Channels) -> Self {
        let mut ends: BTreeMap<(usize, Action), Ends> = BTreeMap::new();
        let old: BTreeMap<usize, usize> = channels.pairs.iter().enumerate().map(|(number, pair)| (pair.0, number)).collect();
        let new: BTreeMap<usize, usize> = channels.pairs.iter().enumerate().map(|(number, pair)| (pair.1, number)).collect();
        for (place, operation) in sides.0.operations.iter().enumerate() {
            if let Some(number) = old.get(&operation.channel) {
                ends.entry((*number, operation.action)).or_default().before.push(place);
            }
        }
        for (place, operation) in sides.1.operations.iter().enumerate() {
            if let Some(number) = new.get(&operation.channel) {
                ends.entry((*number, operation.action)).or_default().after.push(place);
            }
        }
        let mut all = Self { sides, channels, ends, pairs: Vec::new() };
        all.pairs = all.ends.values().flat_map(|ends| all.pairs_of(ends)).collect();
        all
    }

    /// Operations of one way on one channel: the same key, else in their order.
    fn pairs_of(&self, ends: &Ends) -> Vec<(usize, usize)> {
        let mut left: Vec<usize> = ends.after.clone();
        let mut pairs = Vec::new();
        let mut rest = Vec::new();
        for old in &ends.before {
            match left.iter().position(|new| self.sides.1.operations[*new].key == self.sides.0.operations[*old].key) {
                Some(at) => pairs.push((*old, left.remove(at))),
                None => rest.push(*old),
            }
        }
        pairs.extend(rest.into_iter().zip(left));
        pairs
    }

    /// Which ways messages of a channel go that both sides have: by message pair (places in the channel), the actions. What
    /// answers bring goes the other way.
    pub fn ways(&self, number: usize, messages: &Messages) -> BTreeMap<(usize, usize), BTreeSet<Action>> {
        let mut ways: BTreeMap<(usize, usize), BTreeSet<Action>> = BTreeMap::new();
        for action in [Action::Send, Action::Receive] {
            let (old, new) = self.carried(number, action);
            for pair in messages.pairs.iter().filter(|pair| old.contains(&pair.0) && new.contains(&pair.1)) {
                ways.entry(*pair).or_default().insert(action);
            }
        }
        for (left, right) in &self.pairs {
            let (left, right) = (&self.sides.0.operations[*left], &self.sides.1.operations[*right]);
            let (Some(old), Some(new)) = (&left.reply, &right.reply) else { continue };
            if old.channel == Some(self.channels.pairs[number].0) && new.channel == Some(self.channels.pairs[number].1) {
                let carried = |pair: &&(usize, usize)| old.messages.contains(&pair.0) && new.messages.contains(&pair.1);
                for pair in messages.pairs.iter().filter(carried) {
                    ways.entry(*pair).or_default().insert(left.action.opposite());
                }
            }
        }
        ways
    }

    /// The messages that go one way on a channel, before and after.
    pub fn carried(&self, number: usize, action: Action) -> (BTreeSet<usize>, BTreeSet<usize>) {
        let of = |side: &Side<'_>, places: &[usize]| places.iter().flat_map(|place| side.operations[*place].messages.clone()).collect();
        match self.ends.get(&(number, action)) {
            Some(ends) => (of(self.sides.0, &ends.before), of(self.sides.1, &ends.after)),
            None => Default::default(),
        }
    }

    /// Whether anything goes one way on a channel, before and after.
    pub fn goes(&self, number: usize, action: Action) -> (bool, bool) {
        self.ends.get(&(number, action)).map_or((false, false), |ends| (!ends.before.is_empty(), !ends.after.is_empty()))
    }

    /// Tells what operations are gone, new, or differ.
    pub fn compare(&self, told: &mut Told, messages: &BTreeMap<usize, Messages>) {
        let mut settled = BTreeSet::new();
        for (left, right) in &self.pairs {
            settled.insert(*right);
            self.one(told, (&self.sides.0.operations[*left], &self.sides.1.operations[*right]), messages);
        }
        let kept: BTreeSet<usize> = self.pairs.iter().map(|pair| pair.0).collect();
        let gone = (0..self.sides.0.operations.len()).filter(|place| !kept.contains(place));
        for place in gone {
            self.gone(told, &self.sides.0.operations[place], &mut settled);
        }
        for (place, operation) in self.sides.1.operations.iter().enumerate() {
            if !settled.contains(&place) && !self.channels.added.contains(&operation.channel) {
                let channel = &self.sides.1.channels[operation.channel];
                told.tell("event-operation-added", &channel.address, operation.action.word());
            }
        }
    }

    /// An operation that no other one stands for.
    fn gone(&self, told: &mut Told, operation: &Operation<'_>, settled: &mut BTreeSet<usize>) {
        let address = self.sides.0.channels[operation.channel].address.as_str();
        if let Some(other) = self.elsewhere(operation, settled) {
            settled.insert(other);
            let other = &self.sides.1.operations[other];
            let (rule, old, new) = if other.action == operation.action {
                ("event-operation-channel-changed", address, self.sides.1.channels[other.channel].address.as_str())
            } else {
                ("event-operation-direction-changed", operation.action.word(), other.action.word())
            };
            // A channel that is gone takes its operations along.
            if !self.channels.removed.contains(&operation.channel) {
                told.differs(rule, (address, &format!("operation {}", operation.key)), text(Some(old)), text(Some(new)));
            }
            return;
        }
        let Some(number) = self.channels.pairs.iter().position(|pair| pair.0 == operation.channel) else { return };
        if self.goes(number, operation.action).1 && operation.reply.is_none() {
            // The same still goes there; messages that do not are told as such.
            return;
        }
        let rule = self.rule_of_gone(number, operation.action);
        let change = told.tell(rule.0, address, operation.action.word());
        change.level = rule.1.unwrap_or(change.level);
    }

    /// The operation that took a gone one's place: the same key, or the other way on the same channel.
    fn elsewhere(&self, operation: &Operation<'_>, settled: &BTreeSet<usize>) -> Option<usize> {
        let is_free = |place: usize| !settled.contains(&place);
        let mut others = self.sides.1.operations.iter().enumerate().filter(|(place, _)| is_free(*place));
        let after = self.channels.after(operation.channel);
        others
            .find(|(_, other)| {
                let is_here = after == Some(other.channel);
                if operation.is_named && other.is_named {
                    return other.key == operation.key && (is_here || other.action == operation.action);
                }
                is_here && other.action != operation.action
            })
            .map(|(place, _)| place)
    }

    /// In a document of a whole repository the other end is known when it lies inside.
    fn rule_of_gone(&self, number: usize, action: Action) -> (&'static str, Option<crate::diff::Level>) {
        let is_whole = self.sides.0.is_whole() && self.sides.1.is_whole();
        let is_inside = self.goes(number, action.opposite()) == (true, true);
        match action {
            _ if !is_whole || !is_inside => ("event-operation-removed", None),
            Action::Receive => ("event-producer-without-consumer", None),
            Action::Send => {
                let channel = self.sides.1.channels[self.channels.pairs[number].1].value;
                let is_declared = channel.get("x-external") == Some(&json!(true));
                ("event-consumer-without-producer", is_declared.then_some(crate::diff::Level::Info))
            }
        }
    }

    fn one(&self, told: &mut Told, operations: (&Operation<'a>, &Operation<'a>), messages: &BTreeMap<usize, Messages>) {
        let (old, new) = operations;
        let subject = self.sides.1.channels[new.channel].address.as_str();
        let part = new.action.word();
        let values: (&Value, &Value) = (old.value, new.value);
        self.reply(told, operations, messages);
        servers::security(told, self.sides, values, (subject, &format!("{part} security")), "event-operation-security-changed");
        bindings::compare(told, self.sides, values, Of::Operation, (subject, &format!("{part} bindings")));
        if let Some((left, right)) = differing(&wording(self.sides.0.root, old.value), &wording(self.sides.1.root, new.value)) {
            told.differs("event-description-changed", (subject, part), Some(left), Some(right));
        }
    }

    fn reply(&self, told: &mut Told, operations: (&Operation<'_>, &Operation<'_>), messages: &BTreeMap<usize, Messages>) {
        let (old, new) = operations;
        let is_same = match (&old.reply, &new.reply) {
            (None, None) => true,
            (Some(left), Some(right)) => {
                let is_gone = left.channel.is_some_and(|channel| self.channels.removed.contains(&channel));
                let is_there = left.channel.and_then(|channel| self.channels.after(channel)) == right.channel;
                let is_named = left.names_channel == right.names_channel || is_gone;
                left.location == right.location && is_named && (is_gone || is_there && self.answers(left, right, messages))
            }
            _ => false,
        };
        if !is_same {
            let subject = self.sides.1.channels[new.channel].address.as_str();
            let said = |operation: &Operation<'_>| operation.value.get("reply").cloned();
            told.differs("event-operation-reply-changed", (subject, &format!("{} reply", new.action.word())), said(old), said(new));
        }
    }

    /// Whether answers are the same messages, those left out that the channel lost or got.
    fn answers(&self, old: &super::side::Reply<'_>, new: &super::side::Reply<'_>, messages: &BTreeMap<usize, Messages>) -> bool {
        let Some(number) = self.channels.pairs.iter().position(|pair| Some(pair.0) == old.channel) else { return true };
        let Some(messages) = messages.get(&number) else { return true };
        messages.pairs.iter().all(|(left, right)| old.messages.contains(left) == new.messages.contains(right))
    }
}
