//! Writing that nothing can break: killed, crowded, without room, without rights.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::folder::files;

fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contract-agent"));
    command.current_dir(dir).stdin(Stdio::null()).env("NO_COLOR", "1");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CONTRACT_AGENT_")) {
        command.env_remove(name);
    }
    command
}

fn run(dir: &Path, args: &[&str]) -> Output {
    program(dir).args(args).output().unwrap()
}

fn succeed(dir: &Path, args: &[&str]) {
    let output = run(dir, args);
    assert!(output.status.success(), "{args:?}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

/// An application of so many features; the variant decides which there are and what they serve.
fn grow(dir: &Path, features: usize, variant: usize) {
    for number in 0..features {
        let folder = dir.join(format!("part{number}"));
        if (number + variant).is_multiple_of(5) {
            let _ = fs::remove_dir_all(&folder);
            continue;
        }
        let mut text = "from fastapi import FastAPI\n\napp = FastAPI()\n".to_owned();
        for route in 0..=(number + variant) % 3 {
            write!(text, "\n\n@app.get(\"/part{number}/{variant}/{route}\")\ndef read_{number}_{route}() -> int: ...\n").unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("main.py"), text).unwrap();
    }
}

/// Numbers without order, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// How often a run was killed before, while and after it wrote.
#[derive(Debug, Default)]
struct Moments {
    before: usize,
    staging: usize,
    changing: usize,
    after: usize,
}

/// Kills runs over a changing tree at random moments; the next command of any kind must find one whole set.
fn kill(times: usize) -> Moments {
    let dir = tempfile::tempdir().unwrap();
    let (at, contracts) = (dir.path(), dir.path().join("contracts"));
    let work = contracts.join(".contract-agent");
    let journal = work.join("journal.json");
    grow(at, 12, 0);
    let started = Instant::now();
    succeed(at, &["analyze", "-q"]);
    let usual = u64::try_from(started.elapsed().as_micros()).unwrap();
    fs::write(contracts.join("notes.txt"), "mine").unwrap();
    fs::create_dir_all(contracts.join("features/part1/deep")).unwrap();
    fs::write(contracts.join("features/part1/deep/mine.md"), "mine").unwrap();
    let (mut dice, mut moments) = (Dice(0x9e37_79b9_7f4a_7c15), Moments::default());
    for round in 1..=times {
        grow(at, 12, round);
        let before = files(&contracts);
        let mut child = program(at).args(["analyze", "-q"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let (sign, most) = match round % 4 {
            0 => (None, usual * 3 / 2),
            1 => (Some(&work), 30_000),
            _ => (Some(&journal), 1500),
        };
        while sign.is_some_and(|sign| !sign.exists()) && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        sleep(Duration::from_micros(dice.below(most)));
        let _ = child.kill();
        let ended = child.wait().unwrap();
        let left = files(&contracts);
        match (ended.success(), journal.exists(), work.exists()) {
            (true, ..) => moments.after += 1,
            (_, true, _) => moments.changing += 1,
            (_, _, true) => moments.staging += 1,
            _ => moments.before += 1,
        }
        succeed(at, &["validate", "-q"]);
        let found = files(&contracts);
        // A journal that was never whole says nothing, and goes with the next run that writes.
        assert!(!found.contains_key(".contract-agent/journal.json"), "round {round}");
        let ours = |files: &BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Vec<u8>> {
            files
                .iter()
                .filter(|(path, _)| !path.starts_with(".contract-agent/"))
                .map(|(path, bytes)| (path.clone(), bytes.clone()))
                .collect()
        };
        let is_old = ours(&found) == ours(&before);
        assert!(is_old || found["repo_contract.json"] != before["repo_contract.json"], "round {round}: half of a set: {:?}", left.keys());
        for mine in ["notes.txt", "features/part1/deep/mine.md"] {
            assert_eq!(found[mine], b"mine", "round {round}");
        }
        if round.is_multiple_of(3) {
            succeed(at, &["analyze", "-q"]);
            succeed(at, &["validate", "-q"]);
            grow(at, 12, round + 1);
            succeed(at, &["analyze", "-q"]);
            assert!(!files(&contracts).keys().any(|path| path.contains("journal")), "round {round}");
        }
    }
    moments
}

#[test]
fn a_kill_at_any_moment_leaves_one_whole_set() {
    let moments = kill(24);
    assert!(moments.staging + moments.changing > 0, "{moments:?}");
}

#[test]
#[ignore = "takes minutes: `cargo test --test it -- --ignored --nocapture kills`"]
fn five_hundred_kills_leave_one_whole_set_each() {
    let times = std::env::var("KILLS").ok().and_then(|times| times.parse().ok()).unwrap_or(500);
    println!("{:?}", kill(times));
}

#[test]
fn eight_runs_at_once_wait_and_agree() {
    let dir = tempfile::tempdir().unwrap();
    grow(dir.path(), 12, 0);
    succeed(dir.path(), &["analyze", "-q"]);
    grow(dir.path(), 12, 1);
    let children: Vec<_> = (0..8).map(|_| program(dir.path()).args(["analyze", "-q"]).stderr(Stdio::piped()).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    succeed(dir.path(), &["validate", "-q"]);
    let together = files(&dir.path().join("contracts"));
    assert!(together.keys().all(|path| !path.starts_with('.')), "{:?}", together.keys());
    succeed(dir.path(), &["analyze", "-q"]);
    assert_eq!(files(&dir.path().join("contracts")), together);
}

/// A shell that lets no file grow beyond a few blocks, as a disk without room does.
#[cfg(unix)]
#[test]
fn without_room_the_old_set_stays() {
    let dir = tempfile::tempdir().unwrap();
    grow(dir.path(), 12, 0);
    succeed(dir.path(), &["analyze", "-q"]);
    let before = files(&dir.path().join("contracts"));
    grow(dir.path(), 12, 1);
    let script = format!("trap '' XFSZ; ulimit -f 1; exec '{}' analyze -q ", env!("CARGO_BIN_EXE_contract-agent"));
    let output = Command::new("sh").current_dir(dir.path()).args(["-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("cannot write") && told.contains("help: "), "{told}");
    assert_eq!(files(&dir.path().join("contracts")), before);
    succeed(dir.path(), &["analyze", "-q"]);
    succeed(dir.path(), &["validate", "-q"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_told_unless_nothing_changes() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    grow(dir.path(), 3, 1);
    succeed(dir.path(), &["analyze", "-q"]);
    let contracts = dir.path().join("contracts");
    let lock = |mode| fs::set_permissions(&contracts, fs::Permissions::from_mode(mode)).unwrap();
    lock(0o555);
    let is_almighty = fs::write(contracts.join("probe"), "").is_ok();
    if !is_almighty {
        succeed(dir.path(), &["analyze", "-q"]);
        grow(dir.path(), 3, 2);
        let output = run(dir.path(), &["analyze", "-q"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("help: make the folder writable"), "{told}");
    }
    lock(0o755);
}

#[test]
fn edits_and_restoring_are_told() {
    let dir = tempfile::tempdir().unwrap();
    grow(dir.path(), 3, 1);
    succeed(dir.path(), &["analyze", "-q"]);
    let readme = dir.path().join("contracts/README.md");
    let edited = format!("{}mine\n", fs::read_to_string(&readme).unwrap());
    fs::write(&readme, &edited).unwrap();
    let refused = run(dir.path(), &["analyze"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("error: edited by hand since they were written: README.md\n") && told.contains("`--force`"), "{told}");
    let forced = run(dir.path(), &["analyze", "--force"]);
    let told = String::from_utf8_lossy(&forced.stderr).into_owned();
    assert!(forced.status.success() && told.contains("overwritten, though edited by hand: README.md\n"), "{told}");
    assert_ne!(fs::read_to_string(&readme).unwrap(), edited);
    let listed = run(dir.path(), &["restore", "--list"]);
    assert!(String::from_utf8_lossy(&listed.stdout).starts_with("1  replaced "), "{listed:?}");
    succeed(dir.path(), &["restore"]);
    assert_eq!(fs::read_to_string(&readme).unwrap(), edited);
    assert_eq!(run(dir.path(), &["restore", "7"]).status.code(), Some(2));
}
