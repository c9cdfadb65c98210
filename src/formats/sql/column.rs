//! Column definitions and constraints, as `CREATE TABLE` and `ALTER TABLE` share them.

use super::cursor::Cursor;
use super::index;
use super::tokens::Kind;
use super::types::{AFTER_TYPE, read_type};
use crate::base::Name;
use crate::facts::database::{Action, Check, Column, ForeignKey, Generated, Index, Key};

/// What is said of a table beside its columns.
#[derive(Clone, Debug)]
pub enum Constraint {
    /// `PRIMARY KEY`.
    Primary(Key),
    /// `UNIQUE`.
    Unique(Key),
    /// `FOREIGN KEY`.
    Foreign(ForeignKey),
    /// `CHECK`, `EXCLUDE`.
    Check(Check),
    /// MySQL's `KEY` and `INDEX`.
    Index(Index),
    /// `UNIQUE USING INDEX`: the constraint's name, the index, whether it is the primary key.
    FromIndex(Option<Name>, Name, bool),
}

/// Reads a column's definition: the column, and the constraints that stand in it.
pub fn read_column(cursor: &mut Cursor<'_>) -> Option<(Column, Vec<Constraint>)> {
    let name = cursor.ident()?;
    let (mut column, constraints) = read_definition(cursor)?;
    for constraint in &constraints {
        if matches!(constraint, Constraint::Primary(_)) {
            column.nullable = false;
        }
    }
    let constraints = constraints.into_iter().map(|constraint| on_column(constraint, &name)).collect();
    column.name = name;
    Some((column, constraints))
}

fn on_column(constraint: Constraint, name: &Name) -> Constraint {
    let columns = vec![name.clone()];
    match constraint {
        Constraint::Primary(key) => Constraint::Primary(Key { columns, ..key }),
        Constraint::Unique(key) => Constraint::Unique(Key { columns, ..key }),
        Constraint::Foreign(key) => Constraint::Foreign(ForeignKey { columns, ..key }),
        other => other,
    }
}

/// The type and what stands behind it.
fn read_definition(cursor: &mut Cursor<'_>) -> Option<(Column, Vec<Constraint>)> {
    let ty = read_type(cursor);
    let mut column = Column { nullable: !is_serial(&ty), ty, ..Column::default() };
    let mut constraints = Vec::new();
    let mut name = None;
    while !cursor.is_end() {
        if cursor.eat("constraint") {
            name = Some(cursor.ident()?);
        } else if read_plain(cursor, &mut column)? {
        } else if let Some(constraint) = read_inline(cursor, name.take())? {
            constraints.push(constraint);
        } else if let Some(deferrable) = read_deferrable(cursor) {
            defer(constraints.last_mut(), deferrable);
        } else if cursor.is_symbol(b'(') || cursor.kind() == Some(Kind::Word) {
            // Words of storage and the like.
            cursor.skip();
        } else {
            cursor.at += 1;
        }
    }
    Some((column, constraints))
}

fn is_serial(ty: &str) -> bool {
    matches!(ty, "serial" | "bigserial" | "smallserial")
}

fn defer(constraint: Option<&mut Constraint>, deferrable: Name) {
    match constraint {
        Some(Constraint::Foreign(key)) => key.deferrable = Some(deferrable),
        Some(Constraint::Unique(key) | Constraint::Primary(key)) => key.deferrable = Some(deferrable),
        _ => {}
    }
}

/// What changes the column itself; whether something was read.
fn read_plain(cursor: &mut Cursor<'_>, column: &mut Column) -> Option<bool> {
    if cursor.eat_all(&["not", "null"]) {
        column.nullable = false;
    } else if cursor.eat("null") {
        column.nullable = true;
    } else if cursor.eat("default") {
        column.default = Some(read_expression(cursor)?).filter(|text| !text.eq_ignore_ascii_case("null"));
    } else if cursor.eat("collate") {
        let name = cursor.object()?.name;
        column.collation = Some(name).filter(|name| name != "default");
    } else if cursor.eat_any(&["auto_increment", "autoincrement"]) {
        column.generated = Some(Generated::AutoIncrement);
    } else if cursor.is("identity") {
        cursor.at += 1;
        cursor.group();
        column.generated = Some(Generated::IdentityByDefault);
        column.nullable = false;
    } else if cursor.eat("generated") {
        read_generated(cursor, column)?;
    } else if cursor.is("as") {
        cursor.at += 1;
        read_computed(cursor, column)?;
    } else if cursor.eat("comment") {
        cursor.eat_symbol(b'=');
        column.doc = cursor.string();
    } else if cursor.eat_all(&["on", "update"]) {
        let value = read_expression(cursor)?;
        column.default = column.default.take().map(|default| format!("{default} ON UPDATE {value}").into());
    } else if cursor.eat_all(&["on", "conflict"]) {
        cursor.skip();
    } else {
        return Some(false);
    }
    Some(true)
}

