//! NestJS: microservices, `@nestjs/event-emitter`, `@nestjs/cqrs`, processors of `@nestjs/bullmq`.
//!
//! Read from <https://docs.nestjs.com/microservices/basics>. Transports stand where clients are registered and applications are made;
//! patterns where they are used.

use crate::base::Name;
use crate::base::code::{CallId, ClassId, Expr, FuncId};
use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::importers::Importers;
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Mode, Program, Site, Text};
use crate::facts::shape::Shape;
use crate::frameworks::messages::origin::origins;
use crate::frameworks::messages::{channels, handlers, payload};
use crate::frameworks::script::decorators::{Decor, decorators};

const ID: &str = "script/nest-messages";
const MICROSERVICES: &[&str] = &["@nestjs/microservices"];
const EMITTER: &[&str] = &["@nestjs/event-emitter"];
const CQRS: &[&str] = &["@nestjs/cqrs"];
const QUEUES: &[&str] = &["@nestjs/bullmq", "@nestjs/bull"];

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "NestJS microservices, event emitter, CQRS, queues",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["@nestjs/microservices", "@nestjs/event-emitter", "@nestjs/cqrs", "@nestjs/bullmq", "@nestjs/bull"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (id, function) in (0u32..).zip(&outline.functions) {
        if !function.decorators.is_empty() {
            heard(program, FuncRef { file, id: FuncId(id) }, findings);
        }
    }
    for (id, class) in (0u32..).zip(&outline.classes) {
        if !class.decorators.is_empty() {
            handled(program, ClassRef { file, id: ClassId(id) }, findings);
        }
    }
    for (id, call) in (0u32..).zip(&outline.calls) {
        if call
            .method()
            .is_some_and(|(_, name)| matches!(name.as_str(), "emit" | "send" | "emitAsync" | "publish" | "publishAll" | "execute"))
        {
            sent(program, CallRef { file, id: CallId(id) }, findings);
        }
    }
}

/// Handlers of patterns and of events in the process.
fn heard(program: &dyn Program, function: FuncRef, findings: &mut Findings) {
    let declared = program.function(function);
    let around = program.around(function);
    for decor in decorators(program, &around, &declared.decorators) {
        let (protocol, kind) = match (decor.of(MICROSERVICES), decor.of(EMITTER)) {
            (Some("EventPattern" | "MessagePattern"), _) => (transport_of_application(program, function.file), ChannelKind::Topic),
            (_, Some("OnEvent")) => (Protocol::InProcess, ChannelKind::Signal),
            _ => continue,
        };
        let Some(pattern) = decor.arg(0) else { continue };
        let payload = payload_of(program, function);
        for (channel, aliases) in patterns(program, &decor.site, pattern) {
            findings.events.push(EventFinding {
                framework: ID,
                direction: Direction::Receive,
                protocol,
                kind,
                channel,
                aliases,
                payload: payload.clone(),
                place: Place { file: function.file, symbol: declared.name.clone(), line: declared.at.line },
                doc: declared.doc.clone(),
                ..EventFinding::default()
            });
        }
    }
}

/// What a handler takes: the whole of `@Payload()`, else its first parameter.
fn payload_of(program: &dyn Program, function: FuncRef) -> Option<Shape> {
    let declared = program.function(function);
    let around = program.around(function);
    let mut members = Vec::new();
    for param in &declared.params {
        for decor in decorators(program, &around, &param.decorators) {
            if decor.of(MICROSERVICES) != Some("Payload") {
                continue;
            }
            let shape = program.shape_of_type(&around, &param.ty, Mode::Write);
            match decor.arg(0).and_then(Expr::as_str) {
                // `@Payload("id") id: string`
                Some(member) => members.push(crate::facts::shape::Member::required(member, shape)),
                None => return (!shape.is_any()).then_some(shape),
            }
        }
    }
    if members.is_empty() { handlers::parameter(program, function, 0) } else { Some(Shape::record(members)) }
}

