//! Webhooks: what a program sends to the URLs that others subscribed with, and what the webhooks of others tell it.
//!
//! Only what is surely one counts: a library for them, a check of a provider's signature, a function that is called a sender of
//! webhooks and is given an event's name. A route that merely takes a POST is none.

mod inbound;
mod known;
mod outbound;
mod tested;

use std::collections::BTreeSet;

use crate::facts::event::{Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::program::{FileId, Program};

/// The binding under which a webhook that is heard names who sends it.
pub const PROVIDER: &str = "provider";

/// Adds the webhooks that a file sends and hears by itself; those of libraries with a table of their own are not looked for.
pub fn read(id: &'static str, program: &dyn Program, file: FileId, findings: &mut Findings) {
    outbound::read(id, program, file, findings);
    inbound::read(id, program, file, findings);
}

/// The libraries that some file imports, by the first part of their names.
#[derive(Debug)]
struct Imported(BTreeSet<String>);

/// Whether some file of the program imports one of these libraries.
#[must_use]
pub fn imports(program: &dyn Program, libraries: &[&str]) -> bool {
    let imported = program.answers().once(|| {
        let files = (0..program.file_count()).map(FileId);
        let modules = files.flat_map(|file| program.file(file).outline.imports.iter().map(|import| first_part(&import.module).to_owned()));
        Imported(modules.collect())
    });
    libraries.iter().any(|library| imported.0.contains(*library))
}

/// `svix` of `svix.webhooks` and `svix::api`, `@octokit/webhooks` of itself.
fn first_part(module: &str) -> &str {
    match module.strip_prefix('@') {
        Some(scoped) => {
            let end = scoped.match_indices('/').nth(1).map_or(scoped.len(), |(at, _)| at);
            &module[..=end]
        }
        None => module.split(['.', ':', '/']).next().unwrap_or(module),
    }
}

/// A webhook of which nothing is said yet.
fn webhook(framework: &'static str, direction: Direction) -> EventFinding {
    EventFinding { framework, direction, protocol: Protocol::Http, ..EventFinding::default() }
}

/// Whether a name's words speak of webhooks: `webhook`, `webhooks`, `web_hook`.
fn speaks_of_webhooks(words: &[String]) -> bool {
    words.iter().any(|word| matches!(word.as_str(), "webhook" | "webhooks"))
        || words.windows(2).any(|pair| pair[0] == "web" && matches!(pair[1].as_str(), "hook" | "hooks"))
}

#[cfg(test)]
mod tests {
    use super::{first_part, speaks_of_webhooks};
    use crate::base::case::words_of;

    #[test]
    fn libraries_are_told_by_their_first_part() {
        assert_eq!(first_part("svix::api"), "svix");
        assert_eq!(first_part("svix.webhooks"), "svix");
        assert_eq!(first_part("@octokit/webhooks/types"), "@octokit/webhooks");
        assert_eq!(first_part("@octokit/webhooks"), "@octokit/webhooks");
        assert_eq!(first_part("@"), "@");
    }

    #[test]
    fn names_are_told_by_their_words() {
        assert_eq!(words_of("sendWebhookEvent"), ["send", "webhook", "event"]);
        assert_eq!(words_of("deliver_web_hooks"), ["deliver", "web", "hooks"]);
        assert_eq!(words_of("HTTPWebhook"), ["httpwebhook"]);
        assert!(speaks_of_webhooks(&words_of("deliver_web_hooks")));
        assert!(!speaks_of_webhooks(&words_of("use_hook")));
    }
}
