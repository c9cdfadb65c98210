//! Migrations: what `up` does with `db.schema` and with `sql`.

use super::ID;
use super::columns::{self, MadeColumn, links, raw};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Change, Check, ColumnChange, EnumType, ForeignKey, Index, IndexPart, Key, ObjectName, Table, TableKind};
use crate::facts::finding::Findings;
use crate::facts::program::{FileId, FuncRef, Program, Site, Text};
use crate::frameworks::script::tables::found::{Steps, dialect_of_folder, stem};
use crate::frameworks::script::tables::options::texts_of;
use crate::frameworks::script::tables::steps::{Chain, Go, Link, Walk};
use crate::frameworks::script::tables::{driver, ups};
use crate::frameworks::script::typeorm::relations::lambda_returns;

/// Reads the migration of a file; whether there is one.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) -> bool {
    let Some(up) = ups::up(program, file) else { return false };
    if !is_kysely(program, up) {
        return false;
    }
    let name = stem(program, file);
    let walk = Walk::new(program);
    let mut reader = Reader { program, steps: Steps::new(file, &name) };
    let mut subjects = walk.names_of_param(up, 0);
    subjects.push("sql".into());
    walk.body(up, &None, &subjects, &mut |chain, _| reader.chain(chain));
    let mut migration = reader.steps.finish(program, ID, &name);
    migration.dialect = dialect_of_folder(program, file).or_else(|| driver::dialect_of(program, file));
    findings.migrations.push(migration);
    true
}

/// Whether an `up` is given a Kysely: by its type, else by what the file imports and does.
fn is_kysely(program: &dyn Program, up: FuncRef) -> bool {
    let Some(param) = program.function(up).params.first() else { return false };
    if let Some(path) = program.resolve_type(&program.around(up), &param.ty).outside() {
        return path.starts_with("kysely.");
    }
    let Some(name) = param.name() else { return false };
    let outline = &program.file(up.file).outline;
    let adds = || outline.calls.iter().any(|call| call.callee.last_name().is_some_and(|name| name == "addColumn" || name == "execute"));
    let has_schema = outline.calls.iter().any(|call| {
        matches!(call.method(), Some((Expr::Member(of, word), _)) if word == "schema" && matches!(of.as_ref(), Expr::Ref(root) if root == name))
    });
    has_schema && adds()
}

/// `schema.table` or `table`.
#[must_use]
pub fn object_name(text: &str, schema: Option<&str>) -> ObjectName {
    match text.split_once('.') {
        Some((schema, name)) => ObjectName::in_schema(schema, name),
        None => ObjectName::in_schema(schema.unwrap_or_default(), text),
    }
}

struct Reader<'p> {
    program: &'p dyn Program,
    steps: Steps,
}

impl<'p> Reader<'p> {
    fn chain(&mut self, chain: &Chain<'p>) -> Go {
        let first = chain.first();
        let line = chain.line();
        // sql`…`.execute(db)
        if chain.receiver.is_none() && first.name == "sql" || first.name == "raw" && chain.root().is_some_and(|root| root == "sql") {
            if chain.has(&["execute"]) {
                let text = first.arg(0).and_then(|arg| raw(self.program, &chain.site, arg));
                let text = text.map_or_else(
                    || first.arg(0).map(|arg| self.program.text(&chain.site, arg)).unwrap_or_default(),
                    |text| Text::known(&text),
                );
                self.steps.sql(line, text);
            }
            return Go::Read;
        }
        let schema = chain.link("withSchema").and_then(|link| self.text(chain, link, 0));
        let Some(start) = chain.links.iter().find(|link| is_change(&link.name)) else { return Go::Inside };
        let Some(name) = self.text(chain, start, 0) else {
            self.steps.unknown(line, format!("what does `{}` change?", start.name));
            return Go::Read;
        };
        self.change(chain, start, object_name(&name, schema.as_deref()), schema.as_deref());
        Go::Read
    }

    fn text(&self, chain: &Chain<'p>, link: &Link<'p>, position: usize) -> Option<String> {
        self.program.text(&chain.site_of(link), link.arg(position)?).plain()
    }

