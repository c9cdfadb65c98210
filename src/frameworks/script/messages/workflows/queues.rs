//! The queue that a program's workers take their workflows from.

use std::collections::BTreeSet;

use crate::base::Name;
use crate::base::code::CallId;
use crate::facts::program::{CallRef, FileId, Program, Site};

/// The queues of all workers.
#[derive(Debug)]
struct Queues(BTreeSet<String>);

/// The queue, when all workers of the program have the same.
#[must_use]
pub fn queue(program: &dyn Program) -> Option<Name> {
    let queues = program.answers().once(|| Queues(all(program)));
    let mut named = queues.0.iter();
    named.next().filter(|_| named.next().is_none()).map(|name| Name::from(name.as_str()))
}

/// `Worker.create({ workflowsPath, activities, taskQueue: "orders" })`.
fn all(program: &dyn Program) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language.is_script()) {
        for (number, call) in (0u32..).zip(&program.file(file).outline.calls) {
            let is_create = call.callee.last_name().is_some_and(|name| name == "create");
            if !is_create || !program.callee(CallRef { file, id: CallId(number) }).is_any(&["@temporalio/worker.Worker.create"]) {
                continue;
            }
            let site = Site::of_call(file, call);
            let options = call.positional(0).and_then(|options| program.entries(&site, options)).unwrap_or_default();
            let queue = options.iter().find(|(key, ..)| key == "taskQueue");
            found.extend(queue.and_then(|(_, value, at)| program.text(at, value).plain()));
        }
    }
    found
}
