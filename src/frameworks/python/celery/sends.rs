//! Code that sends tasks: `task.delay(…)`, `task.s(…)`, `app.send_task("name", …)`.

use super::config::Config;
use super::tasks::{Task, Tasks, site_of};
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::facts::event::{Direction, EventFinding};
use crate::facts::finding::{Findings, Place};
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site};
use crate::frameworks::messages::origin::origins;
use crate::frameworks::messages::payload;

/// Methods of a task that send it.
const OF_TASK: &[&str] = &["delay", "apply_async", "s", "si", "signature", "subtask", "starmap", "chunks", "map"];
/// Calls that send a task by its name.
const BY_NAME: &[&str] = &[
    "celery.Celery().send_task",
    "celery.Celery().signature",
    "celery.app.base.Celery().send_task",
    "celery.current_app.send_task",
    "celery.current_app.signature",
    "celery.execute.send_task",
    "celery.signature",
    "celery.canvas.signature",
    "celery.subtask",
];

/// Adds what a file sends.
pub fn read(program: &dyn Program, file: FileId, tasks: &Tasks, config: &Config, findings: &mut Findings) {
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let Some(name) = call.callee.last_name() else { continue };
        let reference = CallRef { file, id: CallId(id) };
        let event = match name.as_str() {
            "send_task" | "signature" | "subtask" => {
                by_name(program, reference, call, tasks, config).or_else(|| of_task(program, reference, call, tasks, config))
            }
            name if OF_TASK.contains(&name) => of_task(program, reference, call, tasks, config),
            _ => None,
        };
        if let Some(event) = event {
            findings.events.push(EventFinding { direction: Direction::Send, place: place_of(program, reference), ..event });
        }
    }
}

fn of_task(program: &dyn Program, reference: CallRef, call: &Call, tasks: &Tasks, config: &Config) -> Option<EventFinding> {
    let (receiver, _) = call.method()?;
    let site = site_of(reference, program);
    let task = task_of(program, &site, receiver, tasks)?;
    Some(task.event(program, config, queue_of(program, &site, call)))
}

/// The task that an expression is.
fn task_of<'t>(program: &dyn Program, site: &Site, expr: &Expr, tasks: &'t Tasks) -> Option<&'t Task> {
    match program.resolve(site, expr) {
        Meaning::Function(function, _) => tasks.of_function(function),
        Meaning::Class(class) | Meaning::Instance(class) => tasks.of_class(class),
        Meaning::Value(Expr::Call(id), at) => {
            let call = CallRef { file: at.file, id: *id };
            let made = program.call(call);
            match program.callee(call) {
                Meaning::Class(class) => tasks.of_class(class),
                // `app.register_task(SendMail())`
                _ if made.callee.last_name().is_some_and(|name| name == "register_task") => {
                    task_of(program, &Site::of_call(call.file, made), made.positional(0)?, tasks)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn by_name(program: &dyn Program, reference: CallRef, call: &Call, tasks: &Tasks, config: &Config) -> Option<EventFinding> {
    let site = site_of(reference, program);
    if !origins(program, &site, &call.callee, &[]).iter().any(|origin| BY_NAME.contains(&origin.path.as_str())) {
        return None;
    }
    let name = program.text(&site, call.arg(0, "name")?).template().0;
    let queue = queue_of(program, &site, call);
    let known = tasks.named(&name).map(|task| task.event(program, config, queue.clone()));
    known.or_else(|| {
        let sent = call.arg(2, "kwargs").and_then(|value| payload::of_value(program, &site, value));
        Some(EventFinding { payload: sent, ..config.unknown(&name, queue) })
    })
}

fn queue_of(program: &dyn Program, site: &Site, call: &Call) -> Option<Name> {
    call.keyword("queue").and_then(|value| program.text(site, value).plain()).map(Into::into)
}

fn place_of(program: &dyn Program, call: CallRef) -> Place {
    let made = program.call(call);
    let outline = &program.file(call.file).outline;
    let around = outline.function_around(made.scope).map(|function| outline.function(function).name.clone());
    Place { file: call.file, symbol: around.unwrap_or_default(), line: made.at.line }
}
