//! KafkaJS. Read from <https://kafka.js.org/docs/>.

use crate::base::language::Language;
use crate::facts::event::Protocol;
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const GROUP: &[(&str, Place)] = &[("groupId", Place::Made { call: 1, position: 0, keyword: "", path: &["groupId"] })];

const LIBRARY: Library = Library {
    id: "script/kafkajs",
    protocol: Protocol::Kafka,
    types: &[
        ("kafkajs.Kafka", "kafkajs.Kafka()"),
        ("kafkajs.Producer", "kafkajs.Kafka().producer()"),
        ("kafkajs.Consumer", "kafkajs.Kafka().consumer()"),
        ("kafkajs.Transaction", "kafkajs.Kafka().producer()"),
    ],
    rules: &[
        Rule {
            calls: &[
                "kafkajs.Kafka().producer().send",
                "kafkajs.Kafka().producer().transaction().send",
                "@confluentinc/kafka-javascript.KafkaJS.Kafka().producer().send",
            ],
            channel: Place::inside(0, "", &["topic"]),
            payload: Payload::Value(Place::inside(0, "", &["messages", "[]", "value"])),
            ..Rule::SEND
        },
        Rule {
            calls: &["kafkajs.Kafka().producer().sendBatch", "@confluentinc/kafka-javascript.KafkaJS.Kafka().producer().sendBatch"],
            channel: Place::inside(0, "", &["topicMessages", "[]", "topic"]),
            payload: Payload::Value(Place::inside(0, "", &["topicMessages", "[]", "messages", "[]", "value"])),
            ..Rule::SEND
        },
        Rule {
            calls: &["kafkajs.Kafka().consumer().subscribe", "@confluentinc/kafka-javascript.KafkaJS.Kafka().consumer().subscribe"],
            channel: Place::inside(0, "", &["topic"]),
            payload: Payload::Sibling("run", Place::Any(0, &["eachMessage", "eachBatch"])),
            bindings: GROUP,
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["kafkajs.Kafka().consumer().subscribe", "@confluentinc/kafka-javascript.KafkaJS.Kafka().consumer().subscribe"],
            channel: Place::inside(0, "", &["topics"]),
            payload: Payload::Sibling("run", Place::Any(0, &["eachMessage", "eachBatch"])),
            bindings: GROUP,
            ..Rule::RECEIVE
        },
    ],
    brokers: &[Broker { call: "kafkajs.Kafka", host: Place::inside(0, "", &["brokers"]) }],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "KafkaJS",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["kafkajs", "@confluentinc/kafka-javascript"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
