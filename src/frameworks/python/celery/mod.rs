//! Celery: tasks are channels; a worker that defines one hears, `delay` and its like send.
//!
//! Read from <https://docs.celeryq.dev/en/stable/userguide/>. Settings of one module decide the queues of tasks in others, so the whole
//! program is read at once, from its first file that imports Celery.

mod config;
mod sends;
mod tasks;

use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use config::Config;
use tasks::Tasks;

/// The framework's id.
const ID: &str = "python/celery";

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "Celery",
    languages: &[Language::Python],
    modules: &["celery"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if !imports(program, file) || python_files(program).take_while(|earlier| *earlier < file).any(|earlier| imports(program, earlier)) {
        return;
    }
    let config = Config::of(program);
    let tasks = Tasks::of(program);
    for task in &tasks.list {
        findings.events.push(task.heard(program, &config));
    }
    for file in python_files(program) {
        sends::read(program, file, &tasks, &config, findings);
    }
    findings.events.extend(config.scheduled(program, &tasks));
    findings.brokers.extend(config.broker());
}

fn python_files(program: &dyn Program) -> impl Iterator<Item = FileId> + '_ {
    (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language == Language::Python)
}

fn imports(program: &dyn Program, file: FileId) -> bool {
    let is_celery = |module: &str| module == "celery" || module.starts_with("celery.");
    program.file(file).outline.imports.iter().any(|import| is_celery(&import.module))
}
