//! Emitters of Node, eventemitter3 and mitt: events within one process, of emitters that the program makes itself.
//! Read from <https://nodejs.org/api/events.html>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "script/emitter",
    protocol: Protocol::InProcess,
    types: &[("mitt.Emitter", "mitt()")],
    rules: &[
        Rule {
            calls: &[
                "node:events.EventEmitter().emit",
                "node:events().emit",
                "node:events.default().emit",
                "events.EventEmitter().emit",
                "events().emit",
                "events.default().emit",
                "eventemitter3().emit",
                "eventemitter3.EventEmitter().emit",
                "eventemitter3.default().emit",
                "mitt().emit",
                "mitt.default().emit",
            ],
            kind: ChannelKind::Signal,
            payload: Payload::Value(Place::arg(1, "")),
            ..Rule::SEND
        },
        Rule { calls: HEARS, kind: ChannelKind::Signal, payload: Payload::Parameter(Place::arg(1, ""), 0), ..Rule::RECEIVE },
    ],
    brokers: &[],
};

const HEARS: &[&str] = &[
    "node:events.EventEmitter().on",
    "node:events.EventEmitter().once",
    "node:events.EventEmitter().addListener",
    "node:events().on",
    "node:events().once",
    "node:events().addListener",
    "node:events.default().on",
    "node:events.default().once",
    "events.EventEmitter().on",
    "events.EventEmitter().once",
    "events.EventEmitter().addListener",
    "events().on",
    "events().once",
    "events().addListener",
    "events.default().on",
    "events.default().once",
    "eventemitter3().on",
    "eventemitter3().once",
    "eventemitter3.EventEmitter().on",
    "eventemitter3.EventEmitter().once",
    "eventemitter3.default().on",
    "eventemitter3.default().once",
    "mitt().on",
    "mitt.default().on",
];

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "EventEmitter, mitt",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["events", "node:events", "eventemitter3", "mitt"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
