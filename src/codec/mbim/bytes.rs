//! Fields of bytes, in the ways in which messages hold them.

use super::reader::{Problem, Reader};
use super::value::Value;
use super::version::Version;
use super::wire::{Unsuitable, Wire, text};
use super::writer::{Pointer, Writer};

/// Bytes out of a value: as they are, or as hexadecimal digits.
pub(super) fn bytes_of(value: &Value) -> Result<Vec<u8>, Unsuitable> {
    match value.reveal() {
        Value::Bytes(bytes) => Ok(bytes.clone()),
        Value::Absent => Ok(Vec::new()),
        other => unhex(text(other)?).ok_or(Unsuitable::expected("bytes in hexadecimal digits")),
    }
}

/// The bytes that pairs of hexadecimal digits stand for.
pub fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| if let [high, low] = pair { Some(digit(high)? << 4 | digit(low)?) } else { None }).collect()
}

macro_rules! bytes {
    ($($(#[$meta:meta])* $name:ident { read($from:ident) $read:block write($bytes:ident, $to:ident) $write:block })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $name(pub Vec<u8>);

        impl From<Vec<u8>> for $name {
            fn from(bytes: Vec<u8>) -> Self {
                Self(bytes)
            }
        }

        impl Wire for $name {
            fn read(&mut self, $from: &mut Reader<'_>) -> Result<(), Problem> {
                self.0 = $read;
                Ok(())
            }

            fn write(&self, $to: &mut Writer) {
                let $bytes: &[u8] = &self.0;
                $write
            }

            fn show(&self, _: Version) -> Value {
                Value::Bytes(self.0.clone())
            }

            fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
                self.0 = bytes_of(value)?;
                Ok(())
            }

            #[cfg(test)]
            fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: Version) {
                let length = if stringify!($name) == "CountedBytes" { 7 } else { random() % 9 };
                self.0 = (0..length).map(|_| random() as u8).collect();
            }
        }
    )*};
}

/// The bytes at an offset.
fn at(from: &mut Reader<'_>, offset: u32, size: u32) -> Result<Vec<u8>, Problem> {
    Ok(from.part(offset, size)?.map(|part| part.bytes.to_vec()).unwrap_or_default())
}

bytes! {
    /// Offset and size.
    Bytes {
        read(from) {
            let (offset, size) = (from.pointer()?, from.pointer()?);
            at(from, offset, size)?
        }
        write(bytes, to) { to.point(Pointer::OffsetSize, bytes); }
    }

    /// Size and offset, as the commands of the card have them.
    SizedBytes {
        read(from) {
            let (size, offset) = (from.pointer()?, from.pointer()?);
            at(from, offset, size)?
        }
        write(bytes, to) { to.point(Pointer::SizeOffset, bytes); }
    }

    /// An offset; a field before counts the bytes. Fields that share the count are of one length.
    CountedBytes {
        read(from) {
            let offset = from.pointer()?;
            at(from, offset, from.count)?
        }
        write(bytes, to) {
            to.set_count(bytes.len());
            to.point(Pointer::Offset, bytes);
        }
    }

    /// A size, and the bytes right behind it.
    InlineBytes {
        read(from) {
            let size = from.pointer()? as usize;
            from.take(size)?.to_vec()
        }
        write(bytes, to) {
            to.u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            to.put(bytes);
            to.pad();
        }
    }

    /// The bytes right behind a field that counts them.
    FollowingBytes {
        read(from) { from.take(from.count as usize)?.to_vec() }
        write(bytes, to) {
            to.set_count(bytes.len());
            to.put(bytes);
            to.pad();
        }
    }

    /// All that is left of the message.
    Rest {
        read(from) { from.rest().to_vec() }
        write(bytes, to) { to.put(bytes); }
    }
}

/// So many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fixed<const N: usize>(pub [u8; N]);

impl<const N: usize> Default for Fixed<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Wire for Fixed<N> {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        self.0 = from.array()?;
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        to.put(&self.0);
    }

    fn show(&self, _: Version) -> Value {
        Value::Bytes(self.0.to_vec())
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        self.0 = bytes_of(value)?.try_into().map_err(|_| Unsuitable::expected("another number of bytes"))?;
        Ok(())
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: Version) {
        self.0.fill_with(|| random() as u8);
    }
}

/// Text of one byte a character or UTF-8, at an offset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Utf8(pub String);

impl Wire for Utf8 {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        let mut bytes = Bytes::default();
        bytes.read(from)?;
        self.0 = String::from_utf8_lossy(&bytes.0).trim_end_matches('\0').to_owned();
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        to.point(Pointer::OffsetSize, self.0.as_bytes());
    }

    fn show(&self, _: Version) -> Value {
        Value::Text(self.0.clone())
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        text(value)?.clone_into(&mut self.0);
        Ok(())
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: Version) {
        self.0 = super::wire::random_text(random);
    }
}