/// The channels a pattern stands for: a text, a constant, `{ cmd: "x" }`, a list of them.
fn patterns(program: &dyn Program, site: &Site, pattern: &Expr) -> Vec<(Text, Vec<Name>)> {
    if let Some(entries) = program.entries(site, pattern) {
        let command = entries.iter().find(|(name, ..)| name == "cmd").or(entries.first());
        return command.map(|(_, value, at)| channels(program, at, value)).unwrap_or_default();
    }
    channels(program, site, pattern)
}

/// Classes that handle: `@EventsHandler(OrderPaid)`, `@Processor("mail")`.
fn handled(program: &dyn Program, class: ClassRef, findings: &mut Findings) {
    let declared = program.class(class);
    for decor in decorators(program, &program.around_class(class), &declared.decorators) {
        match (decor.of(CQRS), decor.of(QUEUES)) {
            (Some("EventsHandler" | "CommandHandler" | "QueryHandler"), _) => {
                for event in decor.args() {
                    let Some(message) = program.resolve(&decor.site, event).class() else { continue };
                    findings.events.push(EventFinding {
                        place: place_of(program, class, "handle"),
                        ..in_process(program, message, Direction::Receive)
                    });
                }
            }
            (_, Some("Processor")) => findings.events.extend(processed(program, class, &decor)),
            _ => {}
        }
    }
}

/// A message of a bus in the process, named by its class.
fn in_process(program: &dyn Program, message: ClassRef, direction: Direction) -> EventFinding {
    let name = &program.class(message).name;
    EventFinding {
        framework: ID,
        direction,
        protocol: Protocol::InProcess,
        kind: ChannelKind::Signal,
        channel: Text::known(name),
        message: name.clone(),
        payload: Some(program.shape_of_class(message, Vec::new(), Mode::Write)),
        ..EventFinding::default()
    }
}

fn place_of(program: &dyn Program, class: ClassRef, method: &str) -> Place {
    let at = program.method(class, method).map_or(program.class(class).at, |method| program.function(method).at);
    Place { file: class.file, symbol: program.class(class).name.clone(), line: at.line }
}

/// The jobs of a queue: `process(job: Job<Mail>)` of a worker host, `@Process("welcome")` methods.
fn processed(program: &dyn Program, class: ClassRef, decor: &Decor) -> Vec<EventFinding> {
    let Some(queue) = decor.arg(0) else { return Vec::new() };
    let named = match decor.option(program, 0, "name") {
        Some((name, at)) => channels(program, &at, name),
        None => channels(program, &decor.site, queue),
    };
    let methods = program.methods(class);
    let of_job = |function: &FuncRef| {
        let declared = program.function(*function);
        let found = decorators(program, &program.around(*function), &declared.decorators);
        declared.name == "process" || found.iter().any(|decor| decor.of(QUEUES) == Some("Process"))
    };
    let jobs: Vec<FuncRef> = methods.into_iter().filter(of_job).collect();
    let mut found = Vec::new();
    for (channel, aliases) in named {
        for job in &jobs {
            let declared = program.function(*job);
            let message = decorators(program, &program.around(*job), &declared.decorators)
                .iter()
                .find_map(|decor| decor.arg(0).and_then(|name| program.text(&decor.site, name).plain()));
            found.push(EventFinding {
                framework: ID,
                direction: Direction::Receive,
                protocol: Protocol::Redis,
                kind: ChannelKind::Queue,
                channel: channel.clone(),
                aliases: aliases.clone(),
                message: message.unwrap_or_default().into(),
                payload: handlers::parameter(program, *job, 0),
                place: Place {
                    file: class.file,
                    symbol: format!("{}.{}", program.class(class).name, declared.name).into(),
                    line: declared.at.line,
                },
                ..EventFinding::default()
            });
        }
    }
    found
}

