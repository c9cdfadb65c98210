//! Citations: a file that was sent, a line of it, and what stands there.

use std::sync::Arc;

use serde_json::Value;

use super::{short, text};
use crate::llm::evidence::Excerpt;
use crate::llm::evidence::code::{Style, strings_of};
use crate::llm::evidence::text::{Text, words};
use crate::llm::prompt::attempt::WITHHELD;

/// A longer quote is none.
pub const LONGEST_QUOTE: usize = 120;
/// The least part of a longer line that tells it from others.
const LEAST_PART: usize = 20;
/// A line may be off by so much when only one line there fits.
const NEAR: u32 = 3;

/// A line that was cited and stands.
#[derive(Clone, Debug)]
pub struct Cited {
    /// Its file.
    pub text: Arc<Text>,
    /// Its number.
    pub line: u32,
}

impl Cited {
    /// What of it is code.
    #[must_use]
    pub fn code(&self) -> &str {
        self.text.code(self.line)
    }

    /// The line as answers keep it: one line of at most 120 characters.
    #[must_use]
    pub fn quote(&self) -> String {
        self.text.line(self.line).unwrap_or_default().trim().chars().take(LONGEST_QUOTE).collect()
    }

    /// The strings in it. In files that are no program code every word is one; `${NAME:default}` gives its default too.
    #[must_use]
    pub fn strings(&self) -> Vec<String> {
        let mut found: Vec<String> = strings_of(self.code()).into_iter().map(str::to_owned).collect();
        if Style::of(&self.text.path).is_plain() {
            let pieces = self.code().split(|c: char| c.is_whitespace() || c == '=').map(|word| word.trim_matches(['"', '\'', ',', ';']));
            found.extend(pieces.filter(|word| !word.is_empty()).map(|word| word.trim_end_matches(':').to_owned()));
        }
        let defaults: Vec<String> = found.iter().filter_map(|text| default_of(text)).map(str::to_owned).collect();
        found.extend(defaults);
        found
    }

    /// Whether a name stands in its code, however it is spelled: `user_id`, `userId`, `UserID`.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        let wanted = squashed(name);
        !wanted.is_empty() && words(self.code()).any(|word| squashed(word) == wanted)
    }

    /// The code of the lines around it.
    pub fn around(&self, lines: u32) -> impl Iterator<Item = &str> {
        let last = self.text.len();
        (self.line.saturating_sub(lines).max(1)..=self.line.saturating_add(lines).min(last)).map(|line| self.text.code(line))
    }
}

/// The default in `${NAME:default}` or `${NAME:-default}`.
fn default_of(text: &str) -> Option<&str> {
    let (_, default) = text.strip_prefix("${")?.strip_suffix('}')?.split_once(':')?;
    Some(default.strip_prefix('-').unwrap_or(default)).filter(|default| !default.is_empty())
}

/// A name without what tells its spellings apart.
#[must_use]
pub fn squashed(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A citation that stands, or what is wrong with it.
pub fn citation(excerpts: &[Excerpt], value: &Value) -> Result<Cited, String> {
    let file = text(value, "file");
    let Some(excerpt) = excerpts.iter().find(|excerpt| excerpt.text.path == file) else {
        return Err(format!("the file `{}` was not sent", short(file)));
    };
    let quote = unnumbered(text(value, "quote"));
    if quote.is_empty() || quote.chars().count() > LONGEST_QUOTE {
        return Err(format!("a quote has between 1 and {LONGEST_QUOTE} characters"));
    }
    if quote.contains(WITHHELD) {
        return Err("a line that was held back cannot be cited".to_owned());
    }
    let line = value.get("line").and_then(Value::as_u64).and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
    if line == 0 || line > excerpt.text.len() {
        return Err(format!("`{file}` has no line {line}"));
    }
    let fits = |line: &u32| excerpt.has(*line) && excerpt.text.line(*line).is_some_and(|text| stands(quote, text));
    if fits(&line) {
        return Ok(Cited { text: excerpt.text.clone(), line });
    }
    let near: Vec<u32> = (line.saturating_sub(NEAR)..=line.saturating_add(NEAR)).filter(fits).collect();
    match near.as_slice() {
        [line] => Ok(Cited { text: excerpt.text.clone(), line: *line }),
        _ => Err(format!("line {line} of `{file}` does not read `{}`", short(quote))),
    }
}

/// A citation of a line that is code.
pub fn of_code(excerpts: &[Excerpt], value: &Value) -> Result<Cited, String> {
    let cited = citation(excerpts, value)?;
    if cited.code().trim().is_empty() {
        return Err(format!("line {} of `{}` is a comment: it proves nothing", cited.line, cited.text.path));
    }
    Ok(cited)
}

/// All citations of a list, or what is wrong with the first that does not stand.
pub fn all_of_code(excerpts: &[Excerpt], values: &[Value]) -> Result<Vec<Cited>, String> {
    const MOST: usize = 8;
    if values.is_empty() {
        return Err("it cites no line".to_owned());
    }
    values.iter().take(MOST).map(|value| of_code(excerpts, value)).collect()
}

/// Whether a quote is what a line says: all of it but for blanks; of a line that is longer than a quote may be, a good part.
fn stands(quote: &str, line: &str) -> bool {
    let (quote, line) = (folded(quote), folded(line));
    if quote == line {
        return true;
    }
    line.chars().count() > LONGEST_QUOTE && quote.chars().count() >= LEAST_PART && line.contains(&quote)
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A quote without the number that stood before the line.
fn unnumbered(quote: &str) -> &str {
    match quote.split_once('|') {
        Some((number, rest)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => rest.trim(),
        _ => quote,
    }
}
