//! `DROP` and `COMMENT ON`.

use super::create::Read;
use super::cursor::Cursor;
use crate::base::Name;
use crate::facts::database::{Change, ObjectName};

/// Behind `DROP`.
pub fn read_drop(cursor: &mut Cursor<'_>) -> Read {
    if cursor.is_any(&["temporary", "temp"]) {
        return Read::Nothing;
    }
    if cursor.eat_all(&["materialized", "view"]) || cursor.eat_all(&["foreign", "table"]) || cursor.eat_any(&["table", "view"]) {
        return read_names(cursor, Change::DropTable);
    }
    if cursor.eat_any(&["type", "domain"]) {
        return read_names(cursor, Change::DropType);
    }
    if cursor.eat("sequence") {
        return read_names(cursor, Change::DropSequence);
    }
    if cursor.eat("schema") {
        return read_names(cursor, |name| Change::DropSchema(name.name));
    }
    if cursor.eat_any(&["function", "aggregate"]) {
        cursor.eat_if_exists();
        return cursor.object().map(Change::DropFunction).into();
    }
    if cursor.eat("index") {
        return read_drop_index(cursor);
    }
    if cursor.is_end() { Read::Unread } else { Read::Nothing }
}

fn read_names(cursor: &mut Cursor<'_>, change: fn(ObjectName) -> Change) -> Read {
    cursor.eat_if_exists();
    let mut changes = Vec::new();
    loop {
        let Some(name) = cursor.object() else { return Read::Unread };
        changes.push(change(name));
        if !cursor.eat_symbol(b',') {
            return Read::Changes(changes);
        }
    }
}

fn read_drop_index(cursor: &mut Cursor<'_>) -> Read {
    cursor.eat("concurrently");
    cursor.eat_if_exists();
    let mut changes = Vec::new();
    loop {
        let Some(name) = cursor.object() else { return Read::Unread };
        let table = if cursor.eat("on") { cursor.object() } else { None };
        // T-SQL's old `table.index`.
        changes.push(Change::DropIndex(table, name.name));
        if !cursor.eat_symbol(b',') {
            return Read::Changes(changes);
        }
    }
}

/// Behind `COMMENT ON`.
pub fn read_comment(cursor: &mut Cursor<'_>) -> Read {
    if !cursor.eat("on") {
        return Read::Unread;
    }
    let is_column = cursor.eat("column");
    let is_told = is_column || cursor.eat_all(&["materialized", "view"]) || cursor.eat_any(&["table", "view"]);
    if !is_told {
        return Read::Nothing;
    }
    let Some(mut parts) = read_parts(cursor) else { return Read::Unread };
    let column = if is_column { parts.pop() } else { None };
    let Some(name) = parts.pop() else { return Read::Unread };
    let table = ObjectName::in_schema(parts.pop().unwrap_or_default(), name);
    if !cursor.eat("is") {
        return Read::Unread;
    }
    let text = cursor.string().filter(|text| !text.is_empty());
    Read::Changes(vec![Change::Comment { table, column, text }])
}

fn read_parts(cursor: &mut Cursor<'_>) -> Option<Vec<Name>> {
    let mut parts = vec![cursor.ident()?];
    while cursor.eat_symbol(b'.') {
        parts.push(cursor.ident()?);
    }
    Some(parts)
}
