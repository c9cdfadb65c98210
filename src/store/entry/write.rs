//! Writing.

use serde::ser::{self, Serialize};

use super::Malformed;
use crate::base::hash::FastMap;

/// The bytes of a value; `None` when it has no fixed form.
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Option<Vec<u8>> {
    let mut writer = Writer::default();
    value.serialize(&mut writer).ok()?;
    let mut bytes = Vec::with_capacity(writer.body.len() + writer.texts.len() + writer.lengths.len() * 2 + 8);
    number(&mut bytes, writer.lengths.len() as u64);
    writer.lengths.iter().for_each(|length| number(&mut bytes, *length as u64));
    bytes.extend_from_slice(&writer.texts);
    bytes.extend_from_slice(&writer.body);
    Some(bytes)
}

#[derive(Default)]
struct Writer {
    body: Vec<u8>,
    texts: Vec<u8>,
    lengths: Vec<usize>,
    known: FastMap<Box<str>, u64>,
}

/// Seven bits in a byte, the lowest first.
fn number(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
}

impl Writer {
    fn number(&mut self, value: u64) {
        number(&mut self.body, value);
    }

    fn signed(&mut self, value: i64) {
        self.number((value.wrapping_shl(1) ^ (value >> 63)).cast_unsigned());
    }

    fn text(&mut self, text: &str) {
        let next = self.lengths.len() as u64;
        let known = match self.known.get(text) {
            Some(known) => *known,
            None => {
                self.known.insert(text.into(), next);
                self.lengths.push(text.len());
                self.texts.extend_from_slice(text.as_bytes());
                next
            }
        };
        self.number(known);
    }

    fn length(&mut self, length: Option<usize>) -> Result<(), Malformed> {
        self.number(length.ok_or(Malformed)? as u64);
        Ok(())
    }
}

macro_rules! numbers {
    ($($name:ident $ty:ty => $with:ident as $as:ty),*) => {
        $(fn $name(self, value: $ty) -> Result<(), Malformed> {
            self.$with(<$as>::from(value));
            Ok(())
        })*
    };
}

impl ser::Serializer for &mut Writer {
    type Ok = ();
    type Error = Malformed;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers!(
        serialize_i16 i16 => signed as i64, serialize_i32 i32 => signed as i64, serialize_i64 i64 => signed as i64,
        serialize_u16 u16 => number as u64, serialize_u32 u32 => number as u64, serialize_u64 u64 => number as u64,
        serialize_char char => number as u64
    );

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Result<(), Malformed> {
        self.serialize_u8(u8::from(value))
    }

    fn serialize_i8(self, value: i8) -> Result<(), Malformed> {
        self.serialize_u8(value.cast_unsigned())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Malformed> {
        self.body.push(value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Malformed> {
        self.body.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Malformed> {
        self.body.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Malformed> {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Malformed> {
        self.number(value.len() as u64);
        self.body.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Malformed> {
        self.serialize_u8(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Malformed> {
        self.body.push(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Malformed> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Malformed> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<(), Malformed> {
        self.serialize_u32(index)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Malformed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Malformed> {
        self.number(u64::from(index));
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Malformed> {
        self.length(length)?;
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Malformed> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Malformed> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Malformed> {
        self.number(u64::from(index));
        Ok(self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Malformed> {
        self.length(length)?;
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Malformed> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Malformed> {
        self.number(u64::from(index));
        Ok(self)
    }
}

/// What stands one after the other is written one after the other.
macro_rules! in_order {
    ($($name:ident $method:ident($($key:ty)?)),*) => {
        $(impl ser::$name for &mut Writer {
            type Ok = ();
            type Error = Malformed;

            fn $method<T: Serialize + ?Sized>(&mut self, $(_: $key,)? value: &T) -> Result<(), Malformed> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Malformed> {
                Ok(())
            }
        })*
    };
}

in_order!(
    SerializeSeq serialize_element(), SerializeTuple serialize_element(), SerializeTupleStruct serialize_field(),
    SerializeTupleVariant serialize_field(), SerializeStruct serialize_field(&'static str),
    SerializeStructVariant serialize_field(&'static str)
);

impl ser::SerializeMap for &mut Writer {
    type Ok = ();
    type Error = Malformed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Malformed> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Malformed> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Malformed> {
        Ok(())
    }
}
