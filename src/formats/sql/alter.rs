//! `ALTER` of everything, `RENAME TABLE`, T-SQL's `sp_rename`.

use super::alter_column::read_alter_column;
use super::column::{Constraint, read_column, read_constraint};
use super::create::Read;
use super::cursor::Cursor;
use crate::base::Name;
use crate::facts::database::{Change, Column, ColumnChange, KeyKind, ObjectName};

/// Behind `ALTER`.
pub fn read_alter(cursor: &mut Cursor<'_>) -> Read {
    if cursor.eat_all(&["foreign", "table"]) || cursor.eat("table") {
        return read_alter_table(cursor);
    }
    if cursor.eat("type") {
        return read_alter_type(cursor);
    }
    if cursor.eat("domain") {
        return read_renamed(cursor, Change::RenameType);
    }
    if cursor.eat("index") {
        cursor.eat_if_exists();
        let Some(name) = cursor.object() else { return Read::Unread };
        if !cursor.eat_all(&["rename", "to"]) {
            return Read::Nothing;
        }
        return cursor.ident().map(|to| Change::RenameIndex(name.name, to)).into();
    }
    if cursor.eat_all(&["materialized", "view"]) || cursor.eat("view") {
        return read_alter_view(cursor);
    }
    if cursor.is_end() { Read::Unread } else { Read::Nothing }
}

fn read_alter_view(cursor: &mut Cursor<'_>) -> Read {
    cursor.eat_if_exists();
    let Some(name) = cursor.object() else { return Read::Unread };
    if cursor.eat_all(&["rename", "to"]) {
        return cursor.ident().map(|to| Change::RenameTable(name.clone(), in_schema_of(&name, to))).into();
    }
    if cursor.eat_all(&["set", "schema"]) {
        return cursor.ident().map(|schema| Change::SetSchema(name, schema)).into();
    }
    Read::Nothing
}

fn in_schema_of(name: &ObjectName, to: Name) -> ObjectName {
    ObjectName { schema: name.schema.clone(), name: to }
}

fn read_renamed(cursor: &mut Cursor<'_>, change: fn(ObjectName, ObjectName) -> Change) -> Read {
    let Some(name) = cursor.object() else { return Read::Unread };
    if cursor.eat_all(&["rename", "to"]) {
        return cursor.ident().map(|to| change(name.clone(), in_schema_of(&name, to))).into();
    }
    Read::Nothing
}

fn read_alter_type(cursor: &mut Cursor<'_>) -> Read {
    let Some(ty) = cursor.object() else { return Read::Unread };
    if cursor.eat_all(&["add", "value"]) {
        cursor.eat_if_absent();
        let Some(label) = cursor.string() else { return Read::Unread };
        let before = if cursor.eat("before") { cursor.string() } else { None };
        let after = if cursor.eat("after") { cursor.string() } else { None };
        return Read::Changes(vec![Change::AddLabel { ty, label, before, after }]);
    }
    if cursor.eat_all(&["rename", "value"]) {
        let (from, _, to) = (cursor.string(), cursor.eat("to"), cursor.string());
        let (Some(from), Some(to)) = (from, to) else { return Read::Unread };
        return Read::Changes(vec![Change::RenameLabel(ty, from, to)]);
    }
    if cursor.eat_all(&["rename", "to"]) {
        return cursor.ident().map(|to| Change::RenameType(ty.clone(), in_schema_of(&ty, to))).into();
    }
    if cursor.eat_all(&["set", "schema"]) {
        return cursor.ident().map(|schema| Change::SetSchema(ty, schema)).into();
    }
    Read::Nothing
}

/// Behind `ALTER TABLE`: every action by itself.
fn read_alter_table(cursor: &mut Cursor<'_>) -> Read {
    cursor.eat_if_exists();
    cursor.eat("only");
    let Some(table) = cursor.object() else { return Read::Unread };
    cursor.eat_symbol(b'*');
    for checked in [["with", "check"], ["with", "nocheck"]] {
        cursor.eat_all(&checked);
    }
    if cursor.is_end() {
        return Read::Unread;
    }
    let mut changes = Vec::new();
    let mut adds_more = false;
    for range in cursor.split(cursor.at..cursor.len()) {
        let mut action = cursor.within(range);
        let read = if adds_more && !is_action(&action) {
            // T-SQL's `ADD a int, b int`.
            read_add(&mut action, &table)
        } else {
            adds_more = action.is("add");
            read_action(&mut action, &table)
        };
        match read {
            Some(more) => changes.extend(more),
            None => return Read::Unread,
        }
    }
    Read::Changes(changes)
}

