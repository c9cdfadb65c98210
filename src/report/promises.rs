//! What a feature promises besides HTTP, one line each: tables, channels, remote methods.

use serde::{Deserialize, Serialize};

use super::summary::Place;
use crate::contract::model::{Evidence, FeatureContract};

/// One promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundPromise {
    /// `table`, `channel`, `rpc`, `graphql`.
    pub kind: &'static str,
    /// What people call it: `users`, `send orders.created`, `OrderService/Place`, `query order`.
    pub key: String,
    /// The feature's slug.
    pub feature: String,
    /// Where it stands.
    pub place: Place,
}

/// How many of each sort a feature promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// Tables, views and collections.
    pub tables: usize,
    /// Ends of channels that leave the process.
    pub channels: usize,
    /// gRPC methods and GraphQL operations.
    pub remote: usize,
}

impl Counts {
    /// Of a feature.
    #[must_use]
    pub fn of(feature: &FeatureContract) -> Self {
        Self {
            tables: feature.databases.iter().map(|database| database.tables.len()).sum(),
            channels: feature.events.iter().filter(|event| !event.is_internal).count(),
            remote: feature.grpc.services.iter().map(|service| service.methods.len()).sum::<usize>() + feature.graphql.operations.len(),
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { tables: self.tables + other.tables, channels: self.channels + other.channels, remote: self.remote + other.remote }
    }

    /// Each number with its word.
    #[must_use]
    pub fn words(self) -> [(usize, &'static str); 3] {
        [(self.tables, "table"), (self.channels, "channel"), (self.remote, "remote method")]
    }
}

/// Everything a feature promises besides HTTP.
#[must_use]
pub fn promises_of(feature: &FeatureContract) -> Vec<FoundPromise> {
    let mut found = Vec::new();
    let mut add = |kind, key: String, evidence: Option<&Evidence>| {
        let place = evidence.map(|evidence| Place { file: evidence.file.clone(), line: evidence.line, symbol: evidence.symbol.clone() });
        found.push(FoundPromise { kind, key, feature: feature.slug.clone(), place: place.unwrap_or_default() });
    };
    for table in feature.databases.iter().flat_map(|database| &database.tables) {
        add("table", table.name.clone(), Some(&table.evidence));
    }
    for event in &feature.events {
        add("channel", format!("{} {} ({})", event.action.key(), event.channel, event.protocol), event.evidence.first());
    }
    for service in &feature.grpc.services {
        for method in &service.methods {
            add("rpc", format!("{}/{}", service.name, method.name), Some(&service.evidence));
        }
    }
    for operation in &feature.graphql.operations {
        add("graphql", format!("{} {}", format!("{:?}", operation.kind).to_lowercase(), operation.name), Some(&operation.evidence));
    }
    found
}
