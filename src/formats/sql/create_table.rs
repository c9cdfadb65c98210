//! `CREATE TABLE` in its forms: definitions, `LIKE`, partitions, `AS SELECT`, SQLite's virtual tables.

use std::ops::Range;

use super::column::{Constraint, read_column, read_constraint};
use super::cursor::Cursor;
use crate::base::Name;
use crate::facts::database::{Change, Column, Dialect, ObjectName, Table};

/// What the parentheses of a table say.
#[derive(Default)]
struct Items {
    table: Table,
    /// Tables whose columns are taken, and whether with all that belongs to them.
    likes: Vec<(ObjectName, bool)>,
}

/// Behind `CREATE TABLE`: the changes, or `None` when it cannot be read.
pub fn read_create_table(cursor: &mut Cursor<'_>) -> Option<Vec<Change>> {
    let if_absent = cursor.eat_if_absent();
    let name = cursor.object()?;
    let mut items = Items::default();
    if cursor.eat("of") {
        // A typed table: its columns are the type's.
        cursor.object()?;
        return Some(vec![Change::CreateTable { table: Box::new(Table { name, ..Table::default() }), if_absent }]);
    }
    if cursor.eat_all(&["partition", "of"]) {
        // How a table is stored, no table of its own.
        return cursor.object().map(|_| Vec::new());
    }
    if cursor.eat("like") {
        items.likes.push((cursor.object()?, true));
    } else if cursor.is_symbol(b'(') {
        let inner = cursor.group()?;
        if cursor.within(inner.clone()).is_any(&["select", "with"]) {
            cursor.at = inner.start;
        } else if cursor.is("as") && is_column_list(cursor, inner.clone()) {
            items.table.columns = names_only(cursor, inner)?;
        } else {
            read_items(cursor, inner, &mut items)?;
        }
    }
    read_tail(cursor, &mut items)?;
    items.table.name = name;
    Some(changes_of(items, if_absent))
}

/// `(a, b)` before `AS SELECT`.
fn is_column_list(cursor: &Cursor<'_>, inner: Range<usize>) -> bool {
    cursor.split(inner).iter().all(|item| item.len() == 1)
}

fn names_only(cursor: &Cursor<'_>, inner: Range<usize>) -> Option<Vec<Column>> {
    let column = |item: Range<usize>| Some(Column { name: cursor.within(item).ident()?, nullable: true, ..Column::default() });
    cursor.split(inner).into_iter().map(column).collect()
}

fn read_items(cursor: &Cursor<'_>, inner: Range<usize>, items: &mut Items) -> Option<()> {
    for range in cursor.split(inner) {
        let mut item = cursor.within(range);
        if item.eat("like") {
            let like = item.object()?;
            items.likes.push((like, item.eat("including")));
        } else if let Some(constraint) = read_constraint(&mut item)? {
            add_constraint(&mut items.table, constraint);
            // SQLite takes constraints without commas between them.
            while item.is_any(&["constraint", "foreign", "primary", "unique", "check"])
                && let Some(constraint) = read_constraint(&mut item)?
            {
                add_constraint(&mut items.table, constraint);
            }
        } else if item.is("period") && item.is_at(1, "for") {
            // T-SQL's period of a table with a history.
        } else {
            let (column, constraints) = read_column(&mut item)?;
            items.table.columns.push(column);
            constraints.into_iter().for_each(|constraint| add_constraint(&mut items.table, constraint));
        }
    }
    let Some(key) = &items.table.primary_key else { return Some(()) };
    for column in &mut items.table.columns {
        if key.columns.contains(&column.name) {
            column.nullable = false;
        }
    }
    Some(())
}

/// Adds a constraint to a table.
fn add_constraint(table: &mut Table, constraint: Constraint) {
    match constraint {
        Constraint::Primary(key) => table.primary_key = Some(key),
        Constraint::Unique(key) => table.uniques.push(key),
        Constraint::Foreign(key) => table.foreign_keys.push(key),
        Constraint::Check(check) => table.checks.push(check),
        Constraint::Index(index) => table.indexes.push(index),
        Constraint::FromIndex(..) => {}
    }
}

