//! Text as Markdown: whatever stands in source code must not become markup.

/// Text inside a line or a table's cell: one line, nothing of it is markup.
#[must_use]
pub fn text(raw: &str) -> String {
    let line = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(line.len());
    let mut before = ' ';
    let mut chars = line.chars().filter(|c| !c.is_control()).peekable();
    while let Some(c) = chars.next() {
        let is_inside_word = before.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric());
        let is_markup = match c {
            '_' => !is_inside_word,
            '#' | '+' | '-' => out.is_empty(),
            c => "\\`*[]<>|~&$".contains(c),
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// Text as code inside a line or a table's cell.
#[must_use]
pub fn code(raw: &str) -> String {
    let line = raw.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "").replace('|', "\\|");
    if line.is_empty() {
        return String::new();
    }
    let longest = line.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    if longest == 0 { format!("{fence}{line}{fence}") } else { format!("{fence} {line} {fence}") }
}

/// A table, or nothing when it has no rows.
#[must_use]
pub fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = format!("| {} |\n|{}\n", titles.join(" | "), " --- |".repeat(titles.len()));
    for row in rows {
        let cells: Vec<&str> = row.iter().map(|cell| if cell.is_empty() { "–" } else { cell.as_str() }).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out
}

/// A section with its title, or nothing when it has no body.
#[must_use]
pub fn section(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("\n## {title}\n\n{body}") }
}

/// A label of a Mermaid node.
#[must_use]
pub fn mermaid_label(raw: &str) -> String {
    let line = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars()
        .filter(|c| !c.is_control())
        .map(|c| if "\"#<>&`;[]{}()|".contains(c) { format!("#{};", u32::from(c)) } else { c.to_string() })
        .collect()
}
