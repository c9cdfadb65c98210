//! Django Channels: messages of the channel layer, named by their `type`; the WebSockets of consumers, named by their path.
//! Read from <https://channels.readthedocs.io/en/stable/topics/consumers.html>.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::Name;
use crate::base::code::{Call, CallId, ClassId, Expr, FuncId};
use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Program, Site, Text};
use crate::facts::shape::Shape;
use crate::frameworks::messages::{handlers, payload, places};

const ID: &str = "python/channels";

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "Django Channels",
    languages: &[Language::Python],
    modules: &["channels"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let reference = CallRef { file, id: CallId(id) };
        for (kind, payload) in layered(program, file, call) {
            let place = places::of_call(program, reference);
            findings.events.push(EventFinding { payload, place, ..event(Direction::Send, Text::known(&kind)) });
        }
    }
    for (id, _) in (0u32..).zip(&outline.classes) {
        let class = ClassRef { file, id: ClassId(id) };
        let is_consumer = |base: &Name| base.starts_with("channels.generic.") || base.starts_with("channels.consumer.");
        if program.outside_bases(class).iter().any(is_consumer) {
            heard(program, class, findings);
            connected(program, class, findings);
        }
    }
}

fn event(direction: Direction, channel: Text) -> EventFinding {
    EventFinding { framework: ID, direction, protocol: Protocol::Ws, kind: ChannelKind::Signal, channel, ..EventFinding::default() }
}

/// `channel_layer.group_send(group, {"type": "chat.message", …})`; `async_to_sync(layer.group_send)(group, {…})`.
fn layered(program: &dyn Program, file: FileId, call: &Call) -> Vec<(String, Option<Shape>)> {
    let name = match &call.callee {
        Expr::Call(id) => program.file(file).outline.call(*id).positional(0).and_then(Expr::last_name),
        other => other.last_name(),
    };
    let is_group = name.is_some_and(|name| name == "group_send");
    let is_single = name.is_some_and(|name| name == "send")
        && matches!(&call.callee, Expr::Member(of, _) if of.last_name().is_some_and(|of| of == "channel_layer"));
    let Some(message) = call.arg(1, "message").filter(|_| is_group || is_single) else { return Vec::new() };
    let site = Site::of_call(file, call);
    let given: Vec<&Expr> = call.args.iter().map(|arg| &arg.value).collect();
    let mut found = Vec::new();
    for at in program.instances(&site, &given) {
        let entries = program.entries(&at, message).unwrap_or_default();
        let kind = entries.iter().find(|(name, ..)| name == "type").and_then(|(_, value, at)| program.text(at, value).plain());
        if let Some(kind) = kind {
            found.push((kind, payload::of_value(program, &at, message)));
        }
    }
    found
}

/// The types that the program sends over its layers.
struct Sent(BTreeSet<String>);

fn sent(program: &dyn Program) -> Arc<Sent> {
    program.answers().once(|| {
        let files = (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language == Language::Python);
        let calls = files.flat_map(|file| program.file(file).outline.calls.iter().map(move |call| (file, call)));
        Sent(calls.flat_map(|(file, call)| layered(program, file, call)).map(|(kind, _)| kind).collect())
    })
}

/// Methods that handle what the layer brings: `chat_message` for `chat.message`.
fn heard(program: &dyn Program, class: ClassRef, findings: &mut Findings) {
    for kind in &sent(program).0 {
        let Some(method) = program.method(class, &kind.replace('.', "_")) else { continue };
        findings.events.push(EventFinding {
            payload: handlers::parameter(program, method, 0),
            place: places::of_function(program, method),
            doc: program.function(method).doc.clone(),
            ..event(Direction::Receive, Text::known(kind))
        });
    }
}

