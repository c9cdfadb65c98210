//! Enumerated types and their labels; MySQL's `ENUM` columns have the same rules.

use std::collections::{BTreeMap, BTreeSet};

use super::found::{Found, in_schema};
use super::renames::Renames;
use crate::contract::model::Database;
use crate::contract::model::database::EnumType;

/// The changes of enumerated types.
pub fn compare(found: &mut Found, before: &Database, after: &Database, renames: &Renames) {
    let by_name = |database: &'_ Database| -> BTreeMap<String, EnumType> {
        database.enums.iter().map(|ty| (in_schema(&ty.schema, &ty.name), ty.clone())).collect()
    };
    let (old, new) = (by_name(before), by_name(after));
    let gone_schemas = super::objects::gone_schemas(before, after);
    for (name, ty) in &old {
        if !new.contains_key(name) && !gone_schemas.contains(ty.schema.as_str()) {
            found.tell_of("db-type-removed", name, "", Some(words(&ty.labels)), None);
        }
    }
    for (name, ty) in &new {
        let Some(was) = old.get(name) else {
            found.tell_of("db-type-added", name, "", None, Some(words(&ty.labels)));
            continue;
        };
        let mut labels = was.labels.clone();
        for now in &ty.labels {
            if let Some(old) = renames.label(name, now) {
                found.tell_of("db-enum-value-renamed", name, format!("value {now}"), Some(old.to_owned()), Some(now.clone()));
                labels.iter_mut().filter(|label| *label == old).for_each(|label| label.clone_from(now));
            }
        }
        compare_labels(found, name, "", &labels, &ty.labels);
    }
}

/// The changes of an enumeration's labels.
pub fn compare_labels(found: &mut Found, subject: &str, part: &str, was: &[String], now: &[String]) {
    let place = |label: &str| if part.is_empty() { format!("value {label}") } else { format!("{part} value {label}") };
    let (in_was, in_now): (BTreeSet<&String>, BTreeSet<&String>) = (was.iter().collect(), now.iter().collect());
    for label in was.iter().filter(|label| !in_now.contains(label)) {
        found.tell_of("db-enum-value-removed", subject, place(label), Some(label.clone()), None);
    }
    for label in now.iter().filter(|label| !in_was.contains(label)) {
        found.tell_of("db-enum-value-added", subject, place(label), None, Some(label.clone()));
    }
    let old: Vec<&String> = was.iter().filter(|label| in_now.contains(label)).collect();
    let new: Vec<&String> = now.iter().filter(|label| in_was.contains(label)).collect();
    if old != new {
        found.tell_of("db-enum-order-changed", subject, part, Some(words(was)), Some(words(now)));
    }
}

fn words(labels: &[String]) -> String {
    labels.join(", ")
}
