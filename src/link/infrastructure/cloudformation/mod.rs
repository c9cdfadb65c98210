//! Templates of CloudFormation, with what SAM adds.

mod functions;
mod kinds;
mod values;

use std::collections::BTreeMap;

use super::{containers, engines, set};
use crate::facts::infrastructure::{
    CloudResource, Content, Format, Infrastructure, Port, Schedule, Section, Service, Source, Spot, Thing, Variable,
};
use crate::facts::tree::{Node, Value};
use values::Values;

/// Bodies are looked into so deep.
const DEPTH: usize = 40;

/// Reads all templates.
pub fn read(sources: &[Source]) -> Infrastructure {
    let mut found = Infrastructure::default();
    for source in sources.iter().filter(|source| source.format == Format::CloudFormation) {
        let Content::Trees(trees) = &source.content else { continue };
        trees.iter().for_each(|root| template(&source.file, root, &mut found));
    }
    found
}

/// Reads one template.
pub fn template(file: &str, root: &Node, found: &mut Infrastructure) {
    let values = Values::new(root);
    for (name, node) in root.entries_at(&["Parameters"]) {
        found.variables.push(parameter(file, name, node));
    }
    for (name, node) in root.entries_at(&["Outputs"]) {
        found.things.push(Thing::new(Section::Output, name.as_str(), "", Spot::new(file, name.as_str(), node.line)));
    }
    let globals = root.at(&["Globals", "Function"]);
    for (name, node) in root.entries_at(&["Resources"]) {
        let Some(kind) = node.text_of("Type") else { continue };
        let resource = Resource {
            id: name,
            kind,
            properties: node.get("Properties"),
            deletion_policy: node.text_of("DeletionPolicy"),
            spot: Spot::new(file, name.as_str(), node.line),
        };
        read_resource(&resource, &values, found);
        functions::read(&resource, globals, &values, found);
    }
    secrets_in(file, root, 0, found);
}

/// One resource of a template.
struct Resource<'a> {
    id: &'a str,
    kind: &'a str,
    properties: Option<&'a Node>,
    deletion_policy: Option<&'a str>,
    spot: Spot,
}

impl Resource<'_> {
    fn get(&self, key: &str) -> Option<&Node> {
        self.properties?.get(key)
    }

    /// The name a property gives, filled in, and the spellings beside it.
    fn named(&self, key: &str, values: &Values) -> (String, Vec<String>) {
        let Some(node) = self.get(key).filter(|_| !key.is_empty()) else { return (self.id.to_owned(), Vec::new()) };
        let (full, written) = (values.full(node), values.written(node));
        let aliases = [written, self.id.to_owned()].into_iter().filter(|alias| *alias != full).collect();
        (full, aliases)
    }
}

fn parameter(file: &str, name: &str, node: &Node) -> Variable {
    let default = node.text_of("Default");
    Variable {
        name: name.to_owned(),
        kind: node.text_of("Type").unwrap_or_default().to_owned(),
        is_required: node.get("Default").is_none(),
        is_sensitive: node.get("NoEcho").is_some_and(Node::is_true),
        default: default.map(str::to_owned),
        description: node.text_of("Description").unwrap_or_default().to_owned(),
        spots: vec![Spot::new(file, name, node.line)],
    }
}

/// Properties that others rely on; none of them holds a secret.
const KEPT: &[&str] = &[
    "AllocatedStorage",
    "AvailabilityZone",
    "BackupRetentionPeriod",
    "DBInstanceClass",
    "DeletionProtection",
    "Encrypted",
    "FifoQueue",
    "FifoTopic",
    "InstanceType",
    "MaxSize",
    "MessageRetentionPeriod",
    "MinSize",
    "PubliclyAccessible",
    "RetentionPeriodHours",
    "ShardCount",
    "StorageEncrypted",
    "StorageType",
    "VisibilityTimeout",
];

fn settings_of(resource: &Resource) -> BTreeMap<String, String> {
    let property = |name: &&str| Some(((*name).to_owned(), resource.get(name)?.text()?.to_owned()));
    let kept = KEPT.iter().filter_map(property);
    kept.chain(resource.deletion_policy.map(|policy| ("DeletionPolicy".to_owned(), policy.to_owned()))).collect()
}

fn read_resource(resource: &Resource, values: &Values, found: &mut Infrastructure) {
    found.resources.push(CloudResource {
        kind: resource.kind.to_owned(),
        name: resource.id.to_owned(),
        settings: settings_of(resource),
        spots: vec![resource.spot.clone()],
        ..CloudResource::default()
    });
    if let Some(known) = kinds::of(resource.kind) {
        found.things.push(thing(resource, known, values));
    }
    match resource.kind {
        "AWS::Events::Rule" | "AWS::Scheduler::Schedule" => {
            if let Some(when) = resource.get("ScheduleExpression") {
                let (name, aliases) = resource.named("Name", values);
                let spots = vec![resource.spot.clone()];
                found.schedules.push(Schedule { name, schedule: values.full(when), target: None, aliases, spots });
            }
        }
        "AWS::ECS::TaskDefinition" => containers_of(resource, values, found),
        "AWS::ECS::Service" | "AWS::AppRunner::Service" => found.services.push(service(resource, values)),
        "AWS::ApiGateway::DomainName" | "AWS::ApiGatewayV2::DomainName" | "AWS::AppSync::DomainName" => {
            host(resource.get("DomainName"), resource, values, found);
        }
        "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => {
            host(resource.get("Domain").and_then(|domain| domain.get("DomainName")), resource, values, found);
        }
        "AWS::CloudFront::Distribution" => {
            let aliases = resource.properties.map_or(&[][..], |node| node.items_at(&["DistributionConfig", "Aliases"]));
            aliases.iter().for_each(|alias| host(Some(alias), resource, values, found));
        }
        _ => {}
    }
}

