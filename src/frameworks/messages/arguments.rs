//! What stands in a call's arguments: channels, payloads, bindings.

use super::Place;
use super::origin::Origin;
use crate::base::Name;
use crate::base::code::{Call, Expr, ScopeKind};
use crate::facts::program::{CallRef, Meaning, Program, Site, Text, TextPart};

/// A value and where it is read.
pub type Found<'p> = (&'p Expr, Site);

/// A call with the object it is made on.
pub struct Said<'a, 'p> {
    pub program: &'p dyn Program,
    pub call: &'p Call,
    /// Where its arguments are read.
    pub site: &'a Site,
    /// The object's path.
    pub origin: &'a Origin,
}

impl<'p> Said<'_, 'p> {
    /// What stands at a place: none, one, or several values.
    pub fn at(&self, place: Place) -> Vec<Found<'p>> {
        match place {
            Place::No | Place::FunctionName | Place::Keys(..) | Place::Function(..) => Vec::new(),
            Place::Arg { position, keyword, path } => {
                argument(self.call, position, keyword).map(|value| self.inwards((value, self.site.clone()), path)).unwrap_or_default()
            }
            Place::Text { position, keyword } => argument(self.call, position, keyword)
                .filter(|value| self.program.text(self.site, value).0.iter().any(|part| matches!(part, TextPart::Known(_))))
                .map(|value| vec![(value, self.site.clone())])
                .unwrap_or_default(),
            Place::TextRest(from) => {
                let plain = self.call.args.iter().filter(|arg| arg.name.is_none()).skip(from);
                let is_text = |value: &Expr| !matches!(value, Expr::Func(_)) && self.program.produce(self.site, value).function().is_none();
                plain.filter(|arg| is_text(&arg.value)).map(|arg| (&arg.value, self.site.clone())).collect()
            }
            Place::Any(position, keys) => {
                let Some(value) = argument(self.call, position, "") else { return Vec::new() };
                keys.iter().map(|key| self.inwards((value, self.site.clone()), &[key])).find(|found| !found.is_empty()).unwrap_or_default()
            }
            Place::ResultOf { position, keyword, method, name } => {
                argument(self.call, position, keyword).and_then(|value| self.given_by(value, method, name)).into_iter().collect()
            }
            Place::Bound { position, keyword, method, same, key } => match argument(self.call, position, keyword) {
                Some(value) => self.bound(value, method, same, key),
                None => Vec::new(),
            },
            Place::Link(method, position) => {
                let link = self.link(method);
                link.and_then(|(call, at)| call.positional(position).map(|value| (value, at))).into_iter().collect()
            }
            Place::Injected(decorator) => self.injected(decorator).into_iter().collect(),
            Place::FirstOf(places) => places.iter().map(|place| self.at(*place)).find(|found| self.says(found)).unwrap_or_default(),
            Place::Rest(from) => {
                let plain = self.call.args.iter().filter(|arg| arg.name.is_none()).skip(from);
                plain.map(|arg| (&arg.value, self.site.clone())).collect()
            }
            Place::Made { call, position, keyword, path } => {
                let Some((made, at)) = self.origin.calls.get(call) else { return Vec::new() };
                let made = self.program.call(*made);
                let here = Site { offset: made.at.offset, scope: made.scope, file: at.file, env: at.env.clone() };
                argument(made, position, keyword).map(|value| self.inwards((value, here), path)).unwrap_or_default()
            }
        }
    }

    /// Whether something stands there that is no empty text.
    fn says(&self, found: &[Found]) -> bool {
        found.iter().any(|(value, at)| !self.program.text(at, value).is_empty())
    }

    /// Names that are no values of their own: the keys of an object, the name of a function.
    pub fn names(&self, place: Place) -> Vec<Text> {
        match place {
            Place::Keys(position, keyword) => {
                let entries = argument(self.call, position, keyword).and_then(|value| self.program.entries(self.site, value));
                entries.unwrap_or_default().into_iter().map(|(name, ..)| Text::known(&name)).collect()
            }
            Place::Function(position, keyword) => {
                let function = argument(self.call, position, keyword).and_then(|value| self.program.produce(self.site, value).function());
                function.map(|function| Text::known(&self.program.function(function).name)).into_iter().collect()
            }
            Place::FirstOf(places) => places.iter().map(|place| self.names(*place)).find(|names| !names.is_empty()).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// The name in the call that gave a value, through members of its result.
    fn given_by(&self, value: &Expr, method: &str, name: (usize, &str)) -> Option<Found<'p>> {
        let mut meaning = self.program.produce(self.site, value);
        while let Meaning::Attribute(of, _) = meaning {
            meaning = *of;
        }
        let (call, at) = meaning.call()?;
        let made = self.program.call(call);
        let here = Site { env: at.env.clone(), ..Site::of_call(call.file, made) };
        let is_it = made.callee.last_name().is_some_and(|called| called == method);
        is_it.then(|| argument(made, name.0, name.1)).flatten().map(|value| (value, here))
    }

    /// The keys that other calls of the file bind a value to.
    fn bound(&self, value: &Expr, method: &str, same: (usize, &str), key: (usize, &str)) -> Vec<Found<'p>> {
        let calls = self.program.file(self.site.file).outline.calls.iter();
        let binds = calls
            .filter(|call| call.callee.last_name().is_some_and(|name| name == method) && argument(call, same.0, same.1) == Some(value));
        binds.filter_map(|call| argument(call, key.0, key.1).map(|key| (key, Site::of_call(self.site.file, call)))).collect()
    }

    /// A later link of the chain that begins with the call: of `A::to(…).key(…).payload(…)` the one of this name.
    pub fn link(&self, method: &str) -> Option<(&'p Call, Site)> {
        let calls = &self.program.file(self.site.file).outline.calls;
        let begins_here = |call: &Call| {
            let mut at = call;
            for _ in 0..16 {
                let Some((Expr::Call(inner), _)) = at.method() else { return false };
                at = self.program.call(CallRef { file: self.site.file, id: *inner });
                if std::ptr::eq(at, self.call) {
                    return true;
                }
            }
            false
        };
        let found = calls.iter().find(|call| call.method().is_some_and(|(_, name)| name == method) && begins_here(call))?;
        Some((found, Site { env: self.site.env.clone(), ..Site::of_call(self.site.file, found) }))
    }

    /// `@InjectQueue("mail") private readonly mail: Queue`, of the object that the call is made on.
    fn injected(&self, decorator: &str) -> Option<Found<'p>> {
        let (receiver, _) = self.call.method()?;
        let Expr::Member(_, name) = receiver else { return None };
        let outline = &self.program.file(self.site.file).outline;
        let class = outline.scopes_from(self.call.scope).find_map(|(_, scope)| match scope.kind {
            ScopeKind::Class(class) => Some(class),
            _ => None,
        });
        let class = outline.class(class?);
        let of_params = outline.functions.iter().filter(|function| function.class.is_some_and(|id| std::ptr::eq(outline.class(id), class)));
        let params =
            of_params.flat_map(|function| &function.params).filter(|param| param.name() == Some(name)).flat_map(|param| &param.decorators);
        let fields = class.fields.iter().filter(|field| field.name == *name).flat_map(|field| &field.decorators);
        let file = self.site.file;
        params.chain(fields).find_map(|written| {
            let Expr::Call(id) = written else { return None };
            let call = outline.call(*id);
            let is_named = call.callee.last_name().is_some_and(|name| name == decorator);
            is_named.then(|| call.positional(0)).flatten().map(|value| (value, Site::of_call(file, call)))
        })
    }

    fn inwards(&self, from: Found<'p>, path: &[&str]) -> Vec<Found<'p>> {
        let mut found = vec![from];
        for step in path {
            found = found.into_iter().flat_map(|value| self.step(&value, step)).collect();
        }
        found
    }

    fn step(&self, (value, site): &Found<'p>, step: &str) -> Vec<Found<'p>> {
        if let Some(position) = step.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).and_then(|text| text.parse::<usize>().ok()) {
            return self.program.items(site, value).unwrap_or_default().into_iter().nth(position).into_iter().collect();
        }
        if step == "[]" {
            return self.program.items(site, value).unwrap_or_default();
        }
        // `isPaid ? paidTopic : openTopic`: each of them.
        let chosen = self.program.produce_all(site, value);
        let objects: Vec<Found> = chosen
            .iter()
            .filter_map(|meaning| meaning.value())
            .filter(|(inner, _)| matches!(inner, Expr::Object(_)))
            .map(|(inner, at)| (inner, at.clone()))
            .collect();
        let member = |(value, at): &Found<'p>| {
            let entries = self.program.entries(at, value)?;
            Some(entries.into_iter().filter(|(name, ..)| name == step).map(|(_, value, at)| (value, at)).collect::<Vec<Found>>())
        };
        if objects.len() > 1 {
            return objects.iter().filter_map(member).flatten().collect();
        }
        if let Some(found) = member(&(*value, site.clone())).or_else(|| objects.first().and_then(member)) {
            return found;
        }
        // A call that wraps the value: `Message(body=…)`, by keyword or, for a number, by position.
        let meaning = self.program.produce(site, value);
        let Some((call, at)) = meaning.call() else { return Vec::new() };
        let made = self.program.call(call);
        let here = Site { file: call.file, scope: made.scope, offset: made.at.offset, env: at.env.clone() };
        let inner = match step.parse::<usize>() {
            Ok(position) => made.positional(position),
            Err(_) => made.keyword(step),
        };
        inner.map(|inner| vec![(inner, here)]).unwrap_or_default()
    }
}

