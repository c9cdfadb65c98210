//! Operations that say SQL, or something that is none of the models: files of statements, extensions, collations.

use super::operations::{Doing, text};
use super::project::Project;
use super::terms::{ident, quoted};
use crate::base::code::{Call, Expr};
use crate::facts::program::{Meaning, Program, Site, Text};

/// `CreateCollation("natural", provider="icu", locale="und-u-kn-true")`.
#[must_use]
pub fn collation(project: &Project<'_>, call: &Call, site: &Site) -> Option<Doing> {
    let program = project.program;
    let said = |position: usize, keyword: &str| text(program, site, call.arg(position, keyword));
    let (name, locale) = (said(0, "name")?, said(1, "locale")?);
    let mut parts = vec![format!("locale = {}", quoted(&locale))];
    parts.extend(text(program, site, call.keyword("provider")).map(|provider| format!("provider = {provider}")));
    if matches!(call.keyword("deterministic"), Some(Expr::Bool(false))) {
        parts.push("deterministic = false".to_owned());
        project.loose.borrow_mut().insert(name.clone());
    }
    let sql = format!("CREATE COLLATION {} ({})", ident(&name), parts.join(", "));
    Some(Doing::Collation(name, sql.into()))
}

/// Extensions; an operation of somebody else's.
#[must_use]
pub fn other(program: &dyn Program, name: &str, call: &Call, site: &Site) -> Option<Doing> {
    const EXTENSIONS: &[(&str, &str)] = &[
        ("TrigramExtension", "pg_trgm"),
        ("HStoreExtension", "hstore"),
        ("BtreeGinExtension", "btree_gin"),
        ("BtreeGistExtension", "btree_gist"),
        ("CITextExtension", "citext"),
        ("UnaccentExtension", "unaccent"),
        ("CryptoExtension", "pgcrypto"),
        ("BloomExtension", "bloom"),
        ("VectorExtension", "vector"),
        ("PostGISExtension", "postgis"),
    ];
    if name == "CreateExtension" {
        return text(program, site, call.arg(0, "name")).map(Doing::Extension);
    }
    if let Some((_, extension)) = EXTENSIONS.iter().find(|(known, _)| *known == name) {
        return Some(Doing::Extension((*extension).into()));
    }
    Some(Doing::Unknown(format!("what does the operation {name} change in the database?")))
}

/// The path of a file of SQL among the arguments of calls: `open(os.path.join(HERE, "view.sql")).read()`.
#[must_use]
pub fn sql_file(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<Text> {
    if depth > 6 {
        return None;
    }
    match expr {
        Expr::Str(path) if path.ends_with(".sql") => Some(Text::known(path)),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            let inside = call.args.iter().rev().find_map(|arg| sql_file(program, site, &arg.value, depth + 1));
            inside.or_else(|| call.method().and_then(|(receiver, _)| sql_file(program, site, receiver, depth + 1)))
        }
        Expr::Ref(_) => match program.resolve(site, expr) {
            Meaning::Value(value, at) if !std::ptr::eq(value, expr) => sql_file(program, &at, value, depth + 1),
            _ => None,
        },
        _ => None,
    }
}
