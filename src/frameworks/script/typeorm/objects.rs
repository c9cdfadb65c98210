//! What migrations build schemas from: `new Table({ … })`, `new TableColumn({ … })`, keys and indexes, or plain objects of the same members.

use super::columns::{labels, spelled};
use super::types::{self, Said};
use crate::base::Name;
use crate::base::code::{Expr, Op};
use crate::facts::database::{
    Action, Change, Check, Column, Dialect, EnumType, ForeignKey, Generated, Index, IndexPart, Key, KeyKind, ObjectName, Table,
};
use crate::facts::program::{FuncRef, Meaning, Program, Site};
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::sql;

/// Reads objects.
pub struct Objects<'p> {
    /// The program.
    pub program: &'p dyn Program,
    /// What types are spelled for.
    pub dialect: Dialect,
}

/// A column of a migration.
pub struct MadeColumn {
    /// The column.
    pub column: Column,
    /// Its enumerated type.
    pub ty: Option<EnumType>,
    /// `isPrimary`.
    pub is_primary: bool,
    /// `isUnique`.
    pub is_unique: bool,
}

impl<'p> Objects<'p> {
    /// The members of `new X({ … })` or `{ … }`.
    fn options(&self, site: &Site, expr: &'p Expr) -> Options<'p> {
        match self.program.produce(site, expr) {
            Meaning::Value(Expr::Call(id), at) => {
                let call = self.program.file(at.file).outline.call(*id);
                let here = Site { scope: call.scope, offset: call.at.offset, ..at };
                call.positional(0).map(|arg| Options::of(self.program, &here, arg)).unwrap_or_default()
            }
            _ => Options::of(self.program, site, expr),
        }
    }

    /// A table's name: text, a table object, or what `queryRunner.getTable("x")` gave.
    #[must_use]
    pub fn table_named(&self, site: &Site, expr: &'p Expr) -> Option<ObjectName> {
        if let Some(name) = self.program.text(site, expr).plain() {
            return Some(object_name(&name));
        }
        if let Meaning::Value(Expr::Call(id), at) = self.program.resolve(site, expr) {
            let call = self.program.file(at.file).outline.call(*id);
            if call.callee.last_name().is_some_and(|name| name == "getTable") {
                let name = self.program.text(&at, call.positional(0)?).plain()?;
                return Some(object_name(&name));
            }
        }
        self.options(site, expr).text(self.program, "name").map(|name| object_name(&name))
    }

    /// A column's name: text or a column object.
    #[must_use]
    pub fn column_named(&self, site: &Site, expr: &'p Expr) -> Option<Name> {
        let plain = self.program.text(site, expr).plain();
        plain.or_else(|| self.options(site, expr).text(self.program, "name")).map(Name::from)
    }

    /// A whole table with the types it needs.
    #[must_use]
    pub fn table(&self, site: &Site, expr: &'p Expr) -> Option<(Table, Vec<EnumType>)> {
        let program = self.program;
        let options = self.options(site, expr);
        let name = object_name(&options.text(program, "name")?);
        let mut table = Table { name: name.clone(), ..Table::default() };
        let mut enums = Vec::new();
        let mut keys = Vec::new();
        for (item, at) in self.listed(&options, "columns") {
            let Some(made) = self.column(&at, item, &name) else { continue };
            if made.is_primary {
                keys.push(made.column.name.clone());
            }
            if made.is_unique {
                table.uniques.push(Key::of([made.column.name.clone()]));
            }
            enums.extend(made.ty);
            table.columns.push(made.column);
        }
        table.primary_key = (!keys.is_empty()).then(|| Key::of(keys));
        table.foreign_keys =
            self.listed(&options, "foreignKeys").into_iter().filter_map(|(item, at)| self.foreign_key(&at, item)).collect();
        table.indexes = self.listed(&options, "indices").into_iter().filter_map(|(item, at)| self.index(&at, item)).collect();
        table.uniques.extend(self.listed(&options, "uniques").into_iter().filter_map(|(item, at)| self.key(&at, item)));
        table.checks = self.listed(&options, "checks").into_iter().filter_map(|(item, at)| self.check(&at, item)).collect();
        Some((table, enums))
    }

    fn listed(&self, options: &Options<'p>, key: &str) -> Vec<(&'p Expr, Site)> {
        options.get(key).and_then(|(value, at)| self.program.items(at, value)).unwrap_or_default()
    }

    /// A column.
    #[must_use]
    pub fn column(&self, site: &Site, expr: &'p Expr, table: &ObjectName) -> Option<MadeColumn> {
        let program = self.program;
        let options = self.options(site, expr);
        let name = options.text(program, "name")?;
        let flag = |key: &str| options.flag(program, key) == Some(true);
        let said = Said::Named(options.text(program, "type").unwrap_or_else(|| "varchar".to_owned()).to_lowercase());
        let mut ty = types::sql_type(program, self.dialect, &said, &options);
        if flag("isArray") && self.dialect == Dialect::Postgres && !ty.ends_with("[]") {
            ty.push_str("[]");
        }
        let is_primary = flag("isPrimary");
        let mut column = Column {
            name: name.as_str().into(),
            ty: ty.into(),
            nullable: !is_primary && flag("isNullable"),
            default: self.default(&options),
            doc: options.text(program, "comment").map(Name::from),
            ..Column::default()
        };
        if let Some(expression) = options.text(program, "asExpression") {
            let is_stored = options.text(program, "generatedType").is_some_and(|kind| kind.eq_ignore_ascii_case("stored"));
            column.generated = Some(if is_stored { Generated::Stored(expression.into()) } else { Generated::Virtual(expression.into()) });
        }
        self.made(&options, &mut column);
        let mut made = MadeColumn { column, ty: None, is_primary, is_unique: flag("isUnique") };
        if matches!(&said, Said::Named(named) if named == "enum" || named == "simple-enum") {
            self.enumerated(&options, table, &mut made);
        }
        Some(made)
    }

    /// The default, which is SQL as it stands.
    fn default(&self, options: &Options) -> Option<Name> {
        let (value, at) = options.get("default")?;
        match value {
            Expr::Null => None,
            Expr::Bool(truth) => Some(truth.to_string().into()),
            _ => self.program.text(at, value).plain().filter(|text| !text.is_empty() && !text.eq_ignore_ascii_case("null")).map(Name::from),
        }
    }

    /// Keys that the database makes.
    fn made(&self, options: &Options, column: &mut Column) {
        let strategy = options.text(self.program, "generationStrategy");
        let is_generated = options.flag(self.program, "isGenerated") == Some(true) || strategy.is_some();
        if !is_generated {
            return;
        }
        match (strategy.as_deref().unwrap_or("increment"), self.dialect) {
            ("uuid", Dialect::Postgres) => column.default = column.default.take().or_else(|| Some("uuid_generate_v4()".into())),
            ("increment", Dialect::Postgres) => {
                column.ty = match column.ty.as_str() {
                    "bigint" => "bigserial".into(),
                    "smallint" => "smallserial".into(),
                    _ => "serial".into(),
                };
            }
            ("identity", Dialect::Postgres) => column.generated = Some(Generated::IdentityByDefault),
            ("increment", _) => column.generated = Some(Generated::AutoIncrement),
            _ => {}
        }
    }

    fn enumerated(&self, options: &Options, table: &ObjectName, made: &mut MadeColumn) {
        let Some((value, at)) = options.get("enum") else { return };
        let labels = labels(self.program, at, value);
        match self.dialect {
            Dialect::Postgres => {
                let given = options.text(self.program, "enumName").map(|name| object_name(&name));
                let name = given.unwrap_or_else(|| ObjectName {
                    schema: table.schema.clone(),
                    name: format!("{}_{}_enum", table.name, made.column.name.to_lowercase()).into(),
                });
                let tail = if made.column.ty.ends_with("[]") { "[]" } else { "" };
                made.column.ty = format!("{}{tail}", spelled(&name)).into();
                made.ty = Some(EnumType { name, labels });
            }
            Dialect::MySql => {
                let listed: Vec<String> = labels.iter().map(|label| sql::quoted(label)).collect();
                made.column.ty = format!("enum({})", listed.join(",")).into();
            }
            _ => {}
        }
    }

    /// The changes that add a column.
    pub fn add_column(&self, site: &Site, expr: &'p Expr, table: &ObjectName, out: &mut Vec<Change>) {
        let Some(made) = self.column(site, expr, table) else { return };
        out.extend(made.ty.map(Change::CreateEnum));
        let name = made.column.name.clone();
        out.push(Change::AddColumn { table: table.clone(), column: Box::new(made.column), if_absent: false });
        if made.is_primary {
            out.push(Change::SetPrimaryKey(table.clone(), Key::of([name.clone()])));
        }
        if made.is_unique {
            out.push(Change::AddUnique(table.clone(), Key::of([name])));
        }
    }

    /// A foreign key.
    #[must_use]
    pub fn foreign_key(&self, site: &Site, expr: &'p Expr) -> Option<ForeignKey> {
        let program = self.program;
        let options = self.options(site, expr);
        let target = object_name(&options.text(program, "referencedTableName")?);
        let schema = options.text(program, "referencedSchema");
        let action = |key: &str| options.text(program, key).as_deref().and_then(Action::of);
        let columns = options.texts(program, "columnNames");
        (!columns.is_empty()).then(|| ForeignKey {
            name: options.text(program, "name").map(Name::from),
            columns,
            target: schema.map_or_else(|| target.clone(), |schema| ObjectName::in_schema(schema, target.name.clone())),
            target_columns: options.texts(program, "referencedColumnNames"),
            on_delete: action("onDelete"),
            on_update: action("onUpdate"),
            deferrable: options.text(program, "deferrable").map(|deferrable| format!("DEFERRABLE {deferrable}").into()),
        })
    }

    /// An index.
    #[must_use]
    pub fn index(&self, site: &Site, expr: &'p Expr) -> Option<Index> {
        let program = self.program;
        let options = self.options(site, expr);
        let columns = options.texts(program, "columnNames");
        (!columns.is_empty()).then(|| Index {
            name: options.text(program, "name").map(Name::from),
            parts: columns.into_iter().map(IndexPart::column).collect(),
            unique: options.flag(program, "isUnique") == Some(true),
            condition: options.text(program, "where").filter(|text| !text.is_empty()).map(Name::from),
            method: (options.flag(program, "isSpatial") == Some(true) && self.dialect == Dialect::Postgres).then(|| "gist".into()),
            ..Index::default()
        })
    }

    /// A unique constraint.
    #[must_use]
    pub fn key(&self, site: &Site, expr: &'p Expr) -> Option<Key> {
        let options = self.options(site, expr);
        let columns = options.texts(self.program, "columnNames");
        (!columns.is_empty()).then(|| Key { name: options.text(self.program, "name").map(Name::from), ..Key::of(columns) })
    }

    /// A check.
    #[must_use]
    pub fn check(&self, site: &Site, expr: &'p Expr) -> Option<Check> {
        let options = self.options(site, expr);
        let condition = options.text(self.program, "expression")?;
        Some(Check { name: options.text(self.program, "name").map(Name::from), condition: condition.into(), is_whole: false })
    }

    /// What is dropped: a name, an object with a name or columns, or what `table.foreignKeys.find(…)` finds.
    #[must_use]
    pub fn drop_key(&self, site: &Site, expr: &'p Expr, table: &ObjectName, kind: KeyKind) -> Option<Change> {
        let drop_named = |name: String| match kind {
            KeyKind::Index => Change::DropIndex(Some(table.clone()), name.into()),
            _ => Change::DropConstraint(table.clone(), name.into()),
        };
        if let Some(name) = self.program.text(site, expr).plain() {
            return Some(drop_named(name));
        }
        if let Meaning::Value(Expr::Call(id), at) = self.program.resolve(site, expr) {
            let call = self.program.file(at.file).outline.call(*id);
            if let Some(Expr::Func(lambda)) = call.positional(0) {
                let columns = texts_within(self.program, FuncRef { file: at.file, id: *lambda });
                return (!columns.is_empty()).then(|| Change::DropKeyOn { table: table.clone(), kind, columns });
            }
        }
        let options = self.options(site, expr);
        if let Some(name) = options.text(self.program, "name") {
            return Some(drop_named(name));
        }
        let columns = options.texts(self.program, "columnNames");
        (!columns.is_empty()).then(|| Change::DropKeyOn { table: table.clone(), kind, columns })
    }
}

/// The texts a lambda compares with: `(key) => key.columnNames.indexOf("userId") !== -1`.
fn texts_within(program: &dyn Program, function: FuncRef) -> Vec<Name> {
    let outline = &program.file(function.file).outline;
    let mut found: Vec<Name> = Vec::new();
    for call in &outline.calls {
        if outline.function_around(call.scope) == Some(function.id)
            && call.callee.last_name().is_some_and(|name| matches!(name.as_str(), "indexOf" | "includes"))
        {
            found.extend(call.args.iter().filter_map(|arg| arg.value.as_str()).map(Name::from));
        }
    }
    for index in program.file(function.file).returns_of(function.id) {
        if let Expr::Binary(binary) = &outline.returns[*index as usize].value
            && binary.op == Op::Eq
        {
            found.extend([&binary.left, &binary.right].into_iter().filter_map(|side| side.as_str()).map(Name::from));
        }
    }
    found
}

/// `schema.table` or `table`.
#[must_use]
pub fn object_name(text: &str) -> ObjectName {
    match text.rsplit_once('.') {
        Some((schema, name)) => ObjectName::in_schema(schema.rsplit('.').next().unwrap_or(schema), name),
        None => ObjectName::new(text),
    }
}
