//! What is needed to run a repository: the documents that say it, and what they say.
//!
//! A document is kept as it was read ([`Source`]); what it means with all others is for `link` to say ([`Infrastructure`]).

use std::collections::BTreeMap;

use super::hcl::Body;
use super::tree::Node;
use crate::base::Name;

/// One document about infrastructure, read and not yet understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Path from the repository's root.
    pub file: String,
    /// What sort of document it is.
    pub format: Format,
    /// What stands in it.
    pub content: Content,
}

/// What stands in a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// YAML documents, or the one of JSON or TOML.
    Trees(Vec<Node>),
    /// Blocks and attributes.
    Hcl(Body),
    /// The instructions of a Dockerfile.
    Instructions(Vec<Instruction>),
    /// Names of environment variables, as `.env.example` lists them. Their values are never kept.
    Names(Vec<Name>),
    /// Text with a shape of its own.
    Text(String),
}

/// Sorts of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// A Compose file.
    Compose,
    /// A Dockerfile.
    Dockerfile,
    /// `.env.example` and its like.
    Env,
    /// Manifests of Kubernetes, in one file or many documents of it.
    Kubernetes,
    /// `kustomization.yaml`.
    Kustomization,
    /// `Chart.yaml` of a Helm chart.
    HelmChart,
    /// `values*.yaml` of a Helm chart.
    HelmValues,
    /// A template of a Helm chart.
    HelmTemplate,
    /// Terraform or OpenTofu.
    Terraform,
    /// A template of CloudFormation, with what SAM adds.
    CloudFormation,
    /// `serverless.yml`.
    Serverless,
    /// `Procfile`.
    Procfile,
    /// A file that one platform reads: `fly.toml`, `vercel.json`, `render.yaml`.
    Platform(Platform),
    /// A pipeline.
    Pipeline(Ci),
}

/// What runs pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ci {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// CircleCI.
    Circle,
    /// Azure Pipelines.
    Azure,
    /// Jenkins.
    Jenkins,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Travis CI.
    Travis,
    /// Drone.
    Drone,
    /// Woodpecker.
    Woodpecker,
}

/// Platforms with a file of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// `fly.toml`.
    Fly,
    /// `vercel.json`.
    Vercel,
    /// `netlify.toml`.
    Netlify,
    /// `render.yaml`.
    Render,
    /// `app.json` and `heroku.yml`.
    Heroku,
    /// `railway.json` and `railway.toml`.
    Railway,
    /// `wrangler.toml`, `wrangler.json`.
    Cloudflare,
    /// `app.yaml` of App Engine.
    AppEngine,
    /// `.do/app.yaml`.
    DigitalOcean,
    /// `skaffold.yaml`.
    Skaffold,
    /// `firebase.json`.
    Firebase,
}

/// One instruction of a Dockerfile, lines joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instruction {
    /// `FROM`, in upper case.
    pub name: Name,
    /// What stands behind it.
    pub rest: String,
    /// 1-based line.
    pub line: u32,
}

/// Where something was said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// Path from the repository's root.
    pub file: String,
    /// The declaration people look for: a service, a resource, a class; empty when it is the file.
    pub symbol: String,
    /// 1-based line, 0 when unknown.
    pub line: u32,
}

impl Spot {
    /// A place in a file.
    pub fn new(file: impl Into<String>, symbol: impl Into<String>, line: u32) -> Self {
        Self { file: file.into(), symbol: symbol.into(), line }
    }
}

/// Everything said about what the repository needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Infrastructure {
    /// What runs.
    pub services: Vec<Service>,
    /// Container images.
    pub images: Vec<Image>,
    /// Reads and settings of environment variables, one entry each.
    pub env: Vec<EnvUse>,
    /// What needs no more than a name and a kind.
    pub things: Vec<Thing>,
    /// Resources of a cloud.
    pub resources: Vec<CloudResource>,
    /// Inputs of a template or module.
    pub variables: Vec<Variable>,
    /// Functions run on demand.
    pub functions: Vec<Function>,
    /// What is run by the clock.
    pub schedules: Vec<Schedule>,
    /// Pipelines.
    pub pipelines: Vec<Pipeline>,
}