fn host(node: Option<&Node>, resource: &Resource, values: &Values, found: &mut Infrastructure) {
    let Some(node) = node else { return };
    let mut thing = Thing::new(Section::IngressHost, values.full(node), "", resource.spot.clone());
    let written = values.written(node);
    thing.aliases.extend((written != thing.name).then_some(written));
    found.things.push(thing);
}

fn thing(resource: &Resource, known: kinds::Kind, values: &Values) -> Thing {
    if known.section != Section::Datastore {
        let (name, aliases) = resource.named(known.property, values);
        return Thing { aliases, ..Thing::new(known.section, name, resource.kind, resource.spot.clone()) };
    }
    let word = resource.get(known.property).map(|node| values.full(node)).filter(|word| !word.contains("${"));
    let word = word.unwrap_or_else(|| known.engine.to_owned());
    let engine = engines::of_word(&word);
    let name = engine.map_or_else(|| word.to_lowercase(), |engine| engine.name.to_owned());
    let mut thing = Thing::new(Section::Datastore, name, "", resource.spot.clone());
    thing.service = Some(resource.id.to_owned());
    thing.aliases.extend(engine.filter(|engine| !engine.alias.is_empty()).map(|engine| engine.alias.to_owned()));
    let table = ["TableName", "DBInstanceIdentifier", "DBClusterIdentifier", "ClusterName"].iter().find_map(|key| resource.get(key));
    thing.aliases.extend(table.map(|node| values.full(node)));
    thing.version = resource.get("EngineVersion").map(|node| values.full(node)).filter(|version| !version.contains("${"));
    thing
}

/// Containers of a task: images, variables, secrets.
fn containers_of(resource: &Resource, values: &Values, found: &mut Infrastructure) {
    let containers = resource.get("ContainerDefinitions").map_or(&[][..], Node::items);
    for container in containers {
        if let Some(image) = container.get("Image") {
            containers::image(&values.full(image), &values.written(image), &resource.spot, None, found);
        }
        for entry in container.items_at(&["Environment"]) {
            if let Some(name) = entry.text_of("Name") {
                found.env.push(set(name, entry.get("Value").and_then(|value| literal(value)).map(str::to_owned), &resource.spot));
            }
        }
        for name in container.items_at(&["Secrets"]).iter().filter_map(|entry| entry.text_of("Name")) {
            found.env.push(set(name, None, &resource.spot));
            found.things.push(Thing::new(Section::Secret, name, "", resource.spot.clone()));
        }
    }
}

fn service(resource: &Resource, values: &Values) -> Service {
    let (name, aliases) = resource.named("ServiceName", values);
    let task = resource.get("TaskDefinition").and_then(|task| values.resource_of(task));
    let containers = task.map_or(&[][..], |task| task.items_at(&["Properties", "ContainerDefinitions"]));
    let port = |mapping: &Node| Some(Port { container: mapping.text_of("ContainerPort")?.parse().ok()?, ..Port::default() });
    let ports = containers.iter().flat_map(|container| container.items_at(&["PortMappings"])).filter_map(port).collect();
    let image = containers.first().and_then(|container| container.get("Image")).map(|image| values.full(image));
    Service {
        name,
        platform: "cloudformation",
        workload: resource.kind.to_owned(),
        image: image.filter(|image| !image.starts_with('$')),
        ports,
        replicas: resource.get("DesiredCount").map(|node| values.full(node)).filter(|count| !count.contains("${")),
        aliases: aliases
            .into_iter()
            .chain(containers.iter().filter_map(|container| container.text_of("Name").map(str::to_owned)))
            .collect(),
        spots: vec![resource.spot.clone()],
        ..Service::default()
    }
}

/// The text of a value that nothing has to be filled into.
fn literal(node: &Node) -> Option<&str> {
    node.text().filter(|_| node.tag.is_empty())
}

/// Secrets that texts take at deployment: `{{resolve:secretsmanager:shop/db:SecretString:password}}`.
fn secrets_in(file: &str, node: &Node, depth: usize, found: &mut Infrastructure) {
    if depth > DEPTH {
        return;
    }
    match &node.value {
        Value::Plain(text) | Value::Quoted(text) => {
            for rest in ["{{resolve:secretsmanager:", "{{resolve:ssm-secure:"].iter().flat_map(|front| text.split(front).skip(1)) {
                let name = rest.split([':', '}']).next().unwrap_or_default();
                let name = if name == "arn" { "" } else { name };
                if !name.is_empty() && !name.contains("${") {
                    found.things.push(Thing::new(Section::Secret, name, "", Spot::new(file, "", node.line)));
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| secrets_in(file, item, depth + 1, found)),
        Value::Map(entries) => entries.iter().for_each(|(_, item)| secrets_in(file, item, depth + 1, found)),
        Value::Null => {}
    }
}
