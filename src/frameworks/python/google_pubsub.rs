//! Google Cloud Pub/Sub. Read from <https://cloud.google.com/python/docs/reference/pubsub/latest>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "python/google-pubsub",
    protocol: Protocol::GooglePubSub,
    types: &[],
    rules: &[
        Rule {
            calls: &["google.cloud.pubsub_v1.PublisherClient().publish", "google.cloud.pubsub.PublisherClient().publish"],
            channel: Place::FirstOf(&[
                Place::ResultOf { position: 0, keyword: "topic", method: "topic_path", name: (1, "topic") },
                Place::arg(0, "topic"),
            ]),
            payload: Payload::Value(Place::arg(1, "data")),
            ..Rule::SEND
        },
        Rule {
            calls: &["google.cloud.pubsub_v1.SubscriberClient().subscribe", "google.cloud.pubsub.SubscriberClient().subscribe"],
            kind: ChannelKind::Queue,
            channel: Place::FirstOf(&[
                Place::ResultOf { position: 0, keyword: "subscription", method: "subscription_path", name: (1, "subscription") },
                Place::arg(0, "subscription"),
            ]),
            payload: Payload::Parameter(Place::arg(1, "callback"), 0),
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["google.cloud.pubsub_v1.SubscriberClient().pull"],
            kind: ChannelKind::Queue,
            channel: Place::FirstOf(&[
                Place::ResultOf { position: usize::MAX, keyword: "subscription", method: "subscription_path", name: (1, "subscription") },
                Place::keyword("subscription"),
            ]),
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
    ],
    brokers: &[],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "Google Cloud Pub/Sub",
    languages: &[Language::Python],
    modules: &["google.cloud.pubsub_v1", "google.cloud.pubsub", "google.cloud"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
