//! Infrastructure as program code: constructs of the AWS CDK and resources of Pulumi, whatever the language.
//!
//! A call counts by the library symbol it leads to: the last module on its way names the service, the class the resource.

mod kinds;

use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::infrastructure::{
    CloudResource, EnvAccess, EnvUse, Function, Image, Infrastructure, Schedule, Section, Service, Spot, Thing, Variable,
};
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site, TextPart};

/// What tells one library from another.
pub struct Library {
    /// How the modules that it is imported from begin.
    pub fronts: &'static [&'static str],
    /// How many arguments stand before the name of a resource.
    pub before: usize,
    /// The type of a resource, from its path in the library, its service and its class.
    pub kind: fn(&str, &str, &str) -> String,
}

/// One resource that the code makes.
struct Made<'p> {
    program: &'p dyn Program,
    call: &'p Call,
    site: Site,
    is_script: bool,
    id: String,
    spot: Spot,
}

/// Finds what one file makes.
pub fn read(program: &dyn Program, file: FileId, library: &Library, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let is_of = |module: &Name| library.fronts.iter().any(|front| module.starts_with(front.trim_end_matches('.')));
    if !outline.imports.iter().any(|import| is_of(&import.module)) {
        return;
    }
    let is_script = program.file(file).language != Language::Python;
    for (index, call) in (0u32..).zip(&outline.calls) {
        let last = match &call.callee {
            Expr::Member(_, name) | Expr::Ref(name) => name,
            _ => continue,
        };
        if !last.starts_with(char::is_uppercase) {
            continue;
        }
        let Meaning::Outside(path) = program.callee(CallRef { file, id: crate::base::code::CallId(index) }) else { continue };
        let Some((rest, service, class)) = parts_of(&path, library) else { continue };
        let site = Site::of_call(file, call);
        let id = call.positional(library.before).map(|expr| text(program, &site, expr)).unwrap_or_default();
        if id.is_empty() {
            continue;
        }
        let spot = Spot::new(program.path(file), id.as_str(), call.at.line);
        let made = Made { program, call, site, is_script, id, spot };
        found(&made, service, class, (library.kind)(rest, service, class), &mut findings.infrastructure);
    }
}

/// `aws-cdk-lib/aws-sqs.Queue`, `aws_cdk.aws_sqs.Queue`, `@pulumi/aws.sqs.Queue` → `sqs`, `Queue`.
fn parts_of<'n>(path: &'n str, library: &Library) -> Option<(&'n str, &'n str, &'n str)> {
    let rest = library.fronts.iter().find_map(|front| path.strip_prefix(front))?;
    let (modules, class) = rest.rsplit_once('.')?;
    let service = modules.rsplit(['/', '.']).find(|part| !part.is_empty() && !is_version(part)).unwrap_or_default();
    let service = service.trim_start_matches("aws-").trim_start_matches("aws_");
    Some((rest, service, class))
}

/// `v1`, `v1beta1`: a version inside a path.
fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// `AWS::SQS::Queue` of `sqs` and `Queue`, `CfnQueue`.
pub fn of_cdk(_path: &str, service: &str, class: &str) -> String {
    let service = service.split(['-', '_']).next().unwrap_or(service);
    let known = [
        ("apigateway", "ApiGateway"),
        ("apigatewayv2", "ApiGatewayV2"),
        ("certificatemanager", "CertificateManager"),
        ("cloudfront", "CloudFront"),
        ("cloudwatch", "CloudWatch"),
        ("cognito", "Cognito"),
        ("dynamodb", "DynamoDB"),
        ("elasticache", "ElastiCache"),
        ("elasticloadbalancingv2", "ElasticLoadBalancingV2"),
        ("events", "Events"),
        ("kinesis", "Kinesis"),
        ("lambda", "Lambda"),
        ("logs", "Logs"),
        ("opensearchservice", "OpenSearchService"),
        ("route53", "Route53"),
        ("scheduler", "Scheduler"),
        ("secretsmanager", "SecretsManager"),
        ("stepfunctions", "StepFunctions"),
        ("docdb", "DocDB"),
    ];
    let name = known.iter().find(|(key, _)| *key == service).map_or_else(|| service.to_uppercase(), |(_, name)| (*name).to_owned());
    let class = match class.strip_prefix("Cfn").unwrap_or(class) {
        "DatabaseInstance" => "DBInstance",
        "DatabaseCluster" | "ServerlessCluster" => "DBCluster",
        "NodejsFunction" | "PythonFunction" | "DockerImageFunction" => "Function",
        "FargateService" | "Ec2Service" => "Service",
        "FargateTaskDefinition" | "Ec2TaskDefinition" => "TaskDefinition",
        "TableV2" => "GlobalTable",
        class => class,
    };
    format!("AWS::{name}::{class}")
}

