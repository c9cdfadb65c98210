//! SQL expressions without what two spellings of one of them may differ in: case, blanks, casts, needless parentheses, the ways
//! databases print what they were given.
//!
//! Knows no meaning beyond that: expressions that are the same only by arithmetic or logic stay different.

use crate::base::quoted::closing;

/// Longer texts are compared without blanks only.
const MOST_BYTES: usize = 64 << 10;

/// So many times needless parentheses are looked for.
const MOST_PASSES: usize = 8;

/// A piece of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A keyword or a name, folded; names in quotes keep their case.
    Word(String),
    /// A string with its quotes.
    Text(String),
    /// A number.
    Number(String),
    /// An operator or a bracket.
    Sign(String),
}

impl Piece {
    /// As it is written in the folded form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Word(text) | Self::Text(text) | Self::Number(text) | Self::Sign(text) => text,
        }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self, Self::Sign(own) if own == sign)
    }
}

/// Operators of more than one character, longest first.
const SIGNS: &[&str] =
    &["!~~*", "!~~", "~~*", "->>", "#>>", "||", "::", "<=", ">=", "<>", "!=", "->", "#>", "@>", "<@", "&&", "~~", "!~", "~*"];

/// Cuts a text into pieces.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            c if c.is_whitespace() => c.len_utf8(),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            '\'' => {
                let end = closing(rest, '\'');
                found.push(Piece::Text(rest[..end].to_owned()));
                end
            }
            '"' | '`' => {
                let end = closing(rest, first);
                found.push(Piece::Word(rest.get(1..end.saturating_sub(1)).unwrap_or_default().to_owned()));
                end
            }
            '[' if bracketed(rest, found.last()).is_some() => {
                let name = bracketed(rest, found.last()).unwrap_or_default();
                found.push(Piece::Word(name.to_lowercase()));
                name.len() + 2
            }
            c if c.is_alphabetic() || c == '_' => word(rest, &mut found),
            c if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(rest.len());
                found.push(Piece::Number(rest[..end].to_lowercase()));
                end
            }
            c => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                let end = sign.map_or(c.len_utf8(), |sign| sign.len());
                found.push(Piece::Sign(rest[..end].to_owned()));
                end
            }
        };
        rest = &rest[end..];
    }
    found
}

/// A word, or a string with a prefix: `E'…'`, `N'…'`, `_utf8mb4'…'`.
fn word(rest: &str, found: &mut Vec<Piece>) -> usize {
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
    let word = rest[..end].to_lowercase();
    let is_prefix = matches!(word.as_str(), "e" | "n" | "u") || (word.starts_with("_utf8") || word == "_latin1" || word == "_binary");
    if is_prefix && rest[end..].starts_with('\'') {
        let close = end + closing(&rest[end..], '\'');
        found.push(Piece::Text(rest[end..close].to_owned()));
        return close;
    }
    found.push(Piece::Word(word));
    end
}

/// The name in `[…]`, where no array can stand.
fn bracketed<'t>(rest: &'t str, before: Option<&Piece>) -> Option<&'t str> {
    let inner = rest.get(1..rest.find(']')?)?;
    let is_name = inner.starts_with(|c: char| c.is_alphabetic() || c == '_') && !inner.contains(['\'', '(', ',']);
    let may_be_array = matches!(before, Some(Piece::Word(word)) if !is_keyword(word)) || before.is_some_and(|piece| piece.is_sign(")"));
    (is_name && !may_be_array).then_some(inner)
}

/// Words that are no function's name when a parenthesis follows.
const KEYWORDS: &[&str] = &[
    "and", "or", "not", "when", "then", "else", "case", "end", "where", "on", "is", "like", "ilike", "between", "select", "by", "having",
    "as", "from", "check", "default", "return", "using",
];

fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// An expression in the form that its spellings share.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.len() > MOST_BYTES {
        return text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let mut all = uncast(pieces(text));
    all = unqualified(all);
    plain_operators(&mut all);
    all = without_calls_of_now(all);
    for _ in 0..MOST_PASSES {
        let before = all.len();
        all = unwrapped(all);
        if all.len() == before {
            break;
        }
    }
    all = lists(all);
    all.iter().map(Piece::as_str).collect::<Vec<_>>().join(" ")
}

/// Without `::type`.
fn uncast(all: Vec<Piece>) -> Vec<Piece> {
    let mut kept = Vec::with_capacity(all.len());
    let mut at = 0;
    while let Some(piece) = all.get(at) {
        if piece.is_sign("::") {
            at = behind_type(&all, at + 1);
        } else {
            kept.push(piece.clone());
            at += 1;
        }
    }
    kept
}

