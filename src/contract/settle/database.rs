//! A feature's part of its databases in canonical form. Columns, labels and migrations keep their order: it is part of the promise.

use super::{EVIDENCE_CAP, sort_unique};
use crate::contract::model::database::{Database, Table};

/// Sorts what has no order of its own.
pub fn settle(databases: &mut Vec<Database>) {
    databases.sort_by(|a, b| (b.tables.len(), &a.name).cmp(&(a.tables.len(), &b.name)));
    for database in databases {
        database.tables.iter_mut().for_each(settle_table);
        database.tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        database.enums.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        sort_unique(&mut database.extensions);
        for used in &mut database.uses {
            sort_unique(&mut used.evidence);
            used.evidence.truncate(EVIDENCE_CAP);
        }
        sort_unique(&mut database.uses);
    }
}

fn settle_table(table: &mut Table) {
    sort_unique(&mut table.uniques);
    sort_unique(&mut table.foreign_keys);
    sort_unique(&mut table.checks);
    sort_unique(&mut table.indexes);
    table.migrated_by.dedup();
    for user in &mut table.used_by {
        sort_unique(&mut user.evidence);
        user.evidence.truncate(EVIDENCE_CAP);
    }
    sort_unique(&mut table.used_by);
}
