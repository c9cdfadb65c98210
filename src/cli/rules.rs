//! `contract-agent rules`: all rules by which changes are judged.

use std::process::ExitCode;

use super::Format;
use super::failure::Failure;
use super::terminal::{paint, say};
use crate::diff::catalogue::{self, Rule};
use crate::report::rules::table;

/// Arguments of `rules`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only rules of this domain: http, schema, event, db, graphql, proto, infra, feature, meta.
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Only rules that comparisons of this version tell.
    #[arg(long)]
    told: bool,
    /// How they are printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// Runs it.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let is_wanted =
        |rule: &&Rule| args.domain.as_ref().is_none_or(|domain| rule.domain == *domain) && (!args.told || rule.example.is_some());
    let rules: Vec<&Rule> = catalogue::rules().filter(is_wanted).collect();
    if rules.is_empty()
        && let Some(domain) = &args.domain
    {
        let mut domains: Vec<&str> = catalogue::rules().map(|rule| rule.domain.as_str()).collect();
        domains.sort_unstable();
        domains.dedup();
        return Err(Failure::new(format!("there are no rules of `{domain}`")).help(format!("the domains are {}", domains.join(", "))));
    }
    match args.format {
        Format::Text => say(&table(rules.into_iter(), paint()))?,
        Format::Json => {
            let text = serde_json::to_string_pretty(&rules).expect("rules always serialize");
            say(&format!("{text}\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
