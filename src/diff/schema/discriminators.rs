//! Discriminators: the member that tells alternatives apart, and which of its values means which alternative.

use std::collections::BTreeMap;

use serde_json::Value;

use super::judge::Judge;
use super::node::{Part, resolve};
use super::shape::Shape;

/// The tags of a discriminator and the schemas they mean, as they are written.
fn mapping(discriminator: &Value) -> BTreeMap<&str, &str> {
    let mapping = discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten();
    mapping.filter_map(|(tag, schema)| Some((tag.as_str(), schema.as_str()?))).collect()
}

fn property(discriminator: &Value) -> Option<&str> {
    discriminator.get("propertyName").and_then(Value::as_str).or_else(|| discriminator.as_str())
}

impl<'a> Judge<'_, 'a> {
    /// The discriminator of both sides.
    pub fn discriminators(&mut self) {
        let spot = self.spot("discriminator");
        // That of alternatives that are compared one by one was compared above them.
        let own = |shape: &Shape<'a>| shape.all("discriminator").find(|(part, _)| !part.bare).map(|(_, value)| value);
        let (before, after) = (own(&self.before), own(&self.after));
        let name = |discriminator: Option<&Value>| discriminator.and_then(property).map(Value::from);
        let (before, after) = match (before, after) {
            (None, None) => return,
            (None, Some(_)) => return self.tell("discriminator-added", spot, None, name(after)),
            (Some(_), None) => return self.tell("discriminator-removed", spot, name(before), None),
            (Some(before), Some(after)) => (before, after),
        };
        if property(before) != property(after) {
            self.tell("discriminator-property-changed", spot.clone(), name(Some(before)), name(Some(after)));
        }
        let (old, new) = (mapping(before), mapping(after));
        for (tag, schema) in &old {
            match new.get(tag) {
                None if implied(tag, &self.after) => {}
                None => self.tell("discriminator-mapping-removed", spot.clone(), Some(Value::from(*tag)), None),
                Some(other) if other != schema && !self.mean_the_same(schema, other) => {
                    self.tell("discriminator-mapping-changed", spot.clone(), Some(tagged(tag, schema)), Some(tagged(tag, other)));
                }
                Some(_) => {}
            }
        }
        for tag in new.keys().filter(|tag| !old.contains_key(*tag)) {
            if !implied(tag, &self.before) {
                self.tell("discriminator-mapping-added", spot.clone(), None, Some(Value::from(*tag)));
            }
        }
    }

    /// Whether two schemas are the same under other names.
    fn mean_the_same(&mut self, before: &str, after: &str) -> bool {
        let reference = |name: &str| if name.contains('/') { name.to_owned() } else { format!("#/components/schemas/{name}") };
        let documents = self.graph.documents();
        let (before, after) = (resolve(documents[0], &reference(before)), resolve(documents[1], &reference(after)));
        let (Some(before), Some(after)) = (before, after) else { return false };
        self.trial(vec![Part::new(before)], vec![Part::new(after)]).is_none()
    }
}

/// Whether a tag is the name of an alternative, which needs no mapping.
fn implied(tag: &str, shape: &Shape<'_>) -> bool {
    let alternatives = shape.groups.iter().flat_map(|group| &group.alternatives);
    let mut names =
        alternatives.filter_map(|part| part.value.get("$ref").and_then(Value::as_str)).filter_map(|reference| reference.rsplit('/').next());
    names.any(|name| name == tag)
}

fn tagged(tag: &str, schema: &str) -> Value {
    Value::from(format!("{tag}: {}", schema.rsplit('/').next().unwrap_or(schema)))
}
