//! RabbitMQ clients: pika, aio-pika, kombu.
//!
//! Read from <https://pika.readthedocs.io>, <https://docs.aio-pika.com> and <https://docs.celeryq.dev/projects/kombu>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

/// Without an exchange the routing key is the queue.
const PUBLISHED: Place = Place::FirstOf(&[Place::arg(1, "routing_key"), Place::arg(0, "exchange")]);

const CONSUMED: Place = Place::FirstOf(&[
    Place::ResultOf { position: 0, keyword: "queue", method: "queue_declare", name: (0, "queue") },
    Place::Bound { position: 0, keyword: "queue", method: "queue_bind", same: (0, "queue"), key: (2, "routing_key") },
    Place::arg(0, "queue"),
]);

const LIBRARY: Library = Library {
    id: "python/amqp",
    protocol: Protocol::Amqp,
    types: &[
        ("pika.channel.Channel", "pika.BlockingConnection().channel()"),
        ("pika.adapters.blocking_connection.BlockingChannel", "pika.BlockingConnection().channel()"),
        ("aio_pika.abc.AbstractChannel", "aio_pika.connect().channel()"),
        ("aio_pika.abc.AbstractRobustChannel", "aio_pika.connect().channel()"),
        ("aio_pika.Channel", "aio_pika.connect().channel()"),
        ("aio_pika.abc.AbstractExchange", "aio_pika.connect().channel().default_exchange"),
        ("aio_pika.abc.AbstractQueue", "aio_pika.connect().channel().declare_queue()"),
    ],
    rules: &[
        Rule {
            calls: &["pika.BlockingConnection().channel().basic_publish", "pika.SelectConnection().channel().basic_publish"],
            kind: ChannelKind::Exchange,
            channel: PUBLISHED,
            payload: Payload::Value(Place::arg(2, "body")),
            bindings: &[("exchange", Place::arg(0, "exchange")), ("routingKey", Place::arg(1, "routing_key"))],
            ..Rule::SEND
        },
        Rule {
            calls: &["pika.BlockingConnection().channel().basic_consume", "pika.SelectConnection().channel().basic_consume"],
            kind: ChannelKind::Queue,
            channel: CONSUMED,
            payload: Payload::Parameter(Place::arg(1, "on_message_callback"), 3),
            bindings: &[("queue", Place::arg(0, "queue"))],
            ..Rule::RECEIVE
        },
        Rule {
            calls: &[
                "aio_pika.connect().channel().default_exchange.publish",
                "aio_pika.connect_robust().channel().default_exchange.publish",
            ],
            kind: ChannelKind::Queue,
            channel: Place::arg(1, "routing_key"),
            payload: Payload::FirstOf(&[
                Payload::Value(Place::inside(0, "message", &["body"])),
                Payload::Value(Place::inside(0, "message", &["0"])),
            ]),
            bindings: &[("routingKey", Place::arg(1, "routing_key"))],
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "aio_pika.connect().channel().declare_exchange().publish",
                "aio_pika.connect_robust().channel().declare_exchange().publish",
                "aio_pika.connect().channel().get_exchange().publish",
                "aio_pika.connect_robust().channel().get_exchange().publish",
            ],
            kind: ChannelKind::Exchange,
            channel: Place::FirstOf(&[Place::arg(1, "routing_key"), Place::Made { call: 2, position: 0, keyword: "name", path: &[] }]),
            payload: Payload::FirstOf(&[
                Payload::Value(Place::inside(0, "message", &["body"])),
                Payload::Value(Place::inside(0, "message", &["0"])),
            ]),
            bindings: &[
                ("exchange", Place::Made { call: 2, position: 0, keyword: "name", path: &[] }),
                ("routingKey", Place::arg(1, "routing_key")),
            ],
            ..Rule::SEND
        },
        Rule {
            calls: &["aio_pika.connect().channel().declare_queue().consume", "aio_pika.connect_robust().channel().declare_queue().consume"],
            kind: ChannelKind::Queue,
            channel: Place::Made { call: 2, position: 0, keyword: "name", path: &[] },
            payload: Payload::Parameter(Place::arg(0, "callback"), 0),
            ..Rule::RECEIVE
        },
        Rule {
            calls: &[
                "aio_pika.connect().channel().declare_queue().iterator",
                "aio_pika.connect_robust().channel().declare_queue().iterator",
            ],
            kind: ChannelKind::Queue,
            channel: Place::Made { call: 2, position: 0, keyword: "name", path: &[] },
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["kombu.Producer().publish", "kombu.messaging.Producer().publish", "kombu.Connection().Producer().publish"],
            kind: ChannelKind::Exchange,
            channel: Place::FirstOf(&[
                Place::keyword("routing_key"),
                Place::inside(usize::MAX, "exchange", &["0"]),
                Place::made(usize::MAX, "routing_key"),
            ]),
            payload: Payload::Value(Place::arg(0, "body")),
            bindings: &[("exchange", Place::inside(usize::MAX, "exchange", &["0"])), ("routingKey", Place::keyword("routing_key"))],
            ..Rule::SEND
        },
        Rule {
            calls: &["kombu.Connection().SimpleQueue().put"],
            kind: ChannelKind::Queue,
            channel: Place::Made { call: 1, position: 0, keyword: "name", path: &[] },
            payload: Payload::Value(Place::arg(0, "message")),
            ..Rule::SEND
        },
        Rule {
            calls: &["kombu.Connection().SimpleQueue().get"],
            kind: ChannelKind::Queue,
            channel: Place::Made { call: 1, position: 0, keyword: "name", path: &[] },
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["kombu.Consumer", "kombu.messaging.Consumer", "kombu.Connection().Consumer"],
            kind: ChannelKind::Queue,
            channel: Place::FirstOf(&[
                Place::inside(1, "queues", &["[]", "0"]),
                Place::inside(0, "queues", &["[]", "0"]),
                Place::inside(0, "queues", &["0"]),
            ]),
            payload: Payload::Parameter(Place::inside(usize::MAX, "callbacks", &["[]"]), 0),
            ..Rule::RECEIVE
        },
    ],
    brokers: &[
        Broker { call: "pika.ConnectionParameters", host: Place::arg(0, "host") },
        Broker { call: "pika.URLParameters", host: Place::arg(0, "url") },
        Broker { call: "aio_pika.connect", host: Place::arg(0, "url") },
        Broker { call: "aio_pika.connect_robust", host: Place::arg(0, "url") },
        Broker { call: "kombu.Connection", host: Place::arg(0, "hostname") },
    ],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "pika, aio-pika, kombu",
    languages: &[Language::Python],
    modules: &["pika", "aio_pika", "kombu"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
