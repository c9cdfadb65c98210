//! What installing does, step by step: told before it is done, or done.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::cli::git::Git;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Step {
    /// A file gets these bytes; a script may be run.
    Write {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        text: String,
        /// What it is.
        kind: Kind,
    },
    /// A file goes.
    Remove(PathBuf),
    /// A file gets another name.
    Rename(PathBuf, PathBuf),
    /// `git config --local` with these arguments.
    Config(Vec<String>),
    /// What only a person can do: where, and the lines.
    ByHand(String, String),
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Kind {
    /// Read.
    Text,
    /// Run.
    Script,
}

impl Step {
    /// What it does, for people.
    pub fn told(&self, top: &Path) -> String {
        let inner = |path: &Path| path.strip_prefix(top).unwrap_or(path).display().to_string();
        match self {
            Self::Write { path, .. } if path.exists() => format!("changes {}", inner(path)),
            Self::Write { path, .. } => format!("writes {}", inner(path)),
            Self::Remove(path) => format!("removes {}", inner(path)),
            Self::Rename(from, to) => format!("renames {} to {}", inner(from), inner(to)),
            Self::Config(arguments) => format!("runs git config --local {}", arguments.join(" ")),
            Self::ByHand(place, lines) => {
                let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
                format!("left to you: {place}\n\n{lines}")
            }
        }
    }

    /// Whether only a person can do it.
    pub fn is_by_hand(&self) -> bool {
        matches!(self, Self::ByHand(..))
    }

    /// Does it.
    pub fn run(&self, git: Option<&Git>) -> Result<(), Failure> {
        let failed = |path: &Path, error: &std::io::Error| {
            Failure::new("cannot change a file").at(path).because(error).help("check the permissions; what was done before stays done")
        };
        match self {
            Self::Write { path, text, kind } => {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
                }
                fs::write(path, text).map_err(|error| failed(path, &error))?;
                if *kind == Kind::Script { may_run(path).map_err(|error| failed(path, &error)) } else { Ok(()) }
            }
            Self::Remove(path) => fs::remove_file(path).map_err(|error| failed(path, &error)),
            Self::Rename(from, to) => fs::rename(from, to).map_err(|error| failed(from, &error)),
            Self::Config(arguments) => {
                let Some(git) = git else { return Ok(()) };
                let all: Vec<&str> = ["config", "--local"].into_iter().chain(arguments.iter().map(String::as_str)).collect();
                git.output(&all).map(drop)
            }
            Self::ByHand(..) => Ok(()),
        }
    }
}

#[cfg(unix)]
fn may_run(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode();
    // Whoever may read it may run it.
    fs::set_permissions(path, fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
}

#[cfg(not(unix))]
fn may_run(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
