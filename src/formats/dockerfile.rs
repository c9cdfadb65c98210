//! Dockerfiles as instructions: lines joined, comments and the bodies of heredocs left out.

use crate::facts::infrastructure::Instruction;

/// The instructions of a file, in order.
#[must_use]
pub fn read(text: &str) -> Vec<Instruction> {
    let mut lines = (1_u32..).zip(text.lines()).peekable();
    let escape = escape_of(text);
    let mut instructions = Vec::new();
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut joined = String::new();
        let mut part = line;
        // A comment or an empty line between joined lines does not end them.
        while let Some(open) = part.strip_suffix(escape) {
            joined.push_str(open);
            joined.push(' ');
            part = loop {
                match lines.next() {
                    Some((_, next)) if next.trim().is_empty() || next.trim_start().starts_with('#') => {}
                    Some((_, next)) => break next.trim(),
                    None => break "",
                }
            };
        }
        joined.push_str(part);
        for end in heredocs(&joined) {
            while lines.next_if(|(_, line)| line.trim_start_matches('\t') != end).is_some() {}
            lines.next();
        }
        let (name, rest) = joined.split_once(char::is_whitespace).unwrap_or((&joined, ""));
        instructions.push(Instruction { name: name.to_ascii_uppercase().into(), rest: rest.trim().to_owned(), line: number });
    }
    instructions
}

/// The character that joins lines: `# escape=` may set it in front of everything.
fn escape_of(text: &str) -> char {
    let head = text.lines().take_while(|line| line.trim_start().starts_with('#'));
    let is_backtick = |line: &str| line.replace(' ', "").eq_ignore_ascii_case("#escape=`");
    if head.into_iter().any(is_backtick) { '`' } else { '\\' }
}

/// The words that end the heredocs which an instruction opens.
fn heredocs(line: &str) -> Vec<String> {
    let takes_some = ["RUN", "COPY", "ADD"].iter().any(|name| line.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)));
    if !takes_some {
        return Vec::new();
    }
    let opened = line.split("<<").skip(1).filter(|rest| !rest.starts_with('<'));
    let word = |rest: &str| -> String {
        let rest = rest.trim_start_matches('-').trim_start_matches(['"', '\'']);
        rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    opened.map(word).filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_')).collect()
}