/// Behind the type that begins here.
fn behind_type(all: &[Piece], start: usize) -> usize {
    const MORE: &[&str] = &["varying", "precision", "with", "without", "time", "zone"];
    let is = |at: usize, sign: &str| all.get(at).is_some_and(|piece| piece.is_sign(sign));
    let mut at = start;
    while matches!(all.get(at), Some(Piece::Word(_))) {
        at += 1;
        if is(at, ".") {
            at += 1;
            continue;
        }
        while matches!(all.get(at), Some(Piece::Word(word)) if MORE.contains(&word.as_str())) {
            at += 1;
        }
        break;
    }
    if is(at, "(") {
        while at < all.len() && !is(at, ")") {
            at += 1;
        }
        at += 1;
        while matches!(all.get(at), Some(Piece::Word(word)) if MORE.contains(&word.as_str())) {
            at += 1;
        }
    }
    while is(at, "[") && is(at + 1, "]") {
        at += 2;
    }
    at
}

/// Without `public.` and `pg_catalog.`.
fn unqualified(all: Vec<Piece>) -> Vec<Piece> {
    let mut kept: Vec<Piece> = Vec::with_capacity(all.len());
    let mut pieces = all.into_iter().peekable();
    while let Some(piece) = pieces.next() {
        let is_default = piece.is_word("public") || piece.is_word("pg_catalog") || piece.is_word("dbo");
        if is_default && pieces.peek().is_some_and(|next| next.is_sign(".")) {
            pieces.next();
        } else {
            kept.push(piece);
        }
    }
    kept
}

fn plain_operators(all: &mut Vec<Piece>) {
    let mut kept = Vec::with_capacity(all.len());
    let words = |kept: &mut Vec<Piece>, words: &[&str]| kept.extend(words.iter().map(|word| Piece::Word((*word).to_owned())));
    for piece in all.drain(..) {
        match piece.as_str() {
            "!=" => kept.push(Piece::Sign("<>".into())),
            "~~" => words(&mut kept, &["like"]),
            "!~~" => words(&mut kept, &["not", "like"]),
            "~~*" => words(&mut kept, &["ilike"]),
            "!~~*" => words(&mut kept, &["not", "ilike"]),
            _ => kept.push(piece),
        }
    }
    *all = kept;
}

/// `CURRENT_TIMESTAMP`, `current_timestamp(6)`, `now()` in one spelling.
fn without_calls_of_now(all: Vec<Piece>) -> Vec<Piece> {
    let mut kept = Vec::with_capacity(all.len());
    let mut at = 0;
    while let Some(piece) = all.get(at) {
        at += 1;
        let is_now = ["now", "current_timestamp", "transaction_timestamp", "localtimestamp"].iter().any(|word| piece.is_word(word));
        if !is_now {
            kept.push(piece.clone());
            continue;
        }
        kept.push(Piece::Word("current_timestamp".into()));
        let is = |at: usize, sign: &str| all.get(at).is_some_and(|piece| piece.is_sign(sign));
        if is(at, "(") && is(at + 1, ")") {
            at += 2;
        } else if is(at, "(") && matches!(all.get(at + 1), Some(Piece::Number(_))) && is(at + 2, ")") {
            at += 3;
        }
    }
    kept
}

/// A pair of parentheses.
struct Group {
    open: usize,
    close: usize,
    has_or: bool,
    has_and: bool,
    has_list: bool,
}

fn groups(all: &[Piece]) -> Vec<Group> {
    let mut open: Vec<Group> = Vec::new();
    let mut found = Vec::new();
    for (at, piece) in all.iter().enumerate() {
        if piece.is_sign("(") || piece.is_sign("[") {
            open.push(Group { open: at, close: at, has_or: false, has_and: false, has_list: false });
        } else if piece.is_sign(")") || piece.is_sign("]") {
            found.extend(open.pop().filter(|_| piece.is_sign(")")).map(|group| Group { close: at, ..group }));
        } else if let Some(group) = open.last_mut() {
            group.has_or |= piece.is_word("or");
            group.has_and |= piece.is_word("and");
            group.has_list |= piece.is_sign(",") || piece.is_word("select");
        }
    }
    found
}

/// One pass over needless parentheses.
fn unwrapped(all: Vec<Piece>) -> Vec<Piece> {
    let found = groups(&all);
    let close_of: std::collections::BTreeMap<usize, usize> = found.iter().map(|group| (group.open, group.close)).collect();
    let mut gone = vec![false; all.len()];
    for group in &found {
        if is_needless(&all, group, &close_of) {
            gone[group.open] = true;
            gone[group.close] = true;
        }
    }
    all.into_iter().zip(gone).filter(|(_, gone)| !gone).map(|(piece, _)| piece).collect()
}

