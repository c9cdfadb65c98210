//! Views: what they select, and whether their readers still find the columns they know.

use super::found::{Both, Found, Reach};
use super::text::{self, Piece};
use super::types::{Relation, SqlType, relation};
use crate::contract::model::database::{Table, TableKind};
use crate::diff::change::Level;

/// The changes of a view that both sides have.
pub fn compare(found: &mut Found, both: &Both<'_>) {
    super::tables::tell_comment(found, both);
    let is_stored = |table: &Table| table.kind == TableKind::MaterializedView;
    let (was, now) = (text::folded(&both.before.query), text::folded(&both.after.query));
    let loss = loss(found, both);
    if was == now && loss.is_none() && is_stored(both.before) == is_stored(both.after) && columns(both.before) == columns(both.after) {
        return;
    }
    let rule = if is_stored(both.before) && is_stored(both.after) { "db-materialized-view-changed" } else { "db-view-changed" };
    let level = if loss.is_some() { Level::Breaking } else { Level::Warning };
    let part = loss.map(|column| format!("column {column}")).unwrap_or_default();
    let change = both.change(found, rule, part, Reach::Readers).at_level(level);
    found.tell(change.with(Some(both.before.query.clone().into()), Some(both.after.query.clone().into())));
}

/// The first column that readers no longer find, or find with another type.
fn loss(found: &Found, both: &Both<'_>) -> Option<String> {
    let (was, now) = (columns(both.before)?, columns(both.after)?);
    let typed = |table: &Table, name: &str| {
        let column = table.columns.iter().find(|column| found.folded(&column.name) == found.folded(name))?;
        (!column.ty.is_empty()).then(|| SqlType::of(&column.ty, found.dialect))
    };
    was.into_iter().find(|name| {
        let is_there = now.iter().any(|other| found.folded(other) == found.folded(name));
        let types = typed(both.before, name).zip(typed(both.after, name));
        let is_other = types.is_some_and(|(was, now)| !matches!(relation(&was, &now, found.dialect), Relation::Same | Relation::Widened));
        !is_there || is_other
    })
}

/// The names of a view's columns: those that are said, else those that its query names; `None` when that cannot be told.
fn columns(view: &Table) -> Option<Vec<String>> {
    if !view.columns.is_empty() {
        return Some(view.columns.iter().map(|column| column.name.clone()).collect());
    }
    let pieces = text::pieces(&view.query);
    if !matches!(pieces.first(), Some(Piece::Word(word)) if word == "select") {
        return None;
    }
    let start = 1 + usize::from(matches!(pieces.get(1), Some(Piece::Word(word)) if word == "distinct" || word == "all"));
    let mut names = Vec::new();
    let mut item: Vec<&Piece> = Vec::new();
    let mut depth = 0usize;
    for piece in pieces.get(start..)? {
        match piece.as_str() {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "from" | "union" if depth == 0 && matches!(piece, Piece::Word(_)) => {
                names.push(name_of(&item)?);
                return Some(names);
            }
            "," if depth == 0 => {
                names.push(name_of(&item)?);
                item.clear();
                continue;
            }
            _ => {}
        }
        item.push(piece);
    }
    names.push(name_of(&item)?);
    Some(names)
}

/// What a column of a query is called: behind `AS`, else its own name.
fn name_of(item: &[&Piece]) -> Option<String> {
    match item {
        [.., Piece::Word(name)] if name != "end" => Some(name.clone()),
        [Piece::Word(name), Piece::Sign(open), ..] if open == "(" => Some(name.clone()),
        _ => None,
    }
}
