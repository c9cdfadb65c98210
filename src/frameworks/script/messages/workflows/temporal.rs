//! Temporal: workflows are functions that workers run, and signals what they are told meanwhile.

use super::LIBRARY;
use super::queues::queue;
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, FuncId, ScopeId};
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, Text};
use crate::frameworks::messages::origin::origins;
use crate::frameworks::messages::{handlers, payload, places};

const WORKFLOW: &str = "@temporalio/workflow";

/// Adds the workflows of a file, the signals they hear and those that clients send.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let is_workflows = outline.imports.iter().any(|import| import.module == WORKFLOW && !import.type_only);
    for (number, call) in (0u32..).zip(&outline.calls) {
        let reference = CallRef { file, id: CallId(number) };
        match call.callee.last_name().map_or("", Name::as_str) {
            "signal" => sent(program, reference, call, findings),
            "setHandler" if is_workflows => heard(program, reference, call, findings),
            _ => {}
        }
    }
    if !is_workflows {
        return;
    }
    for (number, function) in (0u32..).zip(&outline.functions) {
        let is_workflow = function.scope == ScopeId(0) && function.flags.is_public && function.flags.is_async && !function.name.is_empty();
        if is_workflow {
            let function_ref = FuncRef { file, id: FuncId(number) };
            let queue = queue(program);
            findings.events.push(EventFinding {
                direction: Direction::Receive,
                channel: Text::known(&function.name),
                aliases: queue.iter().cloned().collect(),
                bindings: queue.iter().map(|queue| ("queue".into(), Text::known(queue))).collect(),
                payload: handlers::parameter(program, function_ref, 0),
                place: places::of_function(program, function_ref),
                doc: function.doc.clone(),
                ..job()
            });
        }
    }
}

fn job() -> EventFinding {
    EventFinding { framework: LIBRARY.id, protocol: Protocol::Temporal, kind: ChannelKind::Job, ..EventFinding::default() }
}

/// The name of a signal: `defineSignal("cancel")`, or a text.
fn signal_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Text> {
    let meaning = program.resolve(site, expr);
    let Some((call, at)) = meaning.call() else {
        let text = program.text(site, expr);
        return text.plain().filter(|name| !name.is_empty()).map(|name| Text::known(&name));
    };
    if !program.callee(call).is_any(&["@temporalio/workflow.defineSignal"]) {
        return None;
    }
    let made = program.call(call);
    let here = Site { env: at.env.clone(), ..Site::of_call(call.file, made) };
    made.positional(0).map(|name| program.text(&here, name))
}

/// `handle.signal(cancel, { reason })`.
fn sent(program: &dyn Program, reference: CallRef, call: &Call, findings: &mut Findings) {
    let site = Site::of_call(reference.file, call);
    let Some(first) = call.positional(0) else { return };
    let is_defined = program.resolve(&site, first).call().is_some();
    let from = call.method().map(|(receiver, _)| origins(program, &site, receiver, &[]));
    let is_handle = from.is_some_and(|found| found.iter().any(|origin| origin.path.starts_with("@temporalio/")));
    if !is_defined && !is_handle {
        return;
    }
    let Some(channel) = signal_of(program, &site, first) else { return };
    let payload = call.positional(1).and_then(|given| payload::of_value(program, &site, given));
    let place = places::of_call(program, reference);
    findings.events.push(EventFinding { direction: Direction::Send, channel, payload, place, ..job() });
}

/// `setHandler(cancel, ({ reason }) => { … })`.
fn heard(program: &dyn Program, reference: CallRef, call: &Call, findings: &mut Findings) {
    let site = Site::of_call(reference.file, call);
    let Some(first) = call.positional(0) else { return };
    // Queries and updates are asked, not told.
    if !matches!(program.resolve(&site, first), Meaning::Value(Expr::Call(_), _)) {
        return;
    }
    let Some(channel) = signal_of(program, &site, first) else { return };
    let function = call.positional(1).and_then(|function| program.produce(&site, function).function());
    let payload = function.and_then(|function| handlers::parameter(program, function, 0));
    findings.events.push(EventFinding {
        direction: Direction::Receive,
        channel,
        payload,
        place: places::of_call(program, reference),
        ..job()
    });
}
