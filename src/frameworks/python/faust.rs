//! Faust: streams over Kafka. Read from <https://faust-streaming.github.io/faust/userguide/>.

use crate::base::language::Language;
use crate::facts::event::Protocol;
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "python/faust",
    protocol: Protocol::Kafka,
    types: &[],
    rules: &[
        Rule {
            calls: &["faust.App().topic().send", "faust.App().topic().send_soon"],
            channel: Place::Made { call: 1, position: 0, keyword: "", path: &[] },
            payload: Payload::Value(Place::keyword("value")),
            ..Rule::SEND
        },
        Rule {
            calls: &["faust.App().send"],
            channel: Place::arg(0, "channel"),
            payload: Payload::Value(Place::arg(2, "value")),
            ..Rule::SEND
        },
        Rule {
            calls: &["faust.App().agent"],
            // A topic that is an object names itself where it was made; one that is a text is the channel.
            channel: Place::inside(0, "channel", &["0"]),
            payload: Payload::Class(Place::inside(0, "channel", &["value_type"])),
            ..Rule::HANDLER
        },
        Rule { calls: &["faust.App().agent"], channel: Place::text(0, "channel"), ..Rule::HANDLER },
    ],
    brokers: &[Broker { call: "faust.App", host: Place::keyword("broker") }],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "Faust",
    languages: &[Language::Python],
    modules: &["faust"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
