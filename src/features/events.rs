//! Channels → what each feature sends and hears, and which features are at the other end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Given;
use super::place::Places;
use crate::base::Name;
use crate::contract::model::event::{Action, Broker, Event, Message};
use crate::contract::model::{Confidence, Conflict, ConflictSide, Contract, Dependency, DependencyKind, Evidence, Gap, Origin};
use crate::facts::event::{ChannelKind, Direction, EventFinding};
use crate::facts::finding::Place;
use crate::facts::program::Program;
use crate::facts::shape::Shape;
use crate::link::events::Channel;
use crate::link::schema::Schemas;

/// Every shape that events speak of.
pub fn shapes_of<'a>(given: &'a Given) -> impl Iterator<Item = &'a Shape> + 'a {
    let ends = given.channels.iter().flat_map(|channel| &channel.ends);
    ends.flat_map(|end| end.payload.iter().chain(end.headers.iter().map(|(_, shape)| shape)))
}

/// Gives every end of a channel to the feature whose code it is.
pub fn place(given: &Given, schemas: &Schemas, places: &Places, contract: &mut Contract) {
    for channel in given.channels {
        let ends: Vec<(usize, &EventFinding)> =
            channel.ends.iter().filter_map(|end| Some((places.owner(given.system.path(end.place.file))?, end))).collect();
        let slug = |feature: usize| contract.features.get(feature).map(|feature| feature.slug.clone()).unwrap_or_default();
        let made: Vec<(usize, Event)> = ends.iter().map(|(owner, end)| (*owner, event_of(given, schemas, channel, end))).collect();
        let mut placed = Vec::with_capacity(made.len());
        for ((owner, end), (_, mut event)) in ends.iter().zip(made.clone()) {
            let others = ends.iter().filter(|(other, that)| other != owner && that.direction != end.direction);
            event.counterparts = others.map(|(other, _)| slug(*other)).collect();
            placed.push((*owner, event));
        }
        let slugs: Vec<String> = placed.iter().map(|(owner, _)| slug(*owner)).collect();
        contract.repo.conflicts.extend(conflicts(given.system, channel, &ends, &slugs));
        depend(&placed, &slugs, contract);
        for (owner, event) in placed {
            if let Some(feature) = contract.features.get_mut(owner) {
                feature.frameworks.extend(event.frameworks.iter().cloned());
                feature.events.push(event);
            }
        }
    }
    for broker in given.brokers {
        let place = evidence(given, &broker.place);
        if let Some(feature) = places.owner(&place.file).and_then(|owner| contract.features.get_mut(owner)) {
            feature.brokers.push(Broker { protocol: broker.protocol.key().into(), host: broker.host.template().0, evidence: place });
        }
    }
    for feature in &mut contract.features {
        let mut used: Vec<Value> = Vec::new();
        for message in feature.events.iter().flat_map(|event| &event.messages) {
            used.extend([message.payload.clone(), message.headers.clone()]);
        }
        feature.schemas.extend(schemas.reachable(&used));
    }
}

fn evidence(given: &Given, place: &Place) -> Evidence {
    Evidence::new(given.system.path(place.file), place.symbol.as_str(), place.line)
}

fn event_of(given: &Given, schemas: &Schemas, channel: &Channel, end: &EventFinding) -> Event {
    let evidence = evidence(given, &end.place);
    let payload = end.payload.as_ref().map_or_else(|| json!({}), |shape| schemas.schema(shape));
    let headers = if end.headers.is_empty() { Value::Null } else { headers_of(schemas, &end.headers) };
    let is_unknown = !channel.holes.is_empty();
    Event {
        action: match end.direction {
            Direction::Send => Action::Send,
            Direction::Receive => Action::Receive,
        },
        channel: channel.address.clone(),
        protocol: channel.protocol.key().into(),
        kind: kind(end.kind).into(),
        is_internal: channel.protocol.is_internal(),
        aliases: end.aliases.iter().map(Name::to_string).collect(),
        bindings: end
            .bindings
            .iter()
            .map(|(key, text)| (key.to_string(), text.template().0))
            .filter(|(_, text)| !text.is_empty())
            .collect(),
        messages: vec![Message { name: end.message.to_string(), payload, headers }],
        schedules: end.schedule.iter().map(Name::to_string).collect(),
        description: end.doc.as_ref().map(Name::to_string).unwrap_or_default(),
        counterparts: Vec::new(),
        frameworks: vec![end.framework.to_owned()],
        origin: Origin::Code,
        confidence: match (is_unknown, end.is_implied) {
            (true, _) => Confidence::Low,
            (_, true) => Confidence::Medium,
            _ => Confidence::High,
        },
        gaps: gap(channel, &evidence).into_iter().collect(),
        evidence: vec![evidence],
    }
}

