//! The library's own words: what a name of SQLAlchemy, or of something built on it, means, whatever it was imported as.
//!
//! `sa.Column`, `sqlalchemy.schema.Column`, `db.Column` are all `Column`; `func.now` stays `func.now`, a dialect's type keeps its
//! dialect: `postgresql.JSONB`.

use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::program::{CallRef, Meaning, Program, Site};

/// Libraries whose words are kept apart by a short name.
const OTHERS: &[(&str, &str)] = &[
    ("sqlalchemy_utils", "utils"),
    ("geoalchemy2", "geo"),
    ("pgvector", "pgvector"),
    ("advanced_alchemy", "advanced"),
    ("litestar", "advanced"),
    ("fastapi_users_db_sqlalchemy", "users"),
    ("fastapi_utils", "users"),
    ("fastapi_restful", "users"),
    ("sqlalchemy_json", "json"),
    ("citext", "postgresql"),
    ("snowflake", "snowflake"),
];

/// Libraries that hand SQLAlchemy's words on: modules, and objects such as `db`.
const ROOTS: &[&str] = &["sqlalchemy", "flask_sqlalchemy", "sqlmodel", "flask_sqlalchemy_lite", "quart_sqlalchemy", "sqlalchemy_utc"];

/// What a meaning is called in the library.
#[must_use]
pub fn word(program: &dyn Program, meaning: &Meaning) -> Option<Name> {
    match meaning {
        Meaning::Outside(path) => word_of_path(path),
        Meaning::Attribute(of, name) => {
            let of = of.as_ref();
            if is_database(program, of) {
                return Some(name.clone());
            }
            match of {
                Meaning::Attribute(inner, namespace) if is_database(program, inner) => {
                    word_of_path(&format!("sqlalchemy.{namespace}.{name}"))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// `db`, of `db = SQLAlchemy()`, also of a subclass.
#[must_use]
pub fn is_database(program: &dyn Program, meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Value(Expr::Call(id), at) => match program.callee(CallRef { file: at.file, id: *id }) {
            Meaning::Outside(path) => is_database_class(&path),
            Meaning::Class(class) => program.outside_bases(class).iter().any(|base| is_database_class(base)),
            _ => false,
        },
        Meaning::Instance(class) => program.outside_bases(*class).iter().any(|base| is_database_class(base)),
        _ => false,
    }
}

fn is_database_class(path: &str) -> bool {
    let library = path.split('.').next().unwrap_or_default();
    path.ends_with(".SQLAlchemy") && library.contains("sqlalchemy")
}

/// The word behind a dotted path.
#[must_use]
pub fn word_of_path(path: &str) -> Option<Name> {
    let (root, rest) = path.split_once('.')?;
    let last = rest.rsplit('.').next().unwrap_or(rest);
    if let Some((_, short)) = OTHERS.iter().find(|(name, _)| *name == root) {
        let is_ours = root != "litestar" || rest.contains("sqlalchemy");
        return is_ours.then(|| format!("{short}.{last}").into());
    }
    if !ROOTS.contains(&root) {
        return None;
    }
    if let Some((_, function)) = rest.rsplit_once("func.").filter(|(before, _)| before.is_empty() || before.ends_with('.')) {
        return Some(format!("func.{function}").into());
    }
    for dialect in ["postgresql", "mysql", "sqlite", "mssql", "oracle"] {
        if rest.contains(&format!("dialects.{dialect}.")) {
            return Some(format!("{dialect}.{last}").into());
        }
    }
    if root == "sqlmodel" && matches!(last, "Field" | "Relationship" | "SQLModel") {
        return Some(format!("sqlmodel.{last}").into());
    }
    Some(last.into())
}

/// A call in the words of the library.
#[derive(Clone)]
pub struct Said<'p> {
    /// What is called.
    pub word: Name,
    /// The call.
    pub call: &'p Call,
    /// Where its arguments are read.
    pub at: Site,
    /// Keywords that `functools.partial` gives besides, with the place they are read at.
    pub given: Option<(&'p Call, Site)>,
}

impl<'p> Said<'p> {
    /// A keyword argument, of the call or of the partial it goes through.
    #[must_use]
    pub fn keyword(&self, name: &str) -> Option<(&'p Expr, &Site)> {
        let own = self.call.keyword(name).map(|expr| (expr, &self.at));
        own.or_else(|| self.given.as_ref().and_then(|(call, at)| call.keyword(name).map(|expr| (expr, at))))
    }
}

/// The call of the library that an expression comes to, through names and the program's own functions.
#[must_use]
pub fn said<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<Said<'p>> {
    said_call(program, program.produce(site, expr))
}

fn said_call<'p>(program: &'p dyn Program, meaning: Meaning<'p>) -> Option<Said<'p>> {
    let (call_ref, at) = meaning.call()?;
    let call = program.file(call_ref.file).outline.call(call_ref.id);
    let at = at.moved(call_ref.file, call.scope, call.at.offset);
    let callee = program.resolve(&at, &call.callee);
    if let Some(word) = word(program, &callee) {
        return Some(Said { word, call, at, given: None });
    }
    match &callee {
        // `class Column(sa.Column)`.
        Meaning::Class(class) => {
            let bases = program.outside_bases(*class);
            let word = bases.iter().filter_map(|base| word_of_path(base)).find(|word| matches!(word.as_str(), "Column" | "ForeignKey"))?;
            Some(Said { word, call, at, given: None })
        }
        // `Column = functools.partial(sa.Column, nullable=False)`.
        Meaning::Value(Expr::Call(id), partial_at) => {
            let partial = CallRef { file: partial_at.file, id: *id };
            if !program.callee(partial).is_any(&["functools.partial"]) {
                return None;
            }
            let made = program.file(partial.file).outline.call(partial.id);
            let word = word(program, &program.resolve(partial_at, made.positional(0)?))?;
            Some(Said { word, call, at, given: Some((made, partial_at.clone())) })
        }
        _ => None,
    }
}
