//! Socket.IO: servers, namespaces, rooms and clients; gateways of `@nestjs/websockets`. What the library itself says of a connection
//! (`connect`, `disconnect`, `error`) is no event. Read from <https://socket.io/docs/v4/>.

use crate::base::code::{CallId, Expr, FuncId, Type};
use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Mode, Program, Site, Text};
use crate::facts::shape::Shape;
use crate::frameworks::messages::origin::{Origin, origins};
use crate::frameworks::messages::{channels, handlers, payload, places};
use crate::frameworks::script::decorators::decorators;
use crate::frameworks::script::messages::connections::connections;

const ID: &str = "script/socketio";

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "Socket.IO",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["socket.io", "socket.io-client", "@socket.io/redis-emitter", "@nestjs/websockets"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

const LIBRARIES: &[&str] = &["socket.io-client", "@socket.io/redis-emitter", "socket.io"];
/// Members that stand for the same sockets.
const SAME: &[&str] = &["broadcast", "volatile", "local", "sockets", "nsp"];
/// Methods that give some of the sockets.
const SOME: &[&str] = &["to", "in", "except", "of", "compress", "timeout"];
/// What the library itself says.
const LIFECYCLE: &[&str] = &[
    "connect",
    "connect_error",
    "connect_timeout",
    "connecting",
    "connection",
    "disconnect",
    "disconnecting",
    "error",
    "newListener",
    "new_namespace",
    "ping",
    "pong",
    "reconnect",
    "reconnect_attempt",
    "reconnect_error",
    "reconnect_failed",
    "reconnecting",
    "removeListener",
];
/// Sockets are followed this far.
const DEEPEST: u32 = 6;

/// Sockets.
#[derive(Default)]
struct Sockets<'p> {
    /// The maps of events: what is heard, what is sent; and where they are read.
    types: Option<(&'p [Type], Site)>,
    namespace: Option<Text>,
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let Some((_, method)) = call.method() else { continue };
        let direction = match method.as_str() {
            "emit" | "emitWithAck" => Direction::Send,
            "on" | "once" => Direction::Receive,
            _ => continue,
        };
        said(program, CallRef { file, id: CallId(id) }, direction, findings);
    }
    for (id, function) in (0u32..).zip(&outline.functions) {
        if !function.decorators.is_empty() {
            subscribed(program, FuncRef { file, id: FuncId(id) }, findings);
        }
    }
}

/// `socket.on("order", handler)`, `io.to(room).emit("order", order)`.
fn said(program: &dyn Program, reference: CallRef, direction: Direction, findings: &mut Findings) {
    let call = program.call(reference);
    let (Some((receiver, _)), Some(name)) = (call.method(), call.positional(0)) else { return };
    let site = Site::of_call(reference.file, call);
    if name.as_str().is_some_and(|name| LIFECYCLE.contains(&name)) {
        return;
    }
    let Some(sockets) = sockets_of(program, &site, receiver, 0) else { return };
    let given: Vec<&Expr> = call.args.iter().map(|arg| &arg.value).collect();
    for at in program.instances(&site, &given) {
        for (channel, aliases) in channels(program, &at, name) {
            let plain = channel.plain();
            if channel.is_empty() || plain.as_deref().is_some_and(|name| LIFECYCLE.contains(&name)) {
                continue;
            }
            let handler = call.positional(1).filter(|_| direction == Direction::Receive);
            let handler = handler.and_then(|value| program.produce(&at, value).function());
            let typed = plain.as_deref().and_then(|name| typed(program, &sockets, direction, name));
            let payload = typed.or_else(|| match direction {
                Direction::Send => call.positional(1).and_then(|value| payload::of_value(program, &at, value)),
                Direction::Receive => handlers::parameter(program, handler?, 0),
            });
            findings.events.push(EventFinding {
                framework: ID,
                direction,
                protocol: Protocol::SocketIo,
                kind: ChannelKind::Signal,
                channel,
                aliases,
                bindings: sockets.namespace.iter().map(|name| ("namespace".into(), name.clone())).collect(),
                payload,
                place: places::of_handler(program, handler, reference),
                doc: handler.and_then(|handler| program.function(handler).doc.clone()),
                ..EventFinding::default()
            });
        }
    }
}

/// `@SubscribeMessage("order") onOrder(@MessageBody() order: Order)`.
fn subscribed(program: &dyn Program, function: FuncRef, findings: &mut Findings) {
    const NEST: &[&str] = &["@nestjs/websockets"];
    let declared = program.function(function);
    let around = program.around(function);
    for decor in decorators(program, &around, &declared.decorators) {
        let Some(name) = decor.arg(0).filter(|_| decor.of(NEST) == Some("SubscribeMessage")) else { continue };
        let is_body =
            |decorated: &[Expr]| decorators(program, &around, decorated).iter().any(|decor| decor.of(NEST) == Some("MessageBody"));
        let body = declared.params.iter().find(|param| is_body(&param.decorators));
        let body = body.map(|param| program.shape_of_type(&around, &param.ty, Mode::Write)).filter(|shape| !shape.is_any());
        for (channel, aliases) in channels(program, &decor.site, name) {
            findings.events.push(EventFinding {
                framework: ID,
                direction: Direction::Receive,
                protocol: Protocol::SocketIo,
                kind: ChannelKind::Signal,
                channel,
                aliases,
                payload: body.clone(),
                place: places::of_function(program, function),
                doc: declared.doc.clone(),
                ..EventFinding::default()
            });
        }
    }
}

