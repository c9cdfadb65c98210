//! `contract-agent explain`: what a rule is about, why it matters and what to do, without a network.

use std::process::ExitCode;

use super::failure::Failure;
use super::terminal::{paint, say};
use crate::base::nearest::nearest;
use crate::diff::catalogue;
use crate::report::rules::explained;
use crate::settings;

/// Explains the settings instead of a rule.
const SETTINGS: &str = "settings";

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A rule, as findings name it: `output-required-property-removed`. Or `settings`, for the keys of contract-agent.toml.
    #[arg(value_name = "RULE")]
    rule: String,
}

/// Runs it.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    if args.rule == SETTINGS {
        say(&settings::explained())?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(rule) = catalogue::rule(&args.rule) else {
        let near = nearest(&args.rule, catalogue::rules().map(|rule| rule.id.as_str()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`? `contract-agent rules` lists them"),
            None => "`contract-agent rules` lists them".to_owned(),
        };
        return Err(Failure::new(format!("there is no rule `{}`", args.rule)).help(help));
    };
    say(&explained(rule, paint()))?;
    Ok(ExitCode::SUCCESS)
}
