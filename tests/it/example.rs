//! `fixtures/example` and its contracts in `contracts.example`: what everybody is shown, kept true; and the same bytes
//! however they are made.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use contract_agent::contract::documents::documents;
use contract_agent::contract::validate::validate_folder;
use contract_agent::pipeline::{Silent, analyze, on_threads};
use contract_agent::scan::{Options, scan};
use contract_agent::settings::Settings;
use contract_agent::write::write;

use crate::folder::files;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn copy(from: &Path, to: &Path) {
    // What somebody had written there is no part of the example.
    for (path, bytes) in files(from).into_iter().filter(|(path, _)| !path.starts_with("contracts/")) {
        let target = to.join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
}

#[test]
fn the_example_has_these_contracts() {
    let tree = scan(&root().join("fixtures/example"), &Options { output: Some("contracts".into()), ..Options::default() }).unwrap();
    let contract = on_threads(2, || analyze(&tree, &Settings::default(), "example", &Silent)).unwrap().contract;
    let documents = documents(&contract);
    let kept = root().join("contracts.example");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        write(&kept, &documents).unwrap();
    }
    let expected = files(&kept);
    let found: BTreeMap<String, Vec<u8>> = documents.into_iter().map(|document| (document.path, document.bytes)).collect();
    assert_eq!(expected.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>());
    for (path, bytes) in &found {
        let (found, expected) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(&expected[path]));
        let line = found.lines().zip(expected.lines()).position(|(found, expected)| found != expected);
        assert!(found == expected, "contracts.example/{path} differs at line {:?}; UPDATE_EXPECT=1 rewrites it", line.map(|line| line + 1));
    }
    assert_eq!(validate_folder(&found.into_iter().collect::<Vec<_>>()), []);
}

fn git(dir: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").current_dir(dir).args(identity).args(args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_same_bytes_come_out_however_they_are_made() {
    let dir = tempfile::tempdir().unwrap();
    let shop = dir.path().join("shop");
    copy(&root().join("fixtures/example"), &shop);
    git(&shop, &["init", "-q"]);
    git(&shop, &["add", "."]);
    git(&shop, &["commit", "-q", "-m", "a shop"]);
    let run = |from: &Path, args: &[&str], output: &str| {
        let output = dir.path().join(output);
        let mut command = Command::new(env!("CARGO_BIN_EXE_contract-agent"));
        let ran = command.current_dir(from).arg("analyze").args(args).arg("--output").arg(&output).output().unwrap();
        assert!(ran.status.success(), "{args:?}: {}", String::from_utf8_lossy(&ran.stderr));
        files(&output)
    };
    let first = run(&shop, &["--jobs", "1"], "one");
    assert!(first.len() > 10);
    assert_eq!(first, run(&shop, &["--jobs", "16"], "sixteen"), "16 threads");
    assert_eq!(first, run(dir.path(), &["shop"], "elsewhere"), "from another folder");
    assert_eq!(first, run(&shop, &["--staged"], "staged"), "what is staged");
    assert_eq!(first, run(&shop, &["--rev", "HEAD"], "head"), "a revision");
    assert_eq!(first, run(&shop, &[], "shop/contracts"), "into the repository");
    assert_eq!(first, run(&shop, &[], "shop/contracts"), "a second time");
    git(&shop, &["add", "."]);
    git(&shop, &["commit", "-q", "-m", "its contracts"]);
    assert_eq!(first, run(&shop, &["--rev", "HEAD"], "shop/contracts"), "a revision that holds the contracts");
}
