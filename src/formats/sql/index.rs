//! Indexes: `CREATE INDEX`, and the keys that MySQL keeps in its table definitions.

use std::ops::Range;

use super::cursor::Cursor;
use super::tokens::Kind;
use crate::base::Name;
use crate::facts::database::{Change, Index, IndexPart};

/// Behind `CREATE`, when an index follows.
pub fn read_create_index(cursor: &mut Cursor<'_>) -> Option<Change> {
    let mut index = Index::default();
    loop {
        if cursor.eat("unique") {
            index.unique = true;
        } else if cursor.is_any(&["fulltext", "spatial"]) {
            index.method = Some(cursor.next_text().to_ascii_lowercase().into());
            cursor.at += 1;
        } else if cursor.eat("columnstore") || cursor.eat("clustered") || cursor.eat("nonclustered") {
        } else {
            break;
        }
    }
    if !cursor.eat("index") {
        return None;
    }
    cursor.eat("concurrently");
    let if_absent = cursor.eat_if_absent();
    if !cursor.is("on") {
        index.name = Some(cursor.object()?.name);
    }
    if cursor.eat("using") {
        index.method = method_of(cursor);
    }
    if !cursor.eat("on") {
        return None;
    }
    cursor.eat("only");
    let table = cursor.object()?;
    if cursor.eat("using") {
        index.method = method_of(cursor);
    }
    let inner = cursor.group()?;
    index.parts = read_parts(cursor, inner)?;
    read_tail(cursor, &mut index)?;
    Some(Change::CreateIndex { table, index, if_absent })
}

/// An index method; the default one is none.
fn method_of(cursor: &mut Cursor<'_>) -> Option<Name> {
    let method = cursor.ident()?.to_ascii_lowercase();
    (method != "btree").then(|| method.into())
}

fn read_tail(cursor: &mut Cursor<'_>, index: &mut Index) -> Option<()> {
    while !cursor.is_end() {
        if cursor.eat("include") {
            index.include = cursor.names()?;
        } else if cursor.eat_all(&["nulls", "not", "distinct"]) {
            index.nulls_not_distinct = true;
        } else if cursor.eat("where") {
            let mut end = cursor.clone();
            if end.group().is_some() && end.is_end() {
                // `WHERE (…)`: the parentheses say nothing.
                index.condition = Some(cursor.text(cursor.at + 1..cursor.len() - 1));
            } else {
                index.condition = Some(cursor.rest());
            }
            cursor.at = cursor.len();
        } else if cursor.eat("using") {
            index.method = method_of(cursor);
        } else {
            cursor.skip();
        }
    }
    Some(())
}

/// MySQL's `KEY name (columns)` in a table, if one begins here.
pub fn read_inline_index(cursor: &mut Cursor<'_>) -> Option<Index> {
    let mut ahead = cursor.clone();
    let mut index = Index::default();
    if ahead.is_any(&["fulltext", "spatial"]) {
        index.method = Some(ahead.next_text().to_ascii_lowercase().into());
        ahead.at += 1;
        ahead.eat_any(&["key", "index"]);
    } else if !ahead.eat_any(&["key", "index"]) {
        return None;
    }
    ahead.eat_if_absent();
    if !ahead.is_symbol(b'(') && !ahead.is("using") {
        index.name = Some(ahead.ident()?);
    }
    if ahead.eat("using") {
        index.method = method_of(&mut ahead);
    }
    // `key numeric(10, 2)` is a column.
    let inner = ahead.group()?;
    if ahead.within(inner.clone()).kind().is_none_or(|kind| matches!(kind, Kind::Number | Kind::String)) {
        return None;
    }
    index.parts = read_parts(&ahead, inner)?;
    ahead.at = ahead.len();
    *cursor = ahead;
    Some(index)
}

/// The parts of an index or key.
pub fn read_parts(cursor: &Cursor<'_>, range: Range<usize>) -> Option<Vec<IndexPart>> {
    cursor.split(range).into_iter().map(|item| read_part(&mut cursor.within(item))).collect()
}

fn read_part(cursor: &mut Cursor<'_>) -> Option<IndexPart> {
    if cursor.is_end() {
        return None;
    }
    let mut part = IndexPart::default();
    let start = cursor.at;
    if let Some(inner) = cursor.group() {
        part.text = cursor.text(inner);
        part.is_expression = true;
    } else {
        let mut name = cursor.clone();
        let ident = name.ident();
        let is_prefix = name.peek(1).is_some_and(|token| token.kind == Kind::Number)
            && name.peek(2).is_some_and(|token| token.kind == Kind::Symbol(b')'));
        match ident {
            Some(ident) if !name.is_symbol(b'(') && !name.is_symbol(b'.') || ident_is_prefix(&name, is_prefix) => {
                // MySQL's prefix of a column.
                let before = name.at;
                if name.group().is_some() {
                    part.options = Some(name.text(before..name.at));
                }
                *cursor = name;
                part.text = ident;
            }
            _ => {
                while !cursor.is_end() && !cursor.is_symbol(b'(') {
                    cursor.at += 1;
                }
                cursor.group();
                part.text = cursor.text(start..cursor.at);
                part.is_expression = true;
            }
        }
    }
    read_options(cursor, start, &mut part);
    Some(part)
}

/// `name(10)`: MySQL's prefix of a column.
fn ident_is_prefix(name: &Cursor<'_>, is_prefix: bool) -> bool {
    name.is_symbol(b'(') && is_prefix
}

/// What stands behind: an order, an operator class, or the rest of an expression.
fn read_options(cursor: &mut Cursor<'_>, start: usize, part: &mut IndexPart) {
    cursor.eat("asc");
    let from = cursor.at;
    let is_operator = |kind: Option<Kind>| matches!(kind, Some(Kind::Symbol(symbol)) if !matches!(symbol, b'(' | b')' | b'.' | b'='));
    let mut has_operator = false;
    while !cursor.is_end() {
        has_operator |= is_operator(cursor.kind());
        cursor.skip();
    }
    if from == cursor.at {
        return;
    }
    if has_operator {
        part.text = cursor.text(start..cursor.at);
        part.is_expression = true;
    } else {
        let options = cursor.text(from..cursor.at);
        part.options = Some(part.options.take().map_or(options.clone(), |prefix| format!("{prefix} {options}").into()));
    }
}
