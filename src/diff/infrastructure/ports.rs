//! Ports: what listens where, and what is reached from outside.

use std::collections::BTreeMap;

use super::told::Told;
use crate::contract::model::infrastructure::{Port, Service};
use crate::diff::Level;

/// Compares the ports of a service. What a cluster publishes is still inside it.
pub fn compare(told: &mut Told, subject: &str, services: (&Service, &Service)) {
    let (before, after) = (&services.0.ports, &services.1.ports);
    let is_public = |port: &Port| services.1.platform != "kubernetes" && is_public(port);
    let (old, new) = (by_number(before), by_number(after));
    let gone: Vec<&Port> = old.iter().filter(|(key, _)| !new.contains_key(*key)).map(|(_, port)| *port).collect();
    let come: Vec<&Port> = new.iter().filter(|(key, _)| !old.contains_key(*key)).map(|(_, port)| *port).collect();
    if let ([left], [right]) = (gone.as_slice(), come.as_slice()) {
        told.differs("infra-port-changed", (subject, "port"), Some(&label(left)), Some(&label(right)));
    } else {
        for port in &gone {
            told.differs("infra-port-removed", (subject, &format!("port {}", number(port))), Some(&label(port)), None);
        }
        for port in &come {
            let change = told.differs("infra-port-added", (subject, &format!("port {}", number(port))), None, Some(&label(port)));
            if is_public(port) {
                change.level = Level::Warning;
            }
        }
    }
    for (key, left) in &old {
        if let Some(right) = new.get(key) {
            published(told, subject, (left, right), is_public(right) && !is_public(left));
        }
    }
}

fn published(told: &mut Told, subject: &str, ports: (&Port, &Port), is_exposed: bool) {
    let (old, new) = ports;
    let part = format!("port {}", number(new));
    let (left, right) = (old.published.as_deref(), new.published.as_deref());
    match (left, right) {
        _ if left == right => {}
        _ if is_exposed => {
            told.differs("infra-public-exposure-added", (subject, &part), left, right);
        }
        (Some(_), Some(_)) => {
            told.differs("infra-port-changed", (subject, &part), left, right);
        }
        (Some(_), None) => {
            told.differs("infra-port-removed", (subject, &format!("{part} from outside")), left, None);
        }
        _ => {}
    }
}

fn by_number(ports: &[Port]) -> BTreeMap<(u16, &str), &Port> {
    // Of a port that is published twice the first is told.
    ports.iter().rev().map(|port| ((port.container, port.protocol.as_str()), port)).collect()
}

/// Whether it is reached from other machines.
fn is_public(port: &Port) -> bool {
    port.published.as_deref().is_some_and(|text| !["127.", "localhost", "[::1]", "::1"].iter().any(|local| text.starts_with(local)))
}

fn number(port: &Port) -> String {
    if port.protocol.is_empty() { port.container.to_string() } else { format!("{}/{}", port.container, port.protocol) }
}

fn label(port: &Port) -> String {
    match &port.published {
        Some(published) => format!("{published}:{}", number(port)),
        None => number(port),
    }
}
