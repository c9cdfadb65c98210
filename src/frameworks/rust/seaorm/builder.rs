//! sea-query's statements: tables, foreign keys, indexes and types put together by chains of calls.

use super::columns::{Made, column};
use super::names::{iden, idens, labels, table, text};
use crate::base::Name;
use crate::base::code::{CallId, Expr};
use crate::facts::database::{Action, Change, Check, ColumnChange, EnumType, ForeignKey, Index, IndexPart, Key, ObjectName, Table};
use crate::facts::program::{Program, Site};
use crate::frameworks::script::tables::steps::{Chain, Link};

/// Reads statements.
pub struct Builder<'p> {
    /// The program.
    pub program: &'p dyn Program,
}

impl<'p> Builder<'p> {
    /// The chain that an expression ends, also behind a name.
    #[must_use]
    pub fn chain(&self, site: &Site, expr: &'p Expr) -> Option<Chain<'p>> {
        match expr {
            Expr::Call(id) => Some(self.ending(site, *id)),
            Expr::Ref(_) | Expr::Member(..) => {
                let meaning = self.program.resolve(site, expr);
                let (call, at) = meaning.call()?;
                Some(self.ending(at, call.id))
            }
            _ => None,
        }
    }

    /// A chain; what only wraps it (`.to_owned()`, `.take()`) is let be.
    fn ending(&self, site: &Site, id: CallId) -> Chain<'p> {
        Chain::ending(self.program, site, id)
    }

    fn text(&self, site: &Site, expr: &Expr) -> Option<Name> {
        text(self.program, site, expr).plain().map(Name::from)
    }

    /// What a statement changes; `None` when it cannot be told.
    #[must_use]
    pub fn statement(&self, chain: &Chain<'p>) -> Option<Vec<Change>> {
        let root = chain.receiver.and_then(Expr::last_name).map_or("", Name::as_str);
        match (root, chain.first().name.as_str()) {
            ("Table", "create") => self.create_table(chain),
            (_, "table_auto") => self.create_table(chain),
            (_, "timestamps") => {
                let first = chain.first();
                let mut changes = self.statement(&self.chain(&chain.site_of(first), first.arg(0)?)?)?;
                if let Some(Change::CreateTable { table, .. }) = changes.last_mut() {
                    table.columns.extend(["created_at", "updated_at"].map(timestamp));
                }
                Some(changes)
            }
            ("Table", "alter") => self.alter_table(chain),
            ("Table", "drop") => {
                let tables: Vec<ObjectName> =
                    chain.links.iter().filter(|link| link.name == "table").filter_map(|link| self.table(chain, link, 0)).collect();
                Some(tables.into_iter().map(Change::DropTable).collect())
            }
            ("Table", "rename") => {
                let link = chain.link("table")?;
                Some(vec![Change::RenameTable(self.table(chain, link, 0)?, self.table(chain, link, 1)?)])
            }
            ("Table", "truncate") => Some(Vec::new()),
            ("Index", "create") => {
                let (table, index) = self.index(chain)?;
                Some(vec![Change::CreateIndex { table: table?, index, if_absent: chain.has(&["if_not_exists"]) }])
            }
            ("Index", "drop") => {
                let name = self.named(chain, "name")?;
                Some(vec![Change::DropIndex(None, name)])
            }
            ("ForeignKey" | "TableForeignKey", "create" | "new") => {
                let (table, key) = self.foreign_key(chain)?;
                Some(vec![Change::AddForeignKey(table?, key)])
            }
            ("ForeignKey", "drop") => {
                let link = chain.link("table")?;
                Some(vec![Change::DropConstraint(self.table(chain, link, 0)?, self.named(chain, "name")?)])
            }
            ("Type", "create") => {
                let labels =
                    chain.link("values").map_or(Some(Vec::new()), |link| labels(self.program, &chain.site_of(link), link.arg(0)?))?;
                Some(vec![Change::CreateEnum(EnumType { name: ObjectName::new(self.named(chain, "as_enum")?), labels })])
            }
            ("Type", "alter") => self.alter_type(chain),
            ("Type", "drop") => {
                let name = self.named(chain, "name").or_else(|| self.named(chain, "names"))?;
                Some(vec![Change::DropType(ObjectName::new(name))])
            }
            ("Query" | "Extension", _) => Some(Vec::new()),
            _ => None,
        }
    }

    fn table(&self, chain: &Chain<'p>, link: &Link<'p>, position: usize) -> Option<ObjectName> {
        table(self.program, &chain.site_of(link), link.arg(position)?)
    }

    /// The name a link of this name is given.
    fn named(&self, chain: &Chain<'p>, name: &str) -> Option<Name> {
        let link = chain.link(name)?;
        let site = chain.site_of(link);
        iden(self.program, &site, link.arg(0)?).or_else(|| self.text(&site, link.arg(0)?))
    }

