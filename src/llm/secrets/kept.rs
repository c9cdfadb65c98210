//! What looks like a credential and is none, by what stands around it: digests named as such, revisions, pictures, public keys.

use std::ops::Range;

use super::looks::Looks;
use super::text::{Words, after, automaton, before, has_any};

/// How much of a line before a string tells what it is.
const TOLD: usize = 80;

/// Words before a string that tell that it is a digest or the name of an object.
const DIGESTS: &[&str] = &[
    "sha1",
    "sha256",
    "sha-256",
    "sha384",
    "sha512",
    "sha-1",
    "sha_",
    "\"sha",
    "_sha\"",
    "_sha:",
    "_sha=",
    "_sha =",
    "md5",
    "blake",
    "digest",
    "checksum",
    "integrity",
    "commit",
    "revision",
    "rev=",
    "rev:",
    "rev\"",
    "rev =",
    "srcrev",
    "etag",
    "fingerprint",
    "thumbprint",
    "crc",
    "public_key",
    "publickey",
    "public-key",
    "pubkey",
    "ssh-rsa",
    "ssh-ed25519",
    "ecdsa-sha2",
    "ssh-dss",
    "h1:",
    "object_id",
    "\"oid",
    " oid",
    "_oid",
    "uuid",
    "guid",
    "uses:",
];

/// Words before a string that tell that it may be seen when nothing but its looks speaks against it.
const TELLING: &[&str] = &[
    "hash",
    "blob",
    "data:",
    "base64,",
    "version",
    "import ",
    "require(",
    "from \"",
    "from '",
    "image:",
    "class=",
    "src=",
    "href=",
    "nonce-",
    "xmlns",
    "sourcemappingurl",
];

/// Ends of names right before a string that tell the same.
const NAMED: &[&str] = &["id\"", "id\\", "id'", "id =", "id=", "id:"];
/// So near they stand.
const NAMED_BEFORE: usize = 14;

/// Signs that tell the same of a hexadecimal string that hangs on to them: an address, a revision, an anchor.
const GLUED: &[&str] = &["://", "@", "#", "tree/", "blob/", "commit/"];
/// Words in an address that tell that it is as good as a key.
const OPENING: &[&str] = &["hook", "secret", "token", "invite"];

static DIGEST_WORDS: Words = Words::new(|| automaton(DIGESTS));
static TELLING_WORDS: Words = Words::new(|| automaton(TELLING));
static NAMED_WORDS: Words = Words::new(|| automaton(NAMED));
static GLUED_SIGNS: Words = Words::new(|| automaton(GLUED));
static OPENING_WORDS: Words = Words::new(|| automaton(OPENING));

/// How pictures, fonts and documents begin in base64.
const PICTURES: &[&str] = &["iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "PHN2Zy", "AAABAA", "d09GR", "JVBERi0", "PD94bWw", "AAEAAAA"];

/// Whether it is a digest or the name of an object, and named as such.
pub(super) fn is_digest(bytes: &[u8], token: &Range<usize>) -> bool {
    let told = before(bytes, token.start, TOLD);
    let starts = ["sha1-", "sha256-", "sha384-", "sha512-", "md5-"].iter().any(|start| bytes[token.start..].starts_with(start.as_bytes()));
    starts || has_any(told, &DIGEST_WORDS)
}

/// Whether it is part of an address, or a revision behind a sign.
pub(super) fn is_glued(bytes: &[u8], token: &Range<usize>, looks: &Looks) -> bool {
    let told = before(bytes, token.start, TOLD);
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`');
    let hangs_on = &told[told.iter().rposition(ends).map_or(0, |at| at + 1)..];
    let is_address = memchr::memmem::find(hangs_on, b"://").is_some() && !has_any(hangs_on, &OPENING_WORDS);
    is_address || looks.is_hex && has_any(hangs_on, &GLUED_SIGNS)
}

/// Whether it may be seen, when only its looks speak against it.
pub(super) fn is_kept(bytes: &[u8], token: &Range<usize>, looks: &Looks) -> bool {
    let told = before(bytes, token.start, TOLD);
    let is_named = has_any(&told[told.len().saturating_sub(NAMED_BEFORE)..], &NAMED_WORDS);
    let is_told = is_named || is_glued(bytes, token, looks) || has_any(told, &TELLING_WORDS);
    let is_picture = PICTURES.iter().any(|start| bytes[token.start..].starts_with(start.as_bytes()));
    is_told || is_picture || is_digest(bytes, token) || (looks.is_hex && is_revision(bytes, token)) || is_in_blob(bytes, token)
}

/// Whether it is one line of many alike: a file in base64.
fn is_in_blob(bytes: &[u8], token: &Range<usize>) -> bool {
    let is_edge = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'+');
    let is_alone = before(bytes, token.start, TOLD).iter().all(is_edge) && after(bytes, token.end, TOLD).trim_ascii().is_empty();
    if !is_alone || token.len() < 40 {
        return false;
    }
    let is_line =
        |line: &[u8]| line.len() >= 40 && line.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    let reach = token.start.saturating_sub(TOLD);
    let above = bytes[reach..token.start].iter().rposition(|byte| *byte == b'\n').map(|end| before(bytes, reach + end, 200).trim_ascii());
    let below = memchr::memchr(b'\n', &bytes[token.end..(token.end + TOLD).min(bytes.len())])
        .map(|end| after(bytes, token.end + end + 1, 200).trim_ascii());
    above.is_some_and(is_line) || below.is_some_and(is_line)
}

/// Whether a bare hexadecimal string reads as the name of an object: at the start or the end of a line, as in lists of checksums.
fn is_revision(bytes: &[u8], token: &Range<usize>) -> bool {
    let told = before(bytes, token.start, TOLD).trim_ascii();
    let rest = after(bytes, token.end, TOLD);
    let is_list = told.is_empty() && (rest.starts_with(b"  ") || rest.starts_with(b" *"));
    is_list || told.ends_with(b"/") || rest.starts_with(b".") || is_of_file(told)
}

/// `"docs/api.md": "…"`: a list of files and their digests.
fn is_of_file(told: &[u8]) -> bool {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b':' | b'=');
    let name_end = told.iter().rposition(|byte| !ends(byte)).map_or(0, |last| last + 1);
    let name_start = told[..name_end].iter().rposition(ends).map_or(0, |at| at + 1);
    let name = &told[name_start..name_end];
    name_end < told.len() && name.len() > 3 && name.iter().any(|byte| matches!(byte, b'/' | b'.'))
}
