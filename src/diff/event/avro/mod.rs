//! Avro schemas: whether readers with the new schema still read what was written with the old one, and, of what the
//! application sends, whether readers with the old schema read what is written with the new one.

mod names;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::names::{Kind, Names, Node};
use super::side::Action;
use crate::diff::Level;
use crate::diff::schema::SchemaChange;

/// Deeper schemas are not compared.
const DEEPEST: usize = 100;

/// What a type may be read as besides itself.
const PROMOTIONS: &[(&str, &[&str])] = &[
    ("int", &["long", "float", "double"]),
    ("long", &["float", "double"]),
    ("float", &["double"]),
    ("string", &["bytes"]),
    ("bytes", &["string"]),
];

/// The changes from one schema to another.
pub fn compare(before: &Value, after: &Value, ways: &BTreeSet<Action>) -> Vec<SchemaChange> {
    let (before, after) = (parsed(before), parsed(after));
    let (old, new) = (Names::of(&before), Names::of(&after));
    let mut changes = reading(Reads::Old, (&new, &after), (&old, &before));
    if ways.contains(&Action::Send) {
        let further = reading(Reads::New, (&old, &before), (&new, &after));
        let told: BTreeSet<String> = changes.iter().map(|change| change.path.clone()).collect();
        changes.extend(further.into_iter().filter(|change| !told.contains(&change.path)));
    }
    changes.sort_by(|a, b| (&a.path, &a.rule).cmp(&(&b.path, &b.rule)));
    changes.dedup();
    changes
}

/// A schema that stands as text is read.
fn parsed(schema: &Value) -> Value {
    schema.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| schema.clone())
}

/// Which data is read, and with the other schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Old,
    New,
}

/// Why a reader stumbles.
#[derive(Clone, Copy)]
enum Stumble {
    Default,
    Alias,
    Promotion,
    Symbol,
    Size,
    Branch,
}

impl Stumble {
    /// New data that old readers cannot read is told as what it is: more than was promised. An Avro reader does not skip what
    /// it does not know, so each of these breaks.
    fn rule(self, reads: Reads) -> &'static str {
        match (reads, self) {
            (Reads::Old, Self::Default) => "event-avro-default-missing",
            (Reads::Old, Self::Alias) => "event-avro-alias-missing",
            (Reads::Old, Self::Promotion) => "event-avro-promotion-invalid",
            (Reads::Old, Self::Symbol) => "event-avro-symbol-removed",
            (_, Self::Size) => "event-avro-fixed-size-changed",
            (Reads::Old, Self::Branch) => "event-avro-union-branch-removed",
            (Reads::New, Self::Default | Self::Alias) => "output-required-property-removed",
            (Reads::New, Self::Symbol) => "output-enum-value-added",
            (Reads::New, Self::Promotion | Self::Branch) => "output-type-changed",
        }
    }
}

fn reading(reads: Reads, reader: (&Names<'_>, &Value), writer: (&Names<'_>, &Value)) -> Vec<SchemaChange> {
    let mut check = Check { reads, reader: reader.0, writer: writer.0, seen: BTreeSet::new(), changes: Vec::new() };
    check.pair(Node::top(reader.1), Node::top(writer.1), "", 0);
    check.changes
}

struct Check<'s, 'a> {
    reads: Reads,
    reader: &'s Names<'a>,
    writer: &'s Names<'a>,
    seen: BTreeSet<(usize, usize)>,
    changes: Vec<SchemaChange>,
}