    fn create_table(&self, chain: &Chain<'p>) -> Option<Vec<Change>> {
        let mut made = Table::default();
        let mut enums = Vec::new();
        let first = chain.first();
        if first.name == "table_auto" {
            made.name = self.table(chain, first, 0)?;
            made.columns = ["created_at", "updated_at"].map(timestamp).to_vec();
        }
        for link in &chain.links {
            let site = chain.site_of(link);
            match link.name.as_str() {
                "table" => made.name = self.table(chain, link, 0)?,
                "col" => {
                    let column = column(self.program, &self.chain(&site, link.arg(0)?)?)?;
                    add_column(&mut made, column, &mut enums);
                }
                "primary_key" => {
                    let (_, index) = self.index(&self.chain(&site, link.arg(0)?)?)?;
                    made.primary_key = Some(key_of(index));
                }
                "foreign_key" => {
                    let (_, key) = self.foreign_key(&self.chain(&site, link.arg(0)?)?)?;
                    made.foreign_keys.push(key);
                }
                "index" => {
                    let (_, index) = self.index(&self.chain(&site, link.arg(0)?)?)?;
                    if index.unique { made.uniques.push(key_of(index)) } else { made.indexes.push(index) }
                }
                "check" => {
                    if let Some(Expr::Call(id)) = link.arg(0)
                        && let Some(text) =
                            self.program.file(site.file).outline.call(*id).positional(0).and_then(|expr| self.text(&site, expr))
                    {
                        made.checks.push(Check { condition: text, ..Check::default() });
                    }
                }
                "comment" => made.doc = link.arg(0).and_then(|expr| self.text(&site, expr)),
                _ => {}
            }
        }
        require_keys(&mut made);
        let if_absent = first.name == "table_auto" || chain.has(&["if_not_exists"]);
        let mut changes: Vec<Change> = enums.into_iter().map(Change::CreateEnum).collect();
        changes.push(Change::CreateTable { table: Box::new(made), if_absent });
        Some(changes)
    }

    fn alter_table(&self, chain: &Chain<'p>) -> Option<Vec<Change>> {
        let table = self.table(chain, chain.link("table")?, 0)?;
        let mut changes = Vec::new();
        for link in &chain.links {
            let site = chain.site_of(link);
            let name = |position: usize| link.arg(position).and_then(|expr| iden(self.program, &site, expr));
            match link.name.as_str() {
                "add_column" | "add_column_if_not_exists" => {
                    let column = column(self.program, &self.chain(&site, link.arg(0)?)?)?;
                    let if_absent = link.name != "add_column";
                    added(&table, column, if_absent, &mut changes);
                }
                "modify_column" => modified(&table, column(self.program, &self.chain(&site, link.arg(0)?)?)?, &mut changes),
                "rename_column" => changes.push(Change::RenameColumn(table.clone(), name(0)?, name(1)?)),
                "drop_column" => changes.push(Change::DropColumn(table.clone(), name(0)?)),
                "add_foreign_key" => {
                    let (_, key) = self.foreign_key(&self.chain(&site, link.arg(0)?)?)?;
                    changes.push(Change::AddForeignKey(table.clone(), key));
                }
                "drop_foreign_key" => changes.push(Change::DropConstraint(table.clone(), name(0)?)),
                _ => {}
            }
        }
        Some(changes)
    }

    fn alter_type(&self, chain: &Chain<'p>) -> Option<Vec<Change>> {
        let ty = ObjectName::new(self.named(chain, "name")?);
        if let Some(label) = self.named(chain, "add_value") {
            let (before, after) = (self.named(chain, "before"), self.named(chain, "after"));
            return Some(vec![Change::AddLabel { ty, label, before, after }]);
        }
        if let Some(to) = self.named(chain, "rename_to") {
            return Some(vec![Change::RenameType(ty, ObjectName::new(to))]);
        }
        let link = chain.link("rename_value")?;
        let site = chain.site_of(link);
        Some(vec![Change::RenameLabel(ty, iden(self.program, &site, link.arg(0)?)?, iden(self.program, &site, link.arg(1)?)?)])
    }

