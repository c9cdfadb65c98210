//! NATS. Read from <https://github.com/nats-io/nats.js>.

use crate::base::language::Language;
use crate::facts::event::Protocol;
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "script/nats",
    protocol: Protocol::Nats,
    types: &[("nats.NatsConnection", "nats.connect()"), ("nats.JetStreamClient", "nats.connect().jetstream()")],
    rules: &[
        Rule {
            calls: &[
                "nats.connect().publish",
                "nats.connect().request",
                "nats.connect().jetstream().publish",
                "@nats-io/transport-node.connect().publish",
            ],
            payload: Payload::Value(Place::arg(1, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &["nats.connect().subscribe", "@nats-io/transport-node.connect().subscribe"],
            payload: Payload::FirstOf(&[Payload::Parameter(Place::inside(1, "", &["callback"]), 1), Payload::Around]),
            bindings: &[("groupId", Place::inside(1, "", &["queue"]))],
            ..Rule::RECEIVE
        },
    ],
    brokers: &[Broker { call: "nats.connect", host: Place::inside(0, "", &["servers"]) }],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "nats",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["nats", "@nats-io/transport-node"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
