//! Templates of Helm charts as YAML whose holes are texts: `⟦.Values.image.tag⟧`.
//!
//! Of an `if` with an `else` the first branch stays; what a loop or a `with` makes of its dot is spelled out:
//! `.Values.hosts[].name`. A condition around a whole document becomes its key `⟦if⟧`.

/// Opens a hole.
const OPEN: char = '\u{27e6}';
/// Closes a hole.
const CLOSE: char = '\u{27e7}';

/// A template without its actions.
pub fn plain(text: &str) -> String {
    let joined = joined_actions(text);
    let mut template = Template::default();
    let lines: Vec<&str> = joined.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let next = lines.get(index + 1..).unwrap_or_default().iter().find(|line| !line.trim().is_empty());
        template.line(line, next.copied().unwrap_or_default());
    }
    template.out
}

/// Actions that go over several lines, on one.
fn joined_actions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let (before, action) = rest.split_at(at);
        out.push_str(before);
        let end = action.find("}}").map_or(action.len(), |end| end + 2);
        let (action, behind) = action.split_at(end);
        if !action.starts_with("{{/*") && !action.starts_with("{{- /*") {
            out.push_str(&action.replace(['\n', '\r'], " "));
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// What is open: a block of the template language.
enum Open {
    /// What stands in it is kept or not.
    If { keeps: bool },
    /// The dot means something else in it.
    Dot { path: String, names: Vec<(String, String)> },
    /// Not for us: `define`, `block`.
    Away,
}

#[derive(Default)]
struct Template {
    out: String,
    open: Vec<Open>,
    /// Whether something of the document was written already.
    has_content: bool,
    conditions: usize,
}

impl Template {
    fn is_kept(&self) -> bool {
        self.open.iter().all(|open| matches!(open, Open::If { keeps: true } | Open::Dot { .. }))
    }

    fn line(&mut self, line: &str, next: &str) {
        let trimmed = line.trim();
        if trimmed.starts_with("---") {
            self.has_content = false;
        }
        let whole = trimmed.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).filter(|inner| !inner.contains("{{"));
        match whole {
            Some(inner) => {
                let inner = inner.trim_start_matches('-').trim_end_matches('-').trim();
                if !self.control(inner) && self.is_kept() {
                    self.alone(inner, next);
                }
            }
            None if self.is_kept() => {
                let line = self.inline(line);
                self.has_content |= !trimmed.is_empty() && !trimmed.starts_with(['#', '-']);
                self.out.push_str(&line);
                self.out.push('\n');
            }
            // Blocks that open and close on one line change nothing.
            None => {}
        }
    }

    /// Opens, turns or closes a block.
    fn control(&mut self, inner: &str) -> bool {
        let (word, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        match word {
            "if" => {
                self.condition(rest.trim());
                self.open.push(Open::If { keeps: true });
            }
            "else" => {
                if let Some(Open::If { keeps }) = self.open.last_mut() {
                    *keeps = false;
                } else if let Some(open @ Open::Dot { .. }) = self.open.last_mut() {
                    *open = Open::If { keeps: false };
                }
            }
            "end" => {
                self.open.pop();
            }
            "range" | "with" => {
                let (names, source) = rest.split_once(":=").map_or(("", rest), |(names, source)| (names, source));
                let path = self.spelled(source.trim());
                let is_loop = word == "range";
                let item = if is_loop { format!("{path}[]") } else { path.clone() };
                let mut named: Vec<String> = names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
                let mut names = Vec::new();
                if let Some(last) = named.pop() {
                    names.push((last, item.clone()));
                }
                names.extend(named.pop().map(|key| (key, format!("{path}[key]"))));
                self.open.push(Open::Dot { path: item, names });
            }
            "define" | "block" => self.open.push(Open::Away),
            _ => return inner.starts_with(['$', '/']) || matches!(word, "fail" | "template"),
        }
        true
    }

    /// A condition before anything of the document is about all of it.
    fn condition(&mut self, rest: &str) {
        if !self.has_content && self.is_kept() && self.open.iter().all(|open| matches!(open, Open::If { .. })) {
            self.conditions += 1;
            let rest = rest.replace('"', "'");
            self.out.push_str(&format!("\"{OPEN}if{CLOSE}{}\": \"{rest}\"\n", self.conditions));
        }
    }

    /// An action alone on its line: it may stand for all that its key holds.
    fn alone(&mut self, inner: &str, next: &str) {
        let indent =
            inner.split("indent").nth(1).and_then(|rest| rest.split_whitespace().next()).and_then(|count| count.parse::<usize>().ok());
        let before = self.out.trim_end();
        let parent = before.rsplit('\n').next().unwrap_or_default();
        let depth = |line: &str| line.len() - line.trim_start().len();
        let own = indent.unwrap_or(depth(parent) + 2).min(200);
        let is_only_child = parent.trim_end().ends_with(':') && own >= depth(parent) && (depth(next) <= depth(parent) || next.is_empty());
        if is_only_child && !inner.starts_with("include") {
            let spelled = self.spelled(inner);
            self.out.push_str(&format!("{}{OPEN}{}{CLOSE}\n", " ".repeat(depth(parent) + 2), quoted(&spelled)));
        }
    }

    /// A line with its actions as holes.
    fn inline(&self, line: &str) -> String {
        let mut out = String::with_capacity(line.len());
        let mut rest = line;
        while let Some(at) = rest.find("{{") {
            out.push_str(&rest[..at]);
            let action = &rest[at + 2..];
            let Some(end) = action.find("}}") else { break };
            let inner = action[..end].trim_start_matches('-').trim_end_matches('-').trim();
            rest = &action[end + 2..];
            let word = inner.split_whitespace().next().unwrap_or_default();
            if matches!(word, "if" | "else" | "end" | "range" | "with") || inner.starts_with('$') && inner.contains(":=") {
                continue;
            }
            out.push(OPEN);
            out.push_str(&quoted(&self.spelled(inner)));
            out.push(CLOSE);
        }
        out.push_str(rest);
        out
    }

    /// An expression whose dot and names are those of the chart.
    fn spelled(&self, inner: &str) -> String {
        let mut out: Vec<String> = Vec::new();
        for word in inner.split_whitespace() {
            let word = word.strip_prefix("$.").map_or_else(|| word.to_owned(), |rest| format!(".{rest}"));
            let word = self.with_names(&word);
            let is_global =
                [".Values", ".Chart", ".Release", ".Capabilities", ".Files", ".Template"].iter().any(|front| word.starts_with(front));
            let dot = self.open.iter().rev().find_map(|open| if let Open::Dot { path, .. } = open { Some(path) } else { None });
            out.push(match dot {
                Some(path) if word == "." => path.clone(),
                Some(path) if word.starts_with('.') && !is_global => format!("{path}{word}"),
                _ => word,
            });
        }
        out.join(" ")
    }

    fn with_names(&self, word: &str) -> String {
        let Some(rest) = word.strip_prefix('$') else { return word.to_owned() };
        let (name, behind) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
        let names = self.open.iter().rev().filter_map(|open| if let Open::Dot { names, .. } = open { Some(names) } else { None });
        let known = names.flatten().find(|(known, _)| known.trim_start_matches('$') == name);
        known.map_or_else(|| word.to_owned(), |(_, path)| format!("{path}{behind}"))
    }
}

/// Quotes that do no harm inside the quotes of YAML, and no colon that YAML would take for its own.
fn quoted(text: &str) -> String {
    text.replace('"', "\u{201c}").replace(": ", ":").replace(" #", "#").replace('\'', "\u{2018}")
}
