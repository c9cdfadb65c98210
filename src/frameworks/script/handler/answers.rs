//! What a handler answers: `res.status(201).json(user)`, `ctx.body = user`, returned values, errors handed on or thrown.

use super::sources::Source;
use super::{Handling, Root, is_inside};
use crate::base::Name;
use crate::base::code::{Call, CallId, CallKind, Expr, Pattern};
use crate::facts::finding::ResponseFinding;
use crate::facts::members::any_of;
use crate::facts::program::{CallRef, FuncRef, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::script::statuses;

/// How answers are given.
pub struct Answers {
    /// Where the object stands whose methods answer.
    pub responders: &'static [(Root, &'static [&'static str])],
    /// Places that take the body.
    pub bodies: &'static [(Root, &'static [&'static str])],
    /// Places that take the status.
    pub statuses: &'static [(Root, &'static [&'static str])],
    /// What a handler returns is its answer.
    pub returned: bool,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    status: Option<u16>,
    content: Option<(&'static str, Shape)>,
}

/// The longest chain that is gone through.
const MAX_LINKS: usize = 32;

impl<'p> Handling<'p> {
    /// Reads the answers of one function.
    pub(super) fn read_answers(&mut self, function: FuncRef) {
        let program = self.program;
        let declared = program.function(function);
        let outline = &program.file(function.file).outline;
        for (_, made) in self.calls_in(function) {
            let site = self.site(function, made.scope, made.at);
            let answer = self.sent(&site, made, function).or_else(|| self.handed_on(&site, made));
            self.answers.extend(answer);
        }
        let mut bare: Vec<u16> = Vec::new();
        for assign in outline.assigns.iter().filter(|assign| is_inside(declared, assign.at)) {
            let Pattern::Place(place) = &assign.target else { continue };
            let site = self.site(function, assign.scope, assign.at);
            if !self.dialect.answers.bodies.is_empty() && self.is_at(&site, place, self.dialect.answers.statuses) {
                let status = statuses::of(program, &site, &assign.value);
                bare.extend(status);
            }
            if self.is_at(&site, place, self.dialect.answers.bodies) {
                let status = self.status_before(function, &site);
                let shape = program.shape_of_value(&site, &assign.value, Mode::Write);
                self.answers.push(Answer { status, content: Some(("application/json", shape)) });
            }
        }
        bare.retain(|status| !self.answers.iter().any(|answer| answer.status == Some(*status)));
        self.answers.extend(bare.into_iter().map(|status| Answer { status: Some(status), content: None }));
        for value in outline.returns.iter().filter(|value| is_inside(declared, value.at)) {
            let site = self.site(function, value.scope, value.at);
            if value.is_raise {
                let status = error_status(program, &site, &value.value);
                self.answers.extend(status.map(|status| Answer { status: Some(status), content: None }));
            } else if self.dialect.answers.returned && value.function == function.id {
                let answer = self.returned(&site, &value.value, function);
                self.answers.extend(answer);
            }
        }
    }

    /// `res.status(201).json(x)`.
    fn sent(&self, site: &Site, made: &'p Call, function: FuncRef) -> Option<Answer> {
        let Some((receiver, name)) = made.method() else { return self.replied(site, made, function) };
        if !is_sending(name) {
            return None;
        }
        let (base, mut status) = self.responder(site, receiver)?;
        if !self.is_at(site, base, self.dialect.answers.responders) {
            return None;
        }
        let first = made.positional(0);
        if status.is_none() && !matches!(name.as_str(), "sendStatus" | "redirect") {
            status = self.status_before(function, site).or_else(|| self.status_after(made, function));
        }
        let mut body = first;
        if let (Some(code), Some(second)) = (first.and_then(|first| literal_status(self.program, site, first)), made.positional(1)) {
            status = Some(code);
            body = Some(second);
        } else if name == "send"
            && let Some(Expr::Int(_)) = first
        {
            // `res.send(204)`: a number alone is the status.
            status = first.and_then(|first| literal_status(self.program, site, first));
            body = None;
        }
        Some(match name.as_str() {
            "sendStatus" => Answer { status: first.and_then(|first| statuses::of(self.program, site, first)), content: None },
            "redirect" => {
                Answer { status: Some(first.and_then(|code| literal_status(self.program, site, code)).unwrap_or(302)), content: None }
            }
            "render" | "view" => Answer { status, content: Some(("text/html", Shape::Text(None))) },
            "sendFile" | "sendfile" | "download" => Answer { status, content: Some(("application/octet-stream", Shape::format("binary"))) },
            _ => Answer { status, content: body.map(|body| self.content(site, body)).map(|content| as_sent(name, content)) },
        })
    }

    /// `reply(x)`, where the responder itself is called.
    fn replied(&self, site: &Site, made: &Call, function: FuncRef) -> Option<Answer> {
        if !self.is_called(site, made) {
            return None;
        }
        let body = made.positional(0);
        if let Some(Expr::Call(id)) = body
            && let Some(status) = self.boom(CallRef { file: site.file, id: *id })
        {
            return Some(Answer { status: Some(status), content: None });
        }
        Some(Answer { status: self.status_after(made, function), content: body.map(|body| self.content(site, body)) })
    }

    /// Whether a call calls the responder itself.
    fn is_called(&self, site: &Site, made: &Call) -> bool {
        matches!(made.callee, Expr::Ref(_)) && self.is_at(site, &made.callee, self.dialect.answers.responders)
    }

    fn content(&self, site: &Site, body: &Expr) -> (&'static str, Shape) {
        ("application/json", self.program.shape_of_value(site, body, Mode::Write))
    }

    /// What a chain of `status`, `set`, `type` begins with, and the status it sets.
    fn responder<'e>(&self, site: &Site, receiver: &'e Expr) -> Option<(&'e Expr, Option<u16>)>
    where
        'p: 'e,
    {
        let mut here: &'e Expr = receiver;
        let mut status = None;
        for _ in 0..MAX_LINKS {
            let Expr::Call(id) = here else { return Some((here, status)) };
            let link: &'p Call = self.program.file(site.file).outline.call(*id);
            let Some((next, name)) = link.method() else { return Some((&link.callee, status)) };
            if matches!(name.as_str(), "status" | "code" | "sendStatus" | "writeHead") && status.is_none() {
                status = link.positional(0).and_then(|code| statuses::of(self.program, site, code));
            }
            here = next;
        }
        None
    }

    /// A status that a statement before set: `res.status(201); res.json(x)`, `ctx.status = 201`.
    fn status_before(&self, function: FuncRef, site: &Site) -> Option<u16> {
        let program = self.program;
        let outline = &program.file(function.file).outline;
        let declared = program.function(function);
        let mut found: Option<(u32, u16)> = None;
        for (_, call) in self.calls_in(function) {
            let Some((receiver, name)) = call.method() else { continue };
            if matches!(name.as_str(), "status" | "code" | "writeHead")
                && call.scope == site.scope
                && call.at.offset < site.offset
                && found.is_none_or(|(offset, _)| offset < call.at.offset)
                && self.is_at(site, receiver, self.dialect.answers.responders)
                && !self.is_link(function, call)
            {
                found = call.positional(0).and_then(|code| statuses::of(program, site, code)).map(|status| (call.at.offset, status));
            }
        }
        for assign in outline.assigns.iter().filter(|assign| is_inside(declared, assign.at) && assign.scope == site.scope) {
            let Pattern::Place(place) = &assign.target else { continue };
            let is_near = assign.at.offset < site.offset || !self.dialect.answers.bodies.is_empty();
            if is_near
                && found.is_none_or(|(offset, _)| offset < assign.at.offset)
                && self.is_at(site, place, self.dialect.answers.statuses)
            {
                found = statuses::of(program, site, &assign.value).map(|status| (assign.at.offset, status));
            }
        }
        found.map(|(_, status)| status)
    }

    /// A status that is set on what was made: `h.response(x).code(201)`, `const made = h.response(x); made.code(201)`.
    fn status_after(&self, made: &Call, function: FuncRef) -> Option<u16> {
        let outline = &self.program.file(function.file).outline;
        self.calls_in(function).into_iter().find_map(|(_, link)| {
            let (receiver, name) = link.method()?;
            let status = link.positional(0).filter(|_| matches!(name.as_str(), "code" | "status"))?;
            let site = self.site(function, link.scope, link.at);
            let mut here = receiver;
            for _ in 0..MAX_LINKS {
                let id = match here {
                    Expr::Call(id) => *id,
                    Expr::Ref(_) => self.program.resolve(&site, here).call().filter(|(call, _)| call.file == function.file)?.0.id,
                    _ => return None,
                };
                if std::ptr::eq(outline.call(id), made) {
                    return statuses::of(self.program, &site, status);
                }
                here = outline.call(id).method()?.0;
            }
            None
        })
    }

    /// Whether a call is the receiver of another.
    fn is_link(&self, function: FuncRef, call: &Call) -> bool {
        let calls = &self.program.file(function.file).outline.calls;
        let Some(index) = calls.iter().position(|other| std::ptr::eq(other, call)) else { return false };
        let id = CallId(u32::try_from(index).unwrap_or(u32::MAX));
        self.calls_in(function).iter().any(|(_, other)| matches!(other.method(), Some((Expr::Call(of), _)) if *of == id))
    }

    fn is_at(&self, site: &Site, expr: &Expr, places: &[(Root, &[&str])]) -> bool {
        !places.is_empty()
            && self.source(site, expr).is_some_and(|Source { root, path }| {
                places.iter().any(|(of, names)| *of == root && names.len() == path.len() && names.iter().zip(&path).all(|(a, b)| b == a))
            })
    }

    /// `next({ status: 403 })`, `next(createError(404))`, `ctx.throw(404)`.
    fn handed_on(&self, site: &Site, made: &Call) -> Option<Answer> {
        let status = match &made.callee {
            Expr::Member(receiver, name) if matches!(name.as_str(), "throw" | "assert") => {
                self.source(site, receiver)?;
                made.args.iter().find_map(|arg| literal_status(self.program, site, &arg.value))
            }
            callee => {
                (self.source(site, callee)? == Source::of(Root::Next)).then_some(())?;
                error_status(self.program, site, made.positional(0)?)
            }
        }?;
        Some(Answer { status: Some(status), content: None })
    }

    /// `return Boom.notFound()`: an error that is returned.
    fn boom(&self, call: CallRef) -> Option<u16> {
        let callee = self.program.callee(call);
        callee.outside().filter(|path| path.starts_with("@hapi/boom") || path.starts_with("boom."))?;
        error_status(self.program, &Site::of_call(call.file, self.program.call(call)), &Expr::Call(call.id))
    }

    /// A returned value, where handlers return their answers.
    fn returned(&self, site: &Site, value: &Expr, function: FuncRef) -> Option<Answer> {
        if matches!(value, Expr::Null | Expr::Hole) {
            return None;
        }
        let named = self.program.resolve(site, value).call().map(|(call, _)| call).filter(|call| call.file == site.file);
        if let Some(call) = named {
            let made: &'p Call = self.program.call(call);
            if let Some(status) = self.boom(call) {
                return Some(Answer { status: Some(status), content: None });
            }
            if self.is_called(site, made) {
                return None;
            }
            if made.method().is_some_and(|(receiver, _)| {
                self.responder(site, receiver).is_some_and(|(base, _)| self.is_at(site, base, self.dialect.answers.responders))
            }) {
                return None;
            }
        }
        if self.is_at(site, value, self.dialect.answers.responders) {
            return None;
        }
        let status = self.status_before(function, site);
        Some(Answer { status, content: Some(self.content(site, value)) })
    }
}

/// Text that is sent as it is, is a page.
fn as_sent(name: &str, content: (&'static str, Shape)) -> (&'static str, Shape) {
    match content.1 {
        Shape::Text(None) if name == "send" || name == "end" => ("text/html", content.1),
        _ => content,
    }
}

fn is_sending(name: &str) -> bool {
    matches!(
        name,
        "json"
            | "jsonp"
            | "send"
            | "end"
            | "sendStatus"
            | "redirect"
            | "render"
            | "view"
            | "sendFile"
            | "sendfile"
            | "download"
            | "response"
    )
}

/// A number that is a status.
fn literal_status(program: &dyn Program, site: &Site, expr: &Expr) -> Option<u16> {
    match expr {
        Expr::Str(_) | Expr::Object(_) | Expr::List(_) | Expr::Call(_) | Expr::Template(_) => None,
        other => statuses::of(program, site, other),
    }
}

/// The status of an error: `{ status: 403 }`, `createError(404)`, `new NotFoundError()`.
#[must_use]
pub fn error_status(program: &dyn Program, site: &Site, expr: &Expr) -> Option<u16> {
    match expr {
        Expr::Object(_) => {
            let entries = program.entries(site, expr)?;
            let (_, value, at) = entries.into_iter().find(|(key, ..)| matches!(key.as_str(), "status" | "statusCode" | "code"))?;
            statuses::of(program, &at, value)
        }
        Expr::Call(id) => {
            let made = program.file(site.file).outline.call(*id);
            let said = made.args.iter().find_map(|arg| match &arg.value {
                Expr::Object(_) => error_status(program, site, &arg.value),
                value => literal_status(program, site, value),
            });
            if let Some(status) = said.filter(|status| *status >= 400) {
                return Some(status);
            }
            let is_made = made.kind == CallKind::New || made.method().is_some();
            is_made.then(|| made.callee.last_name()).flatten().and_then(|name| statuses::of_error(name))
        }
        _ => None,
    }
}

/// Answers by status; a declared body takes the place of what was seen in successful ones.
pub(super) fn responses(answers: Vec<Answer>, declared: Option<&Shape>) -> Vec<ResponseFinding> {
    let mut found: Vec<(u16, Vec<(&'static str, Shape)>)> = Vec::new();
    for answer in answers {
        let status = answer.status.unwrap_or(200);
        let position = found.iter().position(|(known, _)| *known == status).unwrap_or_else(|| {
            found.push((status, Vec::new()));
            found.len() - 1
        });
        found[position].1.extend(answer.content);
    }
    if declared.is_some() && !found.iter().any(|(status, _)| (200..300).contains(status)) {
        found.push((200, Vec::new()));
    }
    found.sort_by_key(|(status, _)| *status);
    found.into_iter().map(|(status, contents)| response(status, contents, declared)).collect()
}

fn response(status: u16, contents: Vec<(&'static str, Shape)>, declared: Option<&Shape>) -> ResponseFinding {
    let mut finding = ResponseFinding::empty(&status.to_string());
    let is_json = contents.is_empty() || contents.iter().any(|(media, _)| *media == "application/json");
    if (200..300).contains(&status)
        && status != 204
        && let Some(declared) = declared.filter(|_| is_json)
    {
        finding.contents = vec![("application/json".into(), declared.clone())];
        return finding;
    }
    let mut medias: Vec<&'static str> = contents.iter().map(|(media, _)| *media).collect();
    medias.dedup();
    medias.sort_unstable();
    medias.dedup();
    for media in medias {
        let shapes = contents.iter().filter(|(of, _)| *of == media).map(|(_, shape)| shape.clone());
        let known: Vec<Shape> = shapes.filter(|shape| !shape.is_any() && *shape != Shape::Null).collect();
        finding.contents.push((Name::from(media), if known.is_empty() { Shape::Any } else { any_of(known) }));
    }
    finding
}