    fn change(&mut self, chain: &Chain<'p>, start: &Link<'p>, name: ObjectName, schema: Option<&str>) {
        let line = start.call.at.line;
        match start.name.as_str() {
            "createTable" => {
                let mut table = Table { name: name.clone(), ..Table::default() };
                for (link, site) in links(self.program, chain) {
                    self.table_link(&link, &site, &mut table, schema);
                }
                let if_absent = chain.has(&["ifNotExists"]);
                self.steps.change(line, Change::CreateTable { table: Box::new(table), if_absent });
            }
            "alterTable" => {
                let mut changes = Vec::new();
                for (link, site) in links(self.program, chain) {
                    self.alter_link(&link, &site, &name, schema, &mut changes);
                }
                changes.into_iter().for_each(|change| self.steps.change(line, change));
            }
            "createIndex" => match self.index(chain, &name) {
                Some(change) => self.steps.change(line, change),
                None => self.steps.unknown(line, format!("which columns does the index `{}` have?", name.name)),
            },
            "createType" => {
                let labels = chain.link("asEnum").and_then(|link| Some(texts_of(self.program, &chain.site_of(link), link.arg(0)?)));
                self.steps.create_enum(line, EnumType { name, labels: labels.unwrap_or_default() });
            }
            "dropTable" | "dropView" => self.steps.change(line, Change::DropTable(name)),
            "dropIndex" => {
                let table = chain.link("on").and_then(|link| self.text(chain, link, 0)).map(|table| object_name(&table, schema));
                self.steps.change(line, Change::DropIndex(table, name.name));
            }
            "dropType" => self.steps.change(line, Change::DropType(name)),
            "createSchema" => self.steps.change(line, Change::CreateSchema(name.name)),
            "dropSchema" => self.steps.change(line, Change::DropSchema(name.name)),
            "createView" => {
                let kind = if chain.has(&["materialized"]) { TableKind::MaterializedView } else { TableKind::View };
                let table = Table { name, kind, ..Table::default() };
                self.steps.change(line, Change::CreateTable { table: Box::new(table), if_absent: false });
            }
            _ => {}
        }
    }

