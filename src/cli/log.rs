//! `contract-agent log`: how promises came to be what they are, with the commit of each change.
//!
//! The history is that of the branch: what a merge brought in is told at the merge. Commits whose contracts are not committed,
//! or come from another version, are derived again from their code; of those only so many, since each costs a run.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use super::failure::Failure;
use super::git::Git;
use super::run::Target;
use super::terminal::{note, say};
use super::watched::{From, SideOf, Watched};
use super::{Format, Globals};
use crate::base::nearest::nearest;
use crate::contract::documents::REPO_CONTRACT;
use crate::diff::change::Change;
use crate::diff::{self, Level, Promises};
use crate::guard::State;

/// Arguments of `log`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A feature, an operation (`GET /orders`, `/orders`), a table, a channel or a type [default: everything].
    what: Option<String>,
    /// The revision to begin at.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// How many commits with changes to tell.
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    limit: usize,
    /// How many commits may be derived from their code where no contracts are committed.
    #[arg(long, value_name = "N", default_value_t = 30)]
    derive: usize,
    /// The repository [default: the current folder].
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Threads to work with; 0 takes all cores.
    #[arg(long, short, value_name = "N", env = "CONTRACT_AGENT_JOBS")]
    jobs: Option<usize>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// A commit, as git tells it.
#[derive(Clone, Debug)]
struct Commit {
    id: String,
    parent: Option<String>,
    date: String,
    author: String,
    subject: String,
}

/// A commit that changed something.
#[derive(Debug, Serialize)]
struct Entry {
    commit: String,
    date: String,
    author: String,
    subject: String,
    changes: Vec<Change>,
}