/// What a consumer takes from its WebSocket and sends to it.
fn connected(program: &dyn Program, class: ClassRef, findings: &mut Findings) {
    let paths = paths_of(program, class);
    if paths.is_empty() {
        return;
    }
    let declared = program.class(class);
    let own: Vec<FuncRef> = declared.methods.iter().map(|id: &FuncId| FuncRef { file: class.file, id: *id }).collect();
    let mut found = Vec::new();
    for method in own {
        let function = program.function(method);
        if matches!(function.name.as_str(), "receive_json" | "receive") {
            let payload = handlers::parameter(program, method, 0).or_else(|| handlers::parsed(program, method));
            found.push((Direction::Receive, payload, places::of_function(program, method)));
        }
        let within = |offset: u32| (function.at.offset..function.end).contains(&offset);
        let calls = (0u32..).zip(&program.file(class.file).outline.calls).filter(|(_, call)| within(call.at.offset));
        for (id, call) in calls {
            let value = match call.method() {
                Some((Expr::Ref(this), name)) if this == "self" && name == "send_json" => call.arg(0, "content"),
                Some((Expr::Ref(this), name)) if this == "self" && name == "send" => call.arg(0, "text_data"),
                _ => None,
            };
            if let Some(value) = value {
                let reference = CallRef { file: class.file, id: CallId(id) };
                let payload = payload::of_value(program, &Site::of_call(class.file, call), value);
                found.push((Direction::Send, payload, places::of_call(program, reference)));
            }
        }
    }
    for path in &paths {
        for (direction, payload, place) in &found {
            findings.events.push(EventFinding { payload: payload.clone(), place: place.clone(), ..event(*direction, Text::known(path)) });
        }
    }
}

/// The routes of all consumers: `re_path(r"ws/chat/(?P<room>\w+)/$", ChatConsumer.as_asgi())`.
struct Routes(Vec<(ClassRef, String)>);

fn paths_of(program: &dyn Program, class: ClassRef) -> Vec<String> {
    let routes: Arc<Routes> = program.answers().once(|| {
        let mut found = Vec::new();
        for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language == Language::Python) {
            let outline = &program.file(file).outline;
            for call in &outline.calls {
                let routed = call.args.iter().find_map(|arg| match &arg.value {
                    Expr::Call(id) => outline.call(*id).method().filter(|(_, name)| *name == "as_asgi"),
                    _ => None,
                });
                let (Some((consumer, _)), Some(path)) = (routed, call.positional(0)) else { continue };
                let site = Site::of_call(file, call);
                if let Some(consumer) = program.resolve(&site, consumer).class() {
                    found.push((consumer, template(&program.text(&site, path).template().0)));
                }
            }
        }
        Routes(found)
    });
    routes.0.iter().filter(|(consumer, _)| *consumer == class).map(|(_, path)| path.clone()).collect()
}

/// A route's pattern as a path: groups and converters as `{name}`.
fn template(pattern: &str) -> String {
    let mut path = String::from("/");
    let mut rest = pattern.trim_start_matches('^').trim_end_matches('$').trim_end_matches("/?").trim_start_matches('/');
    while let Some(start) = rest.find(['(', '<']) {
        path.push_str(&rest[..start]);
        let group = &rest[start..];
        let inner = group.trim_start_matches(['(', '?', 'P', '<']);
        let name = inner.split('>').next().unwrap_or_default();
        path.push_str(&format!("{{{}}}", name.rsplit(':').next().unwrap_or(name)));
        rest = match group.starts_with('(') {
            true => closed(group).map_or("", |end| &group[end..]),
            false => group.split_once('>').map_or("", |(_, rest)| rest),
        };
    }
    path.push_str(rest);
    path
}

/// Behind the parenthesis that closes the first one.
fn closed(group: &str) -> Option<usize> {
    let mut open = 0usize;
    for (at, letter) in group.char_indices() {
        match letter {
            '(' => open += 1,
            ')' if open == 1 => return Some(at + 1),
            ')' => open -= 1,
            _ => {}
        }
    }
    None
}