    fn table_link(&self, link: &Link<'p>, site: &Site, table: &mut Table, schema: Option<&str>) {
        match link.name.as_str() {
            "addColumn" => {
                let Some(made) = columns::column(self.program, link, site) else { return };
                let MadeColumn { column, is_primary, unique, references, check } = made;
                if is_primary {
                    table.primary_key = Some(Key::of([column.name.clone()]));
                }
                table.uniques.extend(unique);
                table.foreign_keys.extend(references);
                table.checks.extend(check);
                table.columns.push(column);
            }
            "addPrimaryKeyConstraint" => {
                table.primary_key = self.key(link, site);
                if let Some(key) = &table.primary_key {
                    table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)).for_each(|column| column.nullable = false);
                }
            }
            "addUniqueConstraint" => table.uniques.extend(self.key(link, site)),
            "addForeignKeyConstraint" => table.foreign_keys.extend(self.foreign_key(link, site, schema)),
            "addCheckConstraint" => table.checks.extend(self.check(link, site)),
            _ => {}
        }
    }

    fn key(&self, link: &Link<'p>, site: &Site) -> Option<Key> {
        let name = self.program.text(site, link.arg(0)?).plain().map(Name::from);
        let columns = texts_of(self.program, site, link.arg(1)?);
        (!columns.is_empty()).then(|| Key { name, ..Key::of(columns) })
    }

    fn foreign_key(&self, link: &Link<'p>, site: &Site, schema: Option<&str>) -> Option<ForeignKey> {
        let mut key = ForeignKey {
            name: self.program.text(site, link.arg(0)?).plain().map(Name::from),
            columns: texts_of(self.program, site, link.arg(1)?),
            target: columns::target(&self.program.text(site, link.arg(2)?).plain()?, schema),
            target_columns: texts_of(self.program, site, link.arg(3)?),
            ..ForeignKey::default()
        };
        if let Some((Expr::Call(id), at)) = link.arg(4).and_then(|arg| lambda_returns(self.program, site, arg)) {
            columns::actions(self.program, &Chain::ending(self.program, &at, *id), Some(&mut key));
        }
        Some(key)
    }

    fn check(&self, link: &Link<'p>, site: &Site) -> Option<Check> {
        let condition = raw(self.program, site, link.arg(1)?)?;
        Some(Check { name: self.program.text(site, link.arg(0)?).plain().map(Name::from), condition: condition.into(), is_whole: false })
    }

    fn alter_link(&self, link: &Link<'p>, site: &Site, table: &ObjectName, schema: Option<&str>, out: &mut Vec<Change>) {
        let name = |position: usize| link.arg(position).and_then(|arg| self.program.text(site, arg).plain()).map(Name::from);
        match link.name.as_str() {
            "addColumn" => {
                let Some(made) = columns::column(self.program, link, site) else { return };
                let column = made.column.name.clone();
                out.push(Change::AddColumn { table: table.clone(), column: Box::new(made.column), if_absent: false });
                out.extend(made.is_primary.then(|| Change::SetPrimaryKey(table.clone(), Key::of([column]))));
                out.extend(made.unique.map(|key| Change::AddUnique(table.clone(), key)));
                out.extend(made.references.map(|key| Change::AddForeignKey(table.clone(), key)));
                out.extend(made.check.map(|check| Change::AddCheck(table.clone(), check)));
            }
            "dropColumn" => out.extend(name(0).map(|column| Change::DropColumn(table.clone(), column))),
            "renameColumn" => out.extend(name(0).zip(name(1)).map(|(from, to)| Change::RenameColumn(table.clone(), from, to))),
            "renameTo" => {
                out.extend(name(0).map(|to| Change::RenameTable(table.clone(), ObjectName { schema: table.schema.clone(), name: to })))
            }
            "setSchema" => out.extend(name(0).map(|schema| Change::SetSchema(table.clone(), schema))),
            "alterColumn" => {
                let Some(column) = name(0) else { return };
                if let Some((Expr::Call(id), at)) = link.arg(1).and_then(|arg| lambda_returns(self.program, site, arg)) {
                    for (link, site) in links(self.program, &Chain::ending(self.program, &at, *id)) {
                        out.extend(
                            self.column_change(&link, &site).map(|change| Change::AlterColumn(table.clone(), column.clone(), change)),
                        );
                    }
                }
            }
            "modifyColumn" => {
                if let Some(made) = columns::column(self.program, link, site) {
                    let name = made.column.name.clone();
                    out.push(Change::AlterColumn(table.clone(), name, ColumnChange::Redefine(Box::new(made.column))));
                }
            }
            "addPrimaryKeyConstraint" => out.extend(self.key(link, site).map(|key| Change::SetPrimaryKey(table.clone(), key))),
            "addUniqueConstraint" => out.extend(self.key(link, site).map(|key| Change::AddUnique(table.clone(), key))),
            "addForeignKeyConstraint" => {
                out.extend(self.foreign_key(link, site, schema).map(|key| Change::AddForeignKey(table.clone(), key)));
            }
            "addCheckConstraint" => out.extend(self.check(link, site).map(|check| Change::AddCheck(table.clone(), check))),
            "dropConstraint" => out.extend(name(0).map(|constraint| Change::DropConstraint(table.clone(), constraint))),
            "renameConstraint" => out.extend(name(0).zip(name(1)).map(|(from, to)| Change::RenameConstraint(table.clone(), from, to))),
            _ => {}
        }
    }

    fn column_change(&self, link: &Link<'p>, site: &Site) -> Option<ColumnChange> {
        Some(match link.name.as_str() {
            "setDataType" => ColumnChange::Type(columns::spelled(&raw(self.program, site, link.arg(0)?)?).into()),
            "setNotNull" => ColumnChange::Nullable(false),
            "dropNotNull" => ColumnChange::Nullable(true),
            "setDefault" => ColumnChange::Default(columns::default(self.program, site, link.arg(0)?)),
            "dropDefault" => ColumnChange::Default(None),
            _ => return None,
        })
    }

    fn index(&self, chain: &Chain<'p>, name: &ObjectName) -> Option<Change> {
        let table = chain.link("on").and_then(|link| self.text(chain, link, 0))?;
        let mut parts = Vec::new();
        for link in &chain.links {
            let site = chain.site_of(link);
            match link.name.as_str() {
                "column" | "columns" => {
                    parts.extend(texts_of(self.program, &site, link.arg(0)?).iter().map(|text| {
                        let (column, order) = text.split_once(' ').map_or((text.as_str(), None), |(column, order)| (column, Some(order)));
                        IndexPart { options: order.map(|order| order.to_uppercase().into()), ..IndexPart::column(column) }
                    }));
                }
                "expression" => {
                    let text = raw(self.program, &site, link.arg(0)?)?;
                    parts.push(IndexPart { text: text.into(), is_expression: true, options: None });
                }
                _ => {}
            }
        }
        let method = chain.link("using").and_then(|link| self.text(chain, link, 0)).filter(|method| method != "btree");
        let condition =
            chain.link("where").and_then(|link| raw(self.program, &chain.site_of(link), link.arg(0)?)).filter(|text| text.contains(' '));
        let index = Index {
            name: Some(name.name.clone()),
            parts,
            unique: chain.has(&["unique"]),
            method: method.map(Name::from),
            condition: condition.map(Name::from),
            ..Index::default()
        };
        let if_absent = chain.has(&["ifNotExists"]);
        (!index.parts.is_empty()).then(|| Change::CreateIndex { table: object_name(&table, name.schema.as_deref()), index, if_absent })
    }
}

fn is_change(name: &str) -> bool {
    matches!(
        name,
        "createTable"
            | "alterTable"
            | "createIndex"
            | "createType"
            | "dropTable"
            | "dropView"
            | "dropIndex"
            | "dropType"
            | "createSchema"
            | "dropSchema"
            | "createView"
    )
}
