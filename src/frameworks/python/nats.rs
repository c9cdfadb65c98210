//! NATS: nats-py. Read from <https://nats-io.github.io/nats.py/>.

use crate::base::language::Language;
use crate::facts::event::Protocol;
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "python/nats",
    protocol: Protocol::Nats,
    types: &[
        ("nats.NATS", "nats.connect()"),
        ("nats.aio.client.Client", "nats.connect()"),
        ("nats.js.JetStreamContext", "nats.connect().jetstream()"),
        ("nats.js.client.JetStreamContext", "nats.connect().jetstream()"),
    ],
    rules: &[
        Rule {
            calls: &[
                "nats.connect().publish",
                "nats.connect().request",
                "nats.connect().jetstream().publish",
                "nats.NATS().publish",
                "nats.aio.client.Client().publish",
                "nats.NATS().jetstream().publish",
            ],
            channel: Place::arg(0, "subject"),
            payload: Payload::Value(Place::arg(1, "payload")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "nats.connect().subscribe",
                "nats.connect().jetstream().subscribe",
                "nats.NATS().subscribe",
                "nats.aio.client.Client().subscribe",
                "nats.NATS().jetstream().subscribe",
            ],
            channel: Place::arg(0, "subject"),
            payload: Payload::FirstOf(&[
                Payload::Parameter(Place::keyword("cb"), 0),
                Payload::Parameter(Place::arg(2, "cb"), 0),
                Payload::Around,
            ]),
            bindings: &[("groupId", Place::arg(1, "queue"))],
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["nats.connect().jetstream().pull_subscribe", "nats.NATS().jetstream().pull_subscribe"],
            channel: Place::arg(0, "subject"),
            payload: Payload::Around,
            bindings: &[("groupId", Place::arg(1, "durable"))],
            ..Rule::RECEIVE
        },
    ],
    brokers: &[Broker { call: "nats.connect", host: Place::arg(0, "servers") }],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "nats-py",
    languages: &[Language::Python],
    modules: &["nats"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
