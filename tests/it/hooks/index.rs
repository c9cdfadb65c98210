//! Contracts in git's index, and merges of contracts.

use super::{APP, Repo, told};

#[cfg(unix)]
#[test]
fn a_hook_that_writes_commits_the_contracts_of_what_is_staged() {
    let repo = Repo::with_contracts();
    repo.run(&["hook", "install", "--write"]);
    repo.serve("staged");
    repo.git(&["add", "main.py"]);
    repo.serve("later");
    repo.git(&["commit", "-q", "-m", "staged"]);
    let api = repo.git(&["grep", "-h", "-e", "/staged", "-e", "/later", "HEAD", "--", "contracts"]);
    assert!(api.contains("/staged") && !api.contains("/later"), "{api}");
    assert_eq!(repo.git(&["status", "--short"]), " M main.py\n");
    repo.git(&["commit", "-q", "-am", "later"]);
    assert_eq!(repo.git(&["status", "--short"]), "");
    repo.serve("partly");
    let refused = repo.try_git(&["commit", "-q", "-m", "partly", "main.py"]);
    assert!(!refused.status.success() && told(&refused).contains("takes only the paths"), "{}", told(&refused));
}

#[test]
fn what_is_staged_goes_into_the_index_and_an_edited_file_stays() {
    let repo = Repo::with_contracts();
    let readme = format!("{}mine\n", repo.read("contracts/README.md"));
    repo.write("contracts/README.md", &readme);
    repo.serve("more");
    repo.git(&["add", "main.py"]);
    let output = repo.try_run(&["analyze", "--staged", "-q"]);
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(repo.read("contracts/README.md"), readme, "it differs from the index, so it stays");
    assert!(repo.git(&["show", ":contracts/README.md"]).contains("2"));
    assert!(!repo.git(&["show", ":contracts/README.md"]).contains("mine"));
    let status = repo.git(&["status", "--short"]);
    assert!(status.contains("MM contracts/README.md") && status.contains("M  contracts/repo_contract.json"), "{status}");
    repo.write("contracts/README.md", "# Not ours\n");
    repo.git(&["add", "."]);
    repo.serve("most");
    repo.git(&["add", "main.py"]);
    let refused = repo.try_run(&["analyze", "--staged", "-q"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(told(&refused).contains("README.md"));
}

/// A repository in which two branches serve something more each.
fn diverged(merge_driver: bool) -> Repo {
    let repo = Repo::with_contracts();
    if merge_driver {
        repo.run(&["hook", "install", "--merge-driver"]);
        repo.run(&["hook", "uninstall"]);
        assert!(!repo.path(".gitattributes").exists());
        repo.run(&["hook", "install", "--merge-driver"]);
        repo.commit("attributes");
    }
    for (branch, file) in [("left", "left.py"), ("right", "right.py")] {
        repo.git(&["checkout", "-q", "-b", branch, "main"]);
        repo.write(file, &format!("{}\n\n@app.get(\"/{branch}\")\ndef {branch}() -> int: ...\n", APP.split("\n\n\n").next().unwrap()));
        repo.run(&["analyze", "-q"]);
        repo.commit(branch);
    }
    repo
}

fn check_resolved(repo: &Repo) {
    let printed = repo.run(&["resolve"]);
    assert!(printed.starts_with("resolved by deriving anew, and staged: ") && printed.contains("repo_contract.json"), "{printed}");
    assert_eq!(repo.git(&["ls-files", "-u"]), "");
    repo.git(&["commit", "-q", "--no-verify", "-m", "merged"]);
    assert_eq!(repo.git(&["status", "--short"]), "");
    repo.run(&["validate", "-q"]);
    repo.run(&["analyze", "-q"]);
    assert_eq!(repo.git(&["status", "--short"]), "", "they are what the merged code yields");
    assert_eq!(repo.run(&["resolve"]), "there is no conflict in the contracts\n");
}

#[test]
fn conflicts_in_contracts_are_resolved_by_deriving_anew() {
    let repo = diverged(false);
    assert!(!repo.try_git(&["merge", "-q", "left", "-m", "merge"]).status.success());
    assert!(repo.read("contracts/repo_contract.json").contains("<<<<<<< "));
    check_resolved(&repo);
}

#[test]
fn a_merge_driver_leaves_no_marks() {
    let repo = diverged(true);
    assert!(!repo.try_git(&["merge", "-q", "left", "-m", "merge"]).status.success());
    assert!(!repo.read("contracts/repo_contract.json").contains("<<<<<<< "));
    check_resolved(&repo);
}

#[test]
fn sources_are_merged_before_contracts() {
    let repo = Repo::with_contracts();
    for branch in ["left", "right"] {
        repo.git(&["checkout", "-q", "-b", branch, "main"]);
        repo.serve(branch);
        repo.run(&["analyze", "-q"]);
        repo.commit(branch);
    }
    assert!(!repo.try_git(&["merge", "-q", "left", "-m", "merge"]).status.success());
    let refused = repo.try_run(&["resolve"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(told(&refused).contains("main.py") && told(&refused).contains("help: resolve and `git add` them first"), "{}", told(&refused));
    repo.write("main.py", APP);
    repo.git(&["add", "main.py"]);
    check_resolved(&repo);
}
