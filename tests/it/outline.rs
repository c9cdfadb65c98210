//! Outlines of small files, compared with what they were when someone last looked, and of hostile ones, which must not
//! panic and must keep what is good.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod dump;
mod python;
mod rust;
mod script;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use contract_agent::base::code::Outline;
use contract_agent::base::language::Language;
use contract_agent::outline::outline;
use expect_test::{Expect, expect_file};

/// Compares the outline of a piece of source with what is expected of it.
fn check(language: Language, source: &str, expect: &Expect) {
    expect.assert_eq(&dump::dump(&read(language, source.as_bytes())));
}

/// Outlines bytes and sees to it that the outline holds together.
fn read(language: Language, bytes: &[u8]) -> Outline {
    let outline = outline(language, bytes).outline;
    assert!(!outline.scopes.is_empty(), "the module scope is always there");
    assert!(outline.scopes.iter().enumerate().all(|(id, scope)| scope.parent.index() <= id), "a scope lies in an earlier one");
    assert!(outline.calls.iter().all(|call| call.scope.index() < outline.scopes.len()), "a call stands in a scope");
    outline
}

/// Every folder of `fixtures/outline/<language>`: its input file, and where its expectation is.
fn cases(language: &str) -> Vec<(PathBuf, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/outline").join(language);
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let input_in = |folder: &Path| {
        let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.find(|file| file.file_stem() == Some(OsStr::new("input"))).unwrap()
    };
    folders.into_iter().map(|folder| (input_in(&folder), folder.join("expected.txt"))).collect()
}

fn check_cases(language: &str) {
    let cases = cases(language);
    assert!(!cases.is_empty());
    for (input, expected) in cases {
        let extension = input.extension().unwrap().to_str().unwrap();
        let outline = read(Language::of_extension(extension).unwrap(), &fs::read(&input).unwrap());
        expect_file![expected].assert_eq(&dump::dump(&outline));
    }
}

/// Cuts every input at many places: what is left must be read without a panic.
fn check_cut_cases(language: &str) {
    for (input, _) in cases(language) {
        let extension = input.extension().unwrap().to_str().unwrap();
        let language = Language::of_extension(extension).unwrap();
        let bytes = fs::read(&input).unwrap();
        for at in (0..bytes.len()).step_by(47) {
            read(language, &bytes[..at]);
            read(language, &bytes[at..]);
        }
    }
}
