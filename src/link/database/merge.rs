//! Sequences brought together to databases: one database told in several dialects is told once, files that build on each other are
//! one, schema files stand beside the migrations of the same database.

use super::gather::Unit;
use super::order::Run;
use super::replay::apply;
use super::state::State;
use super::telling::told;
use super::{Evolution, nearness};
use crate::base::Name;
use crate::facts::database::{Change, Dialect};

/// Sequences of one database, replayed.
pub struct Group {
    /// Its first sequence.
    pub name: Name,
    /// Its sequences, in the order they are replayed.
    pub units: Vec<Unit>,
    /// The final state.
    pub state: State,
    /// What its migrations did.
    pub evolution: Vec<Evolution>,
    /// Schema files that tell of it beside its migrations.
    pub beside: Vec<State>,
}

impl Group {
    fn new(units: Vec<Unit>) -> Self {
        let dialect = units.iter().find_map(|unit| unit.dialect).unwrap_or_default();
        let mut state = State::new(dialect);
        let mut evolution = Vec::new();
        for run in units.iter().flat_map(|unit| &unit.runs) {
            replay(&mut state, run);
            evolution.push(evolution_of(run));
        }
        let name = units.first().map(|unit| unit.sequence.clone()).unwrap_or_default();
        Self { name, units, state, evolution, beside: Vec::new() }
    }

    fn is_schema(&self) -> bool {
        self.units.iter().all(|unit| unit.is_schema)
    }

    /// Whether something in it could not be read.
    #[must_use]
    pub fn has_unread(&self) -> bool {
        self.units.iter().any(|unit| unit.has_unread)
    }

    fn count(&self) -> usize {
        self.state.tables().count()
    }

    /// How many tables two groups share.
    fn shared(&self, other: &Self) -> usize {
        self.state.tables().filter(|held| other.state.has_exactly(&held.table.name)).count()
    }

    /// Which of two tellings of one database counts: migrations, then PostgreSQL, then the fuller one.
    fn rank(&self) -> (bool, Dialect, std::cmp::Reverse<usize>, Name) {
        (self.is_schema(), self.state.dialect, std::cmp::Reverse(self.count()), self.name.clone())
    }
}

fn replay(state: &mut State, run: &Run) {
    for (change, spot) in &run.steps {
        apply(state, change, &run.framework, spot);
    }
}

fn evolution_of(run: &Run) -> Evolution {
    let is_told = |change: &Change| !matches!(change, Change::Comment { .. } | Change::CreateFunction { .. });
    let mut changes: Vec<String> = run.steps.iter().map(|(change, _)| change).filter(|change| is_told(change)).map(told).collect();
    changes.dedup();
    Evolution { framework: run.framework.clone(), id: run.id.clone(), changes, cautions: run.cautions.clone(), spot: run.spot.clone() }
}

/// The databases that sequences make.
#[must_use]
pub fn merged(units: Vec<Unit>) -> Vec<Group> {
    let mut groups: Vec<Group> = units.into_iter().map(|unit| Group::new(vec![unit])).collect();
    groups.sort_by_cached_key(Group::rank);
    let groups = without_variants(groups);
    let groups = with_bases(groups);
    beside_migrations(groups)
}

/// One database told in several dialects is told once.
fn without_variants(groups: Vec<Group>) -> Vec<Group> {
    let mut kept: Vec<Group> = Vec::new();
    for group in groups {
        let is_told = |other: &Group| {
            other.state.dialect != group.state.dialect
                && (group.shared(other) * 2 >= group.count().min(other.count()).max(1) || are_siblings(&group.name, &other.name))
        };
        if !kept.iter().any(is_told) {
            kept.push(group);
        }
    }
    kept
}

/// Folders that differ only in the name of a dialect.
fn are_siblings(a: &str, b: &str) -> bool {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split('/').collect(), b.split('/').collect());
    let differing: Vec<(&&str, &&str)> = a.iter().zip(&b).filter(|(a, b)| a != b).collect();
    a.len() == b.len() && differing.len() == 1 && differing.iter().all(|(a, b)| is_dialect(a) && is_dialect(b))
}

fn is_dialect(folder: &str) -> bool {
    let lower = folder.to_ascii_lowercase();
    ["postgres", "pg", "mysql", "mariadb", "sqlite", "mssql", "sqlserver", "libsql", "cockroach"].iter().any(|word| lower.contains(word))
}

/// Sequences that change what others make come behind them, in one database.
fn with_bases(mut groups: Vec<Group>) -> Vec<Group> {
    for _ in 0..groups.len() {
        let Some((base, on_top)) = dependent(&groups) else { break };
        let mut units = groups[base].units.clone();
        units.extend(groups[on_top].units.iter().cloned());
        groups[base] = Group::new(units);
        groups.remove(on_top);
    }
    groups
}

/// A group and another one that changes its tables.
fn dependent(groups: &[Group]) -> Option<(usize, usize)> {
    for (at, group) in groups.iter().enumerate() {
        if group.state.missing.is_empty() {
            continue;
        }
        let makes = |other: &Group| group.state.missing.iter().filter(|name| other.state.has_exactly(name)).count();
        let fits = |other: usize| other != at && groups[other].state.dialect == group.state.dialect && group.shared(&groups[other]) == 0;
        let best = (0..groups.len())
            .filter(|other| fits(*other) && makes(&groups[*other]) > 0)
            .max_by_key(|other| (makes(&groups[*other]), nearness(&groups[*other].name, &group.name), std::cmp::Reverse(*other)));
        if let Some(base) = best {
            return Some((base, at));
        }
    }
    None
}

/// Schema files beside migrations or beside each other.
fn beside_migrations(groups: Vec<Group>) -> Vec<Group> {
    let mut kept: Vec<Group> = Vec::new();
    for group in groups {
        if !group.is_schema() {
            kept.push(group);
            continue;
        }
        let near = |other: &Group| nearness(&other.name, &format!("{}/x", group.name));
        let fits = |other: &Group| {
            let shared = group.shared(other);
            let is_mostly = shared * 2 >= group.count().min(other.count()).max(1);
            other.state.dialect == group.state.dialect && (is_mostly || shared == 0)
        };
        let home = (0..kept.len())
            .filter(|at| fits(&kept[*at]))
            .max_by_key(|at| (group.shared(&kept[*at]), near(&kept[*at]), std::cmp::Reverse(*at)));
        match home {
            Some(home) => {
                kept[home].evolution.extend(group.evolution);
                kept[home].beside.push(group.state);
            }
            None => kept.push(group),
        }
    }
    kept
}