/// `aws.sqs.Queue`.
pub fn of_pulumi(path: &str, _service: &str, _class: &str) -> String {
    path.replace('/', ".")
}

/// A text whose holes stand as `${name}`.
fn text(program: &dyn Program, site: &Site, expr: &Expr) -> String {
    let part = |part: TextPart| match part {
        TextPart::Known(text) => text.to_string(),
        TextPart::Hole(why) => format!("${{{why}}}"),
    };
    program.text(site, expr).0.into_iter().map(part).collect()
}

impl<'p> Made<'p> {
    /// A property, by its name in camel case: of the last object, or of a keyword in snake case.
    fn get(&self, name: &str) -> Option<(&'p Expr, Site)> {
        if !self.is_script {
            let snake = crate::base::case::snake(name);
            return Some((self.call.keyword(&snake)?, self.site.clone()));
        }
        let object = self.call.args.iter().rev().map(|arg| &arg.value).find(|value| !matches!(value, Expr::Str(_)))?;
        let entries = self.program.entries(&self.site, object)?;
        entries.into_iter().find(|(key, ..)| key == name).map(|(_, expr, site)| (expr, site))
    }

    fn text(&self, names: &[&str]) -> Option<String> {
        let (expr, site) = names.iter().find_map(|name| self.get(name))?;
        Some(text(self.program, &site, expr)).filter(|text| !text.is_empty())
    }

    /// The name that a property gives, known or not; the construct's own is another.
    fn named(&self, names: &[&str]) -> (String, Vec<String>) {
        match self.text(names) {
            Some(name) if !is_unknown(&name) => {
                let aliases = if name == self.id { Vec::new() } else { vec![self.id.clone()] };
                (name, aliases)
            }
            _ => (self.id.clone(), Vec::new()),
        }
    }
}

fn found(made: &Made, service: &str, class: &str, kind: String, found: &mut Infrastructure) {
    match class {
        "CfnOutput" => return found.things.push(Thing::new(Section::Output, made.id.as_str(), "", made.spot.clone())),
        "CfnParameter" => return found.variables.push(parameter(made)),
        _ if service == "pulumi" || kind.is_empty() || is_no_resource(class) => return,
        _ => {}
    }
    let spots = vec![made.spot.clone()];
    // A library of several clouds names them first: `aws.sqs.Queue`.
    if let Some((cloud, _)) = kind.split_once('.') {
        found
            .things
            .push(Thing { is_implied: true, ..Thing::new(Section::Provider, cloud, "", Spot::new(made.spot.file.as_str(), "", 0)) });
    }
    found.resources.push(CloudResource { kind: kind.clone(), name: made.id.clone(), spots: spots.clone(), ..CloudResource::default() });
    if let Some(known) = kinds::of(service, class) {
        found.things.push(thing(made, &known, &kind));
    }
    match class {
        _ if kinds::is_function(service, class) => {
            let (name, aliases) = made.named(&["functionName", "name"]);
            let runtime = made.get("runtime").and_then(|(expr, _)| member_of(expr)).or_else(|| made.text(&["runtime"]));
            let runtime = runtime.filter(|runtime| !runtime.starts_with("${"));
            let handler = made.text(&["handler"]).filter(|handler| !handler.starts_with("${"));
            found.functions.push(Function { name, runtime, handler, aliases, spots, ..Function::default() });
        }
        "Rule" | "Schedule" | "EventRule" | "CronJob" => schedule(made, found),
        _ if kinds::is_service(service, class) => {
            let (name, aliases) = made.named(&["serviceName", "name"]);
            let workload = kind;
            let replicas = made.text(&["desiredCount"]).filter(|count| !count.starts_with("${"));
            found.services.push(Service { name, platform: "cloud", workload, replicas, aliases, spots, ..Service::default() });
        }
        _ => {}
    }
    variables(made, found);
    image(made, found);
}

/// Whether a text is one hole and nothing else.
fn is_unknown(text: &str) -> bool {
    text.strip_prefix("${").is_some_and(|rest| rest.find('}') == Some(rest.len() - 1))
}

/// Classes that only describe.
fn is_no_resource(class: &str) -> bool {
    matches!(
        class,
        "App" | "Stack" | "Stage" | "Construct" | "Config" | "StackReference" | "ComponentResource" | "CfnOutput" | "Tags" | "NestedStack"
    ) || class.ends_with("Props")
        || class.ends_with("Args")
        || class.ends_with("Target")
        || class.ends_with("EventSource")
        || class.ends_with("Subscription") && class != "Subscription"
}

