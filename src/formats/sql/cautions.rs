//! What running a file of SQL does to a database that is in use: locks, whole tables written anew, transactions that do not hold
//! together, data that is lost.
//!
//! What is said of locks and rewriting holds for PostgreSQL, as its pages on `ALTER TABLE`, `CREATE INDEX` and explicit locking say;
//! other dialects are told what holds for all. How large tables are nobody here knows.

mod lock;
mod rewrite;
mod style;

use std::collections::BTreeSet;

use super::cursor::Cursor;
use super::tokens::{Kind, Token};
use super::{first_words, statements};
use crate::base::Name;
use crate::facts::database::{Dialect, ObjectName};

/// A longer text is data.
const MOST_BYTES: usize = 1 << 20;

/// What running a text brings with it, in the order of its statements: what it is, and the statement's first words.
#[must_use]
pub fn cautions_of(text: &str, dialect: Option<Dialect>) -> Vec<(Name, String)> {
    if text.len() > MOST_BYTES {
        return Vec::new();
    }
    let mut run = Run { dialect, ..Run::default() };
    statements::each_statement(text, dialect, &mut |tokens| run.statement(text, tokens));
    run.finish();
    let mut seen = BTreeSet::new();
    run.cautions.retain(|caution| seen.insert(caution.clone()));
    run.cautions
}

/// A file while its statements run.
#[derive(Default)]
struct Run {
    dialect: Option<Dialect>,
    cautions: Vec<(Name, String)>,
    /// The first words of the `BEGIN` that is open.
    open: Option<String>,
    /// Tables that this file makes: nobody waits for them.
    fresh: BTreeSet<ObjectName>,
    has_lock_timeout: bool,
    has_statement_timeout: bool,
    /// What is told once for the file.
    once: BTreeSet<&'static str>,
}

impl Run {
    fn statement(&mut self, source: &str, tokens: &[Token]) {
        let words = first_words(source, tokens);
        let cursor = Cursor::new(source, tokens, self.dialect, None);
        self.transaction(&cursor, &words);
        self.settings(&cursor);
        self.data(&cursor, &words);
        if self.is_postgres() {
            lock::look(self, &cursor, &words);
            rewrite::look(self, &cursor, &words);
        }
        style::look(self, &cursor, &words);
        let mut ahead = cursor;
        ahead.eat("create");
        ahead.eat("unlogged");
        if ahead.eat("table") {
            ahead.eat_if_absent();
            self.fresh.extend(ahead.object());
        }
    }

    fn is_postgres(&self) -> bool {
        self.dialect.is_none_or(|dialect| dialect == Dialect::Postgres)
    }

    fn tell(&mut self, kind: &'static str, words: &str) {
        self.cautions.push((kind.into(), words.to_owned()));
    }

    /// Tells what is true of the whole file at its first statement.
    fn tell_once(&mut self, kind: &'static str, words: &str) {
        if self.once.insert(kind) {
            self.tell(kind, words);
        }
    }

    fn transaction(&mut self, cursor: &Cursor<'_>, words: &str) {
        let is_plain = |word: &str| cursor.is(word) && !cursor.is_at(1, "prepared");
        if is_plain("begin") || (cursor.is("start") && cursor.is_at(1, "transaction")) {
            if self.open.is_some() {
                self.tell("open-transaction", words);
            }
            self.open = Some(words.to_owned());
        } else if (is_plain("commit") || is_plain("end") || is_plain("rollback") || is_plain("abort")) && !cursor.is_at(1, "to") {
            self.open = None;
        } else if self.open.is_some()
            && cursor.is_any(&["create", "drop", "reindex", "alter"])
            && (0..cursor.len()).any(|at| cursor.within(at..cursor.len()).is("concurrently"))
        {
            self.tell("concurrent-in-transaction", words);
        }
    }

    fn settings(&mut self, cursor: &Cursor<'_>) {
        if !cursor.is("set") {
            return;
        }
        let mut ahead = cursor.clone();
        ahead.at += 1;
        ahead.eat_any(&["local", "session"]);
        self.has_lock_timeout |= ahead.is("lock_timeout");
        self.has_statement_timeout |= ahead.is("statement_timeout");
    }

