//! Models in a run: whether they are asked, what they are asked, and what is told before and after.
//!
//! Without a key, with `--offline`, in CI and where the settings say so nothing of this happens: no table is read, no client is made.

mod asking;
mod files;
mod plan;
mod words;

use std::sync::Arc;

use super::failure::Failure;
use super::run::Opened;
use super::table::{Table, Why};
use crate::llm::call::{Shelf, Witness};
use crate::llm::client::Keys;
use crate::llm::routing::Routing;
use crate::llm::secrets::Masker;
use crate::settings::llm::LlmMode;

/// Whether models are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum When {
    /// When there is a key, and `CI` is not set.
    Auto,
    /// Never.
    Off,
    /// Always; what then stays open for want of a model makes the run fail.
    Required,
}

/// Arguments about models.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Models")]
pub(super) struct Asking {
    /// Whether models are asked what the code does not tell: `auto`, when there is a key and `CI` is not set; `off`; `required`
    /// [default: auto].
    #[arg(long, value_enum, value_name = "WHEN", env = "CONTRACT_AGENT_LLM", hide_possible_values = true)]
    llm: Option<When>,
    /// Reach for no network: as `--llm off`.
    #[arg(long, env = "CONTRACT_AGENT_OFFLINE", value_parser = clap::builder::FalseyValueParser::new())]
    offline: bool,
    /// Tell what would be sent, to whom, and at what cost; send nothing and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Ask no more once a run has cost so many US dollars [default: 1, as the table of models says].
    #[arg(long, value_name = "USD", value_parser = dollars)]
    max_cost: Option<f64>,
    /// Ask no more after so many requests.
    #[arg(long, value_name = "N")]
    max_requests: Option<u64>,
    /// Ask no more after so many tokens were sent.
    #[arg(long, value_name = "N")]
    max_tokens: Option<u64>,
    #[command(flatten)]
    table: Table,
}

fn dollars(text: &str) -> Result<f64, String> {
    let amount: f64 = text.trim_start_matches('$').parse().map_err(|_| "an amount like 0.50".to_owned())?;
    if amount >= 0.0 { Ok(amount) } else { Err("an amount of at least 0".into()) }
}

/// Who may be asked in this run.
pub(super) struct Models {
    routing: Arc<Routing>,
    keys: Keys,
    masker: Arc<Masker>,
    shelf: Option<Arc<dyn Shelf>>,
    witness: Arc<dyn Witness>,
    /// Questions that stay open make the run fail.
    is_required: bool,
    /// Nothing is sent, only told.
    pub is_dry: bool,
}

impl Asking {
    /// Who may be asked; `None` when nobody is, and all goes on as if there were no models.
    pub fn open(&self, opened: &Opened, is_work_tree: bool) -> Result<Option<Models>, Failure> {
        let is_required = self.llm == Some(When::Required);
        let held_back = if self.offline {
            Some("`--offline` reaches for no network")
        } else if opened.settings.llm.mode == LlmMode::Off {
            Some("the settings say that models are never asked here (`llm.mode`)")
        } else {
            None
        };
        if let Some(why) = held_back.filter(|_| is_required || self.dry_run) {
            let what = if is_required { "models are required and cannot be asked" } else { "there is nothing to tell of" };
            return Err(Failure::new(what).because(&Why(why.into())));
        }
        // Hooks and CI derive what is staged or committed, and never ask.
        if held_back.is_some() || !is_work_tree {
            return Ok(None);
        }
        let is_off = self.llm == Some(When::Off) || self.llm != Some(When::Required) && is_ci();
        if is_off && !self.dry_run {
            return Ok(None);
        }
        if !self.table.may_open() && !self.dry_run && !is_required {
            return Ok(None);
        }
        let mut routing = self.table.read()?;
        let keys = Keys::of(&routing, &variable);
        if !keys.open_any(&routing) && !self.dry_run {
            return if is_required { Err(no_key(&routing, &keys)) } else { Ok(None) };
        }
        let budget = &mut routing.budget;
        budget.max_cost_usd = self.max_cost.unwrap_or(budget.max_cost_usd);
        budget.max_requests = self.max_requests.unwrap_or(budget.max_requests);
        budget.max_input_tokens = self.max_tokens.unwrap_or(budget.max_input_tokens);
        let masker = Masker::new(&opened.settings.llm.sensitive).map_err(|error| {
            Failure::new("cannot read the settings").because(&error).help("correct `llm.sensitive` in contract-agent.toml")
        })?;
        let (shelf, witness) = files::kept(opened);
        Ok(Some(Models { routing: Arc::new(routing), keys, masker: Arc::new(masker), shelf, witness, is_required, is_dry: self.dry_run }))
    }
}

/// A variable that is set to something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn is_ci() -> bool {
    variable("CI").is_some_and(|value| !matches!(value.to_lowercase().as_str(), "false" | "0" | "no"))
}

fn no_key(routing: &Routing, keys: &Keys) -> Failure {
    let names: Vec<&str> = routing.providers.values().flat_map(|provider| &provider.key_env).map(String::as_str).collect();
    let failure = Failure::new("models are required and there is no key");
    let failure = match keys.wrong.first() {
        Some(name) => failure.because(&Why(format!("`{name}` holds what no key is"))),
        None => failure,
    };
    failure.help(format!("set one of {}; `contract-agent models` shows who is asked", names.join(", ")))
}
