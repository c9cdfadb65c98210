//! `contract-agent models`: who is asked what, who can be reached with the keys that are there, limits and prices.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::Format;
use super::failure::Failure;
use super::terminal::say;
use crate::llm::call::Task;
use crate::llm::client::{Http, Keys, Reach, reach};
use crate::llm::routing::{Model, RateLimits, Routing};

/// Arguments of `models`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    table: super::table::Table,
    /// Reach for no network: who can be reached is not asked.
    #[arg(long, env = "CONTRACT_AGENT_OFFLINE", value_parser = clap::builder::FalseyValueParser::new())]
    offline: bool,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// How models stand, by their names in the table; absent: not asked.
type Reaches = BTreeMap<String, Reach>;

/// Runs it.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let routing = args.table.read()?;
    let keys = Keys::of(&routing, &super::llm::variable);
    let can_ask = !args.offline && routing.providers.keys().any(|provider| keys.opens(&routing, provider));
    let reaches = if can_ask { asked(&routing, &keys)? } else { BTreeMap::new() };
    match args.format {
        Format::Text => say(&text(&routing, &keys, &reaches))?,
        Format::Json => say(&format!("{:#}\n", value(&routing, &keys, &reaches)))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks the services.
fn asked(routing: &Routing, keys: &Keys) -> Result<Reaches, Failure> {
    let cannot = |why: String| Failure { causes: vec![why], ..Failure::new("cannot ask services for their models") };
    let cannot = |why: String| cannot(why).help("`--offline` shows the table alone");
    let http = Http::new(routing).map_err(cannot)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| cannot(error.to_string()))?;
    Ok(runtime.block_on(reach(routing, keys, &http)))
}

/// A word for how a model stands, and why.
fn standing(routing: &Routing, keys: &Keys, reaches: &Reaches, name: &str, model: &Model) -> (&'static str, Option<String>) {
    match reaches.get(name) {
        Some(Reach::Listed) => ("yes", None),
        Some(Reach::Unlisted) => ("no", Some("the service does not list it".to_owned())),
        Some(Reach::NoKey(words)) => ("no key", Some(words.clone())),
        Some(Reach::Unknown(words)) => ("unknown", Some(words.clone())),
        None => match keys.missing(routing, &model.provider) {
            Some(words) => ("no key", Some(words)),
            None => ("not asked", None),
        },
    }
}

fn value(routing: &Routing, keys: &Keys, reaches: &Reaches) -> Value {
    let model = |(name, model): (&String, &Model)| {
        let (reached, why) = standing(routing, keys, reaches, name, model);
        let mut value = json!(model);
        value["family"] = json!(model.family());
        value["reached"] = json!(reached);
        value["why"] = json!(why);
        (name.clone(), value)
    };
    let models: serde_json::Map<String, Value> = routing.models.iter().map(model).collect();
    json!({
        "routes": routing.routes,
        "models": models,
        "providers": routing.providers,
        "aliases": routing.aliases,
        "orchestration": routing.orchestration,
        "chunk": routing.chunk,
        "budget": routing.budget,
        "notes": routing.notes,
        "wrong_keys": keys.wrong,
    })
}

