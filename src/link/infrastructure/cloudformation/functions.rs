//! Functions of a template: what they run, what starts them, what they are given.

use super::super::{containers, paths, set};
use super::values::Values;
use super::{Resource, literal};
use crate::facts::infrastructure::{Function, Infrastructure, Schedule};
use crate::facts::tree::Node;

/// Reads a resource, when it is a function.
pub fn read(resource: &Resource, globals: Option<&Node>, values: &Values, found: &mut Infrastructure) {
    if !matches!(resource.kind, "AWS::Lambda::Function" | "AWS::Serverless::Function") {
        return;
    }
    let globals = globals.filter(|_| resource.kind == "AWS::Serverless::Function");
    let either = |key: &str| resource.get(key).or_else(|| globals?.get(key));
    let text = |key: &str| either(key).map(|node| values.full(node));
    let (name, mut aliases) = resource.named("FunctionName", values);
    aliases.retain(|alias| *alias != name);
    let folder = either("CodeUri").and_then(Node::text).and_then(|path| paths::joined(paths::parent(&resource.spot.file), path));
    let mut events = Vec::new();
    for (id, event) in resource.get("Events").map_or(&[][..], Node::entries) {
        let patterns = detail_types(event.at(&["Properties", "Pattern"]), values);
        if patterns.is_empty() {
            events.extend(started_by(event, values));
        }
        events.extend(patterns.into_iter().map(|name| format!("eventbridge {name}")));
        if let Some(when) = schedule_of(event) {
            found.schedules.push(Schedule {
                name: event.at(&["Properties", "Name"]).map_or_else(|| id.to_string(), |node| values.full(node)),
                schedule: values.full(when),
                target: Some(name.clone()),
                aliases: vec![format!("{}{id}", resource.id)],
                spots: vec![resource.spot.clone()],
            });
        }
    }
    let variables = [
        globals.and_then(|node| node.at(&["Environment", "Variables"])),
        resource.get("Environment").and_then(|node| node.get("Variables")),
    ];
    for (name, value) in variables.into_iter().flatten().flat_map(Node::entries) {
        found.env.push(set(name, literal(value).map(str::to_owned), &resource.spot));
    }
    let image = resource.get("ImageUri").or_else(|| resource.get("Code")?.get("ImageUri"));
    if let Some(image) = image {
        containers::image(&values.full(image), &values.written(image), &resource.spot, None, found);
    }
    found.functions.push(Function {
        name,
        runtime: text("Runtime"),
        handler: text("Handler"),
        code: folder,
        events,
        aliases,
        spots: vec![resource.spot.clone()],
    });
}

/// What an event says: `GET /users`, `sqs Jobs`.
fn started_by(event: &Node, values: &Values) -> Option<String> {
    let kind = event.text_of("Type")?;
    let property = |key: &str| event.at(&["Properties", key]).map(|node| values.full(node));
    let told = match kind {
        "Api" | "HttpApi" => {
            let method = property("Method").unwrap_or_else(|| "ANY".into()).to_uppercase();
            return Some(format!(
                "{} {}",
                if method == "*" { "ANY" } else { &method },
                property("Path").unwrap_or_else(|| "/{proxy+}".into())
            ));
        }
        "Schedule" | "ScheduleV2" | "CloudWatchEvent" | "EventBridgeRule" => schedule_of(event).map(|node| values.full(node)),
        "SQS" => property("Queue"),
        "SNS" => property("Topic"),
        "S3" => property("Bucket"),
        "Kinesis" | "DynamoDB" => property("Stream"),
        "MSK" | "SelfManagedKafka" => {
            event.at(&["Properties", "Topics"]).and_then(|topics| topics.one_or_many().first()).map(|node| values.full(node))
        }
        "MQ" => event.at(&["Properties", "Queues"]).and_then(|queues| queues.one_or_many().first()).map(|node| values.full(node)),
        _ => None,
    };
    Some(told.map_or_else(|| kind.to_lowercase(), |told| format!("{} {told}", kind.to_lowercase())))
}

/// The events that a rule of a bus lets through: `Pattern: {detail-type: [OrderPlaced]}`.
fn detail_types(pattern: Option<&Node>, values: &Values) -> Vec<String> {
    let types = pattern.and_then(|pattern| pattern.get("detail-type")).map_or(&[][..], Node::one_or_many);
    types.iter().filter(|node| node.text().is_some()).map(|node| values.full(node)).collect()
}

fn schedule_of(event: &Node) -> Option<&Node> {
    match event.text_of("Type")? {
        "Schedule" => event.at(&["Properties", "Schedule"]),
        "ScheduleV2" => event.at(&["Properties", "ScheduleExpression"]),
        _ => None,
    }
}
