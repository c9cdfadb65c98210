//! Scanning: which files are in, which are left out and why, and where their bytes come from.

use contract_agent::base::kept::Kept;
use contract_agent::scan::{self, FileKind, Options, Reason, ScanError, Source, Tree, blob_id};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// A folder with a repository, or without.
struct Folder {
    _temporary: tempfile::TempDir,
    root: PathBuf,
}

impl Folder {
    fn plain() -> Self {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let root = temporary.path().canonicalize().expect("it is there").join("repo");
        fs::create_dir(&root).expect("a folder");
        Self { _temporary: temporary, root }
    }

    fn repository() -> Self {
        Self::repository_with(&[]).expect("git makes a repository")
    }

    /// `None`, and a message, when the installed git cannot make such a repository.
    fn repository_with(arguments: &[&str]) -> Option<Self> {
        let folder = Self::plain();
        let mut init = vec!["init", "-q", "-b", "main"];
        init.extend(arguments);
        if !folder.try_git(&init) {
            eprintln!("skipped: the installed git has no `git init {}`", arguments.join(" "));
            return None;
        }
        folder.git(&["config", "core.autocrlf", "false"]);
        Some(folder)
    }

    fn try_git(&self, arguments: &[&str]) -> bool {
        let mut git = Command::new("git");
        git.current_dir(&self.root).args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "protocol.file.allow=always"]);
        git.args(arguments).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
            git.env_remove(name);
        }
        git.output().expect("git runs").status.success()
    }

    fn git(&self, arguments: &[&str]) {
        assert!(self.try_git(arguments), "git {arguments:?}");
    }

    /// Writes a file that was last changed long ago, so that git may trust its stat.
    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let file = self.root.join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("folders");
        fs::write(&file, bytes).expect("a file");
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
        fs::File::options().append(true).open(&file).and_then(|file| file.set_modified(long_ago)).expect("its time");
        self
    }

    fn commit(&self) -> &Self {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "all"]);
        self
    }

    fn scan(&self, source: Source) -> Tree {
        scan_at(&self.root, source)
    }
}

fn scan_at(path: &Path, source: Source) -> Tree {
    scan::scan(path, &Options { source, ..Options::default() }).expect("it can be scanned")
}

fn head() -> Source {
    Source::Revision("HEAD".into())
}

fn paths(tree: &Tree) -> Vec<&str> {
    tree.files.iter().map(|file| file.path.as_str()).collect()
}

fn text(tree: &Tree, path: &str) -> String {
    let index = tree.index_of(path).expect("the file is in");
    String::from_utf8(tree.read(index).expect("it can be read")).expect("it is text")
}

/// Paths left out for a reason.
fn left_out(tree: &Tree, reason: Reason) -> Vec<String> {
    tree.left_out.of(reason).map(|group| group.examples()).unwrap_or_default()
}

/// Every blob id that was told without reading names the file's bytes.
fn ids_told(tree: &Tree) -> Vec<&str> {
    let told = tree.files.iter().enumerate().filter_map(|(index, file)| {
        let id = file.blob?;
        let is_sha1 = id.as_bytes().len() == 20;
        assert!(!is_sha1 || id == blob_id(&tree.read(index).expect("it can be read")), "{}", file.path);
        Some(file.path.as_str())
    });
    told.collect()
}

#[test]
fn ignore_rules_hold_and_tracked_files_are_in_all_the_same() {
    let folder = Folder::repository();
    folder
        .write(".gitignore", "*.log.py\nlocal/\n")
        .write("a.py", "")
        .write("b.log.py", "")
        .write("local/c.py", "")
        .write("local/d.py", "");
    folder.git(&["add", "-f", ".gitignore", "a.py", "local/d.py"]);
    folder.write("untracked.py", "");
    let tree = folder.scan(Source::WorkTree);
    assert_eq!(paths(&tree), [".gitignore", "a.py", "local/d.py", "untracked.py"]);
    assert_eq!(ids_told(&tree), [".gitignore", "a.py", "local/d.py"]);
}

