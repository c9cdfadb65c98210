//! What small applications promise besides HTTP: the whole pipeline reads `input/` of every case under `fixtures/frameworks` and
//! `fixtures/documents`, and what all features together say of a kind is compared with `expected.sql` and its like.
//! A kind of which nothing is said has no file. `UPDATE_EXPECT=1` writes and removes them.

use std::fs;
use std::path::{Path, PathBuf};

use contract_agent::contract::documents::documents;
use contract_agent::contract::export::{Folder, Kind};
use contract_agent::pipeline::{Silent, analyze, on_threads};
use contract_agent::scan::{Options, scan};
use contract_agent::settings::Settings;
use expect_test::expect_file;

/// A kind of promise and the file it is compared with.
const KINDS: &[(Kind, &str)] = &[
    (Kind::Sql, "expected.sql"),
    (Kind::AsyncApi, "expected.events.json"),
    (Kind::Graphql, "expected.graphql"),
    (Kind::Proto, "expected.proto"),
];

fn cases() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let below = |folder: &Path| -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        found.sort();
        found
    };
    let groups = ["frameworks", "documents"].map(|name| fixtures.join(name));
    groups.iter().flat_map(|group| below(group)).flat_map(|group| below(&group)).filter(|case| case.join("input").is_dir()).collect()
}

/// The documents of a case's contracts.
fn contracts_of(case: &Path) -> Vec<(String, Vec<u8>)> {
    let tree = scan(&case.join("input"), &Options::default()).unwrap();
    let contract = analyze(&tree, &Settings::default(), "example", &Silent).contract;
    documents(&contract).into_iter().map(|document| (document.path, document.bytes)).collect()
}

#[test]
fn small_applications_promise_what_they_say() {
    let cases = cases();
    assert!(!cases.is_empty());
    on_threads(0, || cases.iter().for_each(|case| check(case))).unwrap();
}

fn check(case: &Path) {
    let files = contracts_of(case);
    for (kind, name) in KINDS {
        let exported = Folder::new(&files, &[]).export(*kind, None).unwrap();
        let path = case.join(name);
        if !exported.bytes.is_empty() {
            expect_file![path].assert_eq(&String::from_utf8(exported.bytes).unwrap());
        } else if std::env::var_os("UPDATE_EXPECT").is_some() {
            let _ = fs::remove_file(path);
        } else {
            assert!(!path.exists(), "{} is there, and nothing is said", path.display());
        }
    }
}
