//! Answers to gaps, of the same state as the code: `resolutions.json` of the work tree, the index, or a revision.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::contract::model::{Contract, Resolution};
use crate::contract::resolutions::document::{self, RESOLUTIONS};
use crate::contract::resolutions::{Outcome, Told, apply};
use crate::pipeline::evidence::Declarations;
use crate::scan::{History, Source, Tree};

/// How many answers are named where there are more to tell of.
const SHOWN: usize = 5;

/// The answers of one state.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// The answers, sorted.
    pub list: Vec<Resolution>,
    /// The document, as messages name it.
    shown: PathBuf,
}

impl Answers {
    /// Those that lie in a contracts folder on disk.
    pub fn on_disk(output: &Path) -> Result<Self, Failure> {
        let file = output.join(RESOLUTIONS);
        match fs::read(&file) {
            Ok(bytes) => Self::read(&bytes, file),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(Self { list: Vec::new(), shown: file })
            }
            Err(error) => Err(Failure::new("cannot read the answers").at(&file).because(&error).help("check that the file can be read")),
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
        Ok(Self { list, shown })
    }

    /// Lays the answers over a settled contract of this tree.
    pub fn apply(&self, contract: &mut Contract, tree: &Tree) -> Outcome {
        if self.list.is_empty() {
            return Outcome::default();
        }
        apply(contract, &self.list, &Declarations::new(tree))
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
