//! WebSocket routes of FastAPI and Starlette: one channel, named by the path. Read from <https://fastapi.tiangolo.com/advanced/websockets/>.

use std::sync::Arc;

use crate::base::Name;
use crate::base::code::{CallId, Expr, FuncId, Pattern};
use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Mode, Program, Site, Text, TextPart};
use crate::facts::shape::Shape;
use crate::frameworks::messages::origin::origins;
use crate::frameworks::messages::{handlers, payload, places};

const ID: &str = "python/websockets";

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "WebSockets of FastAPI and Starlette",
    languages: &[Language::Python],
    modules: &["fastapi", "starlette"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

const OWNERS: &[&str] = &[
    "fastapi.FastAPI()",
    "fastapi.APIRouter()",
    "fastapi.routing.APIRouter()",
    "starlette.applications.Starlette()",
    "starlette.routing.Router()",
];
const TAKES: &[&str] = &["receive_json", "receive_text", "receive_bytes", "iter_json", "iter_text", "iter_bytes"];
const GIVES: &[&str] = &["send_json", "send_text", "send_bytes"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (id, function) in (0u32..).zip(&outline.functions) {
        let handler = FuncRef { file, id: FuncId(id) };
        for decorator in &function.decorators {
            let Expr::Call(call) = decorator else { continue };
            let call = outline.call(*call);
            let Some((owner, name)) = call.method() else { continue };
            let Some(path) = call.arg(0, "path").filter(|_| matches!(name.as_str(), "websocket" | "websocket_route")) else { continue };
            let around = program.around(handler);
            for prefix in prefixes(program, &around, owner) {
                talk(program, handler, &tidy(prefix.then(program.text(&around, path))), findings);
            }
        }
    }
    for (id, call) in (0u32..).zip(&outline.calls) {
        let is_route = call.callee.last_name().is_some_and(|name| name == "WebSocketRoute")
            && program.callee(CallRef { file, id: CallId(id) }).is_any(&["starlette.routing.WebSocketRoute"]);
        let (Some(path), Some(endpoint)) = (call.arg(0, "path").filter(|_| is_route), call.arg(1, "endpoint")) else { continue };
        let site = Site::of_call(file, call);
        if let Some(handler) = program.produce(&site, endpoint).function() {
            talk(program, handler, &tidy(program.text(&site, path)), findings);
        }
    }
}

/// What stands before the paths of an owner: its own prefix, behind the one it is included under. None when it is no owner.
fn prefixes(program: &dyn Program, site: &Site, owner: &Expr) -> Vec<Text> {
    let Some(origin) = origins(program, site, owner, &[]).into_iter().find(|origin| OWNERS.contains(&origin.path.as_str())) else {
        return Vec::new();
    };
    let Some((made, at)) = origin.calls.last() else { return vec![Text::default()] };
    let own = program.call(*made).keyword("prefix").map(|prefix| program.text(at, prefix)).unwrap_or_default();
    let included = included(program);
    let above: Vec<Text> = included.0.iter().filter(|(child, _)| child == made).map(|(_, prefix)| prefix.clone()).collect();
    if above.is_empty() { vec![own] } else { above.into_iter().map(|prefix| prefix.then(own.clone())).collect() }
}

/// Routers that are included, with the prefix.
struct Included(Vec<(CallRef, Text)>);

fn included(program: &dyn Program) -> Arc<Included> {
    program.answers().once(|| {
        let mut found = Vec::new();
        for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language == Language::Python) {
            for call in &program.file(file).outline.calls {
                let includes = call.method().is_some_and(|(_, name)| name == "include_router");
                let Some(router) = call.arg(0, "router").filter(|_| includes) else { continue };
                let site = Site::of_call(file, call);
                let prefix = call.keyword("prefix").map(|prefix| program.text(&site, prefix)).unwrap_or_default();
                if let Some((child, _)) = program.produce(&site, router).call() {
                    found.push((child, prefix));
                }
            }
        }
        Included(found)
    })
}

