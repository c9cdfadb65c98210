//! Parts of a text that are credentials. Knows not how they were found.

use std::ops::Range;

/// A part of a text that must not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
    /// The rule that found it.
    pub rule: &'static str,
    /// How much the rule knows: the lowest names what several found.
    pub rank: u8,
}

/// A rule that knows the token's format, one that knows where it stands, one that knows how it looks.
pub(super) const BY_BLOCK: u8 = 0;
pub(super) const BY_FORMAT: u8 = 1;
pub(super) const BY_PLACE: u8 = 2;
pub(super) const BY_NAME: u8 = 3;
pub(super) const BY_LOOK: u8 = 4;

/// The spans in order, those that touch one another made one, each on whole characters. What touches a mark is no credential any more,
/// unless a block has the mark inside.
pub(super) fn settled(bytes: &[u8], mut spans: Vec<Span>, marks: &[Range<usize>]) -> Vec<Span> {
    let touches = |span: &Span| {
        let first = marks.partition_point(|mark| mark.end <= span.start);
        marks.get(first).is_some_and(|mark| mark.start < span.end)
    };
    spans.retain(|span| span.start < span.end && (span.rank == BY_BLOCK || !touches(span)));
    for span in &mut spans {
        while span.start > 0 && is_inside_char(bytes[span.start]) {
            span.start -= 1;
        }
        while span.end < bytes.len() && is_inside_char(bytes[span.end]) {
            span.end += 1;
        }
    }
    spans.sort_by(|one, other| (one.start, one.rank, other.end).cmp(&(other.start, other.rank, one.end)));
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start < last.end => {
                last.end = last.end.max(span.end);
                if span.rank < last.rank {
                    last.rank = span.rank;
                    last.rule = span.rule;
                }
            }
            _ => merged.push(span),
        }
    }
    merged
}

/// Whether a byte is the second or a later one of a character.
fn is_inside_char(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}
