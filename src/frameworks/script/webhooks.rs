//! Webhooks in scripts: Svix, Octokit, Probot, zod-to-openapi's, and those of the program's own.
//! Read from <https://docs.svix.com>, <https://github.com/octokit/webhooks.js>, <https://probot.github.io> and
//! <https://github.com/asteasolutions/zod-to-openapi>.

use crate::base::language::Language;
use crate::facts::event::Protocol;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule};
use crate::frameworks::webhooks;

const BODY: &[&str] = &["request", "body", "content", "application/json", "schema"];

const ID: &str = "script/webhooks";

const SVIX: Library = Library {
    id: ID,
    protocol: Protocol::Http,
    types: &[("svix.Svix", "svix.Svix()")],
    rules: &[Rule {
        calls: &["svix.Svix().message.create"],
        channel: Place::inside(1, "", &["eventType"]),
        payload: Payload::Value(Place::inside(1, "", &["payload"])),
        ..Rule::SEND
    }],
    brokers: &[],
};

const OCTOKIT: Library = Library {
    id: ID,
    protocol: Protocol::Http,
    types: &[("probot.Probot", "probot.Probot()"), ("@octokit/webhooks.Webhooks", "@octokit/webhooks.Webhooks()")],
    rules: &[Rule {
        calls: &["@octokit/webhooks.Webhooks().on", "@octokit/app.App().webhooks.on", "octokit.App().webhooks.on", "probot.Probot().on"],
        payload: Payload::Inside(Place::arg(1, ""), 0, &["payload"]),
        ..Rule::RECEIVE
    }],
    brokers: &[],
};

const ZOD: Library = Library {
    id: ID,
    protocol: Protocol::Http,
    types: &[],
    rules: &[Rule {
        calls: &[
            "@asteasolutions/zod-to-openapi.OpenAPIRegistry().registerWebhook",
            "@hono/zod-openapi.OpenAPIHono().openAPIRegistry.registerWebhook",
        ],
        channel: Place::inside(0, "", &["path"]),
        payload: Payload::Class(Place::inside(0, "", BODY)),
        ..Rule::SEND
    }],
    brokers: &[],
};

/// Libraries with tables, and what they are imported as.
const LIBRARIES: &[(&[&str], &Library)] = &[
    (&["svix"], &SVIX),
    (&["@octokit/webhooks", "@octokit/app", "octokit", "probot"], &OCTOKIT),
    (&["@asteasolutions/zod-to-openapi", "@hono/zod-openapi"], &ZOD),
];

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "webhooks sent and heard, Svix, Standard Webhooks, Octokit, Probot",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &[],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (modules, library) in LIBRARIES {
        if webhooks::imports(program, modules) {
            messages::read(library, program, file, findings);
        }
    }
    webhooks::read(ID, program, file, findings);
}
