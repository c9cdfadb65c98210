//! What is read of a part, member by member.

use crate::base::Name;
use crate::facts::shape::{Member, Shape};

/// The key that stands for the elements of a list.
pub const ELEMENTS: &str = "[]";

/// Members deeper than this are not told.
const MAX_DEPTH: usize = 8;

/// One value that is read, and its members.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// What is known of the value itself.
    pub shape: Shape,
    /// Its members that are read, in order.
    pub children: Vec<(Name, Tree)>,
}

impl Tree {
    /// Adds a read.
    pub fn add(&mut self, keys: &[Name], shape: Shape) {
        let mut here = self;
        for key in keys.iter().take(MAX_DEPTH) {
            let position = match here.children.iter().position(|(known, _)| known == key) {
                Some(position) => position,
                None => {
                    here.children.push((key.clone(), Self::default()));
                    here.children.len() - 1
                }
            };
            here = &mut here.children[position].1;
        }
        if keys.len() <= MAX_DEPTH && is_better(&here.shape, &shape) {
            here.shape = shape;
        }
    }

    /// As a shape: what was said of the whole beats what was read of its members.
    #[must_use]
    pub fn into_shape(self) -> Shape {
        if !self.shape.is_any() && (self.children.is_empty() || !matches!(self.shape, Shape::Map(_) | Shape::Text(_))) {
            return self.shape;
        }
        if let [(key, _)] = self.children.as_slice()
            && key == ELEMENTS
        {
            return self.children.into_iter().next().map_or(Shape::Any, |(_, element)| element.into_shape()).list();
        }
        let members: Vec<Member> = self
            .children
            .into_iter()
            .filter(|(key, _)| key != ELEMENTS)
            .map(|(key, below)| Member::optional(key, below.into_shape()))
            .collect();
        if members.is_empty() { self.shape } else { Shape::record(members) }
    }

    /// As what a query string or header holds: text, unless more is known.
    #[must_use]
    pub fn shape_as_text(self) -> Shape {
        let is_list = self.children.iter().any(|(key, _)| key == ELEMENTS);
        match self.shape {
            Shape::Any if is_list => Shape::Text(None).list(),
            Shape::Any => Shape::Text(None),
            known => known,
        }
    }
}

/// Numbers, booleans and literals say more than text; anything says more than nothing.
fn is_better(old: &Shape, new: &Shape) -> bool {
    let worth = |shape: &Shape| match crate::facts::members::base(shape) {
        Shape::Any | Shape::Null | Shape::Never => 0,
        Shape::Map(_) => 1,
        Shape::Text(None) => 2,
        _ => 3,
    };
    worth(new) > worth(old)
}
