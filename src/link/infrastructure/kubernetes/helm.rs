//! Helm charts: templates with their values filled in, as far as that can be told without running them.

use std::collections::BTreeMap;

use super::super::{containers, paths};
use super::kinds::engine_of_chart;
use super::{Manifest, Set};
use crate::facts::infrastructure::{Content, Format, Infrastructure, Section, Source, Spot, Thing};
use crate::facts::tree::{Node, Value};

const OPEN: char = '\u{27e6}';
const CLOSE: char = '\u{27e7}';
/// Templates nest so deep.
const DEPTH: usize = 60;

/// A chart.
struct Chart<'a> {
    file: &'a str,
    node: &'a Node,
    values: Option<&'a Node>,
    values_file: &'a str,
}

/// The manifests of each chart; stores that charts depend on go to `found`.
pub fn render(sources: &[Source], found: &mut Infrastructure) -> Vec<Set> {
    let mut charts: BTreeMap<&str, Chart> = BTreeMap::new();
    for (file, node) in first_of(sources, Format::HelmChart) {
        charts.insert(paths::parent(file), Chart { file, node, values: None, values_file: "" });
    }
    for (file, node) in first_of(sources, Format::HelmValues) {
        if let Some(chart) = charts.get_mut(paths::parent(file)) {
            chart.values = Some(node);
            chart.values_file = file;
        }
    }
    let mut sets: BTreeMap<&str, Set> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.format == Format::HelmTemplate) {
        let Content::Trees(trees) = &source.content else { continue };
        let folder = chart_folder(&source.file);
        let Some(chart) = charts.get(folder) else { continue };
        let set = sets.entry(folder).or_default();
        for tree in trees.iter().filter(|tree| chart.is_on(tree)) {
            let node = chart.filled(tree, 0);
            set.manifests.push(Manifest { file: source.file.clone(), node, ..Manifest::default() });
        }
    }
    for chart in charts.values() {
        chart.dependencies(found);
    }
    for (folder, chart) in &charts {
        if !sets.contains_key(folder) {
            chart.images(found);
        }
    }
    sets.into_values().collect()
}

fn first_of(sources: &[Source], format: Format) -> impl Iterator<Item = (&str, &Node)> {
    sources.iter().filter(move |source| source.format == format).filter_map(|source| match &source.content {
        Content::Trees(trees) => Some((source.file.as_str(), trees.first()?)),
        _ => None,
    })
}

/// The folder of the chart that a template belongs to.
fn chart_folder(path: &str) -> &str {
    path.find("/templates/").and_then(|at| path.get(..at)).unwrap_or_default()
}

