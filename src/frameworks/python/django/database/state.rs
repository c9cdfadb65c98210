//! Models as Django's migrations keep them: names, fields and options, owned by nobody.
//!
//! A model's key is `label.name` in lower case, the way Django itself names it.

use std::collections::BTreeMap;

use super::names;
use super::terms::{Condition, Term};
use crate::base::Name;
use crate::facts::database::Action;
use crate::facts::finding::Place;

/// The models of a project, by key.
#[derive(Clone, Debug, Default)]
pub struct Models(pub BTreeMap<Name, Model>);

/// A model.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The label of its application.
    pub label: Name,
    /// Its name as declared.
    pub name: Name,
    /// Its own fields and those of its abstract bases, in order.
    pub fields: Vec<Field>,
    /// What its `Meta` says.
    pub options: Options,
    /// Keys of the models it extends that have tables of their own.
    pub parents: Vec<Name>,
    /// It extends something of a library that is not known: it may have more fields.
    pub is_partial: bool,
    /// A migration took its key away: the table has none until another one comes.
    pub lost_key: bool,
    /// Where it is declared.
    pub place: Place,
}

/// What `Meta` says of the table.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `db_table`.
    pub table: Option<Name>,
    /// `proxy`.
    pub is_proxy: bool,
    /// `managed = False`, or swapped for another model.
    pub is_unmanaged: bool,
    /// `unique_together`.
    pub unique_together: Vec<Vec<Name>>,
    /// `index_together`.
    pub index_together: Vec<Vec<Name>>,
    /// `indexes`.
    pub indexes: Vec<IndexSpec>,
    /// `constraints`.
    pub constraints: Vec<Constraint>,
    /// `order_with_respect_to`.
    pub ordered_by: Option<Name>,
    /// `db_table_comment`.
    pub comment: Option<Name>,
}

/// A field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub kind: Kind,
    /// `null=True`.
    pub null: bool,
    /// `primary_key=True`.
    pub is_key: bool,
    /// `unique=True`.
    pub unique: bool,
    /// `db_index=True`, or what its kind says.
    pub indexed: bool,
    /// `db_column`.
    pub column: Option<Name>,
    /// `db_default`.
    pub default: Option<Term>,
    /// `db_collation`.
    pub collation: Option<Name>,
    /// `db_comment`.
    pub comment: Option<Name>,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A column of this SQL type.
    Plain(Plain),
    /// A key of another model.
    Foreign(Foreign),
    /// Many others.
    Many(Many),
    /// `GeneratedField`: its type, and the expression when it can be read.
    Generated(Name, Term),
    /// `CompositePrimaryKey`: the fields.
    Composite(Vec<Name>),
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plain {
    /// Its SQL type; empty when unknown.
    pub ty: Name,
    /// An identity.
    pub is_identity: bool,
    /// Takes no negative numbers.
    pub is_positive: bool,
}

/// A key of another model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Foreign {
    /// The other's key; empty when unknown.
    pub to: Name,
    /// `to_field`.
    pub to_field: Option<Name>,
    /// `db_constraint`.
    pub has_constraint: bool,
    /// The link of a child to the table of its parent.
    pub is_parent_link: bool,
    /// What the database does on delete (`DB_CASCADE`).
    pub on_delete: Option<Action>,
}

/// Many others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Many {
    /// The other's key; empty when unknown.
    pub to: Name,
    /// `through` is given: the table is a model's.
    pub has_through: bool,
    /// `db_table`.
    pub table: Option<Name>,
    /// `db_constraint`.
    pub has_constraint: bool,
    /// Keeps an order in this column.
    pub sorted_by: Option<Name>,
}

/// One part of an index or constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// A field ([`Term::Field`]) or an expression.
    pub term: Term,
    /// `DESC`, `NULLS LAST`.
    pub order: Option<Name>,
    /// An operator class.
    pub class: Option<Name>,
}

/// An index of `Meta`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexSpec {
    /// Its name.
    pub name: Option<Name>,
    /// What is indexed.
    pub parts: Vec<Part>,
    /// `gin`, `gist`.
    pub method: Option<Name>,
    /// `include`: fields.
    pub include: Vec<Name>,
    /// `condition`.
    pub condition: Option<Condition>,
}

/// A constraint of `Meta`.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// Its name.
    pub name: Option<Name>,
    /// What it asks for.
    pub rule: Rule,
}

/// What a constraint asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// `CheckConstraint`.
    Check(Condition),
    /// `UniqueConstraint`.
    Unique {
        /// Parts, condition and the rest as for an index.
        index: IndexSpec,
        /// `DEFERRABLE …`, as SQL.
        deferrable: Option<Name>,
        /// `nulls_distinct=False`.
        nulls_not_distinct: bool,
    },
    /// `ExclusionConstraint`: expressions with operators.
    Exclude {
        /// Parts, condition and the method as for an index.
        index: IndexSpec,
        /// The operator of each part.
        operators: Vec<Name>,
    },
}

impl Field {
    /// A field of a kind, nothing else said.
    pub fn of(name: impl Into<Name>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            null: false,
            is_key: false,
            unique: false,
            indexed: false,
            column: None,
            default: None,
            collation: None,
            comment: None,
        }
    }

    /// A column of a type.
    pub fn plain(name: impl Into<Name>, ty: &str) -> Self {
        Self::of(name, Kind::Plain(Plain { ty: ty.into(), ..Plain::default() }))
    }

    /// A key of another model.
    pub fn foreign(name: impl Into<Name>, to: &str) -> Self {
        let foreign = Foreign { to: to.into(), has_constraint: true, ..Foreign::default() };
        Self { indexed: true, ..Self::of(name, Kind::Foreign(foreign)) }
    }

    /// Its column; none for what has no column of its own.
    #[must_use]
    pub fn column(&self) -> Option<Name> {
        match &self.kind {
            Kind::Many(_) | Kind::Composite(_) => None,
            Kind::Foreign(_) => Some(self.column.clone().unwrap_or_else(|| format!("{}_id", self.name).into())),
            Kind::Plain(_) | Kind::Generated(..) => Some(self.column.clone().unwrap_or_else(|| self.name.clone())),
        }
    }
}

impl Model {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> Name {
        key(&self.label, &self.name)
    }

    /// The name of its table.
    #[must_use]
    pub fn table(&self) -> Name {
        match &self.options.table {
            Some(table) => names::table(table),
            None => names::table(&format!("{}_{}", self.label, self.name.to_lowercase())),
        }
    }

    /// A field by name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether Django makes a table of it.
    #[must_use]
    pub fn has_table(&self) -> bool {
        !self.options.is_proxy && !self.options.is_unmanaged
    }

    /// Adds a field in the place of one of the same name.
    pub fn put(&mut self, field: Field) {
        match self.fields.iter_mut().find(|known| known.name == field.name) {
            Some(known) => *known = field,
            None => self.fields.push(field),
        }
    }
}

impl Models {
    /// A model by key, proxies followed to what they stand for.
    #[must_use]
    pub fn concrete(&self, key: &str) -> Option<&Model> {
        let mut model = self.0.get(key)?;
        for _ in 0..16 {
            if !model.options.is_proxy {
                break;
            }
            model = self.0.get(model.parents.first()?)?;
        }
        Some(model)
    }
}

/// The key of a model.
#[must_use]
pub fn key(label: &str, name: &str) -> Name {
    format!("{label}.{}", name.to_lowercase()).into()
}
