//! Functions that a cloud calls: what templates say starts them, joined with their code.

use std::collections::BTreeSet;

use super::infrastructure::Joined;
use crate::base::Name;
use crate::facts::event::{ChannelKind, Direction, EventFinding, LambdaFinding, Protocol};
use crate::facts::finding::{BodyFinding, Location, Method, ParamFinding, PathSyntax, PathText, Route};
use crate::facts::infrastructure::{Function, Section};
use crate::facts::program::{Program, Text};
use crate::facts::shape::Shape;

/// What functions are started by.
#[derive(Debug, Default)]
pub struct Started {
    /// Messages they hear.
    pub events: Vec<EventFinding>,
    /// Operations they serve.
    pub routes: Vec<Route>,
}

/// Joins functions of code with those that templates declare. What only a type tells has no name yet: a question stands for it.
#[must_use]
pub fn join(program: &dyn Program, lambdas: &[LambdaFinding], needs: &Joined) -> Started {
    let mut started = Started::default();
    let mut told = BTreeSet::new();
    for function in &needs.found.functions {
        let mut code: Vec<&LambdaFinding> = lambdas.iter().filter(|lambda| is_code_of(program, lambda, function)).collect();
        if code.is_empty() {
            code = alone(lambdas.iter().filter(|lambda| is_named_like(program, lambda, function)));
        }
        for lambda in code {
            for event in &function.events {
                if starts(program, lambda, event, needs, &mut started) {
                    told.insert(lambda.function);
                }
            }
        }
    }
    for lambda in lambdas.iter().filter(|lambda| !told.contains(&lambda.function)) {
        let Some(protocol) = lambda.protocol else { continue };
        started.events.push(heard(lambda, protocol, told_by_type(program, lambda)));
    }
    started
}

/// The channel that a function's type names, else a hole that no other function shares: many are called `handler`.
fn told_by_type(program: &dyn Program, lambda: &LambdaFinding) -> Text {
    let stem = |path: &str| path.rsplit_once('.').map_or(path, |(stem, _)| stem).replace('/', "_");
    let own = || Text::hole(&format!("{}_{}", stem(program.path(lambda.function.file)), lambda.name));
    lambda.channel.as_ref().map_or_else(own, |name| Text::known(name))
}

/// The only one of several, or none.
fn alone<'l>(mut lambdas: impl Iterator<Item = &'l LambdaFinding>) -> Vec<&'l LambdaFinding> {
    lambdas.next().filter(|_| lambdas.next().is_none()).into_iter().collect()
}

/// Whether the end of a file's path and the name of the function are those of a handler, wherever the file is packed.
fn is_named_like(program: &dyn Program, lambda: &LambdaFinding, function: &Function) -> bool {
    let Some((module, name)) = function.handler.as_deref().and_then(|handler| handler.rsplit_once('.')) else { return false };
    let path = program.path(lambda.function.file);
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let module = module.trim_start_matches("./").replace('.', "/");
    lambda.name == name && (stem == module || stem.ends_with(&format!("/{module}")))
}

/// Whether a template's function is this one, by the path of its file and its name.
fn is_code_of(program: &dyn Program, lambda: &LambdaFinding, function: &Function) -> bool {
    let path = program.path(lambda.function.file);
    let Some(handler) = function.handler.as_deref() else { return false };
    let folder = function.code.as_deref().unwrap_or_default();
    if path.ends_with(".rs") {
        return !folder.is_empty() && path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    }
    let Some((module, name)) = handler.rsplit_once('.') else { return false };
    if lambda.name != name {
        return false;
    }
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    // Python writes packages with dots or slashes.
    let module = module.trim_start_matches("./").replace('.', "/");
    let beside = function.spots.first().map_or("", |spot| spot.file.rsplit_once('/').map_or("", |(parent, _)| parent));
    let last = module.rsplit('/').next().unwrap_or_default();
    let joined = |folder: &str, module: &str| if folder.is_empty() { module.to_owned() } else { format!("{folder}/{module}") };
    [joined(beside, &module), joined(folder, &module), joined(folder, last)].iter().any(|wanted| {
        let built = ["dist/", "build/", ".build/", "lib/"].iter().find_map(|built| wanted.strip_prefix(built));
        wanted == stem || built.is_some_and(|rest| stem == rest || stem.strip_prefix("src/") == Some(rest))
    })
}