fn is_needless(all: &[Piece], group: &Group, close_of: &std::collections::BTreeMap<usize, usize>) -> bool {
    let before = group.open.checked_sub(1).and_then(|at| all.get(at));
    let after = all.get(group.close + 1);
    let is_call = match before {
        Some(Piece::Word(word)) => !is_keyword(word),
        _ => false,
    };
    let inner = group.close - group.open - 1;
    if is_call || inner == 0 || group.has_list {
        return false;
    }
    // Its own next pass takes the inner one away first.
    let is_doubled = close_of.get(&(group.open + 1)) == Some(&(group.close - 1));
    let is_one_call = matches!(all.get(group.open + 1), Some(Piece::Word(word)) if !is_keyword(word))
        && close_of.get(&(group.open + 2)) == Some(&(group.close - 1));
    if inner == 1 || is_doubled || is_one_call {
        return true;
    }
    let is_one_of = |piece: Option<&Piece>, words: &[&str]| match piece {
        None => true,
        Some(piece) => words.contains(&piece.as_str()),
    };
    let (open, close) = (["(", ",", "when", "then", "else", "where", "on", "["], [")", ",", "when", "then", "else", "end", "]"]);
    let is_alone = is_one_of(before, &open) && is_one_of(after, &close);
    let is_among = |words: &[&str]| {
        let is = |piece: Option<&Piece>| piece.is_some_and(|piece| words.contains(&piece.as_str()));
        (is_one_of(before, &open) || is(before)) && (is_one_of(after, &close) || is(after))
    };
    match (group.has_or, group.has_and) {
        (true, _) => is_alone || is_among(&["or"]),
        (false, true) => is_alone || is_among(&["or", "and"]),
        (false, false) => is_alone || is_among(&["or", "and", "not"]),
    }
}

/// `= ANY (ARRAY[…])` as `IN (…)`, `x BETWEEN 1 AND 2` as PostgreSQL prints it, lists of `IN` sorted.
fn lists(all: Vec<Piece>) -> Vec<Piece> {
    let word = |text: &str| Piece::Word(text.to_owned());
    let sign = |text: &str| Piece::Sign(text.to_owned());
    let mut kept: Vec<Piece> = Vec::with_capacity(all.len());
    let mut at = 0;
    while let Some(piece) = all.get(at) {
        let is = |ahead: usize, text: &str| all.get(at + ahead).is_some_and(|piece| piece.as_str() == text);
        let opens = match (piece.as_str(), is(1, "any"), is(1, "all")) {
            ("=", true, _) => Some(vec![word("in")]),
            ("<>", _, true) => Some(vec![word("not"), word("in")]),
            _ => None,
        };
        if let Some(words) = opens
            && is(2, "(")
            && is(3, "array")
            && is(4, "[")
            && let Some(close) = (at + 5..all.len()).find(|at| all[*at].is_sign("]"))
            && all.get(close + 1).is_some_and(|piece| piece.is_sign(")"))
        {
            kept.extend(words);
            kept.extend(sorted_list(&all[at + 5..close]));
            at = close + 2;
        } else if piece.is_word("in")
            && is(1, "(")
            && !is(2, "select")
            && let Some(close) = (at + 2..all.len()).find(|at| all[*at].is_sign(")"))
        {
            kept.push(piece.clone());
            kept.extend(sorted_list(&all[at + 2..close]));
            at = close + 1;
        } else if piece.is_word("between") && is(2, "and") && all.get(at + 3).is_some() && kept.last().is_some() {
            let subject = kept.last().cloned().unwrap_or_else(|| word(""));
            kept.extend([sign(">="), all[at + 1].clone(), word("and"), subject, sign("<="), all[at + 3].clone()]);
            at += 4;
        } else {
            kept.push(piece.clone());
            at += 1;
        }
    }
    kept
}

fn sorted_list(items: &[Piece]) -> Vec<Piece> {
    let mut parts: Vec<Vec<Piece>> = items.split(|piece| piece.is_sign(",")).map(<[Piece]>::to_vec).collect();
    parts.sort_by_cached_key(|part| part.iter().map(|piece| piece.as_str().to_owned()).collect::<Vec<_>>());
    let mut kept = vec![Piece::Sign("(".into())];
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            kept.push(Piece::Sign(",".into()));
        }
        kept.extend(part);
    }
    kept.push(Piece::Sign(")".into()));
    kept
}

/// Whether a text names this column or table.
#[must_use]
pub fn names(text: &str, name: &str) -> bool {
    pieces(text).iter().any(|piece| matches!(piece, Piece::Word(word) if word.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn spellings_of_one_expression_are_one() {
        for (a, b) in [
            ("now()", "CURRENT_TIMESTAMP"),
            ("'{}'::jsonb", "'{}'"),
            ("((length(bravo) <= 100))", "length(bravo)<=100"),
            ("((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", "status IN ('b', 'a')"),
            ("(a > 1) AND (b < 2)", "a > 1 and b < 2"),
            ("(VALUE > (0)::numeric)", "value > 0"),
            ("[price]>(0)", "price > 0"),
            ("age BETWEEN 1 AND 9", "((age >= 1) AND (age <= 9))"),
        ] {
            assert_eq!(folded(a), folded(b), "{a} | {b}");
        }
        for (a, b) in [("(a or b) and c", "a or (b and c)"), ("(a + b) * c", "a + b * c"), ("'A'", "'a'"), ("not (a and b)", "not a and b")]
        {
            assert_ne!(folded(a), folded(b), "{a} | {b}");
        }
    }

    #[test]
    fn hostile_text_ends() {
        let _ = folded(&"(".repeat(60_000));
        let _ = folded(&format!("{}a{}", "(".repeat(20_000), ")".repeat(20_000)));
        let _ = folded("'open [ \" ` /* é");
    }
}
