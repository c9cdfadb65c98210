//! `serverless.yml`: functions, what starts them, and the resources beside them.

use super::{cloudformation, containers, paths, set};
use crate::facts::infrastructure::{Content, EnvAccess, EnvUse, Format, Function, Infrastructure, Schedule, Section, Source, Spot, Thing};
use crate::facts::tree::{Node, Value};

/// Names lead to one another so far, and trees nest so deep.
const DEPTH: usize = 40;
/// So many variables of one file are filled in.
const FUEL: usize = 20_000;
/// A text grows no longer.
const LONGEST: usize = 2000;

/// Reads all files.
pub fn read(sources: &[Source]) -> Infrastructure {
    let mut found = Infrastructure::default();
    for source in sources.iter().filter(|source| source.format == Format::Serverless) {
        let Content::Trees(trees) = &source.content else { continue };
        let Some(root) = trees.first() else { continue };
        let mut file = File { path: &source.file, fuel: FUEL, root, found: &mut found };
        let filled = file.filled(root, 0);
        read_file(&source.file, &filled, &mut found);
    }
    found
}

struct File<'a> {
    path: &'a str,
    /// Steps that are left.
    fuel: usize,
    root: &'a Node,
    found: &'a mut Infrastructure,
}

impl File<'_> {
    /// A tree whose variables are filled in as far as the file tells.
    fn filled(&mut self, node: &Node, depth: usize) -> Node {
        let value = match &node.value {
            _ if depth > DEPTH => Value::Null,
            Value::Plain(text) | Value::Quoted(text) if text.contains("${") => Value::Quoted(self.text(text, 0)),
            Value::List(items) => Value::List(items.iter().map(|item| self.filled(item, depth + 1)).collect()),
            Value::Map(entries) => Value::Map(entries.iter().map(|(key, node)| (key.clone(), self.filled(node, depth + 1))).collect()),
            other => other.clone(),
        };
        Node { tag: node.tag.clone(), line: node.line, value }
    }

    fn text(&mut self, text: &str, depth: usize) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            out.push_str(before);
            let Some(end) = closing(behind) else {
                out.push_str("${");
                rest = behind;
                break;
            };
            let (inner, after) = behind.split_at(end);
            rest = after.get(1..).unwrap_or_default();
            match self.variable(inner, depth) {
                Some(value) if out.len() + value.len() <= LONGEST => out.push_str(&value),
                Some(_) => {}
                None => out.push_str(&format!("${{{inner}}}")),
            }
        }
        out.push_str(rest);
        out
    }

    /// `self:a.b`, `opt:stage, 'dev'`, `env:NAME`, `sls:stage`, `ssm:/path`.
    fn variable(&mut self, inner: &str, depth: usize) -> Option<String> {
        self.fuel = self.fuel.saturating_sub(1);
        if depth > DEPTH || self.fuel == 0 {
            return None;
        }
        let (first, default) = inner.split_once(',').map_or((inner.trim(), None), |(first, rest)| (first.trim(), Some(rest.trim())));
        let default = default.map(|default| {
            if default.contains(':') && !default.starts_with(['\'', '"']) {
                self.variable(default.trim_start_matches("${").trim_end_matches('}'), depth + 1)
            } else {
                Some(default.trim_matches(['\'', '"']).to_owned())
            }
        });
        let (source, path) = first.split_once(':')?;
        match source {
            "self" => {
                let node = path.split('.').try_fold(self.root, |node, key| node.get(key));
                match node.and_then(Node::text) {
                    Some(text) => Some(self.text(text, depth + 1)),
                    None => default.flatten(),
                }
            }
            "opt" | "param" => default.flatten(),
            "sls" if path == "stage" => Some(self.stage(depth)),
            "env" => {
                let access = match &default {
                    Some(default) => EnvAccess::Optional(default.clone()),
                    None => EnvAccess::Required,
                };
                self.found.env.push(EnvUse { name: path.to_owned(), access, spot: Spot::new(self.path, "", 0), ..EnvUse::default() });
                None
            }
            "ssm" | "secretsManager" => {
                self.found.things.push(Thing::new(Section::Secret, path, "", Spot::new(self.path, "", 0)));
                None
            }
            _ => None,
        }
    }

    fn stage(&mut self, depth: usize) -> String {
        let text = self.root.text_at(&["provider", "stage"]).map(str::to_owned);
        text.map(|text| self.text(&text, depth + 1)).filter(|stage| !stage.contains("${")).unwrap_or_else(|| "dev".into())
    }
}

/// Where the brace that is open closes.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
    }
    None
}