    /// Tables that are emptied, columns that are set twice.
    fn data(&mut self, cursor: &Cursor<'_>, words: &str) {
        if cursor.is("truncate") {
            self.tell("truncates-data", words);
        }
        let has = |word: &str| (0..cursor.len()).any(|at| cursor.within(at..cursor.len()).is(word));
        if cursor.is("delete") && !has("where") && !has("using") && !has("limit") {
            self.tell("truncates-data", words);
        }
        if cursor.is("update") && has_duplicate_assignment(cursor) {
            self.tell("duplicate-assignment", words);
        }
    }

    fn finish(&mut self) {
        if let Some(words) = self.open.take() {
            self.tell("open-transaction", &words);
        }
    }
}

/// `UPDATE t SET a = 1, a = 2`.
fn has_duplicate_assignment(cursor: &Cursor<'_>) -> bool {
    let mut at = 0;
    while at < cursor.len() && !cursor.within(at..cursor.len()).is("set") {
        at += 1;
    }
    let ends = |at: &usize| cursor.within(*at..cursor.len()).is_any(&["where", "from", "returning", "order", "limit"]);
    let end = (at..cursor.len()).find(ends).unwrap_or(cursor.len());
    let mut seen = BTreeSet::new();
    cursor.split(at.saturating_add(1).min(end)..end).into_iter().any(|range| {
        let mut item = cursor.within(range);
        let is_plain = item.peek(1).is_some_and(|token| token.kind == Kind::Symbol(b'='));
        is_plain && item.ident().is_some_and(|name| !seen.insert(name))
    })
}

/// `ALTER TABLE t …`: the table, and its actions as ranges of the rest.
fn altered<'t>(cursor: &Cursor<'t>) -> Option<(ObjectName, Vec<Cursor<'t>>)> {
    let mut ahead = cursor.clone();
    if !ahead.eat_all(&["alter", "table"]) {
        return None;
    }
    ahead.eat_if_exists();
    ahead.eat("only");
    let table = ahead.object()?;
    let actions = ahead.split(ahead.at..ahead.len()).into_iter().map(|range| ahead.within(range)).collect();
    Some((table, actions))
}

#[cfg(test)]
mod tests {
    use super::cautions_of;
    use crate::formats::sql::dialect_of;

    fn check(source: &str, expected: &[&str]) {
        const STYLE: &[&str] = &["no-timeout", "not-repeatable", "discouraged-type", "unqualified-name"];
        let found = cautions_of(source, dialect_of(source));
        let kinds: Vec<&str> = found.iter().map(|(kind, _)| kind.as_str()).filter(|kind| !STYLE.contains(kind)).collect();
        assert_eq!(kinds, expected, "{source}");
    }

    #[test]
    fn what_stalls_a_database_is_told() {
        for (source, expected) in [
            ("CREATE INDEX i ON t (a);", &["locks-writes"][..]),
            ("CREATE INDEX CONCURRENTLY i ON t (a);", &[]),
            ("CREATE TABLE t (a int); CREATE INDEX i ON t (a);", &[]),
            ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);", &["locks-writes"]),
            ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;", &[]),
            ("ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i;", &[]),
            ("ALTER TABLE t ALTER COLUMN a SET NOT NULL;", &["locks-writes"]),
            ("ALTER TABLE t ALTER COLUMN a TYPE bigint;", &["rewrites-table"]),
            ("ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid();", &["rewrites-table"]),
            ("ALTER TABLE t ADD COLUMN a timestamptz DEFAULT now();", &[]),
            ("VACUUM FULL t;", &["rewrites-table"]),
            ("BEGIN; CREATE INDEX CONCURRENTLY i ON t (a); COMMIT;", &["concurrent-in-transaction"]),
            ("BEGIN; SELECT 1;", &["open-transaction"]),
            ("BEGIN; SELECT 1; COMMIT;", &[]),
            ("TRUNCATE t CASCADE;", &["truncates-data"]),
            ("DELETE FROM t WHERE a = 1;", &[]),
            ("UPDATE t SET a = 1, a = 2;", &["duplicate-assignment"]),
            ("UPDATE t SET a = 1, b = 2;", &[]),
            ("ALTER TYPE m ADD VALUE 'x';", &["enum-order-unstated"]),
            ("ALTER TYPE m ADD VALUE 'x' AFTER 'y';", &[]),
            ("CREATE TABLE `t` (`a` int REFERENCES `b` (`id`)) ENGINE=InnoDB;", &["inline-reference-ignored"]),
            ("ALTER TABLE", &[]),
            ("UPDATE t SET", &[]),
        ] {
            check(source, expected);
        }
    }
}
