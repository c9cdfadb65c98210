//! What a search in a contract found: features, operations and types, for people and for programs.

use std::fmt::Write as _;

use anstyle::Style;
use serde::Serialize;
use serde_json::Value;

use super::promises::{FoundPromise, promises_of};
use super::summary::Place;
use super::text::{Paint, clean, counted, painted, place_text};
use crate::base::nearest::nearest;
use crate::contract::model::{Contract, Evidence, FeatureContract, FeatureKind, Infrastructure, Operation};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Found {
    /// Features, by slug.
    pub features: Vec<FoundFeature>,
    /// Operations, in their features' order.
    pub operations: Vec<FoundOperation>,
    /// Tables, channels and what else they promise, in their features' order.
    pub promises: Vec<FoundPromise>,
    /// Types, by name.
    pub types: Vec<FoundType>,
    /// What is needed to run it: services, variables, stores, resources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<FoundNeed>,
    /// The word that may have been meant, when nothing was found.
    #[serde(skip)]
    pub nearest: Option<String>,
}

/// A feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundFeature {
    /// The name people see.
    pub name: String,
    /// The folder's name.
    pub slug: String,
    /// What sort of part it is.
    pub kind: FeatureKind,
    /// What it is for.
    pub purpose: String,
    /// How many operations it serves.
    pub operations: usize,
    /// Its files.
    pub files: Vec<String>,
    /// The slugs of the features it needs.
    pub depends_on: Vec<String>,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundOperation {
    /// `GET /users/{id}`.
    pub key: String,
    /// The feature's slug.
    pub feature: String,
    /// Its name in `api_contract.yaml`; empty when it is kept out of it.
    pub operation_id: String,
    /// One line.
    pub summary: String,
    /// Where its handler stands.
    pub place: Place,
    /// Kept out of the program's own API document.
    pub is_hidden: bool,
}

/// Something that is needed to run it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundNeed {
    /// What it is: `service`, `environment variable`, `datastores`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The feature's slug.
    pub feature: String,
    /// Where it stands.
    pub place: Place,
}

/// A type of requests or responses.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundType {
    /// Its component's name.
    pub name: String,
    /// The slugs of the features that use it.
    pub features: Vec<String>,
    /// Its JSON Schema.
    pub schema: Value,
}

impl Found {
    /// Everything of a settled contract that a query matches; an empty one matches all but types.
    #[must_use]
    pub fn of(contract: &Contract, query: &str) -> Self {
        let query = query.trim().to_lowercase();
        let is_like = |text: &str| text.to_lowercase().contains(&query);
        let mut found = Self::default();
        for feature in &contract.features {
            if is_like(&feature.name) || is_like(&feature.slug) {
                found.features.push(feature_of(feature));
            }
            let all = feature.http.iter().map(|one| (one, false)).chain(feature.hidden.iter().map(|one| (one, true)));
            let all = all.map(|(operation, is_hidden)| operation_of(operation, &feature.slug, is_hidden));
            found.operations.extend(all.filter(|one| {
                [&one.key, &one.operation_id, &one.place.symbol, &one.place.file].iter().any(|text| is_like(text)) || feature.slug == query
            }));
            found.promises.extend(promises_of(feature).into_iter().filter(|one| {
                [&one.key, &one.place.symbol, &one.place.file].iter().any(|text| is_like(text))
                    || feature.slug == query
                    || one.kind == query
            }));
            for (name, schema) in feature.schemas.iter().filter(|(name, _)| !query.is_empty() && is_like(name)) {
                match found.types.iter_mut().find(|known| known.name == *name && known.schema == *schema) {
                    Some(known) => known.features.push(feature.slug.clone()),
                    None => {
                        found.types.push(FoundType { name: name.clone(), features: vec![feature.slug.clone()], schema: schema.clone() })
                    }
                }
            }
        }
        if !query.is_empty() {
            let needs = contract.features.iter().flat_map(|feature| needs_of(&feature.infrastructure, &feature.slug));
            found.needs = needs.filter(|need| is_like(&need.name)).collect();
            found.needs.sort();
        }
        found.types.sort_by(|a, b| (&a.name, &a.features).cmp(&(&b.name, &b.features)));
        if found.is_empty() {
            let features = contract.features.iter();
            let names = features.flat_map(|feature| std::iter::once(&feature.slug).chain(feature.schemas.keys()).map(String::as_str));
            found.nearest = nearest(&query, names).map(String::from);
        }
        found
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.features.is_empty() && self.operations.is_empty() && self.promises.is_empty() && self.types.is_empty() && self.needs.is_empty()
    }

