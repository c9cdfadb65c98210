//! `contract-agent check`: are the committed contracts what the code yields, and does the change break what was promised?

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use super::Globals;
use super::base::{self, Base, Own};
use super::failure::Failure;
use super::known::Known;
use super::output::Outputs;
use super::run::{Target, options_of};
use super::watched::{Blobs, Derived, From, SideOf, Watched, bad_acceptance, today};
use crate::contract::documents::{Document, identity_of};
use crate::contract::version::{Bump, raised};
use crate::diff::change::{Change, Domain, Level, Location};
use crate::diff::promises::Promises;
use crate::guard::acceptance::{self, Acceptance};
use crate::guard::contracts::Contracts;
use crate::guard::drift::Drift;
use crate::guard::judge::{self, View};
use crate::guard::places::Lines;
use crate::guard::policy::fail_on_of;
use crate::guard::{Accepted, FailOn, Finding, Gate, Place, Report, Side, State, Verdict, suppression, trailers};
use crate::pipeline;
use crate::scan::{FileKind, Source, StagedFile};
use crate::store::{Digester, Store};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to check [default: the current folder].
    path: Option<PathBuf>,
    /// Where the contracts are [default: `contracts` in the folder].
    #[arg(long, short, value_name = "DIR", env = "CONTRACT_AGENT_OUTPUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
    /// Tell what changed since this revision: since what it and the checked one have in common. `none`: look at drift alone
    /// [default: in CI the target branch, with `--staged` the branch that is followed].
    #[arg(long, value_name = "REV", env = "CONTRACT_AGENT_BASE")]
    base: Option<String>,
    /// What makes it fail: `drift`, `breaking`, `warning`, `any`, `none` [default: `breaking`; `drift` with `--staged`].
    #[arg(long, value_name = "LEVEL", value_parser = fail_on_of)]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    outputs: Outputs,
}

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    args.outputs.check()?;
    let watched = Watched::open(args.path.as_deref(), args.output.as_deref(), &args.target, globals)?;
    let asked = Asked { source: source_of(&args.target), base: args.base.clone(), fail_on: args.fail_on };
    let report = report_of(&watched, &args.target, asked)?;
    args.outputs.write(&report, globals)?;
    Ok(exit_of(&report))
}

/// What a report says to whoever called.
pub(super) fn exit_of(report: &Report) -> ExitCode {
    match report.verdict {
        Verdict::Pass => ExitCode::SUCCESS,
        Verdict::Fail => ExitCode::from(1),
    }
}

/// What the command line names.
pub(super) fn source_of(target: &Target) -> Source {
    match &target.rev {
        Some(revision) => Source::Revision(revision.clone()),
        None if target.staged => Source::Index,
        None => Source::WorkTree,
    }
}

/// What is to be checked.
pub(super) struct Asked {
    /// Whose code.
    pub source: Source,
    /// Since when.
    pub base: Option<String>,
    /// What makes it fail.
    pub fail_on: Option<FailOn>,
}