fn gap(channel: &Channel, evidence: &Evidence) -> Option<Gap> {
    let question = what_is(&channel.holes, "this channel's name")?;
    Some(Gap::new("channel-unknown", channel.address.as_str(), question, evidence.clone()))
}

/// What holes stand for, as one question.
pub(super) fn what_is(holes: &[Name], place: &str) -> Option<String> {
    let names: Vec<String> = holes.iter().map(|hole| format!("`{hole}`")).collect();
    let (last, first) = names.split_last()?;
    Some(match first {
        [] => format!("what is {last} in {place}?"),
        _ => format!("what are {} and {last} in {place}?", first.join(", ")),
    })
}

fn headers_of(schemas: &Schemas, headers: &[(Name, Shape)]) -> Value {
    let properties: Map<String, Value> = headers.iter().map(|(name, shape)| (name.to_string(), schemas.schema(shape))).collect();
    json!({"type": "object", "properties": properties})
}

fn kind(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Topic => "topic",
        ChannelKind::Queue => "queue",
        ChannelKind::Exchange => "exchange",
        ChannelKind::Job => "job",
        ChannelKind::Signal => "signal",
    }
}

/// Whoever hears depends on who sends.
fn depend(placed: &[(usize, Event)], slugs: &[String], contract: &mut Contract) {
    let mut edges: BTreeMap<(usize, &String), BTreeSet<Evidence>> = BTreeMap::new();
    for (hearer, event) in placed.iter().filter(|(_, event)| event.action == Action::Receive) {
        let senders = placed.iter().zip(slugs).filter(|((sender, other), _)| sender != hearer && other.action == Action::Send);
        for (_, slug) in senders {
            edges.entry((*hearer, slug)).or_default().extend(event.evidence.iter().cloned());
        }
    }
    for ((hearer, on), evidence) in edges {
        let weight = u32::try_from(evidence.len()).unwrap_or(u32::MAX);
        let dependency = Dependency { on: on.clone(), kind: DependencyKind::Event, weight, evidence: evidence.into_iter().collect() };
        if let Some(feature) = contract.features.get_mut(hearer) {
            feature.dependencies.push(dependency);
        }
    }
}

/// Properties that a consumer needs and no producer of the same message sends.
fn conflicts(program: &dyn Program, channel: &Channel, ends: &[(usize, &EventFinding)], slugs: &[String]) -> Vec<Conflict> {
    let fields: Vec<Option<BTreeMap<Name, bool>>> = ends.iter().map(|(_, end)| fields_of(program, end)).collect();
    let known = || ends.iter().zip(slugs).zip(&fields).filter_map(|(((_, end), slug), fields)| Some((*end, slug, fields.as_ref()?)));
    let mut conflicts = Vec::new();
    for (hearer, to, wanted) in known().filter(|(end, ..)| end.direction == Direction::Receive) {
        let is_same = |end: &EventFinding| end.message == hearer.message || end.message.is_empty() || hearer.message.is_empty();
        for (sender, from, sent) in known().filter(|(end, ..)| end.direction == Direction::Send && is_same(end)) {
            let missing: Vec<&str> =
                wanted.iter().filter(|(name, required)| **required && !sent.contains_key(*name)).map(|(name, _)| name.as_str()).collect();
            if missing.is_empty() {
                continue;
            }
            let side = |slug: &String, end: &EventFinding| ConflictSide {
                feature: slug.clone(),
                evidence: Evidence::new(program.path(end.place.file), end.place.symbol.as_str(), end.place.line),
            };
            conflicts.push(Conflict {
                code: "channel-payloads-differ".into(),
                subject: channel.address.clone(),
                message: format!("the consumer needs {}, which the producer does not send", missing.join(", ")),
                sides: vec![side(from, sender), side(to, hearer)],
                chosen: None,
            });
        }
    }
    conflicts
}

/// The properties of a payload and whether they must be there; `None` when it is no object or takes any property.
fn fields_of(program: &dyn Program, end: &EventFinding) -> Option<BTreeMap<Name, bool>> {
    let record = program.record(end.payload.as_ref()?)?;
    let is_open = record.rest.as_ref().is_some_and(|rest| *rest != Shape::Never);
    (!record.members.is_empty() && !is_open).then(|| record.members.into_iter().map(|member| (member.name, member.required)).collect())
}
