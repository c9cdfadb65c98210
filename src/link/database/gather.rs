//! Migrations and SQL files, sorted into the sequences they belong to.

use std::collections::BTreeMap;

use super::files::{self, Role};
use super::order::{Question, Run, ordered};
use super::spot_of;
use crate::base::Name;
use crate::facts::database::{Change, Dialect, Doing, Migration, Step};
use crate::facts::document::{Spot, SqlDocument};
use crate::facts::finding::Findings;
use crate::facts::program::{Program, Text};

/// Migrations or schema files of one place, in order.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// What keeps it apart: a folder.
    pub sequence: Name,
    /// Its migrations, in order.
    pub runs: Vec<Run>,
    /// The dialect, when it tells.
    pub dialect: Option<Dialect>,
    /// Files that no migration tool runs.
    pub is_schema: bool,
    /// Something in it could not be read.
    pub has_unread: bool,
}

/// The units of a program and what could not be read.
#[derive(Default)]
pub struct Gathered {
    /// Migrations first, by sequence.
    pub units: Vec<Unit>,
    /// Questions.
    pub questions: Vec<Question>,
    /// Documents whose statements are no schema: paths.
    pub aside: Vec<usize>,
}

/// Sorts everything that changes a schema into units.
#[must_use]
pub fn gather(program: &dyn Program, findings: &Findings, sql: &[SqlDocument]) -> Gathered {
    let mut gathered = Gathered::default();
    let mut claimed = vec![false; sql.len()];
    let mut units: BTreeMap<(bool, Name), Unit> = BTreeMap::new();
    for migration in &findings.migrations {
        let (run, has_unread) = run_of(program, migration, sql, &mut claimed, &mut gathered.questions);
        let unit = units.entry((migration.is_loose, migration.sequence.clone())).or_default();
        unit.has_unread |= has_unread;
        unit.runs.push(run);
    }
    gathered.aside = place_documents(sql, |at, document| !claimed[at] && changes_schema(document), &mut units);
    // What was left aside asks nothing.
    for (_, document) in sql.iter().enumerate().filter(|(at, _)| gathered.aside.binary_search(at).is_err()) {
        gathered.questions.extend(document.unread.iter().map(|(spot, words)| unread(spot, words)));
    }
    gathered.units = in_order(units, &mut gathered.questions);
    gathered
}

/// Documents alone, sorted into units.
#[must_use]
pub fn documents(sql: &[SqlDocument]) -> Vec<Unit> {
    let mut units = BTreeMap::new();
    // By itself a migration counts that only changes rows.
    let is_told = |_: usize, document: &SqlDocument| changes_schema(document) || !document.cautions.is_empty();
    place_documents(sql, is_told, &mut units);
    in_order(units, &mut Vec::new())
}

fn changes_schema(document: &SqlDocument) -> bool {
    !document.changes.is_empty() || document.unread.iter().any(|(_, words)| speaks_of_schema(words))
}

/// Sorts documents into units; those that are not told and no part of a schema are left: their places.
fn place_documents(
    sql: &[SqlDocument],
    is_told: impl Fn(usize, &SqlDocument) -> bool,
    units: &mut BTreeMap<(bool, Name), Unit>,
) -> Vec<usize> {
    let mut aside = Vec::new();
    let roles: Vec<Role> = sql.iter().map(|document| files::role_of(&document.file)).collect();
    for (at, document) in sql.iter().enumerate() {
        if !is_told(at, document) || roles[at] == Role::Aside || is_undone(&roles, at) {
            aside.push(at);
            continue;
        }
        let (key, run) = placed(document, &roles[at]);
        let unit = units.entry(key).or_default();
        unit.has_unread |= !document.unread.is_empty();
        unit.runs.push(run);
    }
    aside
}

fn in_order(units: BTreeMap<(bool, Name), Unit>, questions: &mut Vec<Question>) -> Vec<Unit> {
    let mut list = Vec::new();
    for ((is_schema, sequence), unit) in units {
        let (runs, asked) = ordered(unit.runs);
        questions.extend(asked);
        let dialect = dialect_of(&runs);
        list.push(Unit { sequence, runs, is_schema, dialect, ..unit });
    }
    list
}

/// The question about a statement that could not be read.
fn unread(spot: &Spot, words: &str) -> Question {
    (
        "sql-statement-unread".into(),
        format!("a statement could not be read: `{words}`; what does it change?"),
        Spot { symbol: words.into(), ..spot.clone() },
    )
}

/// Files of templates and of other languages have statements that nobody asks about.
fn speaks_of_schema(words: &str) -> bool {
    let word = words.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    matches!(word.as_str(), "create" | "alter" | "drop" | "rename")
}

/// Flyway's `U1__` takes back what `V1__` beside it does.
fn is_undone(roles: &[Role], at: usize) -> bool {
    let Role::Migration(own) = &roles[at] else { return false };
    own.may_undo
        && roles.iter().any(|role| match role {
            Role::Migration(other) => !other.may_undo && other.sequence == own.sequence && other.number == own.number,
            _ => false,
        })
}

