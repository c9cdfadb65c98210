//! YAML as trees: one for each document of a file, aliases put in place, merge keys merged, scalars as they are written.
//!
//! A file that breaks off gives what stands before the break. Bombs and deep nesting end early.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use crate::base::Name;
use crate::facts::tree::{Node, Value};

/// Deeper nesting is nobody's configuration.
const DEPTH: usize = 100;
/// So many nodes, those that aliases repeat included, and a file is read no further.
const NODES: usize = 400_000;

/// The documents of a file.
#[must_use]
pub fn read(text: &str) -> Vec<Node> {
    let options = granit_parser::options! { emit_unresolved_aliases: true, emit_comments: false };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder::default();
    let mut documents = Vec::new();
    loop {
        match parser.next() {
            None => break,
            Some(Ok((Event::DocumentEnd, _))) => documents.extend(builder.finished()),
            Some(Ok((event, span))) => {
                let line = u32::try_from(span.start.line()).unwrap_or_default();
                if builder.take(event, line).is_none() {
                    documents.extend(builder.finished());
                    break;
                }
            }
            Some(Err(_)) => {
                documents.extend(builder.finished());
                if !parser.proceed_next_document().unwrap_or(false) {
                    break;
                }
            }
        }
    }
    documents.extend(builder.finished());
    documents
}

/// The nodes that are open, innermost last.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
}

struct Open {
    node: Node,
    anchor: usize,
    /// The key that waits for its value.
    key: Option<Name>,
    /// How many nodes there were when it began.
    began: usize,
}

impl Builder {
    /// Takes an event; `None` when there is too much of it.
    fn take(&mut self, event: Event, line: u32) -> Option<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text = text.into_owned();
                let value = match style {
                    ScalarStyle::Plain if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL") => Value::Null,
                    ScalarStyle::Plain => Value::Plain(text),
                    _ => Value::Quoted(text),
                };
                self.count(1)?;
                let node = Node { tag: name_of(tag.as_deref()), line, value };
                self.keep(anchor, &node, 1);
                self.put(node);
            }
            Event::SequenceStart(_, anchor, tag) => self.begin(Value::List(Vec::new()), anchor, name_of(tag.as_deref()), line)?,
            Event::MappingStart(_, anchor, tag) => self.begin(Value::Map(Vec::new()), anchor, name_of(tag.as_deref()), line)?,
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(id) => {
                let (node, size) = self.anchors.get(&id).map_or((Node::default(), 1), |(node, size)| (node.clone(), *size));
                self.count(size)?;
                self.put(node);
            }
            Event::UnresolvedAlias(_) => self.put(Node::default()),
            _ => {}
        }
        Some(())
    }

    fn count(&mut self, more: usize) -> Option<()> {
        self.nodes = self.nodes.saturating_add(more);
        (self.nodes <= NODES).then_some(())
    }

    fn keep(&mut self, anchor: usize, node: &Node, size: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
    }

    fn begin(&mut self, value: Value, anchor: usize, tag: Name, line: u32) -> Option<()> {
        self.count(1)?;
        self.open.push(Open { node: Node { tag, line, value }, anchor, key: None, began: self.nodes });
        (self.open.len() <= DEPTH).then_some(())
    }

    fn end(&mut self) {
        let Some(mut open) = self.open.pop() else { return };
        if let Value::Map(entries) = &mut open.node.value {
            merge(entries);
        }
        let size = self.nodes - open.began + 1;
        self.keep(open.anchor, &open.node, size);
        self.put(open.node);
    }

    /// Puts a node where the next one belongs.
    fn put(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        match (&mut open.node.value, open.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(entries), Some(key)) => entries.push((key, node)),
            (_, None) => open.key = Some(node.text().unwrap_or_default().into()),
            _ => {}
        }
    }

    /// Closes what is open and gives the document.
    fn finished(&mut self) -> Option<Node> {
        while !self.open.is_empty() {
            self.end();
        }
        self.anchors.clear();
        self.root.take().filter(|node| !node.is_null())
    }
}

/// `Ref` of `!Ref`; nothing for YAML's own tags.
fn name_of(tag: Option<&Tag>) -> Name {
    let Some(tag) = tag.filter(|tag| tag.is_custom()) else { return Name::default() };
    tag.to_string().trim_start_matches('!').into()
}

/// Puts the entries of `<<` behind those that stand here; of keys that stand twice the last holds.
fn merge(entries: &mut Vec<(Name, Node)>) {
    let mut merged: Vec<(Name, Node)> = Vec::with_capacity(entries.len());
    let mut below: Vec<Node> = Vec::new();
    let mut at: BTreeMap<Name, usize> = BTreeMap::new();
    for (key, node) in entries.drain(..) {
        if key == "<<" {
            below.extend(match node.value {
                Value::List(items) => items,
                _ => vec![node],
            });
        } else if let Some((_, known)) = at.get(&key).and_then(|index| merged.get_mut(*index)) {
            *known = node;
        } else {
            at.insert(key.clone(), merged.len());
            merged.push((key, node));
        }
    }
    for (key, node) in below.into_iter().flat_map(|node| if let Value::Map(entries) = node.value { entries } else { Vec::new() }) {
        if !at.contains_key(&key) {
            at.insert(key.clone(), merged.len());
            merged.push((key, node));
        }
    }
    *entries = merged;
}
