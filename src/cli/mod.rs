//! The command line: one file per command; arguments, progress, exit codes.
//!
//! Exit 0: done, nothing to report. 1: something to report. 2: could not do what was asked.

mod accept;
mod analyze;
mod answers;
mod audit;
mod base;
mod cache;
mod check;
mod completions;
mod diff;
mod explain;
mod export;
mod failure;
mod git;
mod hook;
mod init;
mod known;
mod llm;
mod log;
mod models;
mod output;
mod prompts;
mod resolve;
mod restore;
mod rules;
mod run;
mod schema;
mod show;
mod staged;
mod table;
mod terminal;
mod validate;
mod versions;
mod watch;
mod watched;
mod writing;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use terminal::Colour;

/// Reads a repository's source and writes down what it promises.
///
/// Nothing is executed, no key and no network is needed. Results go to stdout, everything else to stderr.
#[derive(Debug, Parser)]
#[command(name = "contract-agent", version, about, max_term_width = 100, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Everywhere")]
struct Globals {
    /// Read the settings from this file instead of looking for `contract-agent.toml`.
    #[arg(long, global = true, value_name = "FILE", env = "CONTRACT_AGENT_CONFIG")]
    config: Option<PathBuf>,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", env = "CONTRACT_AGENT_COLOR")]
    color: Colour,
    /// Print nothing but errors (and what `--format json` asks for).
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Log to stderr: -v stages, -vv files, -vvv everything.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Derive the contracts of a repository and write them.
    Analyze(analyze::Args),
    /// Let one break through on purpose, with a reason.
    Accept(accept::Args),
    /// Check the committed contracts against the code, and what changed since a revision.
    Check(check::Args),
    /// Tell what changed between two revisions, contract folders or documents.
    Diff(diff::Args),
    /// Find features, operations and types, with the lines they stand in.
    Show(show::Args),
    /// Check written contracts against their schemas and digests.
    Validate(validate::Args),
    /// Print the documents of all features as one.
    Export(export::Args),
    /// Tell how promises came to be what they are, commit by commit.
    Log(log::Args),
    /// Set a repository up: settings, hook, CI file.
    Init(init::Args),
    /// Keep the contracts current while somebody edits.
    Watch(watch::Args),
    /// Have git check the contracts before every commit.
    Hook(hook::Args),
    /// Resolve merge conflicts in contracts by deriving them anew.
    Resolve(resolve::Args),
    /// Bring back contracts that a run has replaced.
    Restore(restore::Args),
    /// Say what a rule is about, why it matters and what to do.
    Explain(explain::Args),
    /// List the rules by which changes are judged.
    Rules(rules::Args),
    /// List the prompts that models are asked with, or print one.
    Prompts(prompts::Args),
    /// Print the JSON Schema of a document.
    Schema(schema::Args),
    /// Tell what earlier runs have stored, or remove it.
    Cache(cache::Args),
    /// Show what left this machine for models, and check that the log of it is whole.
    Audit(audit::Args),
    /// Tell which models are asked what, and which can be reached.
    Models(models::Args),
    /// Print what a shell needs to complete commands.
    Completions(completions::Args),
}

/// Runs the command line.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    terminal::choose(cli.globals.color);
    terminal::log(cli.globals.verbose, cli.globals.quiet);
    let done = match &cli.command {
        Command::Analyze(args) => analyze::run(args, &cli.globals),
        Command::Accept(args) => accept::run(args, &cli.globals),
        Command::Check(args) => check::run(args, &cli.globals),
        Command::Diff(args) => diff::run(args, &cli.globals),
        Command::Show(args) => show::run(args, &cli.globals),
        Command::Validate(args) => validate::run(args, &cli.globals),
        Command::Export(args) => export::run(args, &cli.globals),
        Command::Log(args) => log::run(args, &cli.globals),
        Command::Init(args) => init::run(args, &cli.globals),
        Command::Watch(args) => watch::run(args, &cli.globals),
        Command::Hook(args) => hook::run(args, &cli.globals),
        Command::Resolve(args) => resolve::run(args, &cli.globals),
        Command::Restore(args) => restore::run(args, &cli.globals),
        Command::Explain(args) => explain::run(args),
        Command::Rules(args) => rules::run(args),
        Command::Prompts(args) => prompts::run(args),
        Command::Schema(args) => schema::run(args),
        Command::Cache(args) => cache::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Models(args) => models::run(args),
        Command::Completions(args) => completions::run(args),
    };
    done.unwrap_or_else(|failure| {
        terminal::complain(&failure);
        ExitCode::from(2)
    })
}