fn parameter(made: &Made) -> Variable {
    let default = made.text(&["default"]).filter(|default| !default.contains("${"));
    Variable {
        name: made.id.clone(),
        kind: made.text(&["type"]).unwrap_or_default(),
        is_required: made.get("default").is_none(),
        is_sensitive: matches!(made.get("noEcho"), Some((Expr::Bool(true), _))),
        default,
        description: made.text(&["description"]).unwrap_or_default(),
        spots: vec![made.spot.clone()],
    }
}

/// `python3.12` of `lambda.Runtime.PYTHON_3_12`.
fn member_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Member(_, name) if name.chars().all(|c| !c.is_ascii_lowercase()) => {
            let (language, version) = name.split_once('_').unwrap_or((name, ""));
            Some(format!("{}{}", language.to_lowercase(), version.to_lowercase().replace('_', ".")))
        }
        _ => None,
    }
}

fn thing(made: &Made, known: &kinds::Kind, kind: &str) -> Thing {
    if known.section != Section::Datastore {
        let (name, aliases) = made.named(known.names);
        return Thing { aliases, ..Thing::new(known.section, name, kind, made.spot.clone()) };
    }
    let asked = made.get("engine").and_then(|(expr, site)| engine_of(made.program, &site, expr));
    let mut thing = Thing::new(Section::Datastore, asked.as_deref().unwrap_or(known.engine), "", made.spot.clone());
    thing.service = Some(made.id.clone());
    thing.aliases.extend(made.text(known.names).filter(|name| !name.starts_with("${")));
    thing
}

/// `postgres` of `"postgres"`, and of `rds.DatabaseInstanceEngine.postgres({ version })`.
fn engine_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<String> {
    let word = match expr {
        Expr::Call(id) => match &program.file(site.file).outline.call(*id).callee {
            Expr::Member(_, name) => name.to_string(),
            _ => return None,
        },
        Expr::Member(_, name) => name.to_string(),
        other => text(program, site, other),
    };
    let word = word.to_lowercase().replace("aurora_", "").replace("aurora-", "").replace("aurora", "");
    let word = if word.starts_with("postgres") { "postgres" } else { &word };
    (!word.is_empty() && !word.contains("${")).then(|| word.to_owned())
}

/// `schedule: events.Schedule.rate(Duration.hours(1))`, `scheduleExpression: "rate(1 hour)"`.
fn schedule(made: &Made, found: &mut Infrastructure) {
    let when = made.text(&["scheduleExpression"]).or_else(|| {
        let (expr, site) = made.get("schedule")?;
        match expr {
            Expr::Call(id) => told(made.program, &site, made.program.file(site.file).outline.call(*id)),
            other => Some(text(made.program, &site, other)),
        }
    });
    let Some(when) = when.filter(|when| !when.is_empty()) else { return };
    let (name, aliases) = made.named(&["ruleName", "name"]);
    found.schedules.push(Schedule { name, schedule: when, target: None, aliases, spots: vec![made.spot.clone()] });
}

/// A schedule as a call says it.
fn told(program: &dyn Program, site: &Site, call: &Call) -> Option<String> {
    let Expr::Member(_, name) = &call.callee else { return None };
    match name.as_str() {
        "expression" => call.positional(0).map(|expr| text(program, site, expr)),
        "cron" => {
            let field = |key: &str| {
                let entry = call.positional(0).and_then(|object| program.entries(site, object));
                let of_object = entry.and_then(|entries| entries.into_iter().find(|(known, ..)| known == key));
                let value = of_object.map(|(_, expr, site)| text(program, &site, expr));
                let value = value.or_else(|| call.keyword(&crate::base::case::snake(key)).map(|expr| text(program, site, expr)));
                value.filter(|text| !text.is_empty())
            };
            let any = |key: &str| field(key).unwrap_or_else(|| "*".into());
            let day = if field("weekDay").is_some() { "?".to_owned() } else { any("day") };
            let week_day = field("weekDay").unwrap_or_else(|| "?".into());
            Some(format!("cron({} {} {day} {} {week_day} {})", any("minute"), any("hour"), any("month"), any("year")))
        }
        "rate" => {
            let Some(Expr::Call(id)) = call.positional(0) else { return None };
            let duration = program.file(site.file).outline.call(*id);
            let Expr::Member(_, unit) = &duration.callee else { return None };
            let Some(Expr::Int(count)) = duration.positional(0) else { return None };
            let unit = unit.trim_end_matches('s');
            Some(format!("rate({count} {unit}{})", if *count == 1 { "" } else { "s" }))
        }
        _ => None,
    }
}

