//! Pairs of schemas and what stands below them.
//!
//! A pair is judged once. Pairs refer to each other by number, so that nothing recurses however deep or cyclic the documents
//! are; a pair met again while it is being judged is taken to be well.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use serde_json::Value;

use super::judge::{Judge, Local};
use super::node::{Part, keys};
use super::shape::Shape;
use super::{Direction, Place, SchemaChange};
use crate::diff::change::Level;

/// How many pairs are judged at most; beyond, pairs that differ are told as changed.
const MAX_PAIRS: usize = 200_000;
/// How deep alternatives within alternatives are tried out.
const MAX_TRIALS: usize = 8;

/// How many steps are written out at the beginning and at the end of a long path.
const MAX_STEPS: usize = 32;

/// What a pair is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    pub direction: Direction,
    pub place: Place,
    /// It is what was asked for, not something below.
    pub top: bool,
    /// Null was already compared.
    pub no_null: bool,
}

impl Frame {
    /// The frame of what stands below.
    pub fn below(self) -> Self {
        Self { top: false, no_null: false, ..self }
    }
}

/// Something below a pair.
#[derive(Clone, Debug)]
pub struct Child {
    /// `.name`, `[]`.
    pub step: String,
    pub pair: usize,
    /// It stands in a place that this direction does not use (`readOnly` in what is accepted).
    pub muted: bool,
}

#[derive(Default)]
struct Pair<'a> {
    /// What is to be judged; none once it is.
    work: Option<(Vec<Part<'a>>, Vec<Part<'a>>, Option<Frame>)>,
    changes: Vec<Local>,
    children: Vec<Child>,
    /// Whether it is known if anything changed in it or below.
    settled: bool,
    changed: bool,
}

type PairKey = (Box<[usize]>, Box<[usize]>, Frame);

