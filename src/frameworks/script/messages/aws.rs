//! Amazon's queues, topics, buses and streams. Read from <https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "script/aws-messages",
    protocol: Protocol::Sqs,
    types: &[],
    rules: &[
        Rule {
            calls: &["@aws-sdk/client-sqs.SendMessageCommand"],
            kind: ChannelKind::Queue,
            channel: Place::inside(0, "", &["QueueUrl"]),
            payload: Payload::Value(Place::inside(0, "", &["MessageBody"])),
            ..Rule::SEND
        },
        Rule {
            calls: &["@aws-sdk/client-sqs.SendMessageBatchCommand"],
            kind: ChannelKind::Queue,
            channel: Place::inside(0, "", &["QueueUrl"]),
            payload: Payload::Value(Place::inside(0, "", &["Entries", "[]", "MessageBody"])),
            ..Rule::SEND
        },
        Rule {
            calls: &["@aws-sdk/client-sqs.ReceiveMessageCommand"],
            kind: ChannelKind::Queue,
            channel: Place::inside(0, "", &["QueueUrl"]),
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["sqs-consumer.Consumer.create"],
            kind: ChannelKind::Queue,
            channel: Place::inside(0, "", &["queueUrl"]),
            payload: Payload::Parameter(Place::Any(0, &["handleMessage", "handleMessageBatch"]), 0),
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["@aws-sdk/client-sns.PublishCommand"],
            protocol: Some(Protocol::Sns),
            channel: Place::FirstOf(&[Place::inside(0, "", &["TopicArn"]), Place::inside(0, "", &["TargetArn"])]),
            payload: Payload::Value(Place::inside(0, "", &["Message"])),
            ..Rule::SEND
        },
        Rule {
            calls: &["@aws-sdk/client-eventbridge.PutEventsCommand"],
            protocol: Some(Protocol::EventBridge),
            kind: ChannelKind::Exchange,
            channel: Place::inside(0, "", &["Entries", "[]", "DetailType"]),
            payload: Payload::Value(Place::inside(0, "", &["Entries", "[]", "Detail"])),
            bindings: &[
                ("bus", Place::inside(0, "", &["Entries", "[]", "EventBusName"])),
                ("source", Place::inside(0, "", &["Entries", "[]", "Source"])),
            ],
            ..Rule::SEND
        },
        Rule {
            calls: &["@aws-sdk/client-kinesis.PutRecordCommand"],
            protocol: Some(Protocol::Kinesis),
            channel: Place::inside(0, "", &["StreamName"]),
            payload: Payload::Value(Place::inside(0, "", &["Data"])),
            ..Rule::SEND
        },
        Rule {
            calls: &["aws-sdk.SQS().sendMessage", "aws-sdk.default.SQS().sendMessage"],
            kind: ChannelKind::Queue,
            channel: Place::inside(0, "", &["QueueUrl"]),
            payload: Payload::Value(Place::inside(0, "", &["MessageBody"])),
            ..Rule::SEND
        },
        Rule {
            calls: &["aws-sdk.SNS().publish", "aws-sdk.default.SNS().publish"],
            protocol: Some(Protocol::Sns),
            channel: Place::inside(0, "", &["TopicArn"]),
            payload: Payload::Value(Place::inside(0, "", &["Message"])),
            ..Rule::SEND
        },
        Rule {
            calls: &["aws-sdk.EventBridge().putEvents"],
            protocol: Some(Protocol::EventBridge),
            kind: ChannelKind::Exchange,
            channel: Place::inside(0, "", &["Entries", "[]", "DetailType"]),
            payload: Payload::Value(Place::inside(0, "", &["Entries", "[]", "Detail"])),
            ..Rule::SEND
        },
    ],
    brokers: &[],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "AWS SDK (SQS, SNS, EventBridge, Kinesis), sqs-consumer",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &[
        "@aws-sdk/client-sqs",
        "@aws-sdk/client-sns",
        "@aws-sdk/client-eventbridge",
        "@aws-sdk/client-kinesis",
        "sqs-consumer",
        "aws-sdk",
    ],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
