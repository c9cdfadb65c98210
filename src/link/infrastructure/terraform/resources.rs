//! What single resources say: stores, queues, secrets, functions, schedules, services, images, variables of environments.

use super::super::{containers, engines, set};
use super::scope::Scope;
use super::{Module, kinds};
use crate::facts::hcl::{Block, Body, Expr};
use crate::facts::infrastructure::{EnvAccess, EnvUse, Function, Infrastructure, Port, Schedule, Section, Service, Spot, Thing};

/// Bodies are looked into so deep.
const DEPTH: usize = 12;

/// What a resource (or, when it is only looked up, a data source) stands for.
pub fn needed(file: &str, block: &Block, address: &str, scope: &Scope, is_data: bool, found: &mut Infrastructure) {
    let [kind, name] = block.labels.as_slice() else { return };
    let own = format!("{kind}.{name}");
    let spot = Spot::new(file, own.as_str(), block.line);
    let address = if address.is_empty() { own } else { format!("{address}.{own}") };
    if let Some(known) = kinds::of(kind) {
        match known.section {
            Section::Datastore if !is_data => found.things.push(datastore(&block.body, known, &address, scope, &spot)),
            Section::Datastore => {}
            _ => things(&block.body, known, kind, scope, &spot, found),
        }
    }
    if kind == "aws_ssm_parameter" && (is_data || attribute(&block.body, "type").and_then(Expr::plain) == Some("SecureString")) {
        let known = kinds::Kind { section: Section::Secret, attribute: "name", engine: "" };
        things(&block.body, known, kind, scope, &spot, found);
    }
    if is_data {
        return;
    }
    function(&block.body, kind, scope, &spot, found);
    schedule(&block.body, kind, scope, &spot, found);
    environment(&block.body, scope, &spot, found, 0);
}

/// An attribute, by its name or through nested blocks: `metadata.name`.
fn attribute<'b>(body: &'b Body, path: &str) -> Option<&'b Expr> {
    match path.split_once('.') {
        Some((block, rest)) => body.blocks_of(block).find_map(|block| attribute(&block.body, rest)),
        None => body.get(path),
    }
}

fn things(body: &Body, known: kinds::Kind, kind: &str, scope: &Scope, spot: &Spot, found: &mut Infrastructure) {
    let keys: Vec<Option<String>> = match scope.instances(body) {
        Some(keys) => keys.into_iter().map(Some).collect(),
        None => vec![None],
    };
    for key in keys {
        let scope = key.map_or_else(|| scope.clone(), |key| scope.with_key(&key));
        let named = attribute(body, known.attribute);
        let mut thing = match named {
            Some(expr) => {
                let mut thing = Thing::new(known.section, scope.full(expr), kind, spot.clone());
                thing.aliases.push(scope.written(expr));
                thing.aliases.extend(scope.raw(expr));
                thing
            }
            None => Thing::new(known.section, spot.symbol.as_str(), kind, spot.clone()),
        };
        if known.section == Section::Secret {
            thing.aliases.push(spot.symbol.clone());
        }
        thing.aliases.retain(|alias| *alias != thing.name);
        found.things.push(thing);
    }
}

fn datastore(body: &Body, known: kinds::Kind, address: &str, scope: &Scope, spot: &Spot) -> Thing {
    let word = attribute(body, known.attribute).map(|expr| scope.full(expr)).filter(|word| !word.contains("${"));
    let word = word.unwrap_or_else(|| known.engine.to_owned());
    // `POSTGRES_15`.
    let (first, version) = match word.split_once('_') {
        Some((first, version)) if word.chars().all(|c| !c.is_ascii_lowercase()) => (first.to_owned(), Some(version.replace('_', "."))),
        _ => (word.clone(), None),
    };
    let engine = engines::of_word(&first);
    let name =
        engine.map_or_else(|| if first.is_empty() { spot.symbol.clone() } else { first.to_lowercase() }, |engine| engine.name.to_owned());
    let mut thing = Thing::new(Section::Datastore, name, "", spot.clone());
    thing.service = Some(address.to_owned());
    thing.aliases.extend(engine.filter(|engine| !engine.alias.is_empty()).map(|engine| engine.alias.to_owned()));
    if spot.symbol != address {
        thing.aliases.push(spot.symbol.clone());
    }
    let asked = ["engine_version", "version"].iter().find_map(|name| body.get(name)).map(|expr| scope.full(expr));
    thing.version = asked.filter(|version| !version.contains("${")).or(version);
    thing
}

