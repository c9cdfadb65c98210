//! `contract-agent diff`: what changed between two revisions, two contract folders, or two single documents.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Globals;
use super::base;
use super::cache::Cache;
use super::check::{decided, exit_of};
use super::failure::Failure;
use super::output::Outputs;
use super::run::Target;
use super::validate::files_of;
use super::watched::{Blobs, From, SideOf, Watched};
use crate::contract::documents::REPO_CONTRACT;
use crate::diff::meta;
use crate::diff::promises::Promises;
use crate::guard::contracts::Contracts;
use crate::guard::judge::{self, View};
use crate::guard::places::Lines;
use crate::guard::policy::fail_on_of;
use crate::guard::{FailOn, Finding, Place, Report, Side, State};
use crate::pipeline::schemas::File;
use crate::pipeline::single::{self, Kind, Unreadable};
use crate::scan::Source;

/// Arguments of `diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The earlier state: a revision, a contracts folder, or a document (OpenAPI, AsyncAPI, SQL, GraphQL, proto).
    before: String,
    /// The later state, of the same sort [default: the files on disk].
    after: Option<String>,
    /// The repository of revisions [default: the current folder].
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Read the code of revisions, whatever contracts are committed there.
    #[arg(long)]
    derive: bool,
    /// What makes it fail: `breaking`, `warning`, `any`, `none`.
    #[arg(long, value_name = "LEVEL", value_parser = fail_on_of)]
    fail_on: Option<FailOn>,
    /// Threads to work with; 0 takes all cores.
    #[arg(long, short, value_name = "N", env = "CONTRACT_AGENT_JOBS")]
    jobs: Option<usize>,
    #[command(flatten)]
    cache: Cache,
    #[command(flatten)]
    outputs: Outputs,
}

/// One side, of any sort.
enum Given {
    Documents(Documents),
    Contracts(Box<SideOf>),
}

/// Documents of one kind.
struct Documents {
    kind: Kind,
    name: String,
    files: Vec<File>,
}

impl Given {
    fn sort(&self) -> String {
        match self {
            Self::Documents(documents) => documents.kind.to_string(),
            Self::Contracts(_) => "contracts".into(),
        }
    }
}

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    args.outputs.check()?;
    let target = Target { jobs: args.jobs, cache: args.cache.clone(), ..Target::default() };
    let folder = args.path.clone().unwrap_or_else(|| PathBuf::from("."));
    let watched =
        Watched::open(args.path.as_deref(), None, &target, globals).or_else(|failure| match Path::new(&args.before).exists() {
            // Documents can be compared anywhere, whatever repository lies around.
            true => Watched::without_history(&folder, &target, globals),
            false => Err(failure),
        })?;
    let from = if args.derive { From::Code } else { From::Contracts };
    let mut notes = Vec::new();
    let (before, after) = range_of(&watched, args)?;
    let before = given(&watched, &before, from, &mut notes)?;
    let after = match &after {
        Some(after) => given(&watched, after, from, &mut notes)?,
        None => work_tree(&watched)?,
    };
    let fail_on = args.fail_on.or(watched.settings.guard.fail_on).unwrap_or_default();
    let mut report = match (before, after) {
        (Given::Contracts(before), Given::Contracts(after)) => of_contracts(&watched, *before, *after, fail_on)?,
        (Given::Documents(before), Given::Documents(after)) if before.kind == after.kind => {
            of_documents(&watched, &before, &after, fail_on)?
        }
        (before, after) => {
            let words = format!("{} cannot be compared with {}", before.sort(), after.sort());
            return Err(Failure::new(words).help("name two states of the same sort"));
        }
    };
    report.notes.extend(notes);
    args.outputs.write(&report, globals)?;
    Ok(exit_of(&report))
}

