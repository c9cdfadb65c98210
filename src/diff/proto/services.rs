//! Services and their calls.

use std::collections::{BTreeMap, BTreeSet};

use super::told::Told;
use crate::contract::model::grpc::{GrpcMethod, GrpcService, HttpRule};
use crate::diff::change::Level;

/// Compares services; those of packages that are gone are told by that.
pub(super) fn compare(told: &mut Told, gone: &BTreeSet<&str>) {
    let mut known = BTreeSet::new();
    for (name, was) in &told.before.services {
        let now = told.renamed(name, &was.evidence.file);
        match told.after.services.get(now.as_str()) {
            Some(is) => service(told, was, is),
            None if gone.contains(was.package.as_str()) => {}
            None => told.add("proto-service-removed", (name, ""), Some((*name).to_owned()), None),
        }
        known.insert(now);
    }
    for name in told.after.services.keys().filter(|name| !known.contains(**name)) {
        told.add("proto-service-added", (name, ""), None, Some((*name).to_owned()));
    }
}

fn service(told: &mut Told, before: &GrpcService, after: &GrpcService) {
    super::items::moved(told, &after.name, &before.evidence.file, &after.evidence.file);
    let methods = |service: &'_ GrpcService| -> BTreeMap<String, GrpcMethod> {
        service.methods.iter().map(|method| (method.name.clone(), method.clone())).collect()
    };
    let (was, is) = (methods(before), methods(after));
    for (name, one) in &was {
        match is.get(name) {
            Some(other) => method(told, (&before.evidence.file, &after.name), one, other),
            None => told.add("proto-rpc-removed", (&after.name, name), Some(said(one)), None),
        }
    }
    for (name, one) in is.iter().filter(|(name, _)| !was.contains_key(*name)) {
        told.add("proto-rpc-added", (&after.name, name), None, Some(said(one)));
    }
}

fn method(told: &mut Told, (file, service): (&str, &str), before: &GrpcMethod, after: &GrpcMethod) {
    let at = (service, after.name.as_str());
    let types = [
        ("proto-rpc-request-type-changed", &before.request, &after.request),
        ("proto-rpc-response-type-changed", &before.response, &after.response),
    ];
    for (rule, was, is) in types {
        if told.renamed(was, file) != *is {
            told.add(rule, at, Some(was.clone()), Some(is.clone()));
        }
    }
    if streaming(before) != streaming(after) {
        told.add("proto-rpc-streaming-changed", at, Some(streaming(before).to_owned()), Some(streaming(after).to_owned()));
    }
    let level =
        |method: &GrpcMethod| if method.idempotency.is_empty() { "IDEMPOTENCY_UNKNOWN".to_owned() } else { method.idempotency.clone() };
    if level(before) != level(after) {
        told.add("proto-rpc-idempotency-changed", at, Some(level(before)), Some(level(after)));
    }
    let forms = |method: &GrpcMethod| method.http.iter().map(form).collect::<BTreeSet<String>>();
    let (was, is) = (forms(before), forms(after));
    if was != is {
        let text = |forms: BTreeSet<String>| (!forms.is_empty()).then(|| forms.into_iter().collect::<Vec<_>>().join(", "));
        let level = was.is_subset(&is).then_some(Level::Info);
        told.add_at(level, "proto-rpc-http-binding-changed", at, text(was), text(is));
    }
}

fn form(rule: &HttpRule) -> String {
    let body = if rule.body.is_empty() { String::new() } else { format!(" (body: {})", rule.body) };
    format!("{} {}{body}", rule.method, rule.path)
}

fn streaming(method: &GrpcMethod) -> &'static str {
    match (method.client_streaming, method.server_streaming) {
        (false, false) => "no streaming",
        (true, false) => "client streaming",
        (false, true) => "server streaming",
        (true, true) => "streaming both ways",
    }
}

fn said(method: &GrpcMethod) -> String {
    let side = |is_stream: bool, ty: &str| format!("({}{ty})", if is_stream { "stream " } else { "" });
    let (request, response) = (side(method.client_streaming, &method.request), side(method.server_streaming, &method.response));
    format!("{}{request} returns {response}", method.name)
}
