//! Inngest, Trigger.dev and Temporal. Read from <https://www.inngest.com/docs>, <https://trigger.dev/docs> and <https://typescript.temporal.io>.

mod inngest;
mod queues;
mod temporal;

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "script/workflows",
    protocol: Protocol::Inngest,
    types: &[
        ("@temporalio/client.Client", "@temporalio/client.Client()"),
        ("@temporalio/client.WorkflowClient", "@temporalio/client.WorkflowClient()"),
    ],
    rules: &[
        Rule {
            calls: &["inngest.Inngest().send"],
            kind: ChannelKind::Topic,
            channel: Place::FirstOf(&[Place::inside(0, "", &["name"]), Place::inside(0, "", &["[]", "name"])]),
            payload: Payload::FirstOf(&[
                Payload::Value(Place::inside(0, "", &["data"])),
                Payload::Value(Place::inside(0, "", &["[]", "data"])),
            ]),
            ..Rule::SEND
        },
        Rule {
            calls: &["inngest.Inngest().createFunction"],
            channel: Place::FirstOf(&[
                Place::inside(1, "", &["event"]),
                Place::inside(1, "", &["[]", "event"]),
                Place::inside(0, "", &["triggers", "[]", "event"]),
            ]),
            payload: Payload::FirstOf(&[
                Payload::Inside(Place::arg(2, ""), 0, &["event", "data"]),
                Payload::Inside(Place::arg(1, ""), 0, &["event", "data"]),
            ]),
            bindings: &[("function", Place::inside(0, "", &["id"]))],
            ..Rule::RECEIVE
        },
        Rule {
            calls: &[
                "@trigger.dev/sdk.tasks.trigger",
                "@trigger.dev/sdk/v3.tasks.trigger",
                "@trigger.dev/sdk.tasks.triggerAndWait",
                "@trigger.dev/sdk/v3.tasks.triggerAndWait",
                "@trigger.dev/sdk.tasks.batchTrigger",
                "@trigger.dev/sdk/v3.tasks.batchTrigger",
            ],
            kind: ChannelKind::Job,
            protocol: Some(Protocol::Trigger),
            payload: Payload::Value(Place::arg(1, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &["@trigger.dev/sdk.task", "@trigger.dev/sdk/v3.task", "@trigger.dev/sdk.schemaTask", "@trigger.dev/sdk/v3.schemaTask"],
            kind: ChannelKind::Job,
            protocol: Some(Protocol::Trigger),
            channel: Place::inside(0, "", &["id"]),
            payload: Payload::FirstOf(&[
                Payload::Class(Place::inside(0, "", &["schema"])),
                Payload::Parameter(Place::inside(0, "", &["run"]), 0),
            ]),
            ..Rule::RECEIVE
        },
        Rule {
            calls: &[
                "@temporalio/client.Client().workflow.start",
                "@temporalio/client.Client().workflow.execute",
                "@temporalio/client.Client().workflow.signalWithStart",
                "@temporalio/client.WorkflowClient().start",
                "@temporalio/client.WorkflowClient().execute",
                "@temporalio/workflow.startChild",
                "@temporalio/workflow.executeChild",
            ],
            kind: ChannelKind::Job,
            protocol: Some(Protocol::Temporal),
            channel: Place::FirstOf(&[Place::Function(0, ""), Place::arg(0, "")]),
            payload: Payload::Value(Place::inside(1, "", &["args", "[0]"])),
            bindings: &[("queue", Place::inside(1, "", &["taskQueue"]))],
            ..Rule::SEND
        },
    ],
    brokers: &[],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "Inngest, Trigger.dev, Temporal",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["inngest", "@trigger.dev/sdk", "@temporalio/client", "@temporalio/worker", "@temporalio/workflow"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    messages::read(&LIBRARY, program, file, findings);
    inngest::read(program, file, findings);
    temporal::read(program, file, findings);
}
