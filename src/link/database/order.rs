//! The order in which migrations run: what each comes after, then numbers, then names.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::Name;
use crate::facts::database::{Change, Dialect};
use crate::facts::document::Spot;

/// One migration, ready to run.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The framework's id, or `document/sql`.
    pub framework: Name,
    /// Its id in its tool.
    pub id: Name,
    /// What runs before it.
    pub after: Vec<Name>,
    /// Sorts first.
    pub number: Option<u128>,
    /// Sorts next.
    pub position: Name,
    /// The dialect, when it tells.
    pub dialect: Option<Dialect>,
    /// What it does.
    pub steps: Vec<(Change, Spot)>,
    /// What running it brings with it.
    pub cautions: Vec<(Name, String)>,
    /// Where.
    pub spot: Spot,
}

/// A question about the order: a code, the question, where.
pub type Question = (Name, String, Spot);

/// Brings migrations of one sequence into their order.
#[must_use]
pub fn ordered(mut runs: Vec<Run>) -> (Vec<Run>, Vec<Question>) {
    let key = |run: &Run| (run.number.unwrap_or(u128::MAX), run.position.clone(), run.id.clone(), run.spot.clone());
    runs.sort_by_cached_key(key);
    if runs.iter().all(|run| run.after.is_empty()) {
        return (runs, Vec::new());
    }
    let mut questions = heads(&runs);
    let places: BTreeMap<Name, usize> = runs.iter().enumerate().rev().map(|(at, run)| (run.id.clone(), at)).collect();
    let mut waits: Vec<BTreeSet<usize>> = Vec::with_capacity(runs.len());
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); runs.len()];
    for (at, run) in runs.iter().enumerate() {
        let before: BTreeSet<usize> = run.after.iter().filter_map(|id| places.get(id).copied()).filter(|before| *before != at).collect();
        before.iter().for_each(|before| followers[*before].push(at));
        waits.push(before);
    }
    let mut ready: BTreeSet<usize> = (0..runs.len()).filter(|at| waits[*at].is_empty()).collect();
    let mut rest: BTreeSet<usize> = (0..runs.len()).collect();
    let mut order = Vec::with_capacity(runs.len());
    loop {
        let next = match ready.pop_first() {
            Some(next) => next,
            None => match rest.first().copied() {
                Some(first) => {
                    questions.push(cycle(&runs[first]));
                    first
                }
                None => break,
            },
        };
        if !rest.remove(&next) {
            continue;
        }
        order.push(next);
        for follower in &followers[next] {
            waits[*follower].remove(&next);
            if waits[*follower].is_empty() && rest.contains(follower) {
                ready.insert(*follower);
            }
        }
    }
    let mut taken: Vec<Option<Run>> = runs.into_iter().map(Some).collect();
    (order.into_iter().filter_map(|at| taken[at].take()).collect(), questions)
}

fn cycle(run: &Run) -> Question {
    let question = format!("migration `{}` runs after migrations that run after it; which one is first?", run.id);
    ("migration-cycle".into(), question, run.spot.clone())
}

/// Alembic runs one line of migrations: two ends of it are a question. Others have an end for each of their parts.
fn heads(runs: &[Run]) -> Vec<Question> {
    let followed: BTreeSet<&Name> = runs.iter().flat_map(|run| &run.after).collect();
    let ends: Vec<&Run> = runs.iter().filter(|run| run.framework == "python/alembic" && !followed.contains(&run.id)).collect();
    let [_, .., last] = ends.as_slice() else { return Vec::new() };
    let ids: Vec<&str> = ends.iter().map(|run| run.id.as_str()).collect();
    let question = format!("the migrations end in several heads ({}); are they all run?", ids.join(", "));
    vec![("migration-heads".into(), question, last.spot.clone())]
}