fn function(body: &Body, kind: &str, scope: &Scope, spot: &Spot, found: &mut Infrastructure) {
    let attribute = match kind {
        "aws_lambda_function" => "function_name",
        "google_cloudfunctions_function"
        | "google_cloudfunctions2_function"
        | "azurerm_linux_function_app"
        | "azurerm_windows_function_app"
        | "azurerm_function_app" => "name",
        "cloudflare_worker_script" | "cloudflare_workers_script" => "script_name",
        _ => return,
    };
    let text = |name: &str| body.get(name).map(|expr| scope.full(expr)).filter(|text| !text.contains("${"));
    let name = body.get(attribute).or_else(|| body.get("name"));
    let short = spot.symbol.split_once('.').map_or("", |(_, name)| name).to_owned();
    found.functions.push(Function {
        name: name.map_or_else(|| short.clone(), |expr| scope.full(expr)),
        runtime: text("runtime"),
        handler: text("handler").or_else(|| text("entry_point")),
        aliases: name.map(|expr| scope.written(expr)).into_iter().chain([short, spot.symbol.clone()]).collect(),
        spots: vec![spot.clone()],
        ..Function::default()
    });
}

fn schedule(body: &Body, kind: &str, scope: &Scope, spot: &Spot, found: &mut Infrastructure) {
    let attribute = match kind {
        "aws_cloudwatch_event_rule" | "aws_scheduler_schedule" => "schedule_expression",
        "google_cloud_scheduler_job" => "schedule",
        _ => return,
    };
    let Some(when) = body.get(attribute) else { return };
    let name = body.get("name").map_or_else(|| spot.symbol.clone(), |expr| scope.full(expr));
    let aliases = vec![spot.symbol.clone()];
    found.schedules.push(Schedule { name, schedule: scope.full(when), target: None, aliases, spots: vec![spot.clone()] });
}

/// Variables that any block or attribute below sets: `environment { variables = {} }`, `env { name = … }`, `app_settings = {}`.
fn environment(body: &Body, scope: &Scope, spot: &Spot, found: &mut Infrastructure, depth: usize) {
    if depth > DEPTH {
        return;
    }
    for (name, expr) in &body.attributes {
        match name.as_str() {
            "variables" | "environment_variables" | "app_settings" | "env_vars" | "environment" | "environment_variable" | "env" => {
                pairs(expr, spot, found);
            }
            "image" | "image_uri" | "container_image" => image(expr, scope, spot, found),
            _ => {}
        }
    }
    for block in &body.blocks {
        if let (true, Some(name)) = (block.kind == "env", block.body.get("name").and_then(Expr::plain)) {
            let value = block.body.get("value").and_then(Expr::plain).map(str::to_owned);
            found.env.push(set(name, value, spot));
        }
        environment(&block.body, scope, spot, found, depth + 1);
    }
}

