//! `contract-agent analyze`: derive the contracts of a repository and write them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::failure::Failure;
use super::known::Known;
use super::run::{self, Opened, Target};
use super::staged::Staged;
use super::terminal::{note, paint, say};
use super::validate::files_of;
use super::versions;
use super::writing::Writing;
use super::{Format, Globals};
use crate::contract::documents::documents;
use crate::pipeline::{Analysis, Either};
use crate::report::{Summary, TextOptions, WrittenTo, write_text};
use crate::write;

/// Arguments of `analyze`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to analyse [default: the current folder].
    path: Option<PathBuf>,
    /// Where to write the contracts [default: `contracts` in the folder].
    #[arg(long, short, value_name = "DIR", env = "CONTRACT_AGENT_OUTPUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    writing: Writing,
    /// How the summary is printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    let opened = Opened::new(args.path.as_deref(), args.output.as_deref(), &args.target, globals)?;
    let known = known_to(args, &opened);
    let analysis = match opened.analyze_unless(|digest| known.as_ref().and_then(|known| known.find::<Summary>(digest)))? {
        Either::Known(mut summary) => {
            summary.written.iter_mut().for_each(|written| written.folder.clone_from(&opened.shown));
            return told(&summary, args, globals);
        }
        Either::New(analysis) => *analysis,
    };
    let Analysis { mut contract, scaffold, digest, .. } = analysis;
    // One contract is all that is asked of this process.
    scaffold.leave();
    let answers = opened.answers()?;
    let outcome = answers.apply(&mut contract, &opened.tree);
    if !globals.quiet {
        answers.told(&outcome).iter().for_each(|line| note(&format!("note: {line}\n")));
    }
    write::settle(&opened.output, args.writing.wait())?;
    let folder = args.path.as_deref().unwrap_or(Path::new("."));
    let staged = if args.target.staged { Staged::open(&opened.output)? } else { None };
    let files = staged.as_ref().map_or_else(|| files_of(&opened.output).unwrap_or_default(), Staged::files);
    versions::carry(&mut contract, folder, files, run::below(&opened.output, folder).as_deref());
    let documents = documents(&contract);
    let written = match staged {
        Some(staged) => staged.write(&documents, &args.writing, globals.quiet)?,
        None => args.writing.write(&opened.output, &documents, globals)?,
    };
    tracing::info!(changed = written.changed.len(), removed = written.removed.len(), "written");
    let is_as_before = written.changed.is_empty() && written.removed.is_empty();
    let written =
        WrittenTo { folder: opened.shown.clone(), changed: written.changed, removed: written.removed, unchanged: written.unchanged };
    let summary = Summary::of(&contract, Some(written));
    if let Some(known) = known.filter(|_| is_as_before) {
        known.keep(digest, &summary);
    }
    told(&summary, args, globals)
}

/// What an earlier run came to that found nothing to write, given the same contracts and the same commit.
fn known_to<'s>(args: &Args, opened: &'s Opened) -> Option<Known<'s>> {
    if args.target.staged || args.target.rev.is_some() {
        return None;
    }
    let head = opened.tree.git.as_ref().and_then(|git| git.head.clone()).unwrap_or_default();
    Known::new(opened.store.as_ref(), "analyze", &[head], Some(&opened.output))
}

/// Prints the summary.
fn told(summary: &Summary, args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    match args.format {
        Format::Json => say(&summary.to_json())?,
        Format::Text if globals.quiet => {}
        Format::Text => say(&text_of(summary)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn text_of(summary: &Summary) -> Result<String, Failure> {
    let mut text = Vec::new();
    let options = TextOptions { paint: paint(), ..TextOptions::default() };
    write_text(summary, options, &mut text).map_err(|error| Failure::new("cannot write the summary").because(&error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