/// Further back than so many commits nobody is told anything.
const FARTHEST: &str = "--max-count=2000";

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    let target = Target { jobs: args.jobs, ..Target::default() };
    let watched = Watched::open(args.path.as_deref(), None, &target, globals)?;
    watched.history()?;
    let git = Git::around(&watched.folder)?.ok_or_else(|| Failure::new("there is no work tree here").help("run it inside a repository"))?;
    let head = watched.history()?.commit(&args.rev)?;
    let mut walk = Walk { watched: &watched, derivable: args.derive, notes: Vec::new() };
    let mut entries = Vec::new();
    let mut newest: Option<Promises> = None;
    let mut later: Option<(String, Promises)> = None;
    for commit in commits(&git, &watched, &head)? {
        if entries.len() >= args.limit {
            break;
        }
        // The state after an earlier commit on the list is the one before the next: between them no contracts changed.
        let Some(after) = (match later.take() {
            Some((id, promises)) if id == commit.id => Some(promises),
            _ => walk.promises(&commit.id)?,
        }) else {
            break;
        };
        let before = match &commit.parent {
            Some(parent) => walk.promises(parent)?,
            None => Some(Promises::default()),
        };
        let Some(before) = before else { break };
        let subject = args.what.as_deref();
        let mut changes = watched.changes(&before, &after);
        changes.retain(|change| subject.is_none_or(|what| is_about(change, what, &[&before, &after])));
        newest.get_or_insert(after);
        if let Some(parent) = commit.parent {
            later = Some((parent, before));
        }
        if !changes.is_empty() {
            entries.push(Entry { commit: commit.id, date: commit.date, author: commit.author, subject: commit.subject, changes });
        }
    }
    if !globals.quiet {
        walk.notes.iter().for_each(|line| note(&format!("note: {line}\n")));
    }
    if args.format == Format::Json {
        let text = serde_json::to_string_pretty(&serde_json::json!({ "commits": entries })).expect("changes have text as keys");
        say(&format!("{text}\n"))?;
    } else if entries.is_empty() {
        return Ok(nothing(args.what.as_deref(), newest.as_ref()));
    } else {
        say(&text_of(&entries))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The commits of the branch that changed contracts; all of them where none are committed.
fn commits(git: &Git, watched: &Watched, head: &str) -> Result<Vec<Commit>, Failure> {
    let mut arguments = vec!["log", "--first-parent", FARTHEST, "-z", "--date=short", "--format=%H%x01%P%x01%ad%x01%an%x01%s", head];
    let committed = git.inner(&watched.output.join(REPO_CONTRACT)).filter(|path| {
        let object = format!("{head}:{path}");
        git.succeeds(&["cat-file", "-e", &object]).unwrap_or(false)
    });
    if let Some(path) = &committed {
        arguments.extend(["--", path]);
    }
    let output = git.output(&arguments)?;
    let text = String::from_utf8_lossy(&output).into_owned();
    Ok(text.split('\0').filter_map(commit_of).collect())
}

fn commit_of(line: &str) -> Option<Commit> {
    let mut fields = line.trim_start_matches('\n').split('\u{1}').map(str::to_owned);
    let id = fields.next().filter(|id| !id.is_empty())?;
    let parent = fields.next()?.split(' ').next().filter(|parent| !parent.is_empty()).map(str::to_owned);
    Some(Commit { id, parent, date: fields.next()?, author: fields.next()?, subject: fields.next()? })
}

/// Reads the promises of revisions, a bounded number of them from their code.
struct Walk<'a, 'b> {
    watched: &'a Watched<'b>,
    derivable: usize,
    notes: Vec<String>,
}

impl Walk<'_, '_> {
    /// What a revision promises; `None` when it would have to be derived, and enough were, or when it cannot be read.
    fn promises(&mut self, commit: &str) -> Result<Option<Promises>, Failure> {
        let short = commit.get(..10).unwrap_or(commit);
        if self.derivable == 0 {
            self.notes
                .push(format!("further back than {short} nothing is told: contracts would have to be derived (`--derive N` allows more)"));
            return Ok(None);
        }
        match self.watched.revision(short, commit, From::Contracts) {
            Ok((SideOf { promises, side, .. }, _)) => {
                if side.state == State::Derived {
                    self.derivable -= 1;
                }
                Ok(Some(promises))
            }
            // The end of a shallow clone.
            Err(failure) if self.watched.history()?.is_shallow() => {
                self.notes.push(format!("further back than {short} nothing is told: {}", failure.what));
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Whether a change is about what was asked for: by its own words, or as part of a feature of that name.
fn is_about(change: &Change, what: &str, states: &[&Promises]) -> bool {
    if names(&change.location.subject, what) || change.affects.iter().any(|affected| names(affected, what)) {
        return true;
    }
    if change.location.shared.as_deref().is_some_and(|shared| names(shared.split('.').next().unwrap_or(shared), what)) {
        return true;
    }
    states.iter().any(|promises| {
        let features = promises.features.iter().filter(|(slug, feature)| names(slug, what) || names(&feature.name, what));
        features.into_iter().any(|(_, feature)| {
            let document = serde_json::to_value(feature).unwrap_or_default();
            mentions(&document, &change.location.subject, 0) || change.affects.iter().any(|affected| mentions(&document, affected, 0))
        })
    })
}

/// Whether somebody who says `what` means `subject`: all of it, or an operation by its path.
fn names(subject: &str, what: &str) -> bool {
    let path = subject.split_once(' ').map(|(_, path)| path);
    subject.eq_ignore_ascii_case(what) || path.is_some_and(|path| path.eq_ignore_ascii_case(what))
}

/// Documents of ours are never deeper.
const DEEPEST: usize = 64;

fn mentions(value: &serde_json::Value, subject: &str, depth: usize) -> bool {
    match value {
        serde_json::Value::String(text) => text == subject,
        serde_json::Value::Array(items) => depth < DEEPEST && items.iter().any(|item| mentions(item, subject, depth + 1)),
        serde_json::Value::Object(members) => {
            let key = |name: &str| members.get(name).and_then(serde_json::Value::as_str);
            let is_operation = key("method").zip(key("path")).is_some_and(|(method, path)| {
                subject.split_once(' ').is_some_and(|(verb, rest)| verb.eq_ignore_ascii_case(method) && rest == path)
            });
            is_operation || depth < DEEPEST && members.iter().any(|(_, member)| mentions(member, subject, depth + 1))
        }
        _ => false,
    }
}

/// Says that there is nothing, and what may have been meant.
fn nothing(what: Option<&str>, newest: Option<&Promises>) -> ExitCode {
    let Some(what) = what else {
        note("the promises have not changed\n");
        return ExitCode::SUCCESS;
    };
    note(&format!("nothing of `{what}` has changed\n"));
    let everything = diff::compare(&Promises::default(), newest.unwrap_or(&Promises::default()));
    let features = newest.into_iter().flat_map(|promises| promises.features.keys().map(String::as_str));
    let known: Vec<&str> = everything.iter().map(|change| change.location.subject.as_str()).chain(features).collect();
    if known.iter().any(|known| names(known, what)) {
        return ExitCode::SUCCESS;
    }
    if let Some(meant) = nearest(what, known) {
        note(&format!("help: did you mean `{meant}`?\n"));
    }
    ExitCode::from(1)
}

fn text_of(entries: &[Entry]) -> String {
    let mut text = String::new();
    for (number, entry) in entries.iter().enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        let Entry { commit, date, author, subject, changes } = entry;
        writeln!(text, "{gap}{} {date} {subject} ({author})", commit.get(..10).unwrap_or(commit)).expect("a string takes all");
        for change in changes {
            let level = match change.level {
                Level::Breaking => "breaking",
                Level::Warning => "warning",
                Level::Info => "info",
            };
            writeln!(text, "  {level:<8}  {}  [{}]", change.location.told(), change.rule).expect("a string takes all");
        }
    }
    text
}
