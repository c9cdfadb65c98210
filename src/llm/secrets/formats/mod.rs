//! The formats of tokens that providers publish, one shelf for each trade. Each row is written from the provider's own pages.

mod access;
mod clouds;
mod code;
mod messages;
mod models;
mod operations;
mod payments;
mod phrases;
mod products;

use super::format::Format;

/// All shelves.
const SHELVES: &[&[Format]] = &[
    clouds::FORMATS,
    code::FORMATS,
    models::FORMATS,
    messages::FORMATS,
    payments::FORMATS,
    operations::FORMATS,
    access::FORMATS,
    products::FORMATS,
    phrases::FORMATS,
];

/// All formats; the first one that fits names a token.
pub(super) fn all() -> impl Iterator<Item = &'static Format> {
    SHELVES.iter().flat_map(|shelf| shelf.iter())
}
