//! What the contracts say of a finding's place: the features it stands in, the code behind it, and who uses it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::contract::documents::feature::FeatureDocument;
use crate::contract::model::{Action, Database, DependencyKind, Evidence};
use crate::contract::path::shape_of;
use crate::diff::change::Domain;
use crate::diff::promises::Promises;
use crate::guard::Finding;

/// Of the places a change reaches, so many are looked up.
const REACHED: usize = 200;

/// What is known of a finding's place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The features, by slug.
    pub features: BTreeSet<String>,
    /// The code that says it.
    pub evidence: Vec<Evidence>,
    /// Code that says more of it: migrations, the latest first.
    pub further: Vec<Evidence>,
    /// Features that use it.
    pub consumers: BTreeSet<String>,
}

impl Told {
    fn of(feature: &FeatureDocument, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        Self { features: BTreeSet::from([feature.slug.clone()]), evidence: evidence.into_iter().collect(), ..Self::default() }
    }

    fn add(&mut self, other: &Self) {
        self.features.extend(other.features.iter().cloned());
        self.evidence.extend(other.evidence.iter().cloned());
        self.further.extend(other.further.iter().cloned());
        self.consumers.extend(other.consumers.iter().cloned());
    }
}

/// One side's promises, by what findings call them.
pub struct Index<'a> {
    promises: &'a Promises,
    /// By kind and name: `GET /users/{}`, `orders`, `order.created`.
    by_name: BTreeMap<Domain, BTreeMap<String, Told>>,
    /// The names of subjects that were looked up: findings share most of what they reach.
    operations: RefCell<HashMap<String, String>>,
    /// Who needs whom, and by what means.
    users: BTreeMap<(&'a str, DependencyKind), Vec<&'a str>>,
}

impl<'a> Index<'a> {
    /// Of promises.
    #[must_use]
    pub fn new(promises: &'a Promises) -> Self {
        let mut index = Self { promises, by_name: BTreeMap::new(), operations: RefCell::default(), users: BTreeMap::new() };
        for feature in promises.features.values() {
            index.operations(feature);
            index.events(feature);
            feature.databases.iter().for_each(|database| index.tables(feature, database));
            index.interfaces(feature);
            for name in BTreeSet::from([&feature.slug, &feature.name]) {
                index.put(Domain::Feature, name.clone(), Told::of(feature, []));
            }
            for dependency in &feature.dependencies {
                index.users.entry((dependency.on.as_str(), dependency.kind)).or_default().push(&feature.slug);
            }
        }
        index
    }

    /// What is known of a finding's place.
    #[must_use]
    pub fn told(&self, finding: &Finding) -> Told {
        let subject = finding.location.subject.as_str();
        let subjects = std::iter::once(subject).filter(|subject| !subject.is_empty());
        let mut told = Told::default();
        for subject in subjects.chain(finding.affects.iter().map(String::as_str)).take(REACHED) {
            self.look_up(finding.contract, subject, &mut told);
        }
        if finding.contract == Domain::Infra {
            needs(self.promises.infrastructure.as_ref(), subject, &mut told);
        }
        let kind = match finding.contract {
            Domain::Http | Domain::Graphql | Domain::Proto => DependencyKind::Http,
            Domain::Event => DependencyKind::Event,
            _ => return told,
        };
        let users: Vec<&str> = told.features.iter().filter_map(|slug| self.users.get(&(slug.as_str(), kind))).flatten().copied().collect();
        let others = users.into_iter().filter(|user| !told.features.contains(*user)).map(str::to_owned);
        told.consumers.extend(others.collect::<Vec<_>>());
        told
    }

    fn look_up(&self, contract: Domain, subject: &str, told: &mut Told) {
        let Some(by_name) = self.by_name.get(&contract) else { return };
        if contract == Domain::Http {
            let mut operations = self.operations.borrow_mut();
            if !operations.contains_key(subject) {
                let name = subject.split_once(' ').map(|(method, path)| operation_name(method, path)).unwrap_or_default();
                operations.insert(subject.to_owned(), name);
            }
            let known = operations.get(subject).and_then(|name| by_name.get(name));
            return known.into_iter().for_each(|known| told.add(known));
        }
        let names: Vec<String> = match contract {
            Domain::Event => {
                let words = subject.split_whitespace().map(|word| word.trim_matches(['(', ')', ',']).to_owned());
                std::iter::once(subject.to_owned()).chain(words.filter(|word| word != subject)).collect()
            }
            Domain::Db => vec![subject.rsplit_once(": ").map_or(subject, |(_, name)| name).to_owned()],
            Domain::Graphql => {
                let mut names = subject.split(['.', ' ', '(']).filter(|name| !name.is_empty());
                let (first, second) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
                vec![first.to_owned(), format!("{}.{second}", first.to_lowercase())]
            }
            Domain::Proto => {
                subject.match_indices(['.', '/', ' ']).map(|(at, _)| &subject[..at]).chain([subject]).map(str::to_owned).collect()
            }
            _ => vec![subject.to_owned()],
        };
        for name in names {
            if let Some(known) = by_name.get(&name) {
                told.add(known);
            }
        }
    }

