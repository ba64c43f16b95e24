//! The kinds of fields that all messages share, and the tables that messages are made of.

use super::reader::{Problem, Reader};
use super::uuid::Uuid;
use super::value::Value;
use super::version::Version;
use super::writer::{Pointer, Writer};
use crate::private::Private;

/// A kind of field: how it stands in a buffer, and how it is shown.
pub trait Wire {
    /// Reads the field.
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem>;

    /// Writes the field.
    fn write(&self, to: &mut Writer);

    /// The field as a value.
    fn show(&self, version: Version) -> Value;

    /// Sets the field from a value, as [`Wire::show`] gives it or as people write it.
    fn set(&mut self, value: &Value) -> Result<(), Unsuitable>;

    /// Fills the field with anything that it can hold.
    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: Version);
}

/// A value that does not fit its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the field {field} does not take this value: {expected} is expected")]
pub struct Unsuitable {
    /// The field.
    pub field: String,
    /// What it takes.
    pub expected: &'static str,
}

impl Unsuitable {
    pub(super) const fn expected(expected: &'static str) -> Self {
        Self { field: String::new(), expected }
    }

    pub(super) fn of(mut self, field: &str) -> Self {
        if self.field.is_empty() {
            field.clone_into(&mut self.field);
        }
        self
    }
}

/// A number out of a value.
pub(super) fn number<T: TryFrom<i128>>(value: &Value) -> Result<T, Unsuitable> {
    let number = match value.reveal() {
        Value::Number(number) => *number,
        Value::Coded(number, _) => i128::from(*number),
        Value::Flag(flag) => i128::from(*flag),
        _ => return Err(Unsuitable::expected("a number")),
    };
    T::try_from(number).map_err(|_| Unsuitable::expected("a number in range"))
}

/// Text out of a value; nothing is empty text.
pub(super) fn text(value: &Value) -> Result<&str, Unsuitable> {
    match value.reveal() {
        Value::Text(text) => Ok(text),
        Value::Name(name) => Ok(name),
        Value::Absent => Ok(""),
        _ => Err(Unsuitable::expected("text")),
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Wire for $number {
            fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
                *self = Self::from_le_bytes(from.array()?);
                Ok(())
            }

            fn write(&self, to: &mut Writer) {
                to.put(&self.to_le_bytes());
            }

            fn show(&self, _: Version) -> Value {
                Value::Number(i128::from(*self))
            }

            fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
                *self = number(value)?;
                Ok(())
            }

            #[cfg(test)]
            fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: Version) {
                *self = random() as Self;
            }
        }
    )*};
}

numbers!(u16, u32, u64, i32);

impl Wire for bool {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        *self = from.u32()? != 0;
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        to.u32(u32::from(*self));
    }

    fn show(&self, _: Version) -> Value {
        Value::Flag(*self)
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        *self = number::<u32>(value)? != 0;
        Ok(())
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: Version) {
        *self = random().is_multiple_of(2);
    }
}

impl Wire for Uuid {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        self.0 = from.array()?;
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        to.put(&self.0);
    }

    fn show(&self, _: Version) -> Value {
        self.name().map_or_else(|| Value::Text(self.to_string()), Value::Name)
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        *self = Self::named(text(value)?).map_err(|_| Unsuitable::expected("a UUID or its name"))?;
        Ok(())
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: Version) {
        self.0.fill_with(|| random() as u8);
    }
}

/// Text as UTF-16, little endian, without an end mark (clause 10.4); some modems send one all the same.
impl Wire for String {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        let (offset, size) = (from.pointer()?, from.pointer()?);
        *self = from.part(offset, size)?.map(|part| from_utf16(part.bytes)).unwrap_or_default();
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        to.point(Pointer::OffsetSize, &to_utf16(self));
    }

    fn show(&self, _: Version) -> Value {
        Value::Text(self.clone())
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        text(value)?.clone_into(self);
        Ok(())
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: Version) {
        *self = random_text(random);
    }
}

#[cfg(test)]
pub(super) fn random_text(random: &mut dyn FnMut() -> u32) -> String {
    let length = random() % 9;
    (0..length).map(|_| char::from_u32(random() % 0x2_0000).filter(|c| *c != '\0').unwrap_or('x')).collect()
}

pub(super) fn from_utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| pair.iter().rev().fold(0, |unit, byte| unit << 8 | u16::from(*byte)));
    char::decode_utf16(units.take_while(|unit| *unit != 0)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

pub(super) fn to_utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

impl<T: Wire + Default> Wire for Private<T> {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        let mut inner = T::default();
        from.secretly(|from| inner.read(from))?;
        *self = Self::new(inner);
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        self.reveal().write(to);
    }

    fn show(&self, version: Version) -> Value {
        Value::Secret(Box::new(self.reveal().show(version)))
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        let mut inner = T::default();
        inner.set(value)?;
        *self = Self::new(inner);
        Ok(())
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: Version) {
        let mut inner = T::default();
        inner.fill(random, version);
        *self = Self::new(inner);
    }
}
