//! Hooks beside those of husky, lefthook, pre-commit and overcommit.

use super::{Repo, check_restored};

#[test]
fn husky_gets_lines_at_the_end() {
    for (text, is_set) in [(None, true), (Some("npm test"), true), (Some("npm test\n"), false)] {
        let repo = Repo::with_contracts();
        repo.write(".husky/_/h", "");
        if is_set {
            repo.git(&["config", "core.hooksPath", ".husky/_"]);
        }
        if let Some(text) = text {
            repo.write(".husky/pre-commit", text);
        }
        let installed = check_restored(&repo, &["hook", "install"]);
        let found = String::from_utf8_lossy(&installed[".husky/pre-commit"].0).into_owned();
        assert!(found.starts_with(text.unwrap_or("# contract-agent:begin new\n")) && found.ends_with("# contract-agent:end\n"), "{found}");
    }
}

#[test]
fn lefthook_gets_a_command_where_its_commands_are() {
    let cases = [
        ("", "pre-commit:\n  commands:\n    contract-agent:\n      run: contract-agent hook run\n"),
        ("pre-push:\n  jobs:\n    - run: x", "\npre-commit:\n  commands:\n    contract-agent:\n"),
        (
            "pre-commit:\n  parallel: true\n  jobs:\n    - name: lint\n      run: x\n",
            "  jobs:\n    # contract-agent:begin\n    - name: contract-agent\n      run: contract-agent hook run\n    # contract-agent:end\n    - name: lint\n",
        ),
        (
            "pre-commit:\n  jobs:\n  - run: x\n",
            "  jobs:\n  # contract-agent:begin\n  - name: contract-agent\n    run: contract-agent hook run\n  # contract-agent:end\n  - run: x\n",
        ),
        (
            "pre-commit:\n  commands:\n\n    lint:\n      run: x\n",
            "  commands:\n    # contract-agent:begin\n    contract-agent:\n      run: contract-agent hook run\n    # contract-agent:end\n\n    lint:\n",
        ),
    ];
    for (text, wanted) in cases {
        let repo = Repo::with_contracts();
        repo.write("lefthook.yml", text);
        let installed = check_restored(&repo, &["hook", "install"]);
        let found = String::from_utf8_lossy(&installed["lefthook.yml"].0).replace("# contract-agent:begin joined\n", "");
        assert!(found.contains(wanted), "{found}");
    }
    let repo = Repo::with_contracts();
    repo.write("lefthook.yml", "pre-commit: { jobs: [{ run: x }] }\n");
    let printed = repo.try_run(&["hook", "install"]);
    assert_eq!(printed.status.code(), Some(1), "what cannot be placed is printed");
    assert!(String::from_utf8_lossy(&printed.stdout).contains("run: contract-agent hook run"));
    assert_eq!(repo.read("lefthook.yml"), "pre-commit: { jobs: [{ run: x }] }\n");
}

#[test]
fn pre_commit_gets_a_local_repository_at_the_end_of_its_list() {
    let cases = [
        "repos:\n  - repo: https://example.org/a\n    rev: v1\n    hooks:\n      - id: a\n",
        "repos:\n- repo: https://example.org/a\n  rev: v1\n  hooks:\n  - id: a",
        "# first\nrepos:\n\n  # a\n  - repo: https://example.org/a\n    rev: v1\n    hooks: [{id: a}]\n\n# after\nfail_fast: true\n",
    ];
    for text in cases {
        let repo = Repo::with_contracts();
        repo.write(".pre-commit-config.yaml", text);
        let installed = check_restored(&repo, &["hook", "install", "--write"]);
        let found = String::from_utf8_lossy(&installed[".pre-commit-config.yaml"].0).into_owned();
        let read: serde_json::Value = serde_yaml::from_str(&found).unwrap();
        assert_eq!(read["repos"].as_array().unwrap().len(), 2, "{found}");
        assert_eq!(read["repos"][1]["hooks"][0]["entry"], "contract-agent hook run --write", "{found}");
        assert_eq!(read["fail_fast"].as_bool(), text.contains("fail_fast").then_some(true));
    }
    let repo = Repo::with_contracts();
    repo.write(".pre-commit-config.yaml", "repos: []\n");
    assert_eq!(repo.try_run(&["hook", "install"]).status.code(), Some(1));
    assert_eq!(repo.read(".pre-commit-config.yaml"), "repos: []\n");
}

#[test]
fn overcommit_is_told_what_to_add() {
    let repo = Repo::with_contracts();
    repo.write(".overcommit.yml", "PreCommit: {}\n");
    let before = repo.files();
    let printed = repo.try_run(&["hook", "install"]);
    assert_eq!(printed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&printed.stdout).contains("command: [contract-agent, hook, run]"));
    assert_eq!(repo.files(), before);
}
