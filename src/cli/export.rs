//! `contract-agent export`: the documents of all features as one, on stdout.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use super::Globals;
use super::failure::Failure;
use super::terminal::{note, say};
use super::validate::{files_of, folder_of};
use crate::base::nearest::nearest;
use crate::contract::export::{Folder, Kind};

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to print.
    #[arg(value_enum, value_name = "DOCUMENT")]
    document: Document,
    /// The folder with the contracts [default: the output folder of the settings].
    #[arg(long, value_name = "DIR")]
    contracts: Option<PathBuf>,
    /// Only these features, by the names of their folders.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    feature: Vec<String>,
    /// Of several databases this one.
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
}

/// What can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Document {
    /// OpenAPI 3.1.
    Openapi,
    /// AsyncAPI 3.0.
    Asyncapi,
    /// DDL that loads into an empty database.
    Sql,
    /// What all features need to run.
    Infrastructure,
    /// A GraphQL schema.
    Graphql,
    /// A protocol buffer file.
    Proto,
}

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    let folder = folder_of(args.contracts.as_ref(), globals)?;
    let files = files_of(&folder)?;
    let contracts = Folder::new(&files, &args.feature);
    let known = contracts.slugs();
    if let Some(unknown) = args.feature.iter().find(|name| !known.contains(&name.as_str())) {
        let failure = Failure::new(format!("there is no feature `{unknown}`")).at(&folder);
        return Err(match nearest(unknown, known.iter().copied()) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help("`contract-agent show` lists the features"),
        });
    }
    let kind = match args.document {
        Document::Openapi => Kind::OpenApi,
        Document::Asyncapi => Kind::AsyncApi,
        Document::Sql => Kind::Sql,
        Document::Infrastructure => Kind::Infrastructure,
        Document::Graphql => Kind::Graphql,
        Document::Proto => Kind::Proto,
    };
    let exported = contracts.export(kind, args.database.as_deref()).map_err(|message| {
        Failure::new("cannot export").at(&folder).because(&message).help("`contract-agent analyze` writes the contracts anew")
    })?;
    if !globals.quiet {
        exported.notes.iter().for_each(|line| note(&format!("left out: {line}\n")));
    }
    say(&String::from_utf8_lossy(&exported.bytes))?;
    Ok(ExitCode::SUCCESS)
}
