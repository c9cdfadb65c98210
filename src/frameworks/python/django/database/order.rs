//! The order in which migrations run: dependencies first, squashed ones in place of what they replace.

use std::collections::{BTreeMap, BTreeSet};

use super::operations::{File, Id};

/// Migrations in order; each with the ids of those that run right before it.
#[must_use]
pub fn ordered(files: Vec<File>) -> Vec<(File, Vec<Id>)> {
    let mut by_id: BTreeMap<Id, File> = BTreeMap::new();
    for file in files {
        by_id.entry(file.id.clone()).or_insert(file);
    }
    let replaced = replace(&mut by_id);
    let edges = edges(&by_id, &replaced);
    let mut order: Vec<Id> = Vec::new();
    let mut seen: BTreeSet<Id> = BTreeSet::new();
    for id in by_id.keys() {
        visit(id, &edges, &mut seen, &mut order);
    }
    let mut edges = edges;
    order.into_iter().filter_map(|id| Some((by_id.remove(&id)?, edges.remove(&id).unwrap_or_default().into_iter().collect()))).collect()
}

/// Takes out what squashed migrations replace; who asks for one of those means the squashed one.
fn replace(by_id: &mut BTreeMap<Id, File>) -> BTreeMap<Id, Id> {
    let mut replaced = BTreeMap::new();
    let squashed: Vec<(Id, Vec<Id>)> = by_id.values().map(|file| (file.id.clone(), file.replaces.clone())).collect();
    for (id, replaces) in squashed {
        for old in replaces.into_iter().filter(|old| *old != id) {
            if let Some(file) = by_id.remove(&old)
                && let Some(squashed) = by_id.get_mut(&id)
            {
                squashed.after.extend(file.after);
            }
            replaced.insert(old, id.clone());
        }
    }
    replaced
}

fn edges(by_id: &BTreeMap<Id, File>, replaced: &BTreeMap<Id, Id>) -> BTreeMap<Id, BTreeSet<Id>> {
    let settle = |id: &Id| {
        let mut id = id.clone();
        for _ in 0..32 {
            let Some(next) = replaced.get(&id) else { break };
            id = next.clone();
        }
        let of_label = || by_id.keys().filter(|known| known.0 == id.0);
        match id.1.as_str() {
            // The first one is what depends on no other of its own.
            "__first__" => of_label().find(|known| !by_id[*known].after.iter().any(|after| after.0 == known.0)).cloned(),
            "__latest__" => of_label().next_back().cloned(),
            _ => by_id.contains_key(&id).then_some(id),
        }
    };
    let mut edges: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    for file in by_id.values() {
        let before = file.after.iter().filter_map(&settle).filter(|id| *id != file.id);
        edges.entry(file.id.clone()).or_default().extend(before);
        for later in file.before.iter().filter_map(&settle).filter(|id| *id != file.id) {
            edges.entry(later).or_default().insert(file.id.clone());
        }
    }
    edges
}

fn visit(start: &Id, edges: &BTreeMap<Id, BTreeSet<Id>>, seen: &mut BTreeSet<Id>, order: &mut Vec<Id>) {
    // A stack of its own: chains of migrations are long.
    let mut stack: Vec<(Id, bool)> = vec![(start.clone(), false)];
    while let Some((id, is_done)) = stack.pop() {
        if is_done {
            order.push(id);
            continue;
        }
        if !seen.insert(id.clone()) {
            continue;
        }
        stack.push((id.clone(), true));
        let before = edges.get(&id).into_iter().flatten().rev();
        stack.extend(before.filter(|before| !seen.contains(*before)).map(|before| (before.clone(), false)));
    }
}
