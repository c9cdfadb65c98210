//! The linked system → features, and the graph between them.

mod operations;

use crate::contract::model::{Contract, FeatureContract};
use crate::facts::framework::Framework;
use crate::link::http::Http;
use crate::link::system::System;

/// A feature that somebody named by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedFeature {
    /// Its name.
    pub name: String,
    /// Globs of its files.
    pub paths: Vec<String>,
    /// What it is for.
    pub purpose: Option<String>,
}

/// What features are made from.
pub struct Given<'a> {
    /// The repository's name.
    pub name: &'a str,
    /// Features named in the settings.
    pub named: &'a [NamedFeature],
    /// All files, linked.
    pub system: &'a System,
    /// Operations served.
    pub http: &'a Http,
    /// Frameworks in use.
    pub frameworks: &'a [&'static Framework],
    /// Manifests, by path.
    pub manifests: &'a [(String, String)],
}

/// The contract of a system, not yet settled.
#[must_use]
pub fn contract_of(given: &Given) -> Contract {
    let mut feature = FeatureContract { name: given.name.to_owned(), ..FeatureContract::default() };
    operations::fill(given, &mut feature, &given.http.operations.iter().collect::<Vec<_>>());
    let mut contract = Contract { features: vec![feature], ..Contract::default() };
    contract.repo.name = given.name.to_owned();
    contract
}
