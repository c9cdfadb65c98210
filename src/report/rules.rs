//! Rules for people: one with all its details, or all in a table.

use std::fmt::Write as _;

use anstyle::Style;
use serde_json::Value;

use super::Paint;
use super::level::{style_of, word_of};
use super::text::painted;
use crate::diff::catalogue::{Pair, Rule};
use crate::diff::change::Level;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// What a rule is about, why, what to do, and a pair under which it fires.
#[must_use]
pub fn explained(rule: &Rule, paint: Paint) -> String {
    let mut text = String::new();
    let mut line = |words: &str| writeln!(text, "{}", words.trim_end()).expect("a string takes all");
    line(&format!("{}: {}", painted(&rule.id, BOLD, paint), level(rule.level, paint)));
    line("");
    line(&sentence(&rule.change));
    line(&format!("{} {}", painted("why:", DIM, paint), sentence(&rule.rationale)));
    for when in &rule.level_when {
        line(&format!("{} {} when {}", painted("but:", DIM, paint), level(when.level, paint), when.when));
    }
    if let Some(safely) = &rule.safely {
        line(&format!("{} {safely}", painted("safely:", DIM, paint)));
    }
    if let Some(inverse) = &rule.inverse {
        line(&format!("{} {inverse}", painted("the other way round:", DIM, paint)));
    }
    match &rule.example {
        Some(pair) => shown(pair, &mut line),
        None => {
            line(&format!("\n{}", painted("No comparison of this version tells it.", DIM, paint)));
            rule.untold.iter().for_each(|why| line(why));
        }
    }
    line("");
    line(&format!("{} [guard.levels] in contract-agent.toml: \"{}\" = \"info\"", painted("another level:", DIM, paint), rule.id));
    text
}

fn shown(pair: &Pair, line: &mut dyn FnMut(&str)) {
    for (title, value) in [("before", &pair.before), ("after", &pair.after)] {
        line(&format!("\n{title}:"));
        let body = match value {
            Value::Null => "(nothing)".to_owned(),
            Value::String(text) => text.clone(),
            other => format!("{other:#}"),
        };
        body.lines().for_each(|one| line(&format!("    {one}")));
    }
}

/// One line for each rule: level, id, what happened.
#[must_use]
pub fn table<'r>(rules: impl Iterator<Item = &'r Rule>, paint: Paint) -> String {
    let rules: Vec<&Rule> = rules.collect();
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut text = String::new();
    for rule in rules {
        let word = format!("{:8}", word_of(rule.level));
        writeln!(text, "{} {:width$}  {}", painted(&word, style_of(rule.level), paint), rule.id, rule.change).expect("a string takes all");
    }
    text
}

fn level(level: Level, paint: Paint) -> String {
    painted(word_of(level), style_of(level), paint)
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}
