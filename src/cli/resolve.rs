//! `contract-agent resolve`: merge conflicts in contracts, resolved by deriving them anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Globals;
use super::failure::Failure;
use super::git::{Git, IndexEntry, entries_of};
use super::run::{self, Target};
use super::terminal::{note, say};
use super::validate::files_of;
use super::versions;
use super::writing::{Waiting, Writing};
use crate::contract::documents::{REPO_CONTRACT, documents};
use crate::write::{self, is_derived};

/// Arguments of `resolve`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder that is analysed [default: the current folder].
    path: Option<PathBuf>,
    /// Where the contracts are [default: `contracts` in the folder].
    #[arg(long, short, value_name = "DIR", env = "CONTRACT_AGENT_OUTPUT")]
    output: Option<PathBuf>,
    /// Threads to work with; 0 takes all cores.
    #[arg(long, short, value_name = "N", env = "CONTRACT_AGENT_JOBS")]
    jobs: Option<usize>,
    #[command(flatten)]
    waiting: Waiting,
    /// As git calls a merge driver (`%O %A %B %P`): keep our side without marks, and leave the conflict for `resolve`.
    #[arg(long, num_args = 4, value_names = ["BASE", "OURS", "THEIRS", "PATH"], conflicts_with = "path")]
    merge_driver: Option<Vec<PathBuf>>,
}

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    if let Some(names) = &args.merge_driver {
        return Ok(drive(names));
    }
    let folder = args.path.clone().unwrap_or_else(|| ".".into());
    let output = run::output_for(args.path.as_deref(), args.output.as_deref(), globals)?;
    let git = Git::around(&folder)?;
    let unmerged = match &git {
        Some(git) => Unmerged::read(git, &output)?,
        None => Unmerged::default(),
    };
    unmerged.refuse_others()?;
    let marked = if output.is_dir() { marked_in(&output)? } else { Vec::new() };
    if unmerged.documents.is_empty() && marked.is_empty() {
        if !globals.quiet {
            say("there is no conflict in the contracts\n")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let target = Target { jobs: args.jobs, ..Target::default() };
    let mut found = run::run(args.path.as_deref(), args.output.as_deref(), &target, globals)?;
    let contract = &mut found.contract;
    versions::carry(contract, &folder, unmerged.before.clone(), run::below(&output, &folder).as_deref());
    let documents = documents(contract);
    let writing = Writing { force: true, waiting: args.waiting.clone() };
    let written = writing.write(&output, &documents, &Globals { quiet: true, config: None, ..*globals })?;
    let all: BTreeSet<String> = documents.iter().map(|document| document.path.clone()).chain(written.removed).collect();
    let is_staged = match &git {
        Some(git) if !unmerged.documents.is_empty() => stage(git, &output, &all, &unmerged)?,
        _ => false,
    };
    if !globals.quiet {
        let resolved: BTreeSet<&String> = unmerged.documents.iter().chain(&marked).collect();
        let staged = if is_staged { ", and staged" } else { "; `git add` them" };
        say(&format!("resolved by deriving anew{staged}: {}\n", resolved.into_iter().cloned().collect::<Vec<_>>().join(", ")))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Our side stays as it is: while git merges, the sources that documents are derived from are not there yet. The exit code
/// leaves the path unmerged, so that nothing underived is committed.
fn drive(names: &[PathBuf]) -> ExitCode {
    if names.last().is_some_and(|path| path.ends_with(REPO_CONTRACT)) {
        note("both sides changed the contracts: `contract-agent resolve` derives them anew once the sources are merged\n");
    }
    ExitCode::from(1)
}

/// Documents with marks of a conflict.
fn marked_in(output: &Path) -> Result<Vec<String>, Failure> {
    let files = files_of(output)?;
    Ok(files.into_iter().filter(|(path, bytes)| is_derived(path) && write::has_conflict(bytes)).map(|(path, _)| path).collect())
}

/// What a merge left open.
#[derive(Default)]
struct Unmerged {
    /// Documents that are derived, under the output folder.
    documents: BTreeSet<String>,
    /// All else, from the top.
    others: BTreeSet<String>,
    /// `repo_contract.json` of our side, or of theirs, with its path.
    before: Vec<(String, Vec<u8>)>,
}

impl Unmerged {
    fn read(git: &Git, output: &Path) -> Result<Self, Failure> {
        let inner = git.inner(output).filter(|inner| !inner.is_empty());
        let mut unmerged = Self::default();
        let mut sides: Vec<IndexEntry> = Vec::new();
        for entry in entries_of(&git.output(&["ls-files", "-u", "-z"])?) {
            let below = inner.as_ref().and_then(|inner| entry.path.strip_prefix(inner)?.strip_prefix('/')).map(str::to_owned);
            match below {
                Some(path) if is_derived(&path) => {
                    if path == REPO_CONTRACT && entry.stage > 1 {
                        sides.push(entry);
                    }
                    unmerged.documents.insert(path);
                }
                _ => drop(unmerged.others.insert(entry.path)),
            }
        }
        sides.sort_by_key(|entry| entry.stage);
        let texts = git.blobs(&sides.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>())?;
        unmerged.before = texts.into_iter().take(1).map(|text| (REPO_CONTRACT.to_owned(), text)).collect();
        Ok(unmerged)
    }

    /// Contracts say what merged sources say.
    fn refuse_others(&self) -> Result<(), Failure> {
        const SHOWN: usize = 5;
        let Some(first) = self.others.first().filter(|_| !self.documents.is_empty()) else { return Ok(()) };
        let mut failure = Failure::new(match self.others.len() {
            1 => "a file that contracts are derived from, or that is edited by hand, is in conflict".to_owned(),
            count => format!("{count} files that contracts are derived from, or that are edited by hand, are in conflict"),
        });
        failure.causes = self.others.iter().skip(1).take(SHOWN - 1).cloned().collect();
        Err(failure.at(Path::new(first)).help("resolve and `git add` them first; then `contract-agent resolve` derives the contracts"))
    }
}

/// Tells git that the documents are merged.
fn stage(git: &Git, output: &Path, paths: &BTreeSet<String>, unmerged: &Unmerged) -> Result<bool, Failure> {
    let Some(inner) = git.inner(output) else { return Ok(false) };
    let mut list = Vec::new();
    for path in paths.union(&unmerged.documents) {
        list.extend_from_slice(format!("{inner}/{path}\0").as_bytes());
    }
    git.fed(&["update-index", "--add", "--remove", "-z", "--stdin"], &list)?;
    Ok(true)
}
