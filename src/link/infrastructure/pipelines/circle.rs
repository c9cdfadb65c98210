//! CircleCI. A job that a workflow runs under another name goes by that one; jobs of orbs are named after the orb.

use super::{File, named, unique};
use crate::facts::infrastructure::{Infrastructure, Job, Section};
use crate::facts::tree::Node;

pub fn read(path: &str, root: &Node, found: &mut Infrastructure) {
    let mut file = File { path, found };
    let mut told: Vec<Job> = Vec::new();
    let mut started = Vec::new();
    for (workflow, body) in root.entries_at(&["workflows"]) {
        let triggers = triggers(&mut file, workflow, body);
        started.extend(triggers.iter().cloned());
        for entry in body.items_at(&["jobs"]) {
            let job = run(&mut file, entry, root);
            match told.iter_mut().find(|known| known.id == job.id) {
                Some(known) => {
                    known.needs.extend(job.needs);
                    known.triggers.extend(triggers.iter().cloned());
                }
                None => told.push(Job { triggers: triggers.clone(), ..job }),
            }
        }
    }
    for (id, job) in root.entries_at(&["jobs"]) {
        read_job(&mut file, id, job, root);
        let is_run = told.iter().any(|known| known.id == *id || known.uses.as_deref() == Some(id));
        if !is_run {
            told.push(Job { id: id.to_string(), ..Job::default() });
        }
    }
    for job in &mut told {
        job.needs = unique(std::mem::take(&mut job.needs));
        job.triggers = unique(std::mem::take(&mut job.triggers));
    }
    if started.is_empty() {
        started.push("push".to_owned());
    }
    file.done("", "circleci", started, told);
}

fn triggers(file: &mut File, workflow: &str, body: &Node) -> Vec<String> {
    let mut found = Vec::new();
    for trigger in body.items_at(&["triggers"]) {
        if let Some(cron) = trigger.text_at(&["schedule", "cron"]) {
            file.schedule(cron, workflow);
            found.push("schedule".to_owned());
        }
    }
    if found.is_empty() {
        found.push("push".to_owned());
    }
    found
}

/// `- build`, `- deploy: { name: deploy-live, requires: [build] }`.
fn run(file: &mut File, entry: &Node, root: &Node) -> Job {
    let (key, body) = match entry.entries().first() {
        Some((key, body)) => (key.to_string(), Some(body)),
        None => (entry.text().unwrap_or_default().to_owned(), None),
    };
    let id = body.and_then(|body| body.text_of("name")).unwrap_or(&key).to_owned();
    if let Some(body) = body {
        file.signs(body, &id);
        for name in ["environment", "env"] {
            if let Some(environment) = body.text_of(name) {
                file.thing(Section::Environment, environment, "", &id);
            }
        }
    }
    file.text(&key, &id);
    let is_approval = body.is_some_and(|body| body.text_of("type") == Some("approval"));
    let is_own = root.at(&["jobs", &key]).is_some();
    let uses = if is_approval || is_own && id == key { None } else { Some(key) };
    Job { id, needs: named(body.and_then(|body| body.get("requires")), "name"), uses, ..Job::default() }
}

fn read_job(file: &mut File, id: &str, job: &Node, root: &Node) {
    let executor = job.get("executor").and_then(|node| node.text().or_else(|| node.text_of("name")));
    let executor = executor.and_then(|name| root.at(&["executors", name]));
    for image in job.items_at(&["docker"]).iter().chain(executor.map(|node| node.items_at(&["docker"])).unwrap_or_default()) {
        file.image(image.text_of("image"), id);
    }
    file.variables(job.get("environment"), id);
    file.signs(job, id);
    file.secret_variables(job, id);
    for step in job.items_at(&["steps"]) {
        let command = step.entries().first().map(|(key, _)| key.as_str()).or(step.text());
        if let Some(command) = command {
            file.text(command, id);
            if let Some(body) = root.at(&["commands", command]) {
                file.signs(body, id);
                file.secret_variables(body, id);
            }
        }
    }
}
