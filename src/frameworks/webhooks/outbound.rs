//! Webhooks that a program sends with its own code: calls of a sender that are given an event's name.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{known, speaks_of_webhooks, webhook};
use crate::base::Name;
use crate::base::case::words_of;
use crate::base::code::{Arg, Call, CallId, Entry, Expr, Key, Pattern};
use crate::facts::event::{Direction, EventFinding};
use crate::facts::finding::Findings;
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, Text};
use crate::facts::shape::Shape;
use crate::frameworks::messages::{payload, places};

/// Words of functions that send.
const VERBS: &[&str] = &[
    "broadcast",
    "deliver",
    "dispatch",
    "emit",
    "enqueue",
    "execute",
    "fire",
    "notify",
    "post",
    "publish",
    "push",
    "queue",
    "schedule",
    "send",
    "trigger",
];
/// Words of names that are about the webhooks of others.
const INBOUND: &[&str] = &["consumer", "handle", "handler", "inbound", "incoming", "listener", "process", "receive", "receiver", "verify"];
/// Names that an event's name is given by.
const EVENTS: &[&str] = &[
    "event",
    "event_name",
    "eventName",
    "event_type",
    "eventType",
    "trigger",
    "triggerEvent",
    "trigger_event",
    "topic",
    "type",
    "webhookEvent",
    "webhook_event",
    "webhookTrigger",
];
/// Names that the payload is given by.
const PAYLOADS: &[&str] = &["payload", "data", "body", "message", "content", "object", "obj", "resource", "params"];
/// Methods that run a function later, with the same arguments.
const LATER: &[&str] = &["apply_async", "defer", "delay", "enqueue", "kiq", "s", "send", "si"];
/// Functions that take a function and its arguments.
const TAKERS: &[&str] = &["add_task", "create_task", "enqueue", "run_in_executor", "start_soon", "submit", "to_thread"];

/// Adds the webhooks that a file's calls send.
pub fn read(id: &'static str, program: &dyn Program, file: FileId, findings: &mut Findings) {
    let signers = signers(program);
    for (number, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let reference = CallRef { file, id: CallId(number) };
        let Some(sending) = sending(program, reference, call, &signers) else { continue };
        let Some((event, data)) = told(program, &sending) else { continue };
        let is_within = is_within_sender(program, &sending.site, &signers);
        // A sender that hands on what it is given is told by those who call it.
        for instance in program.instances(&sending.site, &[event]).into_iter().filter(|instance| instance.env.is_none() || !is_within) {
            let Some(name) = event_name(program, &instance, event) else { continue };
            findings.events.push(EventFinding {
                channel: Text::known(&name),
                payload: data.and_then(|data| payload::of_value(program, &instance, data)).filter(says_members(program)),
                place: places::of_site(program, &instance, None),
                ..webhook(id, Direction::Send)
            });
        }
    }
}

/// Whether a call stands in a function that sends webhooks itself.
fn is_within_sender(program: &dyn Program, site: &Site, signers: &Signers) -> bool {
    let outline = &program.file(site.file).outline;
    outline.function_around(site.scope).is_some_and(|id| {
        let function = outline.function(id);
        let class = function.class.map(|class| &outline.class(class).name);
        signers.functions.contains(&FuncRef { file: site.file, id })
            || is_sender(&function.name)
            || class.is_some_and(|name| is_sender_class(name))
    })
}

fn says_members(program: &dyn Program) -> impl Fn(&Shape) -> bool + '_ {
    move |shape| program.record(shape).is_some_and(|record| !record.members.is_empty())
}

/// A call of a function that sends webhooks.
struct Sending<'p> {
    /// The function.
    function: FuncRef,
    /// Arguments without a keyword.
    plain: Vec<&'p Expr>,
    /// Arguments with one.
    named: Vec<(&'p Name, &'p Expr)>,
    site: Site,
}

