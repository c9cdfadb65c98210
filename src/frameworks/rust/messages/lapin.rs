//! RabbitMQ: lapin. Read from <https://docs.rs/lapin>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "rust/lapin",
    protocol: Protocol::Amqp,
    types: &[("lapin.Channel", "lapin.Connection.connect().create_channel()"), ("lapin.Connection", "lapin.Connection.connect()")],
    rules: &[
        Rule {
            calls: &["lapin.Connection.connect().create_channel().basic_publish"],
            kind: ChannelKind::Exchange,
            channel: Place::FirstOf(&[Place::arg(1, ""), Place::arg(0, "")]),
            payload: Payload::Value(Place::arg(3, "")),
            bindings: &[("exchange", Place::arg(0, "")), ("routingKey", Place::arg(1, ""))],
            ..Rule::SEND
        },
        Rule {
            calls: &["lapin.Connection.connect().create_channel().basic_consume"],
            kind: ChannelKind::Queue,
            channel: Place::FirstOf(&[
                Place::arg(0, ""),
                Place::Bound { position: 0, keyword: "", method: "queue_bind", same: (0, ""), key: (2, "") },
            ]),
            payload: Payload::Around,
            bindings: &[("queue", Place::arg(0, ""))],
            ..Rule::RECEIVE
        },
    ],
    brokers: &[Broker { call: "lapin.Connection.connect", host: Place::arg(0, "") }],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "lapin",
    languages: &[Language::Rust],
    modules: &["lapin", "deadpool_lapin"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
