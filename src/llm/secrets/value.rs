//! What stands for a value and is none: references, stubs, words, paths. Knows not where it stands.

use super::looks::Looks;
use super::text::{Words, automaton, has_any};

/// Words that only stubs have.
const STUBS: &[&str] = &[
    "example",
    "xxxx",
    "****",
    "....",
    "redact",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "change_it",
    "changeit",
    "your_",
    "your-",
    "yourtoken",
    "yourapikey",
    "yourpassword",
    "yoursecret",
    "replace",
    "insert",
    "todo",
    "not-set",
    "not_set",
    "notset",
    "undefined",
    "goes_here",
    "goes-here",
    "goeshere",
    "tokenhere",
    "key-here",
    "key_here",
    "dummy",
];

/// Values that say nothing by themselves.
const EMPTY: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "user",
    "username",
    "admin",
    "root",
    "test",
    "testing",
    "string",
    "null",
    "none",
    "nil",
    "true",
    "false",
    "undefined",
    "required",
    "optional",
    "hidden",
    "text",
    "default",
    "value",
    "foo",
    "bar",
    "baz",
    "abc",
    "abc123",
    "123",
    "1234",
    "12345",
    "123456",
    "12345678",
    "current-password",
    "new-password",
    "guest",
    "postgres",
    "bearer",
    "basic",
    "apikey",
    "api_key",
    "access_token",
    "refresh_token",
    "x",
];

/// What holds a value that is elsewhere.
const HOLDERS: &[&str] = &[
    "${",
    "{{",
    "<%",
    "#{",
    "$(",
    "@{",
    "process.env",
    "os.environ",
    "getenv",
    "env.",
    "env(",
    "env[",
    "secrets.",
    "vault:",
    "ssm:",
    "arn:",
    "op://",
    "ref:",
    "!ref",
    "var.",
];

/// Rows of made-up keys.
const ROWS: &[&str] = &["abcdefgh", "zyxwvuts", "12345678"];

static STUB_WORDS: Words = Words::new(|| automaton(STUBS));
static HOLDER_WORDS: Words = Words::new(|| automaton(HOLDERS));
static ROW_WORDS: Words = Words::new(|| automaton(ROWS));

/// Whether it stands for a value that is elsewhere: `${X}`, `<token>`, `%X%`, `process.env.X`.
pub(super) fn is_reference(value: &[u8]) -> bool {
    let Some((first, rest)) = value.split_first() else {
        return true;
    };
    let closes = |sign: u8| rest.contains(&sign) || !rest.iter().any(u8::is_ascii_digit);
    let opens = match first {
        b'<' => closes(b'>'),
        b'{' => closes(b'}'),
        b'[' => closes(b']'),
        b'(' => closes(b')'),
        b'$' => rest.is_empty() || (is_variable(rest) && !rest[0].is_ascii_digit()),
        b'&' | b'*' | b'!' => is_variable(rest) && !rest.iter().any(u8::is_ascii_digit),
        b'%' => rest.starts_with(b"("),
        _ => false,
    };
    let is_wrapped = rest.len() > 1 && matches!(first, b'%' | b'_' | b'@') && rest.last() == Some(first);
    opens || is_wrapped || has_any(value, &HOLDER_WORDS)
}

/// What follows a sign when it is a variable: `_SERVER[key]`, `app->name`.
fn is_variable(rest: &[u8]) -> bool {
    rest.iter().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'>' | b':' | b'.' | b'/' | b'[' | b']' | b'{' | b'}' | b'$')
    })
}

/// Whether it was put where a secret would be: `changeme`, `xxxx`, one letter over and over.
pub(super) fn is_stub(value: &[u8]) -> bool {
    let trimmed = value.trim_ascii();
    EMPTY.iter().any(|word| trimmed.eq_ignore_ascii_case(word.as_bytes())) || has_any(trimmed, &STUB_WORDS) || is_monotonous(trimmed)
}

/// Whether it is made of very few characters.
pub(super) fn is_monotonous(value: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in value {
        seen[usize::from(*byte)] = true;
    }
    let kinds = seen.iter().filter(|seen| **seen).count();
    kinds <= 2 || (value.len() >= 16 && kinds <= 4)
}

/// Whether it is a path, an address, a selector or an option, which point to something.
pub(super) fn is_pointer(value: &[u8]) -> bool {
    let starts = |word: &str| value.starts_with(word.as_bytes());
    let has_scheme = memchr::memmem::find(value, b"://").is_some();
    let is_relative = ["./", "../", "~/", "--", "\\\\"].iter().any(|word| starts(word));
    let is_selector = (starts("@") || starts("#")) && !value.iter().any(u8::is_ascii_digit) && is_variable(&value[1..]);
    has_scheme || is_relative || is_selector || starts("/") && value.len() < 200 && worded_path(value)
}

fn worded_path(value: &[u8]) -> bool {
    let looks = Looks::of(value);
    looks.worded * 2 >= looks.letters
}

/// What is left of it when UUIDs are taken out.
pub(super) fn without_uuids(value: &[u8]) -> Vec<u8> {
    let mut left = Vec::with_capacity(value.len());
    let mut at = 0;
    while at < value.len() {
        if value.get(at..at + 36).is_some_and(is_uuid) {
            at += 36;
        } else {
            left.push(value[at]);
            at += 1;
        }
    }
    left
}

/// Whether it is a UUID.
pub(super) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value
            .iter()
            .enumerate()
            .all(|(index, byte)| if matches!(index, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() })
}

/// Whether the alphabet or the digits stand in it in their order, as in made-up keys.
pub(super) fn has_sequence(value: &[u8]) -> bool {
    value.len() >= 20 && has_any(value, &ROW_WORDS)
}
