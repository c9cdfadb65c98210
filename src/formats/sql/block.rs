//! Statements within others: `DO` blocks of PostgreSQL, `EXECUTE` of a literal, T-SQL's `IF … BEGIN … END`.
//!
//! Conditions are not weighed: the replay lets what is there already be.

use super::cursor::Cursor;
use super::tokens::Kind;

/// Words behind which a statement of a block begins.
const OPENS: &[&str] = &["begin", "then", "else", "loop", "declare"];

/// Where statements begin in a part of a block: at its start, and behind what opens a branch.
#[must_use]
pub fn starts(cursor: &Cursor<'_>) -> Option<usize> {
    let mut ahead = cursor.clone();
    let mut start = None;
    let mut can_start = true;
    while !ahead.is_end() {
        if can_start && ahead.is_any(&["create", "alter", "drop", "comment", "execute", "exec", "do", "rename"]) {
            start = Some(ahead.at);
            break;
        }
        can_start = ahead.kind() == Some(Kind::Word) && ahead.is_any(OPENS);
        ahead.skip();
    }
    start
}

/// T-SQL's `IF condition statement`: where the statement begins.
#[must_use]
pub fn behind_condition(cursor: &Cursor<'_>) -> Option<usize> {
    let mut ahead = cursor.clone();
    ahead.at += 1;
    while !ahead.is_end() {
        if ahead.is_any(&["create", "alter", "drop", "exec", "execute"]) {
            return Some(ahead.at);
        }
        ahead.skip();
    }
    None
}

/// What `EXECUTE` runs: a literal, or nothing that can be told.
pub enum Executed {
    /// This text.
    Literal(String),
    /// Text put together at run time.
    Unknown,
    /// No statement of the schema.
    Nothing,
}

/// Behind `EXECUTE`.
#[must_use]
pub fn executed(cursor: &mut Cursor<'_>) -> Executed {
    let is_whole = |cursor: &Cursor<'_>| cursor.is_end() || cursor.is_any(&["into", "using"]) || cursor.is_symbol(b')');
    cursor.eat("immediate");
    let has_parentheses = cursor.eat_symbol(b'(');
    let mut ahead = cursor.clone();
    if let Some(text) = ahead.string()
        && (is_whole(&ahead) || has_parentheses && ahead.is_symbol(b')'))
    {
        return Executed::Literal(text.to_string());
    }
    let rest = cursor.rest().to_ascii_lowercase();
    let changes = ["create ", "alter ", "drop "].iter().any(|word| rest.contains(word));
    let is_aside = ["trigger", "policy", "grant ", "function", "row level security", "sequence owned", " owner to", " role ", " user "];
    if changes && !is_aside.iter().any(|word| rest.contains(word)) { Executed::Unknown } else { Executed::Nothing }
}