#[test]
fn our_own_ignore_file_holds_for_tracked_files_in_every_source() {
    let folder = Folder::repository();
    folder.write(".contract-agentignore", "/legacy/\n*.old.py\n!keep.old.py\n").write("a.py", "").write("legacy/b.py", "");
    folder.write("src/c.old.py", "").write("src/keep.old.py", "").commit();
    let expected = [".contract-agentignore", "a.py", "src/keep.old.py"];
    for source in [Source::WorkTree, Source::Index, head()] {
        let tree = folder.scan(source);
        assert_eq!(paths(&tree), expected);
        assert_eq!(left_out(&tree, Reason::Excluded), ["legacy/b.py", "src/c.old.py"]);
    }
    let below = scan_at(&folder.root.join("src"), Source::WorkTree);
    assert_eq!(paths(&below), ["keep.old.py"]);
    assert_eq!(paths(&scan_at(&folder.root.join("src"), head())), ["keep.old.py"]);
}

#[test]
fn without_a_repository_git_rules_do_not_hold() {
    let folder = Folder::plain();
    folder.write(".gitignore", "a.py").write(".ignore", "b.py").write(".contract-agentignore", "c.py");
    folder.write("a.py", "").write("b.py", "").write("c.py", "").write(".github/workflows/ci.yml", "");
    let tree = folder.scan(Source::WorkTree);
    assert_eq!(paths(&tree), [".contract-agentignore", ".github/workflows/ci.yml", ".gitignore", ".ignore", "a.py"]);
    assert!(tree.git.is_none());
    let error = scan::scan(&folder.root, &Options { source: head(), ..Options::default() }).err();
    assert!(matches!(error, Some(ScanError::NoRepository { .. })));
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed() {
    let folder = Folder::repository();
    let outside = tempfile::tempdir().expect("a temporary folder");
    fs::write(outside.path().join("secret.py"), "").expect("a file");
    std::os::unix::fs::symlink(outside.path(), folder.root.join("out")).expect("a link");
    std::os::unix::fs::symlink("a.py", folder.root.join("b.py")).expect("a link");
    folder.write("a.py", "").write("real/secret.py", "").commit();
    for source in [Source::WorkTree, Source::Index, head()] {
        let tree = folder.scan(source);
        assert_eq!(paths(&tree), ["a.py", "real/secret.py"]);
        assert_eq!(left_out(&tree, Reason::Symlink), ["b.py", "out"]);
    }
    // A tracked file is not reached through a folder that has become a link.
    fs::remove_dir_all(folder.root.join("real")).expect("removed");
    std::os::unix::fs::symlink(outside.path(), folder.root.join("real")).expect("a link");
    assert_eq!(paths(&folder.scan(Source::WorkTree)), ["a.py"]);
}

#[test]
fn nested_repositories_and_submodules_are_left_out() {
    let folder = Folder::repository();
    let other = Folder::repository();
    other.write("lib.py", "").commit();
    folder.write("a.py", "").commit();
    folder.git(&["submodule", "--quiet", "add", other.root.to_str().expect("UTF-8"), "sub"]);
    folder.git(&["commit", "-qm", "submodule"]);
    folder.write("nested/b.py", "");
    assert!(Command::new("git").args(["init", "-q"]).current_dir(folder.root.join("nested")).status().expect("git runs").success());
    let tree = folder.scan(Source::WorkTree);
    assert_eq!(paths(&tree), [".gitmodules", "a.py"]);
    assert_eq!(left_out(&tree, Reason::NestedRepository), ["nested/"]);
    assert_eq!(left_out(&tree, Reason::Submodule), ["sub/"]);
    let tree = folder.scan(head());
    assert_eq!(paths(&tree), [".gitmodules", "a.py"]);
    assert_eq!(left_out(&tree, Reason::Submodule), ["sub/"]);
}

#[cfg(target_os = "linux")]
#[test]
fn odd_names_do_no_harm() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::repository();
    folder.write("line\nbreak.py", "").write("späce ☃.py", "").write("back\\slash.py", "").write("-n.py", "").write("\"q\".py", "");
    fs::write(folder.root.join(std::ffi::OsStr::from_bytes(b"bad\xff.py")), "").expect("a file");
    folder.commit();
    for source in [Source::WorkTree, Source::Index, head()] {
        let tree = folder.scan(source);
        assert_eq!(paths(&tree), ["\"q\".py", "-n.py", "back\\slash.py", "line\nbreak.py", "späce ☃.py"]);
        assert_eq!(left_out(&tree, Reason::OddName), ["bad\u{fffd}.py"]);
        assert_eq!(ids_told(&tree).len(), 5);
    }
}