const ACTIONS: &[&str] = &[
    "add",
    "drop",
    "alter",
    "rename",
    "modify",
    "change",
    "set",
    "owner",
    "enable",
    "disable",
    "force",
    "no",
    "cluster",
    "inherit",
    "attach",
    "detach",
    "replica",
    "validate",
    "engine",
    "convert",
    "comment",
    "default",
    "character",
    "charset",
    "collate",
    "algorithm",
    "lock",
    "order",
    "auto_increment",
    "reset",
    "not",
    "of",
    "check",
    "nocheck",
    "with",
    "row_format",
    "switch",
    "partition",
    "without",
    "rebuild",
    "truncate",
    "reorganize",
    "coalesce",
    "exchange",
    "analyze",
    "optimize",
    "repair",
    "discard",
    "import",
    "remove",
    "tablespace",
    "stats_persistent",
];

fn is_action(action: &Cursor<'_>) -> bool {
    action.is_any(ACTIONS)
}

fn read_action(action: &mut Cursor<'_>, table: &ObjectName) -> Option<Vec<Change>> {
    if action.eat("add") {
        return read_add(action, table);
    }
    if action.eat("drop") {
        return read_drop(action, table);
    }
    if action.eat("alter") {
        return read_alter_column(action, table);
    }
    if action.eat("rename") {
        return read_rename(action, table).map(|change| vec![change]);
    }
    if action.eat("modify") {
        action.eat("column");
        action.eat_if_exists();
        let (column, constraints) = read_column(&mut action.clone())?;
        let name = column.name.clone();
        return Some(redefined(table, name, column, constraints));
    }
    if action.eat("change") {
        action.eat("column");
        action.eat_if_exists();
        let old = action.ident()?;
        let (column, constraints) = read_column(action)?;
        let name = column.name.clone();
        let mut changes = Vec::new();
        if old != name {
            changes.push(Change::RenameColumn(table.clone(), old, name.clone()));
        }
        changes.extend(redefined(table, name, column, constraints));
        return Some(changes);
    }
    if action.eat_all(&["set", "schema"]) {
        return Some(vec![Change::SetSchema(table.clone(), action.ident()?)]);
    }
    if action.eat_all(&["attach", "partition"]) {
        return Some(vec![Change::AttachPartition(table.clone(), action.object()?)]);
    }
    if action.eat("comment") {
        action.eat_symbol(b'=');
        let text = action.string();
        return Some(vec![Change::Comment { table: table.clone(), column: None, text }]);
    }
    is_action(action).then(Vec::new)
}

fn redefined(table: &ObjectName, name: Name, column: Column, constraints: Vec<Constraint>) -> Vec<Change> {
    let change = Change::AlterColumn(table.clone(), name, ColumnChange::Redefine(Box::new(column)));
    std::iter::once(change).chain(constraints.into_iter().map(|constraint| added(table, constraint))).collect()
}

/// Behind `ADD`.
fn read_add(action: &mut Cursor<'_>, table: &ObjectName) -> Option<Vec<Change>> {
    if action.is("partition") || action.is("period") {
        return Some(Vec::new());
    }
    if !action.is("column")
        && let Some(constraint) = read_constraint(action)?
    {
        return Some(vec![added(table, constraint)]);
    }
    action.eat("column");
    let if_absent = action.eat_if_absent();
    if let Some(inner) = action.group() {
        let mut changes = Vec::new();
        for item in action.split(inner) {
            changes.extend(read_added_column(&mut action.within(item), table, if_absent)?);
        }
        return Some(changes);
    }
    read_added_column(action, table, if_absent)
}

fn read_added_column(action: &mut Cursor<'_>, table: &ObjectName, if_absent: bool) -> Option<Vec<Change>> {
    if let Some(constraint) = read_constraint(action)? {
        return Some(vec![added(table, constraint)]);
    }
    let (column, constraints) = read_column(action)?;
    let change = Change::AddColumn { table: table.clone(), column: Box::new(column), if_absent };
    Some(std::iter::once(change).chain(constraints.into_iter().map(|constraint| added(table, constraint))).collect())
}

fn added(table: &ObjectName, constraint: Constraint) -> Change {
    let table = table.clone();
    match constraint {
        Constraint::Primary(key) => Change::SetPrimaryKey(table, key),
        Constraint::Unique(key) => Change::AddUnique(table, key),
        Constraint::Foreign(key) => Change::AddForeignKey(table, key),
        Constraint::Check(check) => Change::AddCheck(table, check),
        Constraint::Index(index) => Change::CreateIndex { table, index, if_absent: false },
        Constraint::FromIndex(name, index, is_primary) => Change::KeyFromIndex { table, name, index, is_primary },
    }
}

