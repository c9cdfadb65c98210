//! Words for what migrations do to a database, in order.

use super::{Check, Column, Dialect, EnumType, ForeignKey, Generated, Index, Key, ObjectName, Table};
use crate::base::Name;
use crate::facts::finding::Place;
use crate::facts::program::Text;

/// One change of a database.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// `CREATE TABLE`, `CREATE VIEW`; with `if_absent` nothing happens when there is one.
    CreateTable {
        /// The table as it then is.
        table: Box<Table>,
        /// `IF NOT EXISTS` (and `OR REPLACE` of a view when false).
        if_absent: bool,
    },
    /// `CREATE TABLE … (LIKE …)`, `CREATE TABLE … AS SELECT`: made from others; the text says how.
    CreateTableLike {
        /// The new table, with what is said of it besides.
        table: Box<Table>,
        /// The table whose columns it takes.
        like: ObjectName,
        /// Defaults, constraints and indexes too (`INCLUDING ALL`).
        with_all: bool,
    },
    /// `ATTACH PARTITION`: a table becomes part of how another one is stored; the partition is the second.
    AttachPartition(ObjectName, ObjectName),
    /// `DROP TABLE`, `DROP VIEW`.
    DropTable(ObjectName),
    /// `ALTER TABLE … RENAME TO`.
    RenameTable(ObjectName, ObjectName),
    /// `ALTER TABLE … ADD COLUMN`.
    AddColumn {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Box<Column>,
        /// `IF NOT EXISTS`.
        if_absent: bool,
    },
    /// `ALTER TABLE … DROP COLUMN`; what is built on it goes too.
    DropColumn(ObjectName, Name),
    /// `ALTER TABLE … RENAME COLUMN a TO b`; keys and indexes follow.
    RenameColumn(ObjectName, Name, Name),
    /// `ALTER TABLE … ALTER COLUMN`.
    AlterColumn(ObjectName, Name, ColumnChange),
    /// `ADD PRIMARY KEY`.
    SetPrimaryKey(ObjectName, Key),
    /// `ADD UNIQUE`.
    AddUnique(ObjectName, Key),
    /// `ADD FOREIGN KEY`.
    AddForeignKey(ObjectName, ForeignKey),
    /// `ADD CHECK`.
    AddCheck(ObjectName, Check),
    /// `DROP CONSTRAINT name`; the database's default names count too (`users_email_key`, `users_pkey`).
    DropConstraint(ObjectName, Name),
    /// What an ORM drops by its columns, without a name.
    DropKeyOn {
        /// The table.
        table: ObjectName,
        /// What sort of key.
        kind: KeyKind,
        /// Its columns.
        columns: Vec<Name>,
    },
    /// `RENAME CONSTRAINT a TO b`.
    RenameConstraint(ObjectName, Name, Name),
    /// `ADD CONSTRAINT name UNIQUE | PRIMARY KEY USING INDEX index`.
    KeyFromIndex {
        /// The table.
        table: ObjectName,
        /// The constraint's name, else the index's.
        name: Option<Name>,
        /// The index that becomes it.
        index: Name,
        /// Whether it is the primary key.
        is_primary: bool,
    },
    /// `CREATE INDEX`.
    CreateIndex {
        /// The table.
        table: ObjectName,
        /// The index.
        index: Index,
        /// `IF NOT EXISTS`.
        if_absent: bool,
    },
    /// `DROP INDEX name`; the table when the dialect says it.
    DropIndex(Option<ObjectName>, Name),
    /// `ALTER INDEX a RENAME TO b`.
    RenameIndex(Name, Name),
    /// `CREATE TYPE … AS ENUM`.
    CreateEnum(EnumType),
    /// `ALTER TYPE … ADD VALUE`: the label, and the label it stands before or after.
    AddLabel {
        /// The type.
        ty: ObjectName,
        /// The new label.
        label: Name,
        /// Before this one.
        before: Option<Name>,
        /// After this one.
        after: Option<Name>,
    },
    /// `ALTER TYPE … RENAME VALUE`.
    RenameLabel(ObjectName, Name, Name),
    /// `ALTER TYPE … RENAME TO`.
    RenameType(ObjectName, ObjectName),
    /// `DROP TYPE`, `DROP DOMAIN`.
    DropType(ObjectName),
    /// `CREATE DOMAIN`, composite types: kept as SQL, loaded before the tables.
    CreateType {
        /// The type.
        name: ObjectName,
        /// The whole statement.
        sql: Name,
    },
    /// `CREATE EXTENSION`.
    CreateExtension(Name),
    /// `CREATE SCHEMA`.
    CreateSchema(Name),
    /// `ALTER … SET SCHEMA`.
    SetSchema(ObjectName, Name),
    /// `DROP SCHEMA … CASCADE`: everything in it goes.
    DropSchema(Name),
    /// `CREATE SEQUENCE`: kept as SQL, loaded before the tables.
    CreateSequence {
        /// The sequence.
        name: ObjectName,
        /// The whole statement.
        sql: Name,
    },
    /// `DROP SEQUENCE`.
    DropSequence(ObjectName),
    /// `CREATE FUNCTION`: kept as SQL where a default, check or index calls it.
    CreateFunction {
        /// The function.
        name: ObjectName,
        /// The whole statement.
        sql: Name,
    },
    /// `DROP FUNCTION`.
    DropFunction(ObjectName),
    /// `COMMENT ON TABLE`, `COMMENT ON COLUMN`.
    Comment {
        /// The table.
        table: ObjectName,
        /// The column, or the table itself.
        column: Option<Name>,
        /// The text; none removes it.
        text: Option<Name>,
    },
}