impl Infrastructure {
    /// Adds what another document gave.
    pub fn append(&mut self, mut other: Self) {
        self.services.append(&mut other.services);
        self.images.append(&mut other.images);
        self.env.append(&mut other.env);
        self.things.append(&mut other.things);
        self.resources.append(&mut other.resources);
        self.variables.append(&mut other.variables);
        self.functions.append(&mut other.functions);
        self.schedules.append(&mut other.schedules);
        self.pipelines.append(&mut other.pipelines);
    }
}

/// Something that runs: a container, a process, a workload.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// What runs it: `compose`, `kubernetes`.
    pub platform: &'static str,
    /// What sort it is there: `Deployment`, `worker`; empty when there are no sorts.
    pub workload: String,
    /// The image it runs, defaults filled in.
    pub image: Option<String>,
    /// The folder it is built from, from the repository's root.
    pub build: Option<String>,
    /// The Dockerfile it is built with, from the repository's root.
    pub dockerfile: Option<String>,
    /// The command, when it is not the image's own.
    pub command: Option<String>,
    /// Ports it listens on.
    pub ports: Vec<Port>,
    /// Services it waits for.
    pub depends_on: Vec<String>,
    /// Profiles it belongs to.
    pub profiles: Vec<String>,
    /// How many of it run, when that is said.
    pub replicas: Option<String>,
    /// Volumes and folders it sees: `pgdata:/var/lib/postgresql/data`.
    pub mounts: Vec<String>,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// How it is run besides, by name: `restart`, `healthCheck`, `memory`, `cpu`, `user`.
    pub settings: BTreeMap<String, String>,
    /// Where it stands.
    pub spots: Vec<Spot>,
}

/// A port.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    /// The port it listens on.
    pub container: u16,
    /// What it is reached under from outside.
    pub published: Option<String>,
    /// `udp`; empty for TCP.
    pub protocol: String,
}

/// A container image.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Image {
    /// Its reference, defaults filled in.
    pub name: String,
    /// What it is used for.
    pub role: ImageRole,
    /// Other spellings, as they are written.
    pub aliases: Vec<String>,
    /// Where it stands.
    pub spots: Vec<Spot>,
}

/// What an image is used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImageRole {
    /// A service runs it.
    #[default]
    Runs,
    /// Others are built on it.
    Base,
    /// A pipeline works in it.
    Tool,
}

/// One read or setting of an environment variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvUse {
    /// The variable.
    pub name: String,
    /// Other names that the reader accepts.
    pub aliases: Vec<String>,
    /// What is done with it.
    pub access: EnvAccess,
    /// The value it gets as far as it is known, when other variables are in it: `orders${SUFFIX}`.
    pub partial: Option<String>,
    /// Where.
    pub spot: Spot,
}

/// What is done with an environment variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum EnvAccess {
    /// It is read, and what reads it fails or is left without when it is not set.
    #[default]
    Required,
    /// It is read, and may be missing: the value that then holds, when it is known.
    Optional(Option<String>),
    /// It is read; whether it may be missing is not known.
    Read,
    /// It gets a value: the literal one, when it is known and no secret.
    Set(Option<String>),
    /// It is listed for people to fill in, as in `.env.example`.
    Listed,
}

/// Something that needs no more than a name and a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thing {
    /// Which section it belongs to.
    pub section: Section,
    /// Its name.
    pub name: String,
    /// What it is more exactly: `aws_sqs_queue`, `postgres`; empty when the section says all.
    pub kind: String,
    /// The service that provides or holds it.
    pub service: Option<String>,
    /// Its version, when one is asked for.
    pub version: Option<String>,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// Whether it was concluded rather than said.
    pub is_implied: bool,
    /// Where it stands.
    pub spots: Vec<Spot>,
}

