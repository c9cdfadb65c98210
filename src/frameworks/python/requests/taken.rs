//! What was read of a request, gathered.

use super::Part;
use crate::base::Name;
use crate::facts::finding::{BodyFinding, Location, ParamFinding};
use crate::facts::shape::{Member, Shape};

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Query, header and cookie parameters.
    pub params: Vec<ParamFinding>,
    pub(super) json: Vec<(Vec<Name>, Read)>,
    pub(super) form: Vec<(Name, Read)>,
    pub(super) model: Option<Shape>,
    pub(super) form_model: Option<Shape>,
    pub(super) takes_json: bool,
    pub(super) has_files: bool,
}

/// One member that was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Read {
    pub(super) shape: Shape,
    pub(super) required: bool,
}

impl Taken {
    /// The request body, when one is read.
    #[must_use]
    pub fn body(&self) -> Option<BodyFinding> {
        let mut contents = Vec::new();
        if let Some(model) = &self.model {
            contents.push(("application/json".into(), model.clone()));
        } else if self.takes_json || !self.json.is_empty() {
            contents.push(("application/json".into(), members(&self.json, 0)));
        }
        let form_media = if self.has_files { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
        if let Some(model) = &self.form_model {
            contents.push((form_media.into(), model.clone()));
        } else if !self.form.is_empty() {
            let member = |(name, read): &(Name, Read)| Member {
                name: name.clone(),
                shape: read.shape.clone(),
                required: read.required,
                ..Member::default()
            };
            contents.push((form_media.into(), Shape::record(self.form.iter().map(member).collect())));
        }
        let required =
            self.model.is_some() || self.json.iter().any(|(_, read)| read.required) || self.form.iter().any(|(_, read)| read.required);
        (!contents.is_empty()).then_some(BodyFinding { required, contents, doc: None })
    }
}

/// Paths that were read as an object with members.
fn members(reads: &[(Vec<Name>, Read)], depth: usize) -> Shape {
    let mut found: Vec<Member> = Vec::new();
    for (path, _) in reads {
        let Some(name) = path.get(depth) else { continue };
        if found.iter().any(|member| member.name == *name) {
            continue;
        }
        let below: Vec<(Vec<Name>, Read)> = reads.iter().filter(|(path, _)| path.get(depth) == Some(name)).cloned().collect();
        let own = below.iter().find(|(path, _)| path.len() == depth + 1);
        let shape = if depth < 8 && below.iter().any(|(path, _)| path.len() > depth + 1) {
            members(&below, depth + 1)
        } else {
            own.map(|(_, read)| read.shape.clone()).unwrap_or_default()
        };
        let required = own.is_none_or(|(_, read)| read.required);
        found.push(Member { name: name.clone(), shape, required, ..Member::default() });
    }
    if found.is_empty() { Shape::Any } else { Shape::record(found) }
}

impl Taken {
    /// Adds one member of a part.
    pub(super) fn add(&mut self, part: Part, mut path: Vec<Name>, name: Name, read: Read) {
        match part {
            Part::Json => {
                path.push(name);
                match self.json.iter_mut().find(|(known, _)| *known == path) {
                    Some((_, known)) => merge(known, read),
                    None => self.json.push((path, read)),
                }
            }
            Part::Form | Part::Files if path.is_empty() => {
                let is_file = part == Part::Files;
                self.has_files |= is_file;
                let read = if is_file { Read { shape: Shape::format("binary"), ..read } } else { read };
                match self.form.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, known)) => merge(known, read),
                    None => self.form.push((name, read)),
                }
            }
            Part::Query if path.is_empty() => self.param(Location::Query, name, read),
            Part::Cookies if path.is_empty() => self.param(Location::Cookie, name, read),
            Part::Headers if path.is_empty() && !is_common_header(&name) => self.param(Location::Header, name, read),
            _ => {}
        }
    }

    fn param(&mut self, location: Location, name: Name, read: Read) {
        let known = self.params.iter_mut().find(|known| known.location == location && known.name.eq_ignore_ascii_case(&name));
        match known {
            Some(known) => {
                let mut merged = Read { shape: known.shape.clone(), required: known.required };
                merge(&mut merged, read);
                (known.shape, known.required) = (merged.shape, merged.required);
            }
            None => {
                self.params.push(ParamFinding { name, location, required: read.required, shape: read.shape, ..ParamFinding::default() });
            }
        }
    }
}

/// What is read twice is required only when it always is; the better known shape stays.
fn merge(known: &mut Read, other: Read) {
    known.required &= other.required;
    if known.shape.is_any() || known.shape == Shape::Text(None) {
        known.shape = other.shape;
    }
}

/// Headers that OpenAPI has other places for, and those that every client sends.
fn is_common_header(name: &str) -> bool {
    [
        "authorization",
        "content-type",
        "accept",
        "user-agent",
        "host",
        "content-length",
        "cookie",
        "origin",
        "referer",
        "x-forwarded-for",
        "x-real-ip",
        "x-forwarded-proto",
    ]
    .iter()
    .any(|known| name.eq_ignore_ascii_case(known))
}
