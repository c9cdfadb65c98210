//! What a walk over pairs has met: each change of a named schema once, at its worst level, on its shortest way. Ways are
//! written out for those who ask.

use std::collections::HashMap;

use super::SchemaChange;
use super::judge::Local;
use crate::diff::change::Level;

/// How many steps are written out at the beginning and at the end of a long path.
const MAX_STEPS: usize = 32;

/// A step of a walk.
pub struct Step<'g> {
    /// The step before.
    pub above: usize,
    /// Where it led.
    pub pair: usize,
    /// `.name`, `[]`.
    pub text: &'g str,
}

/// A change that was met.
#[derive(Clone, Copy)]
pub struct Met<'g> {
    local: &'g Local,
    /// How bad it is here.
    pub level: Level,
    step: usize,
}

/// What was met so far.
pub struct Told<'g> {
    /// The steps gone so far; the first leads to the root.
    pub steps: Vec<Step<'g>>,
    met: Vec<Met<'g>>,
    /// By the numbers of changes of named schemas.
    shared: HashMap<usize, usize>,
    own: HashMap<(String, &'g str, &'g str), usize>,
}

impl<'g> Told<'g> {
    /// Nothing yet, from a root.
    pub fn new(root: usize) -> Self {
        let steps = vec![Step { above: usize::MAX, pair: root, text: "" }];
        Self { steps, met: Vec::new(), shared: HashMap::new(), own: HashMap::new() }
    }

    /// A change at the end of a step.
    pub fn add(&mut self, local: &'g Local, muted: bool, step: usize) {
        let met = Met { local, level: if muted { Level::Info } else { local.level }, step };
        let next = self.met.len();
        let known = match local.identity {
            Some(identity) => *self.shared.entry(identity).or_insert(next),
            None => {
                let path = self.path(&met);
                *self.own.entry((path, &local.rule, &local.values)).or_insert(next)
            }
        };
        match self.met.get_mut(known) {
            Some(known) => known.level = known.level.min(met.level),
            None => self.met.push(met),
        }
    }

    /// All that was met.
    pub fn all(&self) -> impl Iterator<Item = Met<'g>> {
        self.met.iter().copied()
    }

    /// Where a change stands: `items[].price`.
    pub fn path(&self, met: &Met<'g>) -> String {
        let mut parts = Vec::new();
        let mut at = met.step;
        while let Some(step) = self.steps.get(at) {
            parts.push(step.text);
            at = step.above;
        }
        parts.reverse();
        if parts.len() > 2 * MAX_STEPS {
            parts.splice(MAX_STEPS..parts.len() - MAX_STEPS, ["…"]);
        }
        let path = format!("{}{}", parts.concat(), met.local.step);
        path.strip_prefix('.').map(str::to_owned).unwrap_or(path)
    }

    /// How many steps that path has.
    pub fn depth(&self, met: &Met<'g>) -> usize {
        let marks = |text: &str| text.bytes().filter(|byte| matches!(byte, b'.' | b'[')).count();
        let (mut count, mut first) = (marks(&met.local.step), met.local.step.as_str());
        let mut at = met.step;
        while let Some(step) = self.steps.get(at) {
            count += marks(step.text);
            first = if step.text.is_empty() { first } else { step.text };
            at = step.above;
        }
        count - usize::from(first.starts_with('.'))
    }

    /// A change, written out.
    pub fn written(&self, met: &Met<'g>) -> SchemaChange {
        let local = met.local;
        SchemaChange {
            rule: local.rule.clone(),
            level: met.level,
            path: self.path(met),
            shared: local.shared.clone(),
            before: local.before.clone(),
            after: local.after.clone(),
        }
    }
}

impl Met<'_> {
    /// The number of what it tells of a named schema; none outside of named schemas.
    pub fn identity(&self) -> Option<usize> {
        self.local.identity
    }
}
