//! The table of models that holds: the built-in one, with a person's own laid over it. The repository that is read has no say.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use super::failure::Failure;
use crate::llm::routing::{Routing, RoutingError};

/// The variables that the built-in table takes keys from. Where none of them is set and nobody has laid a table of their own over it,
/// there is nobody to ask, and the table is not even read.
const KEYS: [&str; 4] = ["ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY_2", "GROQ_API_KEY", "GROQ_API_KEY_2"];

/// Which table.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Table {
    /// A table of models laid over the built-in one [default: `contract-agent/routing.toml` in your configuration folder].
    #[arg(long, value_name = "FILE", env = "CONTRACT_AGENT_ROUTING")]
    routing: Option<PathBuf>,
}

impl Table {
    /// Whether a key may be there.
    pub fn may_open(&self) -> bool {
        self.own().is_some() || KEYS.iter().any(|name| super::llm::variable(name).is_some())
    }

    fn own(&self) -> Option<PathBuf> {
        self.routing.clone().or_else(|| configured().filter(|file| file.is_file()))
    }

    /// Reads it.
    pub fn read(&self) -> Result<Routing, Failure> {
        let routing = match &self.own() {
            None => Routing::built_in(),
            Some(file) => {
                let failed = |error: &dyn std::error::Error| Failure::new("cannot read the table of models").at(file).because(error);
                let text = fs::read_to_string(file).map_err(|error| failed(&error).help("check the path and its permissions"))?;
                Routing::with(&text).map_err(|error| told(&error, Some(file)))?
            }
        };
        routing.redirected(&super::llm::variable).map_err(|error| told(&error, None))
    }
}

fn told(error: &RoutingError, file: Option<&PathBuf>) -> Failure {
    let place = match (file, error.at) {
        (Some(file), Some((line, column))) => Some(format!("{}:{line}:{column}", file.display())),
        (Some(file), None) => Some(file.display().to_string()),
        (None, _) => None,
    };
    Failure { place, ..Failure::new("cannot read the table of models") }.because(error).help(error.help.clone())
}

/// Where a person's own table lies.
fn configured() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(windows) { folder("APPDATA") } else { folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config"))) };
    Some(base?.join("contract-agent").join("routing.toml"))
}

/// A reason in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Why(pub String);

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Why {}

#[cfg(test)]
mod tests {
    use super::{KEYS, Routing};

    #[test]
    fn the_keys_are_those_of_the_built_in_table() {
        let mut names: Vec<String> = Routing::built_in().providers.into_values().flat_map(|provider| provider.key_env).collect();
        names.sort();
        assert_eq!(names, KEYS);
    }
}
