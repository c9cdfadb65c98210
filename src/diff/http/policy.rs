//! What is asked of documents beyond what every caller relies on.

use super::date::Date;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The day on which promises are judged: what had to stay until yesterday may be gone today.
    pub today: Date,
    /// So many days must lie between a deprecation and its sunset.
    pub notice: u32,
    /// Whether everything deprecated needs a sunset date.
    pub needs_sunset: bool,
    /// Whether an endpoint that becomes open to everybody deserves a warning.
    pub guards_endpoints: bool,
    /// Whether the document's version has to tell of breaks.
    pub versions: bool,
    /// Whether changes of wording are told.
    pub wording: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { today: Date::today(), notice: 0, needs_sunset: false, guards_endpoints: false, versions: true, wording: false }
    }
}
