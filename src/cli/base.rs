//! What a change is compared with: what was asked for, what a CI system says, or the branch that is followed. It is always what
//! both sides have in common, never the tip of the other branch: the tip tells other people's additions as one's own deletions.

use std::path::Path;

use serde_json::Value;

use super::failure::Failure;
use crate::scan::History;

/// The earlier side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// As reports name it.
    pub name: String,
    /// Its commit.
    pub commit: String,
    /// What a reader should know of it.
    pub note: Option<String>,
}

/// What a CI system tells, by its variables.
pub(super) trait Environment {
    /// A variable that is not empty.
    fn value(&self, name: &str) -> Option<String>;
}

/// The process's own.
pub(super) struct Own;

impl Environment for Own {
    fn value(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

/// Variables that name the branch a change is to go to.
const TARGETS: &[&str] = &[
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "CHANGE_TARGET",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
    "DRONE_TARGET_BRANCH",
    "APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH",
];

/// What stands for "no commit" in events.
fn is_nothing(commit: &str) -> bool {
    commit.bytes().all(|byte| byte == b'0')
}

/// The base of a revision that was asked for: what it and `head` have in common.
pub(super) fn of_revision(history: &History, head: &str, revision: &str) -> Result<Base, Failure> {
    let commit = history.commit(revision)?;
    in_common(history, head, revision, &commit)
}

/// The base of what is checked out, as a CI system tells it; `None` when none does.
pub(super) fn of_ci(history: &History, head: &str, environment: &dyn Environment) -> Result<Option<Base>, Failure> {
    if environment.value("GITHUB_ACTIONS").is_some() {
        return of_github(history, head, environment);
    }
    if let Some(commit) = environment.value("CI_MERGE_REQUEST_DIFF_BASE_SHA") {
        let target = environment.value("CI_MERGE_REQUEST_TARGET_BRANCH_NAME").unwrap_or_else(|| "the target branch".into());
        return there(history, &target, &commit, &format!("git fetch origin {commit}")).map(Some);
    }
    let target = TARGETS.iter().find_map(|name| environment.value(name));
    if let Some(target) = target {
        return of_target(history, head, target.trim_start_matches("refs/heads/")).map(Some);
    }
    match environment.value("CI_COMMIT_BEFORE_SHA").filter(|commit| !is_nothing(commit)) {
        Some(commit) => there(history, "the commit before the push", &commit, &format!("git fetch origin {commit}")).map(Some),
        None => Ok(None),
    }
}

fn of_github(history: &History, head: &str, environment: &dyn Environment) -> Result<Option<Base>, Failure> {
    let event = environment.value("GITHUB_EVENT_PATH").and_then(|path| std::fs::read(path).ok());
    let event: Value = event.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    match environment.value("GITHUB_EVENT_NAME").unwrap_or_default().as_str() {
        "pull_request" | "pull_request_target" | "pull_request_review" => {
            let target = text("/pull_request/base/ref").or_else(|| environment.value("GITHUB_BASE_REF"));
            let target = target.unwrap_or_else(|| "main".into());
            if let Some(first) = first_parent_of_merge(history, head, text("/pull_request/head/sha").as_deref()) {
                return Ok(Some(Base { name: target, commit: first, note: None }));
            }
            match text("/pull_request/base/sha").filter(|commit| history.find(commit).is_some()) {
                Some(commit) => in_common(history, head, &target, &commit).map(Some),
                None => of_target(history, head, &target).map(Some),
            }
        }
        "merge_group" => match text("/merge_group/base_sha") {
            Some(commit) => there(history, "the merge queue's base", &commit, &format!("git fetch origin {commit}")).map(Some),
            None => Ok(None),
        },
        "push" => {
            if environment.value("GITHUB_REF").is_some_and(|name| name.starts_with("refs/tags/")) {
                return Ok(None);
            }
            match text("/before").filter(|commit| !is_nothing(commit)) {
                Some(commit) => there(history, "the commit before the push", &commit, &format!("git fetch origin {commit}")).map(Some),
                None => match text("/repository/default_branch") {
                    Some(branch) => of_target(history, head, &branch).map(Some),
                    None => Ok(None),
                },
            }
        }
        _ => match environment.value("GITHUB_BASE_REF") {
            Some(target) => of_target(history, head, &target).map(Some),
            None => Ok(None),
        },
    }
}

/// CI systems check out what the merge would be: its first parent is the target as it is now.
fn first_parent_of_merge(history: &History, head: &str, merged: Option<&str>) -> Option<String> {
    let parents = history.parents(head);
    let [first, second] = parents.as_slice() else { return None };
    merged.is_none_or(|merged| merged == second).then(|| first.clone())
}

/// The base with a branch that is known by name: the remote's is newer than a local one.
fn of_target(history: &History, head: &str, target: &str) -> Result<Base, Failure> {
    let names = [format!("origin/{target}"), format!("upstream/{target}"), target.to_owned(), "FETCH_HEAD".to_owned()];
    match names.iter().find_map(|name| Some((name, history.find(name)?))) {
        Some((name, commit)) => in_common(history, head, name, &commit),
        None => Err(Failure::new(format!("the target branch `{target}` is not in this clone"))
            .help(format!("`git fetch --no-tags origin +refs/heads/{target}:refs/remotes/origin/{target}` brings it"))),
    }
}

/// A commit that is told by name must be there.
fn there(history: &History, name: &str, commit: &str, command: &str) -> Result<Base, Failure> {
    match history.find(commit) {
        Some(commit) => Ok(Base { name: name.to_owned(), commit, note: None }),
        None => {
            let failure = Failure::new(format!("the commit {commit} ({name}) is not in this clone"));
            Err(failure.help(format!("`{command}` brings it; a fetch depth of 0 brings all of them")))
        }
    }
}

/// What two commits have in common.
fn in_common(history: &History, head: &str, name: &str, commit: &str) -> Result<Base, Failure> {
    match history.merge_base(head, commit)? {
        Some(base) => Ok(Base { name: name.to_owned(), commit: base, note: None }),
        None if history.is_shallow() => {
            Err(Failure::new(format!("what this commit and `{name}` have in common is not in this shallow clone"))
                .help("`git fetch --unshallow` brings it (in CI: a fetch depth of 0)"))
        }
        None => {
            let note = format!("{name} and this commit have no history in common: compared with {name} as it is");
            Ok(Base { name: name.to_owned(), commit: commit.to_owned(), note: Some(note) })
        }
    }
}

/// The base with the branch that the checked-out one follows; `None` when it follows none, or when that cannot be told.
pub(super) fn of_upstream(history: &History, head: &str) -> Option<Base> {
    let name = history.upstream()?;
    let commit = history.find(&name)?;
    in_common(history, head, &name, &commit).ok()
}

/// Whether a merge stopped on conflicts.
pub(super) fn is_merging(history: &History) -> bool {
    let at = |name: &str| Path::exists(&history.git_dir().join(name));
    at("MERGE_HEAD") || at("CHERRY_PICK_HEAD") || at("REVERT_HEAD") || at("rebase-merge") || at("rebase-apply")
}
