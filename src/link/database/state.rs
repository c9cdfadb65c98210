//! A database while its migrations run: what there is, found as the database finds it.

use std::collections::{BTreeMap, BTreeSet};

use super::words;
use crate::base::Name;
use crate::facts::database::{Dialect, EnumType, ObjectName, Table};
use crate::facts::document::Spot;

/// A table and the places that made and changed it.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// As it is now.
    pub table: Table,
    /// Where it was made and changed, in order.
    pub spots: Vec<Spot>,
    /// The names it had before.
    pub was: Vec<ObjectName>,
    /// The framework's id that made it.
    pub framework: Name,
}

/// What a whole statement makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Making {
    /// A domain, a composite type.
    Type,
    /// A sequence.
    Sequence,
    /// A function.
    Function,
}

/// Something kept as a whole statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it makes.
    pub making: Making,
    /// Its name.
    pub name: ObjectName,
    /// The statement.
    pub sql: Name,
    /// Where.
    pub spot: Spot,
}

/// How names are compared: without case.
type Folded = (String, String);

/// A database at one moment.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Its dialect.
    pub dialect: Dialect,
    tables: BTreeMap<Folded, Held>,
    /// Enumerated types.
    pub enums: Vec<(EnumType, Spot)>,
    /// Extensions and schemas.
    pub extensions: BTreeSet<Name>,
    /// Schemas made.
    pub schemas: BTreeSet<Name>,
    /// Kept statements, in order.
    pub statements: Vec<Statement>,
    /// Tables that were changed or referred to and are not there.
    pub missing: BTreeSet<ObjectName>,
}

fn folded(name: &ObjectName) -> Folded {
    (name.schema.as_deref().unwrap_or_default().to_lowercase(), name.name.to_lowercase())
}

impl State {
    /// An empty database.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, ..Self::default() }
    }

    /// The key of a table: in its schema, else the only one of its name in any.
    fn key_of(&self, name: &ObjectName) -> Option<Folded> {
        let key = folded(name);
        if self.tables.contains_key(&key) {
            return Some(key);
        }
        if name.schema.is_some() {
            return None;
        }
        let mut others = self.tables.keys().filter(|other| other.1 == key.1);
        others.next().filter(|_| others.next().is_none()).cloned()
    }

    /// A table.
    #[must_use]
    pub fn table(&self, name: &ObjectName) -> Option<&Held> {
        self.tables.get(&self.key_of(name)?)
    }

    /// A table of exactly this schema.
    #[must_use]
    pub fn has_exactly(&self, name: &ObjectName) -> bool {
        self.tables.contains_key(&folded(name))
    }

    /// A table, to be changed; one that is missing is remembered.
    pub fn change(&mut self, name: &ObjectName, spot: &Spot) -> Option<&mut Table> {
        let Some(key) = self.key_of(name) else {
            self.missing.insert(name.clone());
            return None;
        };
        let held = self.tables.get_mut(&key)?;
        held.add_spot(spot);
        Some(&mut held.table)
    }

    /// Puts a table in.
    pub fn put(&mut self, held: Held) {
        self.tables.insert(folded(&held.table.name), held);
    }

    /// Takes a table out.
    pub fn take(&mut self, name: &ObjectName) -> Option<Held> {
        let key = self.key_of(name)?;
        self.tables.remove(&key)
    }

    /// All tables.
    pub fn tables(&self) -> impl Iterator<Item = &Held> {
        self.tables.values()
    }

    /// All tables, to be changed.
    pub fn tables_mut(&mut self) -> impl Iterator<Item = &mut Held> {
        self.tables.values_mut()
    }

    /// Takes out what does not fit.
    pub fn retain(&mut self, mut fits: impl FnMut(&Held) -> bool) {
        self.tables.retain(|_, held| fits(held));
    }

    /// An enumerated type.
    pub fn enum_mut(&mut self, name: &ObjectName) -> Option<&mut EnumType> {
        self.enums.iter_mut().map(|(ty, _)| ty).find(|ty| is_same(&ty.name, name))
    }
}

impl Held {
    /// Remembers where it was changed; a place is named once in a row.
    pub fn add_spot(&mut self, spot: &Spot) {
        let is_known = self.spots.last().is_some_and(|last| last.file == spot.file && last.symbol == spot.symbol);
        if !is_known {
            self.spots.push(spot.clone());
        }
    }
}

/// Whether two names mean one thing; a name without a schema may be in any.
#[must_use]
pub fn is_same(a: &ObjectName, b: &ObjectName) -> bool {
    a.name.eq_ignore_ascii_case(&b.name) && (a.schema == b.schema || a.schema.is_none() || b.schema.is_none())
}

/// Whether a column's type is this type or an array of it.
#[must_use]
pub fn is_of_type(ty: &str, name: &ObjectName) -> bool {
    let (schema, own) = type_name(ty);
    own.eq_ignore_ascii_case(&name.name) && (schema.is_none() || name.schema.is_none() || schema.as_deref() == name.schema.as_deref())
}

/// The schema and name of a type without quotes and brackets.
fn type_name(ty: &str) -> (Option<String>, String) {
    let base = ty.split(['(', '[']).next().unwrap_or(ty).trim();
    let parts: Vec<String> = base.split('.').map(|part| part.trim_matches('"').to_owned()).collect();
    match parts.as_slice() {
        [schema, name] => (Some(schema.clone()), name.clone()),
        _ => (None, base.trim_matches('"').to_owned()),
    }
}

/// A type with another name, its brackets kept.
#[must_use]
pub fn retyped(ty: &str, to: &ObjectName) -> Name {
    let tail = ty.find('[').map_or("", |at| &ty[at..]);
    let name = words::spelled(&to.name);
    match &to.schema {
        Some(schema) => format!("{}.{name}{tail}", words::spelled(schema)).into(),
        None => format!("{name}{tail}").into(),
    }
}
