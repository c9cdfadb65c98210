//! Following references inside one document.

use serde_json::Value;

/// Longer chains of references lead in circles.
const LONGEST: usize = 20;

/// What a value stands for: itself, or what its `$ref` leads to; null when that is nowhere.
pub fn resolved<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    named(root, value).0
}

/// The same, with the last name of the first reference.
pub fn named<'a>(root: &'a Value, value: &'a Value) -> (&'a Value, Option<String>) {
    let mut at = value;
    let mut name = None;
    for _ in 0..LONGEST {
        let Some(reference) = reference_of(at) else { return (at, name) };
        if name.is_none() {
            name = last_of(reference);
        }
        let Some(next) = target(root, reference, LONGEST) else { return (&Value::Null, name) };
        at = next;
    }
    (&Value::Null, name)
}

/// The text of a `$ref`.
pub fn reference_of(value: &Value) -> Option<&str> {
    value.get("$ref").and_then(Value::as_str)
}

/// The last step of a reference.
pub fn last_of(reference: &str) -> Option<String> {
    reference.rsplit('/').next().filter(|name| !name.is_empty()).map(unescaped)
}

/// Where a reference leads, one step at a time: what lies on the way may be a reference itself.
pub fn target<'a>(root: &'a Value, reference: &str, left: usize) -> Option<&'a Value> {
    let path = reference.strip_prefix("#/")?;
    let mut at = root;
    for step in path.split('/') {
        if let Some(further) = reference_of(at) {
            at = target(root, further, left.checked_sub(1)?)?;
        }
        let name = unescaped(step);
        at = match at {
            Value::Object(members) => members.get(&name).or_else(|| members.get(step))?,
            Value::Array(items) => items.get(name.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(at)
}

/// The steps of a reference under a prefix: `#/channels/a~1b/messages/c` → `a/b`, `messages`, `c`.
pub fn steps_of(reference: &str) -> Vec<String> {
    reference.strip_prefix("#/").map(|path| path.split('/').map(unescaped).collect()).unwrap_or_default()
}

/// A name as a step of a reference.
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1").replace('%', "%25")
}

fn unescaped(step: &str) -> String {
    let text = step.replace("~1", "/").replace("~0", "~");
    if !text.contains('%') {
        return text;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or(text)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