#[test]
fn no_commit_yet() {
    let folder = Folder::repository();
    folder.write("a.py", "a");
    assert_eq!(paths(&folder.scan(Source::WorkTree)), ["a.py"]);
    assert!(folder.scan(Source::Index).files.is_empty());
    let error = scan::scan(&folder.root, &Options { source: head(), ..Options::default() }).err();
    assert!(matches!(error, Some(ScanError::NoRevision { .. })));
    folder.git(&["add", "a.py"]);
    let tree = folder.scan(Source::Index);
    assert_eq!(paths(&tree), ["a.py"]);
    assert_eq!(tree.git.as_ref().and_then(|git| git.head.clone()), None);
}

#[test]
fn every_source_has_its_own_bytes() {
    let folder = Folder::repository();
    folder.write("a.py", "committed").write("gone.py", "").commit();
    folder.write("a.py", "staged").write("new.py", "");
    folder.git(&["rm", "-q", "--cached", "gone.py"]);
    folder.git(&["add", "a.py"]);
    folder.git(&["add", "--intent-to-add", "new.py"]);
    folder.write("a.py", "on disk!");
    let (disk, index, revision) = (folder.scan(Source::WorkTree), folder.scan(Source::Index), folder.scan(head()));
    assert_eq!(paths(&disk), ["a.py", "gone.py", "new.py"]);
    assert_eq!(paths(&index), ["a.py"], "what is only intended to be added has no content");
    assert_eq!(paths(&revision), ["a.py", "gone.py"]);
    assert_eq!(text(&disk, "a.py"), "on disk!");
    assert_eq!(text(&index, "a.py"), "staged");
    assert_eq!(text(&revision, "a.py"), "committed");
    assert_eq!(index.files[0].size, 6);
    assert!(ids_told(&disk).is_empty(), "no file on disk is the index's: {:?}", ids_told(&disk));
    let git = disk.git.expect("a repository");
    assert_eq!(git.head.map(|head| head.len()), Some(40));
}

#[test]
fn an_unknown_revision_names_the_nearest() {
    let folder = Folder::repository();
    folder.write("a.py", "").commit();
    folder.git(&["branch", "release"]);
    let wrong = |revision: &str| {
        let options = Options { source: Source::Revision(revision.into()), ..Options::default() };
        scan::scan(&folder.root, &options).err().expect("there is none").help().expect("a way on")
    };
    assert_eq!(wrong("relaese"), "did you mean `release`?");
    assert!(wrong("no-such-thing").starts_with("`git branch --all`"));
    assert!(wrong("--output=x").starts_with("`git branch --all`"));
    folder.git(&["update-ref", "refs/remotes/origin/develop", "HEAD"]);
    assert_eq!(wrong("develop"), "did you mean `origin/develop`?");
}

