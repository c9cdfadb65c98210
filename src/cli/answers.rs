//! Answers to gaps, of the same state as the code: `resolutions.json` of the work tree, the index, or a revision.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::contract::documents::Document;
use crate::contract::model::{Contract, Resolution};
use crate::contract::resolutions::document::{self, RESOLUTIONS};
use crate::contract::resolutions::{Outcome, Told, apply, is_stale};
use crate::pipeline::evidence::Declarations;
use crate::scan::{History, Source, Tree};

/// How many answers are named where there are more to tell of.
const SHOWN: usize = 5;

/// The answers of one state.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// The answers, sorted.
    pub list: Vec<Resolution>,
    /// The same as they were read.
    read: Vec<Resolution>,
    /// The document, as messages name it.
    shown: PathBuf,
}

impl Answers {
    /// Those that lie in a contracts folder on disk.
    pub fn on_disk(output: &Path) -> Result<Self, Failure> {
        Self::on_disk_at(&output.join(RESOLUTIONS))
    }

    fn on_disk_at(file: &Path) -> Result<Self, Failure> {
        match fs::read(file) {
            Ok(bytes) => Self::read(&bytes, file.to_owned()),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(Self { shown: file.to_owned(), ..Self::default() })
            }
            Err(error) => Err(Failure::new("cannot read the answers").at(file).because(&error).help("check that the file can be read")),
        }
    }

    /// Those of a state; `below` is where the contracts lie in the folder. Contracts outside of it have one state, on disk.
    pub fn of(source: &Source, folder: &Path, output: &Path, below: Option<&str>) -> Result<Self, Failure> {
        let Some(below) = below.filter(|_| *source != Source::WorkTree) else { return Self::on_disk(output) };
        let path = format!("{below}/{RESOLUTIONS}");
        let history = History::open(folder)?;
        let bytes = match &history {
            Some(history) => history.blobs(source)?.get(&path).map(|blob| history.read(*blob)).transpose()?,
            None => None,
        };
        let shown = match source {
            Source::Revision(revision) => PathBuf::from(format!("{revision}:{path}")),
            _ => PathBuf::from(path),
        };
        bytes.map_or_else(|| Ok(Self::default()), |bytes| Self::read(&bytes, shown))
    }

    fn read(bytes: &[u8], shown: PathBuf) -> Result<Self, Failure> {
        let list = document::read(bytes).map_err(|error| {
            let place = match error.at {
                Some((line, column)) => format!("{}:{line}:{column}", shown.display()),
                None => shown.display().to_string(),
            };
            let failure = Failure { place: Some(format!("{place}: {error}")), ..Failure::new("cannot read the answers") };
            failure.help("`contract-agent schema resolutions` prints the form; without the file the code speaks alone")
        })?;
        Ok(Self { read: list.clone(), list, shown })
    }

    /// Lays the answers over a settled contract of this tree.
    pub fn apply(&self, contract: &mut Contract, tree: &Tree) -> Outcome {
        if self.list.is_empty() {
            return Outcome::default();
        }
        apply(contract, &self.list, &Declarations::new(tree))
    }

    /// The gaps whose answers rest on the code as it is.
    pub fn fresh(&self, tree: &Tree) -> BTreeSet<String> {
        let code = Declarations::new(tree);
        self.list.iter().filter(|resolution| !is_stale(resolution, &code)).map(|resolution| resolution.gap.clone()).collect()
    }

    /// The document, when it is not what was read. Somebody may have edited it since: what it says then is kept.
    pub fn document(&self) -> Result<Option<Document>, Failure> {
        if self.list == self.read {
            return Ok(None);
        }
        let mut list = Self::on_disk_at(&self.shown)?.list;
        // What this run has not changed is as somebody else may have left it since.
        let new = self.list.iter().filter(|answer| !self.read.contains(answer)).cloned().collect();
        document::merge(&mut list, new);
        Ok(document::bytes_of(&list).map(|bytes| Document { path: RESOLUTIONS.to_owned(), bytes }))
    }

    /// What is to be said of answers that were not simply followed, one line each.
    pub fn told(&self, outcome: &Outcome) -> Vec<String> {
        let file = self.shown.display();
        let mut lines = Vec::new();
        let mut tell = |told: &[Told], one: &str, many: &str, help: &str| {
            let Some(first) = told.first() else { return };
            let names: Vec<String> = told.iter().take(SHOWN).map(spelt).collect();
            let more = if told.len() > SHOWN { format!(" and {} more", told.len() - SHOWN) } else { String::new() };
            let what =
                if told.len() == 1 { format!("1 answer in {file} {one}") } else { format!("{} answers in {file} {many}", told.len()) };
            let why = if told.len() == 1 && !first.why.is_empty() { format!(" ({})", first.why) } else { String::new() };
            lines.push(format!("{what}{why}: {}{more}{help}", names.join(", ")));
        };
        let again = "; followed and marked, `contract-agent analyze --llm auto` asks again";
        tell(&outcome.stale, "is stale", "are stale", again);
        tell(&outcome.unused, "is unused", "are unused", "; kept, delete what is not needed");
        tell(&outcome.refused, "was not followed", "were not followed", "");
        lines
    }
}

fn spelt(told: &Told) -> String {
    format!("{} [{}]", told.subject, told.gap)
}
