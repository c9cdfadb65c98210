//! Steps that work, and age badly or leave something to chance.

use super::{Run, altered};
use crate::facts::database::Dialect;
use crate::formats::sql::cursor::Cursor;
use crate::formats::sql::tokens::Kind;

/// Longest names, in bytes.
const LONGEST: &[(Dialect, usize)] = &[(Dialect::Postgres, 63), (Dialect::MySql, 64), (Dialect::SqlServer, 128)];

/// Looks at one statement.
pub fn look(run: &mut Run, cursor: &Cursor<'_>, words: &str) {
    if !cursor.is_any(&["create", "alter", "drop", "reindex"]) {
        return;
    }
    names(run, cursor, words);
    types(run, cursor, words);
    if run.is_postgres() {
        timeouts(run, cursor, words);
        repeats(run, cursor, words);
        let is_label = cursor.is("alter") && cursor.is_at(1, "type") && has(cursor, "add") && has(cursor, "value");
        if is_label && !has(cursor, "before") && !has(cursor, "after") {
            run.tell("enum-order-unstated", words);
        }
    }
    if run.dialect == Some(Dialect::MySql) && has_inline_reference(cursor) {
        run.tell("inline-reference-ignored", words);
    }
}

fn has(cursor: &Cursor<'_>, word: &str) -> bool {
    (0..cursor.len()).any(|at| cursor.within(at..cursor.len()).is(word))
}

/// Names that the database cuts off, and tables without their schema.
fn names(run: &mut Run, cursor: &Cursor<'_>, words: &str) {
    let dialect = run.dialect.unwrap_or_default();
    let longest = LONGEST.iter().find(|(own, _)| *own == dialect).map_or(usize::MAX, |(_, longest)| *longest);
    let is_long = (0..cursor.len()).any(|at| {
        let mut ahead = cursor.within(at..cursor.len());
        matches!(ahead.kind(), Some(Kind::Word | Kind::Quoted)) && ahead.ident().is_some_and(|name| name.len() > longest)
    });
    if is_long {
        run.tell("identifier-too-long", words);
    }
    let mut ahead = cursor.clone();
    ahead.at += 1;
    if ahead.eat("table") {
        ahead.eat_if_absent();
        ahead.eat_if_exists();
        ahead.eat("only");
        let is_bare = ahead.ident().is_some() && !ahead.is_symbol(b'.');
        if run.is_postgres() && is_bare {
            run.tell_once("unqualified-name", words);
        }
    }
}

/// Types that age badly.
fn types(run: &mut Run, cursor: &Cursor<'_>, words: &str) {
    if !run.is_postgres() || !(cursor.is_at(1, "table")) {
        return;
    }
    const AGING: &[&str] = &["char", "character", "varchar", "int", "integer", "int4", "smallint", "serial", "bigserial", "smallserial"];
    let ages = (2..cursor.len()).any(|at| {
        let ahead = cursor.within(at..cursor.len());
        let is_plain_time = ahead.is("timestamp") && !(ahead.is_at(1, "with"));
        let is_text = ahead.is_any(&["char", "character", "varchar"]);
        let is_sized = ahead.peek(1).is_some_and(|token| token.kind == Kind::Symbol(b'(')) || ahead.is_at(1, "varying");
        is_plain_time || (ahead.is_any(AGING) && (!is_text || is_sized))
    });
    if ages {
        run.tell_once("discouraged-type", words);
    }
}

/// A step that waits for a lock as long as it takes.
fn timeouts(run: &mut Run, cursor: &Cursor<'_>, words: &str) {
    let waits = altered(cursor).is_some_and(|(table, _)| !run.fresh.contains(&table)) || has(cursor, "index") || cursor.is("drop");
    if waits && !(run.has_lock_timeout && run.has_statement_timeout) {
        run.tell_once("no-timeout", words);
    }
}

/// A step that fails the second time, outside of a transaction that would take back what was done.
fn repeats(run: &mut Run, cursor: &Cursor<'_>, words: &str) {
    let is_guarded = has(cursor, "exists") || has(cursor, "replace");
    let is_step = cursor.is_any(&["create", "drop"]) || (altered(cursor).is_some() && (has(cursor, "add") || has(cursor, "drop")));
    if run.open.is_none() && is_step && !is_guarded {
        run.tell_once("not-repeatable", words);
    }
}

/// `CREATE TABLE t (a int REFERENCES b (id))`, which MySQL takes and forgets.
fn has_inline_reference(cursor: &Cursor<'_>) -> bool {
    if !cursor.is_at(1, "table") {
        return false;
    }
    let Some(open) = (2..cursor.len()).find(|at| cursor.within(*at..cursor.len()).is_symbol(b'(')) else { return false };
    let mut ahead = cursor.clone();
    ahead.at = open;
    let Some(inner) = ahead.group() else { return false };
    cursor.split(inner).into_iter().any(|range| {
        let item = cursor.within(range);
        has(&item, "references") && !has(&item, "foreign")
    })
}
