//! sqlx. Read from 0.8: `query!`, `query_as!`, `sqlx::query("…")`; migrations are files of SQL.

use super::http::is_test;
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::embedded::{self, Library};

/// sqlx.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/sqlx",
    label: "sqlx",
    languages: &[Language::Rust],
    modules: &["sqlx"],
    tells: &[Tells::Tables, Tells::Migrations],
    read: Some(read),
    types: None,
};

const LIBRARY: Library = Library {
    id: FRAMEWORK.id,
    names: &[
        "query",
        "query_as",
        "query_scalar",
        "query_unchecked",
        "query_as_unchecked",
        "query_scalar_unchecked",
        "query_with",
        "query_as_with",
        "query_scalar_with",
        "raw_sql",
        "execute",
        "execute_many",
        "fetch",
        "fetch_one",
        "fetch_all",
        "fetch_optional",
    ],
    dialects: &[],
    is_test,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    embedded::read(program, file, &LIBRARY, findings);
}
