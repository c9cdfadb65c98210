//! Which tables a statement reads and writes, told from its tokens: names behind `FROM`, `JOIN`, `INTO`, `UPDATE`; never names of
//! `WITH`, functions or aliases. Holes of the language around (`$1`, `:name`, `%s`, `{hole}`) are let stand.

use super::cursor::Cursor;
use super::statements::each_statement;
use super::tokens::{Kind, Token};
use crate::base::Name;
use crate::facts::database::{Access, Dialect, ObjectName};

/// Words that end a list of tables.
const ENDS_FROM: &[&str] = &[
    "where",
    "group",
    "order",
    "limit",
    "set",
    "returning",
    "values",
    "union",
    "select",
    "having",
    "window",
    "for",
    "offset",
    "fetch",
    "except",
    "intersect",
    "when",
    "then",
    "end",
    "qualify",
];

/// Functions with a `FROM` of their own.
const WITH_FROM: &[&str] = &["extract", "substring", "trim", "overlay", "position", "date_part"];

/// What a parenthesis (or the statement) is at.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Within a list of tables.
    in_from: bool,
    /// The next name is a table.
    expects: Option<Access>,
    /// The arguments of a function that has a `FROM`.
    has_own_from: bool,
}

/// The tables of a text of statements.
#[must_use]
pub fn uses_of(source: &str, dialect: Option<Dialect>) -> Vec<(ObjectName, Access)> {
    let mut uses = Vec::new();
    each_statement(source, dialect, &mut |tokens| uses.extend(uses_in(source, tokens, dialect)));
    uses.sort();
    uses.dedup();
    uses
}

/// The tables of one statement.
#[must_use]
pub fn uses_in(source: &str, tokens: &[Token], dialect: Option<Dialect>) -> Vec<(ObjectName, Access)> {
    let cursor = Cursor::new(source, tokens, dialect, None);
    let mut scan = Scan { with: names_of_with(&cursor), cursor, levels: vec![Level::default()], before: String::new(), found: Vec::new() };
    scan.run();
    scan.found
}

/// `name AS (` and `name (columns) AS (`.
fn names_of_with(cursor: &Cursor<'_>) -> Vec<Name> {
    let mut names = Vec::new();
    let mut ahead = cursor.clone();
    let mut has_with = false;
    while !ahead.is_end() {
        has_with |= ahead.is("with");
        if has_with && matches!(ahead.kind(), Some(Kind::Word | Kind::Quoted)) {
            let mut name = ahead.clone();
            let ident = name.ident();
            name.group();
            if name.eat("as") {
                name.eat("not");
                name.eat("materialized");
                if name.is_symbol(b'(') {
                    names.extend(ident);
                }
            }
        }
        ahead.at += 1;
    }
    names
}

struct Scan<'t> {
    cursor: Cursor<'t>,
    with: Vec<Name>,
    levels: Vec<Level>,
    /// The word before, in lower case.
    before: String,
    found: Vec<(ObjectName, Access)>,
}

impl Scan<'_> {
    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    fn run(&mut self) {
        while let Some(kind) = self.cursor.kind() {
            match kind {
                Kind::Symbol(b'(') => self.open(),
                Kind::Symbol(b')') => {
                    self.levels.pop();
                    self.before.clear();
                    self.cursor.at += 1;
                }
                Kind::Symbol(b',') => {
                    let level = self.level();
                    if level.in_from {
                        level.expects = Some(Access::Read);
                    }
                    self.cursor.at += 1;
                }
                Kind::Word if self.keyword() => self.cursor.at += 1,
                Kind::Word | Kind::Quoted => self.name(),
                Kind::Symbol(b'{') => {
                    // A hole where a schema or a table stands.
                    if self.level().expects.is_some() {
                        self.name();
                    } else {
                        self.cursor.at += 1;
                    }
                }
                _ => {
                    self.level().expects = None;
                    self.before.clear();
                    self.cursor.at += 1;
                }
            }
        }
    }

    fn open(&mut self) {
        self.cursor.at += 1;
        let is_query = self.cursor.is_any(&["select", "with", "values"]);
        let expects = self.level().expects.take().filter(|_| !is_query);
        let has_own_from = WITH_FROM.contains(&self.before.as_str());
        self.levels.push(Level { in_from: expects.is_some(), expects, has_own_from });
        self.before.clear();
    }

    /// Whether the word at hand is a keyword that says where tables stand.
    fn keyword(&mut self) -> bool {
        let word = self.cursor.next_text().to_ascii_lowercase();
        let before = std::mem::replace(&mut self.before, word.clone());
        let is_write = |before: &str| matches!(before, "insert" | "merge" | "replace" | "ignore" | "overwrite");
        match word.as_str() {
            "from" if before == "delete" => self.level().expects = Some(Access::Write),
            "from" => {
                let level = self.level();
                if !level.has_own_from && before != "distinct" {
                    level.in_from = true;
                    level.expects = Some(Access::Read);
                }
            }
            "join" => self.level().expects = Some(Access::Read),
            "using" if !self.cursor.peek(1).is_some_and(|token| token.kind == Kind::Symbol(b'(')) => {
                let level = self.level();
                level.in_from = true;
                level.expects = Some(Access::Read);
            }
            "into" if is_write(&before) => self.level().expects = Some(Access::Write),
            "update" if matches!(before.as_str(), "" | "begin" | "then" | "else" | "explain" | "analyze" | "loop") => {
                self.level().expects = Some(Access::Write);
            }
            "truncate" if before.is_empty() => self.level().expects = Some(Access::Write),
            "only" | "lateral" | "table" | "low_priority" => {}
            "or" | "ignore" | "rollback" | "abort" | "fail" if self.level().expects == Some(Access::Write) => {}
            "replace" if self.level().expects == Some(Access::Write) => {}
            "as" | "on" | "and" | "not" | "null" | "inner" | "left" | "right" | "full" | "cross" | "outer" | "natural" | "distinct" => {
                self.level().expects = None;
            }
            "insert" | "delete" | "merge" | "with" | "recursive" => {}
            _ if ENDS_FROM.contains(&word.as_str()) => {
                let level = self.level();
                level.in_from = false;
                level.expects = None;
            }
            _ => {
                self.before = before;
                return false;
            }
        }
        true
    }

    /// A name: a table where one is expected.
    fn name(&mut self) {
        let Some(access) = self.level().expects.take() else {
            self.before = self.cursor.next_text().to_ascii_lowercase();
            self.cursor.at += 1;
            return;
        };
        let at = self.cursor.at;
        let object = self.cursor.object();
        if self.cursor.at == at {
            self.cursor.at += 1;
        }
        self.before = "name".to_owned();
        let Some(object) = object else { return };
        let is_function = self.cursor.is_symbol(b'(') && access == Access::Read;
        let is_with = object.schema.is_none() && self.with.contains(&object.name);
        if !is_function && !is_with && !is_catalogue(&object) {
            self.found.push((object, access));
        }
    }
}

/// The database's own tables, and the one without rows.
fn is_catalogue(object: &ObjectName) -> bool {
    let own = |name: &Name| name.starts_with("pg_") || name == "information_schema" || name.starts_with("sqlite_");
    own(&object.name) || object.schema.as_ref().is_some_and(own) || object.name == "dual"
}
