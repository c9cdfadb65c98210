//! MQTT.js. Read from <https://github.com/mqttjs/MQTT.js>.

use crate::base::language::Language;
use crate::facts::event::Protocol;
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "script/mqtt",
    protocol: Protocol::Mqtt,
    types: &[("mqtt.MqttClient", "mqtt.connect()")],
    rules: &[
        Rule {
            calls: &[
                "mqtt.connect().publish",
                "mqtt.connect().publishAsync",
                "mqtt.connectAsync().publish",
                "mqtt.connectAsync().publishAsync",
                "mqtt.default.connect().publish",
            ],
            payload: Payload::Value(Place::arg(1, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "mqtt.connect().subscribe",
                "mqtt.connect().subscribeAsync",
                "mqtt.connectAsync().subscribe",
                "mqtt.connectAsync().subscribeAsync",
                "mqtt.default.connect().subscribe",
            ],
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
    ],
    brokers: &[Broker { call: "mqtt.connect", host: Place::arg(0, "") }],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "MQTT.js",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["mqtt", "async-mqtt"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
