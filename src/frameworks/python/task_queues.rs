//! Job queues: Dramatiq, RQ, arq, Huey, TaskIQ. Read from their user guides.

use crate::base::Name;
use crate::base::code::{Call, CallId, ClassId, Expr};
use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Program, Site, Text};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule, channels, handlers, places};

const LIBRARY: Library = Library {
    id: "python/task-queues",
    protocol: Protocol::Redis,
    types: &[("arq.ArqRedis", "arq.create_pool()"), ("arq.connections.ArqRedis", "arq.create_pool()")],
    rules: &[
        Rule {
            calls: &[
                "dramatiq.actor",
                "huey.RedisHuey().task",
                "huey.SqliteHuey().task",
                "huey.MemoryHuey().task",
                "huey.contrib.djhuey.task",
                "huey.contrib.djhuey.db_task",
                "taskiq.broker",
                "taskiq_redis.ListQueueBroker().task",
                "taskiq.InMemoryBroker().task",
            ],
            kind: ChannelKind::Job,
            channel: Place::FirstOf(&[
                Place::keyword("actor_name"),
                Place::keyword("task_name"),
                Place::keyword("name"),
                Place::FunctionName,
            ]),
            payload: Payload::Parameters(0),
            bindings: &[("queue", Place::keyword("queue_name"))],
            ..Rule::HANDLER
        },
        Rule {
            calls: &["rq.decorators.job", "django_rq.job", "rq.job"],
            kind: ChannelKind::Job,
            channel: Place::FunctionName,
            payload: Payload::Parameters(0),
            bindings: &[("queue", Place::arg(0, "queue"))],
            ..Rule::HANDLER
        },
        Rule {
            calls: &["rq.Queue().enqueue", "rq.queue.Queue().enqueue", "django_rq.get_queue().enqueue", "django_rq.enqueue"],
            kind: ChannelKind::Job,
            channel: Place::Function(0, "f"),
            payload: Payload::ParametersOf(Place::arg(0, "f"), 0),
            bindings: &[("queue", Place::made(0, "name"))],
            ..Rule::SEND
        },
        Rule {
            calls: &["rq.Queue().enqueue_in", "rq.Queue().enqueue_at", "rq.queue.Queue().enqueue_in", "rq.queue.Queue().enqueue_at"],
            kind: ChannelKind::Job,
            channel: Place::Function(1, "f"),
            payload: Payload::ParametersOf(Place::arg(1, "f"), 0),
            bindings: &[("queue", Place::made(0, "name"))],
            ..Rule::SEND
        },
        Rule { calls: &["rq.Worker"], kind: ChannelKind::Queue, channel: Place::arg(0, "queues"), ..Rule::RECEIVE },
        Rule {
            calls: &["arq.create_pool().enqueue_job"],
            kind: ChannelKind::Job,
            channel: Place::arg(0, "function"),
            bindings: &[("queue", Place::keyword("_queue_name"))],
            ..Rule::SEND
        },
    ],
    brokers: &[] as &[Broker],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "Dramatiq, RQ, arq, Huey, TaskIQ",
    languages: &[Language::Python],
    modules: &["dramatiq", "rq", "arq", "huey", "taskiq", "taskiq_redis", "django_rq"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

/// Methods of a job that send it, with the decorators that make such jobs and what names them.
const SENDERS: &[(&[&str], &[&str], &str)] = &[
    (&["send", "send_with_options", "message", "message_with_options"], &["dramatiq.actor"], "actor_name"),
    (&["delay"], &["rq.decorators.job", "django_rq.job", "rq.job"], ""),
];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    messages::read(&LIBRARY, program, file, findings);
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let Some((job, method)) = call.method() else { continue };
        for (methods, makers, keyword) in SENDERS {
            if methods.contains(&method.as_str())
                && let Some(function) = program.produce(&Site::of_call(file, call), job).function()
                && let Some(decorator) = decorator_of(program, function, makers)
            {
                sent(program, CallRef { file, id: CallId(id) }, function, decorator.and_then(|made| made.keyword(keyword)), findings);
            }
        }
    }
    let imports_arq = outline.imports.iter().any(|import| import.module == "arq" || import.module.starts_with("arq."));
    for (id, class) in (0u32..).zip(&outline.classes) {
        if class.name == "WorkerSettings" || imports_arq && class.name.ends_with("Settings") {
            worker(program, ClassRef { file, id: ClassId(id) }, findings);
        }
    }
}

