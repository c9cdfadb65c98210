//! GitLab CI. Files that another includes are part of it; what `extends` names is laid under a job.

use std::collections::BTreeSet;

use super::{DEPTH, File, named, signs, unique};
use crate::facts::infrastructure::{Infrastructure, Job, Section};
use crate::facts::tree::{Node, Value};

/// Keys of a file that are no jobs.
const RESERVED: &[&str] = &[
    "include",
    "stages",
    "variables",
    "default",
    "workflow",
    "image",
    "services",
    "before_script",
    "after_script",
    "cache",
    "spec",
    "types",
];
/// So many times a job of one file is laid under another.
const EXTENDED: usize = 5_000;
/// So many references of one file are followed.
const REFERENCES: usize = 200_000;
/// So many files are put together.
const FILES: usize = 100;

pub fn read(trees: &[(&str, &Node)], found: &mut Infrastructure) {
    let included: BTreeSet<String> = trees.iter().flat_map(|(_, root)| includes(root)).collect();
    for (path, root) in trees {
        if included.contains(*path) {
            continue;
        }
        let mut whole = Node::default();
        let mut seen = BTreeSet::new();
        gather(path, root, trees, &mut whole, &mut seen);
        let mut fuel = REFERENCES;
        let whole = referenced(&whole, &whole, 0, &mut fuel);
        read_file(path, &whole, found);
    }
}

/// The local files that a file includes, from the repository's root.
fn includes(root: &Node) -> Vec<String> {
    let items = root.get("include").map(Node::one_or_many).unwrap_or_default();
    let local = items.iter().filter_map(|item| item.text().or_else(|| item.text_of("local")));
    local.filter(|path| !path.contains("://")).map(|path| path.trim_start_matches("./").trim_start_matches('/').to_owned()).collect()
}

/// A file with those that it includes under it.
fn gather<'a>(path: &'a str, root: &'a Node, trees: &[(&'a str, &'a Node)], whole: &mut Node, seen: &mut BTreeSet<&'a str>) {
    if seen.len() > FILES || !seen.insert(path) {
        return;
    }
    for local in includes(root) {
        let matching = trees.iter().filter(|(other, _)| *other == local || local.contains('*') && fits(&local, other));
        for (other, tree) in matching {
            gather(other, tree, trees, whole, seen);
        }
    }
    if whole.is_null() { *whole = root.clone() } else { whole.overlay(root) }
}

/// A tree with what `!reference [.setup, script]` names in its place; lists in lists are one list, as GitLab has it.
fn referenced(root: &Node, node: &Node, depth: usize, fuel: &mut usize) -> Node {
    *fuel = fuel.saturating_sub(1);
    if depth > DEPTH || *fuel == 0 {
        return Node::default();
    }
    if node.tag == "reference" {
        let path: Vec<&str> = node.texts().collect();
        return root.at(&path).map(|named| referenced(root, named, depth + 1, fuel)).unwrap_or_default();
    }
    let value = match &node.value {
        Value::List(items) => {
            let items = items.iter().map(|item| (item.tag == "reference", referenced(root, item, depth + 1, fuel)));
            let flat = items.flat_map(|(is_reference, item)| match item.value {
                Value::List(inner) if is_reference => inner,
                Value::Null if is_reference => Vec::new(),
                _ => vec![item],
            });
            Value::List(flat.collect())
        }
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (key.clone(), referenced(root, value, depth + 1, fuel))).collect())
        }
        other => other.clone(),
    };
    Node { tag: node.tag.clone(), line: node.line, value }
}

/// Whether a path fits a pattern with stars.
fn fits(pattern: &str, path: &str) -> bool {
    let mut rest = path;
    let mut parts = pattern.split('*').filter(|part| !part.is_empty());
    let Some(first) = parts.next() else { return true };
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    parts.all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

fn read_file(path: &str, root: &Node, found: &mut Infrastructure) {
    let mut file = File { path, found };
    file.variables(root.get("variables"), "");
    file.image(image(root.get("image").or_else(|| root.at(&["default", "image"]))), "");
    let mut told = Vec::new();
    let mut triggers = Vec::new();
    let mut fuel = EXTENDED;
    for (id, job) in root.entries() {
        if RESERVED.contains(&id.as_str()) || id.starts_with('.') || job.entries().is_empty() {
            continue;
        }
        let whole = extended(root, job, 0, &mut fuel);
        let is_job = ["script", "trigger", "extends", "run", "stage", "needs", "environment"].iter().any(|key| whole.get(key).is_some());
        if is_job {
            let job = read_job(&mut file, id, &whole);
            triggers.extend(job.triggers.iter().cloned());
            told.push(job);
        }
    }
    let of_workflow = root.at(&["workflow", "rules"]).map(sources).unwrap_or_default();
    let triggers = match (of_workflow.is_empty(), triggers.is_empty()) {
        (false, _) => of_workflow,
        (true, false) => triggers,
        (true, true) => vec!["push".to_owned()],
    };
    file.done("", "gitlab-ci", triggers, told);
    if let Some(pipeline) = file.found.pipelines.last_mut().filter(|pipeline| pipeline.file == path) {
        pipeline.includes = elsewhere(root);
    }
}

/// What a file includes that stands in no file of the repository: `remote`, `project`, `template`, `component`.
fn elsewhere(root: &Node) -> Vec<String> {
    let items = root.get("include").map(Node::one_or_many).unwrap_or_default();
    let mut found = Vec::new();
    for item in items {
        // A user and a password may stand in an address.
        let plain = |text: &str| match text.split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host)),
            None => text.to_owned(),
        };
        found.extend(item.text().filter(|text| text.contains("://")).map(|text| format!("remote:{}", plain(text))));
        for kind in ["remote", "template", "component"] {
            found.extend(item.text_of(kind).map(|text| format!("{kind}:{}", plain(text))));
        }
        if let Some(project) = item.text_of("project") {
            let files: Vec<&str> = item.get("file").map(Node::texts).into_iter().flatten().collect();
            found.extend(files.iter().map(|file| format!("project:{project}/{}", file.trim_start_matches('/'))));
        }
    }
    unique(found)
}

