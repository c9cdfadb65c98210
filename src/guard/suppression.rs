//! `contract-agent: ignore[rule] reason` in a comment near the code: what is said there lets one declaration's findings through.

use super::acceptance::about_decision;
use super::finding::{Accepted, Finding};
use crate::base::nearest::nearest;
use crate::diff::catalogue;
use crate::diff::change::Level;

/// How such a comment begins.
const MARK: &str = "contract-agent: ignore[";

/// How many lines of decorators may stand between the comment and the declaration.
const REACH: usize = 60;

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The file.
    pub file: String,
    /// Its own line, 1-based.
    pub line: u32,
    /// The line of the declaration it stands above, or its own.
    pub last: u32,
    /// The rules.
    pub rules: Vec<String>,
    /// Why; empty when nothing is said.
    pub reason: String,
}

/// Whether a file may hold one at all.
#[must_use]
pub fn may_have(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, MARK.as_bytes()).is_some()
}

/// The comments of one file.
#[must_use]
pub fn read(file: &str, bytes: &[u8]) -> Vec<Suppression> {
    if !may_have(bytes) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some((before, rest)) = line.split_once(MARK) else { continue };
        let leader = before.trim_end();
        if !["#", "//", "/*", "*", "--", "<!--", "\"\"\"", ";"].iter().any(|mark| leader.ends_with(mark)) {
            continue;
        }
        let Some((rules, reason)) = rest.split_once(']') else { continue };
        let is_alone = is_comment(line.trim_start());
        let last = if is_alone { declaration_after(&lines, index) } else { index };
        found.push(Suppression {
            file: file.to_owned(),
            line: number(index),
            last: number(last),
            rules: rules.split(',').map(|rule| rule.trim().to_owned()).collect(),
            reason: reason.trim().trim_end_matches("*/").trim_end_matches("-->").trim().to_owned(),
        });
    }
    found
}

fn is_comment(line: &str) -> bool {
    ["#", "//", "/*", "*", "--", "<!--"].iter().any(|mark| line.starts_with(mark)) && !line.starts_with("#[")
}

/// The first line after a comment that is neither comment, empty, nor part of a decorator.
fn declaration_after(lines: &[&str], comment: usize) -> usize {
    let mut open = 0_i32;
    let end = lines.len().min(comment + REACH);
    for (index, line) in lines.iter().enumerate().take(end).skip(comment + 1) {
        let line = line.trim();
        let is_decorator = line.starts_with('@') || line.starts_with("#[");
        if open <= 0 && !line.is_empty() && !is_comment(line) && !is_decorator {
            return index;
        }
        if open > 0 || is_decorator {
            let count = |marks: [char; 3]| i32::try_from(line.chars().filter(|c| marks.contains(c)).count()).unwrap_or(0);
            open += count(['(', '[', '{']) - count([')', ']', '}']);
        }
    }
    comment
}

/// Marks what comments let through. The findings about comments themselves come back: those that say no reason or no rule
/// there is, and those that let nothing through. Only comments of files that `is_new` says were touched are judged.
pub fn apply(comments: &[Suppression], findings: &mut [Finding], is_new: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut about = Vec::new();
    for comment in comments {
        let place = format!("{}:{}", comment.file, comment.line);
        let mut complain = |rule: &str, message: String| about.push(about_decision(rule, &place, message, Level::Warning));
        if let Some(rule) = comment.rules.iter().find(|rule| catalogue::rule(rule).is_none()) {
            let near = nearest(rule, catalogue::rules().map(|rule| rule.id.as_str()));
            let near = near.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            complain("meta-acceptance-malformed", format!("a comment names a rule `{rule}` that does not exist{near}"));
            continue;
        }
        if comment.reason.is_empty() {
            complain("meta-acceptance-malformed", "a comment accepts a change and says no reason: it accepts nothing".into());
            continue;
        }
        let covers = |finding: &Finding| {
            comment.rules.contains(&finding.rule)
                && finding
                    .source
                    .as_ref()
                    .is_some_and(|source| source.file == comment.file && (comment.line..=comment.last).contains(&source.line))
        };
        let mut is_used = false;
        for finding in findings.iter_mut().filter(|finding| covers(finding)) {
            is_used = true;
            if finding.accepted.is_none() {
                let told_in = place.clone();
                finding.accepted = Some(Accepted { by: "comment".into(), reason: comment.reason.clone(), until: None, told_in });
                finding.help = String::new();
            }
        }
        if !is_used && is_new(&comment.file) {
            complain("meta-unused-acceptance", "a comment accepts a change that did not happen: delete it".into());
        }
    }
    about
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_reaches_over_decorators_to_the_declaration() {
        let text = "import x\n# contract-agent: ignore[http-endpoint-removed] nobody calls it\n@app.get(\n    \"/a\",\n)\n# more\ndef a():\n    pass\n";
        let found = read("a.py", text.as_bytes());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].last), (2, 7));
        assert_eq!(found[0].reason, "nobody calls it");
        let beside = read("a.ts", b"  price: number; // contract-agent: ignore[a, b] why */\n");
        assert_eq!((beside[0].line, beside[0].last, beside[0].rules.len()), (1, 1, 2));
        assert!(read("a.py", b"x = \"contract-agent: ignore[a] b\"\n").is_empty());
    }
}
