//! The program as people run it: what it prints, where, and how it ends.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use expect_test::{Expect, expect};
use tempfile::TempDir;

const SHOP: &str = r#"from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Item(BaseModel):
    name: str


@app.get("/items/{item_id}")
def read_item(item_id: int) -> Item: ...


@app.post("/items")
def add_item(body: Item) -> Item: ...
"#;

/// A folder `shop` in a folder of its own.
fn shop() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("shop")).unwrap();
    fs::write(dir.path().join("shop/main.py"), SHOP).unwrap();
    dir
}

fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contract-agent"));
    command.current_dir(dir);
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "CI", "TERM"] {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CONTRACT_AGENT_")) {
        command.env_remove(name);
    }
    command
}

/// Everything a run tells: exit code, stdout, stderr.
fn told(command: &mut Command, dir: &Path) -> String {
    let output = command.output().unwrap();
    let place = dir.canonicalize().unwrap();
    let text = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace("contract-agent.exe", "contract-agent");
        let text = if cfg!(windows) { text.replace("\\\"", "\u{1}").replace('\\', "/").replace('\u{1}', "\\\"") } else { text };
        text.replace(&place.display().to_string(), "DIR").replace(&dir.display().to_string(), "DIR")
    };
    format!("{}\n--- out\n{}--- err\n{}", output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn check(dir: &Path, args: &[&str], expected: &Expect) {
    expected.assert_eq(&told(command(dir).args(args), dir));
}

#[test]
fn the_contracts_are_written_and_summed_up() {
    let dir = shop();
    check(
        dir.path(),
        &["analyze", "shop"],
        &expect![[r#"
            0
            --- out
            shop: 1 feature, 2 HTTP operations, 1 file

            FEATURE  OPERATIONS  TABLES  CHANNELS  FILES  DEPENDS ON
            shop              2       0         0      1

            Written to shop/contracts: 6 documents written
            --- err
        "#]],
    );
    check(
        dir.path(),
        &["analyze", "shop", "--output", "shop/contracts", "--quiet"],
        &expect![[r#"
        0
        --- out
        --- err
    "#]],
    );
    check(
        &dir.path().join("shop"),
        &["analyze"],
        &expect![[r#"
            0
            --- out
            shop: 1 feature, 2 HTTP operations, 1 file

            FEATURE  OPERATIONS  TABLES  CHANNELS  FILES  DEPENDS ON
            shop              2       0         0      1

            Nothing changed in contracts (6 documents up to date)
            --- err
        "#]],
    );
    check(
        dir.path(),
        &["validate", "shop/contracts"],
        &expect![[r#"
        0
        --- out
        shop/contracts: 6 files, nothing wrong
        --- err
    "#]],
    );
}

#[test]
fn a_version_rises_when_the_promise_changes_and_stays_otherwise() {
    let dir = shop();
    let version = || {
        let repo = fs::read_to_string(dir.path().join("shop/contracts/repo_contract.json")).unwrap();
        let repo: serde_json::Value = serde_json::from_str(&repo).unwrap();
        repo["features"][0]["version"].as_str().unwrap().to_owned()
    };
    let analyze = || assert!(command(dir.path()).args(["analyze", "shop", "-q"]).status().unwrap().success());
    analyze();
    assert_eq!(version(), "0.1.0");
    analyze();
    assert_eq!(version(), "0.1.0");
    fs::write(dir.path().join("shop/main.py"), format!("# a line above changes no promise\n{SHOP}")).unwrap();
    analyze();
    assert_eq!(version(), "0.1.0");
    fs::write(dir.path().join("shop/main.py"), format!("{SHOP}\n\n@app.get(\"/more\")\ndef more(): ...\n")).unwrap();
    analyze();
    assert_eq!(version(), "0.1.1");
}

#[test]
fn what_cannot_be_done_is_said_in_three_parts() {
    let dir = shop();
    let at = dir.path();
    check(
        at,
        &["analyze", "nowhere"],
        &expect![[r#"
        2
        --- out
        --- err
        error: there is no folder `nowhere`
        help: check the path, or run the command inside the repository
    "#]],
    );
    check(
        at,
        &["analyze", "shop/main.py"],
        &expect![[r#"
        2
        --- out
        --- err
        error: `shop/main.py` is not a folder
        help: give the folder that holds it: `shop`
    "#]],
    );
    check(
        at,
        &["analyze", "shop", "--rev", "HEAD"],
        &expect![[r#"
        2
        --- out
        --- err
        error: `DIR/shop` is in no git repository
        help: only the files on disk can be read here; `git init` makes it a repository
    "#]],
    );
    check(
        at,
        &["analyze", "shop", "--output", "shop/main.py"],
        &expect![[r#"
        2
        --- out
        --- err
        error: the output path is not a folder
          --> shop/main.py
        help: choose another folder with `--output`
    "#]],
    );
    check(
        at,
        &["validate", "nowhere"],
        &expect![[r#"
        2
        --- out
        --- err
        error: there are no contracts
          --> nowhere
        help: `contract-agent analyze` writes them
    "#]],
    );
    check(
        at,
        &["validate", "shop/main.py"],
        &expect![[r#"
        2
        --- out
        --- err
        error: the contracts are not in a folder
          --> shop/main.py
        help: `contract-agent analyze` writes them
    "#]],
    );
    let missing = told(command(at).args(["analyze", "shop", "--config", "nowhere.toml"]), at);
    assert!(missing.contains("error: cannot read the settings\n  --> nowhere.toml: cannot open it: "), "{missing}");
    assert!(missing.starts_with("2\n") && missing.ends_with("help: check the path and its permissions\n"), "{missing}");
    fs::write(at.join("shop/contract-agent.toml"), "[scan]\nexlude = []\n").unwrap();
    check(
        at,
        &["analyze", "shop"],
        &expect![[r#"
        2
        --- out
        --- err
        error: cannot read the settings
          --> shop/contract-agent.toml:2:1: unknown key `exlude`
        help: did you mean `exclude`? `contract-agent explain settings` lists the keys
    "#]],
    );
    check(
        at,
        &["schema", "setings"],
        &expect![[r#"
            2
            --- out
            --- err
            error: invalid value 'setings' for '<DOCUMENT>'
              [possible values: repo_contract, relationships, feature_contract, api_contract, infrastructure_contract, events_contract, resolutions, settings, check]

              tip: a similar value exists: 'settings'

            For more information, try '--help'.
        "#]],
    );
    assert!(!at.join("shop/contracts").exists(), "a run that failed leaves nothing behind");
}

#[test]
fn settings_flags_and_environment_are_heard() {
    let dir = shop();
    fs::create_dir(dir.path().join("shop/old")).unwrap();
    fs::write(dir.path().join("shop/old/main.py"), SHOP).unwrap();
    let settings =
        "[scan]\nexclude = [\"old\"]\n[output]\ndir = \"promises\"\n[http]\nbase_path = \"/api\"\n[features.Shop]\npaths = [\"main.py\"]\n";
    fs::write(dir.path().join("shop/contract-agent.toml"), settings).unwrap();
    let shown = told(command(dir.path()).args(["show", "GET", "--path", "shop"]), dir.path());
    expect![[r#"
        0
        --- out
        operation  GET /api/items/{item_id}  shop
                   main.py:11 (read_item)
        --- err
    "#]]
    .assert_eq(&shown);
    assert!(command(dir.path()).args(["analyze", "shop", "-q"]).status().unwrap().success());
    assert!(dir.path().join("shop/promises/repo_contract.json").exists());
    let output = dir.path().join("elsewhere");
    assert!(command(dir.path()).args(["analyze", "shop", "-q"]).env("CONTRACT_AGENT_OUTPUT", &output).status().unwrap().success());
    assert!(output.join("features/shop/api_contract.yaml").exists());
}

#[test]
fn features_operations_and_types_are_found() {
    let dir = shop();
    check(
        dir.path(),
        &["show", "--path", "shop"],
        &expect![[r#"
            0
            --- out
            feature    shop  2 operations, 1 file
                       Serves 2 HTTP operations under /items.
            operation  POST /items  shop
                       main.py:15 (add_item)
            operation  GET /items/{item_id}  shop
                       main.py:11 (read_item)
            --- err
        "#]],
    );
    check(
        dir.path(),
        &["show", "post /items", "--path", "shop", "--format", "json"],
        &expect![[r#"
            0
            --- out
            {
              "features": [],
              "operations": [
                {
                  "key": "POST /items",
                  "feature": "shop",
                  "operationId": "add_item",
                  "summary": "Add Item",
                  "place": {
                    "file": "main.py",
                    "line": 15,
                    "symbol": "add_item"
                  },
                  "isHidden": false
                }
              ],
              "promises": [],
              "types": []
            }
            --- err
        "#]],
    );
    check(
        &dir.path().join("shop"),
        &["show", "Item"],
        &expect![[r#"
            0
            --- out
            operation  POST /items  shop
                       main.py:15 (add_item)
            operation  GET /items/{item_id}  shop
                       main.py:11 (read_item)
            type       Item  shop
            {
              "type": "object",
              "required": [
                "name"
              ],
              "properties": {
                "name": {
                  "type": "string"
                }
              }
            }
            --- err
        "#]],
    );
    check(
        &dir.path().join("shop"),
        &["show", "Itme"],
        &expect![[r#"
        1
        --- out
        --- err
        nothing matches
        help: did you mean `Item`?
    "#]],
    );
}

#[test]
fn broken_contracts_are_found() {
    let dir = shop();
    assert!(command(dir.path()).args(["analyze", "shop", "-q"]).status().unwrap().success());
    let relationships = dir.path().join("shop/contracts/relationships.json");
    let text = fs::read_to_string(&relationships).unwrap().replace("\"layers\"", "\"lairs\"");
    fs::write(relationships, text).unwrap();
    check(
        &dir.path().join("shop"),
        &["validate"],
        &expect![[r#"
        1
        --- out
        contracts/relationships.json: "layers" is a required property [document-schema]
        contracts/repo_contract.json#/digests/relationships.json: `relationships.json` is not what was written: it was edited, or a run was interrupted [digest-mismatch]
        2 findings
        --- err
    "#]],
    );
    check(
        &dir.path().join("shop"),
        &["validate", "--format", "json"],
        &expect![[r#"
        1
        --- out
        {
          "findings": [
            {
              "path": "relationships.json",
              "pointer": "",
              "code": "document-schema",
              "message": "\"layers\" is a required property"
            },
            {
              "path": "repo_contract.json",
              "pointer": "/digests/relationships.json",
              "code": "digest-mismatch",
              "message": "`relationships.json` is not what was written: it was edited, or a run was interrupted"
            }
          ]
        }
        --- err
    "#]],
    );
}

#[test]
fn schemas_and_completions_are_printed() {
    let dir = tempfile::tempdir().unwrap();
    for document in ["repo_contract", "relationships", "feature_contract", "api_contract", "infrastructure_contract", "settings"] {
        let output = command(dir.path()).args(["schema", document]).output().unwrap();
        let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(schema.is_object(), "{document}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = command(dir.path()).args(["completions", shell]).output().unwrap();
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("contract-agent"), "{shell}");
    }
}

#[test]
fn colours_are_for_terminals_or_on_demand() {
    let dir = shop();
    let has_colour = |command: &mut Command| command.output().unwrap().stdout.contains(&0x1b);
    assert!(!has_colour(command(dir.path()).args(["analyze", "shop"])));
    assert!(has_colour(command(dir.path()).args(["analyze", "shop", "--color", "always"])));
    assert!(has_colour(command(dir.path()).args(["analyze", "shop"]).env("CLICOLOR_FORCE", "1")));
    assert!(!has_colour(command(dir.path()).args(["analyze", "shop"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
    assert!(!has_colour(command(dir.path()).args(["analyze", "shop", "--color", "never"]).env("CLICOLOR_FORCE", "1")));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = command(dir.path()).args(["schema", "api_contract"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut complaints = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
    assert_eq!(complaints, "");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_empty_folder_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("nothing")).unwrap();
    check(
        dir.path(),
        &["analyze", "nothing"],
        &expect![[r#"
        0
        --- out
        nothing: 0 features, 0 HTTP operations, 0 files

        Written to nothing/contracts: 3 documents written
        --- err
    "#]],
    );
}
