//! Keys in blocks: `-----BEGIN … PRIVATE KEY-----` to its end, on many lines or with `\n` in one.

use std::ops::Range;

use memchr::memmem;

/// No block of a key is longer.
const LONGEST: usize = 64 * 1024;
/// So much of a key must stand there for it to be one.
const SHORTEST: usize = 24;

/// What a block that begins at this place is.
pub(super) enum Block {
    /// A private key.
    Private(Range<usize>),
    /// A certificate, a public key or a signature, which may be seen.
    Public(Range<usize>),
}

/// The block whose `-----BEGIN` or `---- BEGIN` begins at `at`.
pub(super) fn block_at(bytes: &[u8], at: usize) -> Option<Block> {
    let window = &bytes[at..(at + LONGEST).min(bytes.len())];
    let begin = memmem::find(window, b"BEGIN")? + 5;
    let label_end = memmem::find(&window[begin..], b"----")? + begin;
    let label = window.get(begin..label_end).filter(|label| label.len() < 60 && !label.contains(&b'\n'))?;
    let is_private = memmem::find(label, b"PRIVATE").is_some() || memmem::find(label, b"SECRET").is_some();
    let body = label_end + window[label_end..].iter().take_while(|byte| **byte == b'-').count();
    let next = memmem::find(&window[body..], b"BEGIN ").map_or(window.len(), |next| body + next);
    let window = &window[..next];
    let end = memmem::find(&window[body..], b"END ").map(|end| body + end);
    let body_end = end.unwrap_or_else(|| body + key_lines(&window[body..]));
    if key_material(&window[body..body_end]) < SHORTEST || !is_all_key(&window[body..body_end]) {
        let open = body + key_lines(&window[body..]);
        let is_key = is_private && key_material(&window[body..open]) >= 40;
        return is_key.then(|| Block::Private(at..at + open));
    }
    let whole = at..at + end.map_or(body_end, |end| closing(window, end));
    Some(if is_private { Block::Private(whole) } else { Block::Public(whole) })
}

/// Where the line of an `END …-----` ends.
fn closing(window: &[u8], end: usize) -> usize {
    let rest = &window[end..(end + 80).min(window.len())];
    let dashes = memmem::find(rest, b"----").unwrap_or(rest.len());
    end + dashes + rest[dashes..].iter().take_while(|byte| **byte == b'-').count()
}

/// How far lines of a key go when nothing ends them.
fn key_lines(body: &[u8]) -> usize {
    let mut far = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n').take(400) {
        let text = line.trim_ascii();
        let is_key = text.iter().all(|byte| is_key_byte(*byte)) && (text.len() >= 16 || text.is_empty());
        if !is_key && far > 0 {
            break;
        }
        let part = line.iter().take_while(|byte| is_key_byte(**byte) || byte.is_ascii_whitespace()).count();
        far += if is_key { line.len() } else { part };
        if !is_key && part < line.len() {
            break;
        }
    }
    far
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\\')
}

/// The longest run of what keys are written with.
fn key_material(body: &[u8]) -> usize {
    body.split(|byte| !is_key_byte(*byte)).map(<[u8]>::len).max().unwrap_or(0)
}

/// Whether there is nothing but a key: its lines, their quotes and escapes, and headers as `Proc-Type: 4,ENCRYPTED`.
fn is_all_key(body: &[u8]) -> bool {
    let foreign = body.iter().filter(|byte| matches!(byte, b'(' | b')' | b'{' | b'}' | b';' | b'=' | b'[' | b']')).count();
    let longest = key_material(body);
    foreign < 60 && longest * 12 >= body.len().min(1200) / 2
}
