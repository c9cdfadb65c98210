//! Amazon's queues, topics, buses and streams through boto3. Read from <https://boto3.amazonaws.com/v1/documentation/api/latest/>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "python/aws-messages",
    protocol: Protocol::Sqs,
    types: &[],
    rules: &[
        Rule {
            calls: &[
                "boto3.client().send_message",
                "boto3.session.Session().client().send_message",
                "boto3.Session().client().send_message",
                "aioboto3.Session().client().send_message",
                "aiobotocore.session.get_session().create_client().send_message",
            ],
            kind: ChannelKind::Queue,
            channel: Place::FirstOf(&[
                Place::ResultOf { position: usize::MAX, keyword: "QueueUrl", method: "get_queue_url", name: (usize::MAX, "QueueName") },
                Place::keyword("QueueUrl"),
            ]),
            payload: Payload::Value(Place::keyword("MessageBody")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "boto3.client().send_message_batch",
                "boto3.session.Session().client().send_message_batch",
                "boto3.Session().client().send_message_batch",
                "aioboto3.Session().client().send_message_batch",
                "aiobotocore.session.get_session().create_client().send_message_batch",
            ],
            kind: ChannelKind::Queue,
            channel: Place::FirstOf(&[
                Place::ResultOf { position: usize::MAX, keyword: "QueueUrl", method: "get_queue_url", name: (usize::MAX, "QueueName") },
                Place::keyword("QueueUrl"),
            ]),
            payload: Payload::Value(Place::inside(usize::MAX, "Entries", &["[]", "MessageBody"])),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "boto3.client().receive_message",
                "boto3.session.Session().client().receive_message",
                "boto3.Session().client().receive_message",
                "aioboto3.Session().client().receive_message",
                "aiobotocore.session.get_session().create_client().receive_message",
            ],
            kind: ChannelKind::Queue,
            channel: Place::FirstOf(&[
                Place::ResultOf { position: usize::MAX, keyword: "QueueUrl", method: "get_queue_url", name: (usize::MAX, "QueueName") },
                Place::keyword("QueueUrl"),
            ]),
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
        Rule {
            calls: &[
                "boto3.resource().Queue().send_message",
                "boto3.resource().get_queue_by_name().send_message",
                "boto3.Session().resource().get_queue_by_name().send_message",
            ],
            kind: ChannelKind::Queue,
            channel: Place::Made { call: 1, position: 0, keyword: "QueueName", path: &[] },
            payload: Payload::Value(Place::keyword("MessageBody")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "boto3.resource().Queue().receive_messages",
                "boto3.resource().get_queue_by_name().receive_messages",
                "boto3.Session().resource().get_queue_by_name().receive_messages",
            ],
            kind: ChannelKind::Queue,
            channel: Place::Made { call: 1, position: 0, keyword: "QueueName", path: &[] },
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
        Rule {
            calls: &[
                "boto3.client().publish",
                "boto3.session.Session().client().publish",
                "boto3.Session().client().publish",
                "aioboto3.Session().client().publish",
                "aiobotocore.session.get_session().create_client().publish",
            ],
            protocol: Some(Protocol::Sns),
            channel: Place::FirstOf(&[Place::keyword("TopicArn"), Place::keyword("TargetArn")]),
            payload: Payload::Value(Place::keyword("Message")),
            message: Place::keyword("Subject"),
            ..Rule::SEND
        },
        Rule {
            calls: &["boto3.resource().Topic().publish"],
            protocol: Some(Protocol::Sns),
            channel: Place::Made { call: 1, position: 0, keyword: "", path: &[] },
            payload: Payload::Value(Place::keyword("Message")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "boto3.client().put_events",
                "boto3.session.Session().client().put_events",
                "boto3.Session().client().put_events",
                "aioboto3.Session().client().put_events",
                "aiobotocore.session.get_session().create_client().put_events",
            ],
            protocol: Some(Protocol::EventBridge),
            kind: ChannelKind::Exchange,
            channel: Place::inside(usize::MAX, "Entries", &["[]", "DetailType"]),
            payload: Payload::Value(Place::inside(usize::MAX, "Entries", &["[]", "Detail"])),
            bindings: &[
                ("bus", Place::inside(usize::MAX, "Entries", &["[]", "EventBusName"])),
                ("source", Place::inside(usize::MAX, "Entries", &["[]", "Source"])),
            ],
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "boto3.client().put_record",
                "boto3.client().put_records",
                "boto3.session.Session().client().put_record",
                "boto3.session.Session().client().put_records",
                "boto3.Session().client().put_record",
                "boto3.Session().client().put_records",
                "aioboto3.Session().client().put_record",
                "aioboto3.Session().client().put_records",
                "aiobotocore.session.get_session().create_client().put_record",
                "aiobotocore.session.get_session().create_client().put_records",
            ],
            protocol: Some(Protocol::Kinesis),
            channel: Place::keyword("StreamName"),
            payload: Payload::Value(Place::keyword("Data")),
            ..Rule::SEND
        },
    ],
    brokers: &[],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "boto3 (SQS, SNS, EventBridge, Kinesis)",
    languages: &[Language::Python],
    modules: &["boto3", "aioboto3", "aiobotocore"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
