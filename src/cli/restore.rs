//! `contract-agent restore`: bring back contracts that a run has replaced.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::UNIX_EPOCH;

use serde_json::json;

use super::failure::Failure;
use super::run::settings_for;
use super::terminal::say;
use super::writing::Waiting;
use super::{Format, Globals};
use crate::write::{self, KeptSet, Written};

/// Arguments of `restore`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which set to bring back: 1 is the one that was replaced last.
    #[arg(default_value_t = 1, value_name = "N")]
    number: usize,
    /// Only list the sets that can be brought back.
    #[arg(long)]
    list: bool,
    /// The folder with the contracts [default: the output folder of the settings].
    #[arg(long, value_name = "DIR")]
    contracts: Option<PathBuf>,
    #[command(flatten)]
    waiting: Waiting,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    let folder = match &args.contracts {
        Some(folder) => folder.clone(),
        None => settings_for(Path::new("."), globals)?.output.dir,
    };
    if !folder.is_dir() {
        return Err(Failure::new("there are no contracts").at(&folder).help("`contract-agent analyze` writes them"));
    }
    if args.list {
        return list(&write::kept(&folder), args.format);
    }
    let written = write::restore(&folder, args.number, args.waiting.time())?;
    match args.format {
        Format::Json => {
            say(&format!("{:#}\n", json!({"changed": written.changed, "removed": written.removed, "unchanged": written.unchanged})))?
        }
        Format::Text if globals.quiet => {}
        Format::Text => say(&text_of(&written, &folder))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn text_of(written: &Written, folder: &Path) -> String {
    let folder = folder.display();
    match (written.changed.len(), written.removed.len()) {
        (0, 0) => format!("{folder} already holds this set\n"),
        (changed, removed) => format!(
            "{folder} holds the earlier set again: {changed} written, {removed} removed\n`contract-agent restore` once more takes it back\n"
        ),
    }
}

fn list(sets: &[KeptSet], format: Format) -> Result<ExitCode, Failure> {
    let seconds = |set: &KeptSet| set.kept.and_then(|kept| kept.duration_since(UNIX_EPOCH).ok()).map(|passed| passed.as_secs());
    if format == Format::Json {
        let numbered = sets.iter().zip(1..);
        let sets: Vec<_> =
            numbered.map(|(set, number)| json!({"number": number, "replaced": seconds(set), "documents": set.documents})).collect();
        say(&format!("{:#}\n", json!({ "sets": sets })))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = String::new();
    for (set, number) in sets.iter().zip(1..) {
        let when = seconds(set).map_or_else(|| "at an unknown time".to_owned(), write::utc);
        writeln!(text, "{number}  replaced {when}  {} documents", set.documents.len()).expect("a string takes all");
    }
    if sets.is_empty() {
        text.push_str("no earlier contracts are kept\n");
    }
    say(&text)?;
    Ok(ExitCode::SUCCESS)
}
