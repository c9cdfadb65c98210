//! What comes back: returned types, completed by returned values where a type does not tell.

use super::returned;
use super::statuses;
use super::types::{Head, TypeAt};
use crate::base::Name;
use crate::base::code::{Class, Expr, Type};
use crate::facts::finding::ResponseFinding;
use crate::facts::members::any_of;
use crate::facts::program::{ClassRef, FuncRef, Mode, Program};
use crate::facts::shape::{Shape, TypeSource};
use crate::frameworks::rust::attributes::Attributes;

/// How deep types may nest.
const MAX_DEPTH: u32 = 8;

/// What one answer looks like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Its status, when it is known.
    pub status: Option<u16>,
    /// Media type and shape; none for no content.
    pub content: Option<(Name, Shape)>,
    /// The value may say another status.
    pub is_open: bool,
    /// Further statuses of the same content.
    pub also: Vec<u16>,
}

impl Answer {
    /// Content of a media type.
    #[must_use]
    pub fn of(media: &str, shape: Shape) -> Self {
        Self { status: None, content: Some((media.into(), shape)), ..Self::default() }
    }

    /// No content.
    #[must_use]
    pub fn empty(status: Option<u16>) -> Self {
        Self { status, ..Self::default() }
    }

    /// The same with a status, unless it has one.
    #[must_use]
    pub fn with(mut self, status: Option<u16>) -> Self {
        self.status = self.status.or(status);
        self
    }
}

/// The responses of a handler.
#[must_use]
pub fn responses(program: &dyn Program, handler: FuncRef) -> Vec<ResponseFinding> {
    let function = program.file(handler.file).outline.function(handler.id);
    let said = TypeAt::signed(program, handler, &function.returns);
    let typed = match &function.returns {
        Type::Unknown => None,
        _ => of_type(program, &said, 0),
    };
    let values = returned::answers(program, handler, 0);
    finish(typed, values)
}

/// Joins what the type and what the values say.
fn finish(typed: Option<Answer>, values: Vec<Answer>) -> Vec<ResponseFinding> {
    let mut found: Vec<ResponseFinding> = Vec::new();
    let is_good = |status: u16| (200..400).contains(&status);
    match typed {
        Some(mut answer) => {
            // `-> Value`: the values tell what is in it.
            if let Some((media, shape)) = &mut answer.content
                && shape.is_any()
            {
                let good = values.iter().filter(|value| value.status.is_none_or(is_good)).filter_map(|value| value.content.as_ref());
                let told = good.filter(|(other, told)| other == media && !told.is_any()).map(|(_, told)| told.clone());
                let told: Vec<Shape> = told.collect();
                if !told.is_empty() {
                    *shape = any_of(told);
                }
            }
            let said: Vec<u16> = values.iter().filter_map(|value| value.status).filter(|status| is_good(*status)).collect();
            let statuses: Vec<u16> = match answer.status {
                Some(status) => vec![status],
                None if answer.is_open && !said.is_empty() => said,
                None => vec![200],
            };
            for status in statuses.into_iter().chain(answer.also) {
                add(&mut found, status, answer.content.clone());
            }
        }
        None => {
            for value in values.iter().filter(|value| value.status.is_none_or(is_good)) {
                add(&mut found, value.status.unwrap_or(200), value.content.clone());
            }
        }
    }
    if !found.iter().any(|known| known.status.starts_with(['2', '3', '1'])) {
        found.push(ResponseFinding::empty("200"));
    }
    for value in values.into_iter().filter(|value| value.status.is_some_and(|status| status >= 400)) {
        add(&mut found, value.status.unwrap_or(500), value.content);
    }
    found
}

fn add(found: &mut Vec<ResponseFinding>, status: u16, content: Option<(Name, Shape)>) {
    let status: Name = status.to_string().into();
    let Some(known) = found.iter_mut().find(|known| known.status == status) else {
        found.push(ResponseFinding { status, contents: content.into_iter().collect(), ..ResponseFinding::default() });
        return;
    };
    let Some((media, shape)) = content else { return };
    match known.contents.iter_mut().find(|(other, _)| *other == media) {
        Some((_, old)) if old.is_any() => *old = shape,
        Some((_, old)) if !shape.is_any() && *old != shape => *old = any_of([old.clone(), shape]),
        Some(_) => {}
        None => known.contents.push((media, shape)),
    }
}

