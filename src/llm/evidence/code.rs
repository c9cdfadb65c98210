//! Lines of code in any language, as far as comments and strings go: what a line says besides its comment, which strings stand
//! in it, and which lines import.
//!
//! Knows no grammar. Strings over several lines count as text of the lines they stand in.

use std::sync::LazyLock;

use regex::Regex;

/// How a language writes comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    line: &'static [&'static str],
    block: Option<(&'static str, &'static str)>,
    /// Strings of three quotes that stand alone are documentation.
    has_docstrings: bool,
    /// Whether words stand for themselves: a file that is no program code.
    is_plain: bool,
}

const SLASHES: Style = Style { line: &["//"], block: Some(("/*", "*/")), has_docstrings: false, is_plain: false };
const HASH: Style = Style { line: &["#"], block: None, has_docstrings: false, is_plain: false };

impl Style {
    /// By a file's name.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "py" | "pyi" => Self { has_docstrings: true, ..HASH },
            "rb" | "rake" | "ru" | "gemspec" => Self { block: Some(("=begin", "=end")), ..HASH },
            "ex" | "exs" => Self { has_docstrings: true, ..HASH },
            "sh" | "bash" | "pl" | "pm" | "r" | "cr" | "jl" | "nim" | "tf" => HASH,
            "yml" | "yaml" | "toml" | "properties" | "conf" | "ini" | "cfg" => Self { is_plain: true, ..HASH },
            "php" => Self { line: &["//", "#"], ..SLASHES },
            "sql" | "lua" | "elm" | "adb" => Self { line: &["--"], block: Some(("/*", "*/")), has_docstrings: false, is_plain: false },
            "hs" => Self { line: &["--"], block: Some(("{-", "-}")), has_docstrings: false, is_plain: false },
            "clj" | "cljs" | "cljc" | "lisp" | "scm" | "rkt" => Self { line: &[";"], ..HASH },
            "erl" | "hrl" => Self { line: &["%"], ..HASH },
            "xml" | "html" | "md" | "vue" | "erb" => {
                Self { line: &[], block: Some(("<!--", "-->")), has_docstrings: false, is_plain: true }
            }
            "" => Self { is_plain: true, ..HASH },
            _ => SLASHES,
        }
    }

    /// Whether words stand for themselves.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self.is_plain
    }
}

/// What a comment or a string has left open at the end of a line.
#[derive(Clone, Copy)]
enum Open {
    Nothing,
    Block(&'static str),
    Doc(&'static str),
}

/// The lines without comments; a line that is nothing else becomes empty.
#[must_use]
pub fn without_comments(lines: &[String], style: Style) -> Vec<String> {
    let mut open = Open::Nothing;
    lines
        .iter()
        .map(|line| {
            let (code, after) = code_of(line, style, open);
            open = after;
            code
        })
        .collect()
}

fn code_of(line: &str, style: Style, mut open: Open) -> (String, Open) {
    let mut code = String::new();
    let mut rest = line;
    loop {
        if let Open::Block(end) | Open::Doc(end) = open {
            let Some((_, after)) = rest.split_once(end) else { return (code.trim_end().to_owned(), open) };
            (open, rest) = (Open::Nothing, after);
        }
        let Some(first) = rest.chars().next() else { return (code.trim_end().to_owned(), open) };
        // PHP: `#[Route('/users')]` is code.
        let is_attribute = style.line == ["//", "#"] && rest.starts_with("#[");
        if !is_attribute && style.line.iter().any(|mark| rest.starts_with(mark) && is_comment(&code, mark)) {
            return (code.trim_end().to_owned(), open);
        }
        if let Some((begin, end)) = style.block
            && let Some(after) = rest.strip_prefix(begin)
        {
            (open, rest) = (Open::Block(end), after);
            continue;
        }
        if style.has_docstrings
            && let Some(quotes) = ["\"\"\"", "'''"].into_iter().find(|quotes| rest.starts_with(quotes))
        {
            rest = rest.get(quotes.len()..).unwrap_or_default();
            open = Open::Doc(quotes);
            continue;
        }
        let taken = if matches!(first, '"' | '\'' | '`') { string_end(rest, first) } else { first.len_utf8() };
        let (piece, after) = rest.split_at(taken);
        code.push_str(piece);
        rest = after;
    }
}

/// `#` begins a comment at the start of a line or behind a blank: `a#b` is a name in Ruby, `#[…]` an attribute in PHP.
fn is_comment(before: &str, mark: &str) -> bool {
    mark != "#" || before.is_empty() || before.ends_with([' ', '\t', ';', '{', '('])
}

/// The byte behind a string that begins here; only the quote when nothing on this line ends it (an apostrophe, a lifetime).
fn string_end(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    quote.len_utf8()
}

/// The strings that stand in a line of code, and Ruby's and Elixir's `:symbols`.
#[must_use]
pub fn strings_of(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = code;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        if matches!(first, '"' | '\'' | '`') {
            let end = string_end(rest, first);
            if end > first.len_utf8() {
                found.push(rest.get(first.len_utf8()..end - first.len_utf8()).unwrap_or_default());
            }
            rest = rest.get(end..).unwrap_or_default();
            before = first;
            continue;
        }
        let tail = rest.get(first.len_utf8()..).unwrap_or_default();
        if first == ':' && matches!(before, ' ' | '(' | ',' | '[') {
            let end = tail.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(tail.len());
            found.extend(tail.get(..end).filter(|name| !name.is_empty()));
        }
        before = first;
        rest = tail;
    }
    found
}

static IMPORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:import|from|use|using|require|require_once|require_relative|include|include_once|#include|alias|package|namespace|open|library)\b|\brequire\s*\(")
        .expect("the pattern is fixed and a test uses it")
});

