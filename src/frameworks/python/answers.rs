//! What a handler's returned values come to: statuses, media types, shapes. Which calls make responses is the framework's to say.

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::facts::finding::ResponseFinding;
use crate::facts::members::any_of;
use crate::facts::program::{CallRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::python::raised;
use crate::frameworks::python::statuses::status_of;

/// How deep responses may be wrapped in one another.
const MAX_DEPTH: u32 = 6;

/// One value sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Its status.
    pub status: u16,
    /// Its media type; none for no content.
    pub media: Option<&'static str>,
    /// Its shape.
    pub shape: Shape,
}

impl Sent {
    /// JSON. Bare text that a JSON response is made with tells nothing.
    #[must_use]
    pub fn json(status: u16, shape: Shape) -> Self {
        let shape = if matches!(shape, Shape::Text(_)) { Shape::Any } else { shape };
        Self { status, media: Some("application/json"), shape }
    }

    /// A page.
    #[must_use]
    pub fn page(status: u16) -> Self {
        Self { status, media: Some("text/html"), shape: Shape::Text(None) }
    }

    /// Bytes.
    #[must_use]
    pub fn bytes(status: u16) -> Self {
        Self { status, media: Some("application/octet-stream"), shape: Shape::format("binary") }
    }

    /// No content.
    #[must_use]
    pub fn nothing(status: u16) -> Self {
        Self { status, media: None, shape: Shape::Any }
    }
}

/// A call of a library that may make a response.
pub struct Made<'a> {
    /// The library's symbol.
    pub path: &'a str,
    /// The call.
    pub call: &'a Call,
    /// Where its arguments are read.
    pub site: &'a Site,
    /// How deep it is wrapped.
    pub depth: u32,
}

/// How a framework's responses are made.
#[derive(Clone, Copy)]
pub struct Library {
    /// What a library's call sends; `None` when it makes no response.
    pub call: fn(&Answers, &Made) -> Option<Vec<Sent>>,
    /// The shape of a value, where the framework knows better than its type: a serializer's `.data`.
    pub value: fn(&dyn Program, &Site, &Expr) -> Option<Shape>,
    /// `return body, status, headers`.
    pub has_tuples: bool,
    /// Values that are no responses are sent as JSON (text as a page).
    pub sends_values: bool,
}

/// Reads the answers of handlers.
pub struct Answers<'p> {
    /// All files.
    pub program: &'p dyn Program,
    /// The framework's way.
    pub library: Library,
}

