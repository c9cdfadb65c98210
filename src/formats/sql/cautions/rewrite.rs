//! Steps that write a whole table anew.

use super::{Run, altered};
use crate::formats::sql::cursor::Cursor;
use crate::formats::sql::tokens::Kind;

/// Functions whose value is one for all rows of a statement.
const STABLE: &[&str] = &[
    "now",
    "current_timestamp",
    "current_date",
    "transaction_timestamp",
    "statement_timestamp",
    "localtimestamp",
    "current_user",
    "jsonb_build_object",
    "jsonb_build_array",
    "to_timestamp",
    "interval",
    "array",
];

/// Looks at one statement.
pub fn look(run: &mut Run, cursor: &Cursor<'_>, words: &str) {
    let is_full = cursor.is("vacuum") && (1..cursor.len()).any(|at| cursor.within(at..cursor.len()).is("full"));
    if is_full || (cursor.is("cluster") && cursor.len() > 0) {
        run.tell("rewrites-table", words);
    }
    let Some((table, actions)) = altered(cursor) else { return };
    if run.fresh.contains(&table) {
        return;
    }
    for action in actions {
        if is_rewriting(action) {
            run.tell("rewrites-table", words);
        }
    }
}

fn is_rewriting(mut action: Cursor<'_>) -> bool {
    if action.eat("alter") {
        action.eat("column");
        return action.ident().is_some() && (action.is("type") || (action.is("set") && action.is_at(1, "data")));
    }
    if !action.eat("add") || action.is_any(&["constraint", "primary", "unique", "foreign", "check", "exclude", "partition"]) {
        return false;
    }
    action.eat("column");
    action.eat_if_absent();
    if action.ident().is_none() {
        return false;
    }
    if action.is_any(&["serial", "bigserial", "smallserial"]) {
        return true;
    }
    let has = |word: &str| (0..action.len()).any(|at| action.within(at..action.len()).is(word));
    if has("generated") && (has("stored") || has("identity")) {
        return true;
    }
    let Some(default) = (0..action.len()).find(|at| action.within(*at..action.len()).is("default")) else { return false };
    calls_volatile(&action.within(default + 1..action.len()))
}

/// Whether an expression calls a function that may give each row another value.
fn calls_volatile(expression: &Cursor<'_>) -> bool {
    (0..expression.len()).any(|at| {
        let ahead = expression.within(at..expression.len());
        let is_call = ahead.kind() == Some(Kind::Word) && ahead.peek(1).is_some_and(|token| token.kind == Kind::Symbol(b'('));
        let is_type = at > 0 && expression.within(at - 1..expression.len()).is_symbol(b':');
        is_call && !is_type && !ahead.is_any(STABLE) && !ahead.is_any(&["references", "check", "in", "and", "or", "not"])
    })
}