fn read_generated(cursor: &mut Cursor<'_>, column: &mut Column) -> Option<()> {
    let is_always = cursor.eat("always");
    if !is_always {
        cursor.eat_all(&["by", "default"]);
        cursor.eat_all(&["on", "null"]);
    }
    if !cursor.eat("as") {
        return None;
    }
    if cursor.eat("identity") {
        cursor.group();
        column.generated = Some(if is_always { Generated::IdentityAlways } else { Generated::IdentityByDefault });
        column.nullable = false;
        return Some(());
    }
    read_computed(cursor, column)
}

fn read_computed(cursor: &mut Cursor<'_>, column: &mut Column) -> Option<()> {
    let inner = cursor.group()?;
    let text = cursor.text(inner);
    let is_stored = cursor.eat_any(&["stored", "persisted"]);
    if !is_stored {
        cursor.eat("virtual");
    }
    column.generated = Some(if is_stored { Generated::Stored(text) } else { Generated::Virtual(text) });
    Some(())
}

/// An expression up to what can stand behind one in a definition.
pub fn read_expression(cursor: &mut Cursor<'_>) -> Option<Name> {
    let start = cursor.at;
    if cursor.is_end() {
        return None;
    }
    cursor.skip();
    loop {
        let is_over = cursor.is_end() || cursor.is_symbol(b',') || (cursor.kind() == Some(Kind::Word) && cursor.is_any(AFTER_TYPE));
        if is_over {
            break;
        }
        cursor.skip();
    }
    Some(cursor.text(start..cursor.at))
}

/// A constraint within a column's definition; its columns are filled in by the caller.
fn read_inline(cursor: &mut Cursor<'_>, name: Option<Name>) -> Option<Option<Constraint>> {
    if cursor.eat_all(&["primary", "key"]) || cursor.eat("key") {
        cursor.eat_any(&["asc", "desc", "clustered", "nonclustered"]);
        skip_storage(cursor);
        return Some(Some(Constraint::Primary(Key { name, ..Key::default() })));
    }
    if cursor.eat("unique") {
        cursor.eat_any(&["key", "clustered", "nonclustered"]);
        let nulls_not_distinct = read_nulls(cursor);
        skip_storage(cursor);
        return Some(Some(Constraint::Unique(Key { name, nulls_not_distinct, ..Key::default() })));
    }
    if cursor.eat("references") {
        return Some(Some(Constraint::Foreign(read_target(cursor, name, Vec::new())?)));
    }
    if cursor.eat("check") {
        return Some(Some(read_check(cursor, name)?));
    }
    Some(None)
}

fn read_nulls(cursor: &mut Cursor<'_>) -> bool {
    if cursor.eat_all(&["nulls", "not", "distinct"]) {
        return true;
    }
    cursor.eat_all(&["nulls", "distinct"]);
    false
}

fn read_check(cursor: &mut Cursor<'_>, name: Option<Name>) -> Option<Constraint> {
    let inner = cursor.group()?;
    let condition = cursor.text(inner);
    while cursor.eat_all(&["no", "inherit"])
        || cursor.eat_all(&["not", "valid"])
        || cursor.eat_all(&["not", "enforced"])
        || cursor.eat("enforced")
    {}
    Some(Constraint::Check(Check { name, condition, is_whole: false }))
}

/// `REFERENCES` and what follows.
fn read_target(cursor: &mut Cursor<'_>, name: Option<Name>, columns: Vec<Name>) -> Option<ForeignKey> {
    let target = cursor.object()?;
    let target_columns = if cursor.is_symbol(b'(') { cursor.names()? } else { Vec::new() };
    let mut key = ForeignKey { name, columns, target, target_columns, ..ForeignKey::default() };
    loop {
        if cursor.eat_all(&["on", "delete"]) {
            key.on_delete = Some(read_action(cursor)?);
        } else if cursor.eat_all(&["on", "update"]) {
            key.on_update = Some(read_action(cursor)?);
        } else if cursor.eat("match") {
            cursor.at += 1;
        } else if cursor.eat_all(&["not", "valid"])
            || cursor.eat_all(&["not", "for", "replication"])
            || cursor.eat_all(&["not", "enforced"])
        {
        } else if let Some(deferrable) = read_deferrable(cursor) {
            key.deferrable = Some(deferrable);
        } else {
            return Some(key);
        }
    }
}

fn read_action(cursor: &mut Cursor<'_>) -> Option<Action> {
    let words = if cursor.is("set") || cursor.is("no") { 2 } else { 1 };
    let text = cursor.text(cursor.at..cursor.at + words);
    cursor.at += words;
    let action = Action::of(&text)?;
    cursor.group();
    Some(action)
}

