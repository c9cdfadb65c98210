//! One document as what is compared: its channels with their messages, and its operations.

use serde_json::Value;

use super::form::WRITTEN_IN;
use super::refs::{named, reference_of, resolved, steps_of};
use super::second::NAMELESS;

/// A document in its one form.
pub struct Side<'a> {
    /// All of it.
    pub root: &'a Value,
    /// Its channels, by key.
    pub channels: Vec<Channel<'a>>,
    /// Its operations, by key.
    pub operations: Vec<Operation<'a>>,
}

/// A channel.
pub struct Channel<'a> {
    /// Its key in the document.
    pub key: String,
    /// Its address; its key when it has none.
    pub address: String,
    /// How messages travel, where the document says so of a channel.
    pub protocol: Option<&'a str>,
    /// All of it.
    pub value: &'a Value,
    /// Its messages, by key.
    pub messages: Vec<Message<'a>>,
}

/// A message of a channel.
pub struct Message<'a> {
    /// Its key in the channel.
    pub key: String,
    /// All of it.
    pub value: &'a Value,
}

/// What the application does on a channel.
pub struct Operation<'a> {
    /// Its key in the document.
    pub key: String,
    /// Whether somebody wrote the key.
    pub is_named: bool,
    /// Which way.
    pub action: Action,
    /// The channel, by its place in [`Side::channels`].
    pub channel: usize,
    /// The messages, by their places in the channel.
    pub messages: Vec<usize>,
    /// All of it.
    pub value: &'a Value,
    /// What is answered, when something is.
    pub reply: Option<Reply<'a>>,
}

/// What is answered.
pub struct Reply<'a> {
    /// Where an address for the answer stands in the message.
    pub location: Option<&'a str>,
    /// The channel, by its place; none when only the address tells, or when it is missing.
    pub channel: Option<usize>,
    /// Whether the document names a channel at all.
    pub names_channel: bool,
    /// The messages, by their places in the channel.
    pub messages: Vec<usize>,
}

/// Which way messages go, seen from the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It sends.
    Send,
    /// It receives.
    Receive,
}

impl Action {
    /// As documents say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Receive => "receive",
        }
    }

    /// The other one.
    pub fn opposite(self) -> Self {
        match self {
            Self::Send => Self::Receive,
            Self::Receive => Self::Send,
        }
    }
}

impl Message<'_> {
    /// What it is called on the wire, when the document says so.
    pub fn name(&self) -> Option<&str> {
        self.value.get("name").and_then(Value::as_str)
    }

    /// What people call it.
    pub fn label(&self) -> &str {
        self.name().unwrap_or(&self.key)
    }
}

impl<'a> Side<'a> {
    /// Of a document in its one form.
    pub fn new(root: &'a Value) -> Self {
        let channels = entries(root, root.get("channels")).map(|(key, value)| channel_of(root, key, value)).collect();
        let mut side = Self { root, channels, operations: Vec::new() };
        side.operations = entries(root, root.get("operations")).filter_map(|(key, value)| side.operation_of(key, value)).collect();
        side
    }

    /// A member of the document as text.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.root.get(key).and_then(Value::as_str)
    }

    /// The version the document was written in.
    pub fn version(&self) -> Option<&'a str> {
        self.text(WRITTEN_IN).or_else(|| self.text("asyncapi"))
    }

    /// Whether the document tells of a whole repository.
    pub fn is_whole(&self) -> bool {
        self.text("x-written-by") == Some("contract-agent")
    }

    fn operation_of(&self, key: &str, value: &'a Value) -> Option<Operation<'a>> {
        let action = match value.get("action").and_then(Value::as_str)? {
            "send" => Action::Send,
            "receive" => Action::Receive,
            _ => return None,
        };
        let channel = self.channel_at(value.get("channel")?)?;
        let messages = self.messages_at(channel, value.get("messages"));
        let reply = value.get("reply").map(|reply| self.reply_of(resolved(self.root, reply)));
        let is_named = value.get(NAMELESS).is_none();
        Some(Operation { key: key.to_owned(), is_named, action, channel, messages, value, reply })
    }

    fn reply_of(&self, reply: &'a Value) -> Reply<'a> {
        let address = reply.get("address").map(|address| resolved(self.root, address));
        let location = address.and_then(|address| address.get("location")).and_then(Value::as_str);
        let names_channel = reply.get("channel").is_some();
        let channel = reply.get("channel").and_then(|channel| self.channel_at(channel));
        let messages = channel.map(|channel| self.messages_at(channel, reply.get("messages"))).unwrap_or_default();
        Reply { location, channel, names_channel, messages }
    }

    /// The channel a reference names, or that stands there written out.
    fn channel_at(&self, said: &Value) -> Option<usize> {
        if let Some(reference) = reference_of(said) {
            let steps = steps_of(reference);
            if let [first, key] = steps.as_slice()
                && first == "channels"
                && let Some(place) = self.channels.iter().position(|channel| channel.key == *key)
            {
                return Some(place);
            }
        }
        let whole = resolved(self.root, said);
        let same = self.channels.iter().position(|channel| std::ptr::eq(channel.value, whole));
        let address = whole.get("address").and_then(Value::as_str);
        same.or_else(|| address.and_then(|address| self.channels.iter().position(|channel| channel.address == address)))
    }

    /// The messages of a list; all of the channel's when there is none.
    fn messages_at(&self, channel: usize, said: Option<&Value>) -> Vec<usize> {
        let known = &self.channels[channel].messages;
        let Some(Value::Array(list)) = said else { return (0..known.len()).collect() };
        let mut places: Vec<usize> = list.iter().filter_map(|one| self.message_at(known, one)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    fn message_at(&self, known: &[Message<'_>], said: &Value) -> Option<usize> {
        if let Some(reference) = reference_of(said) {
            let steps = steps_of(reference);
            if let [.., of, key] = steps.as_slice()
                && of == "messages"
                && steps.len() > 2
                && steps[0] == "channels"
                && let Some(place) = known.iter().position(|message| message.key == *key)
            {
                return Some(place);
            }
        }
        let whole = resolved(self.root, said);
        known
            .iter()
            .position(|message| std::ptr::eq(message.value, whole))
            .or_else(|| known.iter().position(|message| message.value == whole))
    }
}

/// The members of a map, each with what its reference leads to.
pub fn entries<'a>(root: &'a Value, map: Option<&'a Value>) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let members = map.map(|map| resolved(root, map)).and_then(Value::as_object);
    members.into_iter().flatten().filter(|(key, _)| !key.starts_with("x-")).map(move |(key, value)| (key.as_str(), resolved(root, value)))
}

fn channel_of<'a>(root: &'a Value, key: &str, value: &'a Value) -> Channel<'a> {
    let address = value.get("address").and_then(Value::as_str).unwrap_or(key).to_owned();
    let messages = entries_named(root, value.get("messages"));
    Channel { key: key.to_owned(), address, protocol: value.get("x-protocol").and_then(Value::as_str), value, messages }
}

fn entries_named<'a>(root: &'a Value, map: Option<&'a Value>) -> Vec<Message<'a>> {
    let members = map.map(|map| resolved(root, map)).and_then(Value::as_object);
    members.into_iter().flatten().map(|(key, value)| Message { key: key.clone(), value: named(root, value).0 }).collect()
}
