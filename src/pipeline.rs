//! The rooms in order: scan → outline → facts → link → frameworks → features → contract.
//!
//! Threads and the panic boundary live here: a file that makes a reader panic costs that file, and is named.

pub mod evidence;
mod interfaces;
mod names;
pub mod promised;
mod read;
mod reading;
pub mod schemas;
pub mod single;
mod statements;
pub mod written;

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use crate::base::code::Expr;
use crate::base::language::Language;
use crate::base::problem::Problem;
use crate::contract::model::{self, Contract};
use crate::facts::document::{ApiDocument, EventDocument};
use crate::facts::finding::{Findings, Method};
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::program::{FileId, Program};
use crate::features::{self, Given, NamedFeature};
use crate::formats::{openapi, prisma};
use crate::frameworks;
use crate::link::database;
use crate::link::documents::{self, Compared};
use crate::link::events;
use crate::link::functions;
use crate::link::graphql::Graphql;
use crate::link::grpc::Grpc;
use crate::link::modules::{ModuleRef, PackageKind};
use crate::link::system::System;
use crate::link::{http, infrastructure};
use crate::scan::{LeftOut, Tree};
use crate::settings::Settings;
use crate::store::Digest;
pub use names::name_blobs;
use reading::Sources;
pub use reading::{Reading, exact_digest, is_read};

/// Recursion over hostile code is bounded; the bound needs this much stack in an unoptimised build.
const STACK: usize = 16 << 20;

/// What a run is told while it works.
pub trait Progress: Sync {
    /// A stage begins, with so many steps (0: not counted).
    fn stage(&self, _name: &'static str, _steps: usize) {}
    /// One step of the stage is done.
    fn step(&self) {}
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {}

/// What a run found.
pub struct Analysis {
    /// The settled contract.
    pub contract: Contract,
    /// How many files were read.
    pub files_read: usize,
    /// Names all that the contract follows from, when it would come out the same again.
    pub digest: Option<Digest>,
    /// What it was derived from.
    pub scaffold: Scaffold,
}

/// All outlines and findings of a run. Freeing them takes long for nothing when the process is about to end.
pub struct Scaffold {
    _system: System,
    _findings: Findings,
}

impl Scaffold {
    /// Gives the memory back while others go on; what is left of it when the process ends, ends with it.
    pub fn free(self) {
        // Without a thread it is freed here and now.
        drop(std::thread::Builder::new().spawn(move || drop(self)));
    }

    /// Leaves the memory to the end of the process.
    pub fn leave(self) {
        std::mem::forget(self);
    }
}

/// Runs a closure on a pool of so many threads (0: all cores) with stacks that deep code needs.
///
/// # Errors
/// When the system gives no threads.
pub fn on_threads<T: Send>(jobs: usize, work: impl FnOnce() -> T + Send) -> Result<T, rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).stack_size(STACK).build()?;
    Ok(pool.install(work))
}

/// Derives the contract of a tree.
#[must_use]
pub fn analyze(tree: &Tree, settings: &Settings, name: &str, progress: &dyn Progress) -> Analysis {
    derive(Reading::new(tree, None, progress), settings, name, progress)
}

/// A result that is known, or the analysis it would follow from.
pub enum Either<T> {
    /// It is known.
    Known(T),
    /// It is not.
    New(Box<Analysis>),
}

/// Derives the contract of a tree, unless what is asked for is known for the digest of all that the contract follows from.
#[must_use]
pub fn derive_unless<T>(
    reading: Reading,
    settings: &Settings,
    name: &str,
    progress: &dyn Progress,
    known: impl FnOnce(Digest) -> Option<T>,
) -> Either<T> {
    match reading.digest(settings, name).and_then(known) {
        Some(known) => Either::Known(known),
        None => Either::New(Box::new(derive(reading, settings, name, progress))),
    }
}

