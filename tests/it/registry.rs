//! The registry of frameworks, their cases and the table in `README.md` say the same.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use contract_agent::facts::framework::{Framework, Tells};
use contract_agent::frameworks;

const BEGIN: &str = "<!-- support:begin -->\n";
const END: &str = "<!-- support:end -->\n";

/// Folders whose cases are about several frameworks.
const TOGETHER: &[(&str, &[&str])] = &[("script-nest", &["script-class-validator"])];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// `python-fastapi` of `python/fastapi`.
fn folder_of(framework: &Framework) -> String {
    framework.id.replace('/', "-")
}

#[test]
fn every_framework_has_cases_and_every_case_a_framework() {
    let folders = fs::read_dir(root().join("fixtures/frameworks")).unwrap();
    let folders: BTreeSet<String> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let known: BTreeSet<String> = frameworks::ALL.iter().map(|framework| folder_of(framework)).collect();
    let together = |name: &str| TOGETHER.iter().find(|(folder, _)| *folder == name).map_or(&[][..], |(_, names)| names);
    let infrastructure = fs::read_dir(root().join("fixtures/infrastructure")).unwrap();
    let infrastructure = infrastructure.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut told: BTreeSet<String> =
        folders.iter().flat_map(|name| together(name).iter().copied().chain([name.as_str()])).map(String::from).collect();
    told.extend(infrastructure);
    let strange: Vec<&String> = folders.iter().filter(|name| !known.contains(*name) && together(name).is_empty()).collect();
    assert_eq!(strange, Vec::<&String>::new(), "cases of frameworks that nobody registered");
    assert_eq!(known.difference(&told).collect::<Vec<_>>(), Vec::<&String>::new(), "frameworks without a folder in fixtures/frameworks");
}

#[test]
fn the_registry_is_sorted() {
    assert!(frameworks::ALL.is_sorted_by_key(|framework| framework.id), "sort src/frameworks/mod.rs by id");
}

fn table() -> String {
    let mut text = String::from("| Language | Framework | Tells |\n| --- | --- | --- |\n");
    for framework in frameworks::ALL {
        let language = match framework.id.split('/').next().unwrap_or_default() {
            "python" => "Python",
            "rust" => "Rust",
            _ => "TypeScript, JavaScript",
        };
        let tells: Vec<&str> = framework.tells.iter().copied().map(Tells::label).collect();
        writeln!(text, "| {language} | {} | {} |", framework.label, tells.join(", ")).unwrap();
    }
    text
}

#[test]
fn the_readme_lists_what_is_supported() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the mark where the table begins");
    let (_, after) = rest.split_once(END).expect("the mark where the table ends");
    let expected = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &expected).unwrap();
    } else {
        assert!(readme == expected, "the table in README.md is not that of the registry; UPDATE_EXPECT=1 rewrites it");
    }
}