/// All pairs of two documents that were compared so far.
pub struct Graph<'a> {
    documents: [&'a Value; 2],
    pairs: Vec<Pair<'a>>,
    index: HashMap<PairKey, usize>,
    shapes: [HashMap<Box<[usize]>, Rc<Shape<'a>>>; 2],
    trials: usize,
    walks: Vec<[u32; 2]>,
    walk: u32,
    /// The named schemas of each document that contain themselves, once asked for.
    pub recursive: Option<[HashSet<Rc<str>>; 2]>,
}

impl<'a> Graph<'a> {
    pub fn new(before: &'a Value, after: &'a Value) -> Self {
        let shapes = [HashMap::new(), HashMap::new()];
        Self {
            documents: [before, after],
            pairs: Vec::new(),
            index: HashMap::new(),
            shapes,
            trials: 0,
            walks: Vec::new(),
            walk: 0,
            recursive: None,
        }
    }

    /// The changes from one schema to another and below, each with its shortest path.
    pub fn changes(&mut self, before: Vec<Part<'a>>, after: Vec<Part<'a>>, direction: Direction, place: Place) -> Vec<SchemaChange> {
        let root = self.pair(before, after, Frame { direction, place, top: true, no_null: false });
        self.judge_all(root);
        self.settle(root);
        self.walk(root)
    }

    /// Both documents.
    pub fn documents(&self) -> [&'a Value; 2] {
        self.documents
    }

    /// A schema of one side, merged.
    pub fn shape(&mut self, side: Side, parts: &[Part<'a>]) -> Rc<Shape<'a>> {
        let document = self.documents[side as usize];
        let key = keys(parts);
        let shapes = &mut self.shapes[side as usize];
        shapes.entry(key).or_insert_with(|| Rc::new(Shape::of(document, parts))).clone()
    }

    /// The number of a pair.
    pub fn pair(&mut self, before: Vec<Part<'a>>, after: Vec<Part<'a>>, frame: Frame) -> usize {
        let key = (keys(&before), keys(&after), frame);
        if let Some(pair) = self.index.get(&key) {
            return *pair;
        }
        let pair = self.pairs.len();
        self.pairs.push(Pair { work: Some((before, after, Some(frame))), ..Pair::default() });
        self.index.insert(key, pair);
        pair
    }

    /// Judges a pair and all below it.
    fn judge_all(&mut self, root: usize) {
        let mut open = vec![root];
        while let Some(pair) = open.pop() {
            let Some((before, after, Some(frame))) = self.pairs[pair].work.take() else { continue };
            let shapes = (self.shape(Side::Before, &before), self.shape(Side::After, &after));
            let full = self.pairs.len() > MAX_PAIRS;
            let (changes, children) = Judge::new(self, shapes, frame).judge(full);
            open.extend(children.iter().rev().map(|child| child.pair));
            self.pairs[pair].changes = changes;
            self.pairs[pair].children = children;
        }
    }

    /// The worst that would be told of a pair; none when nothing would. When too deep in trials, the worst is assumed.
    pub fn trial(&mut self, before: Vec<Part<'a>>, after: Vec<Part<'a>>, frame: Frame) -> Option<Level> {
        if self.trials >= MAX_TRIALS || self.pairs.len() > MAX_PAIRS {
            return Some(Level::Breaking);
        }
        let root = self.pair(before, after, frame);
        self.trials += 1;
        self.judge_all(root);
        self.trials -= 1;
        self.worst(root)
    }

    fn worst(&self, root: usize) -> Option<Level> {
        let mut worst: Option<Level> = None;
        let mut seen = HashSet::from([(root, false)]);
        let mut open = vec![(root, false)];
        while let Some((pair, muted)) = open.pop() {
            let levels = self.pairs[pair].changes.iter().map(|local| if muted { Level::Info } else { local.level });
            worst = worst.into_iter().chain(levels).min();
            if worst == Some(Level::Breaking) {
                break;
            }
            let children = self.pairs[pair].children.iter().map(|child| (child.pair, muted || child.muted));
            open.extend(children.filter(|child| seen.insert(*child)));
        }
        worst
    }

    /// Finds out, for all pairs below one, whether anything changed in them or below, and forgets what did not: regions
    /// without a change are never walked again.
    fn settle(&mut self, root: usize) {
        let mut order = Vec::new();
        let mut users: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut open = vec![root];
        let mut seen = HashSet::from([root]);
        while let Some(pair) = open.pop() {
            if self.pairs[pair].settled {
                continue;
            }
            order.push(pair);
            for child in &self.pairs[pair].children {
                users.entry(child.pair).or_default().push(pair);
                if seen.insert(child.pair) {
                    open.push(child.pair);
                }
            }
        }
        let changed = |pair: &&usize| !self.pairs[**pair].changes.is_empty() || self.pairs[**pair].changed;
        let mut open: Vec<usize> = seen.iter().filter(changed).copied().collect();
        while let Some(pair) = open.pop() {
            self.pairs[pair].changed = true;
            let above = users.remove(&pair).unwrap_or_default();
            open.extend(above.into_iter().filter(|user| !self.pairs[*user].changed));
        }
        for pair in order {
            let mut children = std::mem::take(&mut self.pairs[pair].children);
            children.retain(|child| self.pairs[child.pair].changed);
            self.pairs[pair].children = children;
            self.pairs[pair].settled = true;
        }
    }

    fn walk(&mut self, root: usize) -> Vec<SchemaChange> {
        self.walk += 1;
        self.walks.resize(self.pairs.len(), [0; 2]);
        let mut steps: Vec<(usize, usize, &str)> = vec![(usize::MAX, root, "")];
        let mut queue = VecDeque::from([(0, false)]);
        let mut told = Told::default();
        while let Some((step, muted)) = queue.pop_front() {
            let pair = &self.pairs[steps[step].1];
            for local in &pair.changes {
                told.add(local, muted, || path(&steps, step));
            }
            for child in &pair.children {
                let muted = muted || child.muted;
                let mark = &mut self.walks[child.pair][usize::from(muted)];
                if *mark != self.walk {
                    *mark = self.walk;
                    steps.push((step, child.pair, &child.step));
                    queue.push_back((steps.len() - 1, muted));
                }
            }
        }
        told.changes
    }
}

/// Which of the two documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

fn path(steps: &[(usize, usize, &str)], mut step: usize) -> String {
    let mut parts = Vec::new();
    while let Some((above, _, text)) = steps.get(step) {
        parts.push(*text);
        step = *above;
    }
    parts.reverse();
    if parts.len() > 2 * MAX_STEPS {
        parts.splice(MAX_STEPS..parts.len() - MAX_STEPS, ["…"]);
    }
    parts.concat()
}

/// What was told so far: one change of a shared schema once, at its worst level.
#[derive(Default)]
struct Told<'g> {
    changes: Vec<SchemaChange>,
    shared: HashMap<(&'g str, &'g str, &'g str), usize>,
    own: HashMap<(String, &'g str, &'g str), usize>,
}

impl<'g> Told<'g> {
    fn add(&mut self, local: &'g Local, muted: bool, path: impl FnOnce() -> String) {
        let level = if muted { Level::Info } else { local.level };
        let next = self.changes.len();
        let known = match &local.shared {
            Some(shared) => *self.shared.entry((shared, &local.rule, &local.values)).or_insert(next),
            None => usize::MAX,
        };
        if let Some(change) = self.changes.get_mut(known) {
            change.level = level.min(change.level);
            return;
        }
        let path = format!("{}{}", path(), local.step);
        let path = path.strip_prefix('.').map(str::to_owned).unwrap_or(path);
        if local.shared.is_none() {
            let known = *self.own.entry((path.clone(), &local.rule, &local.values)).or_insert(next);
            if let Some(change) = self.changes.get_mut(known) {
                change.level = level.min(change.level);
                return;
            }
        }
        let (before, after) = (local.before.clone(), local.after.clone());
        self.changes.push(SchemaChange { rule: local.rule.clone(), level, path, shared: local.shared.clone(), before, after });
    }
}
