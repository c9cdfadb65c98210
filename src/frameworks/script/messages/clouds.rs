//! Google Cloud Pub/Sub, Azure Service Bus and Event Hubs. Read from their reference pages.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "script/cloud-messages",
    protocol: Protocol::GooglePubSub,
    types: &[
        ("@azure/service-bus.ServiceBusClient", "@azure/service-bus.ServiceBusClient()"),
        ("@azure/service-bus.ServiceBusSender", "@azure/service-bus.ServiceBusClient().createSender()"),
    ],
    rules: &[
        Rule {
            calls: &["@google-cloud/pubsub.PubSub().topic().publishMessage"],
            channel: Place::Made { call: 1, position: 0, keyword: "", path: &[] },
            payload: Payload::FirstOf(&[Payload::Value(Place::inside(0, "", &["json"])), Payload::Value(Place::inside(0, "", &["data"]))]),
            ..Rule::SEND
        },
        Rule {
            calls: &["@google-cloud/pubsub.PubSub().topic().publishJSON", "@google-cloud/pubsub.PubSub().topic().publish"],
            channel: Place::Made { call: 1, position: 0, keyword: "", path: &[] },
            payload: Payload::Value(Place::arg(0, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &["@google-cloud/pubsub.PubSub().subscription().on"],
            kind: ChannelKind::Queue,
            channel: Place::Made { call: 1, position: 0, keyword: "", path: &[] },
            payload: Payload::Parameter(Place::arg(1, ""), 0),
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["@azure/service-bus.ServiceBusClient().createSender().sendMessages"],
            protocol: Some(Protocol::ServiceBus),
            channel: Place::Made { call: 1, position: 0, keyword: "", path: &[] },
            payload: Payload::Value(Place::inside(0, "", &["body"])),
            ..Rule::SEND
        },
        Rule {
            calls: &["@azure/service-bus.ServiceBusClient().createReceiver"],
            protocol: Some(Protocol::ServiceBus),
            payload: Payload::Around,
            bindings: &[("subscription", Place::text(1, ""))],
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["@azure/event-hubs.EventHubProducerClient().sendBatch"],
            protocol: Some(Protocol::EventHubs),
            channel: Place::Made { call: 0, position: 1, keyword: "", path: &[] },
            ..Rule::SEND
        },
        Rule {
            calls: &["ffc-messaging.MessageSender", "ffc-pay-event-publisher.EventPublisher", "ffc-pay-event-publisher.PublishEvent"],
            protocol: Some(Protocol::ServiceBus),
            channel: Place::inside(0, "", &["address"]),
            ..Rule::SEND
        },
        Rule {
            calls: &["ffc-messaging.MessageReceiver"],
            protocol: Some(Protocol::ServiceBus),
            channel: Place::FirstOf(&[Place::inside(0, "", &["topic"]), Place::inside(0, "", &["address"])]),
            payload: Payload::Parameter(Place::arg(1, ""), 0),
            ..Rule::RECEIVE
        },
    ],
    brokers: &[],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "Google Cloud Pub/Sub, Azure Service Bus and Event Hubs",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["@google-cloud/pubsub", "@azure/service-bus", "@azure/event-hubs", "ffc-messaging", "ffc-pay-event-publisher"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