impl Chart<'_> {
    fn name(&self) -> String {
        let given = ["fullnameOverride", "nameOverride"].iter().find_map(|key| self.values?.text_of(key)).filter(|name| !name.is_empty());
        given.or_else(|| self.node.text_of("name")).unwrap_or("chart").to_owned()
    }

    /// Whether the conditions around a document hold, as far as the values tell.
    fn is_on(&self, tree: &Node) -> bool {
        let conditions = tree.entries().iter().filter(|(key, _)| key.starts_with('\u{27e6}'));
        conditions.filter_map(|(_, node)| node.text()).all(|condition| self.holds(condition, 0))
    }

    fn holds(&self, condition: &str, depth: usize) -> bool {
        if depth > DEPTH {
            return true;
        }
        let condition = condition.trim().trim_start_matches('(').trim_end_matches(')');
        let (word, rest) = condition.split_once(char::is_whitespace).unwrap_or((condition, ""));
        match word {
            "and" => rest.split_whitespace().filter(|word| word.starts_with('.')).all(|word| self.holds(word, depth + 1)),
            "not" => !self.holds(rest, depth + 1),
            _ if rest.is_empty() && word.starts_with(".Values.") => match self.value(word) {
                Some(node) => match &node.value {
                    Value::Null => false,
                    Value::Plain(text) => !matches!(text.as_str(), "false" | "0"),
                    Value::Quoted(text) => !text.is_empty(),
                    Value::List(items) => !items.is_empty(),
                    Value::Map(entries) => !entries.is_empty(),
                },
                None => false,
            },
            _ => true,
        }
    }

    /// A value by its path: `.Values.image.tag`.
    fn value(&self, path: &str) -> Option<&Node> {
        let rest = path.strip_prefix(".Values.")?;
        rest.split('.').try_fold(self.values?, |node, key| node.get(key))
    }

    /// All values of a path that goes through lists: `.Values.hosts[].name`.
    fn values_of(&self, path: &str) -> Vec<String> {
        let Some(rest) = path.strip_prefix(".Values.") else { return Vec::new() };
        let mut nodes: Vec<&Node> = self.values.into_iter().collect();
        for part in rest.split('.') {
            let (key, mark) = part.split_once('[').map_or((part, None), |(key, mark)| (key, Some(mark)));
            let inner = nodes.iter().filter_map(|node| node.get(key));
            nodes = match mark {
                Some("key]") => return inner.flat_map(Node::entries).map(|(key, _)| key.to_string()).collect(),
                Some(_) => inner.flat_map(|node| node.items().iter().chain(node.entries().iter().map(|(_, node)| node))).collect(),
                None => inner.collect(),
            };
        }
        nodes.iter().filter_map(|node| node.text().map(str::to_owned)).collect()
    }

    /// A tree with its holes filled in. An item of a loop becomes as many as the loop makes.
    fn filled(&self, node: &Node, depth: usize) -> Node {
        if depth > DEPTH {
            return Node::default();
        }
        let value = match &node.value {
            Value::Plain(text) | Value::Quoted(text) if text.contains(OPEN) => return self.filled_text(node, text),
            Value::List(items) => Value::List(items.iter().flat_map(|item| self.looped(item, depth + 1)).collect()),
            Value::Map(entries) => {
                let kept = entries.iter().filter(|(key, _)| !key.contains(OPEN));
                Value::Map(kept.map(|(key, node)| (key.clone(), self.filled(node, depth + 1))).collect())
            }
            other => other.clone(),
        };
        Node { tag: node.tag.clone(), line: node.line, value }
    }

    fn filled_text(&self, node: &Node, text: &str) -> Node {
        let inner = text.trim().strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE)).filter(|inner| !inner.contains(OPEN));
        let whole = inner.and_then(|inner| self.value(inner.trim_start_matches("toYaml ").split('|').next().unwrap_or_default().trim()));
        if let Some(value) = whole.filter(|value| value.text().is_none() && !value.is_null()) {
            return Node { line: node.line, ..value.clone() };
        }
        Node { line: node.line, ..Node::new(Value::Quoted(self.text(text))) }
    }

    /// The items that one item of a list stands for.
    fn looped(&self, item: &Node, depth: usize) -> Vec<Node> {
        let loops: Vec<String> = holes_of(item, 0).into_iter().filter(|hole| hole.contains('[')).collect();
        let counts = loops.iter().map(|hole| self.values_of(hole.split_whitespace().next().unwrap_or_default()).len());
        let count = counts.max().unwrap_or_default();
        if loops.is_empty() || count == 0 {
            return if loops.is_empty() { vec![self.filled(item, depth)] } else { Vec::new() };
        }
        (0..count.min(200)).map(|index| self.filled(&self.chosen(item, index, 0), depth)).collect()
    }

    /// An item whose holes through loops have the value of one turn.
    fn chosen(&self, node: &Node, index: usize, depth: usize) -> Node {
        let value = match &node.value {
            _ if depth > DEPTH => Value::Null,
            Value::Plain(text) | Value::Quoted(text) if text.contains('[') => {
                let mut out = String::new();
                for part in parts_of(text) {
                    match part {
                        Part::Text(text) => out.push_str(text),
                        Part::Hole(hole) if hole.contains('[') => {
                            let path = hole.split_whitespace().next().unwrap_or_default();
                            out.push_str(self.values_of(path).get(index).map_or("", String::as_str));
                        }
                        Part::Hole(hole) => out.push_str(&format!("{OPEN}{hole}{CLOSE}")),
                    }
                }
                Value::Quoted(out)
            }
            Value::List(items) => Value::List(items.iter().map(|item| self.chosen(item, index, depth + 1)).collect()),
            Value::Map(entries) => {
                Value::Map(entries.iter().map(|(key, node)| (key.clone(), self.chosen(node, index, depth + 1))).collect())
            }
            other => other.clone(),
        };
        Node { tag: node.tag.clone(), line: node.line, value }
    }

    /// A text with its holes filled in; what is not known stays as it is written.
    fn text(&self, text: &str) -> String {
        let mut out = String::new();
        for part in parts_of(text) {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Hole(hole) => out.push_str(&self.expression(hole).unwrap_or_else(|| format!("{{{{ {} }}}}", written(hole)))),
            }
        }
        // The name of a release is not known before it is made.
        out.trim_start_matches("{{ .Release.Name }}-").to_owned()
    }

    fn expression(&self, hole: &str) -> Option<String> {
        let hole = written(hole);
        let mut steps = hole.split('|').map(str::trim);
        let mut value = self.operand(steps.next()?, 0);
        for step in steps {
            let (word, rest) = step.split_once(char::is_whitespace).unwrap_or((step, ""));
            match word {
                "default" if value.as_deref().is_none_or(str::is_empty) => value = self.operand(rest, 0),
                "lower" => value = value.map(|value| value.to_lowercase()),
                "b64enc" | "sha256sum" => value = None,
                _ => {}
            }
        }
        value
    }

    fn operand(&self, text: &str, depth: usize) -> Option<String> {
        if depth > DEPTH {
            return None;
        }
        let text = text.trim().trim_start_matches('(').trim_end_matches(')');
        let words = words(text);
        let first = words.first()?.as_str();
        match first {
            "include" | "template" if words.get(1).is_some_and(|name| name.contains("tag")) => {
                self.node.text_of("appVersion").map(str::to_owned)
            }
            "include" | "template" if words.get(1).is_some_and(|name| name.ends_with("name\u{22}")) => Some(self.name()),
            "include" | "template" => None,
            "default" => words
                .get(2)
                .and_then(|word| self.operand(word, depth + 1))
                .filter(|text| !text.is_empty())
                .or_else(|| self.operand(words.get(1)?, depth + 1)),
            "required" => self.operand(words.get(2)?, depth + 1),
            "quote" | "toString" | "int" | "tpl" | "lower" => self.operand(words.get(1)?, depth + 1),
            "coalesce" => words.iter().skip(1).find_map(|word| self.operand(word, depth + 1).filter(|text| !text.is_empty())),
            "printf" => {
                let mut parts = words.get(1)?.trim_matches('"').split('%');
                let mut out = parts.next()?.to_owned();
                for (part, word) in parts.zip(words.iter().skip(2)) {
                    out.push_str(&self.operand(word, depth + 1)?);
                    out.extend(part.chars().skip(1));
                }
                Some(out)
            }
            ".Chart.AppVersion" => self.node.text_of("appVersion").map(str::to_owned),
            ".Chart.Name" => self.node.text_of("name").map(str::to_owned),
            ".Chart.Version" => self.node.text_of("version").map(str::to_owned),
            _ if first.starts_with(".Values.") => {
                self.value(first)?.text().map(|text| if text.contains("{{") { String::new() } else { text.to_owned() })
            }
            _ if first.starts_with('"') => Some(first.trim_matches('"').to_owned()),
            _ => None,
        }
    }

    /// Charts of stores that this one depends on.
    fn dependencies(&self, found: &mut Infrastructure) {
        for dependency in self.node.items_at(&["dependencies"]) {
            let Some(name) = dependency.text_of("name") else { continue };
            let Some(engine) = engine_of_chart(name) else { continue };
            let mut thing = Thing::new(Section::Datastore, engine.name, "", Spot::new(self.file, name, dependency.line));
            thing.service = Some(dependency.text_of("alias").unwrap_or(name).to_owned());
            thing.aliases.extend((!engine.alias.is_empty()).then(|| engine.alias.to_owned()));
            found.things.push(thing);
        }
    }

    /// The images that values name, when no template could be read.
    fn images(&self, found: &mut Infrastructure) {
        let Some(values) = self.values else { return };
        let mut open = vec![(values, 0_usize)];
        while let Some((node, depth)) = open.pop() {
            if let Some(repository) = node.text_of("repository").filter(|_| depth < DEPTH) {
                let registry = node.text_of("registry").map(|registry| format!("{registry}/")).unwrap_or_default();
                let tag = node.text_of("tag").filter(|tag| !tag.is_empty()).or_else(|| self.node.text_of("appVersion"));
                let name = format!("{registry}{repository}{}", tag.map(|tag| format!(":{tag}")).unwrap_or_default());
                containers::image(&name, &name, &Spot::new(self.values_file, "", node.line), None, found);
            }
            open.extend(node.entries().iter().filter(|_| depth < DEPTH).map(|(_, node)| (node, depth + 1)));
        }
    }
}

