//! `ALTER TABLE … ALTER COLUMN`.

use super::cursor::Cursor;
use super::tokens::Kind;
use super::types::read_type;
use crate::base::Name;
use crate::facts::database::{Change, ColumnChange, Generated, ObjectName};

/// Behind `ALTER` in an action of a table.
pub fn read_alter_column(action: &mut Cursor<'_>, table: &ObjectName) -> Option<Vec<Change>> {
    if action.is_any(&["constraint", "index", "check"])
        && action.peek(1).is_some_and(|token| matches!(token.kind, Kind::Word | Kind::Quoted))
    {
        return Some(Vec::new());
    }
    action.eat("column");
    action.eat_if_exists();
    let column = action.ident()?;
    let changes = read_changes(action)?;
    Some(changes.into_iter().map(|change| Change::AlterColumn(table.clone(), column.clone(), change)).collect())
}

fn read_changes(action: &mut Cursor<'_>) -> Option<Vec<ColumnChange>> {
    if action.eat_all(&["set", "data", "type"]) || action.eat("type") {
        let ty = read_type(action);
        return (!ty.is_empty()).then(|| vec![ColumnChange::Type(ty)]);
    }
    if action.eat_all(&["set", "default"]) {
        let text = action.rest();
        action.at = action.len();
        return Some(vec![ColumnChange::Default((!text.eq_ignore_ascii_case("null")).then_some(text))]);
    }
    if action.eat_all(&["drop", "default"]) {
        return Some(vec![ColumnChange::Default(None)]);
    }
    if action.eat_all(&["set", "not", "null"]) {
        return Some(vec![ColumnChange::Nullable(false)]);
    }
    if action.eat_all(&["drop", "not", "null"]) {
        return Some(vec![ColumnChange::Nullable(true)]);
    }
    if action.eat_all(&["drop", "identity"]) || action.eat_all(&["drop", "expression"]) {
        return Some(vec![ColumnChange::Generated(None)]);
    }
    if action.eat_all(&["add", "generated", "always", "as", "identity"]) {
        return Some(vec![ColumnChange::Generated(Some(Generated::IdentityAlways))]);
    }
    if action.eat_all(&["add", "generated", "by", "default", "as", "identity"]) {
        return Some(vec![ColumnChange::Generated(Some(Generated::IdentityByDefault))]);
    }
    if action.is_any(&["set", "reset", "restart", "add", "drop"]) {
        // Statistics, storage, counters.
        return Some(Vec::new());
    }
    let ty = read_type(action);
    (!ty.is_empty()).then(|| whole_definition(action, ty))
}

/// T-SQL's `ALTER COLUMN name type [NOT NULL]`: without a word of it the column takes NULL.
fn whole_definition(action: &mut Cursor<'_>, ty: Name) -> Vec<ColumnChange> {
    if action.eat("collate") {
        action.at += 1;
    }
    let is_required = action.eat_all(&["not", "null"]);
    vec![ColumnChange::Type(ty), ColumnChange::Nullable(!is_required)]
}
