//! Where a document is served: hosts, and the prefix before every path.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::comparison::{Comparison, Scope, Shared, Values};
use super::side::{Operation, Side, members};

/// An address, with its variables at their defaults.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Server {
    url: String,
}

impl Server {
    fn of(server: &Value) -> Option<Self> {
        let mut url = server.get("url")?.as_str()?.to_owned();
        for (name, variable) in members(server.get("variables")) {
            let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
            url = url.replace(&format!("{{{name}}}"), default);
        }
        Some(Self { url: url.trim_end_matches('/').to_owned() })
    }

    /// What stands before every path; `None` when the address depends on where the document is found.
    fn base(&self) -> Option<&str> {
        let behind = self.url.split_once("://").map(|(_, rest)| rest).or_else(|| self.url.strip_prefix("//"));
        match behind {
            Some(rest) => Some(rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or_default()),
            None => (self.url.is_empty() || self.url.starts_with('/')).then_some(self.url.as_str()),
        }
    }
}

fn servers_of(owner: &Value) -> BTreeSet<Server> {
    owner.get("servers").and_then(Value::as_array).into_iter().flatten().filter_map(Server::of).collect()
}

/// The prefixes under which the two documents' paths are to be matched: their own where a prefix only moved between the server's
/// address and the paths, otherwise none.
pub fn bases(before: Side<'_>, after: Side<'_>) -> (String, String) {
    let base = |side: Side<'_>| servers_of(side.root).first().and_then(|server| server.base().map(str::to_owned)).unwrap_or_default();
    let (old, new) = (base(before), base(after));
    if old == new {
        return Default::default();
    }
    let shapes = |side: Side<'_>, base: &str| -> BTreeSet<String> {
        side.operations().iter().map(|operation| format!("{} {base}{}", operation.method, operation.shape())).collect()
    };
    let common = |old: &str, new: &str| shapes(before, old).intersection(&shapes(after, new)).count();
    if common(&old, &new) > common("", "") { (old, new) } else { Default::default() }
}

/// Compares the servers of the documents.
pub fn compare_servers(comparison: &mut Comparison<'_>) {
    let is_moved = bases(comparison.before, comparison.after) != Default::default();
    let (old, new) = (servers_of(comparison.before.root), servers_of(comparison.after.root));
    compare_lists(comparison, &Scope::of("API"), &old, &new, is_moved);
}

/// Compares the servers of two operations, where they have some of their own.
pub fn compare_own(comparison: &mut Comparison<'_>, scope: &Scope, before: &Operation<'_>, after: &Operation<'_>) {
    let own = |operation: &Operation<'_>| {
        let servers = servers_of(operation.node);
        if servers.is_empty() { servers_of(operation.item) } else { servers }
    };
    let (old, new) = (own(before), own(after));
    if old == new {
        return;
    }
    let or_all = |own: BTreeSet<Server>, side: Side<'_>| if own.is_empty() { servers_of(side.root) } else { own };
    let (old, new) = (or_all(old, comparison.before), or_all(new, comparison.after));
    let urls = |servers: &BTreeSet<Server>| servers.iter().map(|server| server.url.as_str()).collect::<Vec<_>>().join(" ");
    let shared = Shared::new(format!("servers {} → {}", urls(&old), urls(&new)), "servers");
    compare_lists(comparison, &scope.within_shared(shared), &old, &new, false);
}

/// Where no list is given, nothing is promised about the address.
fn compare_lists(comparison: &mut Comparison<'_>, scope: &Scope, old: &BTreeSet<Server>, new: &BTreeSet<Server>, is_moved: bool) {
    let bases = |servers: &BTreeSet<Server>| servers.iter().map(|server| server.base().map(str::to_owned)).collect::<Option<BTreeSet<_>>>();
    let (earlier, later) = (bases(old), bases(new));
    let are_elsewhere = matches!((&earlier, &later), (Some(earlier), Some(later)) if earlier.is_disjoint(later));
    if !old.is_empty() && !new.is_empty() && are_elsewhere && !is_moved {
        let urls = |servers: &BTreeSet<Server>| json!(servers.iter().map(|server| server.url.as_str()).collect::<Vec<_>>().join(", "));
        comparison.tell(scope, "servers", "http-base-path-changed", Values::both(urls(old), urls(new)));
        return;
    }
    if is_moved {
        return;
    }
    for server in old.difference(new) {
        comparison.tell(scope, "servers", "http-server-removed", Values::gone(server.url.as_str()));
    }
    for server in new.difference(old) {
        comparison.tell(scope, "servers", "http-server-added", Values::new(server.url.as_str()));
    }
}
