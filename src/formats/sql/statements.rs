//! SQL text cut into statements, as the databases' own clients do it: `;`, `DELIMITER`, `GO`, bodies between `BEGIN` and `END`,
//! data behind `COPY`, commands of psql, and the way down of migration tools, which ends the text.

use super::tokens::{Kind, Lexer, Token};
use crate::facts::database::Dialect;

/// More tokens than a statement of a schema has; what is longer is data.
const MOST_TOKENS: usize = 200_000;

/// In longer texts the rows of an `INSERT` are gone over.
const MOST_READ_ROWS: usize = 64 << 10;

/// Calls `each` with the tokens of every statement.
pub fn each_statement(source: &str, dialect: Option<Dialect>, each: &mut dyn FnMut(&[Token])) {
    let mut splitter = Splitter {
        lexer: Lexer::new(source, dialect),
        delimiter: ";".to_owned(),
        tokens: Vec::new(),
        depth: 0,
        skips_rows: dialect != Some(Dialect::SqlServer) && source.len() > MOST_READ_ROWS,
    };
    while splitter.next() {
        if !splitter.tokens.is_empty() {
            each(&splitter.tokens);
        }
        if splitter.is_copy() {
            splitter.skip_data();
        }
    }
}

/// The part of a migration file that goes up: tools that keep both ways in one file mark where the other begins.
#[must_use]
pub fn way_up(source: &str) -> std::borrow::Cow<'_, str> {
    const DOWN: &[&str] = &["migrate:down", "+goose down", "+migrate down", "+micrate down", "down migration", "//@undo", "@undo", "!down"];
    const UP: &[&str] = &["migrate:up", "+goose up", "+migrate up", "+micrate up", "up migration"];
    let is_mark = |line: &str, marks: &[&str]| {
        let Some(comment) = line.trim_start().strip_prefix("--") else { return false };
        let comment = comment.trim_start().to_ascii_lowercase();
        marks.iter().any(|mark| comment.starts_with(mark) && !comment[mark.len()..].starts_with(char::is_alphanumeric))
    };
    if memchr::memmem::find(source.as_bytes(), b"--").is_none() || !source.lines().any(|line| is_mark(line, DOWN)) {
        return source.into();
    }
    let mut is_up = true;
    let mut kept = String::with_capacity(source.len());
    for line in source.split_inclusive('\n') {
        if is_mark(line, DOWN) {
            is_up = false;
        } else if is_mark(line, UP) {
            is_up = true;
        }
        if is_up {
            kept.push_str(line);
        } else {
            // Lines keep their numbers.
            kept.push('\n');
        }
    }
    kept.into()
}

struct Splitter<'t> {
    lexer: Lexer<'t>,
    delimiter: String,
    tokens: Vec<Token>,
    /// Blocks open in a routine's body.
    depth: usize,
    /// Rows of an `INSERT` are gone over; not where nothing need end a statement.
    skips_rows: bool,
}

impl Splitter<'_> {
    fn word(&self, index: usize) -> &str {
        match self.tokens.get(index) {
            Some(token) if token.kind == Kind::Word => token.text(self.lexer.source()),
            _ => "",
        }
    }

    /// Reads one statement; false at the end of the text.
    fn next(&mut self) -> bool {
        self.tokens.clear();
        self.depth = 0;
        let mut has_routine = false;
        loop {
            self.lexer.skip_blanks();
            if self.is_over() {
                return true;
            }
            if self.tokens.is_empty() && self.skip_command() {
                continue;
            }
            let Some(token) = self.lexer.token() else { return !self.tokens.is_empty() };
            if self.tokens.len() < MOST_TOKENS {
                self.tokens.push(token);
            }
            match self.tokens.len() {
                6 if self.skips_rows && self.word(0).eq_ignore_ascii_case("insert") => self.lexer.skip_statement(),
                2..=12 if !has_routine => has_routine = self.is_routine(),
                _ => {}
            }
            if has_routine && token.kind == Kind::Word {
                self.count_block(token);
            }
        }
    }

    /// Whether the statement ends here; goes over what ends it.
    fn is_over(&mut self) -> bool {
        if self.depth == 0 && self.lexer.is_at(&self.delimiter) {
            self.lexer.at += self.delimiter.len();
            return true;
        }
        let is_go = (self.lexer.is_at("GO") || self.lexer.is_at("go") || self.lexer.is_at("Go")) && self.lexer.is_line_start();
        if is_go {
            let rest = self.lexer.source().get(self.lexer.at + 2..).unwrap_or_default();
            if rest.lines().next().unwrap_or_default().trim_matches(['\r', ' ', '\t', ';']).is_empty() {
                self.lexer.skip_line();
                return true;
            }
        }
        false
    }

    /// Commands of clients that stand for themselves on a line: `\connect x`, `DELIMITER //`.
    fn skip_command(&mut self) -> bool {
        let is_slash = || {
            let line = self.lexer.source().get(self.lexer.at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
            line.trim_end() == "/"
        };
        // Oracle's client runs what stands before a `/` alone on its line. A line may be as long as the file: it is looked at last.
        if self.lexer.is_at("\\") || (self.lexer.is_at("/") && is_slash()) {
            self.lexer.skip_line();
            return true;
        }
        let rest = self.lexer.source().get(self.lexer.at..).unwrap_or_default();
        if rest.get(..10).is_some_and(|word| word.eq_ignore_ascii_case("delimiter ")) {
            let line = rest.lines().next().unwrap_or_default();
            let delimiter = line.get(10..).unwrap_or_default().trim();
            if !delimiter.is_empty() {
                self.delimiter = delimiter.to_owned();
            }
            self.lexer.skip_line();
            return true;
        }
        false
    }

    /// Whether the statement makes a routine whose body has statements of its own.
    fn is_routine(&self) -> bool {
        let last = self.word(self.tokens.len() - 1);
        self.word(0).eq_ignore_ascii_case("create")
            && ["trigger", "procedure", "function", "event", "package"].iter().any(|word| last.eq_ignore_ascii_case(word))
    }

    fn count_block(&mut self, token: Token) {
        let word = token.text(self.lexer.source());
        let before = self.word(self.tokens.len().saturating_sub(2));
        if word.eq_ignore_ascii_case("end") {
            self.depth = self.depth.saturating_sub(1);
        } else if before.eq_ignore_ascii_case("end") {
            if ["if", "loop", "while", "repeat"].iter().any(|other| word.eq_ignore_ascii_case(other)) {
                // Their beginnings are not counted.
                self.depth += 1;
            }
        } else if word.eq_ignore_ascii_case("begin") || word.eq_ignore_ascii_case("case") {
            self.depth += 1;
        }
    }

    fn is_copy(&self) -> bool {
        self.word(0).eq_ignore_ascii_case("copy") && (1..self.tokens.len()).any(|index| self.word(index).eq_ignore_ascii_case("stdin"))
    }

    /// Goes over the rows behind `COPY … FROM stdin;`.
    fn skip_data(&mut self) {
        let rest = self.lexer.source().as_bytes().get(self.lexer.at..).unwrap_or_default();
        if let Some(end) = memchr::memmem::find(rest, b"\n\\.") {
            self.lexer.at += end + 1;
            self.lexer.skip_line();
        }
    }
}
