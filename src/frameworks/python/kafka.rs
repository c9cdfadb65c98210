//! Kafka clients: kafka-python, aiokafka, confluent-kafka.
//!
//! Read from <https://kafka-python.readthedocs.io>, <https://aiokafka.readthedocs.io> and
//! <https://docs.confluent.io/platform/current/clients/confluent-kafka-python/html/>.

use crate::base::language::Language;
use crate::facts::event::Protocol;
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const GROUP: &[(&str, Place)] = &[("groupId", Place::keyword("group_id"))];

const LIBRARY: Library = Library {
    id: "python/kafka",
    protocol: Protocol::Kafka,
    types: &[],
    rules: &[
        Rule {
            calls: &[
                "kafka.KafkaProducer().send",
                "kafka.producer.KafkaProducer().send",
                "aiokafka.AIOKafkaProducer().send",
                "aiokafka.AIOKafkaProducer().send_and_wait",
                "aiokafka.producer.AIOKafkaProducer().send",
                "aiokafka.producer.AIOKafkaProducer().send_and_wait",
            ],
            channel: Place::arg(0, "topic"),
            payload: Payload::Value(Place::arg(1, "value")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "confluent_kafka.Producer().produce",
                "confluent_kafka.SerializingProducer().produce",
                "confluent_kafka.avro.AvroProducer().produce",
                "confluent_kafka.aio.AIOProducer().produce",
            ],
            channel: Place::arg(0, "topic"),
            payload: Payload::Value(Place::arg(1, "value")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "kafka.KafkaConsumer",
                "kafka.consumer.KafkaConsumer",
                "aiokafka.AIOKafkaConsumer",
                "aiokafka.consumer.AIOKafkaConsumer",
            ],
            channel: Place::Rest(0),
            payload: Payload::Around,
            bindings: GROUP,
            ..Rule::RECEIVE
        },
        Rule {
            calls: &[
                "kafka.KafkaConsumer().subscribe",
                "kafka.consumer.KafkaConsumer().subscribe",
                "aiokafka.AIOKafkaConsumer().subscribe",
                "aiokafka.consumer.AIOKafkaConsumer().subscribe",
            ],
            channel: Place::arg(0, "topics"),
            payload: Payload::Around,
            bindings: &[("groupId", Place::Made { call: 0, position: usize::MAX, keyword: "group_id", path: &[] })],
            ..Rule::RECEIVE
        },
        Rule {
            calls: &[
                "confluent_kafka.Consumer().subscribe",
                "confluent_kafka.DeserializingConsumer().subscribe",
                "confluent_kafka.avro.AvroConsumer().subscribe",
                "confluent_kafka.aio.AIOConsumer().subscribe",
            ],
            channel: Place::arg(0, "topics"),
            payload: Payload::Around,
            bindings: &[("groupId", Place::Made { call: 0, position: 0, keyword: "config", path: &["group.id"] })],
            ..Rule::RECEIVE
        },
    ],
    brokers: &[
        Broker { call: "kafka.KafkaProducer", host: Place::keyword("bootstrap_servers") },
        Broker { call: "kafka.KafkaConsumer", host: Place::keyword("bootstrap_servers") },
        Broker { call: "aiokafka.AIOKafkaProducer", host: Place::keyword("bootstrap_servers") },
        Broker { call: "aiokafka.AIOKafkaConsumer", host: Place::keyword("bootstrap_servers") },
        Broker { call: "confluent_kafka.Producer", host: Place::inside(0, "", &["bootstrap.servers"]) },
        Broker { call: "confluent_kafka.Consumer", host: Place::inside(0, "", &["bootstrap.servers"]) },
    ],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "kafka-python, aiokafka, confluent-kafka",
    languages: &[Language::Python],
    modules: &["kafka", "aiokafka", "confluent_kafka"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