/// Checks.
pub(super) fn report_of(watched: &Watched, target: &Target, asked: Asked) -> Result<Report, Failure> {
    let settings = &watched.settings.guard;
    let fail_on = asked.fail_on.unwrap_or(match asked.source {
        Source::Index => settings.fail_on_staged.unwrap_or(FailOn::Drift),
        _ => settings.fail_on.unwrap_or_default(),
    });
    let gate = watched.policy.gate(fail_on);
    let mut notes = Vec::new();
    if asked.source == Source::WorkTree {
        watched.whole_work_tree()?;
    }
    if asked.source == Source::Index {
        no_conflicts(watched)?;
        let mut options = options_of(&watched.settings, target);
        options.output.clone_from(&watched.below);
        if !watched.history()?.staged(&options)?.files.iter().any(may_matter) {
            let mut report = Report::new(None, side_of(&asked.source, None), &gate, Vec::new());
            report.notes.push("nothing that contracts are made of is staged".into());
            return Ok(report);
        }
    }
    let head = head_of(watched, &asked.source)?;
    let base = base_of(watched, &asked, head.as_deref(), &mut notes)?;
    let mut tree = watched.scan(asked.source.clone())?;
    let store = watched.store(&tree);
    let known = known_to(watched, store.as_ref(), &asked, (head.as_deref(), base.as_ref(), &notes))?;
    let exact = known.as_ref().and_then(|_| {
        pipeline::name_blobs(&mut tree, store.as_ref(), |_| true);
        pipeline::exact_digest(&tree)
    });
    if let Some(report) = known.as_ref().zip(exact).and_then(|(known, exact)| known.find(exact)) {
        return Ok(report);
    }
    // Without a base, a report without findings follows from what the code says alone.
    let clean = known.as_ref().filter(|_| base.is_none());
    let derived = match watched.derive_unless(tree, &asked.source, store.as_ref(), |digest| clean.and_then(|known| known.find(digest)))? {
        Err(report) => return Ok(report),
        Ok(derived) => derived,
    };
    let digest = derived.digest;
    // The same contract comes to the same, whatever code it follows from.
    let mut promised = Digester::default();
    promised.text(&identity_of(&derived.contract));
    derived.told.iter().for_each(|note| {
        promised.text(note);
    });
    let promised = promised.digest();
    if let Some(report) = clean.and_then(|known| known.find(promised)) {
        if let Some(known) = &known {
            known.keep(exact.filter(|_| digest.is_some()), &report);
            known.keep(digest, &report);
        }
        return Ok(report);
    }
    let report = judged(watched, &asked, &gate, derived, (head, base, notes))?;
    if let Some(known) = &known {
        known.keep(exact.filter(|_| digest.is_some()), &report);
        let is_clean = report.base.is_none() && report.findings.is_empty();
        known.keep(digest.filter(|_| is_clean), &report);
        known.keep(Some(promised).filter(|_| is_clean), &report);
    }
    Ok(report)
}

/// Whether a staged file may change what is promised. What its name does not tell, its first line may.
fn may_matter(file: &StagedFile) -> bool {
    file.is_special || file.kind == FileKind::Other || pipeline::is_read(&file.path, file.kind)
}

/// What the same check came to earlier: with the same settings, contracts, commits, and on the same day, for acceptances end.
///
/// All that a check is told is taken apart here, field by field: whatever comes to be told besides does not compile until
/// it is either part of the question or said to have no say.
fn known_to<'s>(
    watched: &Watched,
    store: Option<&'s Store>,
    asked: &Asked,
    (head, base, notes): (Option<&str>, Option<&Base>, &[String]),
) -> Result<Option<Known<'s>>, Failure> {
    // The policy follows from the settings; commits and the folder in the repository stand for the history; threads and what is written meanwhile decide nothing.
    let Watched { folder, settings, policy: _, history, output, below, target, globals: _ } = watched;
    let Target { rev, staged, jobs: _, cache: _ } = target;
    let Asked { source, base: since, fail_on } = asked;
    let Some(settings) = serde_json::to_string(settings).ok().filter(|_| store.is_some()) else { return Ok(None) };
    let prefix = history.as_ref().map_or_else(String::new, |history| history.prefix().to_owned());
    let mut told = vec![settings, watched.shown(), folder.display().to_string(), prefix, today()];
    told.push(format!("{source:?} {since:?} {fail_on:?} {rev:?} {staged} {head:?} {base:?} {notes:?}"));
    if let (Source::Index, Some(below)) = (source, below) {
        let blobs = watched.history()?.blobs(&Source::Index)?;
        told.extend(blobs.iter().filter(|(path, _)| path.starts_with(below.as_str())).map(|(path, blob)| format!("{blob} {path}")));
    }
    let read = (*source == Source::WorkTree).then_some(output.as_path());
    Ok(Known::new(store, "check", &told, read))
}

