//! A contract as documents: a path under the output folder and bytes, the same bytes for the same contract.
//!
//! Nothing here touches the disk.

pub mod asyncapi;
pub mod feature;
pub mod graphql;
pub mod head;
pub mod infrastructure;
pub mod markdown;
pub mod openapi;
pub mod proto;
pub mod readme;
pub mod relationships;
pub mod repo;
pub mod sql;

use std::collections::BTreeMap;

use serde::Serialize;

use super::model::{Contract, FeatureContract};
use super::settle::slug_of;
use super::yaml::to_yaml;

/// The last document to be written; it holds the digests of the others.
pub const REPO_CONTRACT: &str = "repo_contract.json";
/// The graph of features.
pub const RELATIONSHIPS: &str = "relationships.json";
/// One per feature.
pub const FEATURE_CONTRACT: &str = "feature_contract.json";
/// One per feature that serves HTTP.
pub const API_CONTRACT: &str = "api_contract.yaml";
/// One per feature that sends or hears.
pub const EVENTS_CONTRACT: &str = "events_contract.json";
/// One per feature that owns tables.
pub const SCHEMA_CONTRACT: &str = "schema_contract.sql";
/// One per feature that needs something to run.
pub const INFRASTRUCTURE_CONTRACT: &str = "infrastructure_contract.json";
/// One for the repository and one per feature.
pub const README: &str = "README.md";
/// Where the features' folders are.
pub const FEATURES: &str = "features";

/// Opens every YAML document, so that it is known as ours.
pub const YAML_MARK: &str = "# Written by contract-agent from the source code. Do not edit: the next run overwrites it.\n";
/// Opens every Markdown document.
pub const MARKDOWN_MARK: &str = "<!-- Written by contract-agent from the source code. Do not edit: the next run overwrites it. -->\n";

/// One document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Where, under the output folder, `/`-separated.
    pub path: String,
    /// What.
    pub bytes: Vec<u8>,
}

/// The documents of a settled contract, sorted by path; `repo_contract.json` comes last.
#[must_use]
pub fn documents(contract: &Contract) -> Vec<Document> {
    let mut documents = vec![
        Document { path: RELATIONSHIPS.into(), bytes: json_of(&relationships::document_of(&contract.relationships)) },
        Document { path: README.into(), bytes: readme::of_repo(contract).into_bytes() },
    ];
    documents.extend(contract.features.iter().flat_map(|feature| documents_of(feature, contract)));
    documents.sort_by(|a, b| a.path.cmp(&b.path));
    let digests: BTreeMap<String, String> = documents.iter().map(|document| (document.path.clone(), digest_of(&document.bytes))).collect();
    let repo = json_of(&repo::document_of(contract, digests));
    documents.push(Document { path: REPO_CONTRACT.into(), bytes: repo });
    documents
}

/// The names of a feature's own documents, sorted.
#[must_use]
pub fn names_of(feature: &FeatureContract) -> Vec<String> {
    let mut names = vec![FEATURE_CONTRACT.to_owned(), README.to_owned()];
    names.extend((!feature.http.is_empty()).then(|| API_CONTRACT.to_owned()));
    names.extend((!feature.infrastructure.is_empty()).then(|| INFRASTRUCTURE_CONTRACT.to_owned()));
    names.extend(schemas_of(feature).map(|(name, _)| name));
    names.extend(interfaces_of(feature).into_iter().map(|(name, _)| name));
    names.extend((!feature.events.is_empty()).then(|| EVENTS_CONTRACT.to_owned()));
    names.sort();
    names
}

/// The DDL of a feature: one document for each of its databases, the first under the plain name.
fn schemas_of(feature: &FeatureContract) -> impl Iterator<Item = (String, String)> + '_ {
    let written = feature.databases.iter().filter_map(|database| Some((database, sql::document_of(&feature.name, database)?)));
    written.enumerate().map(|(index, (database, text))| {
        let name = if index == 0 { SCHEMA_CONTRACT.to_owned() } else { format!("schema_contract.{}.sql", slug_of(&database.name)) };
        (name, text)
    })
}

/// The documents of interfaces other than HTTP: name and text.
fn interfaces_of(feature: &FeatureContract) -> Vec<(String, String)> {
    let schema = graphql::document_of(&feature.graphql);
    let mut documents = proto::documents_of(&feature.grpc);
    if !schema.is_empty() {
        documents.push((graphql::GRAPHQL_CONTRACT.to_owned(), schema));
    }
    documents
}

fn documents_of(feature: &FeatureContract, contract: &Contract) -> Vec<Document> {
    let folder = format!("{FEATURES}/{}", feature.slug);
    let at = |name: &str, bytes: Vec<u8>| Document { path: format!("{folder}/{name}"), bytes };
    let mut documents = vec![
        at(FEATURE_CONTRACT, json_of(&feature::document_of(feature))),
        at(README, readme::of_feature(feature, &contract.relationships).into_bytes()),
    ];
    if !feature.http.is_empty() {
        documents.push(at(API_CONTRACT, format!("{YAML_MARK}{}", to_yaml(&openapi::document_of(feature))).into_bytes()));
    }
    if !feature.infrastructure.is_empty() {
        documents.push(at(INFRASTRUCTURE_CONTRACT, json_of(&infrastructure::document_of(feature))));
    }
    documents.extend(schemas_of(feature).chain(interfaces_of(feature)).map(|(name, text)| at(&name, text.into_bytes())));
    documents.extend(asyncapi::document_of(feature).map(|document| at(EVENTS_CONTRACT, json_of(&document))));
    documents
}

/// The digest documents are listed with.
#[must_use]
pub fn digest_of(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// The digest of a feature that has no version and no fingerprint yet: of its promise alone.
#[must_use]
pub fn fingerprint_of(feature: &FeatureContract) -> String {
    digest_of(&serde_json::to_vec(feature).expect("a contract has text as keys and no fallible fields"))
}

/// Names all that a settled contract says; two contracts of one name have the same documents, and differ at most in lines.
#[must_use]
pub fn identity_of(contract: &Contract) -> String {
    let around = (&contract.repo, &contract.relationships);
    let mut bytes = serde_json::to_vec(&around).expect("a contract has text as keys and no fallible fields");
    for feature in &contract.features {
        for text in [&feature.fingerprint, &feature.version] {
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(0);
        }
        // Whose a type is says no form but the documents.
        bytes.extend(feature.grpc.types.iter().map(|ty| u8::from(ty.is_own)));
        bytes.extend(feature.graphql.types.iter().map(|ty| u8::from(ty.is_own)));
        // What running a migration brings with it stands in none either.
        let migrations = feature.databases.iter().flat_map(|database| &database.evolution);
        bytes.extend(migrations.flat_map(|migration| format!("{:?}", migration.cautions).into_bytes()));
    }
    digest_of(&bytes)
}

/// Our own documents as JSON, indented by two spaces, ending in a line break.
pub(super) fn json_of(document: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(document).expect("documents have text as keys and no fallible fields");
    bytes.push(b'\n');
    bytes
}
