//! One analysis, as several commands need it: settings, files, contract.

use std::path::{Path, PathBuf};

use super::Globals;
use super::answers::Answers;
use super::cache::Cache;
use super::failure::Failure;
use super::terminal::Bar;
use crate::contract::model::Contract;
use crate::pipeline::{self, Analysis, Either, Reading};
use crate::scan::{self, Options, Source, Tree};
use crate::settings::{self, Settings};
use crate::store::{Calls, Digest, Store};

/// What to analyse.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Target {
    /// Analyse this revision (a branch, tag or commit) instead of the files on disk.
    #[arg(long, value_name = "REV", conflicts_with = "staged")]
    pub rev: Option<String>,
    /// Analyse what is staged for the next commit instead of the files on disk.
    #[arg(long)]
    pub staged: bool,
    /// Threads to work with; 0 takes all cores.
    #[arg(long, short, value_name = "N", env = "CONTRACT_AGENT_JOBS")]
    pub jobs: Option<usize>,
    #[command(flatten)]
    pub cache: Cache,
}

/// An analysis.
pub(super) struct Run {
    /// What was found.
    pub contract: Contract,
    /// What is to be said of the answers that were laid over it.
    pub told: Vec<String>,
}

/// The settings that hold for a folder.
pub(super) fn settings_for(folder: &Path, globals: &Globals) -> Result<Settings, Failure> {
    Ok(match &globals.config {
        Some(file) => settings::read(file)?,
        None => settings::find(folder)?.settings,
    })
}

/// Where the contracts of a folder are written.
pub(super) fn output_for(path: Option<&Path>, output: Option<&Path>, globals: &Globals) -> Result<PathBuf, Failure> {
    let settings = settings_for(path.unwrap_or(Path::new(".")), globals)?;
    Ok(output_of(path, output, &settings))
}

fn output_of(path: Option<&Path>, output: Option<&Path>, settings: &Settings) -> PathBuf {
    match (output, path) {
        (Some(output), _) => output.to_owned(),
        (None, Some(path)) => path.join(&settings.output.dir),
        (None, None) => settings.output.dir.clone(),
    }
}

/// A folder whose files are listed, and are yet to be read.
pub(super) struct Opened {
    /// Its files.
    pub tree: Tree,
    /// What earlier runs have stored.
    pub store: Option<Store>,
    /// Where the contracts are written.
    pub output: PathBuf,
    /// The same, as whoever asked would name it.
    pub shown: String,
    /// What the settings say.
    pub settings: Settings,
    cache: Cache,
    /// The folder, as whoever asked named it.
    folder: PathBuf,
    source: Source,
    threads: usize,
    is_quiet: bool,
}

impl Opened {
    /// Lists the files of a folder.
    pub fn new(path: Option<&Path>, output: Option<&Path>, target: &Target, globals: &Globals) -> Result<Self, Failure> {
        let folder = path.unwrap_or(Path::new("."));
        let settings = settings_for(folder, globals)?;
        let output = output_of(path, output, &settings);
        let mut options = options_of(&settings, target);
        options.output = below(&output, folder);
        let mut tree = scan::scan(folder, &options)?;
        let store = target.cache.open(&tree);
        if store.is_some() {
            pipeline::name_blobs(&mut tree, store.as_ref(), |file| pipeline::is_read(&file.path, file.kind));
        }
        let shown = output.display().to_string();
        let (folder, source, threads) = (folder.to_owned(), options.source, options.threads);
        Ok(Self { tree, store, output, shown, settings, cache: target.cache.clone(), folder, source, threads, is_quiet: globals.quiet })
    }

    /// Finished calls to models of earlier runs; `None` when nothing shall or can be kept.
    pub fn calls(&self) -> Option<Calls> {
        self.cache.calls(&self.tree)
    }

    /// The answers that lie beside the contracts, of the same state as the files.
    pub fn answers(&self) -> Result<Answers, Failure> {
        Answers::of(&self.source, &self.folder, &self.output, below(&self.output, &self.folder).as_deref())
    }

    /// Analyses the files, unless what is asked for is known for the digest of what they come to.
    pub fn analyze_unless<T: Send>(&self, known: impl FnOnce(Digest) -> Option<T> + Send) -> Result<Either<T>, Failure> {
        unless(&self.tree, &self.settings, self.store.as_ref(), (self.threads, self.is_quiet), known)
    }
}

/// Derives the contract of a tree on so many threads, unless what is asked for is known for the digest of what it comes to.
pub(super) fn unless<T: Send>(
    tree: &Tree,
    settings: &Settings,
    store: Option<&Store>,
    (threads, is_quiet): (usize, bool),
    known: impl FnOnce(Digest) -> Option<T> + Send,
) -> Result<Either<T>, Failure> {
    let bar = Bar::new(is_quiet);
    let name = name_of(tree);
    let work = || pipeline::derive_unless(Reading::new(tree, store, &bar), settings, &name, &bar, known);
    let found = pipeline::on_threads(threads, work)
        .map_err(|error| Failure::new("cannot start threads").because(&error).help("`--jobs 1` needs the fewest"))?;
    bar.finish();
    Ok(found)
}

/// Analyses a folder.
pub(super) fn run(path: Option<&Path>, output: Option<&Path>, target: &Target, globals: &Globals) -> Result<Run, Failure> {
    let opened = Opened::new(path, output, target, globals)?;
    let analysis = match opened.analyze_unless(|_| None)? {
        Either::Known(analysis) => analysis,
        Either::New(analysis) => *analysis,
    };
    // One contract is all that is asked of this process.
    let Analysis { mut contract, scaffold, .. } = analysis;
    scaffold.leave();
    let answers = opened.answers()?;
    let outcome = answers.apply(&mut contract, &opened.tree);
    Ok(Run { contract, told: answers.told(&outcome) })
}

/// How the files are listed.
pub(super) fn options_of(settings: &Settings, target: &Target) -> Options {
    let source = match &target.rev {
        Some(revision) => Source::Revision(revision.clone()),
        None if target.staged => Source::Index,
        None => Source::WorkTree,
    };
    let defaults = Options::default();
    Options {
        source,
        max_code_size: settings.scan.max_file_size.unwrap_or(defaults.max_code_size),
        include: settings.scan.include.clone(),
        exclude: settings.scan.exclude.clone(),
        keep: settings.scan.keep.iter().copied().collect(),
        threads: target.jobs.or(settings.jobs).unwrap_or(0),
        ..defaults
    }
}

/// The output folder from the analysed one, when it lies in it.
pub(super) fn below(output: &Path, folder: &Path) -> Option<String> {
    let folder = std::path::absolute(folder).ok()?;
    let folder = folder.canonicalize().unwrap_or(folder);
    let output = std::path::absolute(output).ok()?;
    // It may not be there yet: the part that is there counts.
    let there = output.ancestors().find(|path| path.exists())?;
    let rest = output.strip_prefix(there).ok()?;
    let output = there.canonicalize().ok()?.join(rest);
    let parts: Vec<String> = output.strip_prefix(folder).ok()?.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    Some(parts.join("/")).filter(|path| !path.is_empty())
}

/// The repository's name, when no manifest tells it: of its remote, else of its folder.
pub(super) fn name_of(tree: &Tree) -> String {
    let top = tree.git.as_ref().filter(|git| git.prefix.is_empty());
    let remote = top.and_then(|git| git.remote.as_deref()).and_then(|remote| remote.rsplit('/').next());
    match remote.filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => tree.root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_else(|| "repository".into()),
    }
}
