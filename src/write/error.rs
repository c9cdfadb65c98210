//! Why contracts could not be written.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::lock::Holder;

/// Why contracts could not be written. The message says what, [`WriteError::place`] where, [`WriteError::help`] how to go on.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The output path is a file.
    #[error("the output path is not a folder")]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// Something that contract-agent did not write is in the way.
    #[error("something is in the way that contract-agent did not write")]
    Foreign {
        /// The file, folder or link.
        path: PathBuf,
    },
    /// Documents of ours do not hold what was written, and would be overwritten.
    #[error("edited by hand since they were written: {}", .documents.join(", "))]
    Edited {
        /// The first of them.
        path: PathBuf,
        /// All of them, under the output folder.
        documents: Vec<String>,
    },
    /// Another run is writing.
    #[error("another run is writing to the output folder{}", .holder.as_ref().map(|holder| format!(": {holder}")).unwrap_or_default())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Who, when that can be told.
        holder: Option<Holder>,
    },
    /// A run died in between, and what it left can be brought neither forward nor back.
    #[error("an interrupted run left the contracts half written, and they cannot be put right")]
    Unsettled {
        /// The file that stands in the way.
        path: PathBuf,
        /// Why not.
        source: Box<WriteError>,
    },
    /// There is no such set to bring back.
    #[error("{}", match .kept { 0 => "no earlier contracts are kept".to_owned(), 1 => "only 1 earlier set is kept".into(), kept => format!("only {kept} earlier sets are kept") })]
    NoSet {
        /// Where sets are kept.
        path: PathBuf,
        /// How many there are.
        kept: usize,
    },
    /// A kept document is not what was kept.
    #[error("a kept document is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{doing}")]
    Io {
        /// What was tried: `cannot write`.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl WriteError {
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { doing, path: path.into(), source }
    }

    /// Where it happened.
    #[must_use]
    pub fn place(&self) -> &Path {
        match self {
            Self::NotAFolder { path }
            | Self::Foreign { path }
            | Self::Edited { path, .. }
            | Self::Locked { path, .. }
            | Self::Unsettled { path, .. }
            | Self::NoSet { path, .. }
            | Self::Damaged { path }
            | Self::Io { path, .. } => path,
        }
    }

    /// How to go on.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotAFolder { .. } => "choose another folder with `--output`",
            Self::Foreign { .. } => "move it away, or choose another folder with `--output`; nothing was changed",
            Self::Edited { .. } => {
                "`--force` overwrites them and keeps them as they are for `contract-agent restore`; to keep an edit, change the code or the settings instead"
            }
            Self::Locked { .. } => "wait until the other run ends and try again; `--wait SECONDS` waits longer",
            Self::Unsettled { .. } => "make the folder writable and run again; `git checkout` of the folder brings back what was committed",
            Self::NoSet { .. } => "`contract-agent restore --list` tells what is kept; a set is kept whenever a run changes the contracts",
            Self::Damaged { .. } => "bring back another set: `contract-agent restore --list` tells which there are",
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "make the folder writable, or choose another one with `--output`"
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on the disk and run again",
                _ => "run again; the contracts that were there are kept",
            },
        }
    }
}