/// A job over what it extends.
fn extended(root: &Node, job: &Node, depth: usize, fuel: &mut usize) -> Node {
    let mut whole = Node::default();
    if depth < DEPTH && *fuel > 0 {
        for base in job.get("extends").map(Node::texts).into_iter().flatten().take(12) {
            let Some(base) = root.get(base) else { continue };
            *fuel = fuel.saturating_sub(1);
            let base = extended(root, base, depth + 1, fuel);
            if whole.is_null() { whole = base } else { whole.overlay(&base) }
        }
    }
    if whole.is_null() {
        job.clone()
    } else {
        whole.overlay(job);
        whole
    }
}

fn image(node: Option<&Node>) -> Option<&str> {
    node.and_then(|node| node.text().or_else(|| node.text_of("name")))
}

fn read_job(file: &mut File, id: &str, job: &Node) -> Job {
    let environment = job.get("environment").and_then(|node| node.text().or_else(|| node.text_of("name")));
    if let Some(name) = environment {
        file.thing(Section::Environment, name, "", id);
    }
    if id == "pages" || job.get("pages").is_some() {
        file.thing(Section::DeployTarget, "gitlab-pages", "", id);
    }
    file.variables(job.get("variables"), id);
    file.image(image(job.get("image")), id);
    for service in job.items_at(&["services"]) {
        file.image(image(Some(service)), id);
    }
    file.signs(job, id);
    file.secret_variables(job, id);
    for (name, _) in job.entries_at(&["secrets"]) {
        file.thing(Section::Secret, name, "pipeline secret", id);
    }
    let mut triggers = job.get("rules").map(sources).unwrap_or_default();
    triggers.extend(job.get("only").map(only).unwrap_or_default());
    if job.text_of("when") == Some("manual") {
        triggers.push("manual".to_owned());
    }
    let trigger = job.get("trigger");
    let uses = trigger.and_then(|node| {
        node.text()
            .or_else(|| node.text_of("project"))
            .or_else(|| image(node.get("include")).or_else(|| node.at(&["include"])?.items().first()?.text_of("local")))
    });
    Job {
        id: id.to_owned(),
        stage: job.text_of("stage").unwrap_or("test").to_owned(),
        needs: needs(job),
        triggers: unique(triggers),
        environment: environment.filter(|name| !name.contains('$')).map(str::to_owned),
        uses: uses.map(str::to_owned),
        ..Job::default()
    }
}

fn needs(job: &Node) -> Vec<String> {
    let mut needs = named(job.get("needs"), "job");
    needs.extend(named(job.get("dependencies"), "job"));
    unique(needs)
}

/// What rules say of the pipelines they are for.
fn sources(rules: &Node) -> Vec<String> {
    let mut found = Vec::new();
    for rule in rules.one_or_many() {
        let condition = rule.text_of("if").unwrap_or_default();
        let is_never = rule.text_of("when") == Some("never");
        if is_never {
            continue;
        }
        if condition.contains("CI_PIPELINE_SOURCE") {
            let names = signs::quoted(condition)
                .into_iter()
                .filter(|text| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
            let known = ["push", "web", "schedule", "api", "trigger", "pipeline", "merge_request_event", "parent_pipeline", "external"];
            found.extend(names.filter(|name| known.contains(name)).map(str::to_owned));
        }
        if condition.contains("CI_COMMIT_TAG") {
            found.push("tag".to_owned());
        }
        if condition.contains("CI_COMMIT_BRANCH") {
            found.push("push".to_owned());
        }
        if rule.text_of("when") == Some("manual") {
            found.push("manual".to_owned());
        }
    }
    unique(found)
}

/// `only: [main, merge_requests]`.
fn only(node: &Node) -> Vec<String> {
    let refs = node.get("refs").unwrap_or(node);
    refs.texts()
        .map(|name| match name {
            "merge_requests" => "merge_request_event".to_owned(),
            "schedules" => "schedule".to_owned(),
            "tags" => "tag".to_owned(),
            "web" | "api" | "triggers" | "pipelines" | "pushes" => name.trim_end_matches('s').to_owned(),
            _ => "push".to_owned(),
        })
        .collect()
}