/// Derives the contract of a tree that is being read.
#[must_use]
pub fn derive(mut reading: Reading, settings: &Settings, name: &str, progress: &dyn Progress) -> Analysis {
    let digest = reading.digest(settings, name);
    let mut sources = reading.finish();
    let digest = digest.filter(|_| reading.is_repeatable());
    tracing::info!(files = sources.files.len(), manifests = sources.manifests.len(), "read");
    progress.stage("linking", 0);
    let files_read = sources.files.len() + sources.manifests.len();
    let system = System::new(std::mem::take(&mut sources.files), &sources.manifests, readers())
        .with_documents(std::mem::take(&mut sources.documents));
    let used = used_frameworks(&system);
    if !used.is_empty() {
        system.prepare();
    }
    let (mut findings, problems) = find(&system, &used);
    database::keys::settle(&mut findings.tables);
    sources.problems.extend(problems);
    declare_services(&system, &mut findings);
    let needs = infrastructure::join(&sources.infrastructure, &findings.infrastructure);
    let started = functions::join(&system, &findings.lambdas, &needs);
    findings.events.extend(started.events);
    findings.routes.extend(started.routes);
    let mut http = http::join(&findings);
    if let Some(base) = &settings.http.base_path {
        http.put_under(base);
    }
    let graphql = graphql_of(&mut sources, &mut findings);
    let grpc = Grpc::new(&system, std::mem::take(&mut sources.interfaces.protos), &findings.grpc);
    tracing::info!(routes = findings.routes.len(), operations = http.operations.len(), "linked");
    progress.stage("grouping", 0);
    let named: Vec<NamedFeature> = settings
        .features
        .iter()
        .map(|(name, feature)| NamedFeature { name: name.clone(), paths: feature.paths.clone(), purpose: feature.purpose.clone() })
        .collect();
    statements::expand(&mut findings);
    let schemas = prisma::join(std::mem::take(&mut sources.prisma));
    let databases = database::join(&system, &findings, &sources.sql, &schemas);
    let channels = events::join(&findings, &needs.env, &http.operations);
    let given = Given {
        name,
        named: &named,
        system: &system,
        http: &http,
        databases: &databases,
        grpc: &grpc,
        channels: &channels,
        brokers: &findings.brokers,
        infrastructure: &needs,
        graphql: &graphql,
        frameworks: &used,
        manifests: &sources.manifests,
    };
    let mut contract = features::contract_of(&given);
    let in_comments = documents_in_comments(&system);
    let documents = system.documents().iter().chain(&in_comments);
    contract.repo.documents = documents.map(|document| compared(document, &documents::compare(document, &http, &system))).collect();
    contract.repo.documents.extend(sources.events.iter().map(|document| compared_events(document, &channels)));
    contract.repo.left_out = left_out(&sources.left_out);
    contract.repo.problems = sources.problems.iter().map(problem).collect();
    contract.settle();
    Analysis { contract, files_read, digest, scaffold: Scaffold { _system: system, _findings: findings } }
}

/// What documents and code declare of GraphQL, schema text in code included.
fn graphql_of(sources: &mut Sources, findings: &mut Findings) -> Graphql {
    let mut found = std::mem::take(&mut findings.graphql);
    let (texts, problems) = interfaces::texts(&found.texts);
    sources.problems.extend(problems);
    found.append(texts);
    found.append(std::mem::take(&mut sources.interfaces.graphql));
    Graphql::new(found)
}

/// The type readers of all frameworks, in registry order.
fn readers() -> Vec<&'static dyn TypeReader> {
    frameworks::ALL.iter().filter_map(|framework| framework.types).collect()
}

/// The frameworks that some file imports.
fn used_frameworks(system: &System) -> Vec<&'static Framework> {
    let mut modules: Vec<(Language, &str)> = Vec::new();
    for file in system.file_ids() {
        let language = system.file(file).language;
        modules.extend(system.imports(file).iter().filter_map(|module| match module {
            ModuleRef::Outside(path) => Some((language, path.as_str())),
            _ => None,
        }));
        modules.extend(required_inline(system, file).map(|module| (language, module)));
    }
    modules.sort_unstable();
    modules.dedup();
    // Migrations often import nothing, and Rust names a crate where it is used: the package's dependency says whose they are.
    let depends =
        |module: &str| system.modules().packages().iter().any(|package| package.dependencies.iter().any(|known| known.name == module));
    let is_used = |framework: &&&Framework| {
        framework.modules.is_empty()
            || is_told_by_dependency(framework)
                && framework.modules.iter().any(|module| depends(module) || depends(&module.replace('_', "-")))
            || modules.iter().any(|(language, path)| {
                framework.languages.contains(language) && framework.modules.iter().any(|module| is_of(path, module))
            })
    };
    frameworks::ALL.iter().filter(is_used).copied().collect()
}

/// Services that manifests name libraries for, though no code imports them.
fn declare_services(system: &System, findings: &mut Findings) {
    for package in system.modules().packages() {
        let (language, manifest) = match package.kind {
            PackageKind::Cargo => (Language::Rust, "Cargo.toml"),
            PackageKind::Npm => (Language::JavaScript, "package.json"),
            PackageKind::Python => (Language::Python, "pyproject.toml"),
        };
        let manifest = if package.root.is_empty() { manifest.to_owned() } else { format!("{}/{manifest}", package.root) };
        let dependencies = package.dependencies.iter().filter(|dependency| dependency.local.is_none());
        let names = dependencies.map(|dependency| dependency.package.as_str());
        frameworks::environment::services::declared(language, &manifest, names, &mut findings.infrastructure);
    }
}

