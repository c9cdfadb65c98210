//! The `postgres` and `tokio-postgres` clients, also behind pools.

use super::http::is_test;
use crate::base::language::Language;
use crate::facts::database::Dialect;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::embedded::{self, Library};

/// `tokio-postgres` and `postgres`.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/postgres",
    label: "tokio-postgres",
    languages: &[Language::Rust],
    modules: &["tokio_postgres", "postgres", "deadpool_postgres", "bb8_postgres", "r2d2_postgres"],
    tells: &[Tells::Tables],
    read: Some(read),
    types: None,
};

const LIBRARY: Library = Library {
    id: FRAMEWORK.id,
    names: &[
        "query",
        "query_one",
        "query_opt",
        "query_raw",
        "query_typed",
        "execute",
        "execute_raw",
        "batch_execute",
        "simple_query",
        "prepare",
        "prepare_cached",
        "prepare_typed",
    ],
    dialects: &[("postgres", Dialect::Postgres)],
    is_test,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    embedded::read(program, file, &LIBRARY, findings);
}