/// What a returned type says; nothing when only the values tell.
#[must_use]
pub fn of_type<'p>(program: &'p dyn Program, at: &TypeAt<'p>, depth: u32) -> Option<Answer> {
    if depth > MAX_DEPTH {
        return None;
    }
    match at.head(program) {
        Head::Tuple(parts) => of_tuple(program, &parts, depth),
        Head::Class(class, args) => of_class(program, class, &args, at, depth),
        ref head @ Head::Outside(_, ref args) => {
            let (root, name) = head.ends()?;
            of_library(program, root, name, args, depth)
        }
        Head::Bounds(_) | Head::Constant(_) | Head::Other => None,
    }
}

/// `(StatusCode, HeaderMap, Json<T>)`: the last one is the body.
fn of_tuple<'p>(program: &'p dyn Program, parts: &[TypeAt<'p>], depth: u32) -> Option<Answer> {
    let Some((last, before)) = parts.split_last() else { return Some(Answer { is_open: true, ..Answer::empty(None) }) };
    let mut answer = of_type(program, last, depth + 1)?;
    let has_status = before.iter().any(|part| part.head(program).ends().is_some_and(|(_, name)| matches!(name, "StatusCode" | "Status")));
    if has_status {
        answer.status = None;
    }
    answer.is_open |= has_status;
    Some(answer)
}

fn of_library<'p>(program: &'p dyn Program, root: &str, name: &str, args: &[TypeAt<'p>], depth: u32) -> Option<Answer> {
    let inner = args.first();
    let shape = || inner.map_or(Shape::Any, |inner| inner.shape(program, Mode::Write));
    Some(match name {
        "Result" | "Box" | "Pin" | "Arc" | "Cached" | "WithHeaders" | "CustomizeResponder" => return of_type(program, inner?, depth + 1),
        "Option" => return of_type(program, inner?, depth + 1),
        "Either" => return of_type(program, inner?, depth + 1),
        "Json" | "JsonBody" | "PrettyJson" | "Value" | "RawJson" => Answer::of("application/json", shape()),
        "Form" => Answer::of("application/x-www-form-urlencoded", shape()),
        "Xml" => Answer::of("application/xml", shape()),
        "Html" | "RawHtml" | "Template" | "Markup" | "PreEscaped" => Answer::of("text/html", Shape::Text(None)),
        "String" | "str" | "Cow" | "PlainText" | "RawText" if root != "sea_orm" => Answer::of("text/plain", Shape::Text(None)),
        "Bytes" | "NamedFile" | "Body" | "Attachment" => Answer::of("application/octet-stream", Shape::format("binary")),
        "Vec" if inner.is_some_and(|inner| inner.ty.last_name().is_some_and(|name| name == "u8")) => {
            Answer::of("application/octet-stream", Shape::format("binary"))
        }
        "Sse" | "EventStream" | "SSE" => Answer::of("text/event-stream", Shape::Text(None)),
        "StatusCode" | "Status" => Answer { is_open: true, ..Answer::empty(None) },
        "NoContent" | "HttpResponseDeleted" | "HttpResponseUpdatedNoContent" => Answer::empty(Some(204)),
        "Created" => optional_inner(program, inner, depth).with(Some(201)),
        "Accepted" => optional_inner(program, inner, depth).with(Some(202)),
        "HttpResponseOk" => Answer::of("application/json", shape()).with(Some(200)),
        "CreatedJson" => Answer::of("application/json", shape()).with(Some(201)),
        "AcceptedJson" => Answer::of("application/json", shape()).with(Some(202)),
        "HttpResponseCreated" => Answer::of("application/json", shape()).with(Some(201)),
        "HttpResponseAccepted" => Answer::of("application/json", shape()).with(Some(202)),
        "Custom" => Answer { is_open: true, status: None, ..optional_inner(program, inner, depth) },
        "Redirect" if root == "axum" => Answer { is_open: true, ..Answer::empty(Some(303)) },
        "Redirect" => Answer { is_open: true, ..Answer::empty(Some(303)) },
        _ => return None,
    })
}

fn optional_inner<'p>(program: &'p dyn Program, inner: Option<&TypeAt<'p>>, depth: u32) -> Answer {
    inner.and_then(|inner| of_type(program, inner, depth + 1)).unwrap_or_default()
}

