//! What to scan, and what to leave out.

use crate::base::kept::KeptSet;

/// Where the files and their bytes come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The files as they lie on disk.
    #[default]
    WorkTree,
    /// What the next commit would hold: git's index.
    Index,
    /// What a commit, branch or tag holds.
    Revision(String),
}

/// How to scan.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where files come from.
    pub source: Source,
    /// Code files with more bytes are left out.
    pub max_code_size: u64,
    /// Documents (OpenAPI, SQL, manifests) with more bytes are left out.
    pub max_document_size: u64,
    /// When not empty, only files that match one of these globs.
    pub include: Vec<String>,
    /// Files and folders that match one of these globs are left out.
    pub exclude: Vec<String>,
    /// The folder that contracts are written to, from the scanned folder: it is passed over.
    pub output: Option<String>,
    /// What is kept although it is left out by default.
    pub keep: KeptSet,
    /// Threads to walk with; 0 lets the machine decide.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            source: Source::WorkTree,
            max_code_size: 1 << 20,
            max_document_size: 16 << 20,
            include: Vec::new(),
            exclude: Vec::new(),
            output: None,
            keep: KeptSet::default(),
            threads: 0,
        }
    }
}
