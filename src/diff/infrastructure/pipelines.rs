//! What is run by the clock, and what is checked before something is deployed.

use std::collections::{BTreeMap, BTreeSet};

use super::told::{Sides, Told};
use crate::contract::model::infrastructure::{Infrastructure, Job, Pipeline, Schedule};

/// Compares schedules and pipelines.
pub fn compare(told: &mut Told, before: &Infrastructure, after: &Infrastructure) {
    schedules(told, &before.schedules, &after.schedules);
    gates(told, &before.pipelines, &after.pipelines);
}

fn schedules(told: &mut Told, before: &[Schedule], after: &[Schedule]) {
    let mut sides = Sides::of(before, after, |schedule| (schedule.name.clone(), schedule.target.clone()));
    let mut pairs = std::mem::take(&mut sides.both);
    pairs.extend(sides.pair_by(|schedule| Some(schedule.name.clone())));
    // The name of a timed job is nobody's promise; what it runs is.
    pairs.extend(sides.pair_by(|schedule| schedule.target.clone()));
    let subject = |schedule: &Schedule| format!("schedule {}", schedule.name);
    for schedule in &sides.gone {
        told.differs("infra-schedule-removed", (&subject(schedule), ""), Some(&schedule.schedule), None);
    }
    for schedule in &sides.new {
        told.differs("infra-schedule-added", (&subject(schedule), ""), None, Some(&schedule.schedule));
    }
    for (old, new) in pairs {
        if words(&old.schedule) != words(&new.schedule) {
            told.differs("infra-schedule-changed", (&subject(new), ""), Some(&old.schedule), Some(&new.schedule));
        }
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Jobs that no longer stand before a deployment or a merge.
fn gates(told: &mut Told, before: &[Pipeline], after: &[Pipeline]) {
    let sides = Sides::of(before, after, |pipeline| pipeline.file.clone());
    for (old, new) in &sides.both {
        let subject = format!("pipeline {}", new.file);
        let now: BTreeMap<&str, &Job> = new.jobs.iter().map(|job| (job.id.as_str(), job)).collect();
        let mut missed = BTreeSet::new();
        for job in old.jobs.iter().filter(|job| job.environment.is_some()) {
            let Some(same) = now.get(job.id.as_str()) else { continue };
            let (was, is) = (behind(&old.jobs, job), behind(&new.jobs, same));
            missed.extend(was.difference(&is).copied());
        }
        if checks_merges(old) {
            let is_off = !checks_merges(new);
            missed.extend(old.jobs.iter().map(|job| job.id.as_str()).filter(|id| is_off || !now.contains_key(id)));
        }
        for job in missed {
            told.tell("infra-pipeline-gate-removed", &subject, format!("job {job}"));
        }
    }
    for pipeline in sides.gone.iter().filter(|pipeline| checks_merges(pipeline)) {
        told.tell("infra-pipeline-gate-removed", format!("pipeline {}", pipeline.file), "");
    }
}

/// Whether a pipeline runs before something is merged.
fn checks_merges(pipeline: &Pipeline) -> bool {
    let jobs = pipeline.jobs.iter().flat_map(|job| &job.triggers);
    pipeline
        .triggers
        .iter()
        .chain(jobs)
        .any(|trigger| matches!(trigger.as_str(), "pull_request" | "merge_request_event" | "merge_requests" | "pr" | "merge_group"))
}

/// The jobs that must be done before a job.
fn behind<'a>(jobs: &'a [Job], job: &'a Job) -> BTreeSet<&'a str> {
    let mut done = BTreeSet::new();
    let mut open: Vec<&str> = job.needs.iter().map(String::as_str).collect();
    while let Some(id) = open.pop() {
        if done.insert(id) {
            open.extend(jobs.iter().filter(|job| job.id == id).flat_map(|job| &job.needs).map(String::as_str));
        }
    }
    done
}
