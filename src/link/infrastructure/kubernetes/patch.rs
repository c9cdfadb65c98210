//! Patches of manifests: laid over them by name, or as a list of operations.

use crate::base::Name;
use crate::facts::tree::{Node, Value};

/// Manifests are patched so deep.
const DEPTH: usize = 60;

/// Lays a patch over a manifest: maps entry by entry, lists of named things by name.
pub fn lay(below: &mut Node, over: &Node, depth: usize) {
    if depth > DEPTH {
        return;
    }
    match (&mut below.value, &over.value) {
        (Value::Map(own), Value::Map(others)) => {
            for (key, node) in others.iter().filter(|(key, _)| !key.starts_with('$')) {
                match own.iter().position(|(name, _)| name == key) {
                    Some(index) if node.is_null() => {
                        own.remove(index);
                    }
                    Some(index) => lay(&mut own[index].1, node, depth + 1),
                    None => own.push((key.clone(), node.clone())),
                }
            }
        }
        (Value::List(own), Value::List(others)) if others.iter().all(|item| key_of(item).is_some()) && !others.is_empty() => {
            for item in others {
                let key = key_of(item);
                let is_deleted = item.text_of("$patch") == Some("delete");
                match own.iter().position(|known| key_of(known) == key) {
                    Some(index) if is_deleted => {
                        own.remove(index);
                    }
                    Some(index) => lay(&mut own[index], item, depth + 1),
                    None if is_deleted => {}
                    None => own.push(item.clone()),
                }
            }
        }
        _ => *below = over.clone(),
    }
}

/// What names an item of a list.
fn key_of(item: &Node) -> Option<&str> {
    ["name", "containerPort", "mountPath", "port", "key"].iter().find_map(|key| item.text_of(key))
}

/// Carries out operations: `{op: replace, path: /spec/replicas, value: 3}`.
pub fn operate(node: &mut Node, operations: &[Node]) {
    for operation in operations {
        let Some(path) = operation.text_of("path") else { continue };
        let parts: Vec<String> = path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        let Some((last, front)) = parts.split_last() else { continue };
        let Some(place) = front.iter().try_fold(&mut *node, |node, part| child(node, part)) else { continue };
        let value = operation.get("value").cloned().unwrap_or_default();
        match operation.text_of("op") {
            Some("remove") => remove(place, last),
            Some("replace" | "add") => put(place, last, value, operation.text_of("op") == Some("add")),
            _ => {}
        }
    }
}

fn child<'n>(node: &'n mut Node, part: &str) -> Option<&'n mut Node> {
    match &mut node.value {
        Value::Map(entries) => entries.iter_mut().find(|(key, _)| key == part).map(|(_, node)| node),
        Value::List(items) => items.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    }
}

fn remove(node: &mut Node, part: &str) {
    match &mut node.value {
        Value::Map(entries) => entries.retain(|(key, _)| key != part),
        Value::List(items) => {
            if let Some(index) = part.parse::<usize>().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

fn put(node: &mut Node, part: &str, value: Node, is_new: bool) {
    match &mut node.value {
        Value::Map(entries) => match entries.iter_mut().find(|(key, _)| key == part) {
            Some((_, known)) => *known = value,
            None => entries.push((Name::from(part), value)),
        },
        Value::List(items) if part == "-" => items.push(value),
        Value::List(items) => {
            let Some(index) = part.parse::<usize>().ok().filter(|index| *index <= items.len()) else { return };
            match items.get_mut(index).filter(|_| !is_new) {
                Some(known) => *known = value,
                None => items.insert(index, value),
            }
        }
        _ => {}
    }
}
