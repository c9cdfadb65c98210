//! Why a scan could not be done at all.

use std::path::PathBuf;

/// The scan could not be done: what, where; [`ScanError::help`] says how to go on.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// Nothing lies at the path.
    #[error("there is no folder `{}`", path.display())]
    NotFound {
        /// The given path.
        path: PathBuf,
    },
    /// The path is a file.
    #[error("`{}` is not a folder", path.display())]
    NotAFolder {
        /// The given path.
        path: PathBuf,
    },
    /// The folder cannot be opened.
    #[error("cannot read the folder `{}`", path.display())]
    NotReadable {
        /// The given path.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The index or a revision was asked for outside a repository.
    #[error("`{}` is in no git repository", path.display())]
    NoRepository {
        /// The given path.
        path: PathBuf,
    },
    /// A repository without a work tree, and no revision was named.
    #[error("`{}` is a bare repository: it has no files to read", path.display())]
    Bare {
        /// The given path.
        path: PathBuf,
    },
    /// The revision is unknown.
    #[error("there is no revision `{revision}` in `{}`", path.display())]
    NoRevision {
        /// What was asked for.
        revision: String,
        /// The given path.
        path: PathBuf,
        /// A branch or tag that may have been meant.
        nearest: Option<String>,
        /// Whether the clone holds only part of the history.
        is_shallow: bool,
    },
    /// The folder does not exist in that revision or index.
    #[error("there is no folder `{folder}` in {source_name}")]
    NoFolderInSource {
        /// Path from the repository's top.
        folder: String,
        /// `the index` or the revision.
        source_name: String,
    },
    /// Git's data could not be read.
    #[error("cannot read the git repository of `{}`: {message}", path.display())]
    Repository {
        /// The given path.
        path: PathBuf,
        /// What git says.
        message: String,
    },
    /// A glob of `include` or `exclude` is not one.
    #[error("`{pattern}` is not a glob: {message}")]
    Glob {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
}

impl ScanError {
    /// How to go on.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { .. } => "check the path, or run the command inside the repository".into(),
            Self::NotAFolder { path } => {
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                format!("give the folder that holds it: `{}`", parent.map_or_else(|| ".".into(), |parent| parent.display().to_string()))
            }
            Self::NotReadable { .. } => "check the folder's permissions".into(),
            Self::NoRepository { .. } => "only the files on disk can be read here; `git init` makes it a repository".into(),
            Self::Bare { .. } => "name a revision to read, for example `HEAD`".into(),
            Self::NoRevision { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            Self::NoRevision { is_shallow: true, .. } => {
                "the clone is shallow: `git fetch --unshallow` (in CI: a fetch depth of 0) brings the rest of the history".into()
            }
            Self::NoRevision { .. } => "`git branch --all` and `git tag` list what there is; `git fetch` brings what is missing".into(),
            Self::Repository { message, path } if message.contains("owned by") || message.contains("dubious ownership") => {
                format!("if you trust it: `git config --global --add safe.directory '{}'`", path.display())
            }
            Self::Repository { .. } => "`git status` and `git fsck` tell more".into(),
            Self::NoFolderInSource { .. } => "check the path, or name a revision that holds it".into(),
            Self::Glob { .. } => "`*` stands for a name, `**` for any folders, `{a,b}` for alternatives".into(),
        })
    }
}
