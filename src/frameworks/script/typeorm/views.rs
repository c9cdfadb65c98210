//! Classes with `@ViewEntity`: their views.

use super::columns::props;
use super::entity::{class_decorators, entity_options, table_name};
use super::{Context, ID};
use crate::base::code::ClassId;
use crate::facts::database::{Column, Table, TableKind};
use crate::facts::finding::Findings;
use crate::facts::program::{ClassRef, FileId};
use crate::frameworks::script::tables::found::{declared, place};

/// Reads every view of a file. A query that a builder makes is not known.
pub fn read(context: &Context, file: FileId, findings: &mut Findings) {
    let program = context.program;
    for (index, class) in (0u32..).zip(&program.file(file).outline.classes).filter(|(_, class)| !class.decorators.is_empty()) {
        let class_ref = ClassRef { file, id: ClassId(index) };
        let decors = class_decorators(context, class_ref);
        if !decors.iter().any(|decor| decor.of(&["typeorm"]) == Some("ViewEntity")) {
            continue;
        }
        let (_, options) = entity_options(context, &decors);
        let name = table_name(context, class_ref);
        let columns = props(context, &name, class_ref).into_iter().map(|prop| Column {
            name: prop.column.name,
            ty: prop.column.ty,
            nullable: true,
            doc: prop.column.doc,
            ..Column::default()
        });
        let is_stored = options.flag(program, "materialized") == Some(true);
        let table = Table {
            columns: columns.collect(),
            kind: if is_stored { TableKind::MaterializedView } else { TableKind::View },
            query: options.text(program, "expression").map(|query| query.trim().into()),
            doc: class.doc.clone(),
            name,
            ..Table::default()
        };
        let mut finding = declared(ID, table, &class.name, place(file, &class.name, class.at.line));
        finding.dialect = Some(context.dialect);
        findings.tables.push(finding);
    }
}
