//! MQTT: rumqttc. Read from <https://docs.rs/rumqttc>.

use crate::base::language::Language;
use crate::facts::event::Protocol;
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "rust/rumqttc",
    protocol: Protocol::Mqtt,
    types: &[],
    rules: &[
        Rule {
            calls: &[
                "rumqttc.AsyncClient().publish",
                "rumqttc.Client().publish",
                "rumqttc.AsyncClient.new().0.publish",
                "rumqttc.Client.new().0.publish",
            ],
            payload: Payload::Value(Place::arg(3, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "rumqttc.AsyncClient().subscribe",
                "rumqttc.Client().subscribe",
                "rumqttc.AsyncClient.new().0.subscribe",
                "rumqttc.Client.new().0.subscribe",
            ],
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
    ],
    brokers: &[Broker { call: "rumqttc.MqttOptions.new", host: Place::arg(1, "") }],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "rumqttc",
    languages: &[Language::Rust],
    modules: &["rumqttc"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
