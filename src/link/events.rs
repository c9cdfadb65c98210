//! What is sent and heard in the whole program, joined by channel.

use std::collections::BTreeMap;

use crate::base::Name;
use crate::facts::event::{ChannelKind, EventFinding, Protocol};
use crate::facts::finding::Findings;

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

/// Joins events to channels, by protocol and address.
#[must_use]
pub fn join(findings: &Findings) -> Vec<Channel> {
    let mut channels: BTreeMap<(Protocol, String), Channel> = BTreeMap::new();
    for event in &findings.events {
        let (address, holes) = event.channel.template();
        let channel = channels.entry((event.protocol, address.clone())).or_insert_with(|| Channel {
            address,
            protocol: event.protocol,
            kind: event.kind,
            ends: Vec::new(),
            holes,
        });
        channel.ends.push(event.clone());
    }
    channels.into_values().collect()
}
