//! Moleculer: the events of services, and what contexts and brokers emit. Services are plain objects that need no import.
//! Read from <https://moleculer.services/docs/0.14/events.html>.

use crate::base::Name;
use crate::base::code::{CallId, ExportTarget, Expr};
use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site, Text};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::messages::origin::origins;
use crate::frameworks::messages::{channels, envelopes, handlers, payload, places};

const ID: &str = "script/moleculer";
const BROKERS: &[&str] = &[
    "moleculer.ServiceBroker()",
    "moleculer.Context()",
    "moleculer.Service().broker",
    "moleculer.default.ServiceBroker()",
    "moleculer.default.Context()",
];
const SENDS: &[&str] = &["emit", "broadcast", "broadcastLocal", "emitWithAck"];

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "Moleculer",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["moleculer"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let services = services(program, file);
    for (value, site) in &services {
        for (name, events, at) in program.entries(site, value).unwrap_or_default() {
            if name == "events" {
                for (event, handled, at) in program.entries(&at, events).unwrap_or_default() {
                    heard(program, event, handled, &at, findings);
                }
            }
        }
    }
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        if call.method().is_some_and(|(_, name)| SENDS.contains(&name.as_str())) {
            sent(program, CallRef { file, id: CallId(id) }, !services.is_empty(), findings);
        }
    }
}

/// Objects that are services: what is exported, kept or made into one, with a name and with events or actions.
fn services(program: &dyn Program, file: FileId) -> Vec<(&Expr, Site)> {
    let outline = &program.file(file).outline;
    let exported = outline.exports.iter().filter_map(|export| match &export.target {
        ExportTarget::Value(value) => Some((value, Site::module(file))),
        _ => None,
    });
    let kept = outline.assigns.iter().map(|assign| (&assign.value, Site::of_scope(file, assign.scope)));
    let made = outline.calls.iter().flat_map(|call| call.args.iter().map(move |arg| (&arg.value, Site::of_call(file, call))));
    let mut found: Vec<(&Expr, Site)> = Vec::new();
    for (value, site) in exported.chain(kept).chain(made) {
        let value = match value {
            Expr::Cast(pair) => &pair.0,
            other => other,
        };
        let Expr::Object(_) = value else { continue };
        if is_service(program, &site, value) && !found.iter().any(|(known, _)| std::ptr::eq(*known, value)) {
            found.push((value, site));
        }
    }
    found
}

fn is_service(program: &dyn Program, site: &Site, value: &Expr) -> bool {
    let entries = program.entries(site, value).unwrap_or_default();
    let has = |key: &str| entries.iter().any(|(name, ..)| name == key);
    has("name") && (has("events") || has("actions"))
}

/// `"order.paid"(ctx) { … }`, `"order.paid": { params, handler(ctx) { … } }`.
fn heard(program: &dyn Program, event: Name, handled: &Expr, site: &Site, findings: &mut Findings) {
    let (mut function, mut params) = (program.produce(site, handled).function(), None);
    if function.is_none() {
        for (name, value, at) in program.entries(site, handled).unwrap_or_default() {
            match name.as_str() {
                "handler" => function = program.produce(&at, value).function(),
                "params" => params = validated(program, &at, value),
                _ => {}
            }
        }
    }
    let Some(function) = function else { return };
    if event.starts_with('$') {
        return;
    }
    let declared = program.function(function);
    let place = Place { symbol: event.clone(), ..places::of_function(program, function) };
    let takes_context =
        matches!(declared.params.first().and_then(|param| param.name()), Some(name) if matches!(name.as_str(), "ctx" | "context"));
    let payload = params.or_else(|| envelopes::inside(program, function, 0, &["params"]));
    let payload = payload.or_else(|| if takes_context { None } else { handlers::parameter(program, function, 0) });
    findings.events.push(EventFinding { payload, place, doc: declared.doc.clone(), ..finding(Direction::Receive, Text::known(&event)) });
}

/// The names that a validator's schema asks for.
fn validated(program: &dyn Program, site: &Site, schema: &Expr) -> Option<Shape> {
    let entries = program.entries(site, schema)?;
    let named = entries.into_iter().filter(|(name, ..)| !name.starts_with("$$"));
    let members: Vec<Member> = named.map(|(name, ..)| Member::required(name, Shape::Any)).collect();
    (!members.is_empty()).then(|| Shape::record(members))
}

/// `ctx.emit("order.paid", { id })`, `this.broker.broadcast("order.paid", …)`.
fn sent(program: &dyn Program, reference: CallRef, is_service: bool, findings: &mut Findings) {
    let call = program.call(reference);
    let (Some((receiver, _)), Some(name)) = (call.method(), call.positional(0)) else { return };
    let site = Site::of_call(reference.file, call);
    let is_broker = || origins(program, &site, receiver, &[]).iter().any(|origin| BROKERS.contains(&origin.path.as_str()));
    let sends = is_service && is_own(program, &site, receiver) || is_broker();
    if !sends {
        return;
    }
    let given: Vec<&Expr> = call.args.iter().map(|arg| &arg.value).collect();
    for at in program.instances(&site, &given) {
        for (channel, aliases) in channels(program, &at, name) {
            let payload = call.positional(1).and_then(|value| payload::of_value(program, &at, value));
            let place = places::of_call(program, reference);
            findings.events.push(EventFinding { aliases, payload, place, ..finding(Direction::Send, channel) });
        }
    }
}

/// In a service's file: the context that a handler takes, the service's broker.
fn is_own(program: &dyn Program, site: &Site, receiver: &Expr) -> bool {
    match receiver {
        Expr::Ref(name) if matches!(name.as_str(), "ctx" | "context") => {
            matches!(program.resolve(site, receiver), Meaning::Param(..))
        }
        Expr::Ref(name) => name == "broker",
        Expr::Member(of, name) => {
            name == "broker" && matches!(&**of, Expr::Ref(root) if matches!(root.as_str(), "this" | "ctx" | "service"))
        }
        _ => false,
    }
}

fn finding(direction: Direction, channel: Text) -> EventFinding {
    EventFinding { framework: ID, direction, protocol: Protocol::Moleculer, kind: ChannelKind::Topic, channel, ..EventFinding::default() }
}
