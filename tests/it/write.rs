//! Documents on the disk: only what changed, all or nothing, and nothing of anybody else's.

use std::fs;
use std::path::Path;

use contract_agent::contract::documents::{Document, documents};
use contract_agent::contract::validate::validate_folder;
use contract_agent::write::{self, Edits, Options, WriteError, Written, write, write_with};

use crate::contract::shop;

fn written(folder: &Path) -> Written {
    write(folder, &documents(&shop())).unwrap_or_else(|error| panic!("{error} at {}", error.place().display()))
}

/// All files under a folder and their text, sorted.
fn tree(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn assert_complete(folder: &Path) {
    let files: Vec<(String, Vec<u8>)> = tree(folder).into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
    assert_eq!(validate_folder(&files), []);
    let mut expected: Vec<String> = documents(&shop()).into_iter().map(|document| document.path).collect();
    expected.sort();
    assert_eq!(files.into_iter().map(|(path, _)| path).collect::<Vec<_>>(), expected);
}

#[test]
fn a_second_run_touches_nothing() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("deep/contracts");
    assert_eq!(written(&folder).changed.len(), 8);
    assert_complete(&folder);
    let time = || fs::metadata(folder.join("repo_contract.json")).unwrap().modified().unwrap();
    let before = time();
    assert_eq!(written(&folder), Written { unchanged: 8, ..Written::default() });
    assert_eq!(time(), before);
}

#[test]
fn what_a_feature_leaves_behind_is_removed_and_the_rest_stays() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    written(folder);
    fs::write(folder.join("features/users/notes.txt"), "mine").unwrap();
    fs::write(folder.join("resolutions.json"), "{}").unwrap();
    let mut smaller = shop();
    smaller.features.clear();
    smaller.settle();
    let removed = write(folder, &documents(&smaller)).unwrap().removed;
    assert_eq!(removed.len(), 5);
    assert!(!folder.join("features/core").exists());
    let left: Vec<String> = tree(folder).into_iter().map(|(path, _)| path).collect();
    assert_eq!(left, ["README.md", "features/users/notes.txt", "relationships.json", "repo_contract.json", "resolutions.json"]);
}

#[test]
fn an_orphan_is_known_by_its_mark_and_a_strangers_file_of_that_name_stays() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    written(folder);
    for (slug, name) in [("gone", "api_contract.yaml"), ("gone", "README.md")] {
        fs::create_dir_all(folder.join("features").join(slug)).unwrap();
        fs::copy(folder.join("features/users").join(name), folder.join("features").join(slug).join(name)).unwrap();
    }
    fs::create_dir_all(folder.join("features/mine")).unwrap();
    fs::write(folder.join("features/mine/README.md"), "# Mine\n").unwrap();
    fs::remove_file(folder.join("repo_contract.json")).unwrap();
    assert_eq!(written(folder).removed, ["features/gone/README.md", "features/gone/api_contract.yaml"]);
    assert!(!folder.join("features/gone").exists());
    assert!(folder.join("features/mine/README.md").exists());
}

#[test]
fn an_interrupted_run_is_repaired() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    written(folder);
    fs::remove_file(folder.join("relationships.json")).unwrap();
    fs::write(folder.join("features/users/api_contract.yaml"), "").unwrap();
    fs::create_dir_all(folder.join(".contract-agent/new")).unwrap();
    fs::write(folder.join(".contract-agent/new/0"), "half").unwrap();
    fs::write(folder.join(".contract-agent/lock"), "").unwrap();
    let text = fs::read_to_string(folder.join("repo_contract.json")).unwrap();
    fs::write(folder.join("repo_contract.json"), format!("<<<<<<< HEAD\n{text}")).unwrap();
    let written = written(folder);
    assert_eq!(written.changed, ["features/users/api_contract.yaml", "relationships.json", "repo_contract.json"]);
    assert_eq!(written.conflicts, ["repo_contract.json"]);
    assert_complete(folder);
}

/// The run is refused for the place, and nothing has changed.
fn check_refused(prepare: impl Fn(&Path), place: &str) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("contracts");
    fs::create_dir(&folder).unwrap();
    prepare(&folder);
    let before = tree(&folder);
    let error = write(&folder, &documents(&shop())).unwrap_err();
    assert_eq!(error.place(), folder.join(place), "{error}");
    assert!(matches!(error, WriteError::Foreign { .. }), "{error:?}");
    assert_eq!(tree(&folder), before);
}

