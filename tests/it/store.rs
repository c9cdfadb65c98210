//! What is stored changes nothing but the time a run takes: warm and cold come to the same, whatever has become of the store.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use contract_agent::contract::documents::{Document, documents};
use contract_agent::pipeline::{Analysis, Reading, Silent, analyze, derive, name_blobs, on_threads};
use contract_agent::scan::{self, Options, Source, Tree};
use contract_agent::settings::Settings;
use contract_agent::store::{BUILD, Digest, Key, Limits, Store};

/// A small repository that serves, stores and needs something.
struct Repository {
    _temporary: tempfile::TempDir,
    root: PathBuf,
}

impl Repository {
    fn new() -> Self {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let root = temporary.path().canonicalize().expect("it is there").join("shop");
        fs::create_dir(&root).expect("a folder");
        let repository = Self { _temporary: temporary, root };
        repository.git(&["init", "-q", "-b", "main"]);
        for part in 0..6 {
            repository.write_router(part, "list");
        }
        repository.write("app/main.py", &main_of(6));
        repository.write("migrations/001.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL);\n");
        repository.write("compose.yaml", "services:\n  db:\n    image: postgres:17\n");
        repository.write("docs/other.yaml", "colour: blue\n");
        repository.write("pyproject.toml", "[project]\nname = \"shop\"\ndependencies = [\"fastapi\"]\n");
        repository
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(&self.root).args(["-c", "user.name=Test", "-c", "user.email=test@example.com"]).args(arguments);
        git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
            git.env_remove(name);
        }
        assert!(git.output().expect("git runs").status.success(), "git {arguments:?}");
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.root.join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("folders");
        fs::write(file, text).expect("a file");
    }

    fn write_router(&self, part: usize, verb: &str) {
        let text = format!(
            "from fastapi import APIRouter\nfrom pydantic import BaseModel\n\nrouter = APIRouter(prefix=\"/part{part}\")\n\n\n\
             class Item{part}(BaseModel):\n    id: int\n    {verb}_count: int = 0\n\n\n\
             @router.get(\"/{verb}\")\ndef {verb}() -> list[Item{part}]:\n    ...\n"
        );
        self.write(&format!("app/part{part}.py"), &text);
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    fn tree(&self, source: Source) -> Tree {
        scan::scan(&self.root, &Options { source, ..Options::default() }).expect("it can be scanned")
    }

    fn store(&self) -> PathBuf {
        self.root.join(".contract-agent/cache")
    }

    /// The files of the store with this ending.
    fn stored(&self, ending: &str) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            fs::read_dir(self.store().join(BUILD)).into_iter().flatten().map(|entry| entry.expect("an entry").path()).collect();
        files.retain(|path| path.to_string_lossy().ends_with(ending));
        files.sort();
        files
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut run = Command::new(env!("CARGO_BIN_EXE_contract-agent"));
        run.current_dir(&self.root).args(arguments).env("NO_COLOR", "1");
        for name in ["CONTRACT_AGENT_CACHE_DIR", "CONTRACT_AGENT_NO_CACHE", "GIT_DIR", "GIT_INDEX_FILE"] {
            run.env_remove(name);
        }
        run.output().expect("it runs")
    }
}

fn main_of(parts: usize) -> String {
    let imports: String = (0..parts).map(|part| format!("from app import part{part}\n")).collect();
    let mounts: String = (0..parts).map(|part| format!("app.include_router(part{part}.router)\n")).collect();
    format!("from fastapi import FastAPI\n{imports}\napp = FastAPI()\n{mounts}")
}

fn cold(tree: &Tree) -> Analysis {
    on_threads(2, || analyze(tree, &Settings::default(), "shop", &Silent)).expect("threads")
}

fn warm(tree: &Tree, folder: &Path) -> Analysis {
    let store = Store::open(folder);
    on_threads(2, || derive(Reading::new(tree, Some(&store), &Silent), &Settings::default(), "shop", &Silent)).expect("threads")
}