/// The names of both states; `A..B` and `A...B` (since what both have in common) are two in one.
fn range_of(watched: &Watched, args: &Args) -> Result<(String, Option<String>), Failure> {
    let plain = (args.before.clone(), args.after.clone());
    let Some((from, to)) = args.before.split_once("..").filter(|_| args.after.is_none() && !Path::new(&args.before).exists()) else {
        return Ok(plain);
    };
    let or_head = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
    let Some(to) = to.strip_prefix('.') else { return Ok((or_head(from), Some(or_head(to)))) };
    let (from, to) = (or_head(from), or_head(to));
    let history = watched.history()?;
    let base = base::of_revision(history, &history.commit(&to)?, &from)?;
    Ok((base.commit, Some(to)))
}

/// A state by its name: what lies on the disk wins over a revision of the same name.
fn given(watched: &Watched, name: &str, from: From, notes: &mut Vec<String>) -> Result<Given, Failure> {
    let path = Path::new(name);
    if path.is_file() {
        let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
        return documents(name, vec![(name.to_owned(), bytes)]);
    }
    if path.is_dir() {
        return folder(watched, name, path);
    }
    let Some(history) = &watched.history else {
        return Err(
            Failure::new(format!("there is no file, folder or revision `{name}`")).help("check the name; revisions need a git repository")
        );
    };
    let commit = history.commit(name)?;
    let (side, note) = watched.revision(name, &commit, from)?;
    notes.extend(note);
    Ok(Given::Contracts(Box::new(side)))
}

/// A folder of contracts, a folder that holds one, or a folder of documents of one kind.
fn folder(watched: &Watched, name: &str, path: &Path) -> Result<Given, Failure> {
    let inner = path.join(&watched.settings.output.dir);
    let contracts = [path.to_owned(), inner].into_iter().find(|folder| folder.join(REPO_CONTRACT).is_file());
    if let Some(contracts) = contracts {
        let contracts_of = Contracts::read(files_of(&contracts)?);
        let read = contracts_of.map_err(|error| Failure::new(error.to_string()).at(&contracts.join(error.place())).help(error.help()))?;
        let promises = Promises::of_files(&read.files()).map_err(|error| {
            Failure::new("a contract cannot be read")
                .at(&contracts)
                .because(&error)
                .help("`contract-agent analyze` writes the contracts anew")
        })?;
        let side = Side { name: name.to_owned(), commit: None, state: State::Written };
        return Ok(Given::Contracts(Box::new(SideOf { side, promises, contracts: read, derived: None, revision: None })));
    }
    let mut files = files_of(path)?;
    files.retain(|(file, _)| [".proto", ".graphql", ".graphqls", ".gql", ".sql"].iter().any(|extension| file.ends_with(extension)));
    if files.is_empty() {
        let failure = Failure::new("the folder holds neither contracts nor documents that can be compared").at(path);
        return Err(failure.help("`contract-agent analyze` writes contracts; documents are .proto, .graphql and .sql files"));
    }
    documents(name, files)
}

fn documents(name: &str, mut files: Vec<File>) -> Result<Given, Failure> {
    let kind = single::kind_of(&files).map_err(|error| bad_document(name, error))?;
    if let (Kind::OpenApi, Some((path, bytes))) = (kind, files.first()) {
        let beside = single::referred(path, bytes, &mut |path| std::fs::read(path).ok());
        files.extend(beside);
    }
    Ok(Given::Documents(Documents { kind, name: name.to_owned(), files }))
}

fn bad_document(name: &str, error: Unreadable) -> Failure {
    let place = if error.path.is_empty() { name.to_owned() } else { error.path };
    let failure = Failure { place: Some(place), causes: vec![error.message], ..Failure::new("a document cannot be compared") };
    failure.help("documents are OpenAPI and AsyncAPI (JSON or YAML), SQL, GraphQL and proto files")
}

