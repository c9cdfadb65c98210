//! Reads a file by a library's table.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::arguments::{Said, channels};
use super::origin::{Origin, matches, origins};
use super::{Broker, Library, Payload, Place, Rule, envelopes, handlers, payload, places};
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, FuncId};
use crate::facts::event::{BrokerFinding, Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Mode, Program, Site, Text, TextPart};
use crate::facts::shape::Shape;

/// Adds what a file sends and hears through a library.
pub fn read(library: &'static Library, program: &dyn Program, file: FileId, findings: &mut Findings) {
    let ends = ends_of(library);
    let reading = Reading { library, program, file, takes_any: ends.binary_search(&"*").is_ok(), ends };
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        reading.call(CallRef { file, id: CallId(id) }, call, findings);
    }
    if !library.rules.iter().any(|rule| rule.decorates) {
        return;
    }
    for (id, function) in (0u32..).zip(&program.file(file).outline.functions) {
        for decorator in &function.decorators {
            reading.decorator(FuncRef { file, id: FuncId(id) }, decorator, findings);
        }
    }
}

struct Reading<'a> {
    library: &'a Library,
    program: &'a dyn Program,
    file: FileId,
    /// The last segments of all paths, without `()`.
    ends: Rc<[&'static str]>,
    /// Whether some path ends in any name.
    takes_any: bool,
}