/// Whether a package's dependency is enough for a framework to count as used.
fn is_told_by_dependency(framework: &Framework) -> bool {
    let is_rust = framework.languages.contains(&Language::Rust);
    framework.tells.contains(&Tells::Migrations) || is_rust && framework.tells.contains(&Tells::Events)
}

/// Modules that a script takes where a value stands: `require("express")()`.
fn required_inline(system: &System, file: FileId) -> impl Iterator<Item = &str> {
    let facts = system.file(file);
    let calls = if facts.language.is_script() { facts.outline.calls.as_slice() } else { &[] };
    calls.iter().filter_map(|call| match (&call.callee, call.args.first()) {
        (Expr::Ref(name), Some(arg)) if name == "require" || name == "import" => arg.value.as_str(),
        _ => None,
    })
}

/// Whether an imported module is a library or lies in it.
fn is_of(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']))
}

/// Asks every used framework about every file of its languages.
fn find(system: &System, used: &[&'static Framework]) -> (Findings, Vec<Problem>) {
    let files: Vec<FileId> = system.file_ids().collect();
    let found: Vec<(Findings, Option<Problem>)> = files.par_iter().map(|file| find_in(system, used, *file)).collect();
    let mut findings = Findings::default();
    let mut problems = Vec::new();
    for (more, problem) in found {
        findings.append(more);
        problems.extend(problem);
    }
    (findings, problems)
}

fn find_in(system: &System, used: &[&'static Framework], file: FileId) -> (Findings, Option<Problem>) {
    let language = system.file(file).language;
    let asked = catch_unwind(AssertUnwindSafe(|| {
        let mut findings = Findings::default();
        for framework in used.iter().filter(|framework| framework.languages.contains(&language)) {
            if let Some(read) = framework.read {
                read(system, file, &mut findings);
            }
        }
        findings
    }));
    match asked {
        Ok(findings) => (findings, None),
        Err(_) => {
            let problem =
                Problem::of_file(system.path(file), "file-reader-panicked", "reading what this file promises failed; the file is left out")
                    .with_help("please report it with the file; `exclude` in contract-agent.toml leaves the file out");
            (Findings::default(), Some(problem))
        }
    }
}

/// Specifications kept in documentation comments, one document for each file that has some.
fn documents_in_comments(system: &System) -> Vec<ApiDocument> {
    let mut found = Vec::new();
    for file in system.file_ids().filter(|file| system.file(*file).language.is_script()) {
        let comments = &system.file(file).outline.comments;
        let operations: Vec<_> = comments.iter().flat_map(|comment| openapi::operations_of_comment(&comment.text)).collect();
        if !operations.is_empty() {
            let document = ApiDocument {
                file: system.path(file).to_owned(),
                format: "OpenAPI in comments".to_owned(),
                operations,
                ..ApiDocument::default()
            };
            found.push(document);
        }
    }
    found
}

fn compared(document: &ApiDocument, compared: &Compared) -> model::ApiDocument {
    let spell = |operations: &[(Method, String)]| operations.iter().map(|(method, path)| format!("{} {path}", method.name())).collect();
    model::ApiDocument {
        file: document.file.clone(),
        format: document.format.clone(),
        title: document.title.clone(),
        operations: document.operations.len(),
        matched: compared.matched,
        prefix: compared.prefix.clone(),
        only_in_document: spell(&compared.only_in_document),
        only_in_code: if compared.matched == 0 { Vec::new() } else { spell(&compared.only_in_code) },
    }
}

fn compared_events(document: &EventDocument, channels: &[events::Channel]) -> model::ApiDocument {
    let compared = events::compare(document, channels);
    model::ApiDocument {
        file: document.file.clone(),
        format: document.format.clone(),
        title: document.title.clone(),
        operations: document.ends.len(),
        matched: compared.matched,
        prefix: String::new(),
        only_in_document: compared.only_in_document,
        only_in_code: if compared.matched == 0 { Vec::new() } else { compared.only_in_code },
    }
}

fn left_out(left_out: &LeftOut) -> Vec<model::LeftOut> {
    left_out
        .groups()
        .map(|(reason, group)| model::LeftOut {
            reason: reason.label().to_owned(),
            count: usize::try_from(group.files).unwrap_or(usize::MAX).saturating_add(group.folders.len()),
            examples: group.examples(),
        })
        .collect()
}

fn problem(problem: &Problem) -> model::Problem {
    model::Problem {
        file: problem.file.clone(),
        line: problem.line,
        code: problem.code.clone(),
        message: problem.message.clone(),
        help: problem.help.clone(),
    }
}
