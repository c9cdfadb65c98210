//! The request body that the body fields of a handler and its dependencies make together.

use crate::base::Name;
use crate::facts::finding::BodyFinding;
use crate::facts::shape::{Member, Shape};

/// A parameter that is read from the body.
#[derive(Clone, Debug)]
pub struct BodyField {
    /// Its name on the wire.
    pub name: Name,
    /// Its shape.
    pub shape: Shape,
    /// Whether it must be given.
    pub required: bool,
    /// What kind of body it is a part of.
    pub media: Media,
    /// `Body(embed=True)`.
    pub embed: bool,
    /// Whether it is an object by itself: a form of that kind is not wrapped.
    pub is_model: bool,
    /// `Body(media_type=…)`.
    pub media_type: Option<Name>,
    /// Documentation.
    pub doc: Option<Name>,
}

/// Kinds of bodies; a file makes the whole body a multipart form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Media {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    File,
}

/// The body of these fields.
#[must_use]
pub fn body(fields: &[BodyField]) -> Option<BodyFinding> {
    let first = fields.first()?;
    let media = fields.iter().map(|field| field.media).max().unwrap_or(Media::Json);
    let media_type: Name = match media {
        Media::File => "multipart/form-data".into(),
        Media::Form => "application/x-www-form-urlencoded".into(),
        Media::Json => first.media_type.clone().unwrap_or_else(|| "application/json".into()),
    };
    let is_embedded = fields.len() > 1 || first.embed || (first.media != Media::Json && !first.is_model);
    if !is_embedded {
        return Some(BodyFinding { required: first.required, contents: vec![(media_type, first.shape.clone())], doc: first.doc.clone() });
    }
    let members = fields.iter().map(|field| Member {
        name: field.name.clone(),
        shape: field.shape.clone(),
        required: field.required,
        doc: field.doc.clone(),
        ..Member::default()
    });
    let shape = Shape::record(members.collect());
    Some(BodyFinding { required: fields.iter().any(|field| field.required), contents: vec![(media_type, shape)], doc: None })
}