fn argument<'c>(call: &'c Call, position: usize, keyword: &str) -> Option<&'c Expr> {
    let by_name = (!keyword.is_empty()).then(|| call.keyword(keyword)).flatten();
    by_name.or_else(|| (position != usize::MAX).then(|| call.positional(position)).flatten())
}

/// The channels an expression names: one, or the items of a list. With what else each is known as.
#[must_use]
pub fn channels(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<(Text, Vec<Name>)> {
    match program.items(site, expr) {
        Some(items) => items.iter().take(64).map(|(item, at)| channel_text(program, at, item)).collect(),
        None => vec![channel_text(program, site, expr)],
    }
}

/// A channel's name; one that only the environment knows is a hole named after the variable, which is an alias too.
#[must_use]
pub fn channel_text(program: &dyn Program, site: &Site, expr: &Expr) -> (Text, Vec<Name>) {
    let text = program.text(site, expr);
    let [TextPart::Hole(_)] = text.0.as_slice() else { return (text, Vec::new()) };
    let spelled = || match text.0.as_slice() {
        [TextPart::Hole(why)] => why.strip_prefix("os.environ[").and_then(|rest| rest.strip_suffix(']')).map(Name::from),
        _ => None,
    };
    match variable(program, site, expr, 0).or_else(spelled) {
        Some(name) => (Text::hole(&name), vec![name]),
        None => (text, Vec::new()),
    }
}

/// The environment variable an expression reads.
fn variable(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<Name> {
    if depth > 6 {
        return None;
    }
    let meaning = program.produce(site, expr);
    match &meaning {
        Meaning::Outside(path) => ["builtins.process.env.", "os.environ."]
            .iter()
            .find_map(|prefix| path.strip_prefix(prefix))
            .filter(|name| *name != "get")
            .map(Name::from),
        Meaning::Attribute(of, name) => match &**of {
            Meaning::Outside(path) if matches!(path.as_str(), "builtins.process.env" | "os.environ") => Some(name.clone()),
            _ => None,
        },
        Meaning::Value(Expr::Index(pair), at) => {
            let of = program.resolve(at, &pair.0);
            of.is_any(&["os.environ", "builtins.process.env"]).then(|| program.text(at, &pair.1).plain()).flatten().map(Into::into)
        }
        Meaning::Value(Expr::Call(_), _) => {
            let (call, at) = meaning.call()?;
            let made = program.call(call);
            let here = Site { file: call.file, scope: made.scope, offset: made.at.offset, env: at.env.clone() };
            let callee = program.callee(call);
            let reads = ["os.getenv", "os.environ.get", "std.env.var", "env.var", "environs.Env().str", "decouple.config"];
            match &callee {
                Meaning::Outside(path) if reads.contains(&path.as_str()) || path.ends_with("env.var") => {
                    program.text(&here, made.positional(0)?).plain().map(Into::into)
                }
                // `env::var("X")?`, `config.get("X")`: what is called on the variable.
                _ => match made.method() {
                    Some((receiver, name))
                        if matches!(
                            name.as_str(),
                            "unwrap" | "expect" | "unwrap_or_default" | "to_string" | "as_str" | "clone" | "toString" | "trim"
                        ) =>
                    {
                        variable(program, &here, receiver, depth + 1)
                    }
                    _ => None,
                },
            }
        }
        Meaning::Value(inner, at) if !std::ptr::eq(*inner, expr) => variable(program, at, inner, depth + 1),
        _ => None,
    }
}