/// What stands behind the parentheses.
fn read_tail(cursor: &mut Cursor<'_>, items: &mut Items) -> Option<()> {
    let start = cursor.at;
    let mut options = String::new();
    while !cursor.is_end() {
        let is_query = cursor.is_any(&["select", "with"]) && (cursor.is("select") || cursor.at == start) && cursor.peek(1).is_some();
        if cursor.is("as") || (is_query && !is_storage(cursor)) {
            cursor.eat("as");
            read_query(cursor, items);
            return Some(());
        }
        if cursor.eat("inherits") {
            let inner = cursor.group()?;
            for item in cursor.split(inner) {
                items.likes.push((cursor.within(item).object()?, false));
            }
            continue;
        }
        let from = cursor.at;
        if cursor.eat("comment") {
            cursor.eat_symbol(b'=');
            items.table.doc = cursor.string();
            continue;
        }
        if cursor.eat("auto_increment") {
            // A counter of rows, not of the schema.
            cursor.eat_symbol(b'=');
            cursor.at += 1;
            continue;
        }
        cursor.skip();
        let is_apart = from > start && !cursor.is_joined(from);
        options.push_str(if is_apart && !options.is_empty() { " " } else { "" });
        options.push_str(&cursor.text(from..cursor.at));
    }
    if cursor.dialect() != Some(Dialect::SqlServer) && !options.is_empty() {
        items.table.options = Some(options.into());
    }
    Some(())
}

/// `WITH (fillfactor = 70)`.
fn is_storage(cursor: &Cursor<'_>) -> bool {
    let mut ahead = cursor.clone();
    ahead.eat("with") && ahead.is_symbol(b'(')
}

/// `AS SELECT * FROM x`, `AS TABLE x`: the columns are those of another table. Other queries say no columns of their own.
fn read_query(cursor: &mut Cursor<'_>, items: &mut Items) {
    let from = cursor.at;
    cursor.eat_symbol(b'(');
    let is_all = cursor.eat("table") || (cursor.eat("select") && cursor.eat_symbol(b'*') && cursor.eat("from"));
    if is_all && let Some(like) = cursor.object() {
        items.likes.push((like, false));
    }
    items.table.query = Some(cursor.text(from..cursor.len()));
    cursor.at = cursor.len();
}

fn changes_of(items: Items, if_absent: bool) -> Vec<Change> {
    let mut table = items.table;
    let Some((like, with_all)) = items.likes.into_iter().next() else {
        return vec![Change::CreateTable { table: Box::new(table), if_absent }];
    };
    table.query = None;
    vec![Change::CreateTableLike { table: Box::new(table), like, with_all }]
}

/// Behind `CREATE VIRTUAL TABLE`: `x USING fts5(a, b, tokenize = …)`.
pub fn read_virtual_table(cursor: &mut Cursor<'_>) -> Option<Vec<Change>> {
    let if_absent = cursor.eat_if_absent();
    let name = cursor.object()?;
    let mut columns = Vec::new();
    if cursor.eat("using") {
        let method = cursor.ident()?;
        if let Some(inner) = cursor.group()
            && method.to_ascii_lowercase().starts_with("fts")
        {
            let items = cursor.split(inner);
            let plain = items.into_iter().map(|item| cursor.within(item)).filter(|item| !item.rest().contains('='));
            columns = plain.filter_map(|mut item| item.ident()).map(text_column).collect();
        }
    }
    Some(vec![Change::CreateTable { table: Box::new(Table { name, columns, ..Table::default() }), if_absent }])
}

fn text_column(name: Name) -> Column {
    Column { name, ty: "text".into(), nullable: true, ..Column::default() }
}
