//! The tables of sets that name each other.

use super::attributes::Attribute;
use super::{finding, key_columns, table_name};
use crate::base::Name;
use crate::facts::database::{Action, ForeignKey, Index, IndexPart, Key, ObjectName, TableFinding};
use crate::facts::finding::Place;
use crate::facts::program::{ClassRef, Program};
use crate::frameworks::python::literals::texts;
use crate::frameworks::python::sqlalchemy::column::Column;
use crate::frameworks::python::sqlalchemy::draft::Draft;
use crate::frameworks::python::sqlalchemy::naming::Naming;

/// The table of two sets that name each other; the entity that comes first by name tells it.
pub(super) fn between(program: &dyn Program, one: &Attribute) -> Option<TableFinding> {
    let entity = one.entity(program)?;
    let reverse = one.reverse(program, entity);
    let is_symmetric = one.text(program, "reverse").is_some_and(|name| name == *one.name) && entity == one.owner;
    let name_of = |class: ClassRef| program.class(class).name.clone();
    let (first, second) = if is_symmetric {
        (one, one)
    } else {
        let reverse = reverse.as_ref().filter(|reverse| reverse.kind == "Set")?;
        if (name_of(one.owner), one.name) > (name_of(reverse.owner), reverse.name) {
            return None;
        }
        (one, reverse)
    };
    let said = [first, second].into_iter().find_map(|attribute| {
        let given = attribute.call.keyword("table")?;
        let names = texts(program, &attribute.at, given);
        match names.as_slice() {
            [schema, name] => Some(ObjectName::in_schema(schema.clone(), name.clone())),
            [name] => Some(ObjectName::new(name.clone())),
            _ => None,
        }
    });
    let name = said.unwrap_or_else(|| {
        let own = name_of(first.owner).to_lowercase();
        let rest =
            if is_symmetric || first.owner == second.owner { first.name.to_lowercase() } else { name_of(second.owner).to_lowercase() };
        ObjectName::new(format!("{own}_{rest}"))
    });
    let mut draft = Draft::new(name, Naming::default());
    let mut key = Vec::new();
    // The column of the other entity's rows is named by the attribute that holds them.
    for (index, (owner, named_by)) in [(first.owner, second), (first.entity(program)?, first)].into_iter().enumerate() {
        let behind = key_columns(program, owner, 0);
        let word = if index == 1 && is_symmetric { "reverse_column" } else { "column" };
        let said = named_by.call.keyword(&format!("{word}s")).or_else(|| named_by.call.keyword(word));
        let said = said.map_or_else(Vec::new, |expr| texts(program, &named_by.at, expr));
        let base = name_of(owner).to_lowercase();
        let mut own = Vec::new();
        for (position, (column, ty)) in behind.iter().enumerate() {
            let plain = if behind.len() == 1 { base.clone() } else { format!("{base}_{column}") };
            let plain = if key.contains(&Name::from(plain.as_str())) { format!("{plain}_2") } else { plain };
            let name = said.get(position).cloned().unwrap_or_else(|| plain.into());
            draft.put(&name, Column { ty: Some(ty.clone()), nullable: Some(false), autoincrement: Some(false), ..Column::default() });
            own.push(name.clone());
            key.push(name);
        }
        draft.foreign_keys.push(ForeignKey {
            columns: own,
            target: table_name(program, owner),
            target_columns: behind.into_iter().map(|(name, _)| name).collect(),
            on_delete: Some(Action::Cascade),
            ..ForeignKey::default()
        });
    }
    let second_columns = draft.foreign_keys.last().map_or_else(Vec::new, |foreign| foreign.columns.clone());
    draft.indexes.push(Index { parts: second_columns.into_iter().map(IndexPart::column).collect(), ..Index::default() });
    draft.primary_key = Some(Key::of(key));
    let place = Place { file: one.owner.file, symbol: name_of(one.owner), line: one.call.at.line };
    Some(finding(draft.finish().0, Name::default(), place, true))
}
