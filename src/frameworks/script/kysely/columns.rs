//! Columns: a name, a type, and a callback that says more of it.

use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Action, Check, Column, ForeignKey, Generated, Key, ObjectName};
use crate::facts::program::{Program, Site};
use crate::frameworks::script::literals::literal;
use crate::frameworks::script::tables::inline::inline;
use crate::frameworks::script::tables::sql;
use crate::frameworks::script::tables::steps::{Chain, Link};
use crate::frameworks::script::typeorm::relations::lambda_returns;
use crate::frameworks::script::typeorm::types::postgres_name;

/// A column with the keys said beside it.
pub struct MadeColumn {
    /// The column.
    pub column: Column,
    /// `primaryKey()`.
    pub is_primary: bool,
    /// `unique()`.
    pub unique: Option<Key>,
    /// `references("person.id")`.
    pub references: Option<ForeignKey>,
    /// `check(sql`…`)`.
    pub check: Option<Check>,
}

/// The links of a chain, those of functions given to `$call` in their place.
#[must_use]
pub fn links<'p>(program: &'p dyn Program, chain: &Chain<'p>) -> Vec<(Link<'p>, Site)> {
    let mut found = Vec::new();
    for link in &chain.links {
        let site = chain.site_of(link);
        let inner = link.arg(0).filter(|_| link.name == "$call").and_then(|arg| {
            let function = program.resolve(&site, arg).function()?;
            let facts = program.file(function.file);
            let returned = &facts.outline.returns[*facts.returns_of(function.id).first()? as usize];
            let Expr::Call(id) = &returned.value else { return None };
            let at = Site { file: function.file, scope: returned.scope, offset: u32::MAX, env: None };
            Some(Chain::ending(program, &at, *id))
        });
        match inner {
            Some(inner) => found.extend(inner.links.iter().map(|link| (link.clone(), inner.site_of(link)))),
            None => found.push((link.clone(), site)),
        }
    }
    found
}

/// SQL that an expression is: text, or a `sql` template.
#[must_use]
pub fn raw<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<String> {
    sql::told(program, site, expr, &|_, _| None)
}

/// A type as PostgreSQL spells it: `varchar(255)` as `character varying(255)`.
#[must_use]
pub fn spelled(ty: &str) -> String {
    let (base, rest) = ty.find('(').map_or((ty, ""), |at| ty.split_at(at));
    let full = postgres_name(base.trim());
    match full.split_once(' ') {
        Some((first @ ("timestamp" | "time"), tail)) if !rest.is_empty() => format!("{first}{rest} {tail}"),
        _ => format!("{full}{rest}"),
    }
}

/// The column of `addColumn("name", "type", (col) => …)`.
#[must_use]
pub fn column<'p>(program: &'p dyn Program, link: &Link<'p>, site: &Site) -> Option<MadeColumn> {
    let name = program.text(site, link.arg(0)?).plain()?;
    let said = inline(&raw(program, site, link.arg(1)?).unwrap_or_default());
    let mut made = MadeColumn {
        column: Column { name: name.into(), nullable: true, ..Column::default() },
        is_primary: said.is_primary,
        unique: None,
        references: None,
        check: None,
    };
    said.apply(&mut made.column);
    made.column.ty = spelled(&made.column.ty).into();
    made.column.nullable &= !made.column.ty.ends_with("serial");
    if let Some((Expr::Call(id), at)) = link.arg(2).and_then(|arg| lambda(program, site, arg)) {
        let chain = Chain::ending(program, &at, *id);
        for (link, site) in links(program, &chain) {
            apply(program, &link, &site, &mut made);
        }
        actions(program, &chain, made.references.as_mut());
    }
    made.column.nullable &= !made.is_primary;
    Some(made)
}

/// What a callback returns, whether written in place or declared elsewhere.
fn lambda<'p>(program: &'p dyn Program, site: &Site, arg: &'p Expr) -> Option<(&'p Expr, Site)> {
    if let Some(returned) = lambda_returns(program, site, arg) {
        return Some(returned);
    }
    let function = program.resolve(site, arg).function()?;
    let facts = program.file(function.file);
    let returned = &facts.outline.returns[*facts.returns_of(function.id).first()? as usize];
    Some((&returned.value, Site { file: function.file, scope: returned.scope, offset: u32::MAX, env: None }))
}

/// `onDelete`, `onUpdate` of a chain.
pub fn actions(program: &dyn Program, chain: &Chain, key: Option<&mut ForeignKey>) {
    let Some(key) = key else { return };
    let action = |name: &str| {
        let link = chain.link(name)?;
        Action::of(&program.text(&chain.site_of(link), link.arg(0)?).plain()?)
    };
    key.on_delete = action("onDelete");
    key.on_update = action("onUpdate");
}

fn apply<'p>(program: &'p dyn Program, link: &Link<'p>, site: &Site, made: &mut MadeColumn) {
    let first = link.arg(0);
    match link.name.as_str() {
        "primaryKey" => made.is_primary = true,
        "notNull" => made.column.nullable = false,
        "unique" => made.unique = Some(Key::of([made.column.name.clone()])),
        "autoIncrement" => made.column.generated = Some(Generated::AutoIncrement),
        "generatedAlwaysAsIdentity" | "identity" => made.column.generated = Some(Generated::IdentityAlways),
        "generatedByDefaultAsIdentity" => made.column.generated = Some(Generated::IdentityByDefault),
        "generatedAlwaysAs" => {
            made.column.generated = first.and_then(|arg| raw(program, site, arg)).map(|text| Generated::Virtual(text.into()))
        }
        "stored" => {
            if let Some(Generated::Virtual(text)) = made.column.generated.take() {
                made.column.generated = Some(Generated::Stored(text));
            }
        }
        "defaultTo" => made.column.default = first.and_then(|arg| default(program, site, arg)),
        "references" => {
            let text = first.and_then(|arg| program.text(site, arg).plain());
            if let Some((table, column)) = text.as_deref().and_then(|text| text.rsplit_once('.')) {
                made.references = Some(ForeignKey {
                    columns: vec![made.column.name.clone()],
                    target: super::schema::object_name(table, None),
                    target_columns: vec![column.into()],
                    ..ForeignKey::default()
                });
            }
        }
        "check" => {
            let condition = first.and_then(|arg| raw(program, site, arg));
            made.check = condition.map(|condition| Check { condition: condition.into(), ..Check::default() });
        }
        _ => {}
    }
}

/// A default: a literal or SQL.
#[must_use]
pub fn default<'p>(program: &'p dyn Program, site: &Site, arg: &'p Expr) -> Option<Name> {
    match literal(program, site, arg) {
        Some(value) => sql::value_sql(&value).map(Name::from),
        None => raw(program, site, arg).map(Name::from),
    }
}

/// The name of a table that a key refers to.
#[must_use]
pub fn target(name: &str, schema: Option<&str>) -> ObjectName {
    super::schema::object_name(name, schema)
}
