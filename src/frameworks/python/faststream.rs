//! FastStream: one interface over Kafka, RabbitMQ, NATS and Redis. Read from <https://faststream.ag2.ai>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Direction, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "python/faststream",
    protocol: Protocol::Kafka,
    types: &[],
    rules: &[
        Rule {
            calls: &[
                "faststream.kafka.KafkaBroker().subscriber",
                "faststream.kafka.KafkaRouter().subscriber",
                "faststream.kafka.fastapi.KafkaRouter().subscriber",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Kafka),
            channel: Place::FirstOf(&[Place::inside(0, "topic", &["0"]), Place::Rest(0), Place::keyword("topic")]),
            payload: Payload::Body,
            prefix: Place::made(usize::MAX, "prefix"),
            ..Rule::HANDLER
        },
        Rule {
            calls: &[
                "faststream.kafka.KafkaBroker().publisher",
                "faststream.kafka.KafkaRouter().publisher",
                "faststream.kafka.fastapi.KafkaRouter().publisher",
            ],
            direction: Direction::Send,
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Kafka),
            channel: Place::FirstOf(&[Place::inside(0, "topic", &["0"]), Place::arg(0, "topic")]),
            payload: Payload::Returned,
            prefix: Place::made(usize::MAX, "prefix"),
            ..Rule::HANDLER
        },
        Rule {
            calls: &[
                "faststream.kafka.KafkaBroker().publish",
                "faststream.kafka.KafkaRouter().publish",
                "faststream.kafka.fastapi.KafkaRouter().publish",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Kafka),
            channel: Place::FirstOf(&[Place::arg(1, "topic"), Place::keyword("routing_key")]),
            payload: Payload::Value(Place::arg(0, "message")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "faststream.kafka.KafkaBroker().publisher().publish",
                "faststream.kafka.KafkaRouter().publisher().publish",
                "faststream.kafka.fastapi.KafkaRouter().publisher().publish",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Kafka),
            channel: Place::Made { call: 1, position: 0, keyword: "topic", path: &[] },
            payload: Payload::Value(Place::arg(0, "message")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "faststream.confluent.KafkaBroker().subscriber",
                "faststream.confluent.KafkaRouter().subscriber",
                "faststream.confluent.fastapi.KafkaRouter().subscriber",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Kafka),
            channel: Place::FirstOf(&[Place::inside(0, "topic", &["0"]), Place::Rest(0), Place::keyword("topic")]),
            payload: Payload::Body,
            prefix: Place::made(usize::MAX, "prefix"),
            ..Rule::HANDLER
        },
        Rule {
            calls: &[
                "faststream.confluent.KafkaBroker().publisher",
                "faststream.confluent.KafkaRouter().publisher",
                "faststream.confluent.fastapi.KafkaRouter().publisher",
            ],
            direction: Direction::Send,
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Kafka),
            channel: Place::FirstOf(&[Place::inside(0, "topic", &["0"]), Place::arg(0, "topic")]),
            payload: Payload::Returned,
            prefix: Place::made(usize::MAX, "prefix"),
            ..Rule::HANDLER
        },
        Rule {
            calls: &[
                "faststream.confluent.KafkaBroker().publish",
                "faststream.confluent.KafkaRouter().publish",
                "faststream.confluent.fastapi.KafkaRouter().publish",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Kafka),
            channel: Place::FirstOf(&[Place::arg(1, "topic"), Place::keyword("routing_key")]),
            payload: Payload::Value(Place::arg(0, "message")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "faststream.confluent.KafkaBroker().publisher().publish",
                "faststream.confluent.KafkaRouter().publisher().publish",
                "faststream.confluent.fastapi.KafkaRouter().publisher().publish",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Kafka),
            channel: Place::Made { call: 1, position: 0, keyword: "topic", path: &[] },
            payload: Payload::Value(Place::arg(0, "message")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "faststream.rabbit.RabbitBroker().subscriber",
                "faststream.rabbit.RabbitRouter().subscriber",
                "faststream.rabbit.fastapi.RabbitRouter().subscriber",
            ],
            kind: ChannelKind::Queue,
            protocol: Some(Protocol::Amqp),
            channel: Place::FirstOf(&[Place::inside(0, "queue", &["0"]), Place::Rest(0), Place::keyword("queue")]),
            payload: Payload::Body,
            prefix: Place::made(usize::MAX, "prefix"),
            ..Rule::HANDLER
        },
        Rule {
            calls: &[
                "faststream.rabbit.RabbitBroker().publisher",
                "faststream.rabbit.RabbitRouter().publisher",
                "faststream.rabbit.fastapi.RabbitRouter().publisher",
            ],
            direction: Direction::Send,
            kind: ChannelKind::Queue,
            protocol: Some(Protocol::Amqp),
            channel: Place::FirstOf(&[Place::inside(0, "queue", &["0"]), Place::arg(0, "queue")]),
            payload: Payload::Returned,
            prefix: Place::made(usize::MAX, "prefix"),
            ..Rule::HANDLER
        },
        Rule {
            calls: &[
                "faststream.rabbit.RabbitBroker().publish",
                "faststream.rabbit.RabbitRouter().publish",
                "faststream.rabbit.fastapi.RabbitRouter().publish",
            ],
            kind: ChannelKind::Queue,
            protocol: Some(Protocol::Amqp),
            channel: Place::FirstOf(&[Place::arg(1, "queue"), Place::keyword("routing_key")]),
            payload: Payload::Value(Place::arg(0, "message")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "faststream.rabbit.RabbitBroker().publisher().publish",
                "faststream.rabbit.RabbitRouter().publisher().publish",
                "faststream.rabbit.fastapi.RabbitRouter().publisher().publish",
            ],
            kind: ChannelKind::Queue,
            protocol: Some(Protocol::Amqp),
            channel: Place::Made { call: 1, position: 0, keyword: "queue", path: &[] },
            payload: Payload::Value(Place::arg(0, "message")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "faststream.nats.NatsBroker().subscriber",
                "faststream.nats.NatsRouter().subscriber",
                "faststream.nats.fastapi.NatsRouter().subscriber",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Nats),
            channel: Place::FirstOf(&[Place::inside(0, "subject", &["0"]), Place::Rest(0), Place::keyword("subject")]),
            payload: Payload::Body,
            prefix: Place::made(usize::MAX, "prefix"),
            ..Rule::HANDLER
        },
        Rule {
            calls: &[
                "faststream.nats.NatsBroker().publisher",
                "faststream.nats.NatsRouter().publisher",
                "faststream.nats.fastapi.NatsRouter().publisher",
            ],
            direction: Direction::Send,
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Nats),
            channel: Place::FirstOf(&[Place::inside(0, "subject", &["0"]), Place::arg(0, "subject")]),
            payload: Payload::Returned,
            prefix: Place::made(usize::MAX, "prefix"),
            ..Rule::HANDLER
        },
        Rule {
            calls: &[
                "faststream.nats.NatsBroker().publish",
                "faststream.nats.NatsRouter().publish",
                "faststream.nats.fastapi.NatsRouter().publish",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Nats),
            channel: Place::FirstOf(&[Place::arg(1, "subject"), Place::keyword("routing_key")]),
            payload: Payload::Value(Place::arg(0, "message")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "faststream.nats.NatsBroker().publisher().publish",
                "faststream.nats.NatsRouter().publisher().publish",
                "faststream.nats.fastapi.NatsRouter().publisher().publish",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Nats),
            channel: Place::Made { call: 1, position: 0, keyword: "subject", path: &[] },
            payload: Payload::Value(Place::arg(0, "message")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "faststream.redis.RedisBroker().subscriber",
                "faststream.redis.RedisRouter().subscriber",
                "faststream.redis.fastapi.RedisRouter().subscriber",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Redis),
            channel: Place::FirstOf(&[Place::keyword("channel"), Place::keyword("stream"), Place::keyword("list"), Place::Rest(0)]),
            payload: Payload::Body,
            prefix: Place::made(usize::MAX, "prefix"),
            ..Rule::HANDLER
        },
        Rule {
            calls: &[
                "faststream.redis.RedisBroker().publisher",
                "faststream.redis.RedisRouter().publisher",
                "faststream.redis.fastapi.RedisRouter().publisher",
            ],
            direction: Direction::Send,
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Redis),
            channel: Place::FirstOf(&[Place::arg(0, "channel"), Place::keyword("stream"), Place::keyword("list")]),
            payload: Payload::Returned,
            prefix: Place::made(usize::MAX, "prefix"),
            ..Rule::HANDLER
        },
        Rule {
            calls: &[
                "faststream.redis.RedisBroker().publish",
                "faststream.redis.RedisRouter().publish",
                "faststream.redis.fastapi.RedisRouter().publish",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Redis),
            channel: Place::FirstOf(&[Place::arg(1, "channel"), Place::keyword("stream"), Place::keyword("list")]),
            payload: Payload::Value(Place::arg(0, "message")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "faststream.redis.RedisBroker().publisher().publish",
                "faststream.redis.RedisRouter().publisher().publish",
                "faststream.redis.fastapi.RedisRouter().publisher().publish",
            ],
            kind: ChannelKind::Topic,
            protocol: Some(Protocol::Redis),
            channel: Place::Made { call: 1, position: 0, keyword: "channel", path: &[] },
            payload: Payload::Value(Place::arg(0, "message")),
            ..Rule::SEND
        },
    ],
    brokers: &[
        Broker { call: "faststream.kafka.KafkaBroker", host: Place::arg(0, "bootstrap_servers") },
        Broker { call: "faststream.rabbit.RabbitBroker", host: Place::arg(0, "url") },
        Broker { call: "faststream.nats.NatsBroker", host: Place::arg(0, "servers") },
        Broker { call: "faststream.redis.RedisBroker", host: Place::arg(0, "url") },
        Broker { call: "faststream.confluent.KafkaBroker", host: Place::arg(0, "bootstrap_servers") },
    ],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "FastStream",
    languages: &[Language::Python],
    modules: &["faststream"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
