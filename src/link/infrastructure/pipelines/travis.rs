//! Travis CI: jobs by stage, and what deploys after them.

use super::{File, unique};
use crate::facts::infrastructure::{Infrastructure, Job, Section};
use crate::facts::tree::Node;

pub fn read(path: &str, root: &Node, found: &mut Infrastructure) {
    let mut file = File { path, found };
    let listed = ["jobs", "matrix"].iter().map(|key| root.items_at(&[key, "include"])).find(|items| !items.is_empty()).unwrap_or_default();
    let mut told: Vec<Job> = Vec::new();
    let mut stage = "test".to_owned();
    for job in listed {
        // A job without a stage belongs to the one before it.
        if let Some(name) = job.text_of("stage") {
            name.clone_into(&mut stage);
        }
        let id = job.text_of("name").map_or_else(|| stage.to_lowercase(), str::to_owned);
        read_job(&mut file, job, &id);
        let triggers = conditions(job.text_of("if"));
        match told.iter_mut().find(|known| known.id == id) {
            Some(known) => known.triggers.extend(triggers),
            None => told.push(Job { id, stage: stage.to_lowercase(), triggers, ..Job::default() }),
        }
    }
    let runs = ["script", "install", "before_script", "deploy"].iter().any(|key| root.get(key).is_some());
    let is_alone = told.is_empty() && (runs || root.get("language").is_some());
    if is_alone {
        told.push(Job { id: "build".to_owned(), stage: "test".to_owned(), ..Job::default() });
    }
    read_job(&mut file, root, if is_alone { "build" } else { "" });
    variables(&mut file, root.get("env"));
    for job in &mut told {
        job.triggers = unique(std::mem::take(&mut job.triggers));
    }
    let of_file = conditions(root.text_of("if"));
    let triggers = if of_file.is_empty() { vec!["push".to_owned(), "pull_request".to_owned()] } else { of_file };
    file.done("", "travis-ci", triggers, told);
}

/// What a job's scripts give away, and where it deploys to.
fn read_job(file: &mut File, job: &Node, id: &str) {
    let parts = [
        "before_install",
        "install",
        "before_script",
        "script",
        "after_success",
        "after_script",
        "before_deploy",
        "deploy",
        "after_deploy",
    ];
    for part in parts.iter().filter_map(|key| job.get(key)) {
        file.signs(part, id);
        file.secret_variables(part, id);
    }
    for deploy in job.get("deploy").map(Node::one_or_many).unwrap_or_default() {
        let Some(provider) = deploy.text_of("provider") else { continue };
        // A script deploys to what it names, a registry takes packages.
        if !matches!(
            provider,
            "script" | "npm" | "pypi" | "releases" | "rubygems" | "cargo" | "packagecloud" | "snap" | "testfairy" | "cocoapods"
        ) {
            file.thing(Section::DeployTarget, target_of(provider), "", id);
        }
    }
}

fn target_of(provider: &str) -> &str {
    match provider {
        "pages" | "pages:git" => "github-pages",
        "s3" => "aws-s3",
        "lambda" => "aws-lambda",
        "elasticbeanstalk" => "aws-elastic-beanstalk",
        "cloudformation" => "aws-cloudformation",
        "codedeploy" => "aws-codedeploy",
        "ecr" => "aws-ecr",
        "gae" => "google-app-engine",
        "gcs" => "google-cloud-storage",
        "azure_web_apps" => "azure-web-app",
        "cloudfoundry" => "cloud-foundry",
        other => other,
    }
}

/// `env: { global: [A=1 B=2, { secure: … }] }`, `env: [A=1]`, `env: { global: { A: 1 } }`.
fn variables(file: &mut File, env: Option<&Node>) {
    let Some(env) = env else { return };
    for part in [Some(env), env.get("global"), env.get("jobs"), env.get("matrix")].into_iter().flatten() {
        let named = part.entries().iter().filter(|(name, _)| !matches!(name.as_str(), "global" | "jobs" | "matrix" | "secure"));
        for (name, value) in named {
            let spot = file.spot("");
            file.found.env.push(super::set(name, value.text().map(str::to_owned), &spot));
        }
        for text in part.one_or_many().iter().filter_map(Node::text) {
            for (name, value) in text.split_whitespace().filter_map(|pair| pair.split_once('=')) {
                let spot = file.spot("");
                file.found.env.push(super::set(name, Some(value.trim_matches(['"', '\'']).to_owned()), &spot));
            }
        }
    }
}

/// `if: type = cron AND branch = main`.
fn conditions(condition: Option<&str>) -> Vec<String> {
    let Some(condition) = condition.map(str::to_lowercase) else { return Vec::new() };
    let known = [("cron", "schedule"), ("pull_request", "pull_request"), ("push", "push"), ("api", "api")];
    let mut found: Vec<String> = Vec::new();
    if condition.contains("type") {
        found.extend(known.iter().filter(|(word, _)| condition.contains(word)).map(|(_, trigger)| (*trigger).to_owned()));
    }
    if condition.contains("tag is present") || condition.contains("tag =~") {
        found.push("tag".to_owned());
    }
    unique(found)
}