/// What the code yields against what was committed and what was promised before.
fn judged(
    watched: &Watched,
    asked: &Asked,
    gate: &Gate,
    mut derived: Derived,
    (head, base, mut notes): (Option<String>, Option<Base>, Vec<String>),
) -> Result<Report, Failure> {
    let committed = watched.contracts(&asked.source)?;
    notes.append(&mut derived.told);
    let documents = derived.documents(&committed);
    let drift = Drift::between(&committed, &documents);
    let base = match base {
        Some(base) => {
            notes.extend(base.note.clone());
            let (side, note) = watched.revision(&base.name, &base.commit, From::Contracts)?;
            notes.extend(note);
            Some(side)
        }
        None => None,
    };
    let blobs = Blobs::new(watched.history.as_ref(), watched.history.as_ref().and_then(|history| history.head().map(str::to_owned)));
    let since_base = base.as_ref().map(|base| since_base(watched, base, &derived, &documents));
    let uncommitted = uncommitted(watched, &committed, &drift, &derived, &blobs)?;
    let mut findings = judge::joined(since_base, uncommitted);
    pass_answered(&derived, &mut findings);
    point_into_contracts(watched, &documents, &mut findings);
    let about = accept(watched, &committed, base.as_ref(), head.as_deref(), &derived, &mut findings)?;
    findings.extend(about);
    findings.extend(not_understood(&committed, &derived));
    findings.extend(base.as_ref().filter(|base| base.contracts.is_empty()).map(|base| without_baseline(&base.side)));
    if !(committed.is_empty() && derived.contract.features.is_empty()) {
        let command = if asked.source == Source::Index { "contract-agent analyze --staged" } else { "contract-agent analyze" };
        findings.extend(drift.findings(&watched.shown(), committed.written_by.as_deref(), command));
    }
    let mut report = Report::new(base.map(|base| base.side), side_of(&asked.source, head), gate, findings);
    report.notes = notes;
    Ok(report)
}

/// What an answer names that the code left open was served all along: nobody is let down when its name becomes known.
fn pass_answered(derived: &Derived, findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| derived.filled.contains(&finding.location.subject)) {
        finding.level = Level::Info;
        finding.help.clear();
        finding.message = format!("an answer fills what the code left open: {}", finding.message);
    }
}

/// A merge that stopped gives no verdict: half of what would be judged is nobody's.
fn no_conflicts(watched: &Watched) -> Result<(), Failure> {
    let history = watched.history()?;
    let conflicts = history.conflicts()?;
    let Some(first) = conflicts.first() else { return Ok(()) };
    let what = if base::is_merging(history) { "a merge is in progress, with conflicts" } else { "the index holds conflicts" };
    let ours = format!("{}{}/", history.prefix(), watched.shown());
    let help = match conflicts.iter().all(|path| path.starts_with(&ours)) {
        true => "`contract-agent resolve` derives the contracts anew; `git add` them then",
        false => "resolve them and `git add` the files; `contract-agent resolve` does it for the contracts",
    };
    let failure = Failure { place: Some(first.clone()), ..Failure::new(what) };
    Err(failure.help(help))
}

fn side_of(source: &Source, commit: Option<String>) -> Side {
    let (name, commit) = match source {
        Source::WorkTree => ("work tree".to_owned(), None),
        Source::Index => ("index".to_owned(), None),
        Source::Revision(revision) => (revision.clone(), commit),
    };
    Side { name, commit, state: State::Derived }
}

/// The commit that is checked, or that the index or work tree stands on.
fn head_of(watched: &Watched, source: &Source) -> Result<Option<String>, Failure> {
    match source {
        Source::Revision(revision) => Ok(Some(watched.history()?.commit(revision)?)),
        _ => Ok(watched.history.as_ref().and_then(|history| history.head().map(str::to_owned))),
    }
}

fn base_of(watched: &Watched, asked: &Asked, head: Option<&str>, notes: &mut Vec<String>) -> Result<Option<Base>, Failure> {
    if asked.base.as_deref() == Some("none") {
        return Ok(None);
    }
    let (Some(history), Some(head)) = (&watched.history, head) else {
        return match &asked.base {
            Some(_) if watched.history.is_none() => watched.history().map(|_| None),
            Some(revision) => {
                notes.push(format!("there is no commit yet: nothing was compared with {revision}"));
                Ok(None)
            }
            None => Ok(None),
        };
    };
    if let Some(revision) = &asked.base {
        return base::of_revision(history, head, revision).map(Some);
    }
    if asked.source != Source::Index {
        return base::of_ci(history, head, &Own);
    }
    // A hook must be quick: it never derives the code of another commit.
    let Some(base) = base::of_upstream(history, head) else { return Ok(None) };
    let contracts = watched.try_contracts(&Source::Revision(base.commit.clone()))?;
    Ok(contracts.is_ok_and(|contracts| contracts.is_whole_and_ours()).then_some(base))
}