fn work_tree(watched: &Watched) -> Result<Given, Failure> {
    watched.whole_work_tree()?;
    let derived = watched.derive(Source::WorkTree)?;
    let side = Side { name: "work tree".into(), commit: None, state: State::Derived };
    let contracts = watched.contracts(&Source::WorkTree)?;
    Ok(Given::Contracts(Box::new(SideOf { side, promises: derived.promises().clone(), contracts, derived: Some(derived), revision: None })))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new("cannot read the document").at(path).because(error).help("check that the file can be read")
}

fn of_contracts(watched: &Watched, before: SideOf, after: SideOf, fail_on: FailOn) -> Result<Report, Failure> {
    let history = watched.history.as_ref();
    let (old, new) = (Blobs::new(history, before.revision.clone()), Blobs::new(history, after.revision.clone()));
    let read_old = |path: &str| before.derived.as_ref().and_then(|derived| derived.read(path)).or_else(|| old.read(path));
    let read_new = |path: &str| after.derived.as_ref().and_then(|derived| derived.read(path)).or_else(|| new.read(path));
    let changes = watched.changes(&before.promises, &after.promises);
    let (view_before, view_after) =
        (View { promises: &before.promises, read: &read_old }, View { promises: &after.promises, read: &read_new });
    let mut findings = judge::findings(changes, view_before, view_after, &watched.policy);
    let head = after
        .revision
        .clone()
        .or_else(|| history.filter(|_| after.derived.is_some()).and_then(|history| history.head().map(str::to_owned)));
    let about = decided(watched, &after.contracts, Some(&before), head.as_deref(), &mut findings)?;
    findings.extend(about);
    Ok(Report::new(Some(before.side), after.side, &watched.policy.gate(fail_on), findings))
}

fn of_documents(watched: &Watched, before: &Documents, after: &Documents, fail_on: FailOn) -> Result<Report, Failure> {
    let nothing = |_: &str| None;
    let read = single::promises_of(before.kind, &before.files, &after.files);
    let (old, new, unread) = read.map_err(|error| bad_document(&before.name, error))?;
    let (view_before, view_after) = (View { promises: &old, read: &nothing }, View { promises: &new, read: &nothing });
    let mut changes = watched.changes(&old, &new);
    changes.extend(meta::unread(&unread));
    let mut findings = judge::findings(changes, view_before, view_after, &watched.policy);
    for finding in findings.iter_mut().filter(|finding| finding.is_about_contracts()) {
        "correct the document, or compare with one that can be read".clone_into(&mut finding.help);
    }
    if !findings.is_empty() {
        point_into_documents(before, after, &mut findings);
    }
    let side = |documents: &Documents| Side { name: documents.name.clone(), commit: None, state: State::Document };
    let mut report = Report::new(Some(side(before)), side(after), &watched.policy.gate(fail_on), findings);
    report.notes = unread.into_iter().map(|unread| unread.note).collect();
    Ok(report)
}

/// Names the lines of the documents themselves.
fn point_into_documents(before: &Documents, after: &Documents, findings: &mut [Finding]) {
    let (old_texts, texts) = (texts_of(&before.files), texts_of(&after.files));
    let (old_lines, lines) = (lines_of(&old_texts), lines_of(&texts));
    for finding in findings {
        finding.source = place_in(&lines, finding);
        finding.base_source = place_in(&old_lines, finding);
    }
}

fn texts_of(files: &[File]) -> Vec<(&str, String)> {
    files.iter().map(|(path, bytes)| (path.as_str(), String::from_utf8_lossy(bytes).into_owned())).collect()
}

fn lines_of<'t>(texts: &'t [(&'t str, String)]) -> Vec<(&'t str, Lines<'t>)> {
    texts.iter().map(|(path, text)| (*path, Lines::new(path, text))).collect()
}

fn place_in(files: &[(&str, Lines)], finding: &Finding) -> Option<Place> {
    files.iter().find_map(|(path, lines)| Some(Place { file: (*path).to_owned(), line: lines.find(finding)? }))
}