    /// A foreign key, and the table that refers.
    fn foreign_key(&self, chain: &Chain<'p>) -> Option<(Option<ObjectName>, ForeignKey)> {
        let mut key = ForeignKey::default();
        let mut from = None;
        for link in &chain.links {
            let site = chain.site_of(link);
            let columns = |position: usize| link.arg(position).and_then(|expr| idens(self.program, &site, expr));
            let action = || link.arg(0).and_then(Expr::last_name).and_then(|name| Action::of(name));
            match link.name.as_str() {
                "name" => key.name = link.arg(0).and_then(|expr| self.text(&site, expr).or_else(|| iden(self.program, &site, expr))),
                "from" => {
                    from = self.table(chain, link, 0);
                    key.columns = columns(1)?;
                }
                "to" => {
                    key.target = self.table(chain, link, 0)?;
                    key.target_columns = columns(1)?;
                }
                "from_tbl" => from = self.table(chain, link, 0),
                "to_tbl" => key.target = self.table(chain, link, 0)?,
                "from_col" => key.columns.extend(columns(0)?),
                "to_col" => key.target_columns.extend(columns(0)?),
                "on_delete" => key.on_delete = action(),
                "on_update" => key.on_update = action(),
                _ => {}
            }
        }
        (!key.columns.is_empty() && !key.target.name.is_empty()).then_some((from, key))
    }

    /// An index, and its table.
    fn index(&self, chain: &Chain<'p>) -> Option<(Option<ObjectName>, Index)> {
        let mut index = Index::default();
        let mut on = None;
        for link in &chain.links {
            let site = chain.site_of(link);
            match link.name.as_str() {
                "name" => index.name = link.arg(0).and_then(|expr| self.text(&site, expr).or_else(|| iden(self.program, &site, expr))),
                "table" => on = self.table(chain, link, 0),
                "col" => index.parts.push(self.part(&site, link.arg(0)?)?),
                "unique" => index.unique = true,
                "nulls_not_distinct" => index.nulls_not_distinct = true,
                "full_text" => index.method = Some("gin".into()),
                "index_type" => {
                    let method = link.arg(0).and_then(|expr| match expr {
                        Expr::Call(id) => iden(self.program, &site, self.program.file(site.file).outline.call(*id).positional(0)?),
                        other => other.last_name().map(|name| name.to_lowercase().into()),
                    });
                    index.method = method.filter(|method| !matches!(method.to_lowercase().as_str(), "btree" | "b_tree"));
                }
                _ => {}
            }
        }
        Some((on, index))
    }

    /// A column of an index, alone or with its order.
    fn part(&self, site: &Site, expr: &Expr) -> Option<IndexPart> {
        if let Expr::List(parts) = expr {
            let name = iden(self.program, site, parts.first()?)?;
            let is_desc = parts.iter().any(|part| part.last_name().is_some_and(|name| name == "Desc"));
            return Some(IndexPart { text: name, is_expression: false, options: is_desc.then(|| "DESC".into()) });
        }
        iden(self.program, site, expr).map(IndexPart::column)
    }
}

fn key_of(index: Index) -> Key {
    Key {
        name: index.name,
        columns: index.parts.into_iter().map(|part| part.text).collect(),
        nulls_not_distinct: index.nulls_not_distinct,
        deferrable: None,
    }
}

fn timestamp(name: &str) -> crate::facts::database::Column {
    crate::facts::database::Column {
        name: name.into(),
        ty: "timestamp without time zone".into(),
        default: Some("CURRENT_TIMESTAMP".into()),
        ..Default::default()
    }
}

fn add_column(table: &mut Table, made: Made, enums: &mut Vec<EnumType>) {
    if made.primary {
        table.primary_key = Some(Key::of([made.column.name.clone()]));
    }
    table.uniques.extend(made.unique);
    table.checks.extend(made.checks);
    enums.extend(made.enumeration);
    table.columns.push(made.column);
}

fn require_keys(table: &mut Table) {
    let Some(key) = &table.primary_key else { return };
    for column in table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
        column.nullable = false;
    }
}

fn added(table: &ObjectName, made: Made, if_absent: bool, changes: &mut Vec<Change>) {
    changes.extend(made.enumeration.map(Change::CreateEnum));
    let key = made.primary.then(|| Key::of([made.column.name.clone()]));
    changes.push(Change::AddColumn { table: table.clone(), column: Box::new(made.column), if_absent });
    changes.extend(key.map(|key| Change::SetPrimaryKey(table.clone(), key)));
    changes.extend(made.unique.map(|key| Change::AddUnique(table.clone(), key)));
    changes.extend(made.checks.into_iter().map(|check| Change::AddCheck(table.clone(), check)));
}

/// `modify_column` changes what is said of the column and lets the rest be.
fn modified(table: &ObjectName, made: Made, changes: &mut Vec<Change>) {
    let name = made.column.name;
    let mut change = |change: ColumnChange| changes.push(Change::AlterColumn(table.clone(), name.clone(), change));
    if made.has_type {
        change(ColumnChange::Type(made.column.ty));
    }
    if made.says_null {
        change(ColumnChange::Nullable(made.column.nullable));
    }
    if made.column.default.is_some() {
        change(ColumnChange::Default(made.column.default));
    }
    changes.extend(made.unique.map(|key| Change::AddUnique(table.clone(), key)));
}
