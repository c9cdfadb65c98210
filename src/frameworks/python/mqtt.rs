//! MQTT: paho-mqtt and aiomqtt. Read from <https://eclipse.dev/paho/files/paho.mqtt.python/html/> and <https://aiomqtt.bo3hm.com>.

use crate::base::language::Language;
use crate::facts::event::Protocol;
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "python/mqtt",
    protocol: Protocol::Mqtt,
    types: &[],
    rules: &[
        Rule {
            calls: &[
                "paho.mqtt.client.Client().publish",
                "aiomqtt.Client().publish",
                "asyncio_mqtt.Client().publish",
                "gmqtt.Client().publish",
                "gmqtt.client.Client().publish",
                "fastapi_mqtt.FastMQTT().publish",
                "flask_mqtt.Mqtt().publish",
            ],
            channel: Place::arg(0, "topic"),
            payload: Payload::Value(Place::arg(1, "payload")),
            ..Rule::SEND
        },
        Rule {
            calls: &["paho.mqtt.publish.single"],
            channel: Place::arg(0, "topic"),
            payload: Payload::Value(Place::arg(1, "payload")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "paho.mqtt.client.Client().subscribe",
                "aiomqtt.Client().subscribe",
                "asyncio_mqtt.Client().subscribe",
                "gmqtt.Client().subscribe",
                "gmqtt.client.Client().subscribe",
                "flask_mqtt.Mqtt().subscribe",
            ],
            channel: Place::FirstOf(&[
                Place::inside(0, "topic", &["[]", "[0]"]),
                Place::inside(0, "topic", &["[0]"]),
                Place::arg(0, "topic"),
            ]),
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["paho.mqtt.client.Client().message_callback_add"],
            channel: Place::arg(0, "sub"),
            payload: Payload::Parameter(Place::arg(1, "callback"), 2),
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["paho.mqtt.client.Client().topic_callback"],
            channel: Place::arg(0, "sub"),
            payload: Payload::Decorated(2),
            ..Rule::HANDLER
        },
        Rule {
            calls: &["fastapi_mqtt.FastMQTT().subscribe", "flask_mqtt.Mqtt().on_topic"],
            channel: Place::Rest(0),
            payload: Payload::Decorated(2),
            ..Rule::HANDLER
        },
    ],
    brokers: &[
        Broker { call: "paho.mqtt.client.Client().connect", host: Place::arg(0, "host") },
        Broker { call: "aiomqtt.Client", host: Place::arg(0, "hostname") },
    ],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "paho-mqtt, aiomqtt",
    languages: &[Language::Python],
    modules: &["paho", "aiomqtt", "asyncio_mqtt", "gmqtt", "fastapi_mqtt", "flask_mqtt"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
