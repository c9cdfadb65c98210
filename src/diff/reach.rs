//! What a change of a type reaches: the operations that use it, directly or through other types.

use std::collections::HashMap;

/// How many steps are gone in all. Beyond that a change is told without what it reaches.
const FUEL: usize = 3_000_000;

/// How many operations are named in all. Nobody reads more.
const NAMED: usize = 200_000;

/// Who uses what, by name.
#[derive(Default)]
pub struct Reach {
    index: HashMap<String, usize>,
    used_by: Vec<Vec<usize>>,
    ends: Vec<Vec<usize>>,
    names: HashMap<String, usize>,
    end_names: Vec<String>,
    known: HashMap<usize, Vec<String>>,
    /// In which search a node was last seen.
    seen: Vec<usize>,
    searches: usize,
    spent: usize,
    named: usize,
}

impl Reach {
    fn node(&mut self, name: &str) -> usize {
        if let Some(node) = self.index.get(name) {
            return *node;
        }
        let node = self.used_by.len();
        self.index.insert(name.to_owned(), node);
        self.used_by.push(Vec::new());
        self.ends.push(Vec::new());
        node
    }

    /// One type speaks of another.
    pub fn add(&mut self, user: &str, used: &str) {
        let (user, used) = (self.node(user), self.node(used));
        if user != used && self.used_by[used].last() != Some(&user) {
            self.used_by[used].push(user);
        }
    }

    /// An operation speaks of a type.
    pub fn add_end(&mut self, end: &str, used: &str) {
        let used = self.node(used);
        let end = *self.names.entry(end.to_owned()).or_insert_with(|| {
            self.end_names.push(end.to_owned());
            self.end_names.len() - 1
        });
        if self.ends[used].last() != Some(&end) {
            self.ends[used].push(end);
        }
    }

    /// The operations that a type is reached from, sorted.
    pub fn of(&mut self, name: &str) -> Vec<String> {
        let Some(&start) = self.index.get(name) else { return Vec::new() };
        if let Some(known) = self.known.get(&start) {
            self.named += known.len();
            return if self.named > NAMED { Vec::new() } else { known.clone() };
        }
        self.searches += 1;
        self.seen.resize(self.used_by.len(), 0);
        self.seen[start] = self.searches;
        let (mut open, mut found) = (vec![start], Vec::new());
        while let Some(node) = open.pop() {
            self.spent += 1 + self.used_by[node].len() + self.ends[node].len();
            if self.spent > FUEL {
                return Vec::new();
            }
            found.extend(self.ends[node].iter().copied());
            for user in &self.used_by[node] {
                if std::mem::replace(&mut self.seen[*user], self.searches) != self.searches {
                    open.push(*user);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        self.named += found.len();
        if self.named > NAMED {
            return Vec::new();
        }
        let mut found: Vec<String> = found.into_iter().map(|end| self.end_names[end].clone()).collect();
        found.sort();
        self.known.insert(start, found.clone());
        found
    }
}
