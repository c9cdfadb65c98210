//! `contract-agent analyze`: derive the contracts of a repository and write them.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use crate::contract::documents::documents;
use crate::pipeline::{self, Silent};
use crate::scan::{self, Options, Source};
use crate::settings;
use crate::write;

/// Arguments of `analyze`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to analyse [default: the current folder].
    path: Option<PathBuf>,
    /// Where to write the contracts [default: `contracts` in the folder].
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Analyse this revision instead of the work tree.
    #[arg(long, value_name = "REV", conflicts_with = "staged")]
    rev: Option<String>,
    /// Analyse what is staged instead of the work tree.
    #[arg(long)]
    staged: bool,
    /// Threads to use; 0 for all cores.
    #[arg(long, short, default_value_t = 0, value_name = "N")]
    jobs: usize,
}

/// Runs it.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let folder = super::folder(args.path.as_ref());
    let found = settings::find(&folder)?;
    let options = Options {
        source: match &args.rev {
            Some(rev) => Source::Revision(rev.clone()),
            None if args.staged => Source::Index,
            None => Source::WorkTree,
        },
        ..Options::default()
    };
    let tree = scan::scan(&folder, &options)?;
    let name = tree.root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let analysis =
        pipeline::on_threads(args.jobs, || pipeline::analyze(&tree, &found.settings, &name, &Silent)).context("cannot start threads")?;
    let output = args.output.clone().unwrap_or_else(|| tree.root.join(&found.settings.output.dir));
    let written = write::write(&output, &documents(&analysis.contract))?;
    anstream::println!(
        "{} operations, {} documents changed",
        analysis.contract.features.iter().map(|f| f.http.len()).sum::<usize>(),
        written.changed.len()
    );
    Ok(ExitCode::SUCCESS)
}
