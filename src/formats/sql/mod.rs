//! SQL: what its statements change of a schema, and which tables they use.
//!
//! One reader for all dialects over their tokens: the statements of a schema differ in words, not in form, and what is no schema
//! (expressions, queries) is kept as text. A statement that cannot be read costs itself, and is named with its place.

mod alter;
mod alter_column;
mod block;
mod cautions;
mod column;
mod create;
mod create_table;
mod cursor;
mod dialect;
mod drop;
mod index;
mod others;
mod statements;
mod tokens;
mod types;
mod uses;

use crate::base::Name;
use crate::facts::database::{Access, Change, Dialect, ObjectName};
use crate::facts::document::{Spot, SqlDocument};

use block::Executed;
use cautions::cautions_of;
use create::Read;
use cursor::Cursor;
use tokens::Token;

pub use dialect::dialect_of;
pub use others::others_of;
pub use types::printed;
pub use uses::uses_of;

/// Blocks within blocks are read this deep.
const MOST_DEPTH: usize = 8;

/// A batch of statements has at most so many.
const MOST_STATEMENTS: usize = 4096;

/// A file with more bytes than this is data; only its beginning is read.
const MOST_BYTES: usize = 24 << 20;

/// A text of statements, read.
#[derive(Clone, Debug, Default)]
pub struct SqlText {
    /// The dialect, as far as it tells.
    pub dialect: Option<Dialect>,
    /// What changes the schema, with its line.
    pub changes: Vec<(Change, u32)>,
    /// Statements that could not be read: line and first words.
    pub unread: Vec<(u32, String)>,
    /// Tables read or written by the other statements; sorted.
    pub uses: Vec<(ObjectName, Access)>,
}

/// Reads a file of statements.
#[must_use]
pub fn read(path: &str, bytes: &[u8]) -> SqlDocument {
    read_as(path, bytes, None)
}

/// Reads a file of statements in the dialect that something else tells.
#[must_use]
pub fn read_as(path: &str, bytes: &[u8], dialect: Option<Dialect>) -> SqlDocument {
    let bytes = bytes.get(..MOST_BYTES).unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let text = statements::way_up(&text);
    let read = read_text(&text, dialect.or_else(|| dialect_of_path(path)));
    let unread = read.unread.iter().map(|(_, words)| ("parse-error".into(), words.clone()));
    let cautions = cautions_of(&text, read.dialect).into_iter().chain(unread).collect();
    let spot = |symbol: Name, line: u32| Spot { file: path.to_owned(), symbol, line };
    SqlDocument {
        file: path.to_owned(),
        dialect: read.dialect,
        changes: read.changes.into_iter().map(|(change, line)| (change, spot(Name::default(), line))).collect(),
        unread: read.unread.into_iter().map(|(line, words)| (spot(Name::default(), line), words)).collect(),
        uses: read.uses,
        cautions,
    }
}

/// The dialect that a folder or a file is named after.
#[must_use]
pub fn dialect_of_path(path: &str) -> Option<Dialect> {
    path.to_ascii_lowercase().rsplit('/').find_map(|part| {
        part.split(['.', '-', '_']).find_map(|word| match word {
            "postgres" | "postgresql" | "pg" | "psql" | "pgsql" | "supabase" => Some(Dialect::Postgres),
            "mysql" | "mariadb" => Some(Dialect::MySql),
            "sqlite" | "sqlite3" | "d1" | "libsql" | "turso" => Some(Dialect::Sqlite),
            "mssql" | "sqlserver" => Some(Dialect::SqlServer),
            _ => None,
        })
    })
}

/// Reads a text of statements; without a dialect the text tells it, as far as it can.
#[must_use]
pub fn read_text(source: &str, dialect: Option<Dialect>) -> SqlText {
    let dialect = dialect.or_else(|| dialect_of(source));
    let mut reader = Reader { dialect, schema: None, text: SqlText { dialect, ..SqlText::default() } };
    reader.read(source, 1, 0);
    reader.text.uses.sort();
    reader.text.uses.dedup();
    reader.text
}

struct Reader {
    dialect: Option<Dialect>,
    /// The schema that `search_path` names first.
    schema: Option<String>,
    text: SqlText,
}