#[test]
fn files_of_others_stop_the_run() {
    check_refused(|folder| fs::write(folder.join("README.md"), "# Our contracts\n").unwrap(), "README.md");
    check_refused(|folder| fs::write(folder.join("repo_contract.json"), "{\"a\": 1}").unwrap(), "repo_contract.json");
    check_refused(|folder| fs::create_dir_all(folder.join("relationships.json/x")).unwrap(), "relationships.json");
    check_refused(|folder| fs::write(folder.join("features"), "").unwrap(), "features");
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_the_folder() {
    let outside = tempfile::tempdir().unwrap();
    let path = outside.path().to_path_buf();
    check_refused(|folder| std::os::unix::fs::symlink(&path, folder.join("features")).unwrap(), "features");
    assert_eq!(tree(outside.path()), []);
}

#[test]
fn a_list_of_digests_cannot_name_files_outside() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("contracts");
    written(&folder);
    fs::write(root.path().join("victim"), "x").unwrap();
    let digest = blake3::hash(b"x").to_hex().to_string();
    let text = fs::read_to_string(folder.join("repo_contract.json")).unwrap();
    fs::write(folder.join("repo_contract.json"), text.replace("\"README.md\":", &format!("\"../victim\": \"{digest}\",\n \"README.md\":")))
        .unwrap();
    assert_eq!(written(&folder).removed, Vec::<String>::new());
    assert!(root.path().join("victim").exists());
}

#[test]
fn a_file_as_output_folder_is_told() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("contracts");
    fs::write(&path, "x").unwrap();
    assert!(matches!(write(&path, &documents(&shop())), Err(WriteError::NotAFolder { .. })));
    assert!(matches!(write(&path.join("inner"), &documents(&shop())), Err(WriteError::Io { .. } | WriteError::NotAFolder { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "x");
}

#[cfg(unix)]
#[test]
fn new_files_can_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    written(root.path());
    let plain = root.path().join("plain");
    fs::write(&plain, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&root.path().join("README.md")), mode(&plain));
}

const API: &str = "features/users/api_contract.yaml";

/// The documents of the same shop with nothing in it.
fn smaller() -> Vec<Document> {
    let mut smaller = shop();
    smaller.features.clear();
    smaller.settle();
    documents(&smaller)
}

/// A folder in a folder of its own, which holds what is kept.
fn place() -> (tempfile::TempDir, std::path::PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("contracts");
    (root, folder)
}

#[test]
fn what_was_edited_by_hand_stops_the_run_and_is_kept_when_it_is_overwritten() {
    let (_root, folder) = place();
    written(&folder);
    let text = fs::read_to_string(folder.join(API)).unwrap();
    let edited = format!("{text}# mine\n");
    fs::write(folder.join(API), &edited).unwrap();
    let before = tree(&folder);
    let error = write(&folder, &documents(&shop())).unwrap_err();
    assert!(matches!(&error, WriteError::Edited { documents, .. } if documents == &[API]), "{error:?}");
    assert_eq!(error.place(), folder.join(API));
    assert_eq!(tree(&folder), before);
    let written = write_with(&folder, &documents(&shop()), Options { edits: Edits::Overwritten, ..Options::default() }).unwrap();
    assert_eq!((written.changed, written.edited), (vec![API.to_owned()], vec![API.to_owned()]));
    assert_complete(&folder);
    write::restore(&folder, 1, write::WAIT).unwrap();
    assert_eq!(fs::read_to_string(folder.join(API)).unwrap(), edited);
}

#[test]
fn an_edit_that_says_what_the_code_says_is_none() {
    let (_root, folder) = place();
    written(&folder);
    let text = fs::read_to_string(folder.join(API)).unwrap();
    fs::write(folder.join(API), text.replace('\n', "\r\n")).unwrap();
    assert_eq!(written(&folder).changed, [API], "line ends that git has changed are no edit");
    let conflict = format!("<<<<<<< HEAD\n{text}=======\n>>>>>>> theirs\n");
    fs::write(folder.join(API), conflict).unwrap();
    assert_eq!(written(&folder).conflicts, [API], "a conflict is no edit");
    assert_complete(&folder);
}

#[test]
fn the_last_sets_can_be_brought_back_and_taken_back() {
    let (root, folder) = place();
    assert!(write::kept(&folder).is_empty());
    written(&folder);
    assert!(!root.path().join(".contract-agent").exists(), "a first set replaces none");
    let first = tree(&folder);
    write(&folder, &smaller()).unwrap();
    let second = tree(&folder);
    assert_eq!(write::kept(&folder).len(), 1);
    write::restore(&folder, 1, write::WAIT).unwrap();
    assert_eq!(tree(&folder), first);
    write::restore(&folder, 1, write::WAIT).unwrap();
    assert_eq!(tree(&folder), second);
    assert_eq!(write::kept(&folder).len(), 2, "the same set is kept once");
    assert_eq!(fs::read_to_string(root.path().join(".contract-agent/.gitignore")).unwrap(), "*\n");
    let none = write::restore(&folder, 3, write::WAIT).unwrap_err();
    assert!(matches!(none, WriteError::NoSet { kept: 2, .. }), "{none:?}");
    assert_eq!(tree(&folder), second);
}

