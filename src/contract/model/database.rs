//! The part of a database that a feature owns: its tables in their final state, and which tables of others it uses.
//! Types, defaults and conditions are SQL of the database's dialect.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Confidence, Evidence, Origin};

/// What a feature owns and uses of one database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Database {
    /// What keeps it apart from the repository's other databases; empty when there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What its SQL is written for.
    pub dialect: Dialect,
    /// The tables the feature owns.
    pub tables: Vec<Table>,
    /// Enumerated types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enums: Vec<EnumType>,
    /// Extensions it loads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<String>,
    /// Domains, composite types, sequences and functions, as whole statements in an order that loads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Statement>,
    /// Tables of other features that its code uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<TableUse>,
    /// Its migrations in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evolution: Vec<Migration>,
}

/// What a database's SQL is written for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// PostgreSQL.
    #[default]
    PostgreSql,
    /// MySQL, MariaDB.
    MySql,
    /// SQLite.
    Sqlite,
    /// Microsoft SQL Server.
    SqlServer,
    /// MongoDB.
    MongoDb,
}

impl Dialect {
    /// The name people use.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::PostgreSql => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::Sqlite => "SQLite",
            Self::SqlServer => "SQL Server",
            Self::MongoDb => "MongoDB",
        }
    }
}

/// What a relation is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TableKind {
    /// A table.
    #[default]
    Table,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
    /// A collection of documents.
    Collection,
}

/// A table, view or collection in its final state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its schema, when it is not the default one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// What it is.
    pub kind: TableKind,
    /// Its columns, in the database's order.
    pub columns: Vec<Column>,
    /// The primary key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<Key>,
    /// Unique constraints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uniques: Vec<Key>,
    /// Foreign keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<ForeignKey>,
    /// Check constraints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Indexes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// The query of a view.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// What follows the columns: partitioning, storage.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub options: String,
    /// Documentation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The model that declares it; empty when none does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// Framework id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub framework: String,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
    /// The model, or else the migration that creates it.
    pub evidence: Evidence,
    /// Migrations that create and change it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub migrated_by: Vec<Evidence>,
    /// Code that uses it, by feature.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<TableUser>,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its SQL type; empty when it is not known.
    #[serde(rename = "type")]
    pub ty: String,
    /// Whether it takes NULL.
    pub nullable: bool,
    /// The default that the database fills in, as SQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// How the database makes its values: `BY DEFAULT AS IDENTITY`, `ALWAYS AS (…) STORED`, `AUTO_INCREMENT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<String>,
    /// Its collation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub collation: String,
    /// Documentation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// Columns that are a key together.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// The constraint's name; empty when none is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// What is said besides: `NULLS NOT DISTINCT`, `DEFERRABLE`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub options: String,
}

/// A foreign key.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ForeignKey {
    /// The constraint's name; empty when none is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The columns that refer.
    pub columns: Vec<String>,
    /// What they refer to.
    pub references: Reference,
    /// What happens on delete; absent: the database's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_delete: Option<String>,
    /// What happens on update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_update: Option<String>,
    /// What is said besides: `DEFERRABLE INITIALLY DEFERRED`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub options: String,
}

/// What a foreign key refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// The table.
    pub table: String,
    /// Its schema, when it is not the default one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// Its columns; empty: its primary key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Nothing in the repository says what the table is like.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_outside: bool,
}

/// A check constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// The constraint's name; empty when none is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The condition, as SQL.
    pub condition: String,
    /// `condition` is a whole constraint of another sort: `EXCLUDE USING …`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_whole: bool,
}

/// An index.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Its name; empty when none is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What is indexed: columns, and expressions in parentheses.
    pub columns: Vec<String>,
    /// What stands behind each of `columns`: an operator class, an order; empty when nothing does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub column_options: Vec<String>,
    /// Whether two rows may not have the same values.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// `gin`, `gist`, `hash`; empty is the default.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// Columns only stored in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// The condition of a partial index, as SQL.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub condition: String,
    /// What is said besides: `NULLS NOT DISTINCT`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub options: String,
}

/// An enumerated type.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnumType {
    /// Its name.
    pub name: String,
    /// Its schema, when it is not the default one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// Its labels, in order.
    pub labels: Vec<String>,
    /// Where it is declared.
    pub evidence: Evidence,
}

/// A statement kept as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// What it makes.
    pub name: String,
    /// The statement.
    pub sql: String,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A feature whose code uses a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TableUser {
    /// Its slug.
    pub feature: String,
    /// Whether it reads rows.
    pub reads: bool,
    /// Whether it inserts, updates or deletes rows.
    pub writes: bool,
    /// Where; settling keeps the first ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// A table of another feature, and how it is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TableUse {
    /// The table.
    pub table: String,
    /// The slug of the feature that owns it; empty when none does.
    pub owner: String,
    /// Whether rows are read.
    pub reads: bool,
    /// Whether rows are inserted, updated or deleted.
    pub writes: bool,
    /// Where; settling keeps the first ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// One migration of the feature's tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Migration {
    /// Its id in its tool.
    pub id: String,
    /// What it changed: `create table users`.
    pub changes: Vec<String>,
    /// Where it stands.
    pub evidence: Evidence,
    /// What running it brings with it; for those who are about to run it, and in no document.
    #[serde(skip)]
    pub cautions: Vec<Caution>,
}

/// Something to look at before a migration is run.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caution {
    /// What it is: `locks-writes`, `open-transaction`.
    pub kind: String,
    /// The statement's first words.
    pub statement: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_false(value: &bool) -> bool {
    !value
}
