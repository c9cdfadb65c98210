//! Steps that stop writers of a table while they run, as long as there is a gentler way.

use super::{Run, altered};
use crate::formats::sql::cursor::Cursor;

/// Looks at one statement.
pub fn look(run: &mut Run, cursor: &Cursor<'_>, words: &str) {
    index(run, cursor, words);
    let Some((table, actions)) = altered(cursor) else { return };
    if run.fresh.contains(&table) {
        return;
    }
    for action in actions {
        if is_locking(action) {
            run.tell("locks-writes", words);
        }
    }
}

/// `CREATE INDEX`, `DROP INDEX`, `REINDEX` without `CONCURRENTLY`.
fn index(run: &mut Run, cursor: &Cursor<'_>, words: &str) {
    let mut ahead = cursor.clone();
    let is_made = ahead.eat("create");
    let is_dropped = !is_made && ahead.eat("drop");
    ahead.eat("unique");
    let has = |word: &str| (0..cursor.len().min(12)).any(|at| cursor.within(at..cursor.len()).is(word));
    if cursor.is("reindex") && !has("concurrently") {
        run.tell("locks-writes", words);
    }
    if !(is_made || is_dropped) || !ahead.eat("index") || ahead.eat("concurrently") {
        return;
    }
    if is_made {
        while !ahead.is_end() && !ahead.eat("on") {
            ahead.at += 1;
        }
        ahead.eat("only");
        if ahead.object().is_some_and(|table| run.fresh.contains(&table)) {
            return;
        }
    }
    run.tell("locks-writes", words);
}

fn is_locking(mut action: Cursor<'_>) -> bool {
    if action.eat_all(&["detach", "partition"]) {
        return !(0..action.len()).any(|at| action.within(at..action.len()).is("concurrently"));
    }
    if action.eat("alter") {
        action.eat("column");
        return action.ident().is_some() && action.is("set") && action.is_at(1, "not") && action.is_at(2, "null");
    }
    if !action.eat("add") {
        return false;
    }
    if action.eat("constraint") {
        action.at += 1;
    }
    let has = |word: &str| (0..action.len()).any(|at| action.within(at..action.len()).is(word));
    if action.is("check") || action.is("foreign") {
        return !has("valid");
    }
    if action.is_any(&["unique", "primary", "exclude"]) {
        return !(has("using") && has("index"));
    }
    // A new column with a reference: the key is checked at once.
    !action.is_any(&["partition", "period"]) && has("references") && !has("valid")
}