/// Calls that send: of clients, emitters and buses.
fn sent(program: &dyn Program, reference: CallRef, findings: &mut Findings) {
    let call = program.call(reference);
    let site = Site::of_call(reference.file, call);
    let Some((receiver, method)) = call.method() else { return };
    for origin in origins(program, &site, receiver, &[]) {
        let place = sender(program, reference);
        match (origin.path.trim_end_matches("()"), method.as_str()) {
            (
                "@nestjs/microservices.ClientProxy"
                | "@nestjs/microservices.ClientKafka"
                | "@nestjs/microservices.ClientKafkaProxy"
                | "@nestjs/microservices.ClientRMQ"
                | "@nestjs/microservices.ClientRedis",
                "emit" | "send",
            ) => {
                let (Some(pattern), body) = (call.positional(0), call.positional(1)) else { continue };
                let protocol = transport_of_client(program, &site, receiver, &origin.path);
                let by_type = || {
                    let ty = call.type_args.get(1)?;
                    let shape = program.shape_of_type(&site, ty, Mode::Write);
                    (!shape.is_any()).then_some(shape)
                };
                for at in program.instances(&site, &[pattern]) {
                    for (channel, aliases) in patterns(program, &at, pattern) {
                        let payload = body.and_then(|body| payload::of_value(program, &at, body)).or_else(by_type);
                        let message = body.and_then(|body| payload::class_name(program, &at, body)).unwrap_or_default();
                        findings.events.push(EventFinding {
                            framework: ID,
                            protocol,
                            channel,
                            aliases,
                            payload,
                            message,
                            place: place.clone(),
                            ..EventFinding::default()
                        });
                    }
                }
            }
            ("@nestjs/event-emitter.EventEmitter2" | "eventemitter2.EventEmitter2", "emit" | "emitAsync") => {
                let Some(name) = call.positional(0) else { continue };
                for (channel, aliases) in channels(program, &site, name) {
                    findings.events.push(EventFinding {
                        framework: ID,
                        protocol: Protocol::InProcess,
                        kind: ChannelKind::Signal,
                        channel,
                        aliases,
                        payload: call.positional(1).and_then(|body| payload::of_value(program, &site, body)),
                        place: place.clone(),
                        ..EventFinding::default()
                    });
                }
            }
            ("@nestjs/cqrs.EventBus", "publish" | "publishAll") | ("@nestjs/cqrs.CommandBus" | "@nestjs/cqrs.QueryBus", "execute") => {
                let Some(value) = call.positional(0) else { continue };
                let values = program.items(&site, value).unwrap_or_else(|| vec![(value, site.clone())]);
                for (value, at) in values {
                    if let Some(message) = program.class_of(&at, value) {
                        findings.events.push(EventFinding { place: place.clone(), ..in_process(program, message, Direction::Send) });
                    }
                }
            }
            _ => continue,
        }
        return;
    }
}

fn sender(program: &dyn Program, call: CallRef) -> Place {
    let made = program.call(call);
    let outline = &program.file(call.file).outline;
    let around = outline.function_around(made.scope).map(|function| outline.function(function).name.clone());
    Place { file: call.file, symbol: around.unwrap_or_default(), line: made.at.line }
}

/// The transport that a client's token is registered with; a client's own class may tell it.
fn transport_of_client(program: &dyn Program, site: &Site, receiver: &Expr, path: &str) -> Protocol {
    match path.rsplit('.').next().unwrap_or_default().trim_end_matches("()") {
        "ClientKafka" | "ClientKafkaProxy" => return Protocol::Kafka,
        "ClientRMQ" => return Protocol::Amqp,
        "ClientRedis" => return Protocol::Redis,
        _ => {}
    }
    let Some(token) = token_of(program, site, receiver) else { return Protocol::Unknown };
    for &file in Importers::of(program).importing(MICROSERVICES[0]).iter().filter(|file| imports(program, **file)) {
        for call in &program.file(file).outline.calls {
            let at = Site::of_call(file, call);
            for arg in &call.args {
                if let Some(protocol) = registered(program, &at, &arg.value, &token) {
                    return protocol;
                }
            }
        }
    }
    Protocol::Unknown
}

