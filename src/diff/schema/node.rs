//! Where schemas stand: pieces of a document, the named schema around them, and references from one to another.

use std::rc::Rc;

use serde_json::Value;

/// How long places in a named schema are written out; what is deeper is told at this place.
const MAX_PATH: usize = 400;

/// A named schema, and a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    pub name: Rc<str>,
    /// `.items[].price`; empty at its top.
    pub path: String,
}

impl Home {
    /// `Order.items[].price`.
    pub fn text(&self, below: &str) -> String {
        format!("{}{}{below}", self.name, self.path)
    }
}

/// One piece of a schema. What is described by several pieces must satisfy all of them.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    pub value: &'a Value,
    pub home: Option<Rc<Home>>,
    /// It is an alternative to null.
    pub or_null: bool,
    /// Its `oneOf` and `anyOf` are looked at elsewhere.
    pub bare: bool,
    /// Its `$ref` and `allOf` were followed already.
    pub flat: bool,
}

impl<'a> Part<'a> {
    pub fn new(value: &'a Value) -> Self {
        Self { value, home: None, or_null: false, bare: false, flat: false }
    }

    /// What stands below it.
    pub fn below(&self, value: &'a Value, step: &str) -> Self {
        let home = self.home.as_ref().map(|home| {
            if step.is_empty() || home.path.len() > MAX_PATH {
                return home.clone();
            }
            let path = format!("{}{step}", home.path);
            Rc::new(Home { name: home.name.clone(), path })
        });
        Self { value, home, or_null: false, bare: false, flat: false }
    }

    /// What tells it from other parts of the same document: its address, whose lowest three bits are
    /// free, and its marks.
    pub fn key(&self) -> usize {
        self.key_at(address(self.value))
    }

    /// The same, as if it stood elsewhere.
    pub fn key_at(&self, address: usize) -> usize {
        address | usize::from(self.or_null) | (usize::from(self.bare) << 1) | (usize::from(self.flat) << 2)
    }

    /// The named schema that it is nothing but a reference to.
    pub fn reference(&self) -> Option<&'a str> {
        let object = self.value.as_object().filter(|object| object.len() == 1 && !self.flat)?;
        object.get("$ref")?.as_str()
    }
}

/// Where a value is.
pub fn address(value: &Value) -> usize {
    std::ptr::from_ref(value) as usize
}

/// How many values two schemas may have to be found equal without being compared.
const MAX_EQUAL: usize = 2_000;

/// Whether two schemas are written alike; large ones are not looked at to their end, and never recursed into.
pub fn is_written_alike(one: &Value, other: &Value) -> bool {
    let mut open = vec![(one, other)];
    let mut left = MAX_EQUAL;
    while let Some((one, other)) = open.pop() {
        if left == 0 {
            return false;
        }
        left -= 1;
        match (one, other) {
            (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
                for (key, value) in one {
                    let Some(other) = other.get(key) else { return false };
                    open.push((value, other));
                }
            }
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => open.extend(one.iter().zip(other)),
            (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => return false,
            (one, other) if one == other => {}
            _ => return false,
        }
    }
    true
}

/// The target of a reference within a document.
pub fn resolve<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    if pointer.is_empty() {
        return Some(document);
    }
    let pointer = if pointer.contains('%') { unescape(pointer) } else { pointer.to_owned() };
    document.pointer(&pointer)
}

/// The named schema that a reference points to, or into.
pub fn home(reference: &str) -> Option<Rc<Home>> {
    let pointer = unescape(reference.strip_prefix("#/")?);
    let inner = ["components/schemas/", "definitions/", "$defs/"].iter().find_map(|start| pointer.strip_prefix(start))?;
    let mut steps = inner.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
    let name: Rc<str> = steps.next()?.into();
    let mut path = String::new();
    while let Some(step) = steps.next() {
        match step.as_str() {
            "properties" | "patternProperties" | "$defs" | "definitions" => {
                path.push_str(&format!(".{}", steps.next().unwrap_or_default()))
            }
            "items" => path.push_str("[]"),
            "oneOf" | "anyOf" | "allOf" | "prefixItems" => path.push_str(&format!("[{step} {}]", steps.next().unwrap_or_default())),
            _ => {}
        }
    }
    Some(Rc::new(Home { name, path }))
}

/// Percent signs written out.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let code = (byte == b'%').then(|| tail.get(..2)).flatten();
        let code = code.and_then(|code| std::str::from_utf8(code).ok()).and_then(|code| u8::from_str_radix(code, 16).ok());
        rest = if code.is_some() { &tail[2..] } else { tail };
        bytes.push(code.unwrap_or(byte));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
