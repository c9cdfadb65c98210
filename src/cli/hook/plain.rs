//! Hooks that git itself runs: scripts in its folder of hooks, or commands in its settings.

use std::fs;
use std::path::{Path, PathBuf};

use super::block::{self, Left, Spot};
use super::managers::{EVENTS, read};
use super::step::{Kind, Step};
use crate::cli::failure::Failure;
use crate::cli::git::Git;

/// Since then git knows hooks in its settings: several for one event, and no file is touched.
const CONFIG_HOOKS: (u32, u32) = (2, 54);
const SECTION: &str = "hook.contract-agent";
const SHEBANG: &str = "#!/bin/sh\n";
/// After the name of a hook that we call because no lines can be put into it.
const KEPT: &str = ".contract-agent-kept";

/// The lines of a script that run the command.
pub(super) fn lines(command: &str) -> String {
    format!(
        "# Skip it once with CONTRACT_AGENT_SKIP=1; `contract-agent hook uninstall` takes these lines out.\n\
         if command -v contract-agent >/dev/null 2>&1; then\n  {command} || exit $?\n\
         else\n  echo 'contract-agent is not on the path: the contracts are not checked' >&2\nfi\n"
    )
}

/// The folder that git takes hooks from.
fn folder(git: &Git) -> Result<PathBuf, Failure> {
    let path = git.line(&["rev-parse", "--git-path", "hooks"])?;
    Ok(git.top.join(path.unwrap_or_else(|| ".git/hooks".into())))
}

/// Whether the folder belongs to this repository: one for all repositories of a user is not ours to change.
fn is_own(git: &Git, folder: &Path) -> Result<bool, Failure> {
    let common = git.line(&["rev-parse", "--git-common-dir"])?.map(|path| git.top.join(path));
    let full = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = full(folder);
    Ok(folder.starts_with(&git.top) || common.is_some_and(|common| folder.starts_with(full(&common))))
}

/// What has to be done so that git runs the command.
pub(super) fn install(git: &Git, command: &str) -> Result<Vec<Step>, Failure> {
    let folder = folder(git)?;
    let is_set = git.line(&["config", "--get", "core.hooksPath"])?.is_some();
    if git.version()? >= CONFIG_HOOKS {
        return config(git, command);
    }
    if is_set && !is_own(git, &folder)? {
        let place = format!("{}/pre-commit and pre-merge-commit (core.hooksPath is shared by other repositories)", folder.display());
        return Ok(vec![Step::ByHand(place, lines(command))]);
    }
    let mut steps = Vec::new();
    for event in EVENTS {
        steps.extend(script(&folder, event, command)?);
    }
    Ok(steps)
}

fn config(git: &Git, command: &str) -> Result<Vec<Step>, Failure> {
    let mut steps = uninstall_config(git)?;
    let words = |words: &[&str]| Step::Config(words.iter().map(|word| (*word).to_owned()).collect());
    let guarded = format!("! command -v contract-agent >/dev/null 2>&1 || {command}");
    steps.push(words(&[&format!("{SECTION}.command"), &guarded]));
    steps.extend(EVENTS.map(|event| words(&["--add", &format!("{SECTION}.event"), event])));
    Ok(steps)
}

fn uninstall_config(git: &Git) -> Result<Vec<Step>, Failure> {
    let is_there = git.line(&["config", "--local", "--get", &format!("{SECTION}.command")])?.is_some();
    Ok(if is_there { vec![Step::Config(vec!["--remove-section".into(), SECTION.into()])] } else { Vec::new() })
}

/// The command in git's settings, when it is there.
pub(super) fn configured(git: &Git) -> Result<Option<String>, Failure> {
    git.line(&["config", "--local", "--get", &format!("{SECTION}.command")])
}

/// Puts our lines into a script before its own, which decide how it ends. What is no shell script is called from ours.
fn script(folder: &Path, event: &str, command: &str) -> Result<Vec<Step>, Failure> {
    let path = folder.join(event);
    let lines = lines(command);
    let write = |text: String| Step::Write { path: path.clone(), text, kind: Kind::Script };
    let kept = folder.join(format!("{event}{KEPT}"));
    let calling = || {
        let call = format!("{lines}kept=\"$(dirname \"$0\")/{event}{KEPT}\"\nif [ -x \"$kept\" ]; then exec \"$kept\" \"$@\"; fi\n");
        write(block::alone(SHEBANG, &call))
    };
    if fs::symlink_metadata(&path).is_err() {
        return Ok(vec![write(block::alone(SHEBANG, &lines))]);
    }
    let text = fs::read_to_string(&path).ok();
    if text.as_deref().is_some_and(|text| block::without(text) == Left::Nothing) {
        return Ok(vec![if kept.exists() { calling() } else { write(block::alone(SHEBANG, &lines)) }]);
    }
    match read(&path).ok().flatten().filter(|text| is_shell(text) && can_run(&path)) {
        Some(text) => Ok(vec![write(block::with(&text, &lines, 0, Spot::Line(1)))]),
        None if kept.exists() => {
            Err(Failure::new("an earlier hook is kept aside, and there is another one").at(&kept).help("move one of them away"))
        }
        None => Ok(vec![Step::Rename(path.clone(), kept), calling()]),
    }
}

fn is_shell(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let program = first.trim_start_matches("#!").split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    first.starts_with("#!") && program.into_iter().any(|word| matches!(word, "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash"))
}

#[cfg(unix)]
fn can_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn can_run(path: &Path) -> bool {
    path.is_file()
}

/// What takes everything of ours out of git's own hooks.
pub(super) fn uninstall(git: &Git) -> Result<Vec<Step>, Failure> {
    let mut steps = uninstall_config(git)?;
    let folder = folder(git)?;
    for event in EVENTS {
        let path = folder.join(event);
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let kept = folder.join(format!("{event}{KEPT}"));
        match block::without(&text) {
            Left::Untouched => {}
            Left::Text(text) => steps.push(Step::Write { path, text, kind: Kind::Script }),
            Left::Nothing if fs::symlink_metadata(&kept).is_ok() => steps.push(Step::Rename(kept, path)),
            Left::Nothing => steps.push(Step::Remove(path)),
        }
    }
    Ok(steps)
}

/// Scripts of git's own that may hold our lines.
pub(super) fn files(git: &Git) -> Result<Vec<PathBuf>, Failure> {
    let folder = folder(git)?;
    Ok(EVENTS.iter().map(|event| folder.join(event)).collect())
}
