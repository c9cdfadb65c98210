//! What is left out of an analysis unless somebody asks to keep it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of file that is left out by default and may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// Tests, stories and benchmarks.
    Tests,
    /// Other people's code that lies in the repository.
    Vendored,
    /// Code that a program wrote, and what a build leaves behind.
    Generated,
    /// Code made small for transport.
    Minified,
    /// The lock files of package managers.
    LockFiles,
    /// Test data and test doubles.
    Fixtures,
}

/// A set of [`Kept`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptSet(u8);

impl KeptSet {
    /// Whether `kept` is in the set.
    #[must_use]
    pub fn has(self, kept: Kept) -> bool {
        self.0 & (1 << kept as u8) != 0
    }
}

impl FromIterator<Kept> for KeptSet {
    fn from_iter<I: IntoIterator<Item = Kept>>(all: I) -> Self {
        Self(all.into_iter().fold(0, |bits, kept| bits | (1 << kept as u8)))
    }
}