impl<'a> Check<'_, 'a> {
    fn tell(&mut self, why: Stumble, path: &str, reader: Option<Value>, writer: Option<Value>) {
        let rule = why.rule(self.reads);
        let (before, after) = if self.reads == Reads::Old { (writer, reader) } else { (reader, writer) };
        self.changes.push(SchemaChange {
            rule: rule.to_owned(),
            level: Level::Breaking,
            path: path.to_owned(),
            shared: None,
            before,
            after,
        });
    }

    /// Whether data of the writer's type is read as the reader's.
    fn pair(&mut self, reader: Node<'a>, writer: Node<'a>, path: &str, depth: usize) {
        let (reader, writer) = (self.reader.settled(reader), self.writer.settled(writer));
        let identity = (std::ptr::from_ref(reader.value).addr(), std::ptr::from_ref(writer.value).addr());
        if depth > DEEPEST || !self.seen.insert(identity) {
            return;
        }
        match (reader.kind(), writer.kind()) {
            (_, Kind::Union(branches)) => self.branches(&reader, branches.iter().map(|value| writer.inner(value)), path, depth),
            (Kind::Union(branches), _) => {
                let options: Vec<Node<'a>> = branches.iter().map(|value| self.reader.settled(reader.inner(value))).collect();
                match options.into_iter().find(|option| fits(option, &writer)) {
                    Some(option) => self.pair(option, writer, path, depth + 1),
                    None => self.tell(Stumble::Promotion, path, Some(reader.label()), Some(writer.label())),
                }
            }
            (Kind::Record, Kind::Record) => self.record(&reader, &writer, path, depth),
            (Kind::Enum, Kind::Enum) => self.symbols(&reader, &writer, path),
            (Kind::Fixed, Kind::Fixed) => {
                self.name(&reader, &writer, path);
                let size = |node: &Node<'_>| node.value.get("size").cloned();
                if size(&reader) != size(&writer) {
                    self.tell(Stumble::Size, path, size(&reader), size(&writer));
                }
            }
            (Kind::Array, Kind::Array) => self.below(&reader, &writer, "items", &format!("{path}[]"), depth),
            (Kind::Map, Kind::Map) => self.below(&reader, &writer, "values", &format!("{path}{{}}"), depth),
            (Kind::Plain(left), Kind::Plain(right)) if is_read_as(right, left) && reader.logical() == writer.logical() => {}
            _ => self.tell(Stumble::Promotion, path, Some(reader.label()), Some(writer.label())),
        }
    }

    fn below(&mut self, reader: &Node<'a>, writer: &Node<'a>, key: &str, path: &str, depth: usize) {
        if let (Some(left), Some(right)) = (reader.value.get(key), writer.value.get(key)) {
            self.pair(reader.inner(left), writer.inner(right), path, depth + 1);
        }
    }

    /// Each branch of what is written must have a place where it is read.
    fn branches(&mut self, reader: &Node<'a>, written: impl Iterator<Item = Node<'a>>, path: &str, depth: usize) {
        let options: Vec<Node<'a>> = match reader.kind() {
            Kind::Union(branches) => branches.iter().map(|value| self.reader.settled(reader.inner(value))).collect(),
            _ => vec![*reader],
        };
        for branch in written {
            let branch = self.writer.settled(branch);
            let exact = options.iter().find(|option| option.label() == branch.label());
            match exact.or_else(|| options.iter().find(|option| fits(option, &branch))) {
                Some(option) => self.pair(*option, branch, path, depth + 1),
                None => self.tell(Stumble::Branch, path, None, Some(branch.label())),
            }
        }
    }

    fn name(&mut self, reader: &Node<'_>, writer: &Node<'_>, path: &str) {
        let (left, right) = (reader.short_name(), writer.short_name());
        if left != right && !reader.aliases().any(|alias| alias == right) && !writer.aliases().any(|alias| alias == left) {
            self.tell(Stumble::Alias, path, Some(json!(left)), Some(json!(right)));
        }
    }

    fn record(&mut self, reader: &Node<'a>, writer: &Node<'a>, path: &str, depth: usize) {
        self.name(reader, writer, path);
        let (wanted, given) = (reader.fields(), writer.fields());
        let found = |field: &Node<'a>| {
            let name = field.short_name();
            let same = given.iter().position(|other| other.short_name() == name);
            same.or_else(|| given.iter().position(|other| field.aliases().any(|alias| alias == other.short_name())))
        };
        let places: Vec<Option<usize>> = wanted.iter().map(found).collect();
        for (field, place) in wanted.iter().zip(&places) {
            let below = if path.is_empty() { field.short_name().to_owned() } else { format!("{path}.{}", field.short_name()) };
            if let Some(place) = place {
                self.below(field, &given[*place], "type", &below, depth);
            } else if field.value.get("default").is_none() {
                let is_free = |place: usize| !places.contains(&Some(place));
                let twin = given.iter().enumerate().find(|(at, other)| is_free(*at) && other.value.get("type") == field.value.get("type"));
                match twin {
                    Some((_, twin)) => {
                        self.tell(Stumble::Alias, &below, Some(json!(field.short_name())), Some(json!(twin.short_name())));
                    }
                    None => self.tell(Stumble::Default, &below, Some(field.label()), None),
                }
            }
        }
    }

    fn symbols(&mut self, reader: &Node<'_>, writer: &Node<'_>, path: &str) {
        self.name(reader, writer, path);
        if reader.value.get("default").is_some() {
            return;
        }
        let known: BTreeSet<&str> = reader.symbols().collect();
        for symbol in writer.symbols().filter(|symbol| !known.contains(symbol)) {
            self.tell(Stumble::Symbol, path, None, Some(json!(symbol)));
        }
    }
}

/// Whether data of one type may be read as another, as far as the outside tells.
fn fits(reader: &Node<'_>, writer: &Node<'_>) -> bool {
    match (reader.kind(), writer.kind()) {
        (Kind::Record, Kind::Record) | (Kind::Enum, Kind::Enum) | (Kind::Fixed, Kind::Fixed) => {
            let (left, right) = (reader.short_name(), writer.short_name());
            left == right || reader.aliases().any(|alias| alias == right)
        }
        (Kind::Array, Kind::Array) | (Kind::Map, Kind::Map) => true,
        (Kind::Plain(left), Kind::Plain(right)) => is_read_as(right, left) && reader.logical() == writer.logical(),
        _ => false,
    }
}

fn is_read_as(written: &str, read: &str) -> bool {
    written == read || PROMOTIONS.iter().any(|(from, to)| *from == written && to.contains(&read))
}