#[test]
fn a_folder_below_the_top() {
    let folder = Folder::repository();
    folder.write(".gitignore", "*.log.py").write("a.py", "").write("tests/app/b.py", "b").write("tests/app/x.log.py", "").commit();
    let root = folder.root.join("tests/app");
    for source in [Source::WorkTree, Source::Index, head()] {
        let tree = scan_at(&root, source);
        assert_eq!(paths(&tree), ["b.py"], "paths, and the rules for folders of tests, begin at the given folder");
        assert_eq!(tree.git.as_ref().expect("a repository").prefix, "tests/app/");
        assert_eq!(ids_told(&tree), ["b.py"]);
        assert_eq!(text(&tree, "b.py"), "b");
    }
    fs::create_dir(folder.root.join("fresh")).expect("a folder");
    let error = scan::scan(&folder.root.join("fresh"), &Options { source: head(), ..Options::default() }).err();
    assert!(matches!(error, Some(ScanError::NoFolderInSource { .. })));
}

#[test]
fn a_bare_repository_needs_a_revision() {
    let folder = Folder::repository();
    folder.write("a.py", "a").commit();
    let bare = folder.root.parent().expect("a folder").join("bare.git");
    folder.git(&["clone", "-q", "--bare", ".", bare.to_str().expect("UTF-8")]);
    for source in [Source::WorkTree, Source::Index] {
        let error = scan::scan(&bare, &Options { source, ..Options::default() }).err();
        assert!(matches!(error, Some(ScanError::Bare { .. })));
    }
    let tree = scan_at(&bare, head());
    assert_eq!(text(&tree, "a.py"), "a");
}

#[test]
fn a_linked_work_tree() {
    let folder = Folder::repository();
    folder.write("a.py", "a").write(".gitignore", "x.py").commit();
    let linked = folder.root.parent().expect("a folder").join("linked");
    folder.git(&["worktree", "add", "-q", linked.to_str().expect("UTF-8")]);
    fs::write(linked.join("x.py"), "").expect("a file");
    for source in [Source::WorkTree, Source::Index, head()] {
        let tree = scan_at(&linked, source);
        assert_eq!(paths(&tree), [".gitignore", "a.py"]);
        assert_eq!(text(&tree, "a.py"), "a");
    }
}

#[test]
fn ids_are_told_only_where_git_changes_no_byte() {
    let folder = Folder::repository();
    folder
        .write(".gitattributes", "*.ts text eol=lf\n*.bin filter=lfs diff=lfs merge=lfs -text\n")
        .write("sub/.gitattributes", "*.py ident\n");
    folder.write("a.py", "a\r\n").write("b.ts", "b\r\n").write("sub/c.py", "$Id$").write("sub/d.js", "").commit();
    assert_eq!(ids_told(&folder.scan(Source::WorkTree)), [".gitattributes", "a.py", "sub/.gitattributes", "sub/d.js"]);
    folder.git(&["config", "core.autocrlf", "input"]);
    assert!(ids_told(&folder.scan(Source::WorkTree)).is_empty());
    assert_eq!(ids_told(&folder.scan(Source::Index)).len(), 6);
}

#[test]
fn a_file_changed_in_place_has_no_id() {
    let folder = Folder::repository();
    folder.write("a.py", "one").write("b.py", "two").commit();
    folder.write("a.py", "One");
    assert_eq!(ids_told(&folder.scan(Source::WorkTree)), ["b.py"]);
    // Written in the same moment as the index.
    let folder = Folder::repository();
    fs::write(folder.root.join("a.py"), "one").expect("a file");
    folder.git(&["add", "a.py"]);
    fs::write(folder.root.join("a.py"), "two").expect("a file");
    ids_told(&folder.scan(Source::WorkTree));
}