fn written(analysis: &Analysis) -> Vec<Document> {
    documents(&analysis.contract)
}

/// Whether a run with the store comes to what a run without comes to, lines included.
fn is_same(tree: &Tree, folder: &Path) {
    let (cold, warm) = (cold(tree), warm(tree, folder));
    assert!(cold.contract == warm.contract, "the contract is another");
    assert!(written(&cold) == written(&warm), "the documents are others");
}

/// The next state of the repository, each a small step from the one before.
fn step(repository: &Repository, step: usize) {
    let part = step % 6;
    match step % 10 {
        0 => repository.write_router(part, "list"),
        1 => repository.write_router(part, "count"),
        2 => repository.write(&format!("migrations/{step:03}.sql"), &format!("ALTER TABLE orders ADD COLUMN c{step} text;\n")),
        3 => repository.write("docs/other.yaml", &format!("colour: {step}\n")),
        4 => repository.write("compose.yaml", &format!("services:\n  db:\n    image: postgres:{step}\n")),
        5 => repository.write("app/main.py", &format!("# {step}\n{}", main_of(1 + part))),
        6 => repository.git(&["mv", &format!("app/part{part}.py"), &format!("app/moved{step}.py")]),
        7 => repository.write(&format!("app/part{part}.py"), "# Generated by the Swagger code generator\nx = 1\n"),
        8 => repository.write(&format!("app/bin{step}.py"), "\0\0"),
        _ => repository.write(&format!("app/same{step}.py"), "from app import part1\nfrom app import part2\n"),
    }
    for part in 0..6 {
        if !repository.root.join(format!("app/part{part}.py")).exists() {
            repository.write_router(part, "again");
        }
    }
}

#[test]
fn each_of_many_commits_comes_to_the_same_warm_and_cold() {
    let repository = Repository::new();
    repository.commit("first");
    for number in 0..64 {
        step(&repository, number);
        if number % 3 == 0 {
            is_same(&repository.tree(Source::WorkTree), &repository.store());
        }
        repository.commit("next");
        let source = if number % 2 == 0 { Source::WorkTree } else { Source::Revision("HEAD".into()) };
        is_same(&repository.tree(source), &repository.store());
    }
    // Small packs were merged, and nothing but packs is there.
    assert!((1..20).contains(&repository.stored(".pack").len()));
    assert_eq!(repository.stored(".part"), Vec::<PathBuf>::new());
}

#[test]
fn the_same_tree_has_the_same_digest_wherever_it_is_read_from() {
    let repository = Repository::new();
    let untracked = warm(&repository.tree(Source::WorkTree), &repository.store()).digest;
    assert!(untracked.is_some());
    repository.commit("first");
    for source in [Source::WorkTree, Source::Index, Source::Revision("HEAD".into())] {
        assert_eq!(warm(&repository.tree(source), &repository.store()).digest, untracked);
    }
    let elsewhere = tempfile::tempdir().expect("a folder");
    assert_eq!(warm(&repository.tree(Source::WorkTree), elsewhere.path()).digest, untracked);
    repository.write("app/part0.py", "x = 1\n");
    assert_ne!(warm(&repository.tree(Source::WorkTree), &repository.store()).digest, untracked);
}

#[test]
fn what_says_nothing_new_changes_no_digest() {
    let repository = Repository::new();
    let digest = warm(&repository.tree(Source::WorkTree), &repository.store()).digest;
    let text = fs::read_to_string(repository.root.join("app/part0.py")).expect("a file");
    repository.write("app/part0.py", &format!("{text}# A remark.\n"));
    repository.write("logo.svg", "<svg/>");
    assert_eq!(warm(&repository.tree(Source::WorkTree), &repository.store()).digest, digest);
    repository.write("app/part0.py", &format!("# A remark.\n{text}"));
    assert_ne!(warm(&repository.tree(Source::WorkTree), &repository.store()).digest, digest, "lines are told");
}