fn read_file(path: &str, root: &Node, found: &mut Infrastructure) {
    let provider = root.text_at(&["provider", "name"]).or_else(|| root.text_of("provider"));
    if let Some(name) = provider {
        found.things.push(Thing::new(Section::Provider, name, "", Spot::new(path, "provider", 0)));
    }
    let service = root.text_of("service").or_else(|| root.text_at(&["service", "name"])).unwrap_or_default();
    let stage = root.text_at(&["provider", "stage"]).filter(|stage| !stage.contains("${")).unwrap_or("dev");
    variables(root.at(&["provider", "environment"]), &Spot::new(path, "provider", 0), found);
    for (name, node) in root.entries_at(&["functions"]) {
        let spot = Spot::new(path, name.as_str(), node.line);
        variables(node.get("environment"), &spot, found);
        let handler = node.text_of("handler").map(str::to_owned);
        let code = handler.as_deref().and_then(|handler| code_of(paths::parent(path), handler));
        let mut function = Function {
            name: name.to_string(),
            runtime: node.text_of("runtime").or_else(|| root.text_at(&["provider", "runtime"])).map(str::to_owned),
            handler,
            code,
            aliases: vec![node.text_of("name").map_or_else(|| format!("{service}-{stage}-{name}"), str::to_owned)],
            spots: vec![spot.clone()],
            ..Function::default()
        };
        for event in node.items_at(&["events"]) {
            read_event(event, &mut function, &spot, found);
        }
        if let Some(image) = node.text_of("image").or_else(|| node.text_at(&["image", "uri"])).filter(|image| image.contains('/')) {
            containers::image(image, image, &spot, None, found);
        }
        found.functions.push(function);
    }
    let resources = root.get("resources").map_or(&[][..], Node::one_or_many);
    for resources in resources {
        cloudformation::template(path, resources, found);
    }
}

/// The folder of a handler's file.
fn code_of(folder: &str, handler: &str) -> Option<String> {
    let path = paths::joined(folder, handler)?;
    Some(paths::parent(&path).to_owned()).filter(|folder| !folder.is_empty())
}

fn variables(node: Option<&Node>, spot: &Spot, found: &mut Infrastructure) {
    for (name, value) in node.map_or(&[][..], Node::entries) {
        let value = value.text().filter(|text| value.tag.is_empty() && !text.contains("${"));
        found.env.push(set(name, value.map(str::to_owned), spot));
    }
}

fn read_event(event: &Node, function: &mut Function, spot: &Spot, found: &mut Infrastructure) {
    let Some((kind, node)) = event.entries().first() else {
        return function.events.extend(event.text().map(str::to_owned));
    };
    let text = |key: &str| node.text_of(key).or_else(|| node.text());
    match kind.as_str() {
        "http" | "httpApi" => {
            let told = match (node.text(), node.text_of("method")) {
                (Some(text), _) => text.to_owned(),
                (None, method) => format!("{} {}", method.unwrap_or("any"), node.text_of("path").unwrap_or("*")),
            };
            let (method, path) = told.split_once(' ').unwrap_or(("ANY", &told));
            function.events.push(format!("{} /{}", method.to_uppercase(), path.trim_start_matches('/')));
        }
        "schedule" => {
            let rates = node.get("rate").map_or(&[][..], Node::one_or_many).iter().filter_map(Node::text);
            for when in rates.chain(node.text()) {
                function.events.push(format!("schedule {when}"));
                let name = node.text_of("name").unwrap_or(&function.name).to_owned();
                let (target, spots) = (Some(function.name.clone()), vec![spot.clone()]);
                found.schedules.push(Schedule { name, schedule: when.to_owned(), target, aliases: Vec::new(), spots });
            }
        }
        "sns" | "s3" => {
            let (section, key) = if kind == "sns" { (Section::Topic, "topicName") } else { (Section::Bucket, "bucket") };
            let Some(name) = text(key) else { return function.events.push(kind.to_string()) };
            function.events.push(format!("{kind} {name}"));
            if !name.starts_with("arn:") && node.tag.is_empty() {
                found.things.push(Thing::new(section, name, "", spot.clone()));
            }
        }
        "eventBridge" => {
            let types = node.at(&["pattern", "detail-type"]).map_or(&[][..], Node::one_or_many);
            let names: Vec<&str> = types.iter().filter_map(Node::text).collect();
            if names.is_empty() {
                function.events.push(kind.to_string());
            }
            function.events.extend(names.iter().map(|name| format!("{kind} {name}")));
        }
        "stream" | "msk" | "kafka" | "rabbitmq" | "activemq" => {
            let named = node.get("topics").or_else(|| node.get("topic")).or_else(|| node.get("queue"));
            let names: Vec<&str> = named.map_or(&[][..], Node::one_or_many).iter().filter_map(Node::text).collect();
            let arn = text("arn").filter(|_| node.tag.is_empty());
            let kind = node.text_of("type").filter(|_| kind == "stream").unwrap_or(kind);
            match (names.is_empty(), arn) {
                (true, Some(arn)) => function.events.push(format!("{kind} {arn}")),
                (true, None) => function.events.push(kind.to_owned()),
                (false, _) => function.events.extend(names.iter().map(|name| format!("{kind} {name}"))),
            }
        }
        _ => {
            let told = text("arn").or_else(|| node.text_of("route")).filter(|_| node.tag.is_empty());
            function.events.push(told.map_or_else(|| kind.to_string(), |told| format!("{kind} {told}")));
        }
    }
}
