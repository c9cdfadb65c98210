//! Pairs of schemas and what stands below them.
//!
//! A pair is judged once. Pairs refer to each other by number, so that nothing recurses however deep or cyclic the documents
//! are; a pair met again while it is being judged is taken to be well.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use serde_json::Value;

use super::judge::{Judge, Local};
use super::node::{Part, address, home, resolve};
use super::shape::Shape;
use super::told::{Step, Told};
use super::{Direction, Place};
use crate::diff::change::Level;

/// How many pairs are judged at most; beyond, pairs that differ are told as changed.
const MAX_PAIRS: usize = 200_000;
/// How deep alternatives within alternatives are tried out.
const MAX_TRIALS: usize = 8;

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
    work: Option<Box<Work<'a>>>,
    changes: Vec<Local>,
    children: Vec<Child>,
    /// Whether it is known if anything changed in it or below.
    settled: bool,
    changed: bool,
}

struct Work<'a> {
    before: Vec<Part<'a>>,
    after: Vec<Part<'a>>,
    frame: Frame,
}

type PairKey = (Box<[usize]>, Box<[usize]>, Frame);

/// All pairs of two documents that were compared so far.
pub struct Graph<'a> {
    documents: [&'a Value; 2],
    pairs: Vec<Pair<'a>>,
    index: HashMap<PairKey, usize>,
    shapes: [HashMap<Box<[usize]>, Rc<Shape<'a>>>; 2],
    /// Where the named schemas are that references lead to, by the address of the reference.
    targets: [HashMap<usize, Option<usize>>; 2],
    /// What was told of named schemas, numbered.
    identities: HashMap<String, usize>,
    trials: usize,
    walks: Vec<[u32; 2]>,
    walk: u32,
    /// The named schemas of each document that contain themselves, once asked for.
    pub recursive: Option<[HashSet<Rc<str>>; 2]>,
}

impl<'a> Graph<'a> {
    pub fn new(before: &'a Value, after: &'a Value) -> Self {
        Self {
            documents: [before, after],
            pairs: Vec::new(),
            index: HashMap::new(),
            shapes: [HashMap::new(), HashMap::new()],
            targets: [HashMap::new(), HashMap::new()],
            identities: HashMap::new(),
            trials: 0,
            walks: Vec::new(),
            walk: 0,
            recursive: None,
        }
    }

    /// The changes from one schema to another and below, each with its shortest path.
    pub fn changes(&mut self, before: Part<'a>, after: Part<'a>, direction: Direction, place: Place) -> Told<'_> {
        let root = self.pair(vec![before], vec![after], Frame { direction, place, top: true, no_null: false });
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
        let key = self.keys(side, parts);
        let shapes = &mut self.shapes[side as usize];
        shapes.entry(key).or_insert_with(|| Rc::new(Shape::of(document, parts))).clone()
    }

    /// The number of a pair.
    pub fn pair(&mut self, before: Vec<Part<'a>>, after: Vec<Part<'a>>, frame: Frame) -> usize {
        let key = (self.keys(Side::Before, &before), self.keys(Side::After, &after), frame);
        if let Some(pair) = self.index.get(&key) {
            return *pair;
        }
        let pair = self.pairs.len();
        self.pairs.push(Pair { work: Some(Box::new(Work { before, after, frame })), ..Pair::default() });
        self.index.insert(key, pair);
        pair
    }

    /// The number of something told of a named schema.
    pub fn identity(&mut self, text: String) -> usize {
        let next = self.identities.len();
        *self.identities.entry(text).or_insert(next)
    }

    /// What one node is made of, for maps. References to one named schema are the same, wherever they stand.
    fn keys(&mut self, side: Side, parts: &[Part<'a>]) -> Box<[usize]> {
        /// No value begins there: the target itself is another thing than a reference to it.
        const INSIDE: usize = 8;
        let (document, targets) = (self.documents[side as usize], &mut self.targets[side as usize]);
        let key = |part: &Part<'a>| {
            let Some(reference) = part.reference() else { return part.key() };
            let target = targets.entry(address(part.value)).or_insert_with(|| {
                let target = home(reference).and_then(|_| resolve(document, reference));
                target.map(|target| address(target) + INSIDE)
            });
            target.map_or_else(|| part.key(), |target| part.key_at(target))
        };
        parts.iter().map(key).collect()
    }

    /// Judges a pair and all below it.
    fn judge_all(&mut self, root: usize) {
        let mut open = vec![root];
        while let Some(pair) = open.pop() {
            let Some(work) = self.pairs[pair].work.take() else { continue };
            let Work { before, after, frame } = *work;
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

    fn walk(&mut self, root: usize) -> Told<'_> {
        self.walk += 1;
        self.walks.resize(self.pairs.len(), [0; 2]);
        let mut told = Told::new(root);
        let mut queue = VecDeque::from([(0, false)]);
        while let Some((step, muted)) = queue.pop_front() {
            let pair = &self.pairs[told.steps[step].pair];
            for local in &pair.changes {
                told.add(local, muted, step);
            }
            for child in &pair.children {
                let muted = muted || child.muted;
                let mark = &mut self.walks[child.pair][usize::from(muted)];
                if *mark != self.walk {
                    *mark = self.walk;
                    queue.push_back((told.steps.len(), muted));
                    told.steps.push(Step { above: step, pair: child.pair, text: &child.step });
                }
            }
        }
        told
    }
}

/// Which of the two documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}