#[test]
fn a_damaged_store_is_not_believed() {
    let repository = Repository::new();
    repository.commit("first");
    let tree = repository.tree(Source::WorkTree);
    is_same(&tree, &repository.store());
    let pack = repository.stored(".pack").pop().expect("a pack");
    let whole = fs::read(&pack).expect("its bytes");
    for round in 0..40 {
        let at = whole.len() * round / 40;
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (round % 8);
        fs::write(&pack, &bytes).expect("a damaged pack");
        is_same(&tree, &repository.store());
        fs::write(&pack, &whole[..at]).expect("a cut pack");
        is_same(&tree, &repository.store());
        for other in repository.stored(".pack").iter().filter(|other| **other != pack) {
            fs::remove_file(other).expect("it is removed");
        }
    }
    fs::write(&pack, b"something else entirely").expect("a foreign file");
    is_same(&tree, &repository.store());
}

#[test]
fn builds_do_not_share_and_old_ones_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = |build: char| Store::open_for(folder.path(), &build.to_string().repeat(32), Limits::default());
    let key = Key::of_path("a.py", scan::blob_id(b"a"));
    store('a').keep(key, &1_u32);
    let first = store('a');
    first.keep(key, &1_u32);
    first.save();
    assert_eq!(store('a').find(key).and_then(|found| store('a').read::<u32>(found)), Some(1));
    assert_eq!(store('b').find(key), None);
    for build in ['b', 'c', 'd', 'e'] {
        let other = store(build);
        other.keep(key, &2_u32);
        other.save();
    }
    let builds = fs::read_dir(folder.path()).expect("a folder").filter(|entry| entry.as_ref().expect("an entry").path().is_dir()).count();
    assert_eq!(builds, 3);
    assert_eq!(store('e').find(key).and_then(|found| store('e').read::<u32>(found)), Some(2));
}

#[test]
fn a_store_does_not_grow_without_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { facts: 64 << 10, answers: 64 << 10 };
    let size = || contract_agent::store::contents(folder.path()).bytes;
    for run in 0..200_u32 {
        let store = Store::open_for(folder.path(), BUILD, limits);
        let path = format!("{run}");
        let key = Key::of_path(&path, scan::blob_id(path.as_bytes()));
        assert_eq!(store.find(key), None);
        store.keep(key, &vec![run; 500]);
        store.keep_answer(Digest::of(path.as_bytes()), &vec![run; 500]);
        store.save();
        assert!(size() < 200 << 10, "{} bytes after {run} runs", size());
    }
    let last = Store::open_for(folder.path(), BUILD, limits);
    assert_eq!(last.answer::<Vec<u32>>(Digest::of(b"199")), Some(vec![199; 500]));
    assert_eq!(last.answer::<Vec<u32>>(Digest::of(b"0")), None);
}

#[test]
fn without_a_place_to_keep_anything_a_run_goes_on() {
    let repository = Repository::new();
    let in_the_way = repository.root.join("not-a-folder");
    fs::write(&in_the_way, "a file").expect("a file");
    is_same(&repository.tree(Source::WorkTree), &in_the_way);
    is_same(&repository.tree(Source::WorkTree), &in_the_way.join("below"));
}

#[test]
fn git_does_not_see_the_store() {
    let repository = Repository::new();
    repository.commit("first");
    assert!(repository.run(&["analyze", "-q"]).status.success());
    assert_eq!(repository.stored(".pack").len(), 1);
    repository.git(&["add", "-A"]);
    let listed = Command::new("git").current_dir(&repository.root).args(["ls-files", ".contract-agent"]).output().expect("git runs");
    assert!(listed.stdout.is_empty());
    // Nor does the second run, which finds it there.
    let second = repository.run(&["analyze"]);
    assert!(String::from_utf8_lossy(&second.stdout).contains("Nothing changed"), "{second:?}");
}