    fn put(&mut self, contract: Domain, name: String, told: Told) {
        self.by_name.entry(contract).or_default().entry(name).or_default().add(&told);
    }

    fn operations(&mut self, feature: &FeatureDocument) {
        for entry in feature.http.iter().flat_map(|http| http.operations.iter().chain(&http.hidden)) {
            let name = operation_name(entry.method.key(), &entry.path);
            self.put(Domain::Http, name, Told::of(feature, [entry.evidence.clone()]));
        }
    }

    fn events(&mut self, feature: &FeatureDocument) {
        // Whoever sends decides what travels.
        let (sent, heard): (Vec<_>, Vec<_>) = feature.events.iter().partition(|entry| entry.action == Action::Send);
        for entry in sent.into_iter().chain(heard) {
            let mut told = Told::of(feature, entry.evidence.clone());
            told.consumers.extend(entry.counterparts.iter().cloned());
            self.put(Domain::Event, entry.channel.clone(), told);
        }
    }

    fn tables(&mut self, feature: &FeatureDocument, database: &Database) {
        let spelled = |schema: &str, name: &str| {
            let qualified = (!schema.is_empty()).then(|| format!("{schema}.{name}"));
            qualified.into_iter().chain([name.to_owned()])
        };
        for table in &database.tables {
            let mut told = Told::of(feature, [table.evidence.clone()]);
            told.further.extend(table.migrated_by.iter().rev().cloned());
            told.consumers.extend(table.used_by.iter().map(|user| user.feature.clone()).filter(|user| *user != feature.slug));
            spelled(&table.schema, &table.name).for_each(|name| self.put(Domain::Db, name, told.clone()));
        }
        for one in &database.enums {
            spelled(&one.schema, &one.name).for_each(|name| self.put(Domain::Db, name, Told::of(feature, [one.evidence.clone()])));
        }
    }

    fn interfaces(&mut self, feature: &FeatureDocument) {
        for one in feature.graphql.iter().flat_map(|index| &index.operations) {
            let places = || std::iter::once(&one.evidence).chain(&one.implemented_by).cloned();
            self.put(Domain::Graphql, one.name.clone(), Told::of(feature, places()));
            self.put(Domain::Graphql, format!("{}.{}", one.kind.word(), one.name), Told::of(feature, places()));
        }
        for one in feature.graphql.iter().flat_map(|index| &index.types) {
            self.put(Domain::Graphql, one.name.clone(), Told::of(feature, [one.evidence.clone()]));
        }
        for one in feature.grpc.iter().flat_map(|index| &index.services) {
            self.put(Domain::Proto, one.name.clone(), Told::of(feature, [one.evidence.clone()]));
        }
        for one in feature.grpc.iter().flat_map(|index| &index.types) {
            self.put(Domain::Proto, one.full_name(), Told::of(feature, [one.evidence.clone()]));
        }
    }
}

/// A path's parameters are the same whatever they are called.
fn operation_name(method: &str, path: &str) -> String {
    format!("{} {}", method.to_ascii_uppercase(), shape_of(path))
}

/// Entries of the infrastructure document with that name.
fn needs(document: Option<&Value>, subject: &str, told: &mut Told) {
    let name = subject.split_whitespace().last().unwrap_or(subject);
    let sections = document.and_then(Value::as_object).into_iter().flatten().filter_map(|(_, section)| section.as_array());
    for entry in sections.flatten() {
        let says = |key: &str| entry.get(key).and_then(Value::as_str).is_some_and(|text| text == subject || text == name);
        if !says("name") && !says("file") {
            continue;
        }
        for key in ["evidence", "readBy", "setBy", "read_by", "set_by"] {
            let places = entry.get(key).cloned().unwrap_or_default();
            let many: Vec<Evidence> = serde_json::from_value(places.clone()).unwrap_or_default();
            told.evidence.extend(many);
            told.evidence.extend(serde_json::from_value::<Evidence>(places).ok());
        }
    }
}
