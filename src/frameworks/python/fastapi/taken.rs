//! What a handler and its dependencies take.

use super::body::BodyField;
use crate::base::Name;
use crate::facts::finding::{ParamFinding, SchemeUse, Security};

/// Everything that is taken.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Parameters.
    pub params: Vec<ParamFinding>,
    /// Body fields.
    pub fields: Vec<BodyField>,
    /// Security schemes asked for.
    pub security: Vec<SchemeUse>,
    /// Names of those that let pass who does not give them (`auto_error=False`).
    pub lenient: Vec<Name>,
}

impl Taken {
    /// Whether anything can be wrong with what a client sends.
    #[must_use]
    pub fn takes_something(&self) -> bool {
        !self.params.is_empty() || !self.fields.is_empty()
    }

    /// What is asked for. Of several schemes that let pass who does not give them, one is enough.
    #[must_use]
    pub fn security(&self) -> Security {
        let (lenient, mut strict): (Vec<SchemeUse>, Vec<SchemeUse>) =
            self.security.iter().cloned().partition(|scheme| self.lenient.contains(&scheme.name));
        match lenient.len() {
            0 if strict.is_empty() => Security::Inherit,
            0 | 1 => {
                strict.extend(lenient);
                Security::Schemes(strict)
            }
            _ => Security::any_of(lenient.into_iter().map(|one| strict.iter().cloned().chain([one]).collect())),
        }
    }
}
