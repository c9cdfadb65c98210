//! Jenkinsfiles, declarative or scripted: the stages and what they name, found by scanning. Groovy itself is not read.

use super::{File, signs};
use crate::facts::infrastructure::{Infrastructure, Job, Section};

/// So many stages of one file are told.
const STAGES: usize = 500;

pub fn read(path: &str, text: &str, found: &mut Infrastructure) {
    let mut file = File { path, found };
    let text = without_comments(text);
    let mut told: Vec<Job> = Vec::new();
    let stages = calls(&text, "stage");
    for (index, (at, name)) in stages.iter().enumerate().take(STAGES) {
        let end = stages.get(index + 1).map_or(text.len(), |(next, _)| *next);
        let body = text.get(*at..end).unwrap_or_default();
        file.text(body, name);
        let is_manual = body.lines().any(|line| line.trim_start().starts_with("input ") || line.trim_start().starts_with("input("));
        let triggers = if is_manual { vec!["manual".to_owned()] } else { Vec::new() };
        told.push(Job { id: name.clone(), triggers, ..Job::default() });
    }
    let mut triggers = Vec::new();
    for (sign, trigger) in [("pollSCM", "poll"), ("cron", "schedule"), ("upstream", "upstream"), ("githubPush", "push"), ("gitlab", "push")]
    {
        for (_, value) in calls(block(&text, "triggers"), sign) {
            triggers.push(trigger.to_owned());
            if sign == "cron" {
                file.schedule(&value, "");
            }
        }
        if sign == "githubPush" && block(&text, "triggers").contains("githubPush") {
            triggers.push(trigger.to_owned());
        }
    }
    for (_, name) in calls(&text, "credentials") {
        file.thing(Section::Secret, &name, "Jenkins credential", "");
    }
    for sign in ["credentialsId:", "credentialsId ="] {
        for (at, _) in text.match_indices(sign) {
            let line = text[at..].lines().next().unwrap_or_default();
            if let Some(name) = signs::quoted(line).first() {
                file.thing(Section::Secret, name, "Jenkins credential", "");
            }
        }
    }
    for (at, _) in text.match_indices("image ") {
        let is_line = text[..at].rsplit('\n').next().is_none_or(|before| before.trim().is_empty() || before.trim_end().ends_with('{'));
        let line = text[at..].lines().next().unwrap_or_default();
        let name = signs::quoted(line).first().copied();
        file.image(name.filter(|_| is_line), "");
    }
    file.done("", "jenkins", triggers, told);
}

/// Places where a function is called with a literal text first: `stage('Build')`.
fn calls(text: &str, name: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(name) {
        let is_apart = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        let rest = text[at + name.len()..].trim_start();
        let rest = rest.strip_prefix('(').map_or(rest, str::trim_start);
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) else { continue };
        let inner = rest[1..].split(quote).next().unwrap_or_default();
        if is_apart && !inner.is_empty() && !inner.contains('\n') {
            found.push((at, inner.to_owned()));
        }
    }
    found
}

/// The text between the braces behind a word.
fn block<'t>(text: &'t str, word: &str) -> &'t str {
    for (at, _) in text.match_indices(word).take(8) {
        let rest = text[at + word.len()..].trim_start();
        let Some(rest) = rest.strip_prefix('{') else { continue };
        let mut depth = 1usize;
        for (end, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return &rest[..end];
            }
        }
    }
    ""
}

/// The text without lines that are comments.
fn without_comments(text: &str) -> String {
    let is_comment = |line: &str| ["//", "*", "/*"].iter().any(|sign| line.trim_start().starts_with(sign));
    let mut out = String::with_capacity(text.len());
    for line in text.lines().filter(|line| !is_comment(line)) {
        out.push_str(line);
        out.push('\n');
    }
    out
}
