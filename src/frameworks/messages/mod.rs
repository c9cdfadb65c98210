//! Libraries that send and hear messages, told by tables of the calls they are used through; one interpreter for all languages.
//!
//! A call is named by the path from the library to it: `kafka.KafkaProducer().send` is the method `send` of what
//! `kafka.KafkaProducer(…)` made, wherever the object is kept and whatever it is called.

mod arguments;
pub mod envelopes;
pub mod handlers;
pub mod origin;
pub mod payload;
pub mod places;
mod read;

use crate::facts::event::{ChannelKind, Direction, Protocol};

pub use arguments::{channel_text, channels};
pub use read::{host_of, read};

/// A library of messages.
#[derive(Clone, Copy, Debug)]
pub struct Library {
    /// The framework's id.
    pub id: &'static str,
    /// How its messages travel, unless a rule says otherwise.
    pub protocol: Protocol,
    /// Types and the paths that make their values, for objects that are only known by an annotation:
    /// (`kafkajs.Producer`, `kafkajs.Kafka().producer()`).
    pub types: &'static [(&'static str, &'static str)],
    /// What sends and hears.
    pub rules: &'static [Rule],
    /// What connects to a broker.
    pub brokers: &'static [Broker],
}

/// One way to send or to hear.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The paths called: `kafka.KafkaProducer().send`. A segment `*` stands for any one member.
    pub calls: &'static [&'static str],
    /// The call decorates a function, which hears.
    pub decorates: bool,
    /// Which way.
    pub direction: Direction,
    /// What the channel is.
    pub kind: ChannelKind,
    /// When it is not the library's.
    pub protocol: Option<Protocol>,
    /// The channel's name; lists name several.
    pub channel: Place,
    /// What travels.
    pub payload: Payload,
    /// The message's name.
    pub message: Place,
    /// What stands before the channel's name.
    pub prefix: Place,
    /// What the broker is told besides.
    pub bindings: &'static [(&'static str, Place)],
}

/// A rule that says nothing yet: for `..Rule::SEND`.
impl Rule {
    /// Sends to the topic that the first argument names.
    pub const SEND: Self = Self {
        calls: &[],
        decorates: false,
        direction: Direction::Send,
        kind: ChannelKind::Topic,
        protocol: None,
        channel: Place::arg(0, ""),
        payload: Payload::No,
        message: Place::No,
        prefix: Place::No,
        bindings: &[],
    };
    /// Hears from the topic that the first argument names.
    pub const RECEIVE: Self = Self { direction: Direction::Receive, ..Self::SEND };
    /// Decorates a function that hears from the topic that the first argument names, and takes the message.
    pub const HANDLER: Self = Self { decorates: true, payload: Payload::Decorated(0), ..Self::RECEIVE };
}

