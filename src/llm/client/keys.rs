//! Keys: from the environment alone, in the order the table names them, shown nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use crate::llm::routing::Routing;

/// The keys that are there, by service.
#[derive(Default)]
pub struct Keys {
    rings: BTreeMap<String, Vec<(String, SecretString)>>,
    /// Variables that hold what no key is.
    pub wrong: Vec<String>,
}

impl Keys {
    /// The keys that the table names, from `env`.
    #[must_use]
    pub fn of(routing: &Routing, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut keys = Self::default();
        for (name, provider) in &routing.providers {
            let mut ring = Vec::new();
            for variable in &provider.key_env {
                let Some(text) = env(variable).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else { continue };
                if text.chars().all(|c| c.is_ascii_graphic()) {
                    ring.push((variable.clone(), SecretString::from(text)));
                } else {
                    keys.wrong.push(variable.clone());
                }
            }
            keys.rings.insert(name.clone(), ring);
        }
        keys
    }

    /// Whether a service can be spoken to: it has a key, or asks for none.
    #[must_use]
    pub fn opens(&self, routing: &Routing, provider: &str) -> bool {
        let is_open = routing.providers.get(provider).is_some_and(|provider| provider.key_env.is_empty());
        is_open || self.rings.get(provider).is_some_and(|ring| !ring.is_empty())
    }

    /// Why a service cannot be spoken to, and how to go on; `None` when it can.
    #[must_use]
    pub fn missing(&self, routing: &Routing, provider: &str) -> Option<String> {
        let variable = routing.providers.get(provider)?.key_env.first()?;
        (!self.opens(routing, provider)).then(|| format!("there is no key: set {variable}"))
    }

    /// Whether any model of any route can be spoken to.
    #[must_use]
    pub fn open_any(&self, routing: &Routing) -> bool {
        let mut models = routing.routes.values().flat_map(|route| route.models()).filter_map(|name| routing.models.get(name));
        models.any(|model| self.opens(routing, &model.provider))
    }

    pub(super) fn ring(&self, provider: &str) -> Ring {
        Ring { keys: self.rings.get(provider).cloned().unwrap_or_default(), refused: Mutex::default() }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: BTreeMap<&str, Vec<&str>> =
            self.rings.iter().map(|(name, ring)| (name.as_str(), ring.iter().map(|(variable, _)| variable.as_str()).collect())).collect();
        f.debug_struct("Keys").field("rings", &names).field("wrong", &self.wrong).finish()
    }
}

/// The keys of one service, and the places of those that are not accepted.
pub(super) struct Ring {
    keys: Vec<(String, SecretString)>,
    refused: Mutex<BTreeSet<usize>>,
}

impl Ring {
    /// The first key from a place on that is not refused, and its place.
    pub fn from(&self, place: usize) -> Option<(usize, &SecretString)> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rest = self.keys.iter().enumerate().skip(place);
        rest.find(|(at, _)| !refused.contains(at)).map(|(at, (_, key))| (at, key))
    }

    /// Leaves out the key at this place, since it is not accepted.
    pub fn refuse(&self, place: usize) {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(place);
    }

    /// Whether the service asks for no key.
    pub fn is_open(&self) -> bool {
        self.keys.is_empty()
    }

    /// The variables that hold the keys.
    pub fn variables(&self) -> String {
        self.keys.iter().map(|(variable, _)| variable.as_str()).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> Option<String> {
        match name {
            "GROQ_API_KEY" => Some(" first\n".to_owned()),
            "GROQ_API_KEY_2" => Some("second".to_owned()),
            "ANTHROPIC_API_KEY" => Some("two words".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn keys_are_taken_in_turn_and_never_shown() {
        let routing = Routing::built_in();
        let keys = Keys::of(&routing, &env);
        assert_eq!(keys.wrong, ["ANTHROPIC_API_KEY"]);
        assert!(keys.opens(&routing, "groq") && !keys.opens(&routing, "anthropic") && keys.open_any(&routing));
        assert!(!Keys::of(&routing, &|_| None).open_any(&routing));
        let shown = format!("{keys:?}");
        assert!(shown.contains("GROQ_API_KEY_2") && !shown.contains("first") && !shown.contains("two words"), "{shown}");
        let ring = keys.ring("groq");
        let place = |from: usize| ring.from(from).map(|(place, _)| place);
        assert_eq!((place(0), place(1), place(2)), (Some(0), Some(1), None));
        ring.refuse(0);
        assert_eq!(place(0), Some(1));
        ring.refuse(1);
        assert_eq!(place(0), None);
    }
}