/// A class of the program: what its own implementation answers with.
fn of_class<'p>(program: &'p dyn Program, class: ClassRef, args: &[TypeAt<'p>], at: &TypeAt<'p>, depth: u32) -> Option<Answer> {
    let declared: &'p Class = program.file(class.file).outline.class(class.id);
    let status = args.iter().find_map(|arg| match arg.head(program) {
        Head::Constant(expr) => statuses::of(program, &arg.site, expr),
        _ => None,
    });
    let methods = program.methods(class);
    let method = methods.into_iter().find(|method| matches!(program.function(*method).name.as_str(), "into_response" | "respond_to"));
    let Some(method) = method else { return of_plain_class(program, class, declared, at, status) };
    let answers = returned::answers(program, method, depth + 1);
    let good: Vec<&Answer> = answers.iter().filter(|answer| answer.status.is_none_or(|status| status < 400)).collect();
    let best = good.iter().find(|answer| answer.content.is_some()).or(good.first())?;
    let content = best.content.clone().map(|(media, shape)| {
        let is_json = media == "application/json";
        (media, if is_json && is_own(&shape, class) { held(program, args, at) } else { shape })
    });
    let also = good.iter().filter_map(|answer| answer.status).filter(|other| Some(*other) != best.status && status.is_none()).collect();
    Some(Answer { status: status.or(best.status), content, is_open: false, also })
}

/// `Json(self)`, `Json(self.0)`, `Json(value)` of a pattern: the class itself, or what it holds.
fn is_own(shape: &Shape, class: ClassRef) -> bool {
    match shape {
        Shape::Named(key) => matches!(key.source, TypeSource::Param(..)) || key.source == TypeSource::Class(class),
        other => other.is_any(),
    }
}

/// The one type that a wrapper is applied to, else the class itself.
fn held<'p>(program: &'p dyn Program, args: &[TypeAt<'p>], at: &TypeAt<'p>) -> Shape {
    let mut types = args.iter().filter(|arg| !matches!(arg.head(program), Head::Constant(_)));
    match (types.next(), types.next()) {
        (Some(only), None) => only.shape(program, Mode::Write),
        _ => at.shape(program, Mode::Write),
    }
}

/// A class without an implementation that can be seen: a wrapper around one thing, or data that a library's derive sends.
fn of_plain_class<'p>(
    program: &'p dyn Program,
    class: ClassRef,
    declared: &'p Class,
    at: &TypeAt<'p>,
    status: Option<u16>,
) -> Option<Answer> {
    let attributes = Attributes::new(program, class.file, &declared.decorators);
    if attributes.derives("Template") {
        return Some(Answer::of("text/html", Shape::Text(None)));
    }
    if attributes.derives("Serialize") || attributes.derives("JsonSchema") || attributes.derives("ToSchema") {
        return Some(Answer::of("application/json", at.shape(program, Mode::Write)).with(status));
    }
    None
}

/// The expression of a `Json(…)` call.
#[must_use]
pub fn is_json(name: &str) -> bool {
    matches!(name, "Json" | "JsonBody" | "PrettyJson")
}

/// What a call of a library's response makes.
#[must_use]
pub fn of_call(path: &str, shape: impl FnOnce() -> Shape, first: Option<&Expr>) -> Option<Answer> {
    let (rest, name) = path.rsplit_once('.')?;
    let root = path.split('.').next()?;
    let is_web = matches!(
        root,
        "axum"
            | "axum_extra"
            | "actix_web"
            | "poem"
            | "rocket"
            | "salvo"
            | "aide"
            | "tide"
            | "warp"
            | "loco_rs"
            | "maud"
            | "poem_openapi"
            | "dropshot"
            | "gotham"
    );
    if !is_web {
        return None;
    }
    Some(match (rest.rsplit('.').next().unwrap_or_default(), name) {
        (_, name) if is_json(name) => Answer::of("application/json", shape()),
        ("reply", "json") | ("format", "json") => Answer::of("application/json", shape()),
        ("reply", "html") | ("format", "html") | (_, "Html" | "RawHtml") => Answer::of("text/html", Shape::Text(None)),
        (_, "Redirect") => Answer::empty(Some(303)),
        ("Redirect", "to") => Answer::empty(Some(303)),
        ("Redirect", "temporary" | "temp") => Answer::empty(Some(307)),
        ("Redirect", "permanent") => Answer::empty(Some(308)),
        (_, "NoContent") => Answer::empty(Some(204)),
        (_, "Sse") | ("Sse", "new") => Answer::of("text/event-stream", Shape::Text(None)),
        ("HttpResponse", status) if statuses::named(status).is_some() && first.is_none() => {
            Answer { status: statuses::named(status), is_open: true, ..Answer::default() }
        }
        _ => return None,
    })
}
