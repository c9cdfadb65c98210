//! What a table's callback lists: keys, indexes and checks.

use super::columns::{Made, column_name, member};
use super::tables::{Casing, Declared, table_of};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Action, Check, ForeignKey, Index, IndexPart, Key, ObjectName, Table};
use crate::facts::program::{CallRef, Meaning, Program, Site};
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::sql;
use crate::frameworks::script::tables::steps::{Chain, Link};

/// What is being read.
struct Extras<'t, 'p> {
    program: &'p dyn Program,
    table: &'t Declared<'p>,
    casing: Casing,
    columns: &'t [Made<'p>],
    /// The callback's parameter.
    param: Name,
}

/// Reads the third argument of a table.
pub fn read<'p>(program: &'p dyn Program, table: &Declared<'p>, casing: Casing, columns: &[Made<'p>], into: &mut Table) {
    let Some(third) = table.call.positional(2) else { return };
    let Some(function) = program.resolve(&table.site, third).function() else { return };
    let param = program.function(function).params.first().and_then(|param| param.name()).cloned().unwrap_or_default();
    let facts = program.file(function.file);
    let Some(index) = facts.returns_of(function.id).last() else { return };
    let returned = &facts.outline.returns[*index as usize];
    let at = Site { file: function.file, scope: returned.scope, offset: u32::MAX, env: None };
    let listed: Vec<(&Expr, Site)> = match program.items(&at, &returned.value) {
        Some(items) => items,
        None => program.entries(&at, &returned.value).unwrap_or_default().into_iter().map(|(_, value, at)| (value, at)).collect(),
    };
    let extras = Extras { program, table, casing, columns, param };
    for (value, at) in listed {
        if let Meaning::Value(Expr::Call(id), at) = program.produce(&at, value) {
            extras.one(&Chain::ending(program, &at, *id), into);
        }
    }
}

