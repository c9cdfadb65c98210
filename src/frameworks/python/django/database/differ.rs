//! What turns one table into another, in the words of [`Change`].

use super::terms::ident;
use crate::base::Name;
use crate::facts::database::{Change, Check, Column, ColumnChange, KeyKind, ObjectName, Table};

/// The changes that turn `old` into `new`; both have the new table's name.
pub fn changes(old: &Table, new: &Table, found: &mut Vec<Change>) {
    let dropped: Vec<&Name> = old.columns.iter().map(|column| &column.name).filter(|name| column(new, name).is_none()).collect();
    drop_keys(old, new, &dropped, found);
    found.extend(dropped.iter().map(|name| Change::DropColumn(new.name.clone(), (*name).clone())));
    for made in &new.columns {
        match column(old, &made.name) {
            None => found.push(Change::AddColumn { table: new.name.clone(), column: Box::new(made.clone()), if_absent: false }),
            Some(known) => alter(&new.name, known, made, found),
        }
    }
    add_keys(old, new, found);
    if old.doc != new.doc {
        found.push(Change::Comment { table: new.name.clone(), column: None, text: new.doc.clone() });
    }
}

fn column<'t>(table: &'t Table, name: &str) -> Option<&'t Column> {
    table.columns.iter().find(|column| column.name == name)
}

fn alter(table: &ObjectName, old: &Column, new: &Column, found: &mut Vec<Change>) {
    let mut push = |change| found.push(Change::AlterColumn(table.clone(), new.name.clone(), change));
    if old.generated.is_some() && old.generated != new.generated {
        push(ColumnChange::Generated(None));
    }
    if old.ty != new.ty {
        push(ColumnChange::Type(new.ty.clone()));
    }
    if old.nullable != new.nullable {
        push(ColumnChange::Nullable(new.nullable));
    }
    if old.default != new.default {
        push(ColumnChange::Default(new.default.clone()));
    }
    if old.collation != new.collation {
        push(ColumnChange::Redefine(Box::new(new.clone())));
    }
    if new.generated.is_some() && old.generated != new.generated {
        push(ColumnChange::Generated(new.generated.clone()));
    }
    if old.doc != new.doc {
        found.push(Change::Comment { table: table.clone(), column: Some(new.name.clone()), text: new.doc.clone() });
    }
}

/// Keys that go; those on dropped columns go with them.
fn drop_keys(old: &Table, new: &Table, dropped: &[&Name], found: &mut Vec<Change>) {
    let table = &new.name;
    let stays = |columns: &[Name]| !columns.iter().any(|column| dropped.contains(&column));
    let mut drop = |name: &Option<Name>, kind: KeyKind, columns: Vec<Name>| {
        found.push(match (name, kind) {
            (Some(name), KeyKind::Index) => Change::DropIndex(Some(table.clone()), name.clone()),
            (Some(name), _) => Change::DropConstraint(table.clone(), name.clone()),
            (None, kind) => Change::DropKeyOn { table: table.clone(), kind, columns },
        });
    };
    for key in old.foreign_keys.iter().filter(|key| !new.foreign_keys.contains(key) && stays(&key.columns)) {
        drop(&key.name, KeyKind::Foreign, key.columns.clone());
    }
    for key in old.uniques.iter().filter(|key| !new.uniques.contains(key) && stays(&key.columns)) {
        drop(&key.name, KeyKind::Unique, key.columns.clone());
    }
    for index in old.indexes.iter().filter(|index| !new.indexes.contains(index)) {
        let columns: Vec<Name> = index.parts.iter().map(|part| part.text.clone()).collect();
        if stays(&columns) {
            drop(&index.name, if index.unique { KeyKind::Unique } else { KeyKind::Index }, columns);
        }
    }
    if old.primary_key != new.primary_key
        && let Some(key) = &old.primary_key
        && stays(&key.columns)
    {
        drop(&None, KeyKind::Primary, key.columns.clone());
    }
    for check in old.checks.iter().filter(|check| !new.checks.contains(check)) {
        if let Some(name) = &check.name
            && !dropped.iter().any(|column| names(check, column))
        {
            found.push(Change::DropConstraint(table.clone(), name.clone()));
        }
    }
}

fn names(check: &Check, column: &str) -> bool {
    check.condition.contains(&ident(column))
}

fn add_keys(old: &Table, new: &Table, found: &mut Vec<Change>) {
    let table = &new.name;
    if old.primary_key != new.primary_key
        && let Some(key) = &new.primary_key
    {
        found.push(Change::SetPrimaryKey(table.clone(), key.clone()));
    }
    // What was dropped by its columns took others on the same columns with it.
    let dropped: Vec<Vec<Name>> = found
        .iter()
        .filter_map(|change| if let Change::DropKeyOn { columns, .. } = change { Some(columns.clone()) } else { None })
        .collect();
    let indexes = new.indexes.iter().filter(|index| {
        let columns: Vec<Name> = index.parts.iter().map(|part| part.text.clone()).collect();
        !old.indexes.contains(index) || dropped.contains(&columns)
    });
    found.extend(indexes.map(|index| Change::CreateIndex { table: table.clone(), index: index.clone(), if_absent: false }));
    let uniques: Vec<Change> = new
        .uniques
        .iter()
        .filter(|key| !old.uniques.contains(key) || dropped.contains(&key.columns))
        .map(|key| Change::AddUnique(table.clone(), key.clone()))
        .collect();
    found.extend(uniques);
    let foreign = new.foreign_keys.iter().filter(|key| !old.foreign_keys.contains(key));
    found.extend(foreign.map(|key| Change::AddForeignKey(table.clone(), key.clone())));
    let checks = new.checks.iter().filter(|check| !old.checks.contains(check));
    found.extend(checks.map(|check| Change::AddCheck(table.clone(), check.clone())));
}

/// Gives a column of a table another name, wherever the table names it.
pub fn rename_column(table: &mut Table, old: &str, new: &Name) {
    let rename = |names: &mut Vec<Name>| names.iter_mut().filter(|name| *name == old).for_each(|name| *name = new.clone());
    table.columns.iter_mut().filter(|column| column.name == old).for_each(|column| column.name = new.clone());
    table.primary_key.iter_mut().chain(&mut table.uniques).for_each(|key| rename(&mut key.columns));
    table.foreign_keys.iter_mut().for_each(|key| rename(&mut key.columns));
    for index in &mut table.indexes {
        rename(&mut index.include);
        index.parts.iter_mut().filter(|part| !part.is_expression && part.text == old).for_each(|part| part.text = new.clone());
    }
}

/// Gives a table that keys point to another name.
pub fn retarget(table: &mut Table, old: &ObjectName, new: &ObjectName) {
    table.foreign_keys.iter_mut().filter(|key| key.target == *old).for_each(|key| key.target = new.clone());
}
