//! The command line: one file per command; arguments, progress, exit codes.

mod analyze;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Reads a repository's source and writes down what it promises.
#[derive(Debug, Parser)]
#[command(name = "contract-agent", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Derive the contracts of a repository and write them.
    Analyze(analyze::Args),
}

/// Runs the command line.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Analyze(args) => analyze::run(&args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The folder to work on: the argument, else the current folder.
fn folder(path: Option<&PathBuf>) -> PathBuf {
    path.cloned().unwrap_or_else(|| PathBuf::from("."))
}
