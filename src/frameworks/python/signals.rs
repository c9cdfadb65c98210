//! Signals of Django and Blinker: events within one process. A signal is named by the text it is made with, else by its variable.
//!
//! Read from <https://docs.djangoproject.com/en/stable/topics/signals/> and <https://blinker.readthedocs.io>.

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, FuncId, Pattern};
use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Mode, Program, Site, Text};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::messages::handlers;

const ID: &str = "python/signals";

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "Django signals, Blinker",
    languages: &[Language::Python],
    modules: &["django.dispatch", "django.db.models.signals", "django.core.signals", "blinker"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

const CLASSES: &[&str] =
    &["django.dispatch.Signal", "django.dispatch.dispatcher.Signal", "django.db.models.signals.ModelSignal", "blinker.Signal"];
/// Calls that give a signal by its name.
const NAMED: &[&str] = &["blinker.signal", "blinker.base.signal", "blinker.Namespace().signal"];
/// Modules whose members are signals that Django itself sends.
const BUILT_IN: &[&str] = &[
    "django.db.models.signals.",
    "django.core.signals.",
    "django.contrib.auth.signals.",
    "django.test.signals.",
    "django.db.backends.signals.",
];
const SENDS: &[&str] = &["send", "send_robust", "asend", "asend_robust", "send_event", "send_async"];

/// A signal.
struct Signal {
    name: Text,
    payload: Option<Shape>,
    is_built_in: bool,
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for assign in &outline.assigns {
        if let (Pattern::Name(name), Expr::Call(id)) = (&assign.target, &assign.value) {
            let call = CallRef { file, id: *id };
            if is_made(program, call) {
                let signal = of_call(program, call);
                let place = Place { file, symbol: name.clone(), line: assign.at.line };
                // Whoever declares a signal promises to send it.
                findings.events.push(EventFinding { is_implied: true, doc: assign.doc.clone(), ..event(&signal, Direction::Send, place) });
            }
        }
    }
    for (id, call) in (0u32..).zip(&outline.calls) {
        let Some((receiver, method)) = call.method() else { continue };
        let site = Site::of_call(file, call);
        let is_sent = SENDS.contains(&method.as_str());
        if !is_sent && method != "connect" {
            continue;
        }
        let Some(signal) = of_value(program, &site, receiver) else { continue };
        let place = Place { file, symbol: around(program, CallRef { file, id: CallId(id) }), line: call.at.line };
        if is_sent && !signal.is_built_in {
            let payload = sent(program, &site, call).or_else(|| signal.payload.clone());
            findings.events.push(EventFinding { payload, ..event(&signal, Direction::Send, place) });
        } else if method == "connect" {
            let handler = call.arg(0, "receiver").and_then(|value| program.produce(&site, value).function());
            let place = handler.map_or(place, |handler| place_of(program, handler));
            let payload = handler.and_then(|handler| heard(program, handler)).or_else(|| signal.payload.clone());
            findings.events.push(EventFinding { payload, ..event(&signal, Direction::Receive, place) });
        }
    }
    for (id, function) in (0u32..).zip(&outline.functions) {
        for decorator in &function.decorators {
            let handler = FuncRef { file, id: FuncId(id) };
            for signal in decorated(program, handler, decorator) {
                let payload = heard(program, handler).or_else(|| signal.payload.clone());
                let place = place_of(program, handler);
                findings.events.push(EventFinding { payload, doc: function.doc.clone(), ..event(&signal, Direction::Receive, place) });
            }
        }
    }
}

fn event(signal: &Signal, direction: Direction, place: Place) -> EventFinding {
    EventFinding {
        framework: ID,
        direction,
        protocol: Protocol::InProcess,
        kind: ChannelKind::Signal,
        channel: signal.name.clone(),
        payload: signal.payload.clone(),
        place,
        ..EventFinding::default()
    }
}

/// `@receiver(order_paid)`, `@receiver([a, b])`, Blinker's `@order_paid.connect`.
fn decorated(program: &dyn Program, function: FuncRef, decorator: &Expr) -> Vec<Signal> {
    let around = program.around(function);
    match decorator {
        Expr::Call(id) => {
            let call = program.call(CallRef { file: function.file, id: *id });
            if !program.resolve(&around, &call.callee).is_any(&["django.dispatch.receiver", "django.dispatch.dispatcher.receiver"]) {
                return Vec::new();
            }
            let Some(signals) = call.positional(0) else { return Vec::new() };
            let listed = program.items(&around, signals).unwrap_or_else(|| vec![(signals, around.clone())]);
            listed.iter().filter_map(|(signal, at)| of_value(program, at, signal)).collect()
        }
        Expr::Member(of, name) if name == "connect" => of_value(program, &around, of).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The signal that an expression is.
fn of_value(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Signal> {
    match program.resolve(site, expr) {
        Meaning::Value(Expr::Call(id), at) => {
            let call = CallRef { file: at.file, id: *id };
            is_made(program, call).then(|| of_call(program, call))
        }
        Meaning::Outside(path) => {
            let name = BUILT_IN.iter().find_map(|module| path.strip_prefix(module))?;
            Some(Signal { name: Text::known(name), payload: None, is_built_in: true })
        }
        _ => None,
    }
}

fn is_made(program: &dyn Program, call: CallRef) -> bool {
    match program.callee(call) {
        Meaning::Outside(path) => CLASSES.contains(&path.as_str()) || NAMED.contains(&path.as_str()),
        Meaning::Class(class) => program.outside_bases(class).iter().any(|base| CLASSES.contains(&base.as_str())),
        Meaning::Attribute(of, name) if name == "signal" => {
            of.call().is_some_and(|(namespace, _)| program.callee(namespace).is_any(&["blinker.Namespace", "blinker.base.Namespace"]))
        }
        _ => false,
    }
}

fn of_call(program: &dyn Program, call: CallRef) -> Signal {
    let made = program.call(call);
    let site = Site::of_call(call.file, made);
    let said = ["event_type", "name", "event_name"].iter().find_map(|keyword| made.keyword(keyword)).or_else(|| made.positional(0));
    let text = said.map(|value| program.text(&site, value)).and_then(|text| text.plain()).filter(|text| !text.is_empty());
    let variable = || {
        let assigns = &program.file(call.file).outline.assigns;
        let of_it = assigns.iter().find(|assign| assign.value == Expr::Call(call.id));
        of_it.and_then(|assign| match &assign.target {
            Pattern::Name(name) => Some(name.clone()),
            _ => None,
        })
    };
    let name = text.map(Name::from).or_else(variable).unwrap_or_else(|| "signal".into());
    Signal { name: Text::known(&name), payload: declared(program, made, &site), is_built_in: false }
}

/// What a signal's own declaration says of its data: names and their classes.
fn declared(program: &dyn Program, call: &Call, site: &Site) -> Option<Shape> {
    let data = ["data", "payload", "kwargs"].iter().find_map(|keyword| call.keyword(keyword))?;
    let entries = program.entries(site, data)?;
    let members = entries.into_iter().map(|(name, value, at)| {
        let shape = match program.resolve(&at, value) {
            Meaning::Class(class) => program.shape_of_class(class, Vec::new(), Mode::Write),
            _ => Shape::Any,
        };
        Member::required(name, shape)
    });
    Some(Shape::record(members.collect()))
}

/// The keywords that are sent, the sender left out.
fn sent(program: &dyn Program, site: &Site, call: &Call) -> Option<Shape> {
    let named = call.args.iter().filter_map(|arg| Some((arg.name.as_ref()?, &arg.value)));
    let members: Vec<Member> = named
        .filter(|(name, _)| !matches!(name.as_str(), "sender" | "signal" | "**"))
        .map(|(name, value)| Member::required(name.clone(), program.shape_of_value(site, value, Mode::Write)))
        .collect();
    (!members.is_empty()).then(|| Shape::record(members))
}

/// The parameters of a receiver, but for what every signal hands in.
fn heard(program: &dyn Program, handler: FuncRef) -> Option<Shape> {
    let record = program.record(&handlers::parameters(program, handler, 0)?)?;
    let members: Vec<Member> = record
        .members
        .into_iter()
        .filter(|member| !matches!(member.name.as_str(), "sender" | "signal" | "kwargs" | "args" | "metadata"))
        .collect();
    (!members.is_empty()).then(|| Shape::record(members))
}

fn place_of(program: &dyn Program, function: FuncRef) -> Place {
    let declared = program.function(function);
    Place { file: function.file, symbol: declared.name.clone(), line: declared.at.line }
}

fn around(program: &dyn Program, call: CallRef) -> Name {
    let outline = &program.file(call.file).outline;
    let function = outline.function_around(program.call(call).scope);
    function.map(|function| outline.function(function).name.clone()).unwrap_or_default()
}
