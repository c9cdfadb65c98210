//! Amazon's queues, topics, buses and streams: requests are built by chains. Read from <https://docs.rs/aws-sdk-sqs>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "rust/aws-messages",
    protocol: Protocol::Sqs,
    types: &[
        ("aws_sdk_sqs.Client", "aws_sdk_sqs.Client.new()"),
        ("aws_sdk_sqs.client.Client", "aws_sdk_sqs.Client.new()"),
        ("aws_sdk_sns.Client", "aws_sdk_sns.Client.new()"),
        ("aws_sdk_sns.client.Client", "aws_sdk_sns.Client.new()"),
        ("aws_sdk_kinesis.Client", "aws_sdk_kinesis.Client.new()"),
    ],
    rules: &[
        Rule {
            calls: &["aws_sdk_sqs.Client.new().send_message", "aws_sdk_sqs.Client.from_conf().send_message"],
            kind: ChannelKind::Queue,
            channel: Place::Link("queue_url", 0),
            payload: Payload::Chained("message_body", Place::arg(0, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &["aws_sdk_sqs.Client.new().receive_message", "aws_sdk_sqs.Client.from_conf().receive_message"],
            kind: ChannelKind::Queue,
            channel: Place::Link("queue_url", 0),
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["aws_sdk_sns.Client.new().publish", "aws_sdk_sns.Client.from_conf().publish"],
            protocol: Some(Protocol::Sns),
            channel: Place::FirstOf(&[Place::Link("topic_arn", 0), Place::Link("target_arn", 0)]),
            payload: Payload::Chained("message", Place::arg(0, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "aws_sdk_eventbridge.types.PutEventsRequestEntry.builder",
                "aws_sdk_eventbridge.types.builders.PutEventsRequestEntryBuilder.default",
            ],
            protocol: Some(Protocol::EventBridge),
            kind: ChannelKind::Exchange,
            channel: Place::Link("detail_type", 0),
            payload: Payload::Chained("detail", Place::arg(0, "")),
            bindings: &[("bus", Place::Link("event_bus_name", 0)), ("source", Place::Link("source", 0))],
            ..Rule::SEND
        },
        Rule {
            calls: &["aws_sdk_kinesis.Client.new().put_record", "aws_sdk_kinesis.Client.from_conf().put_record"],
            protocol: Some(Protocol::Kinesis),
            channel: Place::Link("stream_name", 0),
            payload: Payload::Chained("data", Place::arg(0, "")),
            ..Rule::SEND
        },
    ],
    brokers: &[],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "AWS SDK (SQS, SNS, EventBridge, Kinesis)",
    languages: &[Language::Rust],
    modules: &["aws_sdk_sqs", "aws_sdk_sns", "aws_sdk_eventbridge", "aws_sdk_kinesis"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