/// `environment: { NAME: value }`, `environment: { variables: { … } }`.
fn variables(made: &Made, found: &mut Infrastructure) {
    let Some((expr, site)) = made.get("environment") else { return };
    let Some(entries) = made.program.entries(&site, expr) else { return };
    let nested = entries.iter().find(|(key, ..)| key == "variables").and_then(|(_, expr, site)| made.program.entries(site, expr));
    for (name, expr, site) in nested.unwrap_or(entries) {
        let is_name = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if is_name {
            let value = Some(text(made.program, &site, expr)).filter(|value| !value.contains("${"));
            found.env.push(EnvUse { name: name.to_string(), access: EnvAccess::Set(value), spot: made.spot.clone(), ..EnvUse::default() });
        }
    }
}

/// `image: "nginx:1"`, `image: ecs.ContainerImage.fromRegistry("nginx:1")`.
fn image(made: &Made, found: &mut Infrastructure) {
    let Some((expr, site)) = made.get("image") else { return };
    let name = match expr {
        Expr::Call(id) => {
            let call = made.program.file(site.file).outline.call(*id);
            let is_registry = matches!(&call.callee, Expr::Member(_, name) if matches!(name.as_str(), "fromRegistry" | "from_registry"));
            call.positional(0).filter(|_| is_registry).map(|expr| text(made.program, &site, expr))
        }
        other => Some(text(made.program, &site, other)),
    };
    if let Some(name) = name.filter(|name| !name.is_empty() && !name.starts_with("${")) {
        found.images.push(Image { name, spots: vec![made.spot.clone()], ..Image::default() });
    }
}

/// `config.require("name")` and its like: inputs of a Pulumi program.
pub fn config(program: &dyn Program, file: FileId, fronts: &[&str], findings: &mut Findings) {
    let outline = &program.file(file).outline;
    if !outline.imports.iter().any(|import| fronts.iter().any(|front| import.module.starts_with(front))) {
        return;
    }
    for call in &outline.calls {
        let Expr::Member(object, name) = &call.callee else { continue };
        let plain = name.to_lowercase().replace('_', "");
        let is_asked = plain.starts_with("require") || plain.starts_with("get");
        let is_known = matches!(
            plain.trim_start_matches("require").trim_start_matches("get"),
            "" | "secret" | "int" | "bool" | "boolean" | "number" | "object" | "float" | "secretobject"
        );
        let site = Site::of_call(file, call);
        if is_exported(program, &site, call, &mut findings.infrastructure) || !is_asked || !is_known || !is_config(program, &site, object) {
            continue;
        }
        let Some(key) = call.positional(0).and_then(|expr| program.text(&site, expr).plain()).filter(|key| !key.is_empty()) else {
            continue;
        };
        let is_secret = plain.contains("secret");
        let spot = Spot::new(program.path(file), key.as_str(), call.at.line);
        if is_secret {
            findings.infrastructure.things.push(Thing::new(Section::Secret, key.as_str(), "pulumi config", spot.clone()));
        }
        findings.infrastructure.variables.push(Variable {
            name: key,
            is_required: plain.starts_with("require"),
            is_sensitive: is_secret,
            spots: vec![spot],
            ..Variable::default()
        });
    }
}

/// `pulumi.export("url", …)`: an output.
fn is_exported(program: &dyn Program, site: &Site, call: &Call, found: &mut Infrastructure) -> bool {
    if !matches!(&call.callee, Expr::Member(_, name) if name == "export") {
        return false;
    }
    let Some(name) = call.positional(0).and_then(|expr| program.text(site, expr).plain()).filter(|name| !name.is_empty()) else {
        return false;
    };
    let is_ours = program.resolve(site, &call.callee).outside().is_some_and(|path| path == "pulumi.export");
    if is_ours {
        found.things.push(Thing::new(Section::Output, name.as_str(), "", Spot::new(program.path(site.file), name.as_str(), call.at.line)));
    }
    is_ours
}

fn is_config(program: &dyn Program, site: &Site, object: &Expr) -> bool {
    let meaning = program.resolve(site, object);
    let Some((call, _)) = meaning.call() else { return false };
    program.callee(call).outside().is_some_and(|path| matches!(path, "@pulumi/pulumi.Config" | "pulumi.Config"))
}
