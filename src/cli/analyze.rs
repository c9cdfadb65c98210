//! `contract-agent analyze`: derive the contracts of a repository and write them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::answers::Answers;
use super::failure::Failure;
use super::known::Known;
use super::llm::Asking;
use super::run::{self, Opened, Target};
use super::staged::Staged;
use super::terminal::{note, paint, say};
use super::validate::files_of;
use super::versions;
use super::writing::Writing;
use super::{Format, Globals};
use crate::contract::documents::documents;
use crate::contract::model::Contract;
use crate::pipeline::{Analysis, Either};
use crate::report::{Summary, TextOptions, WrittenTo, write_text};
use crate::store::Digest;
use crate::write;

/// What a shell gives for a program that Ctrl-C has ended.
const INTERRUPTED: u8 = 130;

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
    #[command(flatten)]
    asking: Asking,
}

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    let opened = Opened::new(args.path.as_deref(), args.output.as_deref(), &args.target, globals)?;
    let models = args.asking.open(&opened, !args.target.staged && args.target.rev.is_none())?;
    let known = if models.is_none() { known_to(args, &opened) } else { None };
    let analysis = match opened.analyze_unless(|digest| known.as_ref().and_then(|known| known.find::<Summary>(digest)))? {
        Either::Known(mut summary) => {
            summary.written.iter_mut().for_each(|written| written.folder.clone_from(&opened.shown));
            return told(&summary, args, globals);
        }
        Either::New(analysis) => *analysis,
    };
    let Analysis { contract, scaffold, digest, .. } = analysis;
    // One contract is all that is asked of this process.
    scaffold.leave();
    let answers = opened.answers()?;
    let Some(models) = models else {
        return finish(contract, answers, args, &opened, globals, known.map(|known| (known, digest)));
    };
    if models.is_dry {
        say(&models.told(contract, &answers, &opened.tree))?;
        return Ok(ExitCode::SUCCESS);
    }
    let asked = models.ask(&contract, answers, &opened.tree, globals.quiet)?;
    if asked.is_stopped {
        if !globals.quiet {
            note("stopped: answers are kept and the contracts are as they were; the next run goes on from here\n");
        }
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let code = finish(contract, asked.answers, args, &opened, globals, None)?;
    asked.failure.map_or(Ok(code), Err)
}

/// Lays the answers over what the code tells, and writes it.
fn finish(
    mut contract: Contract,
    answers: Answers,
    args: &Args,
    opened: &Opened,
    globals: &Globals,
    known: Option<(Known, Option<Digest>)>,
) -> Result<ExitCode, Failure> {
    let outcome = answers.apply(&mut contract, &opened.tree);
    if !globals.quiet {
        answers.told(&outcome).iter().for_each(|line| note(&format!("note: {line}\n")));
    }
    write::settle(&opened.output, args.writing.wait())?;
    let folder = args.path.as_deref().unwrap_or(Path::new("."));
    let staged = if args.target.staged { Staged::open(&opened.output)? } else { None };
    let files = staged.as_ref().map_or_else(|| files_of(&opened.output).unwrap_or_default(), Staged::files);
    versions::carry(&mut contract, folder, files, run::below(&opened.output, folder).as_deref());
    let mut documents = documents(&contract);
    documents.extend(answers.document()?);
    let written = match staged {
        Some(staged) => staged.write(&documents, &args.writing, globals.quiet)?,
        None => args.writing.write(&opened.output, &documents, globals)?,
    };
    tracing::info!(changed = written.changed.len(), removed = written.removed.len(), "written");
    let is_as_before = written.changed.is_empty() && written.removed.is_empty();
    let written =
        WrittenTo { folder: opened.shown.clone(), changed: written.changed, removed: written.removed, unchanged: written.unchanged };
    let summary = Summary::of(&contract, Some(written));
    if let Some((known, digest)) = known.filter(|_| is_as_before && answers.list.is_empty()) {
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