/// A map of variables, or a list of entries with `name` and `value`.
fn pairs(expr: &Expr, spot: &Spot, found: &mut Infrastructure) {
    match expr {
        Expr::Map(entries) => {
            for (name, value) in entries.iter().filter(|(name, _)| is_variable(name)) {
                found.env.push(set(name, value.plain().map(str::to_owned), spot));
            }
        }
        Expr::List(items) => {
            for item in items {
                let Some(name) = item.get("name").and_then(Expr::plain) else { continue };
                found.env.push(set(name, item.get("value").and_then(Expr::plain).map(str::to_owned), spot));
            }
        }
        Expr::Call(name, args) if name == "merge" => args.iter().for_each(|arg| pairs(arg, spot, found)),
        _ => {}
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn image(expr: &Expr, scope: &Scope, spot: &Spot, found: &mut Infrastructure) {
    let name = scope.full(expr);
    if name.contains('/') || name.contains(':') {
        containers::image(&name, &scope.written(expr), spot, None, found);
    }
}

/// Services, with the containers that they run.
pub fn services(module: &Module, address: &str, scope: &Scope, found: &mut Infrastructure) {
    let tasks: Vec<(String, &str, &Block)> = module
        .of("resource")
        .filter(|(_, block)| block.labels.first().is_some_and(|kind| kind == "aws_ecs_task_definition"))
        .filter_map(|(file, block)| Some((format!("aws_ecs_task_definition.{}", block.labels.get(1)?), file, block)))
        .collect();
    for (symbol, file, block) in &tasks {
        for container in containers_of(block) {
            defined(container, scope, &Spot::new(*file, symbol.as_str(), block.line), found);
        }
    }
    for (file, block) in module.of("resource") {
        let [kind, name] = block.labels.as_slice() else { continue };
        let attribute = match kind.as_str() {
            "aws_apprunner_service" => "service_name",
            "aws_ecs_service"
            | "google_cloud_run_service"
            | "google_cloud_run_v2_service"
            | "google_cloud_run_v2_job"
            | "azurerm_container_app"
            | "azurerm_linux_web_app"
            | "azurerm_container_group"
            | "docker_container"
            | "heroku_app"
            | "digitalocean_app"
            | "render_web_service" => "name",
            _ => continue,
        };
        let symbol = format!("{kind}.{name}");
        let mut service = Service {
            name: block.body.get(attribute).map_or_else(|| name.to_string(), |expr| scope.full(expr)),
            platform: "terraform",
            workload: kind.to_string(),
            replicas: block.body.get("desired_count").map(|expr| scope.full(expr)).filter(|count| !count.contains("${")),
            aliases: vec![symbol.clone()],
            spots: vec![Spot::new(file, if address.is_empty() { symbol } else { format!("{address}.{symbol}") }, block.line)],
            ..Service::default()
        };
        service.aliases.extend(block.body.get(attribute).map(|expr| scope.written(expr)).filter(|alias| *alias != service.name));
        if let Some(Expr::Path(task)) = block.body.get("task_definition") {
            let of = |symbol: &str| task.strip_prefix(symbol).is_some_and(|rest| rest.starts_with('.'));
            let defined = tasks.iter().filter(|(symbol, ..)| of(symbol)).flat_map(|(_, _, block)| containers_of(block));
            for container in defined {
                service.ports.extend(ports(container));
                service.image = service.image.take().or_else(|| container.get("image").map(|expr| scope.full(expr)));
            }
        }
        service.image = service.image.take().filter(|image| !image.starts_with('$'));
        service.ports.extend(container_ports(&block.body, 0));
        found.services.push(service);
    }
}

/// The containers of a task: `container_definitions = jsonencode([…])`.
fn containers_of(block: &Block) -> &[Expr] {
    match block.body.get("container_definitions") {
        Some(Expr::Call(name, args)) if name == "jsonencode" => match args.as_slice() {
            [Expr::List(items)] => items,
            _ => &[],
        },
        _ => &[],
    }
}

/// Image, variables and secrets of a container.
fn defined(container: &Expr, scope: &Scope, spot: &Spot, found: &mut Infrastructure) {
    if let Some(expr) = container.get("image") {
        image(expr, scope, spot, found);
    }
    if let Some(expr) = container.get("environment") {
        pairs(expr, spot, found);
    }
    let Some(Expr::List(secrets)) = container.get("secrets") else { return };
    for name in secrets.iter().filter_map(|secret| secret.get("name").and_then(Expr::plain)) {
        found.env.push(EnvUse { name: name.to_owned(), access: EnvAccess::Set(None), spot: spot.clone(), ..EnvUse::default() });
        found.things.push(Thing::new(Section::Secret, name, "", spot.clone()));
    }
}

fn ports(container: &Expr) -> Vec<Port> {
    let Some(Expr::List(mappings)) = container.get("portMappings") else { return Vec::new() };
    let number = |mapping: &Expr| mapping.get("containerPort").and_then(Expr::plain).and_then(|text| text.parse().ok());
    mappings.iter().filter_map(number).map(|container| Port { container, ..Port::default() }).collect()
}

/// `ports { container_port = 8080 }`, `ingress { target_port = 80 }`.
fn container_ports(body: &Body, depth: usize) -> Vec<Port> {
    let own = ["container_port", "target_port"].iter().filter_map(|name| body.get(name).and_then(Expr::plain)?.parse().ok());
    let mut found: Vec<Port> = own.map(|container| Port { container, ..Port::default() }).collect();
    if depth < DEPTH {
        found.extend(body.blocks.iter().flat_map(|block| container_ports(&block.body, depth + 1)));
    }
    found
}