/// Checks a repository that the library may not be able to read.
fn check_foreign(folder: &Folder) {
    folder.write("a.py", "a").write("src/b.py", "bb").write("empty.py", "").commit();
    folder.write("a.py", "changed");
    for (source, expected) in [(Source::WorkTree, "changed"), (Source::Index, "a"), (head(), "a")] {
        let tree = folder.scan(source);
        assert_eq!(tree.problems, [], "git reads it");
        assert_eq!(paths(&tree), ["a.py", "empty.py", "src/b.py"]);
        assert_eq!(text(&tree, "a.py"), expected);
        assert_eq!(tree.files[2].size, 2);
        assert!(ids_told(&tree).ends_with(&["empty.py", "src/b.py"]));
    }
    let error = scan::scan(&folder.root, &Options { source: Source::Revision("mian".into()), ..Options::default() }).err();
    assert_eq!(error.and_then(|error| error.help()).as_deref(), Some("did you mean `main`?"));
}

#[test]
fn sha256_through_the_git_program() {
    if let Some(folder) = Folder::repository_with(&["--object-format=sha256"]) {
        check_foreign(&folder);
    }
}

#[test]
fn reftable_through_the_git_program() {
    if let Some(folder) = Folder::repository_with(&["--ref-format=reftable"]) {
        check_foreign(&folder);
    }
}

#[test]
fn split_index_through_the_git_program() {
    let folder = Folder::repository();
    folder.git(&["update-index", "--split-index"]);
    folder.git(&["config", "core.splitIndex", "true"]);
    check_foreign(&folder);
}

#[test]
fn sparse_index_through_the_git_program() {
    let folder = Folder::repository();
    folder.write("a.py", "a").write("in/b.py", "").write("out/c.py", "").commit();
    if !folder.try_git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]) {
        eprintln!("skipped: the installed git has no sparse index");
        return;
    }
    let tree = folder.scan(Source::WorkTree);
    assert_eq!(tree.problems, []);
    assert_eq!(paths(&tree), ["a.py", "in/b.py"]);
    assert_eq!(left_out(&tree, Reason::NotCheckedOut), ["out/c.py"]);
    assert_eq!(paths(&folder.scan(Source::Index)), ["a.py", "in/b.py", "out/c.py"]);
}

#[test]
fn a_broken_index_costs_only_what_it_would_tell() {
    let folder = Folder::repository();
    folder.write("a.py", "a").commit();
    fs::write(folder.root.join(".git/index"), "not an index").expect("a file");
    let tree = folder.scan(Source::WorkTree);
    assert_eq!(paths(&tree), ["a.py"]);
    assert_eq!(tree.problems.iter().map(|problem| problem.code.as_str()).collect::<Vec<_>>(), ["git-index-not-read"]);
    let error = scan::scan(&folder.root, &Options { source: Source::Index, ..Options::default() }).err();
    assert!(matches!(error, Some(ScanError::Repository { .. })));
}

#[test]
fn a_conflict_is_named_and_our_side_read() {
    let folder = Folder::repository();
    folder.write("a.py", "base").commit();
    folder.git(&["checkout", "-q", "-b", "other"]);
    folder.write("a.py", "theirs").commit();
    folder.git(&["checkout", "-q", "main"]);
    folder.write("a.py", "ours").commit();
    assert!(!folder.try_git(&["merge", "-q", "other"]));
    let tree = folder.scan(Source::Index);
    assert_eq!(text(&tree, "a.py"), "ours");
    assert_eq!(tree.problems.iter().map(|problem| problem.file.as_str()).collect::<Vec<_>>(), ["a.py"]);
    assert_eq!(paths(&folder.scan(Source::WorkTree)), ["a.py"]);
}

