//! `contract-agent accept`: let one break through on purpose, as a file that is reviewed with the change.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Globals;
use super::base;
use super::check::{Asked, report_of};
use super::failure::Failure;
use super::run::Target;
use super::terminal::{note, say};
use super::watched::{Watched, today};
use crate::base::nearest::nearest;
use crate::diff::catalogue;
use crate::guard::acceptance::{Decision, What, is_day, is_fingerprint};
use crate::guard::contracts::ACCEPTED;
use crate::guard::{FailOn, Finding, Report};
use crate::scan::{History, Source};

/// Arguments of `accept`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The finding's fingerprint, as `check` shows it.
    #[arg(required_unless_present = "location", conflicts_with = "location")]
    fingerprint: Option<String>,
    /// Why it is let through.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The last day it holds, `2026-12-31` [default: for good].
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Instead of one finding: all of this rule at the places of `--location`.
    #[arg(long, value_name = "RULE", requires = "location")]
    rule: Option<String>,
    /// The places, in the words of the contract, with `*` for anything: `GET /v1/*`.
    #[arg(long, value_name = "PLACE", requires = "rule")]
    location: Option<String>,
    /// The folder [default: the current folder].
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Where the contracts are [default: `contracts` in the folder].
    #[arg(long, short, value_name = "DIR", env = "CONTRACT_AGENT_OUTPUT")]
    output: Option<PathBuf>,
    /// Since which revision the finding is looked for [default: as `check` does].
    #[arg(long, value_name = "REV", env = "CONTRACT_AGENT_BASE")]
    base: Option<String>,
    /// Write it although no finding has this fingerprint.
    #[arg(long)]
    unseen: bool,
}

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    let what = what_of(args)?;
    if args.reason.trim().is_empty() {
        return Err(Failure::new("the reason is empty").help("say in a few words why the break is let through: `--reason \"…\"`"));
    }
    let today = today();
    match args.until.as_deref() {
        Some(until) if !is_day(until) => return Err(Failure::new(format!("`{until}` is no day")).help("write it as 2026-12-31")),
        Some(until) if until < today.as_str() => {
            return Err(Failure::new(format!("{until} is over")).help("name a day to come, or leave `--until` out"));
        }
        _ => {}
    }
    let watched = Watched::open(args.path.as_deref(), args.output.as_deref(), &Target::default(), globals)?;
    let seen = if args.unseen { None } else { seen(&watched, args, &what)? };
    let (fingerprint, rule, location) = match &what {
        What::Fingerprint(fingerprint) => (
            Some(fingerprint.clone()),
            seen.as_ref().map(|finding| finding.rule.clone()),
            seen.as_ref().map(|finding| finding.location.told()),
        ),
        What::Pattern { rule, location } => (None, Some(rule.clone()), Some(location.clone())),
    };
    let by = watched.history.as_ref().and_then(History::author);
    let reason = args.reason.trim().to_owned();
    let decision = Decision { fingerprint, rule, location, reason, by, on: Some(today), until: args.until.clone() };
    let file = watched.output.join(ACCEPTED).join(format!("{}.toml", what.id()));
    write(&file, &decision)?;
    if !globals.quiet {
        say(&format!("{}\n", file.display()))?;
        note("commit it with the change that it lets through\n");
    }
    Ok(ExitCode::SUCCESS)
}

fn what_of(args: &Args) -> Result<What, Failure> {
    match (&args.fingerprint, &args.rule, &args.location) {
        (Some(fingerprint), ..) if is_fingerprint(fingerprint) => Ok(What::Fingerprint(fingerprint.clone())),
        (Some(fingerprint), ..) => {
            let failure = Failure::new(format!("`{fingerprint}` is no fingerprint"));
            Err(failure.help("it has twelve hexadecimal digits; `contract-agent check` shows it with each finding"))
        }
        (None, Some(rule), Some(location)) if catalogue::rule(rule).is_some() => {
            Ok(What::Pattern { rule: rule.clone(), location: location.clone() })
        }
        (None, Some(rule), _) => {
            let near = nearest(rule, catalogue::rules().map(|rule| rule.id.as_str()));
            let near = near.map_or_else(|| "`contract-agent rules` lists them".into(), |name| format!("did you mean `{name}`?"));
            Err(Failure::new(format!("there is no rule `{rule}`")).help(near))
        }
        (None, None, _) => Err(Failure::new("nothing is named to accept").help("name a fingerprint, or `--rule` and `--location`")),
    }
}

/// The finding that is let through. Where nothing says what to compare with, it need not be seen.
fn seen(watched: &Watched, args: &Args, what: &What) -> Result<Option<Finding>, Failure> {
    let What::Fingerprint(fingerprint) = what else { return Ok(None) };
    let base = args.base.clone().or_else(|| watched.history.as_ref().and_then(likely_base));
    let has_base = base.is_some();
    let asked = Asked { source: Source::WorkTree, base, fail_on: Some(FailOn::None) };
    let report: Report = report_of(watched, &Target::default(), asked)?;
    let has_base = has_base || report.base.is_some();
    if let Some(finding) = report.findings.iter().find(|finding| finding.fingerprint == *fingerprint) {
        return Ok(Some(finding.clone()));
    }
    if !has_base {
        note("nothing says since when to compare, so the finding was not seen here; `--base` names a revision\n");
        return Ok(None);
    }
    let open = report.findings.iter().filter(|finding| !finding.is_about_contracts()).map(|finding| finding.fingerprint.as_str());
    let help = match nearest(fingerprint, open) {
        Some(near) => format!("did you mean `{near}`? `--unseen` writes it all the same"),
        None => "`contract-agent check --base REV` shows what there is; `--unseen` writes it all the same".into(),
    };
    Err(Failure::new(format!("no finding has the fingerprint `{fingerprint}`")).help(help))
}

/// The branch that is followed, else the usual names of a main branch that is not checked out.
fn likely_base(history: &History) -> Option<String> {
    let head = history.head()?;
    if let Some(base) = base::of_upstream(history, head).filter(|base| base.commit != head) {
        return Some(base.commit);
    }
    let names = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];
    names.iter().find(|name| history.find(name).is_some_and(|commit| commit != head)).map(|name| (*name).to_owned())
}

fn write(file: &Path, decision: &Decision) -> Result<(), Failure> {
    let text = toml::to_string(decision).map_err(|error| Failure::new("cannot write the decision").at(file).because(&error))?;
    let failed = |error: &std::io::Error| {
        Failure::new("cannot write the decision").at(file).because(error).help("check the folder and its permissions")
    };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    std::fs::write(file, format!("# A break that was accepted on purpose. `contract-agent explain` tells its rule.\n{text}"))
        .map_err(|error| failed(&error))
}
