//! Objects of options: `{ name: "users", nullable: true }`.

use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::program::{Program, Site};
use crate::frameworks::script::literals::literal;

/// The members of an options object, each with where it is read.
#[derive(Clone, Default)]
pub struct Options<'p> {
    members: Vec<(Name, &'p Expr, Site)>,
}

impl<'p> Options<'p> {
    /// The members of what an expression denotes; none when it is no object.
    #[must_use]
    pub fn of(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Self {
        Self { members: program.entries(site, expr).unwrap_or_default() }
    }

    /// One member.
    #[must_use]
    pub fn single(key: &str, value: &'p Expr, site: &Site) -> Self {
        Self { members: vec![(key.into(), value, site.clone())] }
    }

    /// These members with others behind them, which count before these.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.members.extend(other.members);
        self
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The member of this name; the last one said counts.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<(&'p Expr, &Site)> {
        self.members.iter().rev().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at))
    }

    /// Whether there is such a member.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// A member that is text.
    #[must_use]
    pub fn text(&self, program: &dyn Program, key: &str) -> Option<String> {
        let (value, at) = self.get(key)?;
        if matches!(value, Expr::Null | Expr::Bool(_)) { None } else { program.text(at, value).plain() }
    }

    /// A member that is true or false.
    #[must_use]
    pub fn flag(&self, program: &dyn Program, key: &str) -> Option<bool> {
        let (value, at) = self.get(key)?;
        literal(program, at, value)?.as_bool()
    }

    /// A member that is a number, or a text of digits.
    #[must_use]
    pub fn number(&self, program: &dyn Program, key: &str) -> Option<i64> {
        let (value, at) = self.get(key)?;
        let value = literal(program, at, value)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    /// A member that is a list of texts, or one text.
    #[must_use]
    pub fn texts(&self, program: &dyn Program, key: &str) -> Vec<Name> {
        self.get(key).map(|(value, at)| texts_of(program, at, value)).unwrap_or_default()
    }

    /// A member that is an object.
    #[must_use]
    pub fn inner(&self, program: &'p dyn Program, key: &str) -> Self {
        self.get(key).map(|(value, at)| Self::of(program, at, value)).unwrap_or_default()
    }

    /// All members in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &'p Expr, &Site)> {
        self.members.iter().map(|(name, value, at)| (name, *value, at))
    }
}

/// The texts of a list, or one text.
#[must_use]
pub fn texts_of(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Name> {
    match program.items(site, expr) {
        Some(items) => items.into_iter().filter_map(|(item, at)| program.text(&at, item).plain()).map(Name::from).collect(),
        None => program.text(site, expr).plain().map(Name::from).into_iter().collect(),
    }
}
