//! What a route has already, beside what is described.

use crate::base::Name;
use crate::facts::finding::{BodyFinding, ParamFinding, Route};
use crate::facts::shape::{Member, Shape};

/// What the code says of a parameter's being required stays; the rest is as described.
pub(super) fn set_param(route: &mut Route, said: ParamFinding) {
    let same = |known: &&mut ParamFinding| known.name.eq_ignore_ascii_case(&said.name) && known.location == said.location;
    match route.params.iter_mut().find(same) {
        Some(known) => {
            known.doc = said.doc.or(known.doc.take());
            if !said.shape.is_any() && is_plain(&known.shape) {
                known.shape = said.shape;
            }
        }
        None => route.params.push(said),
    }
}

/// Whether nothing but "text" or nothing at all is known.
fn is_plain(shape: &Shape) -> bool {
    matches!(shape, Shape::Any | Shape::Text(None))
}

/// What is described of a body, unless the code knows more.
pub(super) fn set_body(route: &mut Route, said: BodyFinding) {
    let knows_nothing = |shape: &Shape| match shape {
        Shape::Record(record) => record.members.is_empty(),
        Shape::Map(inner) => inner.is_any(),
        other => other.is_any(),
    };
    match &mut route.body {
        Some(known) => {
            known.doc = said.doc.or(known.doc.take());
            if said.contents.iter().any(|(_, shape)| !knows_nothing(shape)) || known.contents.iter().all(|(_, shape)| knows_nothing(shape))
            {
                known.contents = overlaid(std::mem::take(&mut known.contents), said.contents);
            }
        }
        None => route.body = Some(said),
    }
}

/// Members that the code reads and the description leaves out are kept.
fn overlaid(known: Vec<(Name, Shape)>, mut said: Vec<(Name, Shape)>) -> Vec<(Name, Shape)> {
    for (media, shape) in &mut said {
        let Shape::Record(record) = shape else { continue };
        let Some((_, Shape::Record(old))) = known.iter().find(|(other, _)| other == media) else { continue };
        let missing: Vec<Member> = old.members.iter().filter(|member| record.member(&member.name).is_none()).cloned().collect();
        record.members.extend(missing);
    }
    said
}