#[test]
fn a_store_that_git_tracks_is_not_used() {
    let repository = Repository::new();
    repository.commit("first");
    assert!(repository.run(&["analyze", "-q"]).status.success());
    repository.git(&["add", "-f", ".contract-agent"]);
    repository.commit("a trap");
    let before = repository.stored("");
    repository.write("app/part0.py", "x = 1\n");
    let run = repository.run(&["analyze", "-v"]);
    assert!(String::from_utf8_lossy(&run.stderr).contains("git tracks"), "{run:?}");
    assert_eq!(repository.stored(""), before);
}

#[test]
fn the_store_can_be_told_of_and_removed() {
    let repository = Repository::new();
    repository.commit("first");
    assert!(repository.run(&["analyze", "-q", "--no-cache"]).status.success());
    assert!(!repository.store().exists());
    assert!(repository.run(&["analyze", "-q"]).status.success());
    let told = repository.run(&["cache", "info"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("of 1 build"), "{told:?}");
    repository.write(".contract-agent/cache/mine.txt", "mine");
    assert!(repository.run(&["cache", "clean"]).status.success());
    let left: Vec<_> = fs::read_dir(repository.store()).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(left, ["mine.txt"]);
    let shared = repository.root.parent().expect("a folder").join("shared");
    let shared = shared.to_str().expect("text");
    assert!(repository.run(&["analyze", "-q", "--cache-dir", shared]).status.success());
    assert!(repository.run(&["cache", "clean", "--cache-dir", shared]).status.success());
    assert!(!Path::new(shared).exists());
}

#[test]
fn several_processes_share_a_store() {
    let repository = Repository::new();
    repository.commit("first");
    let mut children = Vec::new();
    for number in 0..6 {
        let output = repository.root.parent().expect("a folder").join(format!("out{number}"));
        let mut run = Command::new(env!("CARGO_BIN_EXE_contract-agent"));
        run.current_dir(&repository.root).args(["analyze", "-q", "-o"]).arg(&output).env_remove("CONTRACT_AGENT_CACHE_DIR");
        children.push((output, run.spawn().expect("it starts")));
    }
    let mut all = Vec::new();
    for (output, mut child) in children {
        assert!(child.wait().expect("it ends").success());
        all.push(fs::read(output.join("repo_contract.json")).expect("a contract"));
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
    is_same(&repository.tree(Source::WorkTree), &repository.store());
}

/// Runs a command; whether it linked anything, or knew the answer.
fn told(repository: &Repository, arguments: &[&str]) -> (Option<i32>, String, bool) {
    // Longer than the clock of a file system ticks.
    std::thread::sleep(std::time::Duration::from_millis(80));
    let run = repository.run(&[arguments, &["-v"]].concat());
    let log = String::from_utf8_lossy(&run.stderr).into_owned();
    (run.status.code(), String::from_utf8_lossy(&run.stdout).into_owned(), !log.contains("linked"))
}

#[test]
fn analyze_knows_what_it_found_before() {
    let repository = Repository::new();
    repository.commit("first");
    assert!(!told(&repository, &["analyze"]).2);
    let second = told(&repository, &["analyze"]);
    assert!(!second.2 && second.1.contains("Nothing changed"), "{second:?}");
    let third = told(&repository, &["analyze"]);
    assert!(third.2);
    assert_eq!((third.0, &third.1), (second.0, &second.1));
    let json = told(&repository, &["analyze", "--format", "json"]);
    assert!(json.2);
    assert_eq!(json.1, told(&repository, &["analyze", "--format", "json", "--no-cache"]).1);
    // What is no news for the contract is none for the answer.
    repository.write("app/part0.py", &(fs::read_to_string(repository.root.join("app/part0.py")).expect("a file") + "# A remark.\n"));
    assert!(told(&repository, &["analyze"]).2);
    repository.write_router(0, "other");
    let changed = told(&repository, &["analyze"]);
    assert!(!changed.2 && !changed.1.contains("Nothing changed"));
    fs::remove_file(repository.root.join("contracts/README.md")).expect("a document");
    assert!(!told(&repository, &["analyze"]).2);
    assert!(repository.root.join("contracts/README.md").exists());
}

#[test]
fn check_knows_its_verdict() {
    let repository = Repository::new();
    assert!(repository.run(&["analyze", "-q"]).status.success());
    repository.commit("first");
    let first = told(&repository, &["check"]);
    assert_eq!((first.0, first.2), (Some(0), false), "{first:?}");
    assert_eq!(told(&repository, &["check"]), (first.0, first.1.clone(), true));
    let text = fs::read_to_string(repository.root.join("app/part0.py")).expect("a file");
    repository.write("app/part0.py", &format!("{text}# A remark.\n"));
    assert_eq!(told(&repository, &["check"]), (first.0, first.1, true));
    repository.write_router(0, "other");
    let drift = told(&repository, &["check", "--fail-on", "drift"]);
    assert_eq!((drift.0, drift.2), (Some(1), false), "{drift:?}");
    assert_eq!(told(&repository, &["check", "--fail-on", "drift"]), (drift.0, drift.1.clone(), true));
    assert_eq!(told(&repository, &["check", "--fail-on", "drift", "--no-cache"]), (drift.0, drift.1, false));
    repository.git(&["add", "-A"]);
    let staged = told(&repository, &["check", "--staged"]);
    assert_eq!((staged.0, staged.2), (Some(1), false));
    assert_eq!(told(&repository, &["check", "--staged"]), (staged.0, staged.1, true));
    assert!(repository.run(&["analyze", "-q"]).status.success());
    assert_eq!(told(&repository, &["check"]).0, Some(0));
    assert_eq!(told(&repository, &["check", "--staged"]).0, Some(1));
    repository.git(&["add", "-A"]);
    assert_eq!(told(&repository, &["check", "--staged"]).0, Some(0));
}

#[test]
fn bytes_that_git_cannot_name_are_named_by_their_stat() {
    let repository = Repository::new();
    repository.write(".gitattributes", "* text=auto\n");
    repository.commit("all");
    let store = Store::open(&repository.store());
    let path = "app/part0.py";
    let file = repository.root.join(path);
    let first = fs::metadata(&file).and_then(|metadata| metadata.modified()).expect("a time");
    let named = || {
        let mut tree = repository.tree(Source::WorkTree);
        let before = tree.files.iter().find(|file| file.path == path).expect("the file").blob;
        assert_eq!(before, None, "a conversion may apply");
        name_blobs(&mut tree, Some(&store), |_| true);
        tree.files.iter().find(|file| file.path == path).expect("the file").blob
    };
    let expected = || Some(scan::blob_id(&fs::read(&file).expect("the file")));
    // As many bytes each time, at any distance in time, and with the time set back.
    for turn in 0..24 {
        fs::write(&file, format!("x = {turn:04}\n")).expect("a file");
        if turn % 3 == 0 {
            fs::File::options().write(true).open(&file).and_then(|file| file.set_modified(first)).expect("another time");
        }
        if turn % 4 == 0 {
            std::thread::sleep(std::time::Duration::from_millis(60));
        }
        assert_eq!(named(), expected(), "turn {turn}");
        assert_eq!(named(), expected(), "turn {turn}, again");
    }
}

#[test]
fn without_git_a_changed_file_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_contract-agent")).current_dir(folder.path()).args(arguments).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    for path in ["a", "b", "a", "c"] {
        let text = format!("from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get(\"/{path}\")\ndef read() -> int:\n    return 1\n");
        fs::write(folder.path().join("main.py"), text).expect("a file");
        std::thread::sleep(std::time::Duration::from_millis(60));
        for _ in 0..3 {
            run(&["analyze", "-q"]);
            let told = Command::new(env!("CARGO_BIN_EXE_contract-agent"))
                .current_dir(folder.path())
                .args(["export", "openapi"])
                .output()
                .expect("it runs");
            assert!(String::from_utf8_lossy(&told.stdout).contains(&format!("/{path}:")), "{path}");
        }
    }
}
