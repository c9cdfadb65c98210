//! NATS: async-nats. Read from <https://docs.rs/async-nats>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "rust/nats",
    protocol: Protocol::Nats,
    types: &[
        ("async_nats.Client", "async_nats.connect()"),
        ("async_nats.client.Client", "async_nats.connect()"),
        ("async_nats.jetstream.Context", "async_nats.jetstream.new()"),
        ("async_nats.jetstream.context.Context", "async_nats.jetstream.new()"),
    ],
    rules: &[
        Rule {
            calls: &[
                "async_nats.connect().publish",
                "async_nats.connect().request",
                "async_nats.jetstream.new().publish",
                "async_nats.ConnectOptions.new().connect().publish",
            ],
            payload: Payload::Value(Place::arg(1, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &["async_nats.connect().publish_with_headers", "async_nats.jetstream.new().publish_with_headers"],
            payload: Payload::Value(Place::arg(2, "")),
            ..Rule::SEND
        },
        Rule { calls: &["async_nats.connect().subscribe"], payload: Payload::Around, ..Rule::RECEIVE },
        Rule {
            calls: &["async_nats.connect().queue_subscribe"],
            kind: ChannelKind::Queue,
            payload: Payload::Around,
            bindings: &[("groupId", Place::arg(1, ""))],
            ..Rule::RECEIVE
        },
    ],
    brokers: &[Broker { call: "async_nats.connect", host: Place::arg(0, "") }],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "async-nats",
    languages: &[Language::Rust],
    modules: &["async_nats"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