/// `DEFERRABLE INITIALLY DEFERRED`; what says the default is read too, and empty.
fn read_deferrable(cursor: &mut Cursor<'_>) -> Option<Name> {
    let start = cursor.at;
    let mut is_deferrable = false;
    loop {
        if cursor.eat_all(&["not", "deferrable"]) {
        } else if cursor.eat("deferrable") {
            is_deferrable = true;
        } else if cursor.eat("initially") {
            is_deferrable |= cursor.is("deferred");
            cursor.at += 1;
        } else {
            break;
        }
    }
    if !is_deferrable {
        cursor.at = start;
        return None;
    }
    Some(cursor.text(start..cursor.at).to_uppercase().into())
}

/// Where a key's index lies; says nothing about the schema.
fn skip_storage(cursor: &mut Cursor<'_>) {
    loop {
        if cursor.eat_all(&["using", "index", "tablespace"]) || cursor.eat_all(&["on", "conflict"]) || cursor.eat_all(&["using", "btree"]) {
            cursor.skip();
        } else if cursor.is("with") && cursor.peek(1).is_some_and(|token| token.kind == Kind::Symbol(b'(')) {
            cursor.at += 1;
            cursor.group();
        } else {
            return;
        }
    }
}

/// A constraint that stands for itself in a table, if one begins here. `Some(None)`: none does; `None`: it cannot be read.
pub fn read_constraint(cursor: &mut Cursor<'_>) -> Option<Option<Constraint>> {
    let mut name = None;
    if cursor.eat("constraint") {
        // MySQL takes a constraint without a name.
        name = if cursor.is_any(&["primary", "unique", "foreign", "check"]) { None } else { Some(cursor.ident()?) };
    }
    let has_name = name.is_some();
    if cursor.eat_all(&["primary", "key"]) {
        return read_key(cursor, name, true).map(Some);
    }
    if cursor.is("unique") {
        cursor.at += 1;
        return read_key(cursor, name, false).map(Some);
    }
    if cursor.eat_all(&["foreign", "key"]) {
        cursor.eat_if_absent();
        if !cursor.is_symbol(b'(') {
            let own = cursor.ident()?;
            name = name.or(Some(own));
        }
        let columns = cursor.names()?;
        return if cursor.eat("references") { read_target(cursor, name, columns).map(|key| Some(Constraint::Foreign(key))) } else { None };
    }
    if cursor.is("check") && cursor.peek(1).is_some_and(|token| token.kind == Kind::Symbol(b'(')) {
        cursor.at += 1;
        return read_check(cursor, name).map(Some);
    }
    if cursor.is("exclude")
        && (has_name || cursor.is_at(1, "using") || cursor.peek(1).is_some_and(|token| token.kind == Kind::Symbol(b'(')))
    {
        let condition = cursor.rest();
        cursor.at = cursor.len();
        return Some(Some(Constraint::Check(Check { name, condition, is_whole: true })));
    }
    if has_name {
        return None;
    }
    Some(index::read_inline_index(cursor).map(Constraint::Index))
}

/// Behind `PRIMARY KEY` or `UNIQUE`.
fn read_key(cursor: &mut Cursor<'_>, name: Option<Name>, is_primary: bool) -> Option<Constraint> {
    if cursor.eat_all(&["using", "index"]) {
        return Some(Constraint::FromIndex(name, cursor.ident()?, is_primary));
    }
    cursor.eat_any(&["key", "index"]);
    cursor.eat_any(&["clustered", "nonclustered"]);
    let nulls_not_distinct = read_nulls(cursor);
    let mut name = name;
    if !cursor.is_symbol(b'(') && !cursor.is("using") {
        let own = cursor.ident()?;
        name = if is_primary { name } else { name.or(Some(own)) };
    }
    if cursor.eat("using") {
        cursor.at += 1;
    }
    let inner = cursor.group()?;
    let parts = index::read_parts(cursor, inner)?;
    let has_prefix = parts.iter().any(|part| part.options.as_ref().is_some_and(|options| options.starts_with('(')));
    if !is_primary && (has_prefix || parts.iter().any(|part| part.is_expression)) {
        return Some(Constraint::Index(Index { name, parts, unique: true, ..Index::default() }));
    }
    let columns = parts.into_iter().map(|part| part.text).collect();
    let mut key = Key { name, columns, nulls_not_distinct, deferrable: None };
    skip_storage(cursor);
    key.deferrable = read_deferrable(cursor);
    let constraint = if is_primary { Constraint::Primary(key) } else { Constraint::Unique(key) };
    Some(constraint)
}
