//! Who reads and writes which table: `knex("users").where(…)`, `db.select().from("users")`, `.into("users")`.

use super::ID;
use crate::base::code::{Expr, Type};
use crate::facts::database::Access;
use crate::facts::finding::Findings;
use crate::facts::program::{FileId, Meaning, Program, Site};
use crate::frameworks::script::tables::found::{place, symbol_at, used};
use crate::frameworks::script::tables::steps::{Chain, tops};

/// Methods that change rows.
const WRITES: &[&str] = &["insert", "update", "del", "delete", "truncate", "increment", "decrement", "upsert", "into"];
/// Methods that name further tables.
const JOINS: &[&str] = &["join", "innerJoin", "leftJoin", "leftOuterJoin", "rightJoin", "rightOuterJoin", "fullOuterJoin", "crossJoin"];
/// Methods of queries.
const QUERIES: &[&str] = &[
    "select",
    "where",
    "andWhere",
    "whereIn",
    "whereNull",
    "whereNotNull",
    "whereNot",
    "whereRaw",
    "first",
    "returning",
    "orderBy",
    "count",
    "countDistinct",
    "pluck",
    "distinct",
    "max",
    "min",
    "sum",
    "groupBy",
    "limit",
    "modify",
    "columns",
    "onConflict",
    "from",
];

/// Reads the uses in a file that asks something like a query.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let asks = |name: &str| QUERIES.contains(&name) || WRITES.contains(&name) || JOINS.contains(&name);
    if !outline.calls.iter().any(|call| call.callee.last_name().is_some_and(|name| asks(name))) {
        return;
    }
    for id in tops(program, file) {
        let call = outline.call(id);
        let chain = Chain::ending(program, &Site::of_call(file, call), id);
        if !chain.links.iter().skip(usize::from(chain.receiver.is_none())).any(|link| asks(&link.name)) {
            continue;
        }
        for (table, access) in tables_of(program, &chain) {
            let at = place(file, &symbol_at(program, file, call.scope), chain.line());
            used(findings, ID, super::table::object_name(&table, None), access, at);
        }
    }
}

/// The tables a query names.
fn tables_of(program: &dyn Program, chain: &Chain) -> Vec<(String, Access)> {
    let first = chain.first();
    let is_direct = is_knex(program, &chain.site, &first.call.callee);
    if !is_direct && !chain.receiver.is_some_and(|receiver| is_knex(program, &chain.site, receiver)) {
        return Vec::new();
    }
    let access = if chain.has(WRITES) { Access::Write } else { Access::Read };
    let mut found = Vec::new();
    for (index, link) in chain.links.iter().enumerate() {
        let name = link.name.as_str();
        let access = match name {
            _ if index == 0 && is_direct => access,
            "from" | "into" | "table" => access,
            _ if JOINS.contains(&name) => Access::Read,
            _ => continue,
        };
        let Some(arg) = link.arg(0) else { continue };
        let site = chain.site_of(link);
        let text = match program.entries(&site, arg) {
            // `{ u: "users" }`.
            Some(entries) => entries.first().and_then(|(_, value, at)| program.text(at, value).plain()),
            None => program.text(&site, arg).plain(),
        };
        let table = text.as_deref().and_then(|text| text.split_whitespace().next()).map(str::to_owned);
        found.extend(table.map(|table| (table, access)));
    }
    found
}

/// Whether an expression is a Knex: by its type, by what made it, else by the name transactions go by.
fn is_knex(program: &dyn Program, site: &Site, expr: &Expr) -> bool {
    if !matches!(expr, Expr::Ref(_) | Expr::Member(..)) {
        return false;
    }
    let is_of = |path: &str| path == "knex" || path.starts_with("knex.");
    if let Some((ty @ Type::Named(_), at)) = program.type_of(site, expr)
        && let Some(path) = program.resolve_type(&at, ty).outside()
    {
        return is_of(path);
    }
    match program.produce(site, expr) {
        Meaning::Value(Expr::Call(id), at) => {
            let made = crate::facts::program::CallRef { file: at.file, id: *id };
            program.callee(made).outside().is_some_and(is_of)
        }
        Meaning::Param(..) | Meaning::Unknown => expr.last_name().is_some_and(|name| matches!(name.as_str(), "knex" | "trx")),
        _ => false,
    }
}
