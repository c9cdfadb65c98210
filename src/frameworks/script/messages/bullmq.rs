//! BullMQ and Bull: jobs kept in Redis. Read from <https://docs.bullmq.io>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "script/bullmq",
    protocol: Protocol::Redis,
    types: &[
        ("bullmq.Queue", "bullmq.Queue()"),
        ("bull.Queue", "bull()"),
        ("bull.default.Queue", "bull()"),
        ("bullmq.FlowProducer", "bullmq.FlowProducer()"),
    ],
    rules: &[
        Rule {
            calls: &["bullmq.Queue().add", "bull().add", "bull.default().add"],
            kind: ChannelKind::Queue,
            channel: Place::FirstOf(&[Place::made(0, ""), Place::Injected("InjectQueue")]),
            payload: Payload::FirstOf(&[Payload::Value(Place::arg(1, "")), Payload::Value(Place::arg(0, "")), Payload::TypeArgument(0)]),
            message: Place::text(0, ""),
            ..Rule::SEND
        },
        Rule {
            calls: &["bullmq.Queue().addBulk", "bull().addBulk"],
            kind: ChannelKind::Queue,
            channel: Place::FirstOf(&[Place::made(0, ""), Place::Injected("InjectQueue")]),
            payload: Payload::Value(Place::inside(0, "", &["[]", "data"])),
            message: Place::inside(0, "", &["[]", "name"]),
            ..Rule::SEND
        },
        Rule {
            calls: &["bullmq.Queue().upsertJobScheduler"],
            kind: ChannelKind::Queue,
            channel: Place::FirstOf(&[Place::made(0, ""), Place::Injected("InjectQueue")]),
            payload: Payload::Value(Place::inside(2, "", &["data"])),
            message: Place::inside(2, "", &["name"]),
            ..Rule::SEND
        },
        Rule {
            calls: &["bullmq.FlowProducer().add"],
            kind: ChannelKind::Queue,
            channel: Place::inside(0, "", &["queueName"]),
            payload: Payload::Value(Place::inside(0, "", &["data"])),
            message: Place::inside(0, "", &["name"]),
            ..Rule::SEND
        },
        Rule {
            calls: &["bullmq.Worker"],
            kind: ChannelKind::Queue,
            payload: Payload::FirstOf(&[Payload::Parameter(Place::arg(1, ""), 0), Payload::TypeArgument(0)]),
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["bull().process", "bull.default().process"],
            kind: ChannelKind::Queue,
            channel: Place::made(0, ""),
            payload: Payload::FirstOf(&[
                Payload::Parameter(Place::arg(0, ""), 0),
                Payload::Parameter(Place::arg(1, ""), 0),
                Payload::Parameter(Place::arg(2, ""), 0),
            ]),
            ..Rule::RECEIVE
        },
    ],
    brokers: &[Broker { call: "bullmq.Queue", host: Place::inside(1, "", &["connection", "host"]) }],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "BullMQ, Bull",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["bullmq", "bull", "@nestjs/bullmq", "@nestjs/bull"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
