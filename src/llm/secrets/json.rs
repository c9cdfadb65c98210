//! JSON, masked string by string: only what stands inside strings changes, and a credential is found although escapes split it.

use std::ops::Range;

/// Where a string's content stands, without its quotes.
pub(super) fn strings(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'"', &bytes[at..]) {
        let start = at + open + 1;
        let mut end = start;
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let end = end.min(bytes.len());
        found.push(start..end);
        at = (end + 1).min(bytes.len());
    }
    found
}

/// A string's content without escapes, and where each byte of it stood.
#[derive(Debug, Default)]
pub(super) struct Plain {
    pub bytes: Vec<u8>,
    /// For each byte, where its character or escape begins; one more for the end.
    places: Vec<usize>,
}

impl Plain {
    pub(super) fn of(raw: &str) -> Self {
        let mut plain = Self { bytes: Vec::with_capacity(raw.len()), places: Vec::with_capacity(raw.len() + 1) };
        let bytes = raw.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] != b'\\' {
                plain.bytes.push(bytes[at]);
                plain.places.push(at);
                at += 1;
                continue;
            }
            let (text, len) = unescaped(&bytes[at..]);
            let mut buffer = [0; 4];
            for byte in text.encode_utf8(&mut buffer).bytes() {
                plain.bytes.push(byte);
                plain.places.push(at);
            }
            at += len;
        }
        plain.places.push(bytes.len());
        plain
    }

    /// Where a part of the plain bytes stands in the string as written.
    pub(super) fn raw(&self, part: &Range<usize>) -> Range<usize> {
        self.places[part.start]..self.places[part.end]
    }

    /// A part of the string as written, from the first whole character or escape in it to the end of the last.
    pub(super) fn snapped(&self, part: &Range<usize>) -> Range<usize> {
        let not_before = |place: usize| self.places[self.places.partition_point(|known| *known < place).min(self.places.len() - 1)];
        not_before(part.start)..not_before(part.end)
    }
}

/// The character that an escape stands for, and how long the escape is.
fn unescaped(bytes: &[u8]) -> (char, usize) {
    let simple = |character: char| (character, 2.min(bytes.len()));
    match bytes.get(1) {
        Some(b'n') => simple('\n'),
        Some(b't') => simple('\t'),
        Some(b'r') => simple('\r'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(b'u') => {
            let Some(first) = unit(bytes) else {
                return simple(char::REPLACEMENT_CHARACTER);
            };
            let second = bytes.get(6..).filter(|rest| rest.starts_with(b"\\u")).and_then(unit);
            match (char::from_u32(first), second) {
                (Some(character), _) => (character, 6),
                (None, Some(low)) if (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(&low) => {
                    let code = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
                    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
                }
                _ => (char::REPLACEMENT_CHARACTER, 6),
            }
        }
        Some(other) if other.is_ascii() => simple(char::from(*other)),
        _ => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// The number of a `\uXXXX`.
fn unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(2..6)?;
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}
