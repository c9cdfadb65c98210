//! Which models can be reached with the keys that are there.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::http::{Outgoing, Sends};
use super::keys::Keys;
use crate::llm::provider::{self, Then};
use crate::llm::routing::Routing;

/// How a model stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The service lists it.
    Listed,
    /// The service does not list it.
    Unlisted,
    /// There is no key.
    NoKey(String),
    /// Nobody knows, and why.
    Unknown(String),
}

/// Asks every service that can be asked which models it has, which costs nothing: by the models' names in the table.
pub async fn reach<S: Sends>(routing: &Routing, keys: &Keys, sends: &S) -> BTreeMap<String, Reach> {
    let mut listings: BTreeMap<&str, Result<Vec<String>, Reach>> = BTreeMap::new();
    for name in routing.providers.keys() {
        listings.insert(name, listing(routing, keys, sends, name).await);
    }
    let stands = |provider: &str, id: &str| match listings.get(provider) {
        Some(Ok(ids)) if ids.iter().any(|listed| listed == id) => Reach::Listed,
        Some(Ok(_)) => Reach::Unlisted,
        Some(Err(reach)) => reach.clone(),
        None => Reach::Unknown("its service is not in the table".to_owned()),
    };
    routing.models.iter().map(|(name, model)| (name.clone(), stands(&model.provider, &model.id))).collect()
}

async fn listing<S: Sends>(routing: &Routing, keys: &Keys, sends: &S, service: &str) -> Result<Vec<String>, Reach> {
    let Some(provider) = routing.providers.get(service) else { return Ok(Vec::new()) };
    if let Some(words) = keys.missing(routing, service) {
        return Err(Reach::NoKey(words));
    }
    let (request, ring) = (provider::listing(provider), keys.ring(service));
    let mut place = 0;
    loop {
        let key = ring.from(place);
        let out = Outgoing { service, provider, request: &request, key: key.map(|(_, key)| key) };
        let response = sends.send(out).await.map_err(|lost| Reach::Unknown(lost.words))?;
        let trouble = match provider::read_listing(&response, SystemTime::now()) {
            Ok(ids) => return Ok(ids),
            Err(trouble) => trouble,
        };
        let next = key.map(|(at, _)| at + 1).filter(|next| ring.from(*next).is_some());
        match next {
            Some(next) if matches!(trouble.then, Then::OtherKey | Then::OtherAccount) => place = next,
            _ => return Err(Reach::Unknown(trouble.words)),
        }
    }
}
