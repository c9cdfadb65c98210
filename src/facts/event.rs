//! Words for events: what code sends and hears over brokers, job queues, sockets, webhooks and buses in the process.

use super::finding::Place;
use super::program::{FuncRef, Text};
use super::shape::Shape;
use crate::base::Name;

/// Which way a message goes, seen from the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The program sends.
    #[default]
    Send,
    /// The program hears.
    Receive,
}

/// How a message travels; the names are AsyncAPI's where it has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Kafka.
    Kafka,
    /// AMQP 0-9-1: RabbitMQ.
    Amqp,
    /// MQTT.
    Mqtt,
    /// NATS, with or without JetStream.
    Nats,
    /// Redis: pub/sub, streams, lists, and job queues kept in it (BullMQ, RQ, arq).
    Redis,
    /// Amazon SQS.
    Sqs,
    /// Amazon SNS.
    Sns,
    /// Amazon EventBridge.
    EventBridge,
    /// Amazon Kinesis.
    Kinesis,
    /// Google Pub/Sub.
    GooglePubSub,
    /// Azure Service Bus.
    ServiceBus,
    /// Azure Event Hubs.
    EventHubs,
    /// Apache Pulsar.
    Pulsar,
    /// Celery: jobs over whichever broker is set.
    Celery,
    /// WebSocket.
    Ws,
    /// Socket.IO.
    SocketIo,
    /// Server-sent events.
    Sse,
    /// Webhooks.
    Http,
    /// Nest's TCP transport and the like.
    Tcp,
    /// gRPC as a transport of messages.
    Grpc,
    /// Inngest.
    Inngest,
    /// Temporal.
    Temporal,
    /// Trigger.dev.
    Trigger,
    /// Moleculer's own.
    Moleculer,
    /// PostgreSQL's `LISTEN`/`NOTIFY`, and job queues kept in it (pg-boss, Graphile Worker).
    Postgres,
    /// Within one process: signals, emitters, command buses, channels of a runtime.
    #[default]
    InProcess,
    /// A transport that is said nowhere.
    Unknown,
}

impl Protocol {
    /// The word in a contract.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Kafka => "kafka",
            Self::Amqp => "amqp",
            Self::Mqtt => "mqtt",
            Self::Nats => "nats",
            Self::Redis => "redis",
            Self::Sqs => "sqs",
            Self::Sns => "sns",
            Self::EventBridge => "eventbridge",
            Self::Kinesis => "kinesis",
            Self::GooglePubSub => "googlepubsub",
            Self::ServiceBus => "servicebus",
            Self::EventHubs => "eventhubs",
            Self::Pulsar => "pulsar",
            Self::Celery => "celery",
            Self::Ws => "ws",
            Self::SocketIo => "socketio",
            Self::Sse => "sse",
            Self::Http => "http",
            Self::Tcp => "tcp",
            Self::Grpc => "grpc",
            Self::Inngest => "inngest",
            Self::Temporal => "temporal",
            Self::Trigger => "trigger",
            Self::Moleculer => "moleculer",
            Self::Postgres => "postgres",
            Self::InProcess => "internal",
            Self::Unknown => "unknown",
        }
    }

    /// Whether messages never leave the process.
    #[must_use]
    pub fn is_internal(self) -> bool {
        self == Self::InProcess
    }
}

/// What a channel is in its broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChannelKind {
    /// A topic, subject, stream or room that many may hear.
    #[default]
    Topic,
    /// A queue: one consumer takes each message.
    Queue,
    /// An exchange or bus with a routing key or detail type.
    Exchange,
    /// A job or task by name.
    Job,
    /// A signal or event of a bus in the process, of a socket.
    Signal,
}

/// One place that sends or hears on a channel.
#[derive(Clone, Debug, Default)]
pub struct EventFinding {
    /// The framework's id: `python/celery`.
    pub framework: &'static str,
    /// Which way.
    pub direction: Direction,
    /// How.
    pub protocol: Protocol,
    /// What the channel is.
    pub kind: ChannelKind,
    /// The channel's name as the broker knows it: topic, queue, `exchange/routing.key` is told as the routing key with the exchange
    /// among `bindings`; a job's name; a hole stands as `{name}` in the contract and asks a question when all of it is one.
    pub channel: Text,
    /// Other names of the same channel: the queue of a job, the environment variable that names a topic.
    pub aliases: Vec<Name>,
    /// What the broker is told besides: `queue`, `exchange`, `routingKey`, `groupId`, `durable`, `detailType`.
    pub bindings: Vec<(Name, Text)>,
    /// The message's name: its class, the job, the `DetailType`; empty when it has none.
    pub message: Name,
    /// The payload as it travels; `None` when nothing tells.
    pub payload: Option<Shape>,
    /// Headers sent along.
    pub headers: Vec<(Name, Shape)>,
    /// Where the code that sends or hears stands.
    pub place: Place,
    /// Documentation.
    pub doc: Option<Name>,
    /// When it runs by itself: a cron expression or an interval (`Celery beat`, cron jobs).
    pub schedule: Option<Name>,
    /// Follows from a convention.
    pub is_implied: bool,
    /// The function that is called with the message, when another than that at `place` is: the route that a webhook comes in by.
    pub handler: Option<FuncRef>,
}

/// A function that a cloud calls with events; which ones, its type or a template says.
#[derive(Clone, Debug)]
pub struct LambdaFinding {
    /// The framework's id.
    pub framework: &'static str,
    /// The function.
    pub function: FuncRef,
    /// The name that templates call it by.
    pub name: Name,
    /// Where it stands.
    pub place: Place,
    /// How its messages travel, when its type says so.
    pub protocol: Option<Protocol>,
    /// The channel, when its type says so: of `EventBridgeEvent<"OrderPlaced", Order>`.
    pub channel: Option<Name>,
    /// What it makes of the message or the body that it is called with.
    pub payload: Option<Shape>,
    /// Parameters of the query that it reads.
    pub query: Vec<Name>,
}

/// A broker that the program connects to.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerFinding {
    /// The framework's id.
    pub framework: &'static str,
    /// How it speaks.
    pub protocol: Protocol,
    /// The host as the code says it, without user and password; a hole when settings say it.
    pub host: Text,
    /// Where it is said.
    pub place: Place,
}
