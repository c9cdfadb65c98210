//! `Contract-Break: <fingerprint> <reason>` in the messages of the commits that are compared.

use super::acceptance::{Acceptance, What, is_fingerprint};
use super::finding::Accepted;

/// How such a line begins, in any case.
pub const TRAILER: &str = "Contract-Break:";

/// What the commits' messages accept; each as commit, author and message. What begins so and cannot be read comes back
/// as a sentence.
#[must_use]
pub fn read<'a>(commits: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> (Vec<Acceptance>, Vec<String>) {
    let (mut accepted, mut unreadable) = (Vec::new(), Vec::new());
    for (commit, author, message) in commits {
        let short = commit.get(..10).unwrap_or(commit);
        for line in message.lines() {
            let Some(rest) = line.trim().get(..TRAILER.len()).filter(|head| head.eq_ignore_ascii_case(TRAILER)) else { continue };
            let rest = line.trim().get(rest.len()..).unwrap_or_default().trim();
            let (fingerprint, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            if !is_fingerprint(fingerprint) || reason.trim().is_empty() {
                unreadable.push(format!(
                    "commit {short}: `{TRAILER}` needs a fingerprint (twelve hexadecimal digits) and a reason; it accepts nothing"
                ));
                continue;
            }
            let told =
                Accepted { by: author.to_owned(), reason: reason.trim().to_owned(), until: None, told_in: format!("commit {short}") };
            accepted.push(Acceptance { what: What::Fingerprint(fingerprint.to_owned()), told, is_new: true });
        }
    }
    (accepted, unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailer_needs_a_fingerprint_and_a_reason() {
        let message =
            "orders: drop the total\n\nIt was never right.\n\nContract-Break: 0123456789ab nobody used it\ncontract-break: 0123\n";
        let (accepted, unreadable) = read([("abcdef0123456789", "Ada", message)]);
        assert_eq!(accepted.len(), 1);
        assert_eq!(accepted[0].told.reason, "nobody used it");
        assert_eq!(accepted[0].told.by, "Ada");
        assert_eq!(unreadable.len(), 1);
    }
}
