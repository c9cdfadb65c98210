//! GitHub Actions. Workflows that only others call are pipelines as well; matrices are not multiplied out.

use super::{File, named, signs, unique};
use crate::facts::infrastructure::{Infrastructure, Job, Section};
use crate::facts::tree::{Node, Value};

/// Secrets that are always there.
const GIVEN: &[&str] = &["GITHUB_TOKEN", "inherit", "github_token"];

pub fn read(path: &str, root: &Node, found: &mut Infrastructure) {
    let mut file = File { path, found };
    let Some(jobs) = root.get("jobs") else { return };
    // YAML 1.1 takes a bare `on` for a boolean.
    let on = root.get("on").or_else(|| root.get("true"));
    let triggers = on.map(triggers).unwrap_or_default();
    let name = root.text_of("name").unwrap_or_default();
    for cron in on.map(|on| on.items_at(&["schedule"])).unwrap_or_default() {
        if let Some(cron) = cron.text_of("cron") {
            file.schedule(cron, name);
        }
    }
    for (secret, _) in on.map(|on| on.entries_at(&["workflow_call", "secrets"])).unwrap_or_default() {
        if !GIVEN.contains(&secret.as_str()) {
            file.thing(Section::Secret, secret, "pipeline secret", "");
        }
    }
    file.variables(root.get("env"), "");
    secrets(&mut file, root.get("env"), "");
    let mut told = Vec::new();
    for (id, job) in jobs.entries() {
        told.push(read_job(&mut file, id, job, on));
    }
    file.done(name, "github-actions", triggers, told);
}

/// `on: push`, `on: [push]`, `on: { push: … }`.
fn triggers(on: &Node) -> Vec<String> {
    match &on.value {
        Value::Map(entries) => entries.iter().map(|(key, _)| key.to_string()).collect(),
        _ => on.texts().map(str::to_owned).collect(),
    }
}

fn read_job(file: &mut File, id: &str, job: &Node, on: Option<&Node>) -> Job {
    let environment = job.get("environment").and_then(|node| node.text().or_else(|| node.text_of("name")));
    let environments = environment.map(|text| spelled(text, job, on)).unwrap_or_default();
    for name in &environments {
        file.thing(Section::Environment, name, "", id);
    }
    file.variables(job.get("env"), id);
    for step in job.items_at(&["steps"]) {
        file.variables(step.get("env"), id);
        if let Some(image) = step.text_of("uses").and_then(|uses| uses.strip_prefix("docker://")) {
            file.image(Some(image), id);
        }
    }
    let image = job.get("container").and_then(|node| node.text().or_else(|| node.text_of("image")));
    file.image(image, id);
    for (_, service) in job.entries_at(&["services"]) {
        file.image(service.text_of("image"), id);
    }
    file.signs(job, id);
    secrets(file, Some(job), id);
    Job {
        id: id.to_owned(),
        name: job.text_of("name").filter(|name| *name != id).unwrap_or_default().to_owned(),
        needs: named(job.get("needs"), ""),
        environment: environments.first().cloned(),
        uses: job.text_of("uses").map(str::to_owned),
        ..Job::default()
    }
}

/// The environments that a text names: itself, the values of a matrix or an input, or what a condition chooses from.
fn spelled(text: &str, job: &Node, on: Option<&Node>) -> Vec<String> {
    let Some(inner) = text.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")) else {
        return if text.contains("${{") { Vec::new() } else { vec![text.to_owned()] };
    };
    let inner = inner.trim();
    if let Some(key) = inner.strip_prefix("matrix.") {
        let path: Vec<&str> = key.split('.').collect();
        let matrix = job.at(&["strategy", "matrix"]);
        let first = path.first().copied().unwrap_or_default();
        let values = matrix.and_then(|matrix| matrix.get(first)).map(Node::one_or_many).unwrap_or_default();
        let included = matrix.map(|matrix| matrix.items_at(&["include"])).unwrap_or_default().iter().filter_map(|item| item.get(first));
        let found = values.iter().chain(included).filter_map(|value| value.at(&path[1..]).and_then(Node::text));
        return unique(found.map(str::to_owned).collect());
    }
    if let Some(input) = inner.strip_prefix("github.event.inputs.").or_else(|| inner.strip_prefix("inputs.")) {
        let options = on.map(|on| on.items_at(&["workflow_dispatch", "inputs", input, "options"])).unwrap_or_default();
        return options.iter().filter_map(Node::text).map(str::to_owned).collect();
    }
    // `${{ github.ref == 'refs/heads/main' && 'production' || 'staging' }}`.
    let chosen = inner.split("&&").skip(1).flat_map(|part| part.split("||")).filter_map(|part| {
        let part = part.trim();
        (part.starts_with(['\'', '"']) && !part.contains("==")).then(|| signs::quoted(part).first().map(|text| (*text).to_owned()))?
    });
    unique(chosen.collect())
}

/// `${{ secrets.NAME }}`.
fn secrets(file: &mut File, node: Option<&Node>, job: &str) {
    let Some(node) = node else { return };
    let mut texts = Vec::new();
    super::texts_of(node, &mut texts, 0);
    for text in texts {
        for (at, sign) in text.match_indices("secrets.") {
            let is_apart = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/'));
            let rest = &text[at + sign.len()..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let name = &rest[..end];
            if is_apart && text.contains("${{") && !GIVEN.contains(&name) {
                file.thing(Section::Secret, name, "pipeline secret", job);
            }
        }
    }
}