#[test]
fn the_index_a_hook_names_is_read() {
    let folder = Folder::repository();
    folder.write("a.py", "a").commit();
    folder.write("b.py", "b");
    fs::copy(folder.root.join(".git/index"), folder.root.join(".git/next.lock")).expect("a copy");
    let index = folder.root.join(".git/next.lock");
    let added = Command::new("git").args(["add", "b.py"]).current_dir(&folder.root).env("GIT_INDEX_FILE", &index).status();
    assert!(added.expect("git runs").success());
    let inner = Command::new(std::env::current_exe().expect("this test"))
        .args(["--ignored", "--exact", "scan::inside_a_hook"])
        .current_dir(&folder.root)
        .env("GIT_INDEX_FILE", &index)
        .output()
        .expect("the inner test runs");
    let told = String::from_utf8_lossy(&inner.stdout);
    assert!(inner.status.success() && told.contains("1 passed"), "{told}");
    assert_eq!(paths(&folder.scan(Source::Index)), ["a.py"]);
}

#[test]
#[ignore = "runs only inside `the_index_a_hook_names_is_read`"]
fn inside_a_hook() {
    assert_eq!(paths(&scan_at(Path::new("."), Source::Index)), ["a.py", "b.py"]);
    let other = Folder::repository();
    other.write("other.py", "");
    other.git(&["add", "other.py"]);
    assert_eq!(paths(&other.scan(Source::Index)), ["other.py"], "the hook's index is not another repository's");
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_costs_itself() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::plain();
    folder.write("a.py", "").write("closed/b.py", "");
    let closed = folder.root.join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("permissions");
    if fs::read_dir(&closed).is_ok() {
        eprintln!("skipped: this user may read everything");
    } else {
        let tree = folder.scan(Source::WorkTree);
        assert_eq!(paths(&tree), ["a.py"]);
        assert_eq!(tree.problems.iter().map(|problem| problem.file.as_str()).collect::<Vec<_>>(), ["closed"]);
        let error = scan::scan(&closed, &Options::default()).err();
        assert!(matches!(error, Some(ScanError::NotReadable { .. })));
    }
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).expect("permissions");
}

#[test]
fn what_is_no_folder() {
    let folder = Folder::plain();
    folder.write("a.py", "");
    let error = |path: &str| scan::scan(&folder.root.join(path), &Options::default()).err().expect("no folder");
    assert!(matches!(error("missing"), ScanError::NotFound { .. }));
    assert!(matches!(error("a.py"), ScanError::NotAFolder { .. }));
    assert!(matches!(error("a.py/b"), ScanError::NotAFolder { .. }));
    let options = Options { exclude: vec!["a{".into()], ..Options::default() };
    assert!(matches!(scan::scan(&folder.root, &options).err(), Some(ScanError::Glob { .. })));
}

/// Files of which `in_` are in and `out` are left out, in every source.
fn check_rules(in_: &[&str], out: &[(&str, Reason)], options: &Options) {
    let folder = Folder::repository();
    for path in in_.iter().chain(out.iter().map(|(path, _)| path)) {
        folder.write(path, "x");
    }
    folder.git(&["add", "-f", "."]);
    folder.git(&["commit", "-qm", "all"]);
    let mut expected = in_.to_vec();
    expected.sort_unstable();
    for source in [Source::WorkTree, Source::Index, head()] {
        let tree = scan::scan(&folder.root, &Options { source: source.clone(), ..options.clone() }).expect("it can be scanned");
        assert_eq!(paths(&tree), expected, "{source:?}");
        for (path, reason) in out {
            let group = tree.left_out.of(*reason).unwrap_or_else(|| panic!("{path} is left out as {reason:?} in {source:?}"));
            let is_there =
                group.folders.iter().any(|folder| path.starts_with(&format!("{folder}/"))) || group.examples().iter().any(|at| at == path);
            assert!(is_there, "{path} is left out as {reason:?} in {source:?}: {group:?}");
        }
    }
}