fn text(routing: &Routing, keys: &Keys, reaches: &Reaches) -> String {
    let mut text = String::from("routes: who is asked, from left to right\n");
    let routes =
        Task::ALL.iter().map(|task| vec![task.name().to_owned(), routing.route(*task).chain.join(", "), routing.route(*task).why.clone()]);
    text.push_str(&table(routes.collect()));
    text.push_str(
        "\nmodels: tokens of question and answer, limits, US dollars for a million tokens of question, cached question, answer\n",
    );
    let mut reasons = BTreeMap::new();
    let mut rows = vec![["", "reached", "service", "id", "context", "answer", "limits", "price"].map(str::to_owned).to_vec()];
    for (name, model) in &routing.models {
        let (reached, why) = standing(routing, keys, reaches, name, model);
        if let Some(why) = why {
            reasons.entry(format!("{}: {why}", model.provider)).or_insert_with(Vec::new).push(name.as_str());
        }
        let host = routing.providers.get(&model.provider).map(|provider| provider.base_url.host()).unwrap_or_default();
        let numbers = [model.context.to_string(), model.max_output.to_string(), limits(model.limits), price(model)];
        rows.push([name.clone(), reached.to_owned(), host, model.id.clone()].into_iter().chain(numbers).collect());
    }
    text.push_str(&table(rows));
    let mut line = |words: &str| writeln!(text, "{words}").expect("a string takes all");
    for (reason, names) in &reasons {
        line(&format!("  {reason} ({})", names.join(", ")));
    }
    for variable in &keys.wrong {
        line(&format!("  `{variable}` holds what no key is, and is left out"));
    }
    let budget = &routing.budget;
    line(&format!(
        "\nbudget of a run: ${:.2}, {} requests, {} tokens of questions",
        budget.max_cost_usd, budget.max_requests, budget.max_input_tokens
    ));
    line("\naliases: names that stand for models");
    let aliases = routing.aliases.iter().map(|(name, alias)| vec![name.clone(), alias.target.clone(), alias.why.clone()]);
    text.push_str(&table(aliases.collect()));
    for note in &routing.notes {
        writeln!(text, "note: {note}").expect("a string takes all");
    }
    text
}

fn limits(limits: RateLimits) -> String {
    let all = [("rpm", limits.rpm), ("tpm", limits.tpm), ("itpm", limits.itpm), ("otpm", limits.otpm)];
    let told: Vec<String> = all.into_iter().filter_map(|(name, limit)| Some(format!("{} {name}", limit?))).collect();
    if told.is_empty() { "none known".to_owned() } else { told.join(", ") }
}

fn price(model: &Model) -> String {
    let Some(price) = model.price else { return "unknown".to_owned() };
    let cached = price.cached_input.map_or_else(|| "-".to_owned(), |cached| cached.to_string());
    let above = match (price.above_prompt_tokens, price.above_factor) {
        (Some(tokens), Some(factor)) => format!(", x{factor} above {tokens} tokens"),
        _ => String::new(),
    };
    format!("{} / {cached} / {}{above}", price.input, price.output)
}

/// Rows with their cells one under another.
fn table(rows: Vec<Vec<String>>) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(text, "  {}", cells.join("  ").trim_end()).expect("a string takes all");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> Option<String> {
        (name == "GROQ_API_KEY").then(|| "made-up".to_owned())
    }

    #[test]
    fn the_table_says_who_is_asked_and_why_somebody_cannot_be() {
        let routing = Routing::with("[routes.schema]\nchain = [\"kimi-k2\"]\n").expect("the table is in order");
        let keys = Keys::of(&routing, &env);
        let reaches = BTreeMap::from([("gpt-oss-120b".to_owned(), Reach::Listed), ("gpt-oss-20b".to_owned(), Reach::Unlisted)]);
        let text = text(&routing, &keys, &reaches);
        let has = |words: &[&str]| text.lines().any(|line| line.split_whitespace().collect::<Vec<_>>().starts_with(words));
        assert!(has(&["schema", "gpt-oss-120b,", "static"]), "{text}");
        assert!(has(&["gpt-oss-120b", "yes", "api.groq.com", "openai/gpt-oss-120b", "131072"]), "{text}");
        assert!(has(&["gpt-oss-20b", "no"]) && has(&["qwen3-8-27b", "not", "asked"]) && has(&["claude-opus", "no", "key"]), "{text}");
        assert!(text.contains("anthropic: there is no key: set ANTHROPIC_API_KEY (claude-haiku, claude-opus, claude-sonnet)"), "{text}");
        assert!(text.ends_with("note: `kimi-k2` stands for `gpt-oss-120b` (shut down 2025-10-10)\n"), "{text}");
        assert!(!text.contains("made-up"));
        let value = value(&routing, &keys, &reaches);
        assert_eq!(value["models"]["gpt-oss-20b"]["reached"], "no");
        assert_eq!(value["routes"]["schema"]["chain"], json!(["gpt-oss-120b", "static"]));
        assert!(!value.to_string().contains("made-up"));
    }
}
