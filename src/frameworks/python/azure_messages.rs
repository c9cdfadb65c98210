//! Azure Service Bus. Read from <https://learn.microsoft.com/python/api/overview/azure/servicebus-readme>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "python/azure-messages",
    protocol: Protocol::ServiceBus,
    types: &[],
    rules: &[
        Rule {
            calls: &[
                "azure.servicebus.ServiceBusClient().get_queue_sender().send_messages",
                "azure.servicebus.ServiceBusClient.from_connection_string().get_queue_sender().send_messages",
                "azure.servicebus.aio.ServiceBusClient().get_queue_sender().send_messages",
                "azure.servicebus.aio.ServiceBusClient.from_connection_string().get_queue_sender().send_messages",
            ],
            kind: ChannelKind::Queue,
            channel: Place::Made { call: 1, position: 0, keyword: "queue_name", path: &[] },
            payload: Payload::FirstOf(&[
                Payload::Value(Place::inside(0, "message", &["0"])),
                Payload::Value(Place::inside(0, "message", &["body"])),
            ]),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "azure.servicebus.ServiceBusClient().get_topic_sender().send_messages",
                "azure.servicebus.ServiceBusClient.from_connection_string().get_topic_sender().send_messages",
                "azure.servicebus.aio.ServiceBusClient().get_topic_sender().send_messages",
                "azure.servicebus.aio.ServiceBusClient.from_connection_string().get_topic_sender().send_messages",
            ],
            channel: Place::Made { call: 1, position: 0, keyword: "topic_name", path: &[] },
            payload: Payload::FirstOf(&[
                Payload::Value(Place::inside(0, "message", &["0"])),
                Payload::Value(Place::inside(0, "message", &["body"])),
            ]),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "azure.servicebus.ServiceBusClient().get_queue_receiver",
                "azure.servicebus.ServiceBusClient.from_connection_string().get_queue_receiver",
                "azure.servicebus.aio.ServiceBusClient().get_queue_receiver",
                "azure.servicebus.aio.ServiceBusClient.from_connection_string().get_queue_receiver",
            ],
            kind: ChannelKind::Queue,
            channel: Place::arg(0, "queue_name"),
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
        Rule {
            calls: &[
                "azure.servicebus.ServiceBusClient().get_subscription_receiver",
                "azure.servicebus.ServiceBusClient.from_connection_string().get_subscription_receiver",
                "azure.servicebus.aio.ServiceBusClient().get_subscription_receiver",
                "azure.servicebus.aio.ServiceBusClient.from_connection_string().get_subscription_receiver",
            ],
            channel: Place::arg(0, "topic_name"),
            payload: Payload::Around,
            bindings: &[("subscription", Place::arg(1, "subscription_name"))],
            ..Rule::RECEIVE
        },
    ],
    brokers: &[],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "Azure Service Bus",
    languages: &[Language::Python],
    modules: &["azure.servicebus"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
