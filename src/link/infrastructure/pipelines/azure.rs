//! Azure Pipelines. Stages hold jobs, a file without either is one job.

use super::{DEPTH, File, named, unique};
use crate::facts::infrastructure::{Infrastructure, Job, Section};
use crate::facts::tree::Node;

pub fn read(path: &str, root: &Node, found: &mut Infrastructure) {
    let mut file = File { path, found };
    let mut triggers = Vec::new();
    let is_on = |key: &str| root.get(key).is_some_and(|node| node.text() != Some("none"));
    if is_on("trigger") || root.get("trigger").is_none() && root.get("pr").is_none() {
        triggers.push("push".to_owned());
    }
    if is_on("pr") {
        triggers.push("pull_request".to_owned());
    }
    for schedule in root.items_at(&["schedules"]) {
        if let Some(cron) = schedule.text_of("cron") {
            triggers.push("schedule".to_owned());
            file.schedule(cron, schedule.text_of("displayName").unwrap_or_default());
        }
    }
    variables(&mut file, root);
    let mut told = Vec::new();
    for stage in root.items_at(&["stages"]) {
        stages(&mut file, stage, &mut told, 0);
    }
    for job in root.items_at(&["jobs"]) {
        jobs(&mut file, job, "", &mut told, 0);
    }
    if told.is_empty() && root.get("steps").is_some() {
        steps(&mut file, root, "");
        told.push(Job { id: "Job".to_owned(), ..Job::default() });
    }
    let name = root.text_of("name").filter(|name| !name.contains('$')).unwrap_or_default();
    file.done(name, "azure-pipelines", unique(triggers), told);
}

/// `variables: { X: y }`, `variables: [{ name: X, value: y }, { group: g }]`.
fn variables(file: &mut File, node: &Node) {
    let Some(variables) = node.get("variables") else { return };
    file.variables(Some(variables), "");
    for item in variables.items() {
        if let Some(name) = item.text_of("name") {
            let spot = file.spot("");
            let value = item.text_of("value").filter(|value| !value.contains('$')).map(str::to_owned);
            file.found.env.push(super::set(name, value, &spot));
        }
    }
}

fn stages(file: &mut File, stage: &Node, told: &mut Vec<Job>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    if let Some((_, inner)) = conditional(stage) {
        inner.items().iter().for_each(|stage| stages(file, stage, told, depth + 1));
        return;
    }
    let name = stage.text_of("stage").unwrap_or_default();
    let before = told.len();
    for job in stage.items_at(&["jobs"]) {
        jobs(file, job, name, told, depth + 1);
    }
    if let Some(template) = stage.text_of("template") {
        told.push(Job { id: template.to_owned(), uses: Some(template.to_owned()), ..Job::default() });
    }
    if told.len() == before && !name.is_empty() {
        steps(file, stage, name);
        told.push(Job { id: name.to_owned(), stage: name.to_owned(), ..Job::default() });
    }
    let needs = named(stage.get("dependsOn"), "stage");
    for job in told.iter_mut().skip(before).filter(|job| job.needs.is_empty()) {
        job.needs.clone_from(&needs);
    }
}

/// `${{ if … }}:` before items of a list.
fn conditional(node: &Node) -> Option<(&str, &Node)> {
    let (key, inner) = node.entries().first()?;
    key.starts_with("${{").then_some((key.as_str(), inner))
}

fn jobs(file: &mut File, job: &Node, stage: &str, told: &mut Vec<Job>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    if let Some((_, inner)) = conditional(job) {
        inner.items().iter().for_each(|job| jobs(file, job, stage, told, depth + 1));
        return;
    }
    let id = ["job", "deployment", "template"].iter().find_map(|key| job.text_of(key)).unwrap_or("Job");
    let environment = job.get("environment").and_then(|node| node.text().or_else(|| node.text_of("name")));
    // A resource of an environment: `live.shop`.
    let environment = environment.map(|name| name.split('.').next().unwrap_or(name));
    if let Some(name) = environment {
        file.thing(Section::Environment, name, "", id);
    }
    let container = job.get("container").and_then(|node| node.text().or_else(|| node.text_of("image")));
    file.image(container.filter(|image| image.contains(['/', ':'])), id);
    steps(file, job, id);
    told.push(Job {
        id: id.to_owned(),
        name: job.text_of("displayName").unwrap_or_default().to_owned(),
        stage: stage.to_owned(),
        needs: named(job.get("dependsOn"), "job"),
        environment: environment.filter(|name| !name.contains('$')).map(str::to_owned),
        uses: job.text_of("template").map(str::to_owned),
        ..Job::default()
    });
}

fn steps(file: &mut File, node: &Node, id: &str) {
    file.signs(node, id);
    file.secret_variables(node, id);
}