#[test]
fn few_sets_are_kept_and_damage_is_seen() {
    let (root, folder) = place();
    let mut shop = shop();
    for number in 0..9 {
        shop.repo.summary = format!("Number {number}.");
        write(&folder, &documents(&shop)).unwrap();
    }
    let kept = write::kept(&folder);
    assert_eq!(kept.len(), 5);
    let names: std::collections::BTreeSet<&String> = kept.iter().flat_map(|set| set.documents.values()).collect();
    let objects = files_named(root.path(), |path| path.parent().is_some_and(|above| above.ends_with("objects")));
    assert_eq!(objects.len(), names.len(), "what no set needs is gone");
    let damaged = &kept[1].documents["repo_contract.json"];
    fs::write(objects.iter().find(|path| path.ends_with(damaged)).unwrap(), "{}").unwrap();
    let before = tree(&folder);
    assert!(matches!(write::restore(&folder, 2, write::WAIT), Err(WriteError::Damaged { .. })));
    assert_eq!(tree(&folder), before);
}

fn files_named(folder: &Path, is_wanted: impl Fn(&Path) -> bool) -> Vec<std::path::PathBuf> {
    tree(folder).into_iter().map(|(name, _)| folder.join(name)).filter(|path| is_wanted(path)).collect()
}

/// What a run that died left behind, told as its journal tells it.
fn interrupted(folder: &Path, steps: &[(&str, Option<&str>, Option<&str>)]) {
    let work = folder.join(".contract-agent");
    fs::create_dir_all(work.join("new")).unwrap();
    fs::create_dir_all(work.join("old")).unwrap();
    let digest = |text: Option<&str>| text.map(|text| blake3::hash(text.as_bytes()).to_hex().to_string());
    let mut journal = Vec::new();
    for (number, (path, before, after)) in steps.iter().enumerate() {
        journal.push(serde_json::json!({"path": path, "before": digest(*before), "after": digest(*after)}));
        for (name, text) in [("old", before), ("new", after)] {
            if let Some(text) = text {
                fs::write(work.join(name).join(number.to_string()), text).unwrap();
            }
        }
    }
    fs::write(work.join("journal.json"), serde_json::json!({ "steps": journal }).to_string()).unwrap();
}

#[test]
fn whoever_comes_next_finishes_what_a_run_began() {
    let (_root, folder) = place();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("done"), "new").unwrap();
    fs::write(folder.join("open"), "old").unwrap();
    fs::write(folder.join("gone"), "old").unwrap();
    fs::write(folder.join("touched"), "mine").unwrap();
    let steps = [
        ("gone", Some("old"), None),
        ("done", Some("old"), Some("new")),
        ("open", Some("old"), Some("new")),
        ("deep/fresh", None, Some("new")),
        ("touched", Some("old"), Some("new")),
    ];
    interrupted(&folder, &steps);
    assert!(write::is_unsettled(&folder));
    write::settle(&folder, write::WAIT).unwrap();
    let named = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(tree(&folder), [named("deep/fresh", "new"), named("done", "new"), named("open", "new"), named("touched", "mine")]);
}

#[test]
fn what_cannot_be_finished_is_taken_back() {
    let (_root, folder) = place();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("done"), "new").unwrap();
    fs::write(folder.join("open"), "old").unwrap();
    interrupted(&folder, &[("done", Some("old"), Some("new")), ("made", None, Some("new")), ("open", Some("old"), Some("new"))]);
    fs::write(folder.join(".contract-agent/new/2"), "cut").unwrap();
    write::settle(&folder, write::WAIT).unwrap();
    let named = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(tree(&folder), [named("done", "old"), named("open", "old")]);
}

#[test]
fn a_set_that_somebody_put_in_place_since_is_left_alone() {
    let (_root, folder) = place();
    written(&folder);
    let before = tree(&folder);
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    interrupted(&folder, &[("README.md", Some(&readme), Some("new")), ("repo_contract.json", Some("old"), Some("new"))]);
    write::settle(&folder, write::WAIT).unwrap();
    assert_eq!(tree(&folder), before);
}

#[test]
fn a_journal_cannot_name_files_outside() {
    let (root, folder) = place();
    fs::create_dir(&folder).unwrap();
    fs::write(root.path().join("victim"), "old").unwrap();
    interrupted(&folder, &[("../victim", Some("old"), None)]);
    write::settle(&folder, write::WAIT).unwrap();
    assert!(root.path().join("victim").exists() && !folder.join(".contract-agent").exists());
}

#[test]
fn who_holds_the_lock_is_told() {
    let (_root, folder) = place();
    written(&folder);
    fs::create_dir(folder.join(".contract-agent")).unwrap();
    let lock = fs::File::create(folder.join(".contract-agent/lock")).unwrap();
    lock.lock().unwrap();
    let holder = r#"{"pid": 4711, "host": "build-3", "since": 1700000000}"#;
    fs::write(folder.join(".contract-agent/holder.json"), holder).unwrap();
    let wait = std::time::Duration::from_millis(50);
    let error = write_with(&folder, &smaller(), Options { wait, ..Options::default() }).unwrap_err();
    let told = error.to_string();
    assert!(told.contains("process 4711 on build-3, since 2023-11-14 22:13:20 UTC ("), "{told}");
    drop(lock);
    write(&folder, &smaller()).unwrap();
    assert!(!folder.join(".contract-agent").exists());
}

#[test]
fn runs_at_the_same_time_wait_for_each_other() {
    let root = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| written(root.path()));
        }
    });
    assert_complete(root.path());
}
