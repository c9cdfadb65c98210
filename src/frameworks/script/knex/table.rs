//! What a table builder is told: columns with what is chained to them, keys and indexes.

use super::columns::{self, MadeColumn};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Action, Change, Check, ColumnChange, Dialect, ForeignKey, Index, IndexPart, Key, KeyKind, ObjectName, Table};
use crate::facts::program::{Program, Site};
use crate::frameworks::script::tables::options::{Options, texts_of};
use crate::frameworks::script::tables::sql::{default_sql, ident};
use crate::frameworks::script::tables::steps::{Chain, Go, Link};

/// The table that is built.
pub struct Target<'t> {
    /// Its name.
    pub name: ObjectName,
    /// Whether it is created rather than changed.
    pub is_new: bool,
    /// The schema that `withSchema` says.
    pub schema: Option<&'t str>,
}

/// What a builder was told.
pub struct Ops<'p> {
    program: &'p dyn Program,
    dialect: Dialect,
    name: ObjectName,
    is_new: bool,
    schema: Option<Name>,
    /// The new table.
    pub table: Table,
    /// What is made before it.
    pub before: Vec<Change>,
    /// Changes; of a new table what follows it.
    pub changes: Vec<Change>,
    /// What could not be read.
    pub unknown: Vec<String>,
    late: Vec<Change>,
}

/// `schema.table` or `table`.
#[must_use]
pub fn object_name(text: &str, schema: Option<&str>) -> ObjectName {
    match text.split_once('.') {
        Some((schema, name)) => ObjectName::in_schema(schema, name),
        None => ObjectName::in_schema(schema.unwrap_or_default(), text),
    }
}

