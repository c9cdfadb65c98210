//! Members of objects that are not named: others, by pattern, by what their names look like.

use serde_json::Value;

use super::judge::Judge;
use super::node::Part;
use super::shape::{Shape, is_empty};

/// What is allowed beyond what is described.
#[derive(Clone, Debug)]
pub enum Extra<'a> {
    Open,
    Closed,
    Schema(Vec<Part<'a>>),
}

impl<'a> Shape<'a> {
    /// The state of `additionalProperties`, `unevaluatedProperties` or `unevaluatedItems`.
    pub fn extra(&self, keyword: &str) -> Extra<'a> {
        let step = if keyword == "unevaluatedItems" { "[]" } else { ".*" };
        let mut parts = Vec::new();
        for (part, value) in self.all(keyword) {
            if value == &Value::Bool(false) {
                return Extra::Closed;
            }
            if !is_empty(value) {
                parts.push(part.below(value, step));
            }
        }
        if parts.is_empty() { Extra::Open } else { Extra::Schema(parts) }
    }
}

impl<'a> Judge<'_, 'a> {
    /// Members that are not named.
    pub fn objects(&mut self) {
        self.extras("additionalProperties", "additional-properties-closed", ".*");
        self.extras("unevaluatedProperties", "unevaluated-properties", ".*");
        self.keyed("patternProperties", "pattern-property");
        self.single("propertyNames", "property-names", ".<name>");
    }

    /// A keyword that restricts what is not described.
    pub fn extras(&mut self, keyword: &str, word: &str, step: &str) {
        let change = match (self.before.extra(keyword), self.after.extra(keyword)) {
            (Extra::Open, Extra::Open) | (Extra::Closed, Extra::Closed) => return,
            (Extra::Schema(before), Extra::Schema(after)) => return self.below(before, after, step),
            (Extra::Open, _) | (Extra::Schema(_), Extra::Closed) => "added",
            (_, Extra::Open) | (Extra::Closed, Extra::Schema(_)) => "removed",
        };
        let spot = self.spot(keyword);
        let values = (self.before.first(keyword), self.after.first(keyword));
        self.tell(&format!("{word}-{change}"), spot, values.0.map(short), values.1.map(short));
    }

    /// A keyword whose members are schemas under keys of their own.
    pub fn keyed(&mut self, keyword: &'static str, word: &str) {
        let (mut before, mut after) = (self.before.members(keyword), self.after.members(keyword));
        let keys: std::collections::BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        for key in keys {
            let (before, after) = (before.remove(key), after.remove(key));
            match (before, after) {
                (Some(before), Some(after)) => self.below(before, after, format!(".{key}")),
                (None, Some(after)) => self.tell_keyed(&format!("{word}-added"), &after, key, false),
                (Some(before), None) => self.tell_keyed(&format!("{word}-removed"), &before, key, true),
                (None, None) => {}
            }
        }
    }

    fn tell_keyed(&mut self, rule: &str, parts: &[Part<'a>], key: &str, gone: bool) {
        if parts.iter().all(|part| is_empty(part.value)) {
            return;
        }
        let spot = super::judge::Spot { home: parts.first().and_then(|part| part.home.clone()), ..self.spot_at(None, "") };
        let key = Some(Value::from(key));
        let (before, after) = if gone { (key, None) } else { (None, key) };
        self.tell(rule, spot, before, after);
    }

    /// A keyword that holds one schema.
    pub fn single(&mut self, keyword: &str, word: &str, step: &str) {
        let says = |parts: Vec<Part<'a>>| -> Vec<Part<'a>> { parts.into_iter().filter(|part| !is_empty(part.value)).collect() };
        let (before, after) = (says(self.before.below(keyword, step)), says(self.after.below(keyword, step)));
        let change = match (before.is_empty(), after.is_empty()) {
            (true, true) => return,
            (true, false) => "added",
            (false, true) => "removed",
            (false, false) => return self.below(before, after, step),
        };
        let spot = self.spot(keyword);
        let values = (self.before.first(keyword), self.after.first(keyword));
        self.tell(&format!("{word}-{change}"), spot, values.0.map(short), values.1.map(short));
    }
}

/// A schema in a few words, where only that it is there matters.
pub fn short(schema: &Value) -> Value {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.rsplit('/').next());
    match (schema, name, schema.get("type")) {
        (Value::Bool(_), _, _) => schema.clone(),
        (_, Some(name), _) => Value::from(name),
        (_, None, Some(types)) => types.clone(),
        (_, None, None) => Value::from("schema"),
    }
}
