//! Migrations: what `up` does with a query interface. They run in the order of their files' names.

use super::ID;
use super::attributes::{Attribute, Reader, table_name};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Action, Change, Check, ColumnChange, ForeignKey, Index, IndexPart, Key, KeyKind, ObjectName, Table};
use crate::facts::finding::Findings;
use crate::facts::program::{FileId, FuncRef, Program, Site};
use crate::frameworks::script::literals::literal;
use crate::frameworks::script::tables::found::{Steps, dialect_of_folder, stem};
use crate::frameworks::script::tables::options::{Options, texts_of};
use crate::frameworks::script::tables::sql::{self, ident};
use crate::frameworks::script::tables::steps::{Chain, Go, Link, Walk};
use crate::frameworks::script::tables::{driver, ups};

/// Reads the migration of a file; whether there is one.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) -> bool {
    let Some(up) = ups::up(program, file) else { return false };
    let walk = Walk::new(program);
    let subjects = walk.names_of_param(up, 0);
    if !is_interface(program, up, &subjects) {
        return false;
    }
    let name = stem(program, file);
    let dialect = dialect_of_folder(program, file).or_else(|| driver::dialect_of(program, file));
    let mut reader = Up { program, attributes: Reader { program, dialect: dialect.unwrap_or_default() }, steps: Steps::new(file, &name) };
    walk.body(up, &None, &subjects, &mut |chain, _| reader.chain(chain));
    let mut migration = reader.steps.finish(program, ID, &name);
    migration.dialect = dialect;
    findings.migrations.push(migration);
    true
}

/// Whether an `up` is given a query interface: by its type or its name.
fn is_interface(program: &dyn Program, up: FuncRef, names: &[Name]) -> bool {
    let declared = program.function(up);
    let typed = declared.params.first().and_then(|param| program.resolve_type(&program.around(up), &param.ty).outside().map(str::to_owned));
    typed.is_some_and(|path| path.ends_with(".QueryInterface"))
        || names.iter().any(|name| name.to_lowercase().contains("queryinterface"))
        || names.iter().any(|name| matches!(name.as_str(), "qi" | "query" | "context" | "migration"))
            && program.file(up.file).outline.calls.iter().any(|call| {
                matches!(call.method(), Some((Expr::Ref(of), method)) if names.contains(of)
                    && matches!(method.as_str(), "createTable" | "addColumn" | "removeColumn" | "addIndex" | "changeColumn" | "addConstraint"))
            })
}

struct Up<'p> {
    program: &'p dyn Program,
    attributes: Reader<'p>,
    steps: Steps,
}

impl<'p> Up<'p> {
    fn chain(&mut self, chain: &Chain<'p>) -> Go {
        let mut is_read = false;
        for link in &chain.links {
            is_read |= self.link(chain, link);
        }
        if is_read { Go::Read } else { Go::Inside }
    }

    fn link(&mut self, chain: &Chain<'p>, link: &Link<'p>) -> bool {
        let site = chain.site_of(link);
        let line = link.call.at.line;
        match link.name.as_str() {
            "query" => {
                if let Some(arg) = link.arg(0) {
                    let inner = Options::of(self.program, &site, arg);
                    let text = inner.get("query").map_or_else(|| self.program.text(&site, arg), |(value, at)| self.program.text(at, value));
                    self.steps.sql(line, text);
                }
            }
            "createSchema" | "dropSchema" => {
                if let Some(name) = self.text(&site, link, 0) {
                    let is_new = link.name == "createSchema";
                    self.steps.change(line, if is_new { Change::CreateSchema(name.into()) } else { Change::DropSchema(name.into()) });
                }
            }
            "createTable" | "dropTable" | "renameTable" | "addColumn" | "removeColumn" | "renameColumn" | "changeColumn" | "addIndex"
            | "removeIndex" | "addConstraint" | "removeConstraint" => {
                let Some(table) = link.arg(0).and_then(|arg| table_name(self.program, &site, arg)) else {
                    self.steps.unknown(line, format!("which table does `{}` change?", link.name));
                    return true;
                };
                let mut changes = Vec::new();
                self.on_table(&site, link, &table, &mut changes);
                if changes.is_empty() {
                    self.steps.unknown(line, format!("what does `{}` change in `{}`?", link.name, table.name));
                }
                changes.into_iter().for_each(|change| self.steps.change(line, change));
            }
            _ => return false,
        }
        true
    }

    fn text(&self, site: &Site, link: &Link<'p>, position: usize) -> Option<String> {
        self.program.text(site, link.arg(position)?).plain()
    }

