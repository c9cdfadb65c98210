//! Bitbucket Pipelines: lists of steps, for branches, tags, pull requests and by hand.

use super::{File, unique};
use crate::facts::infrastructure::{Infrastructure, Job, Section};
use crate::facts::tree::Node;

/// Sections and what starts what stands in them.
const SECTIONS: &[(&str, &str)] =
    &[("branches", "push"), ("tags", "tag"), ("bookmarks", "push"), ("pull-requests", "pull_request"), ("custom", "manual")];

pub fn read(path: &str, root: &Node, found: &mut Infrastructure) {
    let mut file = File { path, found };
    file.image(image(root.get("image")), "");
    let mut told = Vec::new();
    if let Some(steps) = root.at(&["pipelines", "default"]) {
        list(&mut file, steps, "push", "", &mut told);
    }
    for (section, trigger) in SECTIONS {
        for (name, steps) in root.entries_at(&["pipelines", section]) {
            let prefix = if *section == "custom" { name.as_str() } else { "" };
            list(&mut file, steps, trigger, prefix, &mut told);
        }
    }
    for (name, service) in root.entries_at(&["definitions", "services"]) {
        file.image(image(service.get("image")), name);
        file.variables(service.get("variables"), name);
    }
    let triggers = unique(told.iter().flat_map(|job: &Job| job.triggers.iter().cloned()).collect());
    file.done("", "bitbucket-pipelines", triggers, told);
}

fn image(node: Option<&Node>) -> Option<&str> {
    node.and_then(|node| node.text().or_else(|| node.text_of("name")))
}

/// `- step:`, `- parallel: [step, …]`, `- stage: { steps }`. Each waits for those before it.
fn list(file: &mut File, items: &Node, trigger: &str, prefix: &str, told: &mut Vec<Job>) {
    let mut before: Vec<String> = Vec::new();
    for item in items.items() {
        let stage = item.get("stage");
        let name = stage.and_then(|stage| stage.text_of("name")).unwrap_or(prefix);
        let environment = stage.and_then(|stage| stage.text_of("deployment"));
        let parallel = item.get("parallel").map(|node| node.get("steps").unwrap_or(node).items());
        let steps = parallel.or_else(|| Some(stage?.items_at(&["steps"]))).unwrap_or(std::slice::from_ref(item));
        let mut now = Vec::new();
        let mut waits = before.clone();
        for step in steps.iter().filter_map(|step| step.get("step")) {
            let id = one(file, step, (trigger, name, environment), &waits, told);
            if stage.is_some() {
                waits = vec![id.clone()];
            }
            now.push(id);
        }
        if !now.is_empty() {
            before = if stage.is_some() { now.split_off(now.len() - 1) } else { now };
        }
    }
}

/// One step, told once for all sections it stands in.
fn one(
    file: &mut File,
    step: &Node,
    (trigger, stage, deployment): (&str, &str, Option<&str>),
    waits: &[String],
    told: &mut Vec<Job>,
) -> String {
    let id = step.text_of("name").map_or_else(|| format!("step-{}", told.len() + 1), str::to_owned);
    let environment = step.text_of("deployment").or_else(|| step.text_at(&["deployment", "name"])).or(deployment);
    let is_manual = step.text_of("trigger") == Some("manual");
    let triggers = if is_manual { vec![trigger.to_owned(), "manual".to_owned()] } else { vec![trigger.to_owned()] };
    if let Some(known) = told.iter_mut().find(|known| known.id == id) {
        known.triggers = unique(known.triggers.iter().cloned().chain(triggers).collect());
        known.needs = unique(known.needs.iter().cloned().chain(waits.iter().filter(|wait| **wait != id).cloned()).collect());
        known.environment = known.environment.take().or_else(|| environment.map(str::to_owned));
        return id;
    }
    if let Some(name) = environment {
        file.thing(Section::Environment, name, "", &id);
    }
    file.image(image(step.get("image")), &id);
    file.signs(step, &id);
    file.secret_variables(step, &id);
    for pipe in step.items_at(&["script"]).iter().filter_map(|line| line.text_of("pipe")) {
        if let Some(target) = target_of(pipe) {
            file.thing(Section::DeployTarget, target, "", &id);
        }
    }
    told.push(Job {
        id: id.clone(),
        stage: stage.to_owned(),
        needs: waits.to_vec(),
        triggers,
        environment: environment.map(str::to_owned),
        ..Job::default()
    });
    id
}

/// Where a pipe deploys to: `atlassian/aws-ecs-deploy:1.6.2`.
fn target_of(pipe: &str) -> Option<&'static str> {
    let name = pipe.rsplit('/').next()?.split(':').next()?;
    Some(match name {
        "aws-cloudformation-deploy" => "aws-cloudformation",
        "aws-cloudfront-invalidate" => "aws-cloudfront",
        "aws-ecs-deploy" => "aws-ecs",
        "aws-eks-kubectl-run" => "aws-eks",
        "aws-elasticbeanstalk-deploy" => "aws-elastic-beanstalk",
        "aws-lambda-deploy" => "aws-lambda",
        "aws-s3-deploy" => "aws-s3",
        "aws-sam-deploy" => "aws-sam",
        "azure-aks-deploy" => "azure-aks",
        "azure-functions-deploy" => "azure-functions",
        "azure-web-apps-deploy" | "azure-web-apps-containers-deploy" => "azure-web-app",
        "firebase-deploy" => "firebase",
        "google-app-engine-deploy" => "google-app-engine",
        "google-cloud-run-deploy" => "google-cloud-run",
        "google-gke-kubectl-run" => "google-gke",
        "heroku-deploy" => "heroku",
        "kubectl-run" => "kubernetes",
        "netlify-deploy" => "netlify",
        "rsync-deploy" | "scp-deploy" | "sftp-deploy" | "ssh-run" => "ssh",
        _ => return None,
    })
}