/// Adds what an event of a template says; whether it says something.
fn starts(program: &dyn Program, lambda: &LambdaFinding, event: &str, needs: &Joined, started: &mut Started) -> bool {
    let (kind, rest) = event.split_once(' ').unwrap_or((event, ""));
    if kind.chars().all(|c| c.is_ascii_uppercase()) && rest.starts_with('/') {
        started.routes.extend(route(lambda, kind, rest));
        return true;
    }
    let Some((protocol, section)) = protocol_of(kind, rest) else { return false };
    let name = channel_of(rest);
    let named = needs.found.things.iter().filter(|thing| Some(thing.section) == section);
    let resource = named.into_iter().find(|thing| thing.name == name || thing.aliases.contains(&name)).map(|thing| thing.name.clone());
    let channel = match resource.unwrap_or(name) {
        name if name.is_empty() => told_by_type(program, lambda),
        name => Text::known(&name),
    };
    started.events.push(heard(lambda, protocol, channel));
    true
}

/// How a source's messages travel, and the section that its resource stands in.
fn protocol_of(kind: &str, rest: &str) -> Option<(Protocol, Option<Section>)> {
    Some(match kind.to_ascii_lowercase().as_str() {
        "sqs" => (Protocol::Sqs, Some(Section::Queue)),
        "sns" => (Protocol::Sns, Some(Section::Topic)),
        "kinesis" => (Protocol::Kinesis, Some(Section::Topic)),
        "stream" if rest.contains("kinesis") => (Protocol::Kinesis, Some(Section::Topic)),
        "eventbridge" | "eventbridgerule" | "cloudwatchevent" => (Protocol::EventBridge, None),
        "kafka" | "msk" | "selfmanagedkafka" => (Protocol::Kafka, None),
        "rabbitmq" | "activemq" | "mq" => (Protocol::Amqp, None),
        _ => return None,
    })
}

/// Of `${Jobs.Arn}`, `arn:aws:sqs:eu-west-1:1:jobs` or `Jobs.Arn` the name.
fn channel_of(text: &str) -> String {
    let inner = text.trim().trim_start_matches("${").trim_end_matches('}');
    let inner = inner.strip_suffix(".Arn").unwrap_or(inner);
    let name = if inner.starts_with("arn:") { inner.rsplit([':', '/']).next().unwrap_or_default() } else { inner };
    if name.contains("${") { String::new() } else { name.to_owned() }
}

fn heard(lambda: &LambdaFinding, protocol: Protocol, channel: Text) -> EventFinding {
    let kind = match protocol {
        Protocol::Sqs | Protocol::Amqp => ChannelKind::Queue,
        Protocol::EventBridge => ChannelKind::Exchange,
        _ => ChannelKind::Topic,
    };
    EventFinding {
        framework: lambda.framework,
        direction: Direction::Receive,
        protocol,
        kind,
        channel,
        payload: lambda.payload.clone(),
        place: lambda.place.clone(),
        ..EventFinding::default()
    }
}

/// The operation that an event of an API gateway is; none where one function takes all there is.
fn route(lambda: &LambdaFinding, method: &str, path: &str) -> Option<Route> {
    if path.contains(['*', '$']) || path.contains("+}") {
        return None;
    }
    let methods = if method == "ANY" { Method::COMMON.to_vec() } else { vec![Method::of(method)?] };
    let takes_body = methods.iter().any(|method| matches!(method, Method::Post | Method::Put | Method::Patch));
    let query = lambda.query.iter().map(|name: &Name| ParamFinding {
        name: name.clone(),
        location: Location::Query,
        shape: Shape::Text(None),
        ..ParamFinding::default()
    });
    Some(Route {
        framework: lambda.framework,
        methods,
        path: PathText::new(Text::known(path), PathSyntax::Curly),
        handler: Some(lambda.function),
        place: lambda.place.clone(),
        params: query.collect(),
        body: lambda.payload.clone().filter(|_| takes_body).map(BodyFinding::json),
        ..Route::default()
    })
}

#[cfg(test)]
mod tests {
    use super::channel_of;

    #[test]
    fn channels_are_told_by_their_names() {
        assert_eq!(channel_of("${Queue.Arn}"), "Queue");
        assert_eq!(channel_of("Jobs.Arn"), "Jobs");
        assert_eq!(channel_of("arn:aws:sqs:eu-west-1:1:jobs"), "jobs");
        assert_eq!(channel_of("arn:aws:kinesis:eu-west-1:1:stream/clicks"), "clicks");
        assert_eq!(channel_of("arn:aws:sqs:${Region}:1:${Name}"), "");
    }
}
