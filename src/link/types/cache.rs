//! Expanded names, kept; and the walk that is under way, bounded.
//!
//! An answer must not depend on what was asked before. What is expanded while another name is being expanded may have been cut
//! short because of that other name (`type A = Partial<B>; type B = Partial<A>`); such an answer is used once and not kept.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::{PoisonError, RwLock};

use super::Types;
use crate::facts::framework::TypeReader;
use crate::facts::members::Filling;
use crate::facts::program::{FuncRef, Mode, Program};
use crate::facts::shape::{Shape, TypeKey, TypeSource};

/// Names that are expanded within one another.
const MAX_NESTING: usize = 32;
/// Expansions that one question may cost.
const MAX_COST: u32 = 20_000;
/// Values that are looked at within one another.
const MAX_VALUES: u32 = 24;
/// Values that one question may cost.
const MAX_VALUE_COST: u32 = 600;
/// Calls of the program's functions that are entered within one another, and of one and the same.
const MAX_CALLS: usize = 4;
const MAX_SAME_CALLS: usize = 2;

const SHARDS: usize = 16;

/// Expanded names. Shared by all threads.
#[derive(Debug, Default)]
pub struct ShapeCache {
    shards: [RwLock<HashMap<Id, Entry>>; SHARDS],
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Id {
    source: TypeSource,
    mode: Mode,
    args: String,
}

#[derive(Clone, Debug)]
struct Entry {
    shape: Shape,
    /// Something below was cut short, so that it only answers a question that began here.
    is_cut: bool,
    cost: u32,
    height: usize,
}

/// What is being asked on this thread.
#[derive(Default)]
struct Walk {
    active: Vec<Id>,
    is_cut: bool,
    cost: u32,
    height: usize,
    values: u32,
    value_cost: u32,
    statics: u32,
    calls: Vec<FuncRef>,
    /// What the parameters of the type that is being expanded stand for.
    filling: Option<Rc<Filling>>,
}

thread_local! {
    static WALK: RefCell<Walk> = RefCell::new(Walk::default());
}

fn walk<R>(change: impl FnOnce(&mut Walk) -> R) -> R {
    WALK.with(|walk| change(&mut walk.borrow_mut()))
}

impl ShapeCache {
    /// What stands behind a name; [`Shape::Any`] where that leads back to itself.
    #[must_use]
    pub fn expand(&self, program: &dyn Program, readers: &[&'static dyn TypeReader], key: &TypeKey) -> Shape {
        let id = Id {
            source: key.source.clone(),
            mode: key.mode,
            args: if key.args.is_empty() { String::new() } else { format!("{:?}", key.args) },
        };
        if !begin(&id) {
            return Shape::Any;
        }
        if let Some(entry) = self.known(&id) {
            walk(|walk| {
                walk.cost += entry.cost;
                walk.is_cut |= entry.is_cut;
                walk.height = walk.height.max(walk.active.len() + entry.height);
            });
            return entry.shape;
        }
        let step = Step::enter(id.clone());
        let shape = Types::new(program, readers).expansion(key);
        let entry = step.leave(shape);
        let shape = entry.shape.clone();
        if !entry.is_cut || walk(|walk| walk.active.is_empty()) {
            self.shard(&id).write().unwrap_or_else(PoisonError::into_inner).insert(id, entry);
        }
        shape
    }

    fn shard(&self, id: &Id) -> &RwLock<HashMap<Id, Entry>> {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % SHARDS as u64).unwrap_or_default();
        &self.shards[index]
    }