impl Thing {
    /// A thing with a name.
    pub fn new(section: Section, name: impl Into<String>, kind: impl Into<String>, spot: Spot) -> Self {
        Self { section, name: name.into(), kind: kind.into(), spots: vec![spot], ..Self::default() }
    }
}

/// Sections of things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// A secret, by name.
    #[default]
    Secret,
    /// A named volume.
    Volume,
    /// A database, cache, search engine or broker.
    Datastore,
    /// A bucket.
    Bucket,
    /// A queue.
    Queue,
    /// A topic or stream.
    Topic,
    /// A host outside that requests go to.
    ExternalHost,
    /// A service of somebody else, used through its library.
    ThirdParty,
    /// An output of a template or module.
    Output,
    /// A provider of resources.
    Provider,
    /// A host that requests come in under.
    IngressHost,
    /// Where a pipeline deploys to.
    DeployTarget,
    /// An environment that is deployed to.
    Environment,
}

/// A resource of a cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CloudResource {
    /// Its type: `aws_sqs_queue`, `AWS::SQS::Queue`.
    pub kind: String,
    /// Its name in the template.
    pub name: String,
    /// The module it stands in, from the root: `module.queues`; empty at the root.
    pub module: String,
    /// The keys it is made for, when it is made several times.
    pub instances: Vec<String>,
    /// What is said of it that others rely on, by name: `deletion_protection`, `backup_retention_period`, `fifo_queue`.
    pub settings: BTreeMap<String, String>,
    /// Where it stands.
    pub spots: Vec<Spot>,
}

/// An input of a template or module.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its type, as it is written.
    pub kind: String,
    /// Whether it must be given.
    pub is_required: bool,
    /// Whether its value must not be shown.
    pub is_sensitive: bool,
    /// The value it has when none is given; never of a secret.
    pub default: Option<String>,
    /// What it is for.
    pub description: String,
    /// Where it stands.
    pub spots: Vec<Spot>,
}

/// A function run on demand.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// `python3.12`, `nodejs20.x`.
    pub runtime: Option<String>,
    /// The handler, as it is written.
    pub handler: Option<String>,
    /// The folder or file of its code, from the repository's root.
    pub code: Option<String>,
    /// What starts it: `GET /users`, `schedule rate(1 hour)`, `sqs orders`.
    pub events: Vec<String>,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// Where it stands.
    pub spots: Vec<Spot>,
}

/// What is run by the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// When: `0 3 * * *`, `rate(1 hour)`.
    pub schedule: String,
    /// What is run: a function, a job, a path.
    pub target: Option<String>,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// Where it stands.
    pub spots: Vec<Spot>,
}

/// A pipeline: one file that says what is done when.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pipeline {
    /// Path from the repository's root.
    pub file: String,
    /// What it is called; empty when it has no name.
    pub name: String,
    /// What runs it: `github-actions`, `gitlab-ci`.
    pub platform: &'static str,
    /// What starts it.
    pub triggers: Vec<String>,
    /// Its jobs, in the order of the file.
    pub jobs: Vec<Job>,
    /// What it takes from elsewhere, whose jobs are not known: `template:Jobs/Build.gitlab-ci.yml`.
    pub includes: Vec<String>,
}

/// A job of a pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job {
    /// Its key.
    pub id: String,
    /// What it is called, when that is not its key.
    pub name: String,
    /// The stage it belongs to.
    pub stage: String,
    /// The jobs it waits for.
    pub needs: Vec<String>,
    /// What starts it, when that is less than what starts the pipeline.
    pub triggers: Vec<String>,
    /// The environment it deploys to.
    pub environment: Option<String>,
    /// The pipeline it calls, when it does nothing else.
    pub uses: Option<String>,
}
