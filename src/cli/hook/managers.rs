//! Who runs a repository's hooks, and how each of them is told to run ours.

use std::fs;
use std::path::{Path, PathBuf};

use super::block::{self, Spot};
use super::plain;
use super::step::{Kind, Step};
use crate::cli::failure::Failure;
use crate::cli::git::Git;

/// Who runs the hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Manager {
    /// Git itself.
    Git,
    /// husky.
    Husky,
    /// lefthook.
    Lefthook,
    /// pre-commit.
    PreCommit,
    /// overcommit.
    Overcommit,
}

impl Manager {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Husky => "husky",
            Self::Lefthook => "lefthook",
            Self::PreCommit => "pre-commit",
            Self::Overcommit => "overcommit",
        }
    }
}

/// The events that commit something: a merge runs the second and not the first.
pub(super) const EVENTS: [&str; 2] = ["pre-commit", "pre-merge-commit"];
const LEFTHOOK: [&str; 6] =
    ["lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml", ".config/lefthook.yml", ".config/lefthook.yaml"];
const PRE_COMMIT: [&str; 2] = [".pre-commit-config.yaml", ".pre-commit-config.yml"];
const OVERCOMMIT: &str = ".overcommit.yml";

/// Who runs the hooks of this repository.
pub(in crate::cli) fn detect(git: &Git) -> Result<Manager, Failure> {
    if let Some(path) = git.line(&["config", "--get", "core.hooksPath"])? {
        let path = path.trim_end_matches('/');
        return Ok(if path.ends_with(".husky/_") || path.ends_with(".husky") { Manager::Husky } else { Manager::Git });
    }
    let has = |names: &[&str]| names.iter().any(|name| git.top.join(name).exists());
    Ok(match () {
        () if has(&[".husky"]) => Manager::Husky,
        () if has(&LEFTHOOK) => Manager::Lefthook,
        () if has(&PRE_COMMIT) => Manager::PreCommit,
        () if has(&[OVERCOMMIT]) => Manager::Overcommit,
        () => Manager::Git,
    })
}

/// What has to be done so that the manager runs the command.
pub(in crate::cli) fn install(git: &Git, manager: Manager, command: &str) -> Result<Vec<Step>, Failure> {
    Ok(match manager {
        Manager::Git => return plain::install(git, command),
        Manager::Husky => EVENTS.iter().map(|event| husky(&git.top.join(".husky").join(event), command)).collect::<Result<_, _>>()?,
        Manager::Lefthook => {
            let path = first(git, &LEFTHOOK);
            vec![edit(&path, &lefthook_lines(command), |text| lefthook(text, command))?]
        }
        Manager::PreCommit => {
            let path = first(git, &PRE_COMMIT);
            vec![edit(&path, &pre_commit_lines(command), |text| pre_commit(text, command))?]
        }
        Manager::Overcommit => {
            let words = command.replace(' ', ", ");
            let lines = format!(
                "PreCommit:\n  ContractAgent:\n    enabled: true\n    required_executable: contract-agent\n    command: [{words}]\n"
            );
            vec![Step::ByHand(OVERCOMMIT.to_owned(), lines)]
        }
    })
}

/// Files of managers that may hold our lines.
pub(super) fn files(git: &Git) -> Vec<PathBuf> {
    let husky = EVENTS.iter().map(|event| git.top.join(".husky").join(event));
    husky.chain(LEFTHOOK.iter().chain(&PRE_COMMIT).map(|name| git.top.join(name))).collect()
}

fn first(git: &Git, names: &[&str]) -> PathBuf {
    names.iter().map(|name| git.top.join(name)).find(|path| path.exists()).unwrap_or_else(|| git.top.join(names[0]))
}

/// The text of a file without lines of ours; `None` when there is no file.
pub(super) fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(match block::without(&text) {
            block::Left::Untouched => text,
            block::Left::Text(left) => left,
            block::Left::Nothing => return Ok(None),
        })),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new("cannot read a file").at(path).because(&error).help("check that it is text and can be read")),
    }
}

