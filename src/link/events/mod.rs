//! What is sent and heard in the whole program, joined by channel.

mod webhooks;

use std::collections::{BTreeMap, BTreeSet};

use super::http::Served;
use super::infrastructure::EnvVar;
use crate::base::Name;
use crate::facts::document::EventDocument;
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::program::TextPart;

/// A channel and all places that send or hear on it.
#[derive(Clone, Debug, Default)]
pub struct Channel {
    /// Its address in the broker; holes as `{name}`.
    pub address: String,
    /// How its messages travel.
    pub protocol: Protocol,
    /// What it is.
    pub kind: ChannelKind,
    /// The places, in order of files.
    pub ends: Vec<EventFinding>,
    /// Parts of the address that are not known.
    pub holes: Vec<Name>,
}

/// Joins events to channels, by protocol and address. A channel that only an environment variable names is called what the
/// repository's own files set the variable to.
#[must_use]
pub fn join(findings: &Findings, environment: &[EnvVar], served: &[Served]) -> Vec<Channel> {
    let mut events = findings.events.clone();
    webhooks::join(&mut events, served);
    let mut channels: BTreeMap<(Protocol, String), Channel> = BTreeMap::new();
    for event in events {
        let (address, holes) = set_to(&event, environment).map_or_else(|| event.channel.template(), |address| (address, Vec::new()));
        let channel = channels.entry((event.protocol, address.clone())).or_insert_with(|| Channel {
            address,
            protocol: event.protocol,
            kind: event.kind,
            ends: Vec::new(),
            holes,
        });
        channel.ends.push(event);
    }
    channels.into_values().collect()
}

/// A committed document beside the channels of the code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// How many ends of channels both have.
    pub matched: usize,
    /// Ends that the code was not seen to have: `send orders.created`.
    pub only_in_document: Vec<String>,
    /// Ends that leave the process and that the document does not tell.
    pub only_in_code: Vec<String>,
}

/// Compares a committed document with the channels of the code, by address and direction. A parameter is one by any name.
#[must_use]
pub fn compare(document: &EventDocument, channels: &[Channel]) -> Compared {
    let word = |way: Direction| if way == Direction::Send { "send" } else { "receive" };
    let external = channels.iter().filter(|channel| !channel.protocol.is_internal());
    let code: BTreeMap<(String, Direction), &str> = external
        .flat_map(|channel| channel.ends.iter().map(move |end| ((nameless(&channel.address), end.direction), channel.address.as_str())))
        .collect();
    let mut told = BTreeSet::new();
    let mut compared = Compared::default();
    for (address, way) in &document.ends {
        let key = nameless(address);
        let ways = way.map_or(vec![Direction::Send, Direction::Receive], |way| vec![way]);
        let found: Vec<(String, Direction)> = ways.into_iter().map(|way| (key.clone(), way)).filter(|end| code.contains_key(end)).collect();
        if found.is_empty() {
            compared.only_in_document.push(way.map_or_else(|| address.clone(), |way| format!("{} {address}", word(way))));
        } else {
            compared.matched += 1;
            told.extend(found);
        }
    }
    compared.only_in_document.sort();
    compared.only_in_document.dedup();
    let untold = code.iter().filter(|(end, _)| !told.contains(*end));
    compared.only_in_code = untold.map(|((_, way), address)| format!("{} {address}", word(*way))).collect();
    compared
}

/// The address with `{}` for each parameter.
fn nameless(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    let mut rest = address;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        out.push_str("{}");
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out
}

/// What the repository's own files set the variable to that names a channel.
fn set_to(event: &EventFinding, environment: &[EnvVar]) -> Option<String> {
    let ([TextPart::Hole(name)], [alias]) = (event.channel.0.as_slice(), event.aliases.as_slice()) else { return None };
    let variable = environment.iter().find(|variable| name == alias && variable.name == alias.as_str())?;
    let values: BTreeSet<String> = variable.values.iter().map(|value| filled(value)).filter(|value| !value.is_empty()).collect();
    let mut values = values.into_iter();
    values.next().filter(|_| values.next().is_none())
}

/// A value with the defaults of the variables in it; those without one are left out: `${TOPIC:-orders}${SUFFIX}` is `orders`.
fn filled(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((inside, tail)) = after.split_once('}') else { break };
        let default = inside.split_once(":-").or_else(|| inside.split_once('-')).map(|(_, default)| default);
        out.push_str(default.unwrap_or_default());
        rest = tail;
    }
    if !rest.contains("${") {
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn defaults_fill_values() {
        assert_eq!(filled("${TOPIC:-orders}${SUFFIX}"), "orders");
        assert_eq!(filled("orders"), "orders");
        assert_eq!(filled("${TOPIC}"), "");
        assert_eq!(filled("a${"), "a");
    }
}
