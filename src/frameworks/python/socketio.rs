//! Socket.IO: python-socketio and Flask-SocketIO. Read from <https://python-socketio.readthedocs.io>.

use crate::base::language::Language;
use crate::facts::event::{ChannelKind, Protocol};
use crate::facts::framework::{Framework, Tells};
use crate::frameworks::messages::{self, Library, Payload, Place, Rule};

const LIBRARY: Library = Library {
    id: "python/socketio",
    protocol: Protocol::SocketIo,
    types: &[],
    rules: &[
        Rule {
            calls: &[
                "socketio.AsyncServer().emit",
                "socketio.Server().emit",
                "socketio.AsyncClient().emit",
                "socketio.Client().emit",
                "flask_socketio.SocketIO().emit",
                "flask_socketio.emit",
            ],
            kind: ChannelKind::Signal,
            channel: Place::arg(0, "event"),
            payload: Payload::Value(Place::arg(1, "data")),
            ..Rule::SEND
        },
        Rule {
            calls: &[
                "socketio.AsyncServer().on",
                "socketio.Server().on",
                "socketio.AsyncClient().on",
                "socketio.Client().on",
                "flask_socketio.SocketIO().on",
            ],
            kind: ChannelKind::Signal,
            channel: Place::arg(0, "event"),
            payload: Payload::Last,
            ..Rule::HANDLER
        },
        Rule {
            calls: &[
                "socketio.AsyncServer().event",
                "socketio.Server().event",
                "socketio.AsyncClient().event",
                "socketio.Client().event",
                "flask_socketio.SocketIO().event",
            ],
            kind: ChannelKind::Signal,
            channel: Place::FunctionName,
            payload: Payload::Last,
            ..Rule::HANDLER
        },
    ],
    brokers: &[],
};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: LIBRARY.id,
    label: "python-socketio, Flask-SocketIO",
    languages: &[Language::Python],
    modules: &["socketio", "flask_socketio"],
    tells: &[Tells::Events],
    read: Some(|program, file, findings| messages::read(&LIBRARY, program, file, findings)),
    types: None,
};
