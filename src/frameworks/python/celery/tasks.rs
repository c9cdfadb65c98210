//! The tasks of a program: decorated functions and classes.

use std::collections::BTreeMap;

use super::config::Config;
use super::{ID, python_files};
use crate::base::Name;
use crate::base::code::{ClassId, Expr, FuncId};
use crate::facts::event::{ChannelKind, Direction, EventFinding};
use crate::facts::finding::Place;
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Program, Site, Text};
use crate::facts::shape::Shape;
use crate::frameworks::messages::handlers;
use crate::frameworks::messages::origin::origins;

/// What makes a task of a function.
const DECORATORS: &[&str] = &[
    "celery.shared_task",
    "celery.Celery().task",
    "celery.app.base.Celery().task",
    "celery.task",
    "celery.task.task",
    "celery.current_app.task",
];
/// Classes that tasks extend.
const CLASSES: &[&str] = &["celery.Task", "celery.app.task.Task", "celery.task.Task", "celery.task.base.Task"];

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its name, as messages carry it.
    pub name: Name,
    /// The function that runs.
    pub function: FuncRef,
    /// The queue its definition names.
    pub queue: Option<Name>,
    /// Its first parameter is the task itself.
    is_bound: bool,
}

impl Task {
    /// What a worker hears.
    pub fn heard(&self, program: &dyn Program, config: &Config) -> EventFinding {
        let declared = program.function(self.function);
        EventFinding {
            framework: ID,
            direction: Direction::Receive,
            place: Place { file: self.function.file, symbol: declared.name.clone(), line: declared.at.line },
            doc: declared.doc.clone(),
            ..self.event(program, config, None)
        }
    }

    /// A message of this task; the queue is the one a caller names, else the one it is routed to.
    pub fn event(&self, program: &dyn Program, config: &Config, queue: Option<Name>) -> EventFinding {
        let queue = queue.or_else(|| self.queue.clone()).or_else(|| config.queue_of(&self.name));
        EventFinding {
            framework: ID,
            protocol: config.protocol,
            kind: ChannelKind::Job,
            channel: Text::known(&self.name),
            bindings: queue.iter().map(|queue| ("queue".into(), Text::known(queue))).collect(),
            aliases: queue.into_iter().collect(),
            payload: self.payload(program),
            ..EventFinding::default()
        }
    }

    fn payload(&self, program: &dyn Program) -> Option<Shape> {
        let first = program.function(self.function).params.first().and_then(|param| param.name());
        let is_self = first.is_some_and(|name| matches!(name.as_str(), "self" | "cls"));
        handlers::parameters(program, self.function, usize::from(self.is_bound && !is_self))
    }
}

/// All tasks of a program.
#[derive(Default)]
pub struct Tasks {
    /// In order of files.
    pub list: Vec<Task>,
    functions: BTreeMap<FuncRef, usize>,
    classes: BTreeMap<ClassRef, usize>,
}

impl Tasks {
    pub fn of(program: &dyn Program) -> Self {
        let mut tasks = Self::default();
        for file in python_files(program) {
            for (id, function) in (0u32..).zip(&program.file(file).outline.functions) {
                let reference = FuncRef { file, id: FuncId(id) };
                if let Some(task) = function.decorators.iter().find_map(|decorator| decorated(program, reference, decorator)) {
                    tasks.functions.insert(reference, tasks.list.len());
                    tasks.list.push(task);
                }
            }
            for (id, class) in (0u32..).zip(&program.file(file).outline.classes) {
                let reference = ClassRef { file, id: ClassId(id) };
                if class.bases.is_empty() {
                    continue;
                }
                if let Some(task) = of_class(program, reference) {
                    tasks.classes.insert(reference, tasks.list.len());
                    tasks.list.push(task);
                }
            }
        }
        tasks
    }

    pub fn of_function(&self, function: FuncRef) -> Option<&Task> {
        self.functions.get(&function).and_then(|index| self.list.get(*index))
    }

    pub fn of_class(&self, class: ClassRef) -> Option<&Task> {
        self.classes.get(&class).and_then(|index| self.list.get(*index))
    }

    pub fn named(&self, name: &str) -> Option<&Task> {
        self.list.iter().find(|task| task.name == name)
    }
}

fn decorated(program: &dyn Program, function: FuncRef, decorator: &Expr) -> Option<Task> {
    let around = program.around(function);
    let (callee, call) = match decorator {
        Expr::Call(id) => {
            let call = program.call(CallRef { file: function.file, id: *id });
            (&call.callee, Some(call))
        }
        other => (other, None),
    };
    // `@app.task`, `@shared_task`: other decorators are not resolved.
    if !callee.last_name().is_some_and(|name| matches!(name.as_str(), "task" | "shared_task")) && !matches!(callee, Expr::Ref(_)) {
        return None;
    }
    if !origins(program, &around, callee, &[]).iter().any(|origin| DECORATORS.contains(&origin.path.as_str())) {
        return None;
    }
    let text = |name: &str| call.and_then(|call| call.keyword(name)).and_then(|value| program.text(&around, value).plain()).map(Name::from);
    Some(Task {
        name: text("name").unwrap_or_else(|| named_after(program, function.file, &program.function(function).name)),
        queue: text("queue"),
        is_bound: call.and_then(|call| call.keyword("bind")) == Some(&Expr::Bool(true)),
        function,
    })
}

fn of_class(program: &dyn Program, class: ClassRef) -> Option<Task> {
    if !program.outside_bases(class).iter().any(|base| CLASSES.contains(&base.as_str())) {
        return None;
    }
    let function = program.method(class, "run").filter(|run| program.function(*run).class.is_some())?;
    let attribute =
        |name: &str| program.class_attribute(class, name).and_then(|(value, at)| program.text(&at, value).plain()).map(Name::from);
    let is_abstract = program.class_attribute(class, "abstract").is_some_and(|(value, _)| *value == Expr::Bool(true));
    (!is_abstract).then(|| Task {
        name: attribute("name").unwrap_or_else(|| named_after(program, class.file, &program.class(class).name)),
        queue: attribute("queue"),
        function,
        is_bound: false,
    })
}

/// Without a name of its own a task is named after its module and function.
fn named_after(program: &dyn Program, file: FileId, function: &Name) -> Name {
    let module = program.module_name(file);
    if module.is_empty() { function.clone() } else { format!("{module}.{function}").into() }
}

/// Where a class's or function's own text is read.
pub fn site_of(call: CallRef, program: &dyn Program) -> Site {
    Site::of_call(call.file, program.call(call))
}
