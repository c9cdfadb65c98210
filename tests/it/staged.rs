//! What is staged, told from the index and the commit checked out, is what git tells.

use contract_agent::scan::{self, Options, Staged};
use std::fs;
use std::path::Path;
use std::process::Command;

struct Repository {
    _temporary: tempfile::TempDir,
    root: std::path::PathBuf,
}

impl Repository {
    fn new() -> Self {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let root = temporary.path().canonicalize().expect("it is there");
        let repository = Self { _temporary: temporary, root };
        repository.git(&["init", "-q", "-b", "main"]);
        repository
    }

    fn git(&self, arguments: &[&str]) -> Vec<u8> {
        let mut git = Command::new("git");
        git.current_dir(&self.root).args(["-c", "user.name=Test", "-c", "user.email=test@example.com"]).args(arguments);
        git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
            git.env_remove(name);
        }
        git.output().expect("git runs").stdout
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.root.join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("folders");
        fs::write(file, text).expect("a file");
    }

    /// What git says is staged.
    fn told_by_git(&self) -> Vec<String> {
        let told = self.git(&["diff", "--cached", "--name-only", "--no-renames", "-z"]);
        let mut paths: Vec<String> = String::from_utf8(told).expect("text").split_terminator('\0').map(str::to_owned).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    fn staged(&self) -> Staged {
        scan::staged(&self.root, &Options::default()).expect("it can be told")
    }

    /// Everything that is staged, whether it matters or not.
    fn told_by_us(&self) -> Vec<String> {
        let staged = self.staged();
        let mut paths: Vec<String> = staged.files.into_iter().map(|file| file.path).chain(staged.others).collect();
        paths.sort();
        paths
    }

    fn agrees(&self) {
        assert_eq!(self.told_by_us(), self.told_by_git());
    }
}

fn with_a_commit() -> Repository {
    let repository = Repository::new();
    for path in ["a/b/one.py", "a/b/two.py", "a/c.py", "a-b/x.py", "a.py", "docs/notes.txt", "z/y/x/w.ts"] {
        repository.write(path, path);
    }
    repository.git(&["add", "-A"]);
    repository.git(&["commit", "-qm", "all"]);
    repository
}

#[test]
fn nothing_is_staged_after_a_commit() {
    let repository = with_a_commit();
    assert_eq!(repository.staged(), Staged::default());
    repository.write("a.py", "changed, and not added");
    assert_eq!(repository.staged(), Staged::default());
}

#[test]
fn before_the_first_commit_everything_is_staged() {
    let repository = Repository::new();
    repository.agrees();
    repository.write("a.py", "x");
    repository.write("b/c.py", "x");
    repository.git(&["add", "-A"]);
    repository.agrees();
    assert_eq!(repository.told_by_us().len(), 2);
}

#[test]
fn what_is_staged_is_told_as_git_tells_it() {
    for version in ["2", "4"] {
        let repository = with_a_commit();
        repository.git(&["update-index", "--index-version", version]);
        repository.agrees();
        repository.write("a/b/one.py", "changed");
        repository.git(&["add", "a/b/one.py"]);
        repository.agrees();
        repository.git(&["rm", "-q", "-r", "z"]);
        repository.agrees();
        // A file where a folder was, and a folder where a file was.
        repository.git(&["rm", "-q", "a.py", "a-b/x.py"]);
        repository.write("a.py/inside.py", "new");
        repository.write("a-b", "new");
        repository.git(&["add", "-A"]);
        repository.agrees();
        repository.git(&["update-index", "--chmod=+x", "a/c.py"]);
        repository.agrees();
        repository.write("later.py", "later");
        repository.git(&["add", "--intent-to-add", "later.py"]);
        repository.agrees();
        repository.git(&["mv", "docs/notes.txt", "docs/renamed.txt"]);
        repository.agrees();
        assert!(repository.told_by_us().len() > 8);
    }
}

#[test]
fn a_conflict_is_staged() {
    let repository = with_a_commit();
    repository.git(&["checkout", "-qb", "side"]);
    repository.write("a.py", "side");
    repository.git(&["commit", "-qam", "side"]);
    repository.git(&["checkout", "-q", "main"]);
    repository.write("a.py", "main");
    repository.git(&["commit", "-qam", "main"]);
    repository.git(&["merge", "-q", "side"]);
    assert_eq!(repository.told_by_us(), ["a.py"]);
    repository.agrees();
}

#[test]
fn an_index_in_two_files_is_told_by_git() {
    let repository = with_a_commit();
    repository.write("a.py", "changed");
    repository.git(&["update-index", "--split-index"]);
    repository.git(&["add", "a.py"]);
    assert_eq!(repository.told_by_us(), ["a.py"]);
}

#[test]
fn what_a_scan_leaves_out_matters_not() {
    let repository = with_a_commit();
    for path in ["tests/test_a.py", "docs/more.txt", "node_modules/x/index.js", "logo.png", "app/new.py", "run"] {
        repository.write(path, "x");
    }
    repository.git(&["add", "-Af"]);
    let staged = repository.staged();
    let files: Vec<&str> = staged.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(files, ["app/new.py", "run"]);
    assert_eq!(staged.others, ["docs/more.txt", "logo.png", "node_modules/x/index.js", "tests/test_a.py"]);
}

#[test]
fn only_the_analysed_folder_is_looked_at() {
    let repository = with_a_commit();
    repository.write("a/c.py", "changed");
    repository.write("z/y/x/w.ts", "changed");
    repository.git(&["add", "-A"]);
    let staged = scan::staged(&repository.root.join("a"), &Options::default()).expect("it can be told");
    assert_eq!(staged.files.len(), 1);
    assert_eq!(staged.files[0].path, "c.py");
    assert_eq!(staged.others, ["z/y/x/w.ts"]);
}

#[test]
fn a_broken_index_is_an_error_and_no_panic() {
    let repository = with_a_commit();
    let index = repository.root.join(".git/index");
    let whole = fs::read(&index).expect("an index");
    for length in (0..whole.len()).step_by(7) {
        fs::write(&index, &whole[..length]).expect("a shorter index");
        let _ = scan::scan(&repository.root, &Options::default());
    }
    for at in (12..whole.len()).step_by(5) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        fs::write(&index, &bytes).expect("another index");
        let _ = scan::scan(Path::new(&repository.root), &Options::default());
    }
}
