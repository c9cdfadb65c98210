//! Holes of paths and of channels' names, filled.

use std::collections::BTreeMap;

use super::{Given, is_answered};
use crate::contract::model::{Action, Contract, Event, Gap, Location, Method, Operation};
use crate::contract::path::{filled, names_of, shape_of};
use crate::contract::resolutions::values::Value;
use crate::contract::settle::route_word_of;

/// Fills the holes of an operation's path.
pub(super) fn in_path(
    contract: &mut Contract,
    (feature, index): (usize, usize),
    gap: &Gap,
    value: &Value,
    given: &Given,
) -> Result<(), String> {
    let operation = &contract.features[feature].http[index];
    let template = operation.original_path.as_deref().unwrap_or(&operation.path);
    let (base, by_position) = placed(gap, value, template)?;
    let fill = |path: &str| joined(&base, &filled(path, |position| by_position.get(&position).cloned()));
    let path = fill(&operation.path);
    if let Some(other) = serving(contract, operation.method, &path, operation) {
        return Err(format!("`{} {path}` is served by `{other}` already", operation.method));
    }
    let gone: Vec<String> = {
        let names = names_of(&operation.path);
        by_position.keys().filter_map(|position| names.get(*position)).map(|name| (*name).to_owned()).collect()
    };
    let operation = &mut contract.features[feature].http[index];
    let kept: Vec<String> = names_of(&path).into_iter().map(str::to_owned).collect();
    operation.parameters.retain(|one| one.location != Location::Path || !gone.contains(&one.name) || kept.contains(&one.name));
    if operation.operation_id == route_word_of(operation) {
        operation.operation_id.clear();
    }
    operation.original_path = operation.original_path.as_deref().map(fill);
    operation.path = path;
    operation.origin = given.by.origin;
    operation.confidence = given.by.confidence;
    Ok(())
}

/// Fills the holes of a channel's name, and joins it with who is at the other end.
pub(super) fn in_channel(
    contract: &mut Contract,
    (feature, index): (usize, usize),
    gap: &Gap,
    value: &Value,
    given: &Given,
) -> Result<(), String> {
    let event = &contract.features[feature].events[index];
    let (base, by_position) = placed(gap, value, &event.channel)?;
    let channel = format!("{base}{}", filled(&event.channel, |position| by_position.get(&position).cloned()));
    if channel.trim().is_empty() {
        return Err("the channel would have no name".into());
    }
    let event = &mut contract.features[feature].events[index];
    event.channel = channel;
    event.origin = given.by.origin;
    event.confidence = given.by.confidence;
    meet(contract, feature, index);
    Ok(())
}

/// Names the features at both ends of a channel to one another.
pub(super) fn meet(contract: &mut Contract, feature: usize, index: usize) {
    let (slug, event) = (contract.features[feature].slug.clone(), contract.features[feature].events[index].clone());
    let is_other_end = |other: &Event| other.channel == event.channel && other.protocol == event.protocol && other.action != event.action;
    let mut met = Vec::new();
    for (number, other) in contract.features.iter_mut().enumerate().filter(|(number, _)| *number != feature) {
        for end in other.events.iter_mut().filter(|end| is_other_end(end)) {
            end.counterparts.push(slug.clone());
            met.push(number);
        }
    }
    let slugs: Vec<String> = met.into_iter().map(|number| contract.features[number].slug.clone()).collect();
    contract.features[feature].events[index].counterparts.extend(slugs);
}

/// What goes before the whole, and what goes in place of names in the template, by position.
fn placed(gap: &Gap, value: &Value, template: &str) -> Result<(String, BTreeMap<usize, String>), String> {
    let holes = gap.holes();
    let texts: Vec<(&str, &String)> = match (value, holes.as_slice()) {
        (Value::Part(text), [hole]) => vec![(hole, text)],
        (Value::Part(_), holes) => return Err(format!("{} holes need an object with a text for each", holes.len())),
        (Value::Parts(texts), holes) => {
            if texts.len() != holes.len() {
                return Err(format!("the holes are {}", holes.join(", ")));
            }
            {
                let text = |hole: &str| texts.get(hole).ok_or_else(|| format!("nothing stands for `{hole}`"));
                holes.iter().map(|hole| Ok((*hole, text(hole)?))).collect::<Result<_, String>>()?
            }
        }
        _ => return Err("the answer is no text".into()),
    };
    let names = names_of(template);
    let mut base = String::new();
    let mut by_position = BTreeMap::new();
    for (hole, text) in texts {
        let spelt = [in_paths(hole), in_channels(hole)];
        match names.iter().position(|name| spelt.iter().any(|spelt| spelt == name)) {
            Some(position) => drop(by_position.insert(position, text.clone())),
            // Where everything is served under stands in no template.
            None => base.push_str(text),
        }
    }
    Ok((base, by_position))
}

/// How the linker writes the name of a hole in a path.
fn in_paths(hole: &str) -> String {
    let cleaned: String = hole.chars().map(|c| if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' }).collect();
    cleaned.trim_matches('_').to_owned()
}

/// How the linker writes the name of a hole in the name of a channel.
fn in_channels(hole: &str) -> String {
    let last = hole.rsplit(['.', '/', '$', '{']).next().unwrap_or(hole);
    let name: String = last.chars().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).collect();
    if name.is_empty() { "value".to_owned() } else { name }
}

/// A path under a base, without empty segments.
fn joined(base: &str, path: &str) -> String {
    let mut whole = if base.is_empty() || base.starts_with('/') { base.to_owned() } else { format!("/{base}") };
    whole.push_str(path);
    while let Some(at) = whole.find("//") {
        whole.remove(at);
    }
    if whole.len() > 1 && whole.ends_with('/') && !path.ends_with('/') {
        whole.pop();
    }
    if whole.is_empty() { "/".into() } else { whole }
}

/// Who serves a route already, as far as code or a document says; not the operation itself.
pub(super) fn serving(contract: &Contract, method: Method, path: &str, but: &Operation) -> Option<String> {
    let shape = shape_of(path);
    let known = contract.features.iter().flat_map(|feature| &feature.http);
    // What a reader found in code is code's, whoever told a part of its path.
    let known = known.filter(|known| !is_answered(known.origin) || !known.framework.is_empty());
    let mut same = known.filter(|known| known.method == method && shape_of(&known.path) == shape && !std::ptr::eq(*known, but));
    same.next().map(|known| if known.evidence.symbol.is_empty() { known.evidence.file.clone() } else { known.evidence.symbol.clone() })
}

/// Whether code sends or hears on a channel already.
pub(super) fn has_channel(contract: &Contract, action: Action, channel: &str, protocol: &str) -> bool {
    let known = contract.features.iter().flat_map(|feature| &feature.events).filter(|known| !is_answered(known.origin));
    known.into_iter().any(|known| known.action == action && known.channel == channel && known.protocol == protocol)
}
