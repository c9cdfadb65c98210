//! Looking for words in source text.

/// How many lines below a declaration a member is looked for, when nothing says where it ends.
pub(super) const REACH: u32 = 200;

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a text is one word, as names are.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| is_part(c) || matches!(c, '-' | '.' | '$'))
}

/// Whether two names are the same in another case: `createdAt`, `created_at`.
pub(super) fn is_like(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    one == other || plain(one) == plain(other)
}

/// The words of a line.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !is_part(c)).filter(|word| !word.is_empty())
}

/// The first line from one on (1-based) and within a reach that has a name, as written or in another case.
pub(super) fn line_with(text: &str, name: &str, from: u32, reach: u32) -> Option<u32> {
    let last = from.saturating_add(reach);
    let lines = || (1_u32..).zip(text.lines()).skip_while(move |(number, _)| *number < from).take_while(move |(number, _)| *number <= last);
    let exact = lines().find(|(_, line)| has(line, name));
    exact.or_else(|| lines().find(|(_, line)| words(line).any(|word| is_like(word, name)))).map(|(number, _)| number)
}

/// Whether a line has a name with nothing of a longer name around it.
fn has(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, found)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + found.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// The line that declares a name: `class Order`, `export const Order =`, `model Order {`, `CREATE TABLE orders`.
pub(super) fn declares(text: &str, name: &str) -> Option<u32> {
    (1_u32..).zip(text.lines()).find(|(_, line)| declared_in(line, name)).map(|(number, _)| number)
}

/// Whether a line declares a name.
pub(super) fn declared_in(line: &str, name: &str) -> bool {
    const WORDS: [&str; 14] = [
        "class",
        "interface",
        "struct",
        "type",
        "enum",
        "const",
        "let",
        "model",
        "message",
        "table",
        "input",
        "def",
        "function",
        "service",
    ];
    let mut before = "";
    let is_named = words(line).any(|word| {
        let found = word == name && WORDS.contains(&before.to_ascii_lowercase().as_str());
        before = word;
        found
    });
    is_named || line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(['=', ':']))
}
