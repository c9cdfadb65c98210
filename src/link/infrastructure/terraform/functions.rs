//! What starts functions, and where their code lies: event source mappings, subscriptions, rules of a bus, archives.

use super::super::paths;
use super::Module;
use super::scope::Scope;
use crate::facts::hcl::{Block, Expr, Part};
use crate::facts::infrastructure::{Function, Infrastructure};

/// Adds to the functions of a module what starts them.
pub fn wire(folder: &str, module: &Module, scope: &Scope, found: &mut Infrastructure) {
    for (_, block) in module.of("resource") {
        let attribute = |name: &str| block.body.get(name);
        let (function, events) = match block.labels.first().map_or("", |kind| kind.as_str()) {
            "aws_lambda_function" => {
                let symbol = block.labels.get(1).map(|name| format!("aws_lambda_function.{name}"));
                if let Some(function) = symbol.and_then(|symbol| function_of(folder, &symbol, found)) {
                    function.code = function.code.take().or_else(|| code(folder, module, block));
                }
                continue;
            }
            "aws_lambda_event_source_mapping" => (attribute("function_name"), mapped(module, scope, block)),
            "aws_sns_topic_subscription" if attribute("protocol").and_then(Expr::plain) == Some("lambda") => (
                attribute("endpoint"),
                attribute("topic_arn").map(|topic| format!("sns {}", named(module, scope, topic))).into_iter().collect(),
            ),
            "aws_cloudwatch_event_target" => (attribute("arn"), attribute("rule").map(|rule| ruled(module, rule)).unwrap_or_default()),
            _ => continue,
        };
        if let Some(function) = function.and_then(symbol_of).and_then(|symbol| function_of(folder, &symbol, found)) {
            function.events.extend(events);
        }
    }
}

/// The function of a resource, in the module's folder.
fn function_of<'f>(folder: &str, symbol: &str, found: &'f mut Infrastructure) -> Option<&'f mut Function> {
    let is_it =
        |function: &&mut Function| function.spots.first().is_some_and(|spot| spot.symbol == symbol && paths::parent(&spot.file) == folder);
    found.functions.iter_mut().find(is_it)
}

/// Of `aws_sqs_queue.jobs.arn` or `"${aws_sqs_queue.jobs.arn}"` the resource: `aws_sqs_queue.jobs`.
fn symbol_of(expr: &Expr) -> Option<String> {
    let path = match expr {
        Expr::Path(path) => path,
        Expr::Text(parts) => match parts.as_slice() {
            [Part::Hole(Expr::Path(path))] => path,
            _ => return None,
        },
        _ => return None,
    };
    let mut steps = path.split('.');
    let (kind, name) = (steps.next()?, steps.next()?);
    Some(format!("{kind}.{}", name.split('[').next().unwrap_or(name)))
}

/// The block of a resource.
fn block_of<'m>(module: &'m Module, of: &'static str, symbol: &str) -> Option<&'m Block> {
    let is_it = |block: &&Block| matches!(block.labels.as_slice(), [kind, name] if symbol.strip_prefix(kind.as_str()).and_then(|rest| rest.strip_prefix('.')) == Some(name.as_str()));
    module.of(of).map(|(_, block)| block).find(is_it)
}

/// The name of what is referred to, as far as it is known; else what the module calls it.
fn named(module: &Module, scope: &Scope, expr: &Expr) -> String {
    let Some(symbol) = symbol_of(expr) else { return expr.plain().unwrap_or_default().to_owned() };
    let name = block_of(module, "resource", &symbol).and_then(|block| block.body.get("name")).map(|name| scope.full(name));
    name.filter(|name| !name.contains("${")).unwrap_or_else(|| symbol.rsplit('.').next().unwrap_or_default().to_owned())
}

/// `sqs jobs`, `kinesis clicks`, `msk orders`.
fn mapped(module: &Module, scope: &Scope, block: &Block) -> Vec<String> {
    if let Some(Expr::List(topics)) = block.body.get("topics") {
        return topics.iter().map(|topic| format!("msk {}", scope.full(topic))).collect();
    }
    let Some(source) = block.body.get("event_source_arn") else { return Vec::new() };
    let kind = match symbol_of(source).as_deref().and_then(|symbol| symbol.split('.').next()) {
        Some("aws_sqs_queue") => "sqs",
        Some("aws_kinesis_stream") => "kinesis",
        Some("aws_dynamodb_table") => "dynamodb",
        _ => match source.plain() {
            Some(arn) if arn.contains(":sqs:") => "sqs",
            Some(arn) if arn.contains(":kinesis:") => "kinesis",
            _ => return Vec::new(),
        },
    };
    vec![format!("{kind} {}", named(module, scope, source))]
}

/// The events that a rule lets through: `event_pattern = jsonencode({ "detail-type" = ["OrderPlaced"] })`.
fn ruled(module: &Module, rule: &Expr) -> Vec<String> {
    let block = symbol_of(rule).and_then(|symbol| block_of(module, "resource", &symbol));
    let Some(Expr::Call(name, args)) = block.and_then(|block| block.body.get("event_pattern")) else { return Vec::new() };
    let pattern = args.first().filter(|_| name == "jsonencode");
    let Some(Expr::Map(entries)) = pattern else { return Vec::new() };
    let types = entries.iter().find(|(key, _)| key.trim_matches('"') == "detail-type").map(|(_, value)| value);
    let Some(Expr::List(types)) = types else { return Vec::new() };
    types.iter().filter_map(Expr::plain).map(|name| format!("eventbridge {name}")).collect()
}

/// The folder of a function's code: what its archive is made of.
fn code(folder: &str, module: &Module, block: &Block) -> Option<String> {
    let Some(Expr::Path(path)) = block.body.get("filename") else { return None };
    let symbol = path.strip_prefix("data.")?.split('.').take(2).collect::<Vec<_>>().join(".");
    let archive = block_of(module, "data", &symbol)?;
    let (source, is_file) = match archive.body.get("source_dir") {
        Some(source) => (source, false),
        None => (archive.body.get("source_file")?, true),
    };
    let Expr::Text(parts) = source else { return None };
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(known) => text.push_str(known),
            Part::Hole(Expr::Path(path)) if matches!(path.as_str(), "path.module" | "path.root") => text.push('.'),
            Part::Hole(_) => return None,
        }
    }
    let path = paths::joined(folder, &text)?;
    Some(if is_file { paths::parent(&path).to_owned() } else { path })
}
