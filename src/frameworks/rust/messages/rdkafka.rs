//! Kafka: rdkafka. Read from <https://docs.rs/rdkafka>.

use crate::base::language::Language;
use crate::facts::event::Protocol;
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

/// The record is made by a chain: `FutureRecord::to("topic").payload(&body)`.
const RECORDS: &[&str] = &[
    "rdkafka.producer.FutureRecord.to",
    "rdkafka.producer.BaseRecord.to",
    "rdkafka.producer.future_producer.FutureRecord.to",
    "rdkafka.producer.base_producer.BaseRecord.to",
];

const LIBRARY: Library = Library {
    id: "rust/rdkafka",
    protocol: Protocol::Kafka,
    types: &[],
    rules: &[
        Rule { calls: RECORDS, payload: Payload::Chained("payload", Place::arg(0, "")), ..Rule::SEND },
        Rule {
            calls: &[
                "rdkafka.consumer.StreamConsumer().subscribe",
                "rdkafka.consumer.stream_consumer.StreamConsumer().subscribe",
                "rdkafka.consumer.BaseConsumer().subscribe",
                "rdkafka.consumer.base_consumer.BaseConsumer().subscribe",
                "rdkafka.consumer.Consumer().subscribe",
            ],
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
    ],
    brokers: &[] as &[Broker],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "rdkafka",
    languages: &[Language::Rust],
    modules: &["rdkafka"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
