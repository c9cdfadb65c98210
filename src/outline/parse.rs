//! Bytes → text → syntax tree, with one parser per thread and grammar.
//!
//! Does not know what a tree means.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{Node, ParseOptions, ParseState, Parser, Point, Range, Tree};

use crate::base::language::Language;

/// Far beyond what any honest file needs.
const PATIENCE: Duration = Duration::from_secs(5);

thread_local! {
    static PARSERS: RefCell<[Option<Parser>; 5]> = const { RefCell::new([None, None, None, None, None]) };
}

/// The text of a file, and whether every byte of it could be read. Byte order marks are dropped.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode_utf8(rest),
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        _ => decode_utf8(bytes),
    }
}

fn decode_utf8(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), true),
        Err(_) => (String::from_utf8_lossy(bytes), false),
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (Cow<'static, str>, bool) {
    let units: Vec<u16> = bytes.as_chunks().0.iter().map(|pair| unit(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) => (Cow::Owned(text), true),
        Err(_) => (Cow::Owned(String::from_utf16_lossy(&units)), false),
    }
}

/// The tree of a whole file; `None` when it takes too long.
pub(super) fn whole(language: Language, source: &str) -> Option<Tree> {
    with_parser(language, |parser| parse(parser, source))
}

/// The tree of the text that `node` spans from `start` to `end`, with offsets and lines of the whole file.
///
/// For code inside literals (Python's string annotations).
pub(super) fn fragment(language: Language, source: &str, node: Node, start: usize, end: usize) -> Option<Tree> {
    if start > end || start < node.start_byte() || end > node.end_byte() || end > source.len() {
        return None;
    }
    let mut point = node.start_position();
    let before = source.as_bytes().get(node.start_byte()..start)?;
    match memchr::memrchr(b'\n', before) {
        Some(last) => {
            point.row += memchr::memchr_iter(b'\n', before).count();
            point.column = before.len() - last - 1;
        }
        None => point.column += before.len(),
    }
    let range = Range { start_byte: start, end_byte: end, start_point: point, end_point: node.end_position() };
    within(language, source, &[range])
}

/// The tree of a file without some of its lines: spans of whole lines, in order and apart.
pub(super) fn without(language: Language, source: &str, holes: &[(usize, usize)]) -> Option<Tree> {
    let mut ranges = Vec::with_capacity(holes.len() + 1);
    let mut start = 0;
    let mut start_point = Point::default();
    for (from, to) in holes.iter().copied().chain([(source.len(), source.len())]) {
        let end_point = below(start_point, source.get(start..from)?);
        ranges.push(Range { start_byte: start, end_byte: from, start_point, end_point });
        start_point = below(end_point, source.get(from..to)?);
        start = to;
    }
    within(language, source, &ranges)
}

/// The point after a text that begins at a point.
fn below(point: Point, text: &str) -> Point {
    match text.rfind('\n') {
        Some(newline) => Point { row: point.row + text.matches('\n').count(), column: text.len() - newline - 1 },
        None => Point { row: point.row, column: point.column + text.len() },
    }
}

fn within(language: Language, source: &str, ranges: &[Range]) -> Option<Tree> {
    with_parser(language, |parser| {
        parser.set_included_ranges(ranges).ok()?;
        let tree = parse(parser, source);
        parser.set_included_ranges(&[]).ok()?;
        tree
    })
}

fn with_parser<T>(language: Language, then: impl FnOnce(&mut Parser) -> Option<T>) -> Option<T> {
    PARSERS.with_borrow_mut(|parsers| {
        let slot = &mut parsers[language as usize];
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&grammar(language)).ok()?;
            *slot = Some(parser);
        }
        then(slot.as_mut()?)
    })
}

fn parse(parser: &mut Parser, source: &str) -> Option<Tree> {
    let bytes = source.as_bytes();
    let deadline = Instant::now() + PATIENCE;
    let mut watch = |_: &ParseState| if Instant::now() < deadline { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    let options = ParseOptions::new().progress_callback(&mut watch);
    let tree = parser.parse_with_options(&mut |offset, _| bytes.get(offset..).unwrap_or_default(), None, Some(options));
    if tree.is_none() {
        parser.reset();
    }
    tree
}

/// The grammar of a language.
pub(super) fn grammar(language: Language) -> tree_sitter::Language {
    match language {
        Language::Python => tree_sitter_python::LANGUAGE.into(),
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Language::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
        Language::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
        Language::Rust => tree_sitter_rust::LANGUAGE.into(),
    }
}