    fn known(&self, id: &Id) -> Option<Entry> {
        let depth = walk(|walk| walk.active.len());
        let shard = self.shard(id).read().unwrap_or_else(PoisonError::into_inner);
        shard.get(id).filter(|entry| depth == 0 || (!entry.is_cut && depth + entry.height <= MAX_NESTING)).cloned()
    }
}

/// Whether the name may be expanded here.
fn begin(id: &Id) -> bool {
    walk(|walk| {
        if walk.active.is_empty() {
            walk.is_cut = false;
            walk.cost = 0;
            walk.height = 0;
        }
        let is_open = walk.active.len() < MAX_NESTING && walk.cost < MAX_COST && !walk.active.contains(id);
        walk.is_cut |= !is_open;
        is_open
    })
}

/// Whether this type is being expanded, with whatever arguments: the answer that asks is cut short by it.
pub(super) fn is_expanding(source: &TypeSource) -> bool {
    walk(|walk| {
        let is_active = walk.active.iter().any(|id| id.source == *source);
        walk.is_cut |= is_active;
        is_active
    })
}

/// A name that is being expanded. Values below it are counted anew, so that the answer is the same wherever it is asked.
struct Step {
    outer: Walk,
}

impl Step {
    fn enter(id: Id) -> Self {
        walk(|walk| {
            let outer = Walk {
                active: Vec::new(),
                is_cut: walk.is_cut,
                cost: walk.cost,
                height: walk.height,
                values: walk.values,
                value_cost: walk.value_cost,
                statics: walk.statics,
                calls: std::mem::take(&mut walk.calls),
                filling: walk.filling.take(),
            };
            walk.active.push(id);
            walk.is_cut = false;
            walk.cost += 1;
            walk.height = walk.active.len();
            (walk.values, walk.value_cost, walk.statics) = (0, 0, 0);
            Self { outer }
        })
    }

    fn leave(self, shape: Shape) -> Entry {
        walk(|walk| Entry {
            shape,
            is_cut: walk.is_cut,
            cost: walk.cost.saturating_sub(self.outer.cost),
            height: walk.height.saturating_sub(walk.active.len().saturating_sub(1)),
        })
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        let (filling, calls) = (self.outer.filling.take(), std::mem::take(&mut self.outer.calls));
        walk(|walk| {
            (walk.filling, walk.calls) = (filling, calls);
            walk.active.pop();
            walk.is_cut |= self.outer.is_cut;
            walk.height = walk.height.max(self.outer.height);
            (walk.values, walk.value_cost, walk.statics) = (self.outer.values, self.outer.value_cost, self.outer.statics);
        });
    }
}

/// From here on, until the expansion ends, type parameters are what `filling` says.
pub(super) fn set_filling(filling: Filling) {
    walk(|walk| walk.filling = (!walk.active.is_empty() && !filling.is_empty()).then(|| Rc::new(filling)));
}

/// What a type parameter stands for in the expansion that is under way.
pub(super) fn filled(source: &TypeSource) -> Option<Shape> {
    let filling = walk(|walk| walk.filling.clone())?;
    filling.iter().find(|(known, _)| known == source).map(|(_, shape)| shape.clone())
}

/// A value that is being looked at; `None` when that goes too deep or takes too long.
pub(super) struct ValueStep;

impl ValueStep {
    pub(super) fn enter() -> Option<Self> {
        walk(|walk| {
            if walk.values == 0 && walk.statics == 0 {
                walk.value_cost = 0;
            }
            let is_open = walk.values < MAX_VALUES && walk.value_cost < MAX_VALUE_COST;
            walk.values += u32::from(is_open);
            walk.value_cost += u32::from(is_open);
            // Not `then_some`: a step that is not taken must not be dropped.
            is_open.then(|| Self)
        })
    }
}

impl Drop for ValueStep {
    fn drop(&mut self) {
        walk(|walk| walk.values = walk.values.saturating_sub(1));
    }
}

/// One of the program's functions that is entered; `None` when too many are, or it too often.
pub(super) struct CallStep;

impl CallStep {
    pub(super) fn enter(function: FuncRef) -> Option<Self> {
        walk(|walk| {
            let same = walk.calls.iter().filter(|entered| **entered == function).count();
            let is_open = walk.calls.len() < MAX_CALLS && same < MAX_SAME_CALLS;
            walk.calls.extend(is_open.then_some(function));
            is_open.then(|| Self)
        })
    }
}

impl Drop for CallStep {
    fn drop(&mut self) {
        walk(|walk| _ = walk.calls.pop());
    }
}

/// An expression whose static type is looked for; it costs as a value does.
pub(super) struct StaticStep;

impl StaticStep {
    pub(super) fn enter() -> Option<Self> {
        walk(|walk| {
            if walk.values == 0 && walk.statics == 0 {
                walk.value_cost = 0;
            }
            let is_open = walk.value_cost < MAX_VALUE_COST;
            walk.statics += u32::from(is_open);
            walk.value_cost += u32::from(is_open);
            is_open.then(|| Self)
        })
    }
}

impl Drop for StaticStep {
    fn drop(&mut self) {
        walk(|walk| walk.statics = walk.statics.saturating_sub(1));
    }
}
