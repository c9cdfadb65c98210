//! Broadcast channels of Tokio: events within one process, named by the type of what travels. Read from <https://docs.rs/tokio>.

use crate::base::code::{CallId, Expr, Type};
use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, Meaning, Mode, Program, Site, Text};
use crate::frameworks::messages::origin::origins;
use crate::frameworks::messages::places;

const ID: &str = "rust/broadcast";
const MODULE: &str = "tokio.sync.broadcast.";
/// Wrappers around wrappers are looked into this far.
const DEEPEST: u32 = 6;

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "tokio::sync::broadcast",
    languages: &[Language::Rust],
    modules: &["tokio.sync"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let Some((receiver, method)) = call.method() else { continue };
        let direction = match method.as_str() {
            "send" => Direction::Send,
            "subscribe" | "recv" => Direction::Receive,
            _ => continue,
        };
        let site = Site::of_call(file, call);
        let Some((ty, at)) = carried(program, &site, receiver) else { continue };
        let Some(name) = ty.last_name() else { continue };
        let shape = program.shape_of_type(&at, ty, Mode::Write);
        findings.events.push(EventFinding {
            framework: ID,
            direction,
            protocol: Protocol::InProcess,
            kind: ChannelKind::Signal,
            channel: Text::known(name),
            message: name.clone(),
            payload: program.record(&shape).is_some().then_some(shape),
            place: places::of_call(program, CallRef { file, id: CallId(id) }),
            ..EventFinding::default()
        });
    }
}

/// The type of what an end of a channel carries.
fn carried<'p>(program: &'p dyn Program, site: &Site, receiver: &'p Expr) -> Option<(&'p Type, Site)> {
    if let Some((ty, at)) = program.type_of(site, receiver)
        && let Some(ty) = of_type(program, &at, ty, 0)
    {
        return Some((ty, at));
    }
    let origin =
        origins(program, site, receiver, &[]).into_iter().find(|origin| origin.path.starts_with("tokio.sync.broadcast.channel()"))?;
    let (call, at) = origin.calls.first()?;
    program.call(*call).type_args.first().map(|ty| (ty, at.clone()))
}

/// `broadcast::Sender<Order>`, also in `Arc<…>`.
fn of_type<'p>(program: &'p dyn Program, site: &Site, ty: &'p Type, depth: u32) -> Option<&'p Type> {
    if depth > DEEPEST {
        return None;
    }
    match program.resolve_type(site, ty) {
        Meaning::Outside(path) if path.starts_with(MODULE) => ty.args().first(),
        _ => ty.args().iter().find_map(|inner| of_type(program, site, inner, depth + 1)),
    }
}