impl<'p> Extras<'_, 'p> {
    fn one(&self, chain: &Chain<'p>, into: &mut Table) {
        let first = chain.first();
        let call = CallRef { file: chain.site.file, id: first.id };
        let name = match self.program.callee(call) {
            Meaning::Outside(path) => path.rsplit('.').next().unwrap_or_default().to_owned(),
            _ => first.name.to_string(),
        };
        match name.as_str() {
            "index" | "uniqueIndex" => into.indexes.extend(self.index(chain, name == "uniqueIndex")),
            "unique" => into.uniques.extend(self.unique(chain)),
            "primaryKey" => {
                if let Some(key) = self.primary_key(chain, first) {
                    for column in into.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
                        column.nullable = false;
                    }
                    into.primary_key = Some(key);
                }
            }
            "foreignKey" => into.foreign_keys.extend(self.foreign_key(chain, first)),
            "check" => into.checks.extend(self.check(chain, first)),
            _ => {}
        }
    }

    fn text(&self, chain: &Chain<'p>, link: &Link<'p>) -> Option<String> {
        self.program.text(&chain.site_of(link), link.arg(0)?).plain()
    }

    /// A column of this table, by what stands for it.
    fn column(&self, site: &Site, expr: &'p Expr) -> Option<Name> {
        let (of, key) = member(expr)?;
        if matches!(of, Expr::Ref(name) if *name == self.param) {
            return self.columns.iter().find(|made| made.key == *key).map(|made| made.column.name.clone());
        }
        let table = table_of(self.program, site, of)?;
        column_name(self.program, &table, self.casing, key)
    }

    fn part(&self, site: &Site, expr: &'p Expr) -> Option<IndexPart> {
        if let Some(name) = self.column(site, expr) {
            return Some(IndexPart::column(name));
        }
        let Expr::Call(id) = expr else { return None };
        let chain = Chain::ending(self.program, site, *id);
        if let Some(name) = chain.receiver.and_then(|receiver| self.column(&chain.site, receiver)) {
            let options = self.options_of(&chain, &chain.links);
            return Some(IndexPart { options, ..IndexPart::column(name) });
        }
        let rest = chain.links.get(1..).unwrap_or_default();
        let start = chain.links.get(1).map_or(expr, |next| match &next.call.callee {
            Expr::Member(receiver, _) => receiver,
            _ => expr,
        });
        let text = told(self.program, self.casing, &chain.site, start, Some((&self.param, self.columns)))?;
        Some(IndexPart { text: text.into(), is_expression: true, options: self.options_of(&chain, rest) })
    }

    /// `.desc().nullsLast()`, `.op("vector_cosine_ops")`.
    fn options_of(&self, chain: &Chain<'p>, links: &[Link<'p>]) -> Option<Name> {
        let words: Vec<String> = links
            .iter()
            .filter_map(|link| match link.name.as_str() {
                "desc" => Some("DESC".to_owned()),
                "asc" => Some("ASC".to_owned()),
                "nullsFirst" => Some("NULLS FIRST".to_owned()),
                "nullsLast" => Some("NULLS LAST".to_owned()),
                "op" => self.text(chain, link),
                _ => None,
            })
            .collect();
        let mut ops: Vec<String> = words.iter().filter(|word| !word.starts_with(char::is_uppercase)).cloned().collect();
        ops.extend(words.iter().filter(|word| word.starts_with(char::is_uppercase)).cloned());
        // What drizzle-kit writes for a falling order of which nothing else is said.
        if ops.last().is_some_and(|last| last == "DESC") {
            ops.push("NULLS LAST".to_owned());
        }
        (!ops.is_empty()).then(|| ops.join(" ").into())
    }

    fn index(&self, chain: &Chain<'p>, unique: bool) -> Option<Index> {
        let on = chain.links.iter().find(|link| matches!(link.name.as_str(), "on" | "onOnly" | "using"))?;
        let site = chain.site_of(on);
        let skipped = usize::from(on.name == "using");
        let parts: Vec<IndexPart> = on.call.args.iter().skip(skipped).filter_map(|arg| self.part(&site, &arg.value)).collect();
        if parts.is_empty() {
            return None;
        }
        let listed: Vec<&str> = parts.iter().filter(|part| !part.is_expression).map(|part| part.text.as_str()).collect();
        let name = self.text(chain, chain.first()).unwrap_or_else(|| format!("{}_{}_index", self.table.name.name, listed.join("_")));
        let condition = chain.link("where").and_then(|link| {
            let site = chain.site_of(link);
            told(self.program, self.casing, &site, link.arg(0)?, Some((&self.param, self.columns)))
        });
        let method = (on.name == "using").then(|| self.text(chain, on)).flatten().filter(|method| method != "btree");
        let condition = condition.map(Name::from);
        Some(Index { name: Some(name.into()), parts, unique, method: method.map(Name::from), condition, ..Index::default() })
    }

    fn columns_of_args(&self, site: &Site, link: &Link<'p>) -> Vec<Name> {
        link.call.args.iter().filter_map(|arg| self.column(site, &arg.value)).collect()
    }

    fn unique(&self, chain: &Chain<'p>) -> Option<Key> {
        let on = chain.link("on")?;
        let columns = self.columns_of_args(&chain.site_of(on), on);
        let joined: Vec<&str> = columns.iter().map(Name::as_str).collect();
        let name = self.text(chain, chain.first()).unwrap_or_else(|| format!("{}_{}_unique", self.table.name.name, joined.join("_")));
        let nulls_not_distinct = chain.has(&["nullsNotDistinct"]);
        (!columns.is_empty()).then(|| Key { name: Some(name.into()), nulls_not_distinct, ..Key::of(columns) })
    }

    /// `primaryKey({ columns: [t.a, t.b] })`, `primaryKey(t.a, t.b)`.
    fn primary_key(&self, chain: &Chain<'p>, link: &Link<'p>) -> Option<Key> {
        let site = chain.site_of(link);
        let options = Options::of(self.program, &site, link.arg(0)?);
        let columns = self.listed(&options, "columns");
        let columns = if columns.is_empty() { self.columns_of_args(&site, link) } else { columns };
        let name = options.text(self.program, "name").map(Name::from);
        (!columns.is_empty()).then(|| Key { name, ..Key::of(columns) })
    }

    fn listed(&self, options: &Options<'p>, key: &str) -> Vec<Name> {
        let items = options.get(key).and_then(|(value, at)| self.program.items(at, value)).unwrap_or_default();
        items.into_iter().filter_map(|(item, at)| self.column(&at, item)).collect()
    }

    fn foreign_key(&self, chain: &Chain<'p>, link: &Link<'p>) -> Option<ForeignKey> {
        let options = Options::of(self.program, &chain.site_of(link), link.arg(0)?);
        let columns = self.listed(&options, "columns");
        let target_columns = self.listed(&options, "foreignColumns");
        let (value, at) = options.get("foreignColumns")?;
        let (first, at) = self.program.items(at, value)?.into_iter().next()?;
        let (of, _) = member(first)?;
        let target: ObjectName = match of {
            Expr::Ref(name) if *name == self.param => self.table.name.clone(),
            _ => table_of(self.program, &at, of)?.name,
        };
        let action = |name: &str| chain.link(name).and_then(|link| self.text(chain, link)).as_deref().and_then(Action::of);
        let joined = |names: &[Name]| names.iter().map(Name::as_str).collect::<Vec<_>>().join("_");
        let name = options.text(self.program, "name");
        let name =
            name.unwrap_or_else(|| format!("{}_{}_{}_{}_fk", self.table.name.name, joined(&columns), target.name, joined(&target_columns)));
        (!columns.is_empty()).then(|| ForeignKey {
            name: Some(name.into()),
            columns,
            target,
            target_columns,
            on_delete: action("onDelete"),
            on_update: action("onUpdate"),
            ..ForeignKey::default()
        })
    }

    fn check(&self, chain: &Chain<'p>, link: &Link<'p>) -> Option<Check> {
        let site = chain.site_of(link);
        let condition = told(self.program, self.casing, &site, link.arg(1)?, Some((&self.param, self.columns)))?;
        Some(Check { name: self.text(chain, link).map(Name::from), condition: condition.into(), is_whole: false })
    }
}

/// A `sql` text with the columns in it by name.
#[must_use]
pub fn told<'p>(
    program: &'p dyn Program,
    casing: Casing,
    site: &Site,
    expr: &'p Expr,
    own: Option<(&Name, &[Made<'p>])>,
) -> Option<String> {
    sql::told(program, site, expr, &|at, inner| {
        let (of, key) = member(inner)?;
        if let Some((param, columns)) = own
            && matches!(of, Expr::Ref(name) if name == param)
        {
            return columns.iter().find(|made| made.key == *key).map(|made| sql::ident(&made.column.name));
        }
        let of = table_of(program, at, of)?;
        column_name(program, &of, casing, key).map(|name| sql::ident(&name))
    })
}
