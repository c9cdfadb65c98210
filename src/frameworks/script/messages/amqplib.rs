//! RabbitMQ clients: amqplib, amqp-connection-manager. Read from <https://amqp-node.github.io/amqplib/>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "script/amqplib",
    protocol: Protocol::Amqp,
    types: &[
        ("amqplib.Channel", "amqplib.connect().createChannel()"),
        ("amqplib.ConfirmChannel", "amqplib.connect().createChannel()"),
        ("amqplib.ChannelModel", "amqplib.connect()"),
        ("amqplib.Connection", "amqplib.connect()"),
        ("amqp-connection-manager.ChannelWrapper", "amqp-connection-manager.connect().createChannel()"),
    ],
    rules: &[
        Rule {
            calls: &[
                "amqplib.connect().createChannel().sendToQueue",
                "amqplib.connect().createConfirmChannel().sendToQueue",
                "amqp-connection-manager.connect().createChannel().sendToQueue",
            ],
            kind: ChannelKind::Queue,
            payload: Payload::Value(Place::arg(1, "")),
            bindings: &[("queue", Place::arg(0, ""))],
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "amqplib.connect().createChannel().publish",
                "amqplib.connect().createConfirmChannel().publish",
                "amqp-connection-manager.connect().createChannel().publish",
            ],
            kind: ChannelKind::Exchange,
            channel: Place::FirstOf(&[Place::arg(1, ""), Place::arg(0, "")]),
            payload: Payload::Value(Place::arg(2, "")),
            bindings: &[("exchange", Place::arg(0, "")), ("routingKey", Place::arg(1, ""))],
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "amqplib.connect().createChannel().consume",
                "amqplib.connect().createConfirmChannel().consume",
                "amqp-connection-manager.connect().createChannel().consume",
            ],
            kind: ChannelKind::Queue,
            channel: Place::FirstOf(&[
                Place::ResultOf { position: 0, keyword: "", method: "assertQueue", name: (0, "") },
                Place::Bound { position: 0, keyword: "", method: "bindQueue", same: (0, ""), key: (2, "") },
                Place::arg(0, ""),
            ]),
            payload: Payload::Parameter(Place::arg(1, ""), 0),
            bindings: &[("queue", Place::arg(0, ""))],
            ..Rule::RECEIVE
        },
    ],
    brokers: &[
        Broker { call: "amqplib.connect", host: Place::arg(0, "") },
        Broker { call: "amqp-connection-manager.connect", host: Place::arg(0, "") },
    ],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "amqplib",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["amqplib", "amqp-connection-manager"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
