//! Webhooks that a program hears: where it checks who sent them.

use std::collections::BTreeMap;

use super::{PROVIDER, known, tested, webhook};
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, FuncId, Type};
use crate::facts::event::{Direction, EventFinding};
use crate::facts::finding::Findings;
use crate::facts::program::{CallRef, FileId, FuncRef, Program, Site, Text};
use crate::frameworks::messages::origin::origins;
use crate::frameworks::messages::{handlers, places};

/// Types and the paths that make their values.
const TYPES: &[(&str, &str)] = &[("stripe.Stripe", "stripe.Stripe()"), ("svix.Webhook", "svix.Webhook()")];
/// Functions and methods that read a header by name.
const READERS: &[&str] = &["get", "getHeader", "get_header", "getlist", "get_all", "header", "Header", "Headers", "headers"];
/// So many callers of a check are followed.
const CALLERS: usize = 8;
/// And so far up.
const HIGHEST: usize = 4;

/// Adds the webhooks that a file hears.
pub fn read(id: &'static str, program: &dyn Program, file: FileId, findings: &mut Findings) {
    let mut checked: BTreeMap<FuncId, &'static str> = BTreeMap::new();
    let mut note = |function: Option<FuncId>, provider: &'static str| {
        let Some(function) = function else { return };
        let known = checked.entry(function).or_default();
        if known.is_empty() {
            *known = provider;
        }
    };
    let outline = &program.file(file).outline;
    for (number, call) in (0u32..).zip(&outline.calls) {
        if let Some(provider) = check(program, CallRef { file, id: CallId(number) }, call).or_else(|| header(program, file, call)) {
            note(around(program, file, call.at.offset), provider);
        }
    }
    for read in &outline.reads {
        if let Some(provider) = indexed(&read.expr) {
            note(around(program, file, read.at.offset), provider);
        }
    }
    for (number, function) in (0u32..).zip(&outline.functions) {
        let given = function.params.iter().filter(|param| matches!(param.default, Some(Expr::Call(_))) || is_annotated(&param.ty));
        let names = given.filter_map(|param| param.name()).filter(|name| name.contains("signature") || name.contains("hmac"));
        for provider in names.filter_map(|name| known::provider_of_header(name)) {
            note(Some(FuncId(number)), provider);
        }
    }
    for (function, provider) in checked.into_iter().filter(|(function, _)| !outline.function(*function).flags.is_test) {
        hear(id, program, FuncRef { file, id: function }, provider, findings);
    }
}

fn is_annotated(ty: &Type) -> bool {
    ty.last_name().is_some_and(|name| name == "Annotated")
}

/// The innermost function around an offset; parameters and their defaults are in it.
fn around(program: &dyn Program, file: FileId, offset: u32) -> Option<FuncId> {
    let functions = (0u32..).zip(&program.file(file).outline.functions);
    let inside = functions.filter(|(_, function)| (function.at.offset..function.end).contains(&offset));
    inside.min_by_key(|(_, function)| function.end - function.at.offset).map(|(number, _)| FuncId(number))
}

/// `stripe.webhooks.constructEvent(…)`: whose webhooks a call checks.
fn check(program: &dyn Program, reference: CallRef, call: &Call) -> Option<&'static str> {
    let name = call.callee.last_name().filter(|name| known::may_check(name))?;
    let site = Site::of_call(reference.file, call);
    let found = origins(program, &site, &call.callee, TYPES);
    if let Some(provider) = found.iter().find_map(|origin| known::provider_of_check(&origin.path)) {
        return Some(provider);
    }
    // The client may be made where nobody looks; these names are nobody else's.
    let of = call.method().and_then(|(receiver, _)| receiver.last_name()).map_or("", Name::as_str);
    let is_stripe = matches!((of, name.as_str()), ("webhooks", "constructEvent" | "constructEventAsync") | ("Webhook", "construct_event"));
    is_stripe.then_some("stripe")
}

/// `request.headers.get("X-Hub-Signature-256")`, `req.header("stripe-signature")`, `Header(alias="X-Slack-Signature")`.
fn header(program: &dyn Program, file: FileId, call: &Call) -> Option<&'static str> {
    let reader = call.callee.last_name().filter(|name| READERS.contains(&name.as_str()))?;
    // `.header("X-Webhook-Signature", signature)` says one.
    if reader == "header" && call.positional(1).is_some() {
        return None;
    }
    let named = call.arg(0, "alias")?;
    match named {
        Expr::Str(text) => known::provider_of_header(text),
        // `headers.get(SIGNATURE_HEADER)`
        Expr::Ref(name) | Expr::Member(_, name) if name.to_ascii_uppercase().contains("SIGNATURE") => {
            program.text(&Site::of_call(file, call), named).plain().and_then(|text| known::provider_of_header(&text))
        }
        _ => None,
    }
}

/// `request.headers["X-Hub-Signature-256"]`, `request.META["HTTP_STRIPE_SIGNATURE"]`.
fn indexed(expr: &Expr) -> Option<&'static str> {
    let Expr::Index(pair) = expr else { return None };
    let of = pair.0.last_name()?;
    matches!(of.as_str(), "headers" | "META" | "header").then(|| pair.1.as_str().and_then(known::provider_of_header)).flatten()
}

/// One event for each that is told apart, else one for all.
fn hear(id: &'static str, program: &dyn Program, function: FuncRef, provider: &'static str, findings: &mut Findings) {
    let mut names = tested::events(program, function);
    let handlers = handlers_above(program, function);
    for handler in handlers.iter().filter(|handler| **handler != function) {
        names.extend(tested::events(program, *handler));
    }
    let payload = handlers::parsed(program, function).filter(|shape| program.record(shape).is_some());
    for handler in handlers {
        let told = |channel: &str| EventFinding {
            channel: Text::known(channel),
            payload: payload.clone(),
            bindings: (!provider.is_empty()).then(|| (Name::from(PROVIDER), Text::known(provider))).into_iter().collect(),
            place: places::of_handler_in(program, function),
            doc: program.function(handler).doc.clone(),
            handler: Some(handler),
            ..webhook(id, Direction::Receive)
        };
        if names.is_empty() {
            findings.events.push(told(""));
        }
        findings.events.extend(names.iter().map(|name| told(name)));
    }
}

/// The functions that a check is reached from and that nobody of the program calls: routes, mostly.
fn handlers_above(program: &dyn Program, function: FuncRef) -> Vec<FuncRef> {
    let mut level = vec![function];
    for _ in 0..HIGHEST {
        let mut next = Vec::new();
        for function in &level {
            let callers = program.callers(*function).iter().take(CALLERS);
            let above = callers
                .filter_map(|call| Some(FuncRef { file: call.file, id: around(program, call.file, program.call(*call).at.offset)? }));
            let above: Vec<FuncRef> = above.filter(|above| above != function && !level.contains(above)).collect();
            if above.is_empty() {
                next.push(*function);
            }
            next.extend(above);
        }
        next.sort();
        next.dedup();
        next.truncate(CALLERS);
        if next == level {
            break;
        }
        level = next;
    }
    level
}