/// The decorator of a function that is one of these: with its arguments, when it has some.
fn decorator_of<'p>(program: &'p dyn Program, function: FuncRef, makers: &[&str]) -> Option<Option<&'p Call>> {
    let around = program.around(function);
    program.function(function).decorators.iter().find_map(|decorator| match decorator {
        Expr::Call(id) => {
            let call = CallRef { file: function.file, id: *id };
            program.callee(call).is_any(makers).then(|| Some(program.call(call)))
        }
        other => program.resolve(&around, other).is_any(makers).then_some(None),
    })
}

/// `welcome.send(user_id)`.
fn sent(program: &dyn Program, call: CallRef, function: FuncRef, named: Option<&Expr>, findings: &mut Findings) {
    let around = program.around(function);
    let own = vec![(Text::known(&program.function(function).name), Vec::new())];
    for (channel, aliases) in named.map_or(own, |name| channels(program, &around, name)) {
        findings.events.push(EventFinding {
            framework: LIBRARY.id,
            direction: Direction::Send,
            protocol: Protocol::Redis,
            kind: ChannelKind::Job,
            channel,
            aliases,
            payload: handlers::parameters(program, function, 0),
            place: places::of_call(program, call),
            ..EventFinding::default()
        });
    }
}

/// arq's `class WorkerSettings: functions = [welcome, func(report, name="r")]`, `cron_jobs = [cron(clean, hour=3)]`.
fn worker(program: &dyn Program, class: ClassRef, findings: &mut Findings) {
    for member in ["functions", "cron_jobs"] {
        let Some((jobs, at)) = program.class_attribute(class, member) else { continue };
        for (job, at) in program.items(&at, jobs).unwrap_or_default() {
            let meaning = program.resolve(&at, job);
            let made = meaning.call().map(|(call, at)| (program.call(call), at.clone()));
            let (named, given, schedule) = match &made {
                Some((call, here)) => {
                    let is_known = call.callee.last_name().is_some_and(|name| matches!(name.as_str(), "func" | "cron"));
                    let Some(given) = call.positional(0).filter(|_| is_known) else { continue };
                    let schedule = (member == "cron_jobs").then(|| schedule(program, here, call));
                    (call.keyword("name").map(|name| program.text(here, name)), program.produce(here, given).function(), schedule)
                }
                None => (None, meaning.function(), None),
            };
            let Some(function) = given else { continue };
            let declared = program.function(function);
            findings.events.push(EventFinding {
                framework: LIBRARY.id,
                direction: Direction::Receive,
                protocol: Protocol::Redis,
                kind: ChannelKind::Job,
                channel: named.unwrap_or_else(|| Text::known(&declared.name)),
                payload: handlers::parameters(program, function, 1),
                place: places::of_function(program, function),
                doc: declared.doc.clone(),
                schedule,
                ..EventFinding::default()
            });
        }
    }
}

/// The keywords of `cron(…)` as a cron expression; minutes are 0 when only hours are said.
fn schedule(program: &dyn Program, site: &Site, call: &Call) -> Name {
    let field = |keyword: &str| -> Option<String> {
        let value = call.keyword(keyword)?;
        let number = |value: &Expr| match value {
            Expr::Int(number) => Some(number.to_string()),
            _ => None,
        };
        match program.items(site, value) {
            Some(items) => Some(items.iter().filter_map(|(item, _)| number(item)).collect::<Vec<_>>().join(",")),
            None => number(value),
        }
    };
    let minute = field("minute").unwrap_or_else(|| if call.keyword("hour").is_some() { "0".into() } else { "*".into() });
    let rest = ["hour", "day", "month", "weekday"].map(|keyword| field(keyword).unwrap_or_else(|| "*".into()));
    format!("{minute} {}", rest.join(" ")).into()
}
