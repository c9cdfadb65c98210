//! SQL that code holds: raw statements of migrations as changes, embedded queries as uses of tables.

use rayon::prelude::*;

use crate::facts::database::{Doing, Migration, Query, Step, TableUse};
use crate::facts::finding::{Findings, Place};
use crate::formats::sql;

/// Reads all SQL text among the findings.
pub fn expand(findings: &mut Findings) {
    findings.migrations.par_iter_mut().for_each(expand_migration);
    let uses: Vec<Vec<TableUse>> = findings.queries.par_iter().map(uses_of).collect();
    findings.uses.extend(uses.into_iter().flatten());
}

fn expand_migration(migration: &mut Migration) {
    if !migration.steps.iter().any(|step| matches!(step.doing, Doing::Sql(_))) {
        return;
    }
    let dialect = migration.dialect;
    let steps = std::mem::take(&mut migration.steps);
    for step in steps {
        let Doing::Sql(text) = &step.doing else {
            migration.steps.push(step);
            continue;
        };
        let read = sql::read_text(&text.template().0, dialect);
        let place = |line: u32| Place { line: step.place.line.saturating_add(line.saturating_sub(1)), ..step.place.clone() };
        let changes = read.changes.into_iter().map(|(change, line)| Step { doing: Doing::Change(change), place: place(line) });
        migration.steps.extend(changes);
        let unread = read.unread.into_iter().map(|(line, words)| Step { doing: Doing::Unknown(question(&words)), place: place(line) });
        migration.steps.extend(unread);
    }
}

fn question(words: &str) -> String {
    format!("a statement could not be read: `{words}`; what does it change?")
}

fn uses_of(query: &Query) -> Vec<TableUse> {
    let uses = sql::uses_of(&query.sql.template().0, None);
    let place = || query.place.clone();
    uses.into_iter().map(|(table, access)| TableUse { framework: query.framework, table, access, place: place() }).collect()
}