/// The call of a sender that a call is: by itself, through `delay`, through a queue.
fn sending<'p>(program: &'p dyn Program, reference: CallRef, call: &'p Call, signers: &Signers) -> Option<Sending<'p>> {
    let name = call.callee.last_name()?;
    let (sends, later, takes) = (may_send(name, signers), LATER.contains(&name.as_str()), TAKERS.contains(&name.as_str()));
    if !sends && !later && !takes {
        return None;
    }
    let site = Site::of_call(reference.file, call);
    let args: Vec<&Arg> = call.args.iter().collect();
    let of = |function: FuncRef, args: &[&'p Arg]| {
        let plain = args.iter().filter(|arg| arg.name.is_none()).map(|arg| &arg.value).collect();
        let named = args.iter().filter_map(|arg| Some((arg.name.as_ref()?, &arg.value))).collect();
        Some(Sending { function, plain, named, site: site.clone() })
    };
    if sends {
        let (function, class) = match program.callee(reference) {
            Meaning::Function(function, class) => (Some(function), class),
            other => (other.function(), None),
        };
        let is_class = class.is_some_and(|class| is_sender_class(&program.class(class).name));
        if let Some(function) = function.filter(|function| is_class || is_sender(name) || signers.functions.contains(function)) {
            return of(function, &args);
        }
    }
    if later
        && let Some((receiver, _)) = call.method()
        && receiver.last_name().is_some_and(|name| is_sender(name) || signers.names.contains(name))
        && let Some(function) = program.resolve(&site, receiver).function()
    {
        if name == "apply_async" {
            let given = call.arg(0, "args").and_then(|args| program.items(&site, args)).unwrap_or_default();
            let keywords = call.arg(1, "kwargs").map_or(&[][..], |kwargs| if let Expr::Object(entries) = kwargs { entries } else { &[] });
            let named = keywords.iter().filter_map(|entry| if let Key::Name(key) = &entry.key { Some((key, &entry.value)) } else { None });
            return Some(Sending { function, plain: given.iter().map(|(value, _)| *value).collect(), named: named.collect(), site });
        }
        return of(function, &args);
    }
    if !takes {
        return None;
    }
    // `background_tasks.add_task(send_webhook, "order.created", order)`
    let is_it = |arg: &&Arg| arg.value.last_name().is_some_and(|name| is_sender(name) || signers.names.contains(name));
    let position = args.iter().take(3).position(is_it)?;
    let function = program.resolve(&site, &args[position].value).function()?;
    of(function, &args[position + 1..])
}

/// Whether a call may be one of a sender: cheap, before anything is resolved.
fn may_send(name: &Name, signers: &Signers) -> bool {
    is_sender(name) || signers.names.contains(name)
}

/// `deliver_webhook`, `triggerWebhookEvent`; not `handleWebhook`.
fn is_sender(name: &str) -> bool {
    if !name.contains("hook") && !name.contains("Hook") {
        return false;
    }
    let words = words_of(name);
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    speaks_of_webhooks(&words) && has(VERBS) && !has(INBOUND)
}

/// `dispatch`, `sendAll`.
fn has_verb(name: &str) -> bool {
    words_of(name).iter().any(|word| VERBS.contains(&word.as_str()))
}

/// `WebhookService`, `WebhookDispatcher`; not `WebhookHandler`.
fn is_sender_class(name: &str) -> bool {
    let words = words_of(name);
    speaks_of_webhooks(&words) && !words.iter().any(|word| INBOUND.contains(&word.as_str()))
}

/// The event's name and the payload among what a sender is given.
fn told<'p>(program: &'p dyn Program, sending: &Sending<'p>) -> Option<(&'p Expr, Option<&'p Expr>)> {
    let declared = program.function(sending.function);
    let is_self = |name: &Name| matches!(name.as_str(), "self" | "cls");
    let params: Vec<_> = declared
        .params
        .iter()
        .filter(|param| param.kind != crate::base::code::ParamKind::Receiver && !param.name().is_some_and(is_self))
        .collect();
    let named = |wanted: &[&str]| -> Option<(usize, &'p Expr)> {
        wanted.iter().find_map(|want| {
            let position = params.iter().position(|param| param.name().is_some_and(|name| name == *want))?;
            let by_name = sending.named.iter().find(|(name, _)| *name == want).map(|(_, value)| *value);
            by_name.or_else(|| sending.plain.get(position).copied()).map(|value| (position, value))
        })
    };
    if let Some((position, event)) = named(EVENTS) {
        let data = named(PAYLOADS).map(|(_, value)| value);
        return Some((event, data.or_else(|| sending.plain.get(position + 1).copied())));
    }
    let with_pattern = params.iter().position(|param| matches!(param.pattern, Pattern::Object(_)));
    let objects = with_pattern.and_then(|position| sending.plain.get(position).copied()).into_iter().chain(sending.plain.iter().copied());
    objects.chain(sending.named.iter().map(|(_, value)| *value)).find_map(|value| in_object(program, &sending.site, value))
}

/// `{ event: "order.created", data: { … } }`, as an argument or kept under a name.
fn in_object<'p>(program: &'p dyn Program, site: &Site, value: &'p Expr) -> Option<(&'p Expr, Option<&'p Expr>)> {
    let (object, at) = match value {
        Expr::Object(_) => (value, site.clone()),
        _ => match program.resolve(site, value) {
            Meaning::Value(object @ Expr::Object(_), at) => (object, at),
            _ => return None,
        },
    };
    // What another function made is read there.
    if at.file != site.file {
        return None;
    }
    let Expr::Object(entries) = object else { return None };
    let event = EVENTS.iter().find_map(|key| entry(entries, key))?;
    let data = PAYLOADS.iter().find_map(|key| entry(entries, key));
    Some((event, data.or(Some(object))))
}

