//! Operations, tables and channels that no reader found, added beside what code says.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::holes::{has_channel, meet, serving};
use super::{Given, Place};
use crate::contract::model::database::{Column, Key};
use crate::contract::model::event::Message;
use crate::contract::model::resolution::{FileFindings, FoundChannel, FoundOperation, FoundTable};
use crate::contract::model::{Contract, Database, Event, Evidence, FeatureContract, Gap, Operation, RequestBody, Response, Table};
use crate::contract::settle::slug_of;

/// Folders whose names say nothing of what lies in them.
const NO_NAMES: [&str; 22] = [
    "api",
    "app",
    "cmd",
    "controller",
    "controllers",
    "src",
    "internal",
    "pkg",
    "lib",
    "main",
    "java",
    "kotlin",
    "handler",
    "handlers",
    "http",
    "web",
    "rest",
    "routes",
    "server",
    "com",
    "org",
    "v1",
];

/// What most bodies are.
const JSON: &str = "application/json";

/// Adds what was found. What code says itself is passed over.
pub(super) fn add(contract: &mut Contract, place: Place, gap: &Gap, found: FileFindings, given: &Given) -> Result<(), String> {
    let file = if gap.evidence.file.is_empty() { gap.subject.clone() } else { gap.evidence.file.clone() };
    let is_nothing = found.tables.is_empty() && found.channels.is_empty() && found.operations.iter().all(|operation| operation.candidate);
    if is_nothing {
        return Ok(());
    }
    let feature = match place {
        Place::Feature(feature) => feature,
        _ => feature_of(contract, &file),
    };
    for operation in found.operations.into_iter().filter(|operation| !operation.candidate) {
        let operation = operation_of(operation, &file, given);
        if serving(contract, operation.method, &operation.path, &operation).is_none() {
            contract.features[feature].http.push(operation);
        }
    }
    for table in found.tables {
        let is_same = |known: &Table| known.name.eq_ignore_ascii_case(&table.name);
        let mut known = contract.features.iter().flat_map(|feature| &feature.databases).flat_map(|database| &database.tables);
        if !known.any(is_same) {
            let table = table_of(table, &file, given);
            database_of(contract, feature).tables.push(table);
        }
    }
    for channel in found.channels {
        if !has_channel(contract, channel.action, &channel.channel, &channel.protocol) {
            let events = &mut contract.features[feature].events;
            events.push(event_of(channel, &file, given));
            let index = events.len() - 1;
            meet(contract, feature, index);
        }
    }
    Ok(())
}

/// The feature that a file without a reader belongs to: the one with files in the nearest folder around it, else one named after its
/// folder.
fn feature_of(contract: &mut Contract, file: &str) -> usize {
    let mut folder = parent_of(file);
    while !folder.is_empty() {
        let around = |known: &String| parent_of(known) == folder;
        if let Some(index) = contract.features.iter().position(|feature| feature.files.iter().any(around)) {
            contract.features[index].files.push(file.to_owned());
            return index;
        }
        folder = if NO_NAMES.contains(&name_of(folder)) { parent_of(folder) } else { "" };
    }
    let name =
        file.split('/').rev().skip(1).find(|name| !NO_NAMES.contains(name)).map_or_else(|| contract.repo.name.clone(), str::to_owned);
    let slug = slug_of(&name);
    let index = contract.features.iter().position(|feature| feature.slug == slug).unwrap_or_else(|| {
        let mut letters = name.chars();
        let shown = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        contract.features.push(FeatureContract { name: shown, slug: slug.clone(), ..FeatureContract::default() });
        match contract.relationships.layers.first_mut() {
            Some(layer) => layer.push(slug),
            None => contract.relationships.layers.push(vec![slug]),
        }
        contract.features.len() - 1
    });
    contract.features[index].files.push(file.to_owned());
    index
}

fn parent_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The database that a feature's tables are in: its own first, else like that of another feature.
fn database_of(contract: &mut Contract, feature: usize) -> &mut Database {
    if contract.features[feature].databases.is_empty() {
        let other = contract.features.iter().find_map(|feature| feature.databases.first());
        let like = other.map(|other| Database { name: other.name.clone(), dialect: other.dialect, ..Database::default() });
        contract.features[feature].databases.push(like.unwrap_or_default());
    }
    &mut contract.features[feature].databases[0]
}

fn operation_of(found: FoundOperation, file: &str, given: &Given) -> Operation {
    let body = |schema: &Value| BTreeMap::from([(JSON.to_owned(), schema.clone())]);
    let response = |(status, schema): (String, Value)| {
        let content = if schema.is_null() { BTreeMap::new() } else { body(&schema) };
        (status, Response { content, ..Response::default() })
    };
    Operation {
        method: found.method,
        path: found.path,
        summary: found.summary,
        request_body: found.request.map(|schema| RequestBody { required: true, content: body(&schema), ..RequestBody::default() }),
        responses: found.responses.into_iter().map(response).collect(),
        evidence: Evidence::new(file, found.symbol, 0),
        origin: given.by.origin,
        confidence: given.confidence(found.confidence),
        ..Operation::default()
    }
}

fn table_of(found: FoundTable, file: &str, given: &Given) -> Table {
    let key: Vec<String> = found.columns.iter().filter(|column| column.key).map(|column| column.name.clone()).collect();
    let column = |column: &crate::contract::model::resolution::FoundColumn| Column {
        name: column.name.clone(),
        ty: column.ty.clone(),
        nullable: column.nullable,
        ..Column::default()
    };
    Table {
        name: found.name,
        columns: found.columns.iter().map(column).collect(),
        primary_key: (!key.is_empty()).then(|| Key { columns: key, ..Key::default() }),
        model: found.symbol.clone(),
        origin: given.by.origin,
        confidence: given.confidence(found.confidence),
        evidence: Evidence::new(file, found.symbol, 0),
        ..Table::default()
    }
}

fn event_of(found: FoundChannel, file: &str, given: &Given) -> Event {
    Event {
        action: found.action,
        channel: found.channel,
        protocol: found.protocol,
        kind: "topic".to_owned(),
        messages: vec![Message { payload: found.payload.unwrap_or_else(|| json!({})), ..Message::default() }],
        origin: given.by.origin,
        confidence: given.confidence(found.confidence),
        evidence: vec![Evidence::new(file, found.symbol, 0)],
        ..Event::default()
    }
}