impl Reader {
    fn read(&mut self, source: &str, first_line: u32, depth: usize) {
        let mut counted = (0, first_line);
        statements::each_statement(source, self.dialect, &mut |tokens| {
            let Some(first) = tokens.first() else { return };
            let lines = memchr::memchr_iter(b'\n', source.as_bytes().get(counted.0..first.start).unwrap_or_default()).count();
            counted = (first.start, counted.1.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX)));
            self.statement(source, tokens, counted.1, depth);
        });
    }

    /// Reads one statement. What cannot be read may have swallowed the next one, where its end was missing: that is read too.
    fn statement(&mut self, source: &str, tokens: &[Token], line: u32, depth: usize) {
        let mut tokens = tokens;
        let mut line = line;
        let is_batch = self.dialect == Some(Dialect::SqlServer);
        for _ in 0..MOST_STATEMENTS {
            let schema = self.schema.clone();
            // A batch of T-SQL has statements without anything between them.
            let own =
                if is_batch { tokens.get(..next_start(source, tokens, true).unwrap_or(tokens.len())).unwrap_or(tokens) } else { tokens };
            let mut cursor = Cursor::new(source, own, self.dialect, schema.as_deref());
            let is_read = match self.statement_at(source, &mut cursor, line, depth) {
                Read::Changes(changes) => {
                    self.text.changes.extend(changes.into_iter().map(|change| (change, line)));
                    true
                }
                Read::Nothing => true,
                Read::Unread => {
                    self.text.unread.push((line, first_words(source, tokens)));
                    false
                }
            };
            if is_read && !is_batch {
                return;
            }
            let Some(next) = next_start(source, tokens, is_batch) else { return };
            let (from, to) = (tokens[0].start, tokens[next].start);
            let lines = memchr::memchr_iter(b'\n', source.as_bytes().get(from..to).unwrap_or_default()).count();
            line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            tokens = &tokens[next..];
        }
    }

    fn statement_at(&mut self, source: &str, cursor: &mut Cursor<'_>, line: u32, depth: usize) -> Read {
        if depth > 0
            && let Some(start) = block::starts(cursor)
        {
            cursor.at = start;
            *cursor = cursor.within(start..cursor.len());
        } else if depth > 0 {
            return Read::Nothing;
        }
        if cursor.eat("create") {
            return create::read_create(cursor);
        }
        if cursor.eat("alter") {
            return alter::read_alter(cursor);
        }
        if cursor.eat("drop") {
            return drop::read_drop(cursor);
        }
        if cursor.eat("comment") {
            return drop::read_comment(cursor);
        }
        if cursor.eat("rename") {
            return alter::read_rename_table(cursor);
        }
        if cursor.is("do") {
            self.block(cursor, line, depth);
            return Read::Nothing;
        }
        if cursor.eat_any(&["execute", "exec"]) {
            return self.execute(cursor, line, depth);
        }
        if cursor.is("if") {
            let Some(start) = block::behind_condition(cursor) else { return Read::Nothing };
            let mut inner = cursor.within(start..cursor.len());
            return if depth < MOST_DEPTH { self.statement_at(source, &mut inner, line, depth + 1) } else { Read::Nothing };
        }
        self.other(source, cursor)
    }

    /// What changes no schema.
    fn other(&mut self, source: &str, cursor: &mut Cursor<'_>) -> Read {
        if cursor.is_any(&["set", "select"]) && self.search_path(cursor) {
            return Read::Nothing;
        }
        if cursor.is_any(QUERIES) || cursor.is_symbol(b'(') {
            self.text.uses.extend(uses::uses_in(source, cursor.tokens(), self.dialect));
            return Read::Nothing;
        }
        if cursor.is_any(ASIDE) { Read::Nothing } else { Read::Unread }
    }

    /// `SET search_path TO a, public`, `SELECT pg_catalog.set_config('search_path', '', false)`.
    fn search_path(&mut self, cursor: &Cursor<'_>) -> bool {
        let mut ahead = cursor.clone();
        ahead.at += 1;
        ahead.eat_any(&["local", "session"]);
        if ahead.eat("search_path") {
            ahead.at += usize::from(ahead.is("to") || ahead.is_symbol(b'='));
            let first = ahead.string().or_else(|| ahead.ident());
            self.schema = first.filter(|name| !name.is_empty() && name != "public" && name != "$user").map(String::from);
            return true;
        }
        if !cursor.is("select") {
            return false;
        }
        ahead.eat("pg_catalog");
        ahead.eat_symbol(b'.');
        if ahead.eat("set_config") && ahead.eat_symbol(b'(') && ahead.string().is_some_and(|name| name == "search_path") {
            ahead.eat_symbol(b',');
            self.schema = ahead.string().filter(|name| !name.is_empty() && name != "public").map(String::from);
            return true;
        }
        false
    }

    /// The statements in a `DO` block.
    fn block(&mut self, cursor: &mut Cursor<'_>, line: u32, depth: usize) {
        cursor.at += 1;
        while !cursor.is_end() && cursor.body().is_none() {
            cursor.at += 1;
        }
        if let Some(body) = cursor.body()
            && depth < MOST_DEPTH
        {
            self.read(body, line, depth + 1);
        }
    }

    fn execute(&mut self, cursor: &mut Cursor<'_>, line: u32, depth: usize) -> Read {
        if cursor.eat("sp_rename") {
            return alter::read_sp_rename(cursor);
        }
        match block::executed(cursor) {
            Executed::Literal(text) if depth < MOST_DEPTH => {
                self.read(&text, line, 0);
                Read::Nothing
            }
            Executed::Literal(_) | Executed::Nothing => Read::Nothing,
            Executed::Unknown => Read::Unread,
        }
    }
}