/// The condition of `knex.whereNull("gone_at")`, `knex.whereRaw("…")`.
fn predicate(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Name> {
    let Expr::Call(id) = expr else { return None };
    let call = program.file(site.file).outline.call(*id);
    let (_, method) = call.method()?;
    let text = program.text(site, call.positional(0)?).plain()?;
    Some(match method.as_str() {
        "whereNull" => format!("{} IS NULL", ident(&text)).into(),
        "whereNotNull" => format!("{} IS NOT NULL", ident(&text)).into(),
        "whereRaw" | "raw" => text.into(),
        "where" => format!("{} = {}", ident(&text), default_sql(program, site, call.positional(1)?)?).into(),
        _ => return None,
    })
}

impl<'p> Ops<'p> {
    /// Nothing told yet.
    #[must_use]
    pub fn new(program: &'p dyn Program, dialect: Dialect, target: Target) -> Self {
        let table = Table { name: target.name.clone(), ..Table::default() };
        Self {
            program,
            dialect,
            name: target.name,
            is_new: target.is_new,
            schema: target.schema.map(Name::from),
            table,
            before: Vec::new(),
            changes: Vec::new(),
            unknown: Vec::new(),
            late: Vec::new(),
        }
    }

    /// Keys come behind columns.
    pub fn finish(&mut self) {
        let late = std::mem::take(&mut self.late);
        self.changes.extend(late);
    }

    /// One statement of the builder.
    pub fn chain(&mut self, chain: &Chain<'p>) -> Go {
        let first = chain.first();
        if chain.receiver.is_none() {
            return Go::Inside;
        }
        match first.name.as_str() {
            "primary" => self.primary(chain, first),
            "unique" => self.unique(chain, first),
            "index" => self.index(chain, first),
            "foreign" => self.foreign(chain, first),
            "check" => {
                let condition = self.text(chain, first, 0);
                let name = self.text(chain, first, 2).map(Name::from);
                self.add_check(condition.map(|condition| Check { name, condition: condition.into(), is_whole: false }));
            }
            "comment" => {
                let text = self.text(chain, first, 0).map(Name::from);
                self.late.push(Change::Comment { table: self.name.clone(), column: None, text });
            }
            name if name.starts_with("drop") || matches!(name, "renameColumn" | "setNullable") => self.remove(chain, first),
            "timestamps" => self.timestamps(chain, first),
            name if columns::is_builder(name) => self.column(chain, first),
            _ => return Go::Inside,
        }
        Go::Read
    }

    fn text(&self, chain: &Chain<'p>, link: &Link<'p>, position: usize) -> Option<String> {
        let arg = link.arg(position)?;
        let site = chain.site_of(link);
        if self.program.entries(&site, arg).is_some() || matches!(arg, Expr::Null) { None } else { self.program.text(&site, arg).plain() }
    }

    fn names(&self, chain: &Chain<'p>, link: &Link<'p>, position: usize) -> Vec<Name> {
        link.arg(position).map(|arg| texts_of(self.program, &chain.site_of(link), arg)).unwrap_or_default()
    }

    fn options(&self, chain: &Chain<'p>, link: &Link<'p>, position: usize) -> Options<'p> {
        link.arg(position).map(|arg| Options::of(self.program, &chain.site_of(link), arg)).unwrap_or_default()
    }

    fn column(&mut self, chain: &Chain<'p>, first: &Link<'p>) {
        let builder = columns::Builder { program: self.program, dialect: self.dialect, table: &self.name };
        let Some(mut made) = builder.column(chain, first) else {
            return self.unknown.push(format!("which column does `{}` add to `{}`?", first.name, self.name.name));
        };
        if let Some(ty) = made.ty.take() {
            self.before.push(Change::CreateEnum(ty.clone()));
            if !self.is_new {
                self.changes.push(Change::CreateEnum(ty));
            }
        }
        if let Some(alter) = chain.link("alter") {
            let options = self.options(chain, alter, 0);
            self.alter(&made, &options);
        } else if self.is_new {
            self.table.columns.retain(|known| known.name != made.column.name);
            self.table.columns.push(made.column.clone());
        } else {
            self.changes.push(Change::AddColumn { table: self.name.clone(), column: Box::new(made.column.clone()), if_absent: true });
        }
        self.keys_of(chain, made);
    }

    /// `.alter()`: type, default and nullability as they are said.
    fn alter(&mut self, made: &MadeColumn, options: &Options) {
        let name = &made.column.name;
        let keeps_type = options.flag(self.program, "alterType") == Some(false);
        let keeps_null = options.flag(self.program, "alterNullable") == Some(false);
        let mut push = |change| self.changes.push(Change::AlterColumn(self.name.clone(), name.clone(), change));
        if !keeps_type {
            let ty = match made.column.ty.as_str() {
                "serial" => "integer".into(),
                "bigserial" => "bigint".into(),
                _ => made.column.ty.clone(),
            };
            push(ColumnChange::Type(ty));
        }
        push(ColumnChange::Default(made.column.default.clone()));
        if !keeps_null {
            push(ColumnChange::Nullable(made.column.nullable));
        }
    }

    /// The keys that are chained to a column.
    fn keys_of(&mut self, chain: &Chain<'p>, made: MadeColumn) {
        let column = made.column.name;
        if made.is_primary {
            self.set_primary(Key::of([column.clone()]));
        }
        if let Some(link) = chain.links.iter().skip(1).find(|link| link.name == "unique") {
            let given = self.text(chain, link, 0).or_else(|| self.options(chain, link, 0).text(self.program, "indexName"));
            let name = given.map_or_else(|| self.default_name(std::slice::from_ref(&column), "unique"), Name::from);
            self.add_unique(Key { name: Some(name), ..Key::of([column.clone()]) });
        } else if made.is_unique {
            self.add_unique(Key::of([column.clone()]));
        }
        if let Some(link) = chain.links.iter().skip(1).find(|link| link.name == "index") {
            let name = self.text(chain, link, 0).map_or_else(|| self.default_name(std::slice::from_ref(&column), "index"), Name::from);
            self.add_index(Index { name: Some(name), parts: vec![IndexPart::column(column.clone())], ..Index::default() });
        }
        if let Some(check) = made.check {
            self.add_check(Some(Check { condition: check, ..Check::default() }));
        }
        if let Some(mut key) = made.references {
            key.columns = vec![column.clone()];
            self.add_foreign(key);
        }
        if let Some(link) = chain.links.iter().skip(1).find(|link| link.name == "references") {
            self.reference(chain, link, vec![column]);
        }
    }

    /// `.references("id").inTable("users")`, `.references("users.id")`.
    fn reference(&mut self, chain: &Chain<'p>, link: &Link<'p>, columns: Vec<Name>) {
        let mut target_columns = self.names(chain, link, 0);
        let in_table =
            chain.links.iter().find(|link| matches!(link.name.as_str(), "inTable" | "on")).and_then(|link| self.text(chain, link, 0));
        let schema = self.schema.as_deref();
        let target = match in_table {
            Some(table) => object_name(&table, schema),
            None => {
                let Some((table, column)) = target_columns.first().and_then(|first| first.rsplit_once('.')) else {
                    return self.unknown.push(format!("which table do {} of `{}` refer to?", columns.join(", "), self.name.name));
                };
                let (target, column) = (object_name(table, schema), Name::from(column));
                target_columns = vec![column];
                target
            }
        };
        let action = |name: &str| chain.link(name).and_then(|link| self.text(chain, link, 0)).as_deref().and_then(Action::of);
        let given = chain.link("withKeyName").and_then(|link| self.text(chain, link, 0));
        let given = given
            .or_else(|| (link.name == "references").then(|| chain.link("foreign")).flatten().and_then(|link| self.text(chain, link, 1)));
        let name = given.map_or_else(|| self.default_name(&columns, "foreign"), Name::from);
        self.add_foreign(ForeignKey {
            name: Some(name),
            columns,
            target,
            target_columns,
            on_delete: action("onDelete"),
            on_update: action("onUpdate"),
            deferrable: chain
                .link("deferrable")
                .and_then(|link| self.text(chain, link, 0))
                .map(|when| format!("DEFERRABLE INITIALLY {when}").into()),
        });
    }

    /// The name Knex gives: `users_email_unique`.
    fn default_name(&self, columns: &[Name], kind: &str) -> Name {
        let table = match &self.name.schema {
            Some(schema) if kind != "foreign" => format!("{schema}_{}", self.name.name),
            _ => self.name.name.to_string(),
        };
        format!("{}_{}_{kind}", table.replace(['.', '-'], "_"), columns.join("_")).to_lowercase().into()
    }

    fn primary(&mut self, chain: &Chain<'p>, link: &Link<'p>) {
        let columns = self.names(chain, link, 0);
        let name = self.text(chain, link, 1).or_else(|| self.options(chain, link, 1).text(self.program, "constraintName"));
        if !columns.is_empty() {
            self.set_primary(Key { name: name.map(Name::from), ..Key::of(columns) });
        }
    }

    fn unique(&mut self, chain: &Chain<'p>, link: &Link<'p>) {
        let columns = self.names(chain, link, 0);
        let options = self.options(chain, link, 1);
        let given = self.text(chain, link, 1).or_else(|| options.text(self.program, "indexName"));
        let name = given.map_or_else(|| self.default_name(&columns, "unique"), Name::from);
        if columns.is_empty() {
            return self.unknown.push(format!("which columns of `{}` are unique?", self.name.name));
        }
        if options.has("predicate") || options.flag(self.program, "useConstraint") == Some(false) {
            let parts = columns.into_iter().map(IndexPart::column).collect();
            let condition = options.get("predicate").and_then(|(value, at)| predicate(self.program, at, value));
            if options.has("predicate") && condition.is_none() {
                return self.unknown.push(format!("which rows of `{}` does the index `{name}` hold?", self.name.name));
            }
            return self.add_index(Index { name: Some(name), parts, unique: true, condition, ..Index::default() });
        }
        self.add_unique(Key { name: Some(name), ..Key::of(columns) });
    }

    fn index(&mut self, chain: &Chain<'p>, link: &Link<'p>) {
        let columns = self.names(chain, link, 0);
        if columns.is_empty() {
            return;
        }
        let name = self.text(chain, link, 1).map_or_else(|| self.default_name(&columns, "index"), Name::from);
        let method = self.text(chain, link, 2).or_else(|| self.options(chain, link, 2).text(self.program, "indexType"));
        let method = method.map(|method| Name::from(method.to_lowercase())).filter(|method| method != "btree");
        let parts = columns.into_iter().map(IndexPart::column).collect();
        self.add_index(Index { name: Some(name), parts, method, ..Index::default() });
    }

    fn foreign(&mut self, chain: &Chain<'p>, link: &Link<'p>) {
        let columns = self.names(chain, link, 0);
        match chain.link("references") {
            Some(references) if !columns.is_empty() => self.reference(chain, references, columns),
            _ => self.unknown.push(format!("which columns of `{}` refer to what?", self.name.name)),
        }
    }

    /// `timestamps(useTimestamps, defaultToNow, useCamelCase)`.
    fn timestamps(&mut self, chain: &Chain<'p>, link: &Link<'p>) {
        let builder = columns::Builder { program: self.program, dialect: self.dialect, table: &self.name };
        for column in builder.timestamps(chain, link) {
            if self.is_new {
                self.table.columns.push(column);
            } else {
                self.changes.push(Change::AddColumn { table: self.name.clone(), column: Box::new(column), if_absent: true });
            }
        }
    }

    fn remove(&mut self, chain: &Chain<'p>, link: &Link<'p>) {
        let table = self.name.clone();
        let mut listed: Vec<Name> =
            link.call.args.iter().flat_map(|arg| texts_of(self.program, &chain.site_of(link), &arg.value)).collect();
        let named = self.text(chain, link, 1).map(Name::from);
        let columns = self.names(chain, link, 0);
        match link.name.as_str() {
            "dropColumn" | "dropColumns" => self.changes.extend(listed.drain(..).map(|column| Change::DropColumn(table.clone(), column))),
            "renameColumn" => match <[Name; 2]>::try_from(listed) {
                Ok([from, to]) => self.changes.push(Change::RenameColumn(table, from, to)),
                Err(_) => self.unknown.push(format!("which column of `{}` is renamed?", table.name)),
            },
            "setNullable" | "dropNullable" => {
                let change = ColumnChange::Nullable(link.name == "setNullable");
                self.changes.extend(columns.into_iter().map(|column| Change::AlterColumn(table.clone(), column, change.clone())));
            }
            "dropPrimary" => self.changes.push(match self.text(chain, link, 0) {
                Some(name) => Change::DropConstraint(table, name.into()),
                None => Change::DropKeyOn { table, kind: KeyKind::Primary, columns: Vec::new() },
            }),
            "dropForeign" => self.drop_key(named, &columns, "foreign"),
            "dropUnique" => self.drop_key(named, &columns, "unique"),
            "dropIndex" => {
                let name = named.unwrap_or_else(|| self.default_name(&columns, "index"));
                self.changes.push(Change::DropIndex(Some(table), name));
            }
            "dropChecks" => self.changes.extend(listed.drain(..).map(|name| Change::DropConstraint(table.clone(), name))),
            "dropTimestamps" => {
                let is_camel = link.arg(0).is_some_and(|arg| *arg == Expr::Bool(true));
                for name in if is_camel { ["createdAt", "updatedAt"] } else { ["created_at", "updated_at"] } {
                    self.changes.push(Change::DropColumn(table.clone(), name.into()));
                }
            }
            _ => {}
        }
    }

    fn drop_key(&mut self, named: Option<Name>, columns: &[Name], kind: &str) {
        let name = named.unwrap_or_else(|| self.default_name(columns, kind));
        self.changes.push(Change::DropConstraint(self.name.clone(), name));
    }

    fn set_primary(&mut self, key: Key) {
        if self.is_new { self.table.primary_key = Some(key) } else { self.late.push(Change::SetPrimaryKey(self.name.clone(), key)) }
    }

    fn add_unique(&mut self, key: Key) {
        if self.is_new { self.table.uniques.push(key) } else { self.late.push(Change::AddUnique(self.name.clone(), key)) }
    }

    fn add_foreign(&mut self, key: ForeignKey) {
        if self.is_new { self.table.foreign_keys.push(key) } else { self.late.push(Change::AddForeignKey(self.name.clone(), key)) }
    }

    fn add_index(&mut self, index: Index) {
        if self.is_new {
            self.table.indexes.push(index);
        } else {
            self.late.push(Change::CreateIndex { table: self.name.clone(), index, if_absent: false });
        }
    }

    fn add_check(&mut self, check: Option<Check>) {
        let Some(check) = check else { return };
        if self.is_new { self.table.checks.push(check) } else { self.late.push(Change::AddCheck(self.name.clone(), check)) }
    }
}