/// A part of a text with holes.
enum Part<'a> {
    Text(&'a str),
    Hole(&'a str),
}

fn parts_of(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(OPEN) {
        let Some((hole, after)) = behind.split_once(CLOSE) else { break };
        parts.extend([Part::Text(before), Part::Hole(hole)]);
        rest = after;
    }
    parts.push(Part::Text(rest));
    parts
}

/// Every hole below a node.
fn holes_of(node: &Node, depth: usize) -> Vec<String> {
    if depth > DEPTH {
        return Vec::new();
    }
    match &node.value {
        Value::Plain(text) | Value::Quoted(text) => {
            let hole = |part: &Part| if let Part::Hole(hole) = part { Some((*hole).to_owned()) } else { None };
            parts_of(text).iter().filter_map(hole).collect()
        }
        Value::List(items) => items.iter().flat_map(|item| holes_of(item, depth + 1)).collect(),
        Value::Map(entries) => entries.iter().flat_map(|(_, node)| holes_of(node, depth + 1)).collect(),
        Value::Null => Vec::new(),
    }
}

/// An expression with the quotes it was written with.
fn written(hole: &str) -> String {
    hole.replace('\u{201c}', "\"").replace('\u{2018}', "'")
}

/// Words apart by spaces; quotes and brackets hold theirs together.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut open, mut is_quoted) = (0_usize, false);
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            '(' if !is_quoted => open += 1,
            ')' if !is_quoted => open = open.saturating_sub(1),
            _ => {}
        }
        if c.is_whitespace() && !is_quoted && open == 0 {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            word.push(c);
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}
