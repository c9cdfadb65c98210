//! Why contracts could not be written.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

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
    /// Another run is writing.
    #[error("another run is writing to the output folder")]
    Locked {
        /// The lock file.
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
            Self::NotAFolder { path } | Self::Foreign { path } | Self::Locked { path } | Self::Io { path, .. } => path,
        }
    }

    /// How to go on.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotAFolder { .. } => "choose another folder with `--output`",
            Self::Foreign { .. } => "move it away, or choose another folder with `--output`; nothing was changed",
            Self::Locked { .. } => "wait until the other run ends and try again",
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