thread_local! {
    /// The last segments of libraries' paths.
    static ENDS: RefCell<HashMap<Tables, Rc<[&'static str]>>> = RefCell::default();
}

/// Tells libraries apart: a framework, and where its tables stand.
type Tables = (&'static str, *const Rule, *const Broker);

/// The last segments of a library's paths: looked up, since every file is read by every library.
fn ends_of(library: &'static Library) -> Rc<[&'static str]> {
    let tables = (library.id, library.rules.as_ptr(), library.brokers.as_ptr());
    ENDS.with_borrow_mut(|known| known.entry(tables).or_insert_with(|| ends_worked_out(library).into()).clone())
}

fn ends_worked_out(library: &Library) -> Vec<&'static str> {
    let rules = library.rules.iter().flat_map(|rule| rule.calls.iter().copied());
    let paths = rules.chain(library.brokers.iter().map(|broker| broker.call));
    let mut ends: Vec<&str> = paths.filter_map(|path| path.rsplit('.').next()).map(|end| end.trim_end_matches("()")).collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

impl Reading<'_> {
    /// Whether some rule or broker ends in this name: cheap, before anything is resolved.
    fn may_be(&self, name: &str) -> bool {
        self.takes_any || self.ends.binary_search(&name).is_ok()
    }

    /// The same for a callee; a plain name may stand for another one, a method has its own.
    fn may_call<'m>(&self, callee: &Expr, meaning: impl FnOnce() -> Meaning<'m>) -> bool {
        let Expr::Ref(name) = callee else { return callee.last_name().is_some_and(|name| self.may_be(name)) };
        match meaning() {
            Meaning::Function(..) => false,
            Meaning::Outside(path) => path.rsplit('.').next().is_some_and(|last| self.may_be(last)),
            Meaning::Unknown => self.may_be(name),
            _ => true,
        }
    }

    fn call(&self, reference: CallRef, call: &Call, findings: &mut Findings) {
        if !self.may_call(&call.callee, || self.program.callee(reference)) {
            return;
        }
        let site = Site::of_call(self.file, call);
        for origin in origins(self.program, &site, &call.callee, self.library.types) {
            for rule in self.library.rules.iter().filter(|rule| rule.calls.iter().any(|path| matches(path, &origin.path))) {
                if !rule.decorates {
                    self.apply(rule, reference, call, &origin, None, findings);
                }
            }
            for broker in self.library.brokers.iter().filter(|broker| broker.call == origin.path) {
                self.broker(broker, call, &site, &origin, findings);
            }
        }
    }

    fn decorator(&self, function: FuncRef, decorator: &Expr, findings: &mut Findings) {
        let around = self.program.around(function);
        let (callee, call) = match decorator {
            Expr::Call(id) => {
                let call = self.program.call(CallRef { file: self.file, id: *id });
                (&call.callee, Some((CallRef { file: self.file, id: *id }, call)))
            }
            other => (other, None),
        };
        if !self.may_call(callee, || self.program.resolve(&around, callee)) {
            return;
        }
        let nothing = Call::default();
        for origin in origins(self.program, &around, callee, self.library.types) {
            for rule in self
                .library
                .rules
                .iter()
                .filter(|rule| rule.decorates)
                .filter(|rule| rule.calls.iter().any(|path| matches(path, &origin.path)))
            {
                match call {
                    Some((reference, call)) => self.apply(rule, reference, call, &origin, Some(function), findings),
                    None => self.say(rule, &nothing, &around, &origin, Some(function), findings),
                }
            }
        }
    }

    /// A rule in every instance of a call: for each caller of the function it stands in that decides what is said.
    fn apply(&self, rule: &Rule, reference: CallRef, call: &Call, origin: &Origin, function: Option<FuncRef>, findings: &mut Findings) {
        let site = Site::of_call(reference.file, call);
        let said: Vec<&Expr> = call.args.iter().map(|arg| &arg.value).collect();
        for instance in self.program.instances(&site, &said) {
            self.say(rule, call, &instance, origin, function, findings);
        }
    }

    fn say(&self, rule: &Rule, call: &Call, site: &Site, origin: &Origin, function: Option<FuncRef>, findings: &mut Findings) {
        let said = Said { program: self.program, call, site, origin };
        let handler = function.or_else(|| self.handler(rule, &said));
        let mut named: Vec<(Text, Vec<Name>)> = said.names(rule.channel).into_iter().map(|name| (name, Vec::new())).collect();
        if named.is_empty() {
            named.extend(said.at(rule.channel).iter().flat_map(|(value, at)| channels(self.program, at, value)));
        }
        if named.is_empty() && ends_in_function(rule.channel) {
            named.extend(handler.map(|handler| (Text::known(&self.program.function(handler).name), Vec::new())));
        }
        let prefix = said.at(rule.prefix).first().map(|(value, at)| self.program.text(at, value)).unwrap_or_default();
        for (channel, _) in &mut named {
            *channel = prefix.clone().then(shortened(rule.protocol.unwrap_or(self.library.protocol), std::mem::take(channel)));
        }
        let payload = self.payload(rule.payload, &said, handler);
        for (channel, aliases) in named.into_iter().filter(|(channel, _)| !channel.is_empty()) {
            findings.events.push(EventFinding {
                framework: self.library.id,
                direction: rule.direction,
                protocol: rule.protocol.unwrap_or(self.library.protocol),
                kind: rule.kind,
                channel,
                aliases,
                bindings: self.bindings(rule, &said),
                message: self.message(rule, &said, handler),
                payload: payload.clone(),
                place: places::of_site(self.program, site, handler.filter(|_| rule.direction == Direction::Receive || rule.decorates)),
                doc: handler.and_then(|handler| self.program.function(handler).doc.clone()),
                ..EventFinding::default()
            });
        }
    }

    /// The function that hears, when the call is given one.
    fn handler(&self, rule: &Rule, said: &Said) -> Option<FuncRef> {
        let place = match rule.payload {
            Payload::Parameter(place, _) | Payload::Inside(place, ..) => place,
            Payload::FirstOf([Payload::Parameter(place, _) | Payload::Inside(place, ..), ..]) => *place,
            _ => return None,
        };
        said.at(place).iter().find_map(|(value, at)| self.program.produce(at, value).function())
    }

    fn payload(&self, payload: Payload, said: &Said, handler: Option<FuncRef>) -> Option<Shape> {
        match payload {
            Payload::No => None,
            Payload::Value(place) => said.at(place).iter().find_map(|(value, at)| payload::of_value(self.program, at, value)),
            Payload::Class(place) => said.at(place).iter().find_map(|(value, at)| {
                let shape = match self.program.resolve(at, value) {
                    Meaning::Class(class) => self.program.shape_of_class(class, Vec::new(), Mode::Write),
                    _ => self.program.shape_of_value(at, value, Mode::Write),
                };
                (!shape.is_any()).then_some(shape)
            }),
            Payload::Parameter(place, number) => {
                let function = said.at(place).iter().find_map(|(value, at)| self.program.produce(at, value).function());
                handlers::parameter(self.program, function?, number)
            }
            Payload::Inside(place, number, path) => {
                let function = said.at(place).iter().find_map(|(value, at)| self.program.produce(at, value).function());
                envelopes::inside(self.program, function?, number, path)
            }
            Payload::Decorated(number) => handlers::parameter(self.program, handler?, number),
            Payload::FirstOf(payloads) => payloads.iter().find_map(|payload| self.payload(*payload, said, handler)),
            Payload::Sibling(method, place) => self.siblings(said, method).find_map(|(call, site)| {
                let env = &said.site.env;
                let said = Said { program: self.program, call, site: &site, origin: said.origin };
                let function = said.at(place).iter().find_map(|(value, at)| self.program.produce(at, value).function())?;
                let given = handlers::handed(self.program, function, env);
                given.or_else(|| handlers::parsed(self.program, function)).or_else(|| handlers::parameter(self.program, function, 0))
            }),
            Payload::Parameters(from) => handlers::parameters(self.program, handler?, from),
            Payload::ParametersOf(place, from) => {
                let function = said.at(place).iter().find_map(|(value, at)| self.program.produce(at, value).function());
                handlers::parameters(self.program, function?, from)
            }
            Payload::Last => {
                let params = &self.program.function(handler?).params;
                let given = params.iter().filter(|param| param.name().is_some_and(|name| !matches!(name.as_str(), "self" | "cls"))).count();
                (given > 1).then(|| handlers::parameter(self.program, handler?, given - 1)).flatten()
            }
            Payload::Body => handlers::body(self.program, handler?),
            Payload::Returned => {
                let declared = self.program.function(handler?);
                let shape = self.program.shape_of_type(&self.program.around(handler?), &declared.returns, Mode::Write);
                (!shape.is_any() && shape != Shape::Null).then_some(shape)
            }
            Payload::TypeArgument(number) => {
                let made = said.origin.calls.iter().map(|(call, at)| (self.program.call(*call), at));
                let own = std::iter::once((said.call, said.site));
                own.chain(made).find_map(|(call, at)| {
                    let ty = call.type_args.get(number)?;
                    let shape = self.program.shape_of_type(at, ty, Mode::Write);
                    (!shape.is_any()).then_some(shape)
                })
            }
            Payload::Chained(method, place) => {
                let (call, site) = said.link(method)?;
                let said = Said { program: self.program, call, site: &site, origin: said.origin };
                said.at(place).iter().find_map(|(value, at)| payload::of_value(self.program, at, value))
            }
            Payload::Around => {
                let around = self.program.file(said.site.file).outline.function_around(said.site.scope)?;
                handlers::parsed(self.program, FuncRef { file: said.site.file, id: around })
            }
        }
    }

    /// Calls of a method on the same object, in the file.
    fn siblings<'s>(&'s self, said: &'s Said, method: &'s str) -> impl Iterator<Item = (&'s Call, Site)> + 's {
        let receiver = said.call.method().map(|(receiver, _)| receiver);
        let calls = self.program.file(said.site.file).outline.calls.iter();
        let is_same = move |call: &&Call| call.method().is_some_and(|(of, name)| name == method && Some(of) == receiver);
        calls.filter(is_same).map(|call| (call, Site::of_call(said.site.file, call)))
    }

    fn message(&self, rule: &Rule, said: &Said, handler: Option<FuncRef>) -> Name {
        match rule.message {
            Place::No => match rule.payload {
                Payload::Value(place) => {
                    said.at(place).iter().find_map(|(value, at)| payload::class_name(self.program, at, value)).unwrap_or_default()
                }
                _ => Name::default(),
            },
            Place::FunctionName => handler.map(|handler| self.program.function(handler).name.clone()).unwrap_or_default(),
            place => said.at(place).iter().find_map(|(value, at)| self.program.text(at, value).plain()).map(Into::into).unwrap_or_default(),
        }
    }

    fn bindings(&self, rule: &Rule, said: &Said) -> Vec<(Name, Text)> {
        let texts = rule.bindings.iter().filter_map(|(name, place)| {
            let (value, at) = said.at(*place).into_iter().next()?;
            Some((Name::from(*name), self.program.text(&at, value)))
        });
        texts.filter(|(_, text)| !text.is_empty()).collect()
    }

    fn broker(&self, broker: &Broker, call: &Call, site: &Site, origin: &Origin, findings: &mut Findings) {
        let said = Said { program: self.program, call, site, origin };
        for (value, at) in said.at(broker.host) {
            for (host, _) in channels(self.program, &at, value).into_iter().take(1) {
                let host = host_of(host);
                findings.brokers.push(BrokerFinding {
                    framework: self.library.id,
                    protocol: self.library.protocol,
                    host,
                    place: places::of_site(self.program, site, None),
                });
            }
        }
    }
}

/// Clouds name channels by URLs and resource names: the last part is the channel's own.
fn shortened(protocol: Protocol, channel: Text) -> Text {
    let is_cloud = matches!(protocol, Protocol::Sqs | Protocol::Sns | Protocol::Kinesis | Protocol::EventBridge | Protocol::GooglePubSub);
    match channel.0.last() {
        Some(TextPart::Known(text)) if is_cloud && text.contains(['/', ':']) => Text::known(text.rsplit(['/', ':']).next().unwrap_or(text)),
        _ => channel,
    }
}

/// Whether a channel may be named after the function.
fn ends_in_function(place: Place) -> bool {
    match place {
        Place::FunctionName => true,
        Place::FirstOf(places) => places.last().is_some_and(|last| *last == Place::FunctionName),
        _ => false,
    }
}

/// A host without scheme, user, password and path.
#[must_use]
pub fn host_of(text: Text) -> Text {
    let Some(plain) = text.plain() else { return text };
    let rest = plain.split_once("://").map_or(plain.as_str(), |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    Text::known(rest.split(['/', '?', ',']).next().unwrap_or(rest))
}
