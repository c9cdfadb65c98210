//! Which room may know which. Data flows one way; a `use` against it fails with the line to fix.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Room → rooms it may use. `lib.rs` and `main.rs` are no rooms.
const MAY_USE: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("contract", &[]),
    ("scan", &["base"]),
    ("outline", &["base"]),
    ("facts", &["base"]),
    ("frameworks", &["base", "outline", "facts"]),
    ("formats", &["base", "facts"]),
    ("link", &["base", "facts"]),
    ("features", &["base", "facts", "link", "contract"]),
    ("diff", &["base", "contract"]),
    ("guard", &["base", "contract", "diff", "outline", "settings"]),
    ("report", &["base", "contract", "diff", "guard"]),
    ("write", &["base", "contract"]),
    ("llm", &["base", "contract"]),
    ("settings", &["base"]),
    // What is kept of calls of models, behind the traits of that room.
    ("store", &["base", "llm"]),
    (
        "pipeline",
        &["base", "scan", "outline", "facts", "frameworks", "formats", "link", "features", "contract", "diff", "settings", "store"],
    ),
    (
        "cli",
        &[
            "base",
            "scan",
            "outline",
            "facts",
            "frameworks",
            "formats",
            "link",
            "features",
            "contract",
            "diff",
            "guard",
            "report",
            "write",
            "llm",
            "settings",
            "store",
            "pipeline",
        ],
    ),
];

/// Crates that only these rooms may name.
const KEPT_TO: &[(&str, &[&str])] = &[
    ("tree_sitter", &["outline"]),
    ("git2", &["scan"]),
    ("clap::", &["cli"]),
    ("reqwest", &["llm"]),
    // Cycles of schemas are found as cycles of features are.
    ("petgraph", &["features", "diff"]),
    // A framework whose application hangs together (Nest's modules) reads it at once, from one file.
    ("rayon", &["pipeline", "link", "scan", "frameworks"]),
];

/// What only some rooms may do: text that gives it away, and the rooms.
const DOES: &[(&str, &[&str])] = &[("std::fs", &["scan", "write", "cli", "settings", "store"]), ("println!", &["cli", "report"])];

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).expect("src is readable").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The room of a file under `src/`: its first folder, or its own name at the top.
fn room_of(path: &Path) -> String {
    let first = path.components().next().expect("a relative path has a first part").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Complaints about one file.
fn complaints(path: &Path, text: &str) -> Vec<String> {
    let room = room_of(path);
    let table: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    if room == "lib" || room == "main" {
        return Vec::new();
    }
    let Some(allowed) = table.get(room.as_str()) else {
        return vec![format!("src/{}: the room `{room}` is not in the table", path.display())];
    };
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let code = line.split("//").next().unwrap_or_default();
        for part in code.split("crate::").skip(1) {
            let used: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if table.contains_key(used.as_str()) && used != room && !allowed.contains(&used.as_str()) {
                found.push(format!("src/{}:{number}: `{room}` may not use `{used}`", path.display()));
            }
        }
        for (name, rooms) in KEPT_TO.iter().chain(DOES) {
            if code.contains(name) && !rooms.contains(&room.as_str()) {
                found.push(format!("src/{}:{number}: `{name}` stays in {rooms:?}", path.display()));
            }
        }
    }
    found
}

#[test]
fn rooms_use_only_what_the_table_allows() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    let mut all = String::new();
    for file in &files {
        let text = fs::read_to_string(file).expect("a source file is text");
        for complaint in complaints(file.strip_prefix(&src).expect("a file under src"), &text) {
            writeln!(all, "{complaint}").expect("a string takes all");
        }
    }
    assert!(all.is_empty(), "\n{all}");
}

#[test]
fn a_planted_forbidden_use_is_found() {
    let planted = [
        ("link/names.rs", "use crate::frameworks::ALL;"),
        ("contract/model/mod.rs", "    let x = crate::base::Name::default();"),
        ("facts/file.rs", "use tree_sitter::Parser;"),
        ("features/mod.rs", "    std::fs::read(path)"),
        ("link/http.rs", "    println!(\"{x}\");"),
    ];
    for (path, line) in planted {
        assert_eq!(complaints(Path::new(path), line).len(), 1, "{path}: {line}");
    }
    assert!(complaints(Path::new("link/names.rs"), "use crate::facts::file::FileFacts; // crate::cli").is_empty());
}