fn entry<'p>(entries: &'p [Entry], wanted: &str) -> Option<&'p Expr> {
    entries.iter().find(|entry| matches!(&entry.key, Key::Name(key) if key == wanted)).map(|entry| &entry.value)
}

/// The name of an event: a text, or the member of an enumeration of a library.
fn event_name(program: &dyn Program, site: &Site, expr: &Expr) -> Option<String> {
    let is_event = |text: &String| {
        (2..=80).contains(&text.len()) && !text.contains("://") && !text.starts_with('/') && !text.contains(char::is_whitespace)
    };
    let text = program.text(site, expr);
    if let Some(plain) = text.plain().filter(|plain| !plain.is_empty()) {
        return Some(plain).filter(is_event);
    }
    let of = |path: &str| -> Option<String> {
        let (above, member) = path.rsplit_once('.')?;
        let class = above.rsplit('.').next()?;
        let is_enum = class.chars().next().is_some_and(char::is_uppercase) && class.chars().any(char::is_lowercase);
        (is_enum && member.chars().next().is_some_and(char::is_uppercase)).then(|| member.to_owned())
    };
    match program.resolve(site, expr) {
        Meaning::Outside(path) => of(&path),
        Meaning::Attribute(above, member) => match *above {
            Meaning::Outside(path) => of(&format!("{path}.{member}")),
            _ => None,
        },
        _ => None,
    }
}

/// Functions that put a webhook's signature on what they send; their names, and those of methods of classes that send webhooks.
#[derive(Debug, Default)]
struct Signers {
    functions: BTreeSet<FuncRef>,
    names: BTreeSet<Name>,
}

/// Worked out once.
fn signers(program: &dyn Program) -> Arc<Signers> {
    program.answers().once(|| {
        let mut signers = Signers::default();
        for file in (0..program.file_count()).map(FileId) {
            let outline = &program.file(file).outline;
            for class in outline.classes.iter().filter(|class| class.name.contains("ook") && is_sender_class(&class.name)) {
                let methods = class.methods.iter().map(|id| &outline.function(*id).name);
                signers.names.extend(methods.filter(|name| has_verb(name)).cloned());
            }
            let in_calls = outline.calls.iter().filter(|call| signs(call)).map(|call| call.scope);
            let in_values = outline.assigns.iter().filter(|assign| is_signed(&assign.value, 0) || is_signing_place(&assign.target));
            for scope in in_calls.chain(in_values.map(|assign| assign.scope)) {
                let Some(function) = outline.function_around(scope) else { continue };
                let name = &outline.function(function).name;
                if !name.is_empty() {
                    signers.functions.insert(FuncRef { file, id: function });
                    signers.names.insert(name.clone());
                }
            }
        }
        signers
    })
}

/// `post(url, headers={"X-Webhook-Signature": …})`, `.header("X-Webhook-Signature", …)`.
fn signs(call: &Call) -> bool {
    let is_setter = call.callee.last_name().is_some_and(|name| matches!(name.as_str(), "append" | "header" | "insert" | "set"));
    if is_setter && call.args.len() == 2 {
        return call.positional(0).and_then(Expr::as_str).is_some_and(known::is_sent_with_webhooks);
    }
    call.args.iter().any(|arg| is_signed(&arg.value, 0))
}

/// Whether an object, or one in it, has a member that goes along with webhooks.
fn is_signed(expr: &Expr, depth: u32) -> bool {
    let Expr::Object(entries) = expr else { return false };
    entries.iter().any(|entry| {
        let by_key = matches!(&entry.key, Key::Name(key) if known::is_sent_with_webhooks(key));
        by_key || depth < 3 && is_signed(&entry.value, depth + 1)
    })
}

/// `headers["X-Webhook-Signature"] = …`
fn is_signing_place(target: &Pattern) -> bool {
    let Pattern::Place(Expr::Index(pair)) = target else { return false };
    pair.1.as_str().is_some_and(known::is_sent_with_webhooks)
}

#[cfg(test)]
mod tests {
    use super::{is_sender, is_sender_class};

    #[test]
    fn senders_are_told_by_their_names() {
        assert!(is_sender("deliver_webhook") && is_sender("triggerWebhookEvent") && is_sender("sendWebhooks"));
        assert!(!is_sender("handleWebhook") && !is_sender("createWebhook") && !is_sender("process_webhook_queue") && !is_sender("useHook"));
        assert!(is_sender_class("WebhookService") && !is_sender_class("StripeWebhookHandler") && !is_sender_class("EventService"));
    }
}