/// The step that changes a file of a manager, or tells what to add when we cannot place it safely.
fn edit(path: &Path, lines: &str, place: impl Fn(&str) -> Option<String>) -> Result<Step, Failure> {
    let text = read(path)?.unwrap_or_default();
    Ok(match place(&text) {
        Some(text) => Step::Write { path: path.into(), text, kind: Kind::Text },
        None => Step::ByHand(path.file_name().unwrap_or_default().to_string_lossy().into_owned(), lines.to_owned()),
    })
}

fn husky(path: &Path, command: &str) -> Result<Step, Failure> {
    let lines = plain::lines(command);
    let text = match read(path)? {
        Some(text) => block::with(&text, &lines, 0, Spot::End),
        None => block::alone("", &lines),
    };
    Ok(Step::Write { path: path.into(), text, kind: Kind::Text })
}

fn lefthook_lines(command: &str) -> String {
    EVENTS.map(|event| format!("{event}:\n  commands:\n    contract-agent:\n      run: {command}\n")).concat()
}

/// Under the events that are there, and with events that are not.
fn lefthook(text: &str, command: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let at = |event: &str| lines.iter().position(|line| line.trim_end() == format!("{event}:"));
    let is_there = |event: &str| lines.iter().any(|line| line.starts_with(event) && line[event.len()..].trim_start().starts_with(':'));
    if !EVENTS.iter().any(|event| is_there(event)) {
        return Some(block::with(text, &lefthook_lines(command), 0, Spot::End));
    }
    let event = at(EVENTS[0])?;
    let inner = |line: &&&str| line.starts_with(' ') || line.trim().is_empty() || line.trim_start().starts_with('#');
    let body = lines.get(event + 1..)?.iter().take_while(inner).count();
    let list =
        (event + 1..=event + body).find(|number| matches!(lines.get(*number).map(|line| line.trim()), Some("jobs:" | "commands:")))?;
    let line = lines.get(list)?;
    let above = indent_of(line);
    let next = lines.get(list + 1..)?.iter().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))?;
    let indent = indent_of(next);
    let is_list = next.trim_start().starts_with('-');
    if line.trim() == "jobs:" && is_list && indent >= above {
        return Some(block::with(text, &format!("- name: contract-agent\n  run: {command}\n"), indent, Spot::Line(list + 1)));
    }
    let is_map = line.trim() == "commands:" && !is_list && indent > above;
    is_map.then(|| block::with(text, &format!("contract-agent:\n  run: {command}\n"), indent, Spot::Line(list + 1)))
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn pre_commit_lines(command: &str) -> String {
    format!(
        "- repo: local\n  hooks:\n    - id: contract-agent\n      name: contracts\n      entry: {command}\n      language: system\n      \
         pass_filenames: false\n      always_run: true\n      stages: [pre-commit, pre-merge-commit]\n"
    )
}

/// At the end of the list of repositories.
fn pre_commit(text: &str, command: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some(block::with(text, &format!("repos:\n{}", pre_commit_lines(command)), 0, Spot::End));
    }
    let lines: Vec<&str> = text.lines().collect();
    let repos = lines.iter().position(|line| line.trim_end() == "repos:")?;
    let is_filled = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let first = (repos + 1..lines.len()).find(|number| is_filled(lines[*number]))?;
    let indent = indent_of(lines[first]);
    if !lines[first].trim_start().starts_with("- ") {
        return None;
    }
    let ends = |line: &str| is_filled(line) && !line.starts_with(' ') && !(indent == 0 && line.starts_with('-'));
    let end = (first..lines.len()).find(|number| ends(lines[*number])).unwrap_or(lines.len());
    let last = (first..end).rev().find(|number| is_filled(lines[*number])).unwrap_or(first);
    Some(block::with(text, &pre_commit_lines(command), indent, Spot::Line(last + 1)))
}
