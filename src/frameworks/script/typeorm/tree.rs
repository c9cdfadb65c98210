//! Trees: the columns and the table that keep their order.

use super::Context;
use super::columns::Prop;
use super::entity::{Made, implied};
use super::relations;
use crate::base::Name;
use crate::facts::database::{Action, Column, ForeignKey, Index, IndexPart, Key, ObjectName, Table};
use crate::facts::finding::{Findings, Place};
use crate::frameworks::script::decorators::Decor;

const LIBRARY: &[&str] = &["typeorm"];

/// `@Tree(…)`: the columns and the table that keep the order.
pub fn read(context: &Context, decors: &[Decor], made: &mut Made, at: &Place, findings: &mut Findings) {
    let program = context.program;
    let Some(decor) = decors.iter().find(|decor| decor.of(LIBRARY) == Some("Tree")) else { return };
    let kind = decor.arg(0).and_then(|arg| program.text(&decor.site, arg).plain()).unwrap_or_default();
    let column = |name: &str, ty: &str, nullable: bool, default: &str| Prop {
        property: name.to_owned(),
        column: Column { name: name.into(), ty: ty.into(), nullable, default: Some(default.into()), ..Column::default() },
        ..Prop::default()
    };
    match kind.as_str() {
        "materialized-path" => made.props.push(column("mpath", "character varying", true, "''")),
        "nested-set" => {
            made.props.push(column("nsleft", "integer", false, "1"));
            made.props.push(column("nsright", "integer", false, "2"));
        }
        "closure-table" => {
            let name = decor.option(program, 1, "closureTableName").and_then(|(value, at)| program.text(&at, value).plain());
            let name = name.unwrap_or_else(|| made.table.name.name.to_string());
            let own = ObjectName { schema: made.table.name.schema.clone(), name: format!("{name}_closure").into() };
            let mut table = Table { name: own, ..Table::default() };
            for end in ["ancestor", "descendant"] {
                let keys: Vec<&Prop> = made.props.iter().filter(|prop| prop.is_primary).collect();
                let named: Vec<Name> = keys.iter().map(|key| format!("{}_{end}", key.property).into()).collect();
                for (key, name) in keys.iter().zip(&named) {
                    let ty = relations::referring_type(&key.column);
                    table.columns.push(Column { name: name.clone(), ty: ty.into(), ..Column::default() });
                }
                table.indexes.push(Index { parts: named.iter().cloned().map(IndexPart::column).collect(), ..Index::default() });
                table.foreign_keys.push(ForeignKey {
                    columns: named,
                    target: made.table.name.clone(),
                    target_columns: keys.iter().map(|key| key.column.name.clone()).collect(),
                    on_delete: Some(Action::Cascade),
                    ..ForeignKey::default()
                });
            }
            table.primary_key = Some(Key::of(table.columns.iter().map(|column| column.name.clone())));
            implied(context, table, at, at.line, findings);
        }
        _ => {}
    }
}
