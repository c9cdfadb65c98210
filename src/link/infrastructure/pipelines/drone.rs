//! Drone and Woodpecker: steps that are containers, in one or several pipelines of a file.

use super::{File, named, unique};
use crate::facts::infrastructure::{Infrastructure, Job, Section};
use crate::facts::tree::{Node, Value};

pub fn read(path: &str, documents: &[Node], platform: &'static str, found: &mut Infrastructure) {
    for root in documents {
        if root.text_of("kind").is_some_and(|kind| kind != "pipeline") {
            continue;
        }
        let mut file = File { path, found };
        let name = root.text_of("name").unwrap_or_default();
        let mut triggers = root.get("trigger").map(events).unwrap_or_default();
        triggers.extend(root.get("when").map(Node::one_or_many).unwrap_or_default().iter().flat_map(events));
        let mut told = Vec::new();
        for key in ["steps", "pipeline"] {
            told.extend(steps(root.get(key)).into_iter().map(|(id, step)| read_step(&mut file, &id, step, name)));
        }
        for (id, service) in steps(root.get("services")) {
            file.image(service.text_of("image"), &id);
        }
        let triggers = if triggers.is_empty() { vec!["push".to_owned(), "pull_request".to_owned()] } else { triggers };
        file.done(name, platform, triggers, told);
    }
}

/// Steps in a list or by name.
fn steps(node: Option<&Node>) -> Vec<(String, &Node)> {
    let Some(node) = node else { return Vec::new() };
    match &node.value {
        Value::Map(entries) => entries.iter().map(|(name, step)| (name.to_string(), step)).collect(),
        _ => {
            let numbered = node.items().iter().enumerate();
            numbered.map(|(at, step)| (step.text_of("name").map_or_else(|| format!("step-{}", at + 1), str::to_owned), step)).collect()
        }
    }
}

fn read_step(file: &mut File, id: &str, step: &Node, pipeline: &str) -> Job {
    file.image(step.text_of("image"), id);
    file.signs(step, id);
    for key in ["environment", "settings"] {
        for (name, value) in step.entries_at(&[key]) {
            if let Some(secret) = value.text_of("from_secret") {
                file.thing(Section::Secret, secret, "pipeline secret", id);
            } else if key == "environment" {
                let (text, spot) = (value.text().filter(|text| !text.contains('$')), file.spot(id));
                file.found.env.push(super::set(name, text.map(str::to_owned), &spot));
            }
        }
    }
    for secret in named(step.get("secrets"), "source") {
        file.thing(Section::Secret, &secret, "pipeline secret", id);
    }
    if let Some(target) = step.text_of("image").and_then(target_of) {
        file.thing(Section::DeployTarget, target, "", id);
    }
    let when = step.get("when").map(Node::one_or_many).unwrap_or_default();
    Job {
        id: id.to_owned(),
        stage: pipeline.to_owned(),
        needs: named(step.get("depends_on"), "name"),
        triggers: unique(when.iter().flat_map(events).collect()),
        ..Job::default()
    }
}

/// The events that a condition names: `event: [push, tag]`, `event: { include: [push] }`.
fn events(node: &Node) -> Vec<String> {
    let Some(event) = node.get("event") else { return Vec::new() };
    let listed = event.get("include").unwrap_or(event);
    let word = |name: &str| match name {
        "cron" => "schedule".to_owned(),
        "promote" | "rollback" | "custom" | "deployment" | "manual" => "manual".to_owned(),
        other => other.to_owned(),
    };
    unique(listed.texts().map(word).collect())
}

/// Where a plugin deploys to, by its image.
fn target_of(image: &str) -> Option<&'static str> {
    let name = image.rsplit('/').next()?.split(':').next()?;
    Some(match name {
        "drone-ssh" | "drone-scp" | "drone-rsync" => "ssh",
        "drone-kubernetes" | "drone-kubectl" | "drone-helm" | "drone-helm3" => "kubernetes",
        "s3" | "drone-s3" | "drone-s3-sync" | "s3-sync" => "aws-s3",
        "drone-ecs" | "ecs" => "aws-ecs",
        "heroku" | "drone-heroku" => "heroku",
        "gh-pages" | "drone-gh-pages" => "github-pages",
        "drone-netlify" | "netlify" => "netlify",
        _ => return None,
    })
}
