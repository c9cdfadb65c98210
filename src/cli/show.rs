//! `contract-agent show`: features, operations, tables, channels and types of the code as it is, with the lines they stand in.

use std::path::PathBuf;
use std::process::ExitCode;

use super::failure::Failure;
use super::run::{self, Target};
use super::terminal::{note, paint, say};
use super::{Format, Globals};
use crate::report::Found;

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to look for: part of a feature's name, of `GET /path`, of a table's or channel's name, of a handler or file, or a
    /// type's name; everything when left out.
    query: Option<String>,
    /// The folder to analyse [default: the current folder].
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// Runs it. Finding nothing is something to report.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    let run = run::run(args.path.as_deref(), None, &args.target, globals)?;
    if !globals.quiet {
        run.told.iter().for_each(|line| note(&format!("note: {line}\n")));
    }
    let found = Found::of(&run.contract, args.query.as_deref().unwrap_or_default());
    match args.format {
        Format::Json => say(&found.to_json())?,
        Format::Text => say(&found.to_text(paint()))?,
    }
    if found.is_empty() && args.query.is_some() {
        let known = found.nearest.as_ref().map(|name| format!("did you mean `{name}`?"));
        let help = known.unwrap_or_else(|| "`contract-agent show` lists everything".into());
        note(&format!("nothing matches\nhelp: {help}\n"));
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}
