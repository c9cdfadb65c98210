//! Arrays: items, tuples, items that must be among them, items that must differ.

use serde_json::Value;

use super::judge::Judge;
use super::node::Part;
use super::objects::short;
use super::shape::{Shape, is_empty};
use super::types::brief;

/// The schema of the items beyond a tuple: `items`, or `additionalItems` beside an older list of items.
enum Items<'a> {
    Any,
    None,
    Schema(Vec<Part<'a>>),
}

impl<'a> Shape<'a> {
    fn items_keyword(&self) -> &'static str {
        if self.first("items").is_some_and(Value::is_array) { "additionalItems" } else { "items" }
    }

    fn items(&self) -> Items<'a> {
        let keyword = self.items_keyword();
        if self.first(keyword) == Some(&Value::Bool(false)) {
            return Items::None;
        }
        let parts: Vec<Part<'a>> =
            self.below(keyword, "[]").into_iter().filter(|part| !is_empty(part.value) && !part.value.is_array()).collect();
        if parts.is_empty() { Items::Any } else { Items::Schema(parts) }
    }

    fn tuple(&self) -> Vec<Part<'a>> {
        let older = self.all("items").filter(|(_, value)| value.is_array());
        let Some((part, Value::Array(list))) = self.all("prefixItems").chain(older).next() else { return Vec::new() };
        list.iter().enumerate().map(|(at, value)| part.below(value, &format!("[{at}]"))).collect()
    }
}

impl<'a> Judge<'_, 'a> {
    /// Everything about arrays.
    pub fn arrays(&mut self) {
        self.items();
        self.tuples();
        self.single("contains", "contains", "[contains]");
        self.extras("unevaluatedItems", "unevaluated-items", "[]");
        let (was, is) = (self.before.says("uniqueItems"), self.after.says("uniqueItems"));
        if was != is {
            let spot = self.spot("uniqueItems");
            self.tell(if is { "unique-items-added" } else { "unique-items-removed" }, spot, Some(was.into()), Some(is.into()));
        }
    }

    fn items(&mut self) {
        let rule = match (self.before.items(), self.after.items()) {
            (Items::Any, Items::Any) | (Items::None, Items::None) => return,
            (Items::Schema(before), Items::Schema(after)) => return self.below(before, after, "[]"),
            (Items::Any, Items::Schema(_) | Items::None) => "item-schema-added",
            (Items::Schema(_) | Items::None, Items::Any) => "item-schema-removed",
            (Items::None, Items::Schema(_)) => return self.tell_items(super::Direction::Input),
            (Items::Schema(_), Items::None) => return self.tell_items(super::Direction::Output),
        };
        let keywords = (self.before.items_keyword(), self.after.items_keyword());
        let spot = self.spot(keywords.1);
        let values = (self.before.first(keywords.0).map(short), self.after.first(keywords.1).map(short));
        self.tell(rule, spot, values.0, values.1);
    }

    /// From no items to some or back, which is harmless one way.
    fn tell_items(&mut self, harmless: super::Direction) {
        let keywords = (self.before.items_keyword(), self.after.items_keyword());
        let spot = self.spot(keywords.1).info_if(self.frame.direction == harmless);
        let values = (self.before.first(keywords.0).map(short), self.after.first(keywords.1).map(short));
        self.tell("item-schema-changed", spot, values.0, values.1);
    }

    fn tuples(&mut self) {
        let (before, after) = (self.before.tuple(), self.after.tuple());
        let both = before.len().min(after.len());
        for (at, part) in after.iter().enumerate().skip(both) {
            let shape = self.shape_after(std::slice::from_ref(part));
            let spot = super::judge::Spot { home: self.after.home(), ..self.spot_at(None, format!("[{at}]")) };
            self.tell("tuple-item-added", spot, None, Some(brief(&shape)));
        }
        for (at, part) in before.iter().enumerate().skip(both) {
            let shape = self.shape_before(std::slice::from_ref(part));
            let spot = super::judge::Spot { home: self.before.home(), ..self.spot_at(None, format!("[{at}]")) };
            self.tell("tuple-item-removed", spot, Some(brief(&shape)), None);
        }
        // What follows a tuple described the position before it was part of it, or describes it now.
        if let Items::Schema(rest) = self.before.items() {
            for (at, part) in after.iter().enumerate().skip(both) {
                self.below(rest.clone(), vec![part.clone()], format!("[{at}]"));
            }
        }
        if let Items::Schema(rest) = self.after.items() {
            for (at, part) in before.iter().enumerate().skip(both) {
                self.below(vec![part.clone()], rest.clone(), format!("[{at}]"));
            }
        }
        for (at, (before, after)) in before.into_iter().zip(after).enumerate() {
            self.below(vec![before], vec![after], format!("[{at}]"));
        }
    }
}
