//! Redis: pub/sub, streams and lists of the crate redis. Read from <https://docs.rs/redis>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Broker, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "rust/redis",
    protocol: Protocol::Redis,
    types: &[],
    rules: &[
        Rule {
            calls: &[
                "redis.Client.open().get_connection().publish",
                "redis.Client.open().get_multiplexed_async_connection().publish",
                "redis.aio.ConnectionManager().publish",
                "redis.aio.MultiplexedConnection().publish",
                "redis.Connection().publish",
            ],
            payload: Payload::Value(Place::arg(1, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "redis.aio.ConnectionManager().xadd",
                "redis.aio.MultiplexedConnection().xadd",
                "redis.Connection().xadd",
                "redis.Client.open().get_connection().xadd",
                "redis.Client.open().get_multiplexed_async_connection().xadd",
            ],
            payload: Payload::Value(Place::arg(2, "")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "redis.Client.open().get_connection().as_pubsub().subscribe",
                "redis.Client.open().get_async_pubsub().subscribe",
                "redis.aio.PubSub().subscribe",
                "redis.PubSub().subscribe",
                "redis.aio.PubSub().psubscribe",
                "redis.Client.open().get_async_pubsub().psubscribe",
            ],
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
        Rule {
            calls: &[
                "redis.aio.ConnectionManager().xread_options",
                "redis.aio.MultiplexedConnection().xread_options",
                "redis.Connection().xread_options",
                "redis.aio.ConnectionManager().xread",
                "redis.aio.MultiplexedConnection().xread",
            ],
            kind: ChannelKind::Topic,
            payload: Payload::Around,
            ..Rule::RECEIVE
        },
    ],
    brokers: &[Broker { call: "redis.Client.open", host: Place::arg(0, "") }],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "redis",
    languages: &[Language::Rust],
    modules: &["redis"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