/// What sort of key a [`Change::DropKeyOn`] drops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// The primary key.
    Primary,
    /// A unique constraint or a unique index.
    Unique,
    /// A foreign key.
    Foreign,
    /// An index.
    Index,
}

/// One change of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnChange {
    /// `TYPE …`.
    Type(Name),
    /// `SET NOT NULL`, `DROP NOT NULL`.
    Nullable(bool),
    /// `SET DEFAULT …`, `DROP DEFAULT`.
    Default(Option<Name>),
    /// `ADD GENERATED …`, `DROP IDENTITY`, `DROP EXPRESSION`.
    Generated(Option<Generated>),
    /// MySQL's `MODIFY`, an ORM's whole new definition; the name stays.
    Redefine(Box<Column>),
}

/// One step of a migration.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it does.
    pub doing: Doing,
    /// Where it stands.
    pub place: Place,
}

/// What a step of a migration does.
#[derive(Clone, Debug)]
pub enum Doing {
    /// Changes, told in our words.
    Change(Change),
    /// A text of SQL statements, read before the replay.
    Sql(Text),
    /// Runs a file of SQL: the path as the code says it, from the repository's root when known, else a suffix of one.
    SqlFile(Text),
    /// Something that changes the schema and cannot be read; the question for people.
    Unknown(String),
}

/// One migration: steps, and its place in the order.
#[derive(Clone, Debug, Default)]
pub struct Migration {
    /// The framework's id: `python/alembic`, `script/knex`.
    pub framework: &'static str,
    /// Which sequence it belongs to: the folder, or whatever keeps two databases of one repository apart.
    pub sequence: Name,
    /// Its name in the tool: a revision id, `0001_initial`, a class name.
    pub id: Name,
    /// Ids in the same sequence that run before it (Alembic's `down_revision`, Django's `dependencies`). Without any the order of
    /// `position` holds.
    pub after: Vec<Name>,
    /// Sorts migrations that nothing else orders; compared as text after [`Migration::number`].
    pub position: Name,
    /// Sorts by number first, where the tool does.
    pub number: Option<u128>,
    /// The dialect, when something says it.
    pub dialect: Option<Dialect>,
    /// Its steps, in order; only the way up.
    pub steps: Vec<Step>,
    /// No tool runs it: statements that the code itself executes (`CREATE TABLE IF NOT EXISTS` at its start).
    pub is_loose: bool,
    /// Where it stands.
    pub place: Place,
}
