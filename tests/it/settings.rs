//! Settings: where the file is found, and what its errors say.

use contract_agent::settings::{self, Settings};
use expect_test::{Expect, expect};
use std::fs;
use std::path::Path;

fn check_error(text: &str, expected: &Expect) {
    let error = settings::parse(text, Path::new("contract-agent.toml")).expect_err("the settings are wrong");
    expected.assert_eq(&format!("error: {error}"));
}

#[test]
fn all_keys() {
    let text = r#"
jobs = 4
[scan]
include = ["src/**"]
exclude = ["legacy"]
max_file_size = 2000000
keep = ["tests", "vendored", "generated", "minified", "lock-files", "fixtures"]
[output]
dir = "docs/contracts"
[http]
base_path = "/api"
[features.auth]
paths = ["src/auth/**"]
purpose = "Lets people in."
"#;
    let settings = settings::parse(text, Path::new("contract-agent.toml")).expect("the settings are right");
    assert_eq!(settings.jobs, Some(4));
    assert_eq!(settings.scan.keep.len(), 6);
    assert_eq!(settings.output.dir, Path::new("docs/contracts"));
    assert_eq!(settings.features["auth"].paths, ["src/auth/**"]);
    assert_eq!(settings::parse("", Path::new("x")).expect("nothing need be said"), Settings::default());
}

#[test]
fn unknown_key_names_the_nearest() {
    check_error(
        "jobs = 1\n\n  [featuers.auth]\npaths = []\n",
        &expect![[r#"
            error: cannot read the settings
              --> contract-agent.toml:3:4: unknown key `featuers`
            help: did you mean `features`? `contract-agent explain settings` lists the keys"#]],
    );
    check_error(
        "[scan]\nexlude = []\n",
        &expect![[r#"
            error: cannot read the settings
              --> contract-agent.toml:2:1: unknown key `exlude`
            help: did you mean `exclude`? `contract-agent explain settings` lists the keys"#]],
    );
    check_error(
        "[features.auth]\ncolour = 1\n",
        &expect![[r#"
            error: cannot read the settings
              --> contract-agent.toml:2:1: unknown key `colour`
            help: `contract-agent explain settings` lists the keys"#]],
    );
}

#[test]
fn wrong_values() {
    check_error(
        "[scan]\nkeep = [\"test\"]\n",
        &expect![[r#"
            error: cannot read the settings
              --> contract-agent.toml:2:9: unknown value `test`
            help: did you mean `tests`? `contract-agent explain settings` lists the keys"#]],
    );
    check_error(
        "jobs = \"all\"\n",
        &expect![[r#"
            error: cannot read the settings
              --> contract-agent.toml:1:8: invalid type: string "all", expected usize
            help: `contract-agent explain settings` lists the keys"#]],
    );
    check_error(
        "jobs = 0\n",
        &expect![[r#"
        error: cannot read the settings
          --> contract-agent.toml: `jobs` must be at least 1
        help: leave `jobs` out to use all cores"#]],
    );
    check_error(
        "[scan\n",
        &expect![[r#"
        error: cannot read the settings
          --> contract-agent.toml:1:6: unclosed table, expected `]`
        help: `contract-agent explain settings` lists the keys"#]],
    );
}

#[test]
fn found_upwards_to_the_top_of_the_repository() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let top = folder.path().join("repo");
    fs::create_dir_all(top.join("a/b")).expect("folders");
    fs::create_dir_all(top.join(".git")).expect("folders");
    fs::write(folder.path().join("contract-agent.toml"), "jobs = 9").expect("a file");
    assert_eq!(settings::find(&top.join("a/b")).expect("readable").file, None, "above the repository nothing is looked at");
    fs::create_dir_all(top.join(".config")).expect("folders");
    fs::write(top.join(".config/contract-agent.toml"), "jobs = 1").expect("a file");
    assert_eq!(settings::find(&top.join("a/b")).expect("readable").settings.jobs, Some(1));
    fs::write(top.join(".contract-agent.toml"), "jobs = 2").expect("a file");
    assert_eq!(settings::find(&top.join("a/b")).expect("readable").settings.jobs, Some(2));
    fs::write(top.join("a/contract-agent.toml"), "jobs = 3").expect("a file");
    assert_eq!(settings::find(&top.join("a/b")).expect("readable").settings.jobs, Some(3));
    fs::write(top.join("a/contract-agent.toml"), "job = 3").expect("a file");
    let error = settings::find(&top.join("a")).expect_err("an unknown key");
    assert_eq!(error.file, top.join("a/contract-agent.toml"));
    assert_eq!(error.at, Some((1, 1)));
}

#[test]
fn schema_names_every_key() {
    let schema = serde_json::to_string(&settings::schema()).expect("a schema is JSON");
    for key in ["jobs", "max_file_size", "lock-files", "base_path", "features", "additionalProperties"] {
        assert!(schema.contains(key), "{key}");
    }
}