const QUERIES: &[&str] = &["select", "insert", "update", "delete", "merge", "with", "replace", "values", "truncate", "upsert"];

const ASIDE: &[&str] = &[
    "begin",
    "commit",
    "start",
    "rollback",
    "set",
    "grant",
    "revoke",
    "lock",
    "unlock",
    "use",
    "pragma",
    "analyze",
    "vacuum",
    "reindex",
    "refresh",
    "cluster",
    "notify",
    "listen",
    "show",
    "explain",
    "prepare",
    "deallocate",
    "discard",
    "reset",
    "checkpoint",
    "call",
    "savepoint",
    "release",
    "end",
    "declare",
    "print",
    "go",
    "return",
    "raise",
    "perform",
    "copy",
    "load",
    "security",
    "import",
    "reassign",
    "source",
    "flush",
    "kill",
    "optimize",
    "repair",
    "attach",
    "detach",
    "abort",
    "signal",
    "describe",
    "desc",
    "handler",
    "delimiter",
    "exception",
    "when",
    "null",
    "fetch",
    "open",
    "close",
    "deny",
    "while",
    "try",
    "catch",
    "throw",
    "backup",
    "restore",
    "exit",
    "quit",
    "help",
    "shutdown",
    "install",
    "uninstall",
    "bulk",
    "dbcc",
    "waitfor",
    "change",
    "purge",
    "table",
    "undrop",
    "unlisten",
    "elsif",
    "else",
    "case",
    "for",
    "loop",
    "foreach",
    "disable",
    "enable",
    "spool",
    "prompt",
    "whenever",
    "rem",
];

/// Where another statement begins within one whose end is missing: a keyword at the beginning of a line.
fn next_start(source: &str, tokens: &[Token], may_be_indented: bool) -> Option<usize> {
    let begins = |token: &Token| {
        let before = source.get(..token.start).unwrap_or_default();
        let before = if may_be_indented { before.trim_end_matches([' ', '\t']) } else { before };
        let is_line = before.is_empty() || before.ends_with('\n');
        let word = token.text(source);
        is_line && ["create", "alter", "drop", "comment", "exec", "insert", "if"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
    };
    tokens.iter().skip(1).position(begins).map(|at| at + 1)
}

/// The first words of a statement, for people.
fn first_words(source: &str, tokens: &[Token]) -> String {
    let end = tokens.get(..8).unwrap_or(tokens).last().map_or(0, |token| token.end);
    let start = tokens.first().map_or(0, |token| token.start);
    let text = source.get(start..end).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().take(80).collect()
}