    fn options(&self, site: &Site, link: &Link<'p>, position: usize) -> Options<'p> {
        link.arg(position).map(|arg| Options::of(self.program, site, arg)).unwrap_or_default()
    }

    fn on_table(&self, site: &Site, link: &Link<'p>, table: &ObjectName, out: &mut Vec<Change>) {
        let name = |position: usize| self.text(site, link, position).map(Name::from);
        match link.name.as_str() {
            "createTable" => self.create(site, link, table, out),
            "dropTable" => out.push(Change::DropTable(table.clone())),
            "renameTable" => {
                let to = link.arg(1).and_then(|arg| table_name(self.program, site, arg));
                out.extend(to.map(|to| Change::RenameTable(table.clone(), to)));
            }
            "addColumn" => {
                let attribute = name(1).zip(link.arg(2)).and_then(|(key, value)| self.attributes.attribute(table, &key, &key, site, value));
                let Some(attribute) = attribute else { return };
                out.extend(attribute.ty.clone().map(Change::CreateEnum));
                let column = Box::new(attribute.column.clone());
                out.push(Change::AddColumn { table: table.clone(), column, if_absent: true });
                keys_of(table, &attribute, out);
            }
            "removeColumn" => out.extend(name(1).map(|column| Change::DropColumn(table.clone(), column))),
            "renameColumn" => out.extend(name(1).zip(name(2)).map(|(from, to)| Change::RenameColumn(table.clone(), from, to))),
            "changeColumn" => {
                let attribute = name(1).zip(link.arg(2)).and_then(|(key, value)| self.attributes.attribute(table, &key, &key, site, value));
                let Some(attribute) = attribute else { return };
                out.extend(attribute.ty.clone().map(Change::CreateEnum));
                for change in redefined(&attribute) {
                    out.push(Change::AlterColumn(table.clone(), attribute.column.name.clone(), change));
                }
                keys_of(table, &attribute, out);
            }
            "addIndex" => out.extend(self.index(site, link, table)),
            "removeIndex" => match link.arg(1).and_then(|arg| self.program.items(site, arg)) {
                Some(_) => {
                    let columns = link.arg(1).map(|arg| texts_of(self.program, site, arg)).unwrap_or_default();
                    out.push(Change::DropIndex(Some(table.clone()), default_name(table, &columns, "")));
                }
                None => out.extend(name(1).map(|index| Change::DropIndex(Some(table.clone()), index))),
            },
            "addConstraint" => self.constraint(site, link, table, out),
            "removeConstraint" => out.extend(name(1).map(|constraint| Change::DropConstraint(table.clone(), constraint))),
            _ => {}
        }
    }

    fn create(&self, site: &Site, link: &Link<'p>, name: &ObjectName, out: &mut Vec<Change>) {
        let Some(attributes) = link.arg(1).and_then(|arg| self.program.entries(site, arg)) else { return };
        let options = self.options(site, link, 2);
        let schema = options.text(self.program, "schema").map(Name::from);
        let name = ObjectName { schema: schema.or_else(|| name.schema.clone()), name: name.name.clone() };
        let mut table = Table { name: name.clone(), ..Table::default() };
        let mut keys = Vec::new();
        for (key, value, at) in attributes {
            let Some(attribute) = self.attributes.attribute(&name, &key, &key, &at, value) else { continue };
            out.extend(attribute.ty.clone().map(Change::CreateEnum));
            let column = attribute.column.name.clone();
            if attribute.is_primary {
                keys.push(column.clone());
            }
            if attribute.is_unique {
                table.uniques.push(Key::of([column]));
            }
            table.foreign_keys.extend(attribute.references);
            table.columns.push(attribute.column);
        }
        // A unique key by name is only made for models; here `uniqueKeys` says it.
        for (_, value, at) in options.inner(self.program, "uniqueKeys").iter() {
            let columns = Options::of(self.program, at, value).texts(self.program, "fields");
            table.uniques.push(Key::of(columns));
        }
        table.primary_key = (!keys.is_empty()).then(|| Key::of(keys));
        out.push(Change::CreateTable { table: Box::new(table), if_absent: true });
    }

    /// `addIndex("t", ["a"], { unique })`, `addIndex("t", { fields: ["a"] })`.
    fn index(&self, site: &Site, link: &Link<'p>, table: &ObjectName) -> Option<Change> {
        let fields = link.arg(1)?;
        let options = self.options(site, link, 1).with(self.options(site, link, 2));
        let (fields, at) = options.get("fields").map_or((fields, site.clone()), |(fields, at)| (fields, at.clone()));
        let items = self.program.items(&at, fields)?;
        let parts: Vec<IndexPart> = items
            .into_iter()
            .filter_map(|(item, at)| {
                let inner = Options::of(self.program, &at, item);
                let name = inner.text(self.program, "name").or_else(|| inner.text(self.program, "attribute"));
                let name = name.or_else(|| self.program.text(&at, item).plain())?;
                let order = inner.text(self.program, "order").filter(|order| order.eq_ignore_ascii_case("desc"));
                Some(IndexPart { options: order.map(Name::from), ..IndexPart::column(name) })
            })
            .collect();
        let columns: Vec<Name> = parts.iter().map(|part| part.text.clone()).collect();
        let given = options.text(self.program, "name").or_else(|| options.text(self.program, "indexName"));
        // `indicesType` of Sequelize 3 says nothing any more.
        let says_unique = options.text(self.program, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("unique"));
        let method =
            ["using", "method"].iter().find_map(|key| options.text(self.program, key)).map(|method| Name::from(method.to_lowercase()));
        let index = Index {
            name: Some(given.map_or_else(|| default_name(table, &columns, ""), Name::from)),
            parts,
            unique: says_unique || options.flag(self.program, "unique") == Some(true),
            method: method.filter(|method| method != "btree"),
            condition: condition(self.program, &options),
            ..Index::default()
        };
        (!columns.is_empty()).then(|| Change::CreateIndex { table: table.clone(), index, if_absent: false })
    }

    /// `addConstraint("t", { fields, type, name, references })`, and the older `addConstraint("t", fields, options)`.
    fn constraint(&self, site: &Site, link: &Link<'p>, table: &ObjectName, out: &mut Vec<Change>) {
        let program = self.program;
        let options = self.options(site, link, 1).with(self.options(site, link, 2));
        let columns = match options.get("fields") {
            Some((fields, at)) => texts_of(program, at, fields),
            None => link.arg(1).map(|arg| texts_of(program, site, arg)).unwrap_or_default(),
        };
        let kind = options.text(program, "type").unwrap_or_default().to_lowercase();
        let name = |end: &str| options.text(program, "name").map_or_else(|| default_name(table, &columns, end), Name::from);
        match kind.as_str() {
            "unique" => out.push(Change::AddUnique(table.clone(), Key { name: Some(name("_uk")), ..Key::of(columns.iter().cloned()) })),
            "primary key" => {
                out.push(Change::SetPrimaryKey(table.clone(), Key { name: Some(name("_pk")), ..Key::of(columns.iter().cloned()) }))
            }
            "foreign key" => {
                let inner = options.inner(program, "references");
                let Some(target) = inner.get("table").and_then(|(value, at)| table_name(program, at, value)) else { return };
                let action = |key: &str| options.text(program, key).as_deref().and_then(Action::of);
                let mut target_columns = inner.texts(program, "fields");
                target_columns.extend(inner.text(program, "field").map(Name::from));
                let key = ForeignKey {
                    name: Some(name(&format!("_{}_fk", target.name))),
                    columns: columns.clone(),
                    target,
                    target_columns,
                    on_delete: action("onDelete"),
                    on_update: action("onUpdate"),
                    ..ForeignKey::default()
                };
                out.push(Change::AddForeignKey(table.clone(), key));
            }
            "check" => {
                if let Some(condition) = condition(program, &options) {
                    out.push(Change::AddCheck(table.clone(), Check { name: Some(name("_ck")), condition, is_whole: false }));
                }
            }
            _ => {}
        }
    }
}

/// What `changeColumn` does to a column. With `references` it adds a key, and takes neither `NOT NULL` nor a default away.
fn redefined(attribute: &Attribute) -> Vec<ColumnChange> {
    let column = &attribute.column;
    if attribute.references.is_none() {
        return vec![ColumnChange::Redefine(Box::new(column.clone()))];
    }
    let mut changes = Vec::new();
    if !column.nullable {
        changes.push(ColumnChange::Nullable(false));
    }
    if column.default.is_some() {
        changes.push(ColumnChange::Default(column.default.clone()));
    }
    changes
}

/// The keys an added column brings.
fn keys_of(table: &ObjectName, attribute: &Attribute, out: &mut Vec<Change>) {
    let column = attribute.column.name.clone();
    if attribute.is_primary {
        out.push(Change::SetPrimaryKey(table.clone(), Key::of([column.clone()])));
    }
    if attribute.is_unique {
        out.push(Change::AddUnique(table.clone(), Key::of([column])));
    }
    if let Some(key) = &attribute.references {
        out.push(Change::DropKeyOn { table: table.clone(), kind: KeyKind::Foreign, columns: key.columns.clone() });
        out.push(Change::AddForeignKey(table.clone(), key.clone()));
    }
}

/// The name Sequelize gives: `users_email`.
fn default_name(table: &ObjectName, columns: &[Name], end: &str) -> Name {
    let joined: Vec<&str> = columns.iter().map(Name::as_str).collect();
    let name = format!("{}_{}", table.name, joined.join("_"));
    format!("{}{end}", if end.is_empty() { crate::frameworks::script::tables::naming::snake(&name) } else { name }).into()
}

/// The condition of `where: { deletedAt: null, state: "open" }`, where all of it is plain.
#[must_use]
pub fn condition(program: &dyn Program, options: &Options) -> Option<Name> {
    let (value, at) = options.get("where")?;
    let parts: Option<Vec<String>> = program
        .entries(at, value)?
        .into_iter()
        .map(|(column, value, at)| {
            if let Some(items) = program.items(&at, value) {
                let listed: Option<Vec<String>> =
                    items.into_iter().map(|(item, at)| sql::value_sql(&literal(program, &at, item)?)).collect();
                return Some(format!("{} IN ({})", ident(&column), listed?.join(", ")));
            }
            let value = literal(program, &at, value)?;
            Some(match sql::value_sql(&value) {
                Some(text) => format!("{} = {text}", ident(&column)),
                None => format!("{} IS NULL", ident(&column)),
            })
        })
        .collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join(" AND ").into())
}
