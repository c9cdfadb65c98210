//! WebSockets of `ws` and `express-ws`: one channel, named by the path. Read from <https://github.com/websockets/ws>.

use crate::base::Name;
use crate::base::code::{CallId, Expr, Pattern};
use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, Program, Site, Text, TextPart};
use crate::facts::shape::Shape;
use crate::frameworks::messages::origin::{Origin, origins};
use crate::frameworks::messages::{channel_text, handlers, payload, places};
use crate::frameworks::script::messages::connections::connections;

const ID: &str = "script/ws";

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "ws, express-ws",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["ws", "isomorphic-ws", "express-ws"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

const SERVERS: &[&str] = &["ws.WebSocketServer()", "ws.Server()", "ws.WebSocket.Server()", "ws.default.Server()"];
const CLIENTS: &[&str] = &["ws()", "ws.WebSocket()", "ws.default()", "isomorphic-ws()", "isomorphic-ws.default()", "builtins.WebSocket()"];
/// Connections are followed this far.
const DEEPEST: u32 = 4;

/// A channel's name, and its other names.
type Named = (Text, Vec<Name>);

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let Some((receiver, method)) = call.method() else { continue };
        let reference = CallRef { file, id: CallId(id) };
        let site = Site::of_call(file, call);
        let is_message = || call.positional(0).and_then(Expr::as_str) == Some("message");
        match method.as_str() {
            "send" => {
                let Some(value) = call.positional(0) else { continue };
                let Some(channel) = channel_of(program, &site, receiver, 0) else { continue };
                for at in program.instances(&site, &[value]) {
                    let payload = payload::of_value(program, &at, value);
                    findings.events.push(event(&channel, Direction::Send, payload, places::of_call(program, reference)));
                }
            }
            "on" | "once" | "addEventListener" if is_message() => {
                let Some(channel) = channel_of(program, &site, receiver, 0) else { continue };
                let handler = call.positional(1).and_then(|value| program.produce(&site, value).function());
                let payload = handler.and_then(|handler| handlers::parsed(program, handler));
                findings.events.push(event(&channel, Direction::Receive, payload, places::of_handler(program, handler, reference)));
            }
            _ => {}
        }
    }
    for assign in &outline.assigns {
        let Pattern::Place(Expr::Member(socket, name)) = &assign.target else { continue };
        let site = Site { file, scope: assign.scope, offset: assign.at.offset, env: None };
        if name != "onmessage" {
            continue;
        }
        let Some(channel) = channel_of(program, &site, socket, 0) else { continue };
        let handler = program.produce(&site, &assign.value).function();
        let payload = handler.and_then(|handler| handlers::parsed(program, handler));
        let place = Place { file, symbol: Name::default(), line: assign.at.line };
        findings.events.push(event(&channel, Direction::Receive, payload, place));
    }
}

fn event((channel, aliases): &Named, direction: Direction, payload: Option<Shape>, place: Place) -> EventFinding {
    EventFinding {
        framework: ID,
        direction,
        protocol: Protocol::Ws,
        kind: ChannelKind::Signal,
        channel: channel.clone(),
        aliases: aliases.clone(),
        payload,
        place,
        ..EventFinding::default()
    }
}

/// The channel of a connection, a client or a server.
fn channel_of(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<Named> {
    if depth > DEEPEST {
        return None;
    }
    if let Some(found) = origins(program, site, expr, &[]).iter().find_map(|origin| of_library(program, origin)) {
        return Some(found);
    }
    connections(program).of_expr(program, site, expr).into_iter().find_map(|given| {
        let call = program.call(given);
        let (receiver, method) = call.method()?;
        let at = Site::of_call(given.file, call);
        if method == "ws" {
            return call.positional(0).map(|path| (program.text(&at, path), Vec::new()));
        }
        let server = match receiver {
            Expr::Member(of, name) if name == "clients" => of,
            other => other,
        };
        channel_of(program, &at, server, depth + 1)
    })
}

fn of_library(program: &dyn Program, origin: &Origin) -> Option<Named> {
    let is_server = SERVERS.contains(&origin.path.as_str());
    if !is_server && !CLIENTS.contains(&origin.path.as_str()) {
        return None;
    }
    // Known by its type alone.
    let Some((call, at)) = origin.calls.last() else { return Some((Text::known("/"), Vec::new())) };
    let first = program.call(*call).positional(0);
    if is_server {
        let entries = first.and_then(|options| program.entries(at, options)).unwrap_or_default();
        let path = entries.iter().find(|(name, ..)| name == "path").map(|(_, path, at)| channel_text(program, at, path));
        return Some(path.filter(|(path, _)| !path.is_empty()).unwrap_or_else(|| (Text::known("/"), Vec::new())));
    }
    let (url, aliases) = channel_text(program, at, first?);
    Some((path_of(url), aliases))
}

/// The path of an address; one that is not known at all stays the hole it is.
fn path_of(url: Text) -> Text {
    if let [TextPart::Hole(_)] = url.0.as_slice() {
        return url;
    }
    let mut is_host = true;
    let mut path = Vec::new();
    for part in url.0 {
        match part {
            TextPart::Known(text) if is_host => {
                let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
                if let Some(start) = rest.find('/') {
                    is_host = false;
                    path.push(TextPart::Known(rest[start..].into()));
                }
            }
            TextPart::Hole(_) if is_host => {}
            other => path.push(other),
        }
    }
    // What is asked for behind `?` is no path.
    let asked = path.iter().position(|part| matches!(part, TextPart::Known(text) if text.contains('?')));
    if let Some(asked) = asked {
        path.truncate(asked + 1);
        if let Some(TextPart::Known(text)) = path.pop() {
            path.push(TextPart::Known(text.split('?').next().unwrap_or_default().into()));
        }
    }
    if path.is_empty() { Text::known("/") } else { Text(path) }
}