/// What changed since the base.
fn since_base(watched: &Watched, base: &SideOf, derived: &Derived, documents: &[Document]) -> Vec<Finding> {
    let is_same = |document: &Document| base.contracts.documents.get(&document.path) == Some(&document.bytes);
    if base.side.state == State::Written && documents.iter().all(is_same) {
        return Vec::new();
    }
    let blobs = Blobs::new(watched.history.as_ref(), base.revision.clone());
    let after = View { promises: derived.promises(), read: &|path: &str| derived.read(path) };
    let read = |path: &str| base.derived.as_ref().and_then(|derived| derived.read(path)).or_else(|| blobs.read(path));
    let before = View { promises: &base.promises, read: &read };
    judge::findings(watched.changes(before.promises, after.promises), before, after, &watched.policy)
}

/// What the committed contracts do not say yet. What another version of this program wrote says nothing about changes.
fn uncommitted(watched: &Watched, committed: &Contracts, drift: &Drift, derived: &Derived, blobs: &Blobs) -> Result<Vec<Finding>, Failure> {
    if drift.is_none() || drift.is_missing || !committed.is_ours() {
        return Ok(Vec::new());
    }
    let before: Promises = Promises::of_files(&committed.files()).map_err(|error| {
        Failure::new("a committed contract cannot be read")
            .at(&watched.output)
            .because(&error)
            .help("`contract-agent analyze` writes the contracts anew")
    })?;
    let before = View { promises: &before, read: &|path: &str| blobs.read(path) };
    let after = View { promises: derived.promises(), read: &|path: &str| derived.read(path) };
    Ok(judge::findings(watched.changes(before.promises, after.promises), before, after, &watched.policy))
}

/// Names the line of the contract that a finding is about.
fn point_into_contracts(watched: &Watched, documents: &[Document], findings: &mut [Finding]) {
    let folder = watched.shown();
    let texts: BTreeMap<&str, String> =
        documents.iter().map(|document| (document.path.as_str(), String::from_utf8_lossy(&document.bytes).into_owned())).collect();
    let mut known: BTreeMap<String, Lines> = BTreeMap::new();
    for finding in findings {
        let names: &[&str] = match finding.contract {
            Domain::Http => &["api_contract.yaml"],
            Domain::Event => &["events_contract.json"],
            Domain::Db => &["schema_contract.sql", "feature_contract.json"],
            Domain::Graphql => &["api_contract.graphql"],
            Domain::Proto => &["api_contract.proto"],
            Domain::Infra => &["infrastructure_contract.json"],
            Domain::Feature | Domain::Meta => &["feature_contract.json"],
        };
        let places = finding.features.iter().flat_map(|slug| names.iter().map(move |name| format!("features/{slug}/{name}")));
        finding.contract_source = places.into_iter().find_map(|path| {
            let text = texts.get(path.as_str())?;
            let line = known.entry(path.clone()).or_insert_with(|| Lines::new(&path, text)).find(finding)?;
            Some(Place { file: format!("{folder}/{path}"), line })
        });
    }
}

/// Lets through what was accepted, wherever that is said; gives the findings about acceptances themselves.
fn accept(
    watched: &Watched,
    committed: &Contracts,
    base: Option<&SideOf>,
    head: Option<&str>,
    derived: &Derived,
    findings: &mut [Finding],
) -> Result<Vec<Finding>, Failure> {
    let mut about = decided(watched, committed, base, head, findings)?;
    let commit = base.and_then(|base| base.revision.as_deref());
    about.extend(commented(watched, commit, derived, findings));
    if let Some(base) = base.filter(|_| watched.policy.is_major_allowed()) {
        let versions = |feature: &str| {
            let before = base.promises.features.get(feature)?.version.clone();
            Some((before, derived.contract.features.iter().find(|one| one.slug == feature)?.version.clone()))
        };
        for finding in findings.iter_mut().filter(|finding| finding.accepted.is_none() && finding.level == Level::Breaking) {
            accept_by_version(finding, &versions);
        }
    }
    Ok(about)
}

