//! A set of committed contracts: what of a folder is ours, and whether it can be believed.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::documents::head::SCHEMA_VERSION;
use crate::contract::documents::repo::RepoDocument;
use crate::contract::documents::{README, RELATIONSHIPS, REPO_CONTRACT, digest_of};
use crate::contract::export::{ExportError, Whole};

/// Where accepted breaks lie, under the contracts folder.
pub const ACCEPTED: &str = "accepted/";

/// Committed contracts give no verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContractsError {
    /// A merge left its marks.
    #[error("there are merge conflicts in the contracts")]
    Conflict {
        /// The document.
        path: String,
        /// 1-based.
        line: usize,
    },
    /// A later version of this program wrote them.
    #[error("the contracts are of a newer form ({found}; this program knows {SCHEMA_VERSION})")]
    Newer {
        /// The document.
        path: String,
        /// Its form.
        found: String,
    },
    /// It is not what its name says, or only half of it.
    #[error("a contract cannot be read: {message}")]
    Unreadable {
        /// The document.
        path: String,
        /// Why.
        message: String,
    },
}

impl ContractsError {
    /// The document, under the contracts folder, with its line.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Conflict { path, line } => format!("{path}:{line}"),
            Self::Newer { path, .. } | Self::Unreadable { path, .. } => path.clone(),
        }
    }

    /// How to go on.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "`contract-agent resolve` derives them anew; `git add` them then",
            Self::Newer { .. } => "use the version of contract-agent that wrote them, or a later one",
            Self::Unreadable { .. } => "`contract-agent analyze` writes the contracts anew",
        }
    }
}

/// A set of contracts.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    /// The documents, by path under the folder; line ends as we write them.
    pub documents: BTreeMap<String, Vec<u8>>,
    /// The lists of accepted breaks.
    pub accepted: Vec<(String, Vec<u8>)>,
    /// What `repo_contract.json` says, when it is of this form.
    pub repo: Option<RepoDocument>,
    /// Who wrote them.
    pub written_by: Option<String>,
    digests: BTreeMap<String, String>,
}

impl Contracts {
    /// Of the files of a contracts folder. Files of others are passed over.
    ///
    /// # Errors
    /// When no verdict can rest on them.
    pub fn read(files: Vec<(String, Vec<u8>)>) -> Result<Self, ContractsError> {
        let mut contracts = Self::default();
        for (path, bytes) in files {
            let bytes = with_plain_line_ends(bytes);
            if path.starts_with(ACCEPTED) && path.ends_with(".toml") {
                no_conflict(&path, &bytes)?;
                contracts.accepted.push((path, bytes));
            } else if path == REPO_CONTRACT || path == RELATIONSHIPS || path == README || path.starts_with("features/") {
                contracts.documents.insert(path, bytes);
            }
        }
        contracts.accepted.sort();
        for (path, bytes) in &contracts.documents {
            no_conflict(path, bytes)?;
        }
        let Some(bytes) = contracts.documents.get(REPO_CONTRACT) else { return Ok(contracts) };
        let unreadable = |message: String| ContractsError::Unreadable { path: REPO_CONTRACT.into(), message };
        let head: Value = serde_json::from_slice(bytes).map_err(|error| unreadable(format!("it is not JSON: {error}")))?;
        let text = |pointer: &str| head.pointer(pointer).and_then(Value::as_str);
        let form = text("/schemaVersion").ok_or_else(|| unreadable("it does not say its form".into()))?;
        let (major, ours) = (major_of(form), major_of(SCHEMA_VERSION));
        if major > ours {
            return Err(ContractsError::Newer { path: REPO_CONTRACT.into(), found: form.to_owned() });
        }
        contracts.written_by = text("/extractor/version").map(str::to_owned);
        let digests = head.get("digests").and_then(Value::as_object).ok_or_else(|| unreadable("it lists no documents".into()))?;
        contracts.digests = digests.iter().filter_map(|(path, digest)| Some((path.clone(), digest.as_str()?.to_owned()))).collect();
        contracts.repo = serde_json::from_value(head).ok();
        contracts.no_half_documents()?;
        Ok(contracts)
    }

    /// A document that is not what was written must at least be whole.
    fn no_half_documents(&self) -> Result<(), ContractsError> {
        let edited: Vec<(String, Vec<u8>)> =
            self.edited().into_iter().filter_map(|path| Some((path.clone(), self.documents.get(&path)?.clone()))).collect();
        match Whole::of_files(&edited) {
            Err(ExportError::Unreadable { path, message }) => Err(ContractsError::Unreadable { path, message }),
            _ => Ok(()),
        }
    }

    /// Whether there is nothing of ours.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.documents.contains_key(REPO_CONTRACT)
    }

    /// The documents that are not what was written: edited, or merged by hand; sorted.
    #[must_use]
    pub fn edited(&self) -> Vec<String> {
        let is_edited = |(path, digest): (&String, &String)| self.documents.get(path).is_some_and(|bytes| digest_of(bytes) != *digest);
        self.digests.iter().filter(|entry| is_edited(*entry)).map(|(path, _)| path.clone()).collect()
    }

    /// Whether this very program wrote all of it, and nothing is missing or edited.
    #[must_use]
    pub fn is_whole_and_ours(&self) -> bool {
        self.repo.is_some()
            && self.is_ours()
            && self.digests.iter().all(|(path, digest)| self.documents.get(path).is_some_and(|bytes| digest_of(bytes) == *digest))
    }

    /// Whether this version of the program wrote it.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.written_by.as_deref() == Some(env!("CARGO_PKG_VERSION"))
    }

    /// The documents that `repo_contract.json` lists, and itself.
    #[must_use]
    pub fn is_listed(&self, path: &str) -> bool {
        path == REPO_CONTRACT || self.digests.contains_key(path)
    }

    /// The listed documents as paths and bytes.
    #[must_use]
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let listed = self.documents.iter().filter(|(path, _)| self.is_listed(path));
        listed.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    }
}

fn major_of(version: &str) -> u64 {
    version.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Git may change line ends on the way out; what is compared is what we write.
fn with_plain_line_ends(bytes: Vec<u8>) -> Vec<u8> {
    if memchr::memmem::find(&bytes, b"\r\n").is_none() {
        return bytes;
    }
    let mut plain = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            plain.push(*byte);
        }
    }
    plain
}

fn no_conflict(path: &str, bytes: &[u8]) -> Result<(), ContractsError> {
    const MARKS: [&[u8]; 2] = [b"<<<<<<< ", b">>>>>>> "];
    if MARKS.iter().all(|mark| memchr::memmem::find(bytes, mark).is_none()) {
        return Ok(());
    }
    match bytes.split(|byte| *byte == b'\n').position(|line| MARKS.iter().any(|mark| line.starts_with(mark))) {
        Some(at) => Err(ContractsError::Conflict { path: path.to_owned(), line: at + 1 }),
        None => Ok(()),
    }
}
