//! `contract-agent analyze`: derive the contracts of a repository and write them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::failure::Failure;
use super::run::{self, Target};
use super::staged::Staged;
use super::terminal::{paint, say};
use super::validate::files_of;
use super::versions;
use super::writing::Writing;
use super::{Format, Globals};
use crate::contract::documents::documents;
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
    let mut run = run::run(args.path.as_deref(), args.output.as_deref(), &args.target, globals)?;
    let contract = &mut run.contract;
    write::settle(&run.output, args.writing.wait())?;
    let folder = args.path.as_deref().unwrap_or(Path::new("."));
    let staged = if args.target.staged { Staged::open(&run.output)? } else { None };
    let files = staged.as_ref().map_or_else(|| files_of(&run.output).unwrap_or_default(), Staged::files);
    versions::carry(contract, folder, files, run::below(&run.output, folder).as_deref());
    let documents = documents(contract);
    let written = match staged {
        Some(staged) => staged.write(&documents, &args.writing, globals.quiet)?,
        None => args.writing.write(&run.output, &documents, globals)?,
    };
    tracing::info!(changed = written.changed.len(), removed = written.removed.len(), "written");
    let written = WrittenTo { folder: run.shown, changed: written.changed, removed: written.removed, unchanged: written.unchanged };
    let summary = Summary::of(contract, Some(written));
    match args.format {
        Format::Json => say(&summary.to_json())?,
        Format::Text if globals.quiet => {}
        Format::Text => say(&text_of(&summary)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn text_of(summary: &Summary) -> Result<String, Failure> {
    let mut text = Vec::new();
    let options = TextOptions { paint: paint(), ..TextOptions::default() };
    write_text(summary, options, &mut text).map_err(|error| Failure::new("cannot write the summary").because(&error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
