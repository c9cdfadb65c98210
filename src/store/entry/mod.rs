//! How entries are written: every text once, then numbers and the numbers of texts.
//!
//! ```text
//! number of texts · their lengths · the texts · the value
//! ```
//!
//! Names stand in code many times, and most of the time it takes to read an entry goes to them. The form knows nothing of what it holds: a
//! value must be read as the type it was written from.

mod read;
mod write;

use std::fmt;

pub(super) use read::from_bytes;
pub(super) use write::to_bytes;

/// Bytes that are no entry, or a value that cannot be one.
#[derive(Debug)]
pub(super) struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no entry of a store")
    }
}

impl std::error::Error for Malformed {}

impl serde::ser::Error for Malformed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl serde::de::Error for Malformed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct All {
        numbers: (u8, i8, u16, i32, u64, i64, f64, char),
        yes: bool,
        text: String,
        again: Option<String>,
        nothing: (),
        list: Vec<Choice>,
        table: BTreeMap<String, u32>,
        boxed: Box<[Wrapped]>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Choice {
        Unit,
        New(Box<Self>),
        Two(u32, String),
        Named { one: bool, other: Vec<u8> },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Wrapped(i64);

    fn value() -> All {
        let nested = Choice::New(Box::new(Choice::New(Box::new(Choice::Unit))));
        let named = Choice::Named { one: true, other: vec![0, 127, 128, 255] };
        All {
            numbers: (255, -128, u16::MAX, i32::MIN, u64::MAX, i64::MIN, -0.5, 'ß'),
            yes: true,
            text: "naïve".into(),
            again: Some("naïve".into()),
            nothing: (),
            list: vec![nested, Choice::Two(7, String::new()), named, Choice::Unit],
            table: BTreeMap::from([("a".into(), 1), ("naïve".into(), u32::MAX)]),
            boxed: Box::new([Wrapped(-1), Wrapped(64), Wrapped(-65)]),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for value in [value(), All::default()] {
            let bytes = to_bytes(&value).expect("it can be written");
            assert_eq!(from_bytes::<All>(&bytes), Some(value));
        }
        let bytes = to_bytes(&vec!["x"; 100]).expect("it can be written");
        assert!(bytes.len() < 110, "a text stands once: {}", bytes.len());
    }

    #[test]
    fn what_is_cut_or_changed_is_not_believed_and_harms_nobody() {
        let bytes = to_bytes(&value()).expect("it can be written");
        for end in 0..bytes.len() {
            assert_eq!(from_bytes::<All>(&bytes[..end]), None, "cut at {end}");
        }
        for at in 0..bytes.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = byte;
                let _ = from_bytes::<All>(&changed);
            }
        }
        assert_eq!(from_bytes::<All>(&[0xff; 64]), None);
        let mut deep = vec![0];
        deep.resize(100_000, 1);
        assert_eq!(from_bytes::<Choice>(&deep), None, "what nests without end");
        assert_eq!(from_bytes::<u8>(&[0, 1, 2]), None, "nothing may be left");
    }
}
