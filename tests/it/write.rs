//! Documents on the disk: only what changed, all or nothing, and nothing of anybody else's.

use std::fs;
use std::path::Path;

use contract_agent::contract::documents::documents;
use contract_agent::contract::validate::validate_folder;
use contract_agent::write::{WriteError, Written, write};

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
    fs::write(folder.join("features/users/.contract-agent-abc.tmp"), "half").unwrap();
    fs::write(folder.join(".contract-agent.lock"), "").unwrap();
    let text = fs::read_to_string(folder.join("repo_contract.json")).unwrap();
    fs::write(folder.join("repo_contract.json"), format!("<<<<<<< HEAD\n{text}")).unwrap();
    assert_eq!(written(folder).changed, ["features/users/api_contract.yaml", "relationships.json", "repo_contract.json"]);
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
