//! `contract-agent schema`: the JSON Schema of a document, or of the settings.

use std::process::ExitCode;

use clap::builder::PossibleValuesParser;

use super::failure::Failure;
use super::terminal::say;
use crate::contract::validate::{DocumentKind, schema_of};
use crate::guard::Report;
use crate::settings;

/// Names the settings beside the documents.
const SETTINGS: &str = "settings";
/// Names the report of `check` and `diff` beside them.
const CHECK: &str = "check";

/// Arguments of `schema`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to print the JSON Schema of.
    #[arg(value_parser = names(), value_name = "DOCUMENT")]
    document: String,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(DocumentKind::ALL.map(DocumentKind::name).into_iter().chain([SETTINGS, CHECK]))
}

/// Runs it.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let schema = match DocumentKind::parse(&args.document) {
        Some(kind) => schema_of(kind),
        None if args.document == CHECK => Report::json_schema(),
        None => settings::schema().to_value(),
    };
    say(&format!("{schema:#}\n"))?;
    Ok(ExitCode::SUCCESS)
}
