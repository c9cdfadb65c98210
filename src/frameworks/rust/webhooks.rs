//! Webhooks in Rust: Svix, and those of the program's own. Read from <https://docs.rs/svix>.

use crate::base::language::Language;
use crate::facts::event::Protocol;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule};
use crate::frameworks::webhooks;

const LIBRARY: Library = Library {
    id: "rust/webhooks",
    protocol: Protocol::Http,
    types: &[("svix.api.Svix", "svix.api.Svix.new()")],
    rules: &[Rule {
        calls: &["svix.api.Svix.new().message().create"],
        channel: Place::FirstOf(&[Place::inside(1, "", &["event_type"]), Place::inside(1, "", &["0"])]),
        payload: Payload::FirstOf(&[Payload::Value(Place::inside(1, "", &["payload"])), Payload::Value(Place::inside(1, "", &["1"]))]),
        ..Rule::SEND
    }],
    brokers: &[],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "webhooks sent and heard, Svix, Standard Webhooks",
    languages: &[Language::Rust],
    modules: &[],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if webhooks::imports(program, &["svix"]) {
        messages::read(&LIBRARY, program, file, findings);
    }
    webhooks::read(LIBRARY.id, program, file, findings);
}