    /// As JSON, ending in a line break.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("what was found has text as keys and no fallible fields");
        text.push('\n');
        text
    }

    /// As text for people. The only type that is found shows its schema.
    #[must_use]
    pub fn to_text(&self, paint: Paint) -> String {
        let bold = |text: &str| painted(&clean(text), Style::new().bold(), paint);
        let dim = |text: &str| painted(&clean(text), Style::new().dimmed(), paint);
        let mut text = String::new();
        let mut line = |words: String| writeln!(text, "{}", words.trim_end()).expect("a string takes all");
        for feature in &self.features {
            let counts = format!("{}, {}", counted(feature.operations, "operation"), counted(feature.files.len(), "file"));
            line(format!("feature    {}  {}", bold(&feature.slug), dim(&counts)));
            if !feature.purpose.is_empty() {
                line(format!("           {}", clean(&feature.purpose)));
            }
        }
        for operation in &self.operations {
            let hidden = if operation.is_hidden { "  (not in its document)" } else { "" };
            line(format!("operation  {}  {}{hidden}", bold(&operation.key), dim(&operation.feature)));
            line(format!("           {}", place_text(&operation.place)));
        }
        for need in &self.needs {
            line(format!("{}  {}  {}", clean(&need.kind), bold(&need.name), dim(&need.feature)));
            line(format!("           {}", place_text(&need.place)));
        }
        for one in &self.promises {
            line(format!("{:<9}  {}  {}", one.kind, bold(&one.key), dim(&one.feature)));
            line(format!("           {}", place_text(&one.place)));
        }
        for one in &self.types {
            line(format!("type       {}  {}", bold(&one.name), dim(&one.features.join(", "))));
        }
        if let [one] = self.types.as_slice() {
            line(format!("{:#}", one.schema));
        }
        text
    }
}

/// Everything with a name in a feature's infrastructure.
fn needs_of(infrastructure: &Infrastructure, slug: &str) -> Vec<FoundNeed> {
    let need = |kind: &str, name: &str, evidence: &[Evidence]| {
        let evidence = evidence.first().cloned().unwrap_or_default();
        let place = Place { file: evidence.file, line: evidence.line, symbol: evidence.symbol };
        FoundNeed { kind: kind.to_owned(), name: name.to_owned(), feature: slug.to_owned(), place }
    };
    let mut needs: Vec<FoundNeed> = Vec::new();
    needs.extend(infrastructure.services.iter().map(|one| need("service", &one.name, &one.evidence)));
    needs.extend(infrastructure.images.iter().map(|one| need("image", &one.name, &one.evidence)));
    needs.extend(infrastructure.env_vars.iter().map(|one| {
        let evidence = if one.read_by.is_empty() { &one.set_by } else { &one.read_by };
        need("variable", &one.name, evidence)
    }));
    needs.extend(infrastructure.functions.iter().map(|one| need("function", &one.name, &one.evidence)));
    needs.extend(infrastructure.schedules.iter().map(|one| need("schedule", &one.name, &one.evidence)));
    needs.extend(infrastructure.cloud_resources.iter().map(|one| need("resource", &format!("{}.{}", one.kind, one.name), &one.evidence)));
    for (section, list) in infrastructure.needed() {
        let kind = section.trim_end_matches('s').replace('_', " ");
        needs.extend(list.iter().map(|one| need(&kind, &one.name, &one.evidence)));
    }
    needs
}

fn feature_of(feature: &FeatureContract) -> FoundFeature {
    FoundFeature {
        name: feature.name.clone(),
        slug: feature.slug.clone(),
        kind: feature.kind,
        purpose: feature.purpose.clone(),
        operations: feature.http.len(),
        files: feature.files.clone(),
        depends_on: feature.dependencies.iter().map(|dependency| dependency.on.clone()).collect(),
    }
}

fn operation_of(operation: &Operation, feature: &str, is_hidden: bool) -> FoundOperation {
    let evidence = &operation.evidence;
    FoundOperation {
        key: operation.key(),
        feature: feature.to_owned(),
        operation_id: operation.operation_id.clone(),
        summary: operation.summary.clone(),
        place: Place { file: evidence.file.clone(), line: evidence.line, symbol: evidence.symbol.clone() },
        is_hidden,
    }
}
