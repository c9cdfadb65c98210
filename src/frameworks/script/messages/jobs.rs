//! Jobs kept in a database: pg-boss, Graphile Worker, Agenda.
//! Read from <https://timgit.github.io/pg-boss/>, <https://worker.graphile.org/docs> and <https://github.com/agenda/agenda>.

use crate::base::code::CallId;
use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, Program, Site, Text};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule, handlers, places};

const DATA: &[&str] = &["data"];
const ATTRS: &[&str] = &["attrs", "data"];

const LIBRARY: Library = Library {
    id: "script/jobs",
    protocol: Protocol::Postgres,
    types: &[
        ("agenda.Agenda", "agenda.Agenda()"),
        ("graphile-worker.JobHelpers", "graphile-worker.makeWorkerUtils()"),
        ("graphile-worker.WorkerUtils", "graphile-worker.makeWorkerUtils()"),
    ],
    rules: &[
        Rule {
            calls: &[
                "pg-boss().send",
                "pg-boss().sendAfter",
                "pg-boss().sendThrottled",
                "pg-boss().sendDebounced",
                "pg-boss().publish",
                "pg-boss.PgBoss().send",
                "pg-boss.PgBoss().sendAfter",
                "pg-boss.PgBoss().publish",
                "pg-boss.default().send",
            ],
            kind: ChannelKind::Job,
            channel: Place::FirstOf(&[Place::inside(0, "", &["name"]), Place::text(0, "")]),
            payload: Payload::FirstOf(&[Payload::Value(Place::inside(0, "", DATA)), Payload::Value(Place::arg(1, ""))]),
            ..Rule::SEND
        },
        Rule {
            calls: &["pg-boss().schedule", "pg-boss.PgBoss().schedule"],
            kind: ChannelKind::Job,
            payload: Payload::Value(Place::arg(2, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &["pg-boss().work", "pg-boss().subscribe", "pg-boss.PgBoss().work", "pg-boss.PgBoss().subscribe"],
            kind: ChannelKind::Job,
            payload: Payload::FirstOf(&[Payload::Inside(Place::arg(1, ""), 0, DATA), Payload::Inside(Place::arg(2, ""), 0, DATA)]),
            ..Rule::RECEIVE
        },
        Rule {
            calls: &["graphile-worker.makeWorkerUtils().addJob", "graphile-worker.run().addJob"],
            kind: ChannelKind::Job,
            payload: Payload::Value(Place::arg(1, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &["graphile-worker.quickAddJob"],
            kind: ChannelKind::Job,
            channel: Place::arg(1, ""),
            payload: Payload::Value(Place::arg(2, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &["agenda.Agenda().now", "agenda().now", "agenda.Agenda().create", "agenda().create", "@hokify/agenda.Agenda().now"],
            kind: ChannelKind::Job,
            protocol: Some(Protocol::Unknown),
            payload: Payload::Value(Place::arg(1, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "agenda.Agenda().schedule",
                "agenda.Agenda().every",
                "agenda().schedule",
                "agenda().every",
                "@hokify/agenda.Agenda().schedule",
                "@hokify/agenda.Agenda().every",
            ],
            kind: ChannelKind::Job,
            protocol: Some(Protocol::Unknown),
            channel: Place::arg(1, ""),
            payload: Payload::Value(Place::arg(2, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &["agenda.Agenda().define", "agenda().define", "@hokify/agenda.Agenda().define"],
            kind: ChannelKind::Job,
            protocol: Some(Protocol::Unknown),
            payload: Payload::FirstOf(&[Payload::Inside(Place::arg(1, ""), 0, ATTRS), Payload::Inside(Place::arg(2, ""), 0, ATTRS)]),
            ..Rule::RECEIVE
        },
    ],
    brokers: &[],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "pg-boss, Graphile Worker, Agenda",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["pg-boss", "graphile-worker", "agenda", "@hokify/agenda"],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    messages::read(&LIBRARY, program, file, findings);
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let reference = CallRef { file, id: CallId(id) };
        let is_run = call.callee.last_name().is_some_and(|name| matches!(name.as_str(), "run" | "runOnce"));
        if is_run && program.callee(reference).is_any(&["graphile-worker.run", "graphile-worker.runOnce"]) {
            tasks(program, reference, findings);
        }
    }
}

/// `run({ taskList: { welcome: async (payload, helpers) => … } })`.
fn tasks(program: &dyn Program, run: CallRef, findings: &mut Findings) {
    let call = program.call(run);
    let site = Site::of_call(run.file, call);
    let options = call.positional(0).and_then(|options| program.entries(&site, options)).unwrap_or_default();
    let lists = options.into_iter().filter(|(name, ..)| name == "taskList");
    let listed = lists.flat_map(|(_, list, at)| program.entries(&at, list).unwrap_or_default());
    for (name, task, at) in listed {
        let handler = program.produce(&at, task).function();
        findings.events.push(EventFinding {
            framework: LIBRARY.id,
            direction: Direction::Receive,
            protocol: Protocol::Postgres,
            kind: ChannelKind::Job,
            channel: Text::known(&name),
            payload: handler.and_then(|handler| handlers::parameter(program, handler, 0)),
            place: places::of_handler(program, handler, run),
            ..EventFinding::default()
        });
    }
}