#[test]
fn what_is_left_out_by_its_path() {
    check_rules(
        &[
            "src/testing/a.py",
            "src/latest.py",
            "contest.ts",
            "app/vendor/routes.py",
            "app/api/test/route.ts",
            "examples/shop/main.py",
            "types/global.d.ts",
            "build/webpack.config.js",
            "migrations/0001_initial.py",
            "openapi.yaml",
            ".github/workflows/ci.yml",
            "src/specs.ts",
            "src/inspect.rs",
        ],
        &[
            ("node_modules/x/index.js", Reason::Vendored),
            ("web/node_modules/x/index.js", Reason::Vendored),
            ("vendor/x/y.go", Reason::Vendored),
            ("static/vendor/jquery.js", Reason::Vendored),
            (".venv/lib/x.py", Reason::Vendored),
            ("api/x_pb2.py", Reason::Generated),
            ("src/generated/client.ts", Reason::Generated),
            ("src/routes.gen.ts", Reason::Generated),
            ("assets/app.min.js", Reason::Minified),
            ("package-lock.json", Reason::LockFile),
            ("tests/a.py", Reason::Test),
            ("src/a.spec.ts", Reason::Test),
            ("src/Button.stories.tsx", Reason::Test),
            ("crate/benches/b.rs", Reason::Test),
            ("src/__mocks__/db.ts", Reason::Fixture),
            ("pkg/testdata/a.sql", Reason::Fixture),
            ("web/dist/main.js", Reason::BuildOutput),
            ("web/dist/main.js.map", Reason::BuildOutput),
            ("lib/out/index.js", Reason::BuildOutput),
            ("lib/out/index.d.ts", Reason::BuildOutput),
        ],
        &Options::default(),
    );
}

#[test]
fn what_is_a_test_by_its_name() {
    check_rules(
        &["app/attest.py", "app/testing.py", "src/contests.rs"],
        &[
            ("app/test_a.py", Reason::Test),
            ("app/a_test.py", Reason::Test),
            ("app/tests.py", Reason::Test),
            ("app/conftest.py", Reason::Test),
            ("src/tests.rs", Reason::Test),
        ],
        &Options::default(),
    );
}

#[test]
fn what_is_kept_on_request() {
    let kept = [Kept::Tests, Kept::Vendored, Kept::Generated, Kept::Minified, Kept::LockFiles, Kept::Fixtures];
    check_rules(
        &[
            "node_modules/x/index.js",
            "a_pb2.py",
            "a.min.js",
            "Cargo.lock",
            "tests/a.py",
            "tests/fixtures/b.py",
            "dist/a.js",
            "dist/a.js.map",
        ],
        &[],
        &Options { keep: kept.into_iter().collect(), ..Options::default() },
    );
    check_rules(
        &["tests/a.py"],
        &[("tests/fixtures/b.py", Reason::Fixture)],
        &Options { keep: [Kept::Tests].into_iter().collect(), ..Options::default() },
    );
}

#[test]
fn globs_of_the_user() {
    let options = |include: &[&str], exclude: &[&str]| {
        let owned = |all: &[&str]| all.iter().map(|glob| (*glob).to_owned()).collect();
        Options { include: owned(include), exclude: owned(exclude), ..Options::default() }
    };
    check_rules(
        &["src/a.py", "src/deep/b.py"],
        &[("lib/c.py", Reason::NotIncluded), ("src/old/d.py", Reason::Excluded), ("src/x.gen.py", Reason::Excluded)],
        &options(&["src/**"], &["old", "./src/*.gen.py"]),
    );
    check_rules(&["src/a.py"], &[("src/a.ts", Reason::NotIncluded), ("legacy/a.py", Reason::Excluded)], &options(&["*.py"], &["/legacy/"]));
}

#[test]
fn sizes_are_limited_by_kind() {
    let folder = Folder::repository();
    let big = "x\n".repeat(600 << 10);
    folder.write("big.py", &big).write("openapi.json", &big).write("photo.png", &big).commit();
    for source in [Source::WorkTree, Source::Index, head()] {
        let tree = folder.scan(source);
        assert_eq!(paths(&tree), ["openapi.json", "photo.png"]);
        assert_eq!(left_out(&tree, Reason::TooLarge), ["big.py"]);
    }
}

