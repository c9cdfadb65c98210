//! Setting a repository up, watching it, and telling its history.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{APP, Repo, told};

#[test]
fn init_sets_up_what_is_missing() {
    let empty = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_contract-agent"));
        command.current_dir(empty.path()).arg("init").args(args).stdin(Stdio::null()).output().unwrap()
    };
    let asked = run(&[]);
    assert_eq!(asked.status.code(), Some(2), "nobody can answer");
    assert!(run(&["--dry-run"]).status.success() && fs::read_dir(empty.path()).unwrap().count() == 0);
    let done = run(&["--yes"]);
    assert!(done.status.success() && done.stdout.is_empty() && done.stderr.is_empty(), "{}", told(&done));
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 1, "without a repository there are only settings");

    let repo = Repo::new();
    repo.run(&["init", "--yes"]);
    let github = repo.read(".github/workflows/contracts.yml");
    assert!(github.contains(env!("CARGO_PKG_VERSION")) && !github.contains("@VERSION@"), "{github}");
    let _: serde_json::Value = serde_yaml::from_str(&github).unwrap();
    repo.run(&["analyze", "-q"]);
    repo.run(&["hook", "status"]);
    let before = repo.files();
    let again = repo.run(&["init", "--yes"]);
    assert_eq!((repo.files(), again.is_empty()), (before, false), "a second time there is nothing to do");

    let repo = Repo::new();
    repo.git(&["remote", "add", "origin", "https://gitlab.example.org/a/b.git"]);
    repo.write("contract-agent.toml", "jobs = 1\n");
    repo.write(".husky/pre-commit", "npm test\n");
    repo.run(&["init", "--yes"]);
    assert_eq!(repo.read("contract-agent.toml"), "jobs = 1\n");
    assert!(repo.read(".husky/pre-commit").starts_with("npm test\n# contract-agent:begin\n"));
    let job: serde_json::Value = serde_yaml::from_str(&repo.read(".gitlab-ci.yml")).unwrap();
    assert!(job["contracts"]["script"].is_array() && !repo.path(".github").exists());
    let repo = Repo::new();
    repo.write(".gitlab-ci.yml", "test:\n  script: [x]\n");
    let printed = repo.run(&["init", "--yes"]);
    assert!(printed.contains("left to you: add this job to .gitlab-ci.yml"), "{printed}");
    assert_eq!(repo.read(".gitlab-ci.yml"), "test:\n  script: [x]\n");
}

#[test]
fn what_ci_and_pre_commit_are_given_can_be_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| -> serde_json::Value { serde_yaml::from_str(&fs::read_to_string(root.join(name)).unwrap()).unwrap() };
    let action = read("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    for step in action["runs"]["steps"].as_array().unwrap() {
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "inputs come through the environment: {script}");
        let mut shell = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success());
    }
    for hook in read(".pre-commit-hooks.yaml").as_array().unwrap() {
        assert!(hook["entry"].as_str().unwrap().starts_with("contract-agent hook run") && hook["pass_filenames"] == false);
    }
    assert!(read(".gitlab/contract-agent.yml")["contracts"]["script"].is_array());
    assert!(read(".github/workflows/contracts.yml")["jobs"]["check"]["steps"].is_array());
}

/// Waits for something that another process does.
fn eventually(is_so: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if is_so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn watching_keeps_the_contracts_current() {
    for extra in [&[][..], &["--poll", "1"]] {
        let repo = Repo::new();
        let log = fs::File::create(repo.path("log.txt")).unwrap();
        let mut child = repo.command("contract-agent").args(["watch", "--debounce", "50"]).args(extra).stdout(log).spawn().unwrap();
        let all = || {
            let mut text = String::new();
            for entry in fs::read_dir(repo.path("contracts/features")).into_iter().flatten().flatten() {
                text.push_str(&fs::read_to_string(entry.path().join("api_contract.yaml")).unwrap_or_default());
            }
            text
        };
        let first = eventually(|| all().contains("/items"));
        repo.serve("more");
        let second = eventually(|| all().contains("/more"));
        repo.write("new/deep/app.py", &APP.replace("items", "deep"));
        let third = eventually(|| all().contains("/deep"));
        std::thread::sleep(Duration::from_millis(1500));
        let runs = repo.read("log.txt").lines().count();
        std::thread::sleep(Duration::from_millis(1500));
        let idle = repo.read("log.txt").lines().count() - runs;
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(first && second && third, "{extra:?}: {first} {second} {third}: {}", repo.read("log.txt"));
        assert_eq!(idle, 0, "nothing runs while nothing changes");
    }
}

#[test]
fn the_log_tells_each_change_with_its_commit() {
    let repo = Repo::with_contracts();
    for name in ["more", "most"] {
        repo.serve(name);
        repo.run(&["analyze", "-q"]);
        repo.commit(&format!("serve {name}"));
        repo.write("notes.txt", name);
        repo.commit("nothing of ours");
    }
    let told = repo.run(&["log"]);
    let at = |word: &str| told.find(word).unwrap_or_else(|| panic!("{word}: {told}"));
    assert!(at("serve most") < at("GET /most") && at("GET /most") < at("serve more") && at("serve more") < at("GET /more"), "{told}");
    assert!(!told.contains("nothing of ours"), "{told}");
    let one = repo.run(&["log", "get /more"]);
    assert!(one.contains("serve more") && !one.contains("serve most"), "{one}");
    let read: serde_json::Value = serde_json::from_str(&repo.run(&["log", "/most", "--format", "json"])).unwrap();
    assert_eq!(read["commits"].as_array().unwrap().len(), 1, "{read}");
    assert_eq!(read["commits"][0]["changes"][0]["location"]["subject"], "GET /most");
    let unknown = repo.try_run(&["log", "GET /mots"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean `GET /most`?"), "{unknown:?}");
}

#[test]
fn a_history_without_contracts_is_derived_as_far_as_it_may() {
    let repo = Repo::new();
    repo.commit("first");
    for name in ["more", "most"] {
        repo.serve(name);
        repo.commit(&format!("serve {name}"));
    }
    let told = repo.run(&["log"]);
    assert!(told.contains("serve most") && told.contains("first\u{20}(T)"), "{told}");
    let short = repo.try_run(&["log", "--derive", "2"]);
    assert!(short.status.success());
    assert!(!String::from_utf8_lossy(&short.stdout).contains("first (T)"), "{short:?}");
    assert!(String::from_utf8_lossy(&short.stderr).contains("`--derive N` allows more"), "{short:?}");
}