/// Among registered clients the one with this token.
fn registered(program: &dyn Program, site: &Site, value: &Expr, token: &str) -> Option<Protocol> {
    let clients = match value {
        Expr::List(_) => program.items(site, value)?,
        Expr::Object(_) => vec![(value, site.clone())],
        _ => return None,
    };
    clients.into_iter().find_map(|(client, at)| {
        let entries = program.entries(&at, client)?;
        let member = |name: &str| entries.iter().find(|(key, ..)| key == name);
        let (_, name, at) = member("name")?;
        if program.text(at, name).template().0 != token {
            return None;
        }
        if let Some((_, transport, at)) = member("transport") {
            return transport_of(program, at, transport);
        }
        // `useFactory: (config) => ({ transport: … })`
        let (_, factory, at) = member("useFactory")?;
        let function = program.produce(at, factory).function()?;
        let facts = program.file(function.file);
        facts.returns_of(function.id).iter().find_map(|index| {
            let returned = facts.outline.returns.get(*index as usize)?;
            let at = Site { file: function.file, scope: returned.scope, offset: returned.at.offset, env: None };
            let (_, transport, at) = program.entries(&at, &returned.value)?.into_iter().find(|(name, ..)| name == "transport")?;
            transport_of(program, &at, transport)
        })
    })
}

fn transport_of(program: &dyn Program, site: &Site, value: &Expr) -> Option<Protocol> {
    let name = match program.resolve(site, value) {
        Meaning::Outside(path) => path.rsplit('.').next().unwrap_or_default().to_owned(),
        _ => value.last_name()?.to_string(),
    };
    Some(match name.as_str() {
        "KAFKA" => Protocol::Kafka,
        "RMQ" => Protocol::Amqp,
        "NATS" => Protocol::Nats,
        "REDIS" => Protocol::Redis,
        "MQTT" => Protocol::Mqtt,
        "TCP" => Protocol::Tcp,
        "GRPC" => Protocol::Grpc,
        _ => return None,
    })
}

/// The token a field or parameter is injected by: `@Inject("ORDERS") private orders: ClientProxy`.
fn token_of(program: &dyn Program, site: &Site, receiver: &Expr) -> Option<String> {
    let Expr::Member(_, name) = receiver else { return None };
    let outline = &program.file(site.file).outline;
    let params = outline.functions.iter().flat_map(|function| &function.params).filter(|param| param.name() == Some(name));
    let fields = outline.classes.iter().flat_map(|class| &class.fields).filter(|field| field.name == *name);
    let decorators = params.flat_map(|param| &param.decorators).chain(fields.flat_map(|field| &field.decorators));
    decorators.into_iter().find_map(|written| {
        let Expr::Call(id) = written else { return None };
        let call = outline.call(*id);
        let is_inject = call.callee.last_name().is_some_and(|name| name == "Inject");
        let token = is_inject.then(|| call.positional(0)).flatten()?;
        Some(program.text(&Site::of_call(site.file, call), token).template().0)
    })
}

/// The transport of the application whose folder is nearest to a file; the only one when there is one.
fn transport_of_application(program: &dyn Program, file: FileId) -> Protocol {
    let mut found: Vec<(FileId, Protocol)> = Vec::new();
    for &other in Importers::of(program).importing(MICROSERVICES[0]).iter().filter(|other| imports(program, **other)) {
        let outline = &program.file(other).outline;
        for call in outline
            .calls
            .iter()
            .filter(|call| call.method().is_some_and(|(_, name)| matches!(name.as_str(), "connectMicroservice" | "createMicroservice")))
        {
            let site = Site::of_call(other, call);
            let transports =
                call.args.iter().filter_map(|arg| program.entries(&site, &arg.value)).flatten().filter(|(name, ..)| name == "transport");
            found.extend(transports.filter_map(|(_, value, at)| Some((other, transport_of(program, &at, value)?))));
        }
    }
    let path = program.path(file);
    let near = |other: &FileId| path.split('/').zip(program.path(*other).split('/')).take_while(|(a, b)| a == b).count();
    found.iter().max_by_key(|(other, _)| near(other)).map_or(Protocol::Unknown, |(_, protocol)| *protocol)
}

fn imports(program: &dyn Program, file: FileId) -> bool {
    program.file(file).language.is_script() && program.file(file).outline.imports.iter().any(|import| import.module == MICROSERVICES[0])
}