/// Behind `DROP`.
fn read_drop(action: &mut Cursor<'_>, table: &ObjectName) -> Option<Vec<Change>> {
    let table = table.clone();
    if action.eat_any(&["constraint", "check"]) || action.eat_all(&["foreign", "key"]) {
        action.eat_if_exists();
        return Some(vec![Change::DropConstraint(table, action.ident()?)]);
    }
    if action.eat_all(&["primary", "key"]) {
        return Some(vec![Change::DropKeyOn { table, kind: KeyKind::Primary, columns: Vec::new() }]);
    }
    if action.is_any(&["index", "key"]) && action.peek(1).is_some() && !action.is_at(1, "cascade") {
        action.at += 1;
        action.eat_if_exists();
        return Some(vec![Change::DropIndex(Some(table), action.ident()?)]);
    }
    if action.is("partition") && action.peek(1).is_some() {
        return Some(Vec::new());
    }
    action.eat("column");
    action.eat_if_exists();
    if action.is_symbol(b'(') {
        let names = action.names()?;
        return Some(names.into_iter().map(|name| Change::DropColumn(table.clone(), name)).collect());
    }
    Some(vec![Change::DropColumn(table, action.ident()?)])
}

/// Behind `RENAME`.
fn read_rename(action: &mut Cursor<'_>, table: &ObjectName) -> Option<Change> {
    if action.eat_any(&["to", "as"]) {
        let to = action.object()?;
        let to = if to.schema.is_none() { in_schema_of(table, to.name) } else { to };
        return Some(Change::RenameTable(table.clone(), to));
    }
    let pair = |action: &mut Cursor<'_>| {
        let from = action.ident()?;
        if !action.eat_any(&["to", "as"]) {
            return None;
        }
        Some((from, action.ident()?))
    };
    if action.eat("constraint") {
        return pair(action).map(|(from, to)| Change::RenameConstraint(table.clone(), from, to));
    }
    if action.is_any(&["index", "key"]) && !action.is_at(1, "to") {
        action.at += 1;
        return pair(action).map(|(from, to)| Change::RenameIndex(from, to));
    }
    if action.is("column") && !action.is_at(1, "to") {
        action.at += 1;
        action.eat_if_exists();
    }
    pair(action).map(|(from, to)| Change::RenameColumn(table.clone(), from, to))
}

/// MySQL's `RENAME TABLE a TO b, c TO d`.
pub fn read_rename_table(cursor: &mut Cursor<'_>) -> Read {
    if !cursor.eat_any(&["table", "tables"]) {
        return Read::Nothing;
    }
    let mut changes = Vec::new();
    for range in cursor.split(cursor.at..cursor.len()) {
        let mut item = cursor.within(range);
        let (from, _, to) = (item.object(), item.eat("to"), item.object());
        let (Some(from), Some(to)) = (from, to) else { return Read::Unread };
        changes.push(Change::RenameTable(from, to));
    }
    Read::Changes(changes)
}

/// T-SQL's `EXEC sp_rename 'table.column', 'new', 'COLUMN'`.
pub fn read_sp_rename(cursor: &mut Cursor<'_>) -> Read {
    let strings: Vec<Name> = std::iter::from_fn(|| {
        while !cursor.is_end() {
            if let Some(text) = cursor.string() {
                return Some(text);
            }
            cursor.at += 1;
        }
        None
    })
    .collect();
    let [from, to, rest @ ..] = strings.as_slice() else { return Read::Unread };
    let parts: Vec<Name> = from.split('.').map(|part| Name::from(part.trim_matches(['[', ']']))).filter(|part| part != "dbo").collect();
    let kind = rest.first().map(|kind| kind.to_ascii_lowercase()).unwrap_or_default();
    let change = match (kind.as_str(), parts.as_slice()) {
        ("column", [table, column]) => Change::RenameColumn(ObjectName::new(table.clone()), column.clone(), to.clone()),
        ("index", [_, index]) => Change::RenameIndex(index.clone(), to.clone()),
        ("" | "object", [table]) => Change::RenameTable(ObjectName::new(table.clone()), ObjectName::new(to.clone())),
        _ => return Read::Nothing,
    };
    Read::Changes(vec![change])
}
