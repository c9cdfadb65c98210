//! What a feature needs to run: services, images, environment variables, stores, cloud resources, pipelines.
//!
//! Secrets are told by name alone; no value of one ever gets here.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Confidence, Evidence, Origin};

/// Everything a feature needs to run, by section.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Infrastructure {
    /// What runs: containers, processes, workloads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// Container images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env_vars: Vec<EnvVar>,
    /// Secrets, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Needed>,
    /// Named volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Needed>,
    /// Databases, caches, search engines, brokers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datastores: Vec<Needed>,
    /// Buckets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<Needed>,
    /// Queues.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<Needed>,
    /// Topics and streams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Needed>,
    /// Hosts that requests go to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external_hosts: Vec<Needed>,
    /// Services of others, used through their libraries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub third_party: Vec<Needed>,
    /// Resources of a cloud.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cloud_resources: Vec<CloudResource>,
    /// Inputs of templates and modules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Outputs of templates and modules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Needed>,
    /// Providers of resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<Needed>,
    /// Functions run on demand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<Function>,
    /// What is run by the clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<Schedule>,
    /// Hosts that requests come in under.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ingress_hosts: Vec<Needed>,
    /// Pipelines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pipelines: Vec<Pipeline>,
    /// Where pipelines deploy to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deploy_targets: Vec<Needed>,
    /// Environments that are deployed to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<Needed>,
}

/// Something that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Its name.
    pub name: String,
    /// What runs it: `compose`, `kubernetes`.
    pub platform: String,
    /// What sort it is there: `Deployment`, `worker`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub workload: String,
    /// The image it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The folder it is built from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// The Dockerfile it is built with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// The command, when it is not the image's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Ports it listens on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// Services it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// Profiles it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
    /// How many of it run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<String>,
    /// Volumes and folders it sees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<String>,
    /// Other names it goes by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// How it is run besides, by name: `restart`, `healthCheck`, `memory`, `cpu`, `user`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A port.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// The port it listens on.
    pub container: u16,
    /// What it is reached under from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    /// `udp`; TCP when left out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub protocol: String,
}

/// A container image.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// Its reference, defaults filled in.
    pub name: String,
    /// `runs`, `base`, `tool`.
    pub role: String,
    /// Other spellings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
}

/// An environment variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Whether something fails or is left without when it is not set.
    pub required: bool,
    /// The value that holds when it is not set; never of a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Other names that its readers accept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Who reads it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read_by: Vec<Evidence>,
    /// Who sets it, or lists it for people to fill in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_by: Vec<Evidence>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
}

/// Something that is needed and has no more than a name and a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Needed {
    /// Its name.
    pub name: String,
    /// What it is more exactly: `aws_sqs_queue`, `environment variable`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The service that provides or holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Its version, when one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Other names it goes by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A resource of a cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudResource {
    /// Its type: `aws_sqs_queue`, `AWS::SQS::Queue`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name in the template.
    pub name: String,
    /// Its address from the root: `module.queues.aws_sqs_queue.dlq`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// The keys it is made for, when it is made several times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<String>,
    /// What is said of it that others rely on, by name: `deletion_protection`, `backup_retention_period`, `fifo_queue`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
}

/// An input of a template or module.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its type, as it is written.
    #[serde(rename = "type", default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Whether it must be given.
    pub required: bool,
    /// Whether its value must not be shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// The value it has when none is given; never of a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A function run on demand.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Function {
    /// Its name.
    pub name: String,
    /// `python3.12`, `nodejs20.x`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The handler, as it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// The folder or file of its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What starts it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// Other names it goes by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
}

/// What is run by the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// When: `0 3 * * *`, `rate(1 hour)`.
    pub schedule: String,
    /// What is run.
    #[serde(rename = "runs", default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Other names it goes by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// Path from the repository's root.
    pub file: String,
    /// What it is called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What runs it: `github-actions`.
    pub platform: String,
    /// What starts it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<String>,
    /// Its jobs, in the order of the file.
    pub jobs: Vec<Job>,
    /// What it takes from elsewhere, whose jobs are not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub includes: Vec<String>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A job of a pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Its key.
    pub id: String,
    /// What it is called, when that is not its key.
    #[serde(rename = "title", default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The stage it belongs to.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stage: String,
    /// The jobs it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// What starts it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<String>,
    /// The environment it deploys to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The pipeline it calls, when it does nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<String>,
}

impl Infrastructure {
    /// Whether nothing is needed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The sections of things that have no more than a name and a kind, with the names they are written under.
    #[must_use]
    pub fn needed(&self) -> [(&'static str, &Vec<Needed>); 13] {
        [
            ("secrets", &self.secrets),
            ("volumes", &self.volumes),
            ("datastores", &self.datastores),
            ("buckets", &self.buckets),
            ("queues", &self.queues),
            ("topics", &self.topics),
            ("external_hosts", &self.external_hosts),
            ("third_party", &self.third_party),
            ("outputs", &self.outputs),
            ("providers", &self.providers),
            ("ingress_hosts", &self.ingress_hosts),
            ("deploy_targets", &self.deploy_targets),
            ("environments", &self.environments),
        ]
    }

    /// The same sections, to be changed.
    pub fn needed_mut(&mut self) -> [&mut Vec<Needed>; 13] {
        [
            &mut self.secrets,
            &mut self.volumes,
            &mut self.datastores,
            &mut self.buckets,
            &mut self.queues,
            &mut self.topics,
            &mut self.external_hosts,
            &mut self.third_party,
            &mut self.outputs,
            &mut self.providers,
            &mut self.ingress_hosts,
            &mut self.deploy_targets,
            &mut self.environments,
        ]
    }

    /// Adds what another feature needs.
    pub fn append(&mut self, mut other: Self) {
        self.services.append(&mut other.services);
        self.images.append(&mut other.images);
        self.env_vars.append(&mut other.env_vars);
        self.cloud_resources.append(&mut other.cloud_resources);
        self.variables.append(&mut other.variables);
        self.functions.append(&mut other.functions);
        self.schedules.append(&mut other.schedules);
        self.pipelines.append(&mut other.pipelines);
        for (section, more) in self.needed_mut().into_iter().zip(other.needed_mut()) {
            section.append(more);
        }
    }
}
