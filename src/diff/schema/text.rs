//! Texts: patterns, and what is encoded in them.

use serde_json::Value;

use super::judge::Judge;

impl<'a> Judge<'_, 'a> {
    /// Patterns and encoded content.
    pub fn text(&mut self) {
        self.patterns();
        for keyword in ["contentEncoding", "contentMediaType"] {
            let (before, after) = (self.before.first(keyword), self.after.first(keyword));
            if before != after {
                let spot = self.spot(keyword);
                self.tell("content-encoding-changed", spot, before.cloned(), after.cloned());
            }
        }
        self.content();
    }

    fn patterns(&mut self) {
        let of = |shape: &super::shape::Shape<'a>| -> Vec<&'a str> {
            let mut patterns: Vec<&str> =
                shape.all("pattern").filter_map(|(_, value)| value.as_str()).filter(|text| !matches_all(text)).collect();
            patterns.sort_unstable();
            patterns.dedup();
            patterns
        };
        let (before, after) = (of(&self.before), of(&self.after));
        let lifted = after.is_empty() && self.after.first("pattern").is_some();
        let rule = match (before.is_empty(), after.is_empty()) {
            (true, true) => return,
            (true, false) => "pattern-added",
            (false, true) if lifted => "pattern-generalized",
            (false, true) => "pattern-removed",
            (false, false) if before == after => return,
            (false, false) if generalizes(&before, &after) => "pattern-generalized",
            (false, false) => "pattern-changed",
        };
        let spot = self.spot("pattern");
        let text = |patterns: Vec<&str>, written: Option<&Value>| match &*patterns {
            [] => written.cloned(),
            [pattern] => Some(Value::from(*pattern)),
            patterns => Some(Value::from(patterns)),
        };
        let (old, new) = (self.before.first("pattern"), self.after.first("pattern"));
        self.tell(rule, spot, text(before, old), text(after, new));
    }

    fn content(&mut self) {
        let (before, after) = (self.before.below("contentSchema", ""), self.after.below("contentSchema", ""));
        let spot = self.spot("contentSchema");
        let rule = match (before.is_empty(), after.is_empty()) {
            (true, true) => return,
            (true, false) => "content-schema-added",
            (false, true) => "content-schema-removed",
            (false, false) => {
                let Some(level) = self.trial(before, after) else { return };
                let harmless = level == crate::diff::change::Level::Info;
                return self.tell("content-schema-changed", spot.info_if(harmless), None, None);
            }
        };
        self.tell(rule, spot, None, None);
    }
}

/// Whether every text matches.
fn matches_all(pattern: &str) -> bool {
    matches!(pattern, "" | ".*" | "^.*$" | "^.*" | ".*$" | "^" | "$" | "(.*)" | "^(.*)$" | r"[\s\S]*" | r"^[\s\S]*$")
}

/// Whether what is there now certainly matches all that matched: anchors were dropped, an alternative was added.
fn generalizes(before: &[&str], after: &[&str]) -> bool {
    let ([before], [after]) = (before, after) else { return after.iter().all(|pattern| before.contains(pattern)) };
    let core = before.strip_prefix('^').unwrap_or(before);
    let core = core.strip_suffix('$').filter(|core| !core.ends_with('\\')).unwrap_or(core);
    if core.contains('|') {
        return is_alternative(before, after);
    }
    let loosened = [core.to_owned(), format!("^{core}"), format!("{core}$")];
    loosened.iter().any(|pattern| pattern == after && pattern != before) || repeats_more(before, after) || is_alternative(before, after)
}

/// `a` → `a|b`, at the top of the pattern.
fn is_alternative(before: &str, after: &str) -> bool {
    let mut depth = 0_usize;
    let mut in_class = false;
    let mut escaped = false;
    let mut start = 0;
    let mut alternatives = Vec::new();
    for (at, letter) in after.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' if !in_class => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth = depth.saturating_sub(1),
            '|' if !in_class && depth == 0 => {
                alternatives.push(&after[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    alternatives.push(&after[start..]);
    alternatives.len() > 1 && alternatives.contains(&before)
}

/// `^x{1,5}$` → `^x{1,9}$`, `^x+$` → `^x*$`.
fn repeats_more(before: &str, after: &str) -> bool {
    let split = |pattern: &str| -> Option<(String, u64, u64)> {
        let body = pattern.strip_prefix('^')?.strip_suffix('$')?;
        if let Some(body) = body.strip_suffix('+').filter(|body| !body.ends_with('\\')) {
            return Some((body.to_owned(), 1, u64::MAX));
        }
        if let Some(body) = body.strip_suffix('*').filter(|body| !body.ends_with('\\')) {
            return Some((body.to_owned(), 0, u64::MAX));
        }
        let (body, counts) = body.strip_suffix('}')?.rsplit_once('{')?;
        let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
        let most = if most.is_empty() { u64::MAX } else { most.parse().ok()? };
        Some((body.to_owned(), least.parse().ok()?, most))
    };
    let (Some(before), Some(after)) = (split(before), split(after)) else { return false };
    before.0 == after.0 && after.1 <= before.1 && after.2 >= before.2 && is_one_atom(&before.0)
}

fn is_one_atom(pattern: &str) -> bool {
    let class = pattern.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    class.is_some_and(|class| !class.contains(['[', ']'])) || pattern.chars().count() == 1 || matches!(pattern, r"\d" | r"\w" | r"\s")
}