/// `{id:int}` is `{id}`.
fn tidy(path: Text) -> Text {
    let parts = path.0.into_iter().map(|part| match part {
        TextPart::Known(text) if text.contains(':') => {
            let mut plain = String::new();
            let mut is_converter = false;
            for letter in text.chars() {
                match letter {
                    ':' if plain.rfind('{') > plain.rfind('}') => is_converter = true,
                    '}' => is_converter = false,
                    _ => {}
                }
                if !is_converter {
                    plain.push(letter);
                }
            }
            TextPart::Known(plain.into())
        }
        other => other,
    });
    Text(parts.collect())
}

/// What a handler takes from its socket and gives to it; one that leaves it to others is heard at least.
fn talk(program: &dyn Program, handler: FuncRef, channel: &Text, findings: &mut Findings) {
    let outline = &program.file(handler.file).outline;
    let declared = program.function(handler);
    let around = program.around(handler);
    let is_socket = |name: &Name| {
        declared.params.iter().any(|param| {
            param.name() == Some(name)
                && (matches!(name.as_str(), "websocket" | "ws" | "socket")
                    || matches!(program.resolve_type(&around, &param.ty), Meaning::Outside(path) if path.ends_with(".WebSocket")))
        })
    };
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let before = findings.events.len();
    for (id, call) in (0u32..).zip(&outline.calls).filter(|(_, call)| within(call.at.offset)) {
        let Some((Expr::Ref(socket), method)) = call.method() else { continue };
        let reference = CallRef { file: handler.file, id: CallId(id) };
        if !is_socket(socket) {
            continue;
        }
        if TAKES.contains(&method.as_str()) {
            let payload = taken(program, handler, CallId(id));
            findings
                .events
                .push(EventFinding { place: places::of_function(program, handler), ..event(channel, Direction::Receive, payload) });
        } else if GIVES.contains(&method.as_str()) {
            let site = Site::of_call(handler.file, call);
            let payload = call.arg(0, "data").and_then(|value| payload::of_value(program, &site, value));
            findings.events.push(EventFinding { place: places::of_call(program, reference), ..event(channel, Direction::Send, payload) });
        }
    }
    if findings.events.len() == before {
        findings.events.push(EventFinding { place: places::of_function(program, handler), ..event(channel, Direction::Receive, None) });
    }
}

fn event(channel: &Text, direction: Direction, payload: Option<Shape>) -> EventFinding {
    EventFinding {
        framework: ID,
        direction,
        protocol: Protocol::Ws,
        kind: ChannelKind::Signal,
        channel: channel.clone(),
        payload,
        ..EventFinding::default()
    }
}

/// What a handler makes of what it takes: a class, else the members it reads.
fn taken(program: &dyn Program, handler: FuncRef, call: CallId) -> Option<Shape> {
    if let Some(shape) = handlers::parsed(program, handler) {
        return Some(shape);
    }
    let outline = &program.file(handler.file).outline;
    let kept = outline.assigns.iter().find(|assign| assign.value == Expr::Call(call)).map(|assign| &assign.target);
    let name = kept.and_then(|target| match target {
        Pattern::Name(name) => Some(name),
        _ => None,
    });
    let is_it = |value: &Expr| match value {
        Expr::Spread(inner) => **inner == Expr::Call(call) || matches!((&**inner, name), (Expr::Ref(of), Some(name)) if of == name),
        Expr::Ref(of) => Some(of) == name,
        other => *other == Expr::Call(call),
    };
    let declared = program.function(handler);
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let makers = outline.calls.iter().filter(|made| within(made.at.offset) && made.args.iter().any(|arg| is_it(&arg.value)));
    // `Bid(**data)`, `Bid.model_validate(data)`
    let class = makers.into_iter().find_map(|made| {
        let site = Site::of_call(handler.file, made);
        let maker = made.method().filter(|(_, name)| *name == "model_validate" || *name == "parse_obj").map_or(&made.callee, |(of, _)| of);
        program.resolve(&site, maker).class()
    });
    match class {
        Some(class) => Some(program.shape_of_class(class, Vec::new(), Mode::Write)),
        None => handlers::members_read(program, handler, name?),
    }
}
