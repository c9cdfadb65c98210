//! What Inngest's functions do on their way: `step.sendEvent`, `step.waitForEvent`.

use super::LIBRARY;
use crate::base::code::{Call, CallId, Expr};
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::program::{CallRef, FileId, Program, Site};
use crate::frameworks::messages::{channels, payload, places};

/// Reads a file that imports Inngest, or works in the functions of one that does.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (number, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let Some((Expr::Ref(step), method)) = call.method() else { continue };
        if step != "step" {
            continue;
        }
        let reference = CallRef { file, id: CallId(number) };
        match method.as_str() {
            "sendEvent" => sent(program, reference, call, findings),
            "waitForEvent" => waited(program, reference, call, findings),
            _ => {}
        }
    }
}

/// `step.sendEvent("told", { name: "user/welcomed", data: { … } })`, or a list of them.
fn sent(program: &dyn Program, reference: CallRef, call: &Call, findings: &mut Findings) {
    let site = Site::of_call(reference.file, call);
    let Some(given) = call.positional(1).or_else(|| call.positional(0)) else { return };
    let listed = program.items(&site, given).unwrap_or_else(|| vec![(given, site.clone())]);
    for (event, at) in listed {
        let entries = program.entries(&at, event).unwrap_or_default();
        let Some((_, name, at)) = entries.iter().find(|(key, ..)| key == "name") else { continue };
        let data = entries.iter().find(|(key, ..)| key == "data");
        let data = data.and_then(|(_, data, at)| payload::of_value(program, at, data));
        for (channel, aliases) in channels(program, at, name) {
            findings.events.push(EventFinding {
                framework: LIBRARY.id,
                protocol: Protocol::Inngest,
                kind: ChannelKind::Topic,
                channel,
                aliases,
                payload: data.clone(),
                place: places::of_call(program, reference),
                ..EventFinding::default()
            });
        }
    }
}

/// `step.waitForEvent("paid", { event: "order/paid", timeout: "1d" })`.
fn waited(program: &dyn Program, reference: CallRef, call: &Call, findings: &mut Findings) {
    let site = Site::of_call(reference.file, call);
    let options = call.positional(1).and_then(|options| program.entries(&site, options)).unwrap_or_default();
    let Some((_, name, at)) = options.iter().find(|(key, ..)| key == "event") else { return };
    for (channel, aliases) in channels(program, at, name) {
        findings.events.push(EventFinding {
            framework: LIBRARY.id,
            direction: Direction::Receive,
            protocol: Protocol::Inngest,
            kind: ChannelKind::Topic,
            channel,
            aliases,
            place: places::of_call(program, reference),
            ..EventFinding::default()
        });
    }
}