/// Where in a call something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere.
    No,
    /// An argument by position and keyword, then inwards through members of objects, named arguments of calls, and `[]` for the items of lists.
    Arg {
        /// Position among arguments without a keyword; `usize::MAX` for keywords only.
        position: usize,
        /// The keyword; empty for none.
        keyword: &'static str,
        /// Members to go through.
        path: &'static [&'static str],
    },
    /// As [`Place::Arg`], when it is a text and no object that has one.
    Text {
        /// Position.
        position: usize,
        /// The keyword; empty for none.
        keyword: &'static str,
    },
    /// All positional arguments from this one.
    Rest(usize),
    /// All positional arguments from this one that are texts.
    TextRest(usize),
    /// The keys of a dict or object, by position and keyword.
    Keys(usize, &'static str),
    /// The name of a function that is passed, by position and keyword.
    Function(usize, &'static str),
    /// As [`Place::Arg`], of the call that is so many calls before this one on the object's path, 0 being the first.
    Made {
        /// Which call of the path.
        call: usize,
        /// Position.
        position: usize,
        /// Keyword.
        keyword: &'static str,
        /// Members to go through.
        path: &'static [&'static str],
    },
    /// The name of the decorated or passed function.
    FunctionName,
    /// The first member of these that an argument has.
    Any(usize, &'static [&'static str]),
    /// What the decorator of this name takes that the object's parameter or field carries: `@InjectQueue("mail")`.
    Injected(&'static str),
    /// An argument that another call gave: of `consume((await assertQueue("jobs")).queue)` the name `jobs`.
    ResultOf {
        /// The argument's position.
        position: usize,
        /// The argument's keyword; empty for none.
        keyword: &'static str,
        /// The method that gave it.
        method: &'static str,
        /// Where the name stands in that method's arguments: position and keyword.
        name: (usize, &'static str),
    },
    /// What an argument is bound to by another call of the file: of `bindQueue(queue, exchange, key)` the key.
    Bound {
        /// The argument's position.
        position: usize,
        /// The argument's keyword; empty for none.
        keyword: &'static str,
        /// The method that binds.
        method: &'static str,
        /// Where the same value stands among its arguments.
        same: (usize, &'static str),
        /// Where the key stands.
        key: (usize, &'static str),
    },
    /// The argument of this position that a later link of the chain is given: of `send_message().queue_url(x)` the `x`.
    Link(&'static str, usize),
    /// The first of these that says something.
    FirstOf(&'static [Self]),
}

impl Place {
    /// An argument.
    #[must_use]
    pub const fn arg(position: usize, keyword: &'static str) -> Self {
        Self::Arg { position, keyword, path: &[] }
    }

    /// An argument that is a text.
    #[must_use]
    pub const fn text(position: usize, keyword: &'static str) -> Self {
        Self::Text { position, keyword }
    }

    /// Something in an argument.
    #[must_use]
    pub const fn inside(position: usize, keyword: &'static str, path: &'static [&'static str]) -> Self {
        Self::Arg { position, keyword, path }
    }

    /// A keyword only.
    #[must_use]
    pub const fn keyword(keyword: &'static str) -> Self {
        Self::Arg { position: usize::MAX, keyword, path: &[] }
    }

    /// An argument of the first call on the object's path: of its constructor.
    #[must_use]
    pub const fn made(position: usize, keyword: &'static str) -> Self {
        Self::Made { call: 0, position, keyword, path: &[] }
    }
}

/// What travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Nothing is said.
    No,
    /// The value that stands there, before it is serialised.
    Value(Place),
    /// Values of the class or schema that stands there.
    Class(Place),
    /// The parameter of this number of the function that stands there: `consumer.on("x", (message) => …)`.
    Parameter(Place, usize),
    /// What stands at a path inside of the parameter of this number of the function that stands there: of `(job) => …` the `job.data`.
    Inside(Place, usize, &'static [&'static str]),
    /// The parameter of this number of the function that the call decorates (`self` is not counted).
    Decorated(usize),
    /// All parameters from this one of the decorated function, as an object.
    Parameters(usize),
    /// All parameters from this one of the function that stands there, as an object.
    ParametersOf(Place, usize),
    /// The parameters of the decorated function: one is the message itself, several are its members.
    Body,
    /// The last parameter of the decorated function; those before it say where the message comes from.
    Last,
    /// What the decorated function returns.
    Returned,
    /// A type argument of the call that made the object (`new Queue<Job>()`), or of the call itself.
    TypeArgument(usize),
    /// The function that stands at a place of another call of this name on the same object: `consumer.run({ eachMessage })`.
    Sibling(&'static str, Place),
    /// The first of these that says something.
    FirstOf(&'static [Self]),
    /// The value that a later link of the chain is given: `FutureRecord::to("x").payload(&body)`.
    Chained(&'static str, Place),
    /// What the function around the call makes of a message: `json.loads(m.value)`, `JSON.parse(…) as Order`.
    Around,
}

/// A call that connects to a broker.
#[derive(Clone, Copy, Debug)]
pub struct Broker {
    /// The path called.
    pub call: &'static str,
    /// The host or URL.
    pub host: Place,
}