/// The lines that import: ranges of 1-based numbers.
#[must_use]
pub fn imports(code: &[String]) -> Vec<(u32, u32)> {
    const MOST: u32 = 60;
    let mut found = Vec::new();
    let mut open: Option<u32> = None;
    let mut count = 0;
    for (number, line) in (1_u32..).zip(code.iter().take(400)) {
        if let Some(from) = open {
            if line.trim_start().starts_with([')', '}']) || line.trim_end().ends_with(';') || number - from > MOST {
                found.push((from, number));
                open = None;
            }
        } else if line.len() < 300 && IMPORT.is_match(line) {
            count += 1;
            if line.trim_end().ends_with(['(', '{']) && !line.trim_start().starts_with("namespace") {
                open = Some(number);
            } else {
                found.push((number, number));
            }
        }
        if count >= MOST {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Style, imports, strings_of, without_comments};

    fn code(path: &str, text: &str) -> Vec<String> {
        without_comments(&text.lines().map(str::to_owned).collect::<Vec<_>>(), Style::of(path))
    }

    #[test]
    fn comments_are_no_code() {
        assert_eq!(code("a.go", "x := \"http://a\" // r.GET(\"/b\")"), ["x := \"http://a\""]);
        assert_eq!(code("a.java", "a(); /* b();\n c(); */ d();"), ["a();", " d();"]);
        assert_eq!(code("a.py", "def f():\n    \"\"\"GET /admin\n    \"\"\"\n    return 1  # one"), ["def f():", "", "", "    return 1"]);
        assert_eq!(code("a.rb", "get '/a#b' # get '/c'\n=begin\nget '/d'\n=end"), ["get '/a#b'", "", "", ""]);
        assert_eq!(code("a.sql", "select 1 -- two"), ["select 1"]);
        assert_eq!(code("a.rs", "fn f<'a>(x: &'a str) {} // c"), ["fn f<'a>(x: &'a str) {}"]);
    }

    #[test]
    fn strings_and_symbols_are_found() {
        assert_eq!(strings_of("r.GET(\"/users/:id\", 'x', `y`)"), ["/users/:id", "x", "y"]);
        assert_eq!(strings_of("resources :users, only: [:index]"), ["users", "index"]);
        assert_eq!(strings_of("it's"), Vec::<&str>::new());
        assert_eq!(strings_of(r#"a("\"", "b")"#), ["\\\"", "b"]);
    }

    #[test]
    fn imports_are_found() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(imports(&lines("package a\n\nimport (\n\t\"fmt\"\n)\n\nfunc f() {}")), [(1, 1), (3, 5)]);
        assert_eq!(imports(&lines("using System;\nclass A {}\n")), [(1, 1)]);
    }
}
