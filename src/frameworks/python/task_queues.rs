//! Job queues: Dramatiq, RQ, arq, Huey, TaskIQ. Read from their user guides.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

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
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
