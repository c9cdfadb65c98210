//! Values of a template: references and substitutions, in their short and their long form.

use std::collections::BTreeMap;

use crate::facts::tree::{Node, Value};

/// Functions nest so deep.
const DEPTH: usize = 24;

/// What references of a template lead to.
pub(super) struct Values<'a> {
    root: &'a Node,
    defaults: BTreeMap<&'a str, &'a str>,
}

impl<'a> Values<'a> {
    /// Of a template. Parameters that must not be shown have no value.
    pub fn new(root: &'a Node) -> Self {
        let parameters = root.entries_at(&["Parameters"]).iter().filter(|(_, node)| !node.get("NoEcho").is_some_and(Node::is_true));
        let defaults = parameters.filter_map(|(name, node)| Some((name.as_str(), node.text_of("Default")?))).collect();
        Self { root, defaults }
    }

    /// The text of a value, defaults of parameters filled in.
    pub fn full(&self, node: &Node) -> String {
        self.text(node, true, 0)
    }

    /// The text of a value as it is written.
    pub fn written(&self, node: &Node) -> String {
        self.text(node, false, 0)
    }

    /// The resource that a value refers to.
    pub fn resource_of(&self, node: &Node) -> Option<&'a Node> {
        let name = match call_of(node) {
            Some(("Ref" | "GetAtt", argument)) => argument.text().or_else(|| argument.items().first()?.text())?,
            _ => return None,
        };
        self.root.at(&["Resources", name.split('.').next()?])
    }

    fn text(&self, node: &Node, fills: bool, depth: usize) -> String {
        if depth > DEPTH {
            return "${…}".into();
        }
        let Some((name, argument)) = call_of(node) else { return node.text().unwrap_or("${…}").to_owned() };
        match name {
            "Ref" => self.reference(argument.text().unwrap_or_default(), fills),
            "Sub" => self.substituted(argument, fills, depth),
            "Join" => {
                let [separator, list] = argument.items() else { return "${…}".into() };
                let parts: Vec<String> = list.items().iter().map(|item| self.text(item, fills, depth + 1)).collect();
                parts.join(separator.text().unwrap_or_default())
            }
            "GetAtt" => {
                let parts: Vec<&str> = argument.texts().collect();
                format!("${{{}}}", parts.join("."))
            }
            "If" => argument.items().get(1).map_or_else(|| "${…}".into(), |one| self.text(one, fills, depth + 1)),
            "ImportValue" => format!("${{{}}}", self.text(argument, fills, depth + 1)),
            _ => "${…}".into(),
        }
    }

    fn reference(&self, name: &str, fills: bool) -> String {
        self.defaults.get(name).filter(|_| fills).map_or_else(|| format!("${{{name}}}"), |default| (*default).to_owned())
    }

    /// `!Sub "${Stage}-jobs"`, or a list of the text and its own names.
    fn substituted(&self, argument: &Node, fills: bool, depth: usize) -> String {
        let (text, own) = match argument.items() {
            [text, own, ..] => (text.text(), Some(own)),
            [text] => (text.text(), None),
            [] => (argument.text(), None),
        };
        let mut out = String::new();
        let mut rest = text.unwrap_or_default();
        while let Some((before, behind)) = rest.split_once("${") {
            out.push_str(before);
            let Some((name, after)) = behind.split_once('}') else {
                out.push_str("${");
                rest = behind;
                break;
            };
            match own.and_then(|own| own.get(name)).filter(|_| fills) {
                Some(value) => out.push_str(&self.text(value, fills, depth + 1)),
                None => out.push_str(&self.reference(name, fills)),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// A function and what it is given: `!Ref x`, `{"Ref": "x"}`, `{"Fn::Sub": …}`.
pub(super) fn call_of(node: &Node) -> Option<(&str, &Node)> {
    if !node.tag.is_empty() {
        return Some((node.tag.as_str(), node));
    }
    match &node.value {
        Value::Map(entries) => match entries.as_slice() {
            [(key, argument)] if key == "Ref" || key.starts_with("Fn::") => Some((key.trim_start_matches("Fn::"), argument)),
            _ => None,
        },
        _ => None,
    }
}
