//! The summary of a run, for people and for programs.

use contract_agent::contract::model::{Gap, Problem};
use contract_agent::report::{Paint, Summary, TextOptions, WrittenTo, to_markdown, write_text};
use expect_test::expect;

use crate::contract::shop;

fn summary() -> Summary {
    let mut contract = shop();
    let users = &mut contract.features[1];
    let mut other = users.http[0].clone();
    other.evidence.file = "app/other\u{1b}[31m.py".into();
    other.evidence.line = 30;
    users.http.push(other.clone());
    for n in 0..4 {
        users.gaps.push(Gap::new("x", format!("GET /{n}"), "what comes back?", other.evidence.clone()));
    }
    let help = Some("raise `max-file-size`".to_string());
    let problem = Problem { file: "big.py".into(), code: "file-too-large".into(), message: "larger than 2 MiB".into(), help, line: 0 };
    contract.repo.problems.push(problem);
    contract.settle();
    let written = WrittenTo { folder: "contracts".into(), changed: vec!["README.md".into()], removed: Vec::new(), unchanged: 7 };
    Summary::of(&contract, Some(written))
}

fn text(options: TextOptions) -> String {
    let mut out = Vec::new();
    write_text(&summary(), options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn text_for_people() {
    expect![[r#"
        shop: 2 features, 2 HTTP operations, 3 files

        FEATURE  OPERATIONS  TABLES  CHANNELS  FILES  DEPENDS ON
        Core              0       0         0      1
        Users             2       0         0      2  core

        Left out
          2 files: tests

        Contradictions (1)
          POST /users: 2 handlers serve the same route; the contract follows the first
            --> app/other[31m.py:30 (create)
            --> app/users.py:7 (create)

        Warnings (1)
          larger than 2 MiB
            --> big.py
            help: raise `max-file-size`

        Not known (4)
          GET /0: what comes back?
            --> app/other[31m.py:30 (create)
          GET /1: what comes back?
            --> app/other[31m.py:30 (create)
          GET /2: what comes back?
            --> app/other[31m.py:30 (create)
          and 1 more

        Written to contracts: 1 document written, 7 unchanged
    "#]]
    .assert_eq(&text(TextOptions { unsure: 3, ..TextOptions::default() }));
}

#[test]
fn colours_only_when_asked_for_and_never_from_the_repository() {
    assert!(!text(TextOptions::default()).contains('\u{1b}'));
    let coloured = text(TextOptions { paint: Paint::Coloured, ..TextOptions::default() });
    assert!(coloured.contains("\u{1b}[1mshop") && !coloured.contains("\u{1b}[31m.py"), "{coloured}");
}

#[test]
fn json_for_programs() {
    expect![[r#"
        {
          "name": "shop",
          "totals": {
            "features": 2,
            "operations": 2,
            "tables": 0,
            "channels": 0,
            "remote": 0,
            "files": 3,
            "leftOut": 2
          },
          "features": [
            {
              "name": "Core",
              "slug": "core",
              "kind": "shared",
              "files": 1,
              "operations": 0,
              "tables": 0,
              "channels": 0,
              "remote": 0,
              "gaps": 0,
              "dependsOn": []
            },
            {
              "name": "Users",
              "slug": "users",
              "kind": "feature",
              "files": 2,
              "operations": 2,
              "tables": 0,
              "channels": 0,
              "remote": 0,
              "gaps": 4,
              "dependsOn": [
                "core"
              ]
            }
          ],
          "leftOut": [
            {
              "reason": "tests",
              "count": 2,
              "examples": [
                "tests/a.py",
                "tests/b.py"
              ]
            }
          ],
          "unsure": [
            {
              "kind": "conflict",
              "feature": "users",
              "subject": "POST /users",
              "code": "route-two-handlers",
              "message": "2 handlers serve the same route; the contract follows the first",
              "places": [
                {
                  "file": "app/other\u001b[31m.py",
                  "line": 30,
                  "symbol": "create"
                },
                {
                  "file": "app/users.py",
                  "line": 7,
                  "symbol": "create"
                }
              ]
            },
            {
              "kind": "warning",
              "code": "file-too-large",
              "message": "larger than 2 MiB",
              "help": "raise `max-file-size`",
              "places": [
                {
                  "file": "big.py",
                  "line": 0
                }
              ]
            },
            {
              "kind": "gap",
              "feature": "users",
              "subject": "GET /0",
              "code": "x",
              "message": "what comes back?",
              "places": [
                {
                  "file": "app/other\u001b[31m.py",
                  "line": 30,
                  "symbol": "create"
                }
              ]
            },
            {
              "kind": "gap",
              "feature": "users",
              "subject": "GET /1",
              "code": "x",
              "message": "what comes back?",
              "places": [
                {
                  "file": "app/other\u001b[31m.py",
                  "line": 30,
                  "symbol": "create"
                }
              ]
            },
            {
              "kind": "gap",
              "feature": "users",
              "subject": "GET /2",
              "code": "x",
              "message": "what comes back?",
              "places": [
                {
                  "file": "app/other\u001b[31m.py",
                  "line": 30,
                  "symbol": "create"
                }
              ]
            },
            {
              "kind": "gap",
              "feature": "users",
              "subject": "GET /3",
              "code": "x",
              "message": "what comes back?",
              "places": [
                {
                  "file": "app/other\u001b[31m.py",
                  "line": 30,
                  "symbol": "create"
                }
              ]
            }
          ],
          "written": {
            "folder": "contracts",
            "changed": [
              "README.md"
            ],
            "removed": [],
            "unchanged": 7
          }
        }
    "#]]
    .assert_eq(&summary().to_json());
}

#[test]
fn markdown_for_pull_requests() {
    expect![[r#"
        ## Contracts of shop

        2 features, 2 HTTP operations, 3 files

        ### Features

        | Feature | Operations | Tables | Channels | Files | Depends on |
        | --- | --- | --- | --- | --- | --- |
        | Core | 0 | 0 | 0 | 1 | – |
        | Users | 2 | 0 | 0 | 2 | `core` |

        ### Left out

        | Why | Files |
        | --- | --- |
        | tests | 2 |

        ### Contradictions

        - `POST /users`: 2 handlers serve the same route; the contract follows the first (`app/other[31m.py:30`, `app/users.py:7`)

        ### Warnings

        - larger than 2 MiB (`big.py:0`)

        ### Not known

        - `GET /0`: what comes back? (`app/other[31m.py:30`)
        - `GET /1`: what comes back? (`app/other[31m.py:30`)
        - `GET /2`: what comes back? (`app/other[31m.py:30`)
        - `GET /3`: what comes back? (`app/other[31m.py:30`)
    "#]]
    .assert_eq(&to_markdown(&summary()));
}
