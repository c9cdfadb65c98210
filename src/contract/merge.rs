//! Several features as one: what `export` puts into one standard document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::{Conflict, Contract, FeatureContract};
use super::schema::{COMPONENTS, component_ref, each_ref, each_ref_mut};
use super::settle::each_schema_mut;

/// Several features as one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// The features as one, named after the repository.
    pub feature: FeatureContract,
    /// Routes that several of them serve; one document can hold one of them.
    pub conflicts: Vec<Conflict>,
}

impl Contract {
    /// The features of these slugs (all of them when there are none) as one settled feature. Components of one name with
    /// different content get the feature's slug in front.
    #[must_use]
    pub fn merged(&self, slugs: &[String]) -> Merged {
        let mut whole = FeatureContract { name: self.repo.name.clone(), purpose: self.repo.summary.clone(), ..FeatureContract::default() };
        let features = self.features.iter().filter(|feature| slugs.is_empty() || slugs.contains(&feature.slug));
        let parts: Vec<FeatureContract> = features.cloned().collect();
        let mut schemas = contested(parts.iter().map(|feature| &feature.schemas));
        spread(&parts, &mut schemas);
        let schemes = contested(parts.iter().map(|feature| &feature.security_schemes));
        for mut part in parts {
            rename_schemas(&mut part, &schemas);
            rename_schemes(&mut part, &schemes);
            whole.files.extend(part.files);
            whole.languages.extend(part.languages);
            whole.frameworks.extend(part.frameworks);
            whole.http.extend(part.http);
            whole.schemas.extend(part.schemas);
            whole.security_schemes.extend(part.security_schemes);
            whole.gaps.extend(part.gaps);
        }
        let mut contract = Contract { features: vec![whole], ..Self::default() };
        contract.settle();
        Merged { feature: contract.features.pop().unwrap_or_default(), conflicts: contract.repo.conflicts }
    }
}

/// Names that stand for different things in different features.
fn contested<'a>(maps: impl Iterator<Item = &'a BTreeMap<String, Value>>) -> BTreeSet<String> {
    let mut first: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut contested = BTreeSet::new();
    for (name, value) in maps.flatten() {
        if *first.entry(name).or_insert(value) != value {
            contested.insert(name.clone());
        }
    }
    contested
}

/// What refers to something contested is contested itself: the same words mean something else in each feature.
fn spread(parts: &[FeatureContract], contested: &mut BTreeSet<String>) {
    let mut open: Vec<String> = contested.iter().cloned().collect();
    let mut users: BTreeMap<String, BTreeSet<&String>> = BTreeMap::new();
    for (name, schema) in parts.iter().flat_map(|part| &part.schemas) {
        each_ref(schema, &mut |reference| {
            if let Some(target) = component_ref(reference, |_| true) {
                users.entry(target).or_default().insert(name);
            }
        });
    }
    while let Some(name) = open.pop() {
        for user in users.get(&name).into_iter().flatten() {
            if contested.insert((*user).clone()) {
                open.push((*user).clone());
            }
        }
    }
}

fn qualified(slug: &str, name: String, contested: &BTreeSet<String>) -> String {
    if contested.contains(&name) { format!("{slug}_{name}") } else { name }
}

fn rename_schemas(part: &mut FeatureContract, contested: &BTreeSet<String>) {
    let slug = part.slug.clone();
    let known: BTreeSet<String> = part.schemas.keys().cloned().collect();
    let mut follow = |schema: &mut Value| {
        each_ref_mut(schema, &mut |reference| {
            if let Some(name) = component_ref(reference, |name| known.contains(name)) {
                *reference = format!("{COMPONENTS}{}", qualified(&slug, name, contested));
            }
        });
    };
    part.schemas.values_mut().for_each(&mut follow);
    for operation in &mut part.http {
        each_schema_mut(operation, &mut follow);
    }
    let schemas = std::mem::take(&mut part.schemas);
    part.schemas = schemas.into_iter().map(|(name, schema)| (qualified(&slug, name, contested), schema)).collect();
}

fn rename_schemes(part: &mut FeatureContract, contested: &BTreeSet<String>) {
    let slug = part.slug.clone();
    let schemes = std::mem::take(&mut part.security_schemes);
    part.security_schemes = schemes.into_iter().map(|(name, scheme)| (qualified(&slug, name, contested), scheme)).collect();
    for requirement in part.http.iter_mut().flat_map(|operation| operation.security.iter_mut().flatten()) {
        *requirement = std::mem::take(requirement).into_iter().map(|(name, scopes)| (qualified(&slug, name, contested), scopes)).collect();
    }
}