fn placed(document: &SqlDocument, role: &Role) -> ((bool, Name), Run) {
    let steps = document.changes.clone();
    let spot = Spot { file: document.file.clone(), ..Spot::default() };
    let cautions = document.cautions.clone();
    let run = Run { framework: "document/sql".into(), dialect: document.dialect, steps, cautions, spot, ..Run::default() };
    match role {
        Role::Migration(placing) => {
            let run = Run { id: placing.id.clone(), number: placing.number, position: placing.position.clone(), ..run };
            ((false, placing.sequence.clone()), run)
        }
        Role::Schema(_) | Role::Aside => {
            let folder = document.file.rsplit_once('/').map_or("", |(folder, _)| folder);
            let name = document.file.rsplit('/').next().unwrap_or_default();
            // Files that write one schema for several databases stand side by side.
            let dialect = document.dialect.map_or("", |dialect| match dialect {
                Dialect::MySql => "#mysql",
                Dialect::Sqlite => "#sqlite",
                Dialect::SqlServer => "#sqlserver",
                Dialect::Postgres | Dialect::Mongo => "",
            });
            let run = Run { id: name.into(), position: rank(name, &document.changes), ..run };
            ((true, format!("{folder}{dialect}").into()), run)
        }
    }
}

/// Of plain files those come first that make tables; then by name.
fn rank(name: &str, changes: &[(Change, Spot)]) -> Name {
    let makes_types = changes.iter().any(|(change, _)| matches!(change, Change::CreateEnum(_) | Change::CreateType { .. }));
    let makes_tables = changes.iter().any(|(change, _)| matches!(change, Change::CreateTable { table, .. } if table.query.is_none()));
    let rank = match (makes_tables, makes_types) {
        (true, _) => 0,
        (false, true) => 0,
        (false, false) => 1,
    };
    format!("{rank}{name}").into()
}

fn run_of(
    program: &dyn Program,
    migration: &Migration,
    sql: &[SqlDocument],
    claimed: &mut [bool],
    questions: &mut Vec<Question>,
) -> (Run, bool) {
    let mut run = Run {
        framework: migration.framework.into(),
        id: migration.id.clone(),
        after: migration.after.clone(),
        number: migration.number,
        position: migration.position.clone(),
        dialect: migration.dialect,
        steps: Vec::new(),
        cautions: Vec::new(),
        spot: spot_of(program, &migration.place),
    };
    let mut has_unread = false;
    // What code drops by itself it makes again, or it cleans up.
    let is_dropped = |step: &&Step| migration.is_loose && matches!(step.doing, Doing::Change(Change::DropTable(_)));
    for step in migration.steps.iter().filter(|step| !is_dropped(step)) {
        let spot = spot_of(program, &step.place);
        match &step.doing {
            Doing::Change(change) => run.steps.push((change.clone(), spot)),
            Doing::SqlFile(path) => match file_of(path, &spot.file, sql) {
                Some(at) => {
                    claimed[at] = true;
                    has_unread |= !sql[at].unread.is_empty();
                    questions.extend(sql[at].unread.iter().map(|(spot, words)| unread(spot, words)));
                    run.steps.extend(sql[at].changes.iter().cloned());
                    run.cautions.extend(sql[at].cautions.iter().cloned());
                    run.dialect = run.dialect.or(sql[at].dialect);
                }
                None => {
                    has_unread = true;
                    let question =
                        format!("a migration runs the SQL file `{}`, which was not found; what does it change?", path.template().0);
                    questions.push(("migration-file-unknown".into(), question, spot));
                }
            },
            Doing::Sql(text) => {
                has_unread = true;
                let words: String = text.template().0.chars().take(80).collect();
                questions.push(unread(&spot, &words));
            }
            Doing::Unknown(question) => {
                has_unread = true;
                questions.push(("migration-step-unknown".into(), question.clone(), spot));
            }
        }
    }
    (run, has_unread)
}

/// The document that a path in code means: beside the file that names it, from the root, or the only one it ends.
fn file_of(path: &Text, file: &str, sql: &[SqlDocument]) -> Option<usize> {
    let known = path.0.iter().rev().find_map(|part| match part {
        crate::facts::program::TextPart::Known(known) => Some(known.as_str()),
        crate::facts::program::TextPart::Hole(_) => None,
    })?;
    let tail: Vec<&str> = known.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
    let tail = tail.join("/");
    if tail.is_empty() {
        return None;
    }
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = if folder.is_empty() { tail.clone() } else { format!("{folder}/{tail}") };
    let at = |wanted: &str| sql.iter().position(|document| document.file == wanted);
    let ends =
        |document: &SqlDocument| document.file.strip_suffix(tail.as_str()).is_some_and(|head| head.is_empty() || head.ends_with('/'));
    at(&beside).or_else(|| at(&tail)).or_else(|| {
        let common = |document: &SqlDocument| document.file.bytes().zip(file.bytes()).take_while(|(a, b)| a == b).count();
        (0..sql.len()).filter(|at| ends(&sql[*at])).max_by_key(|at| (common(&sql[*at]), std::cmp::Reverse(*at)))
    })
}

/// The dialect that most migrations tell.
fn dialect_of(runs: &[Run]) -> Option<Dialect> {
    let mut counts: BTreeMap<Dialect, usize> = BTreeMap::new();
    runs.iter().filter_map(|run| run.dialect).for_each(|dialect| *counts.entry(dialect).or_default() += 1);
    counts.into_iter().max_by_key(|(dialect, count)| (*count, std::cmp::Reverse(*dialect))).map(|(dialect, _)| dialect)
}