/// The sockets that an expression is: a server, a namespace, a room, a connection, a client.
fn sockets_of<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr, depth: u32) -> Option<Sockets<'p>> {
    if depth > DEEPEST {
        return None;
    }
    let (mut at, mut root, mut namespace) = (site.clone(), expr, None);
    for _ in 0..16 {
        match root {
            Expr::Member(of, name) if SAME.contains(&name.as_str()) => root = of,
            Expr::Call(id) => {
                let call = program.call(CallRef { file: at.file, id: *id });
                let Some((of, name)) = call.method().filter(|(_, name)| SOME.contains(&name.as_str())) else { break };
                at = Site { env: at.env.clone(), ..Site::of_call(at.file, call) };
                if name == "of" {
                    namespace = call.positional(0).map(|name| program.text(&at, name));
                }
                root = of;
            }
            _ => break,
        }
    }
    let found = of_library(program, &at, root).or_else(|| {
        connections(program).of_expr(program, &at, root).into_iter().find_map(|given| {
            let call = program.call(given);
            let (server, _) = call.method()?;
            sockets_of(program, &Site::of_call(given.file, call), server, depth + 1)
        })
    })?;
    Some(Sockets { namespace: namespace.or(found.namespace), ..found })
}

fn of_library<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<Sockets<'p>> {
    let found = origins(program, site, expr, &[]);
    if found.iter().any(|origin| is_kept(program, origin)) {
        return Some(Sockets::default());
    }
    let origin = found.into_iter().find(|origin| is_sockets(&origin.path))?;
    let by_type = || program.type_of(site, expr).map(|(ty, at)| (ty.args(), at)).filter(|(args, _)| !args.is_empty());
    let mut made = origin.calls.iter().map(|(call, at)| (program.call(*call), at));
    let types = made.clone().find(|(call, _)| !call.type_args.is_empty()).map(|(call, at)| (&*call.type_args, at.clone()));
    let namespace = made.find_map(|(call, at)| {
        let (_, name) = call.method()?;
        (name == "of").then(|| call.positional(0)).flatten().map(|name| program.text(at, name))
    });
    Some(Sockets { types: types.or_else(by_type), namespace })
}

/// Whether it is a socket that a component of React keeps: `useRef<Socket | null>(null).current`.
fn is_kept(program: &dyn Program, origin: &Origin) -> bool {
    let (true, Some((call, at))) = (origin.path.ends_with("useRef().current"), origin.calls.first()) else { return false };
    let is_socket = |ty: &Type| matches!(program.resolve_type(at, ty), Meaning::Outside(path) if is_sockets(&format!("{path}()")));
    program.call(*call).type_args.iter().any(|ty| match ty {
        Type::Union(members) => members.iter().any(is_socket),
        other => is_socket(other),
    })
}

/// Whether a path is that of sockets: `socket.io.Server().of()`, `socket.io-client()`.
fn is_sockets(path: &str) -> bool {
    let Some(rest) = LIBRARIES.iter().find_map(|library| path.strip_prefix(library)) else { return false };
    if !rest.starts_with(['.', '(']) {
        return false;
    }
    let mut steps = rest.split('.').skip_while(|step| !step.ends_with("()"));
    steps.next().is_some() && steps.all(|step| SAME.contains(&step) || SOME.contains(&step.trim_end_matches("()")))
}

/// What the map of events says that an event carries.
fn typed(program: &dyn Program, sockets: &Sockets, direction: Direction, event: &str) -> Option<Shape> {
    let (types, at) = sockets.types.as_ref()?;
    let number = usize::from(direction == Direction::Send);
    mapped(program, at, types.get(number).or(types.first())?, event, 0)
}

fn mapped(program: &dyn Program, site: &Site, ty: &Type, event: &str, depth: u32) -> Option<Shape> {
    if depth > DEEPEST {
        return None;
    }
    match ty {
        Type::Object(fields) => {
            let field = fields.iter().find(|field| field.name == event)?;
            return first_taken(program, site, &field.ty);
        }
        Type::Inter(types) => return types.iter().find_map(|ty| mapped(program, site, ty, event, depth + 1)),
        _ => {}
    }
    let class = program.resolve_type(site, ty).class()?;
    program.lineage(class).into_iter().find_map(|class| {
        let declared = program.class(class);
        let inside = program.inside_class(class);
        if let Some(field) = declared.fields.iter().find(|field| field.name == event) {
            return first_taken(program, &inside, &field.ty);
        }
        let mut methods = declared.methods.iter().map(|id| FuncRef { file: class.file, id: *id });
        if let Some(method) = methods.find(|method| program.function(*method).name == event) {
            let shape = program.shape_of_type(&inside, &program.function(method).params.first()?.ty, Mode::Write);
            return (!shape.is_any()).then_some(shape);
        }
        mapped(program, &inside, &declared.alias, event, depth + 1)
    })
}

/// The first parameter of a function's type; one that only acknowledges is no payload.
fn first_taken(program: &dyn Program, site: &Site, ty: &Type) -> Option<Shape> {
    let Type::Function(signature) = ty else { return None };
    let first = signature.0.first().filter(|ty| !matches!(ty, Type::Function(_)))?;
    let shape = program.shape_of_type(site, first, Mode::Write);
    (!shape.is_any()).then_some(shape)
}
