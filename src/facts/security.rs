//! What is done with security whatever says it: alternatives, adding to them.

use super::finding::{Location, SchemeKind, SchemeUse, Security};
use crate::base::Name;

/// How many alternatives are kept.
const MAX_ALTERNATIVES: usize = 16;

impl Security {
    /// One of these alternatives, each of which asks for all its schemes. None, or none that asks for anything: open.
    #[must_use]
    pub fn any_of(alternatives: impl IntoIterator<Item = Vec<SchemeUse>>) -> Self {
        let mut different: Vec<Vec<SchemeUse>> = Vec::new();
        for alternative in alternatives {
            if !different.contains(&alternative) && different.len() < MAX_ALTERNATIVES {
                different.push(alternative);
            }
        }
        if different.iter().all(Vec::is_empty) {
            return Self::Open;
        }
        if different.len() > 1 { Self::AnyOf(different) } else { Self::Schemes(different.remove(0)) }
    }

    /// Asks for these schemes besides.
    pub fn add(&mut self, schemes: Vec<SchemeUse>) {
        if schemes.is_empty() {
            return;
        }
        match self {
            Self::Schemes(known) => add(known, &schemes),
            Self::AnyOf(alternatives) => alternatives.iter_mut().for_each(|known| add(known, &schemes)),
            Self::Inherit | Self::Open => *self = Self::Schemes(schemes),
        }
    }

    /// What holds after this was said below `above`; alternatives, none when nothing is asked for.
    #[must_use]
    pub fn below(&self, above: &[Vec<SchemeUse>]) -> Vec<Vec<SchemeUse>> {
        let said: &[Vec<SchemeUse>] = match self {
            Self::Inherit => return above.to_vec(),
            Self::Open => return Vec::new(),
            Self::Schemes(schemes) => std::slice::from_ref(schemes),
            Self::AnyOf(alternatives) => alternatives,
        };
        let asked: &[Vec<SchemeUse>] = if above.is_empty() { &[Vec::new()] } else { above };
        let joined = asked.iter().flat_map(|all| {
            said.iter().map(|more| {
                let mut all = all.clone();
                add(&mut all, more);
                all
            })
        });
        match Self::any_of(joined) {
            Self::Schemes(schemes) => vec![schemes],
            Self::AnyOf(alternatives) => alternatives,
            Self::Inherit | Self::Open => Vec::new(),
        }
    }
}

impl SchemeKind {
    /// What a scheme's name says, where nothing else does: `bearerAuth`, `api_key`.
    #[must_use]
    pub fn by_name(name: &str) -> Self {
        let plain = name.to_lowercase();
        let says = |word: &str| plain.contains(word);
        if says("jwt") || says("bearer") {
            Self::Bearer
        } else if says("key") {
            Self::ApiKey(Location::Header, "x-api-key".into())
        } else if says("basic") {
            Self::Basic
        } else {
            Self::Guard
        }
    }
}

/// Adds schemes that are not there yet; scopes of those that are.
fn add(known: &mut Vec<SchemeUse>, schemes: &[SchemeUse]) {
    for scheme in schemes {
        match known.iter_mut().find(|known| known.name == scheme.name) {
            Some(known) => {
                let new: Vec<Name> = scheme.scopes.iter().filter(|scope| !known.scopes.contains(scope)).cloned().collect();
                known.scopes.extend(new);
            }
            None => known.push(scheme.clone()),
        }
    }
}