impl Answers<'_> {
    /// The responses of a handler.
    #[must_use]
    pub fn responses(&self, handler: FuncRef) -> Vec<ResponseFinding> {
        let facts = self.program.file(handler.file);
        let mut sent = Vec::new();
        for index in facts.returns_of(handler.id) {
            let returned = &facts.outline.returns[*index as usize];
            if !returned.is_raise {
                let at = Site { file: handler.file, scope: returned.scope, offset: returned.at.offset, env: None };
                self.value(&at, &returned.value, 0, &mut sent);
            }
        }
        let mut found = gathered(sent);
        for status in raised::statuses(self.program, handler) {
            let status = status.to_string();
            if !found.iter().any(|known| known.status == status.as_str()) {
                found.push(ResponseFinding::empty(&status));
            }
        }
        found
    }

    /// The same with a success, though nothing is known of it but that there is one.
    #[must_use]
    pub fn with_success(&self, handler: FuncRef) -> Vec<ResponseFinding> {
        let mut found = self.responses(handler);
        if !found.iter().any(|known| known.status.starts_with(['2', '3'])) {
            found.insert(0, ResponseFinding::empty("200"));
        }
        found
    }

    /// What a value sends.
    pub fn value(&self, site: &Site, expr: &Expr, depth: u32, sent: &mut Vec<Sent>) {
        if depth > MAX_DEPTH || sent.len() > 32 {
            return;
        }
        match expr {
            Expr::List(items) if self.library.has_tuples && self.is_tuple(site, items) => {
                let status = items.get(1).and_then(|status| status_of(self.program, site, status)).unwrap_or(200);
                let mut inner = Vec::new();
                self.value(site, &items[0], depth + 1, &mut inner);
                sent.extend(inner.into_iter().map(|one| Sent { status, ..one }));
            }
            Expr::Cond(cond) => {
                self.value(site, &cond.yes, depth + 1, sent);
                self.value(site, &cond.no, depth + 1, sent);
            }
            Expr::Call(id) => self.call(site, *id, expr, depth, sent),
            Expr::Ref(_) => match self.program.resolve(site, expr) {
                Meaning::Value(head @ (Expr::Call(_) | Expr::List(_)), at) => self.value(&at, head, depth + 1, sent),
                _ => self.plain(site, expr, sent),
            },
            _ => self.plain(site, expr, sent),
        }
    }

    /// The shape of a value that is sent.
    #[must_use]
    pub fn shape(&self, site: &Site, expr: &Expr) -> Shape {
        (self.library.value)(self.program, site, expr).unwrap_or_else(|| self.program.shape_of_value(site, expr, Mode::Write))
    }

    /// `body, status`, `body, status, headers`; a list of values is none.
    fn is_tuple(&self, site: &Site, items: &[Expr]) -> bool {
        let has_headers = items.len() == 2 && matches!(items[1], Expr::Object(_)) && !matches!(items[0], Expr::Object(_));
        (2..=3).contains(&items.len()) && (has_headers || status_of(self.program, site, &items[1]).is_some())
    }

    /// A value that is no response object.
    fn plain(&self, site: &Site, expr: &Expr, sent: &mut Vec<Sent>) {
        if !self.library.sends_values {
            return;
        }
        sent.push(match expr {
            Expr::Null => return,
            Expr::Str(text) if text.is_empty() => Sent::nothing(200),
            Expr::Str(_) | Expr::Template(_) => Sent::page(200),
            _ => Sent::json(200, self.shape(site, expr)),
        });
    }

    fn call(&self, site: &Site, id: CallId, expr: &Expr, depth: u32, sent: &mut Vec<Sent>) {
        let made = self.program.call(CallRef { file: site.file, id });
        let at = site.moved(site.file, made.scope, made.at.offset);
        match self.program.resolve(&at, &made.callee) {
            Meaning::Outside(path) => match (self.library.call)(self, &Made { path: &path, call: made, site: &at, depth }) {
                Some(found) => sent.extend(found),
                None => self.plain(site, expr, sent),
            },
            // A class of the program under a library's response.
            Meaning::Class(class) => {
                let bases = self.program.outside_bases(class);
                let found = bases.iter().find_map(|base| (self.library.call)(self, &Made { path: base, call: made, site: &at, depth }));
                match found {
                    Some(found) => sent.extend(found),
                    None => self.plain(site, expr, sent),
                }
            }
            callee if callee.function().is_some() => self.entered(site, expr, depth, sent),
            _ => self.plain(site, expr, sent),
        }
    }

    /// What a function of the program returns, read under the call.
    fn entered(&self, site: &Site, expr: &Expr, depth: u32, sent: &mut Vec<Sent>) {
        let returned = self.program.produce_all(site, expr);
        let is_response = |meaning: &Meaning| matches!(meaning, Meaning::Value(inner @ (Expr::List(_) | Expr::Call(_)), _) if !std::ptr::eq(*inner, expr));
        if !returned.iter().any(is_response) {
            return self.plain(site, expr, sent);
        }
        for meaning in &returned {
            if let Meaning::Value(inner, at) = meaning
                && !std::ptr::eq(*inner, expr)
            {
                self.value(at, inner, depth + 1, sent);
            }
        }
    }
}

/// One response for each status, with any of the shapes that were sent.
fn gathered(sent: Vec<Sent>) -> Vec<ResponseFinding> {
    let mut found: Vec<ResponseFinding> = Vec::new();
    for one in sent {
        let status = one.status.to_string();
        let content = one.media.map(|media| (Name::from(media), one.shape));
        match found.iter_mut().find(|known| known.status == status.as_str()) {
            None => found.push(ResponseFinding { contents: content.into_iter().collect(), ..ResponseFinding::empty(&status) }),
            Some(known) => {
                let Some((media, shape)) = content else { continue };
                match known.contents.iter_mut().find(|(other, _)| *other == media) {
                    Some((_, old)) if old.is_any() => *old = shape,
                    Some((_, old)) if !shape.is_any() => *old = any_of([std::mem::take(old), shape]),
                    Some(_) => {}
                    None => known.contents.push((media, shape)),
                }
            }
        }
    }
    found
}

/// The content of a call of `json.dumps`.
#[must_use]
pub fn dumped(program: &dyn Program, site: &Site, body: &Expr) -> Option<Shape> {
    const DUMPS: &[&str] = &["json.dumps", "simplejson.dumps", "ujson.dumps", "flask.json.dumps", "orjson.dumps"];
    let meaning = program.resolve(site, body);
    let (call, at) = meaning.call()?;
    let made = program.call(call);
    let inside = at.moved(call.file, made.scope, made.at.offset);
    program.callee(call).is_any(DUMPS).then(|| made.positional(0).map(|value| program.shape_of_value(&inside, value, Mode::Write)))?
}

/// A response whose media type stands in a text.
#[must_use]
pub fn of_media(status: u16, media: &str) -> Sent {
    match media {
        text if text.contains("json") => Sent::json(status, Shape::Any),
        text if text.starts_with("text/html") => Sent::page(status),
        text if text.starts_with("text/csv") => Sent { status, media: Some("text/csv"), shape: Shape::Text(None) },
        text if text.starts_with("text/") => Sent { status, media: Some("text/plain"), shape: Shape::Text(None) },
        _ => Sent::bytes(status),
    }
}