#[cfg(unix)]
#[test]
fn a_first_line_names_the_language() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::repository();
    folder.write("manage", "#!/usr/bin/env -S python3.12 -u\n").write("deploy", "#!/bin/sh\n").write("LICENSE", "#!/usr/bin/python\n");
    for name in ["manage", "deploy"] {
        fs::set_permissions(folder.root.join(name), fs::Permissions::from_mode(0o755)).expect("permissions");
    }
    folder.commit();
    for source in [Source::WorkTree, Source::Index, head()] {
        let tree = folder.scan(source);
        let kinds: Vec<bool> = tree.files.iter().map(|file| matches!(file.kind, FileKind::Code(_))).collect();
        assert_eq!(kinds, [false, false, true], "LICENSE, deploy, manage");
    }
}

#[test]
fn what_is_left_out_by_its_bytes() {
    let long = format!("var a={};\n", "1+".repeat(4000));
    let cases: &[(&str, &[u8], Option<Reason>)] = &[
        ("a.py", b"x = 1\n", None),
        ("b.py", b"MZ\0\0\x01", Some(Reason::Binary)),
        ("c.json", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", Some(Reason::LfsPointer)),
        ("d.ts", b"/* eslint-disable */\n// @generated by protoc-gen-es v1\n", Some(Reason::Generated)),
        ("e.go.py", b"# Code generated by sqlc. DO NOT EDIT.\n", Some(Reason::Generated)),
        ("f.ts", b"/**\n * This file was auto-generated by openapi-typescript.\n */\n", Some(Reason::Generated)),
        ("g.py", b"\"\"\"\n    Pets\n\n    Generated by OpenAPI Generator (https://openapi-generator.tech)\n", Some(Reason::Generated)),
        ("h.py", b"# Generated by Django 5.1 on 2025-01-01 10:00\n", None),
        ("i.py", b"def upgrade():\n    # ### commands auto generated by Alembic - please adjust! ###\n", None),
        ("j.py", b"MARK = \"@generated\"\n", None),
        ("k.py", b"# Names are generated by the database.\n", None),
        ("l.js", long.as_bytes(), Some(Reason::Minified)),
        ("m.py", long.as_bytes(), None),
        ("n.sql", b"-- Code generated. DO NOT EDIT.\n", None),
    ];
    let folder = Folder::plain();
    cases.iter().for_each(|(path, bytes, _)| {
        folder.write(path, bytes);
    });
    let tree = folder.scan(Source::WorkTree);
    for (index, (path, _, expected)) in cases.iter().enumerate() {
        assert_eq!(tree.judge(index, &tree.read(index).expect("it can be read")), *expected, "{path}");
    }
}

#[test]
fn remote_names_hold_no_secrets() {
    let folder = Folder::repository();
    let urls = [
        ("https://user:token@example.com/acme/shop.git", Some("acme/shop")),
        ("git@example.com:acme/shop.git", Some("acme/shop")),
        ("ssh://git@example.com:22/group/acme/shop/", Some("acme/shop")),
    ];
    folder.git(&["remote", "add", "origin", "x"]);
    for (url, expected) in urls {
        folder.git(&["remote", "set-url", "origin", url]);
        assert_eq!(folder.scan(Source::WorkTree).git.and_then(|git| git.remote).as_deref(), expected, "{url}");
    }
}

#[test]
fn bytes_are_read_from_many_threads() {
    use rayon::prelude::*;
    let folder = Folder::repository();
    (0..300).for_each(|number| {
        folder.write(&format!("src/f{number}.py"), number.to_string());
    });
    folder.commit();
    for source in [Source::WorkTree, Source::Index, head()] {
        let tree = folder.scan(source);
        let lengths: usize = (0..tree.files.len()).into_par_iter().map(|index| tree.read(index).expect("it can be read").len()).sum();
        assert_eq!(lengths, 10 + 90 * 2 + 200 * 3);
    }
}