/// What files and commit messages accept.
pub(super) fn decided(
    watched: &Watched,
    committed: &Contracts,
    base: Option<&SideOf>,
    head: Option<&str>,
    findings: &mut [Finding],
) -> Result<Vec<Finding>, Failure> {
    let nothing = Contracts::default();
    let before = base.map_or(&nothing, |base| &base.contracts);
    let mut accepted: Vec<Acceptance> = acceptance::read(committed, before).map_err(|error| bad_acceptance(&watched.output, &error))?;
    let mut about = Vec::new();
    let range = base.and_then(|base| base.revision.as_deref()).zip(head).filter(|(from, to)| from != to);
    if let (Some((from, to)), Some(history)) = (range, &watched.history) {
        let commits = history.commits_between(from, to)?;
        let (said, unreadable) =
            trailers::read(commits.iter().map(|commit| (commit.id.as_str(), commit.author.as_str(), commit.message.as_str())));
        accepted.extend(said);
        about.extend(unreadable.into_iter().map(|message| {
            let location = Location { subject: trailers::TRAILER.to_owned(), part: message.clone(), ..Location::default() };
            let change = Change::new("meta-acceptance-malformed", Domain::Meta, location).at_level(Level::Warning);
            Finding { message, help: String::new(), ..Finding::of(change) }
        }));
    }
    if base.is_none() {
        // Without a base nobody can tell whether a break happened: nothing is unused then.
        acceptance::apply(&accepted, findings, &today(), &watched.shown());
        return Ok(about);
    }
    about.extend(acceptance::apply(&accepted, findings, &today(), &watched.shown()));
    Ok(about)
}

/// What comments in the code accept. Files that the change did not touch are only asked when a finding stands in them.
fn commented(watched: &Watched, base: Option<&str>, derived: &Derived, findings: &mut [Finding]) -> Vec<Finding> {
    let before = base.zip(watched.history.as_ref()).and_then(|(commit, history)| history.blobs(&Source::Revision(commit.to_owned())).ok());
    let is_touched = |path: &str, blob: Option<crate::base::blob::BlobId>| {
        before.as_ref().is_some_and(|before| blob.is_none() || before.get(path) != blob.as_ref())
    };
    let touched: BTreeSet<&str> =
        derived.tree.files.iter().filter(|file| is_touched(&file.path, file.blob)).map(|file| file.path.as_str()).collect();
    let mut asked = touched.clone();
    let sources: Vec<String> = findings.iter().filter_map(|finding| Some(finding.source.as_ref()?.file.clone())).collect();
    asked.extend(sources.iter().map(String::as_str));
    let comments: Vec<suppression::Suppression> =
        asked.iter().filter_map(|path| Some(suppression::read(path, &derived.read(path)?))).flatten().collect();
    suppression::apply(&comments, findings, &|path| touched.contains(path))
}

/// A new major version of all features that a break stands in lets it through.
fn accept_by_version(finding: &mut Finding, versions: &dyn Fn(&str) -> Option<(String, String)>) {
    let mut told = Vec::new();
    for feature in &finding.features {
        let Some((before, after)) = versions(feature) else { return };
        if after != raised(&before, Bump::Major) {
            return;
        }
        told.push(format!("{feature} {before} → {after}"));
    }
    if !told.is_empty() {
        finding.accepted =
            Some(Accepted { by: "major version".into(), reason: told.join(", "), until: None, told_in: "contract-agent.toml".into() });
        finding.help = String::new();
    }
}

/// Files that could not be read, and could when the contracts were written: silence there proves nothing.
fn not_understood(committed: &Contracts, derived: &Derived) -> Option<Finding> {
    let known = &committed.repo.as_ref()?.problems;
    let problems = derived.contract.repo.problems.iter();
    let new: BTreeSet<&str> =
        problems.filter(|problem| !problem.file.is_empty() && !known.contains(problem)).map(|problem| problem.file.as_str()).collect();
    let first = new.first()?;
    let location = Location { subject: (*first).to_owned(), ..Location::default() };
    let change = Change::new("meta-extraction-incomplete", Domain::Meta, location);
    let affects = new.iter().map(|file| (*file).to_owned()).collect();
    let source = Some(Place { file: (*first).to_owned(), line: 0 });
    let message = "part of the code could not be understood since the contracts were written".to_owned();
    Some(Finding { message, source, affects, help: "contract-agent analyze -v".into(), ..Finding::of(change) })
}

fn without_baseline(side: &Side) -> Finding {
    let location = Location { subject: side.name.clone(), ..Location::default() };
    let change = Change::new("meta-baseline-missing", Domain::Meta, location).at_level(Level::Info);
    Finding { message: "the base revision holds no contract: its code was read instead".into(), ..Finding::of(change) }
}
