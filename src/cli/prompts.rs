//! `contract-agent prompts`: the prompts that models are asked with.

use std::fmt::Write as _;
use std::process::ExitCode;

use super::Format;
use super::failure::Failure;
use super::terminal::say;
use crate::base::nearest::nearest;
use crate::llm::prompt::{RULES, Step, form};

/// Arguments of `prompts`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print this one: its text, the rules it shares with the others, and the form of its answers.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// How they are printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// Runs it.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let steps: Vec<Step> = match &args.name {
        None => Step::ALL.to_vec(),
        Some(name) => {
            // As answers name them, too: `api_extraction@1`.
            let bare = name.split('@').next().unwrap_or(name);
            vec![Step::by_name(bare).ok_or_else(|| unknown(name))?]
        }
    };
    match (args.format, &args.name) {
        (Format::Json, _) => {
            let list: Vec<_> = steps.into_iter().map(json_of).collect();
            say(&format!("{}\n", serde_json::to_string_pretty(&list).expect("prompts always serialize")))?;
        }
        (Format::Text, None) => say(&listed(&steps))?,
        (Format::Text, Some(_)) => steps.into_iter().try_for_each(|step| say(&printed(step)))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(name: &str) -> Failure {
    let help = match nearest(name, Step::ALL.into_iter().map(Step::name)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`contract-agent prompts` lists them".to_owned(),
    };
    Failure::new(format!("there is no prompt `{name}`")).help(help)
}

fn listed(steps: &[Step]) -> String {
    let widest = steps.iter().map(|step| step.name().len()).max().unwrap_or(0);
    let mut out = String::new();
    for step in steps {
        let _ = writeln!(out, "{:widest$}  version {}  {}", step.name(), step.version(), step.task());
    }
    out
}

fn printed(step: Step) -> String {
    let schema = serde_json::to_string_pretty(&form::schema_of(step)).expect("a schema always serializes");
    format!("{}\nrules (`{{{{ rules }}}}`):\n{}\nschema (`{{{{ schema }}}}`):\n{schema}\n", step.text(), RULES)
}

fn json_of(step: Step) -> serde_json::Value {
    serde_json::json!({
        "name": step.name(),
        "version": step.version(),
        "task": step.task().name(),
        "text": step.text(),
        "schema": form::schema_of(step),
    })
}
