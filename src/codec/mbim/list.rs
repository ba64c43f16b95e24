//! Fields that count, and fields that are counted (MBIM 1.0 clause 10.3).

use super::reader::{Problem, Reader};
use super::value::Value;
use super::version::Version;
use super::wire::{Unsuitable, Wire, number};
use super::writer::{Pointer, Writer};

/// Counts the elements or bytes of fields behind it. Writing counts anew, whatever the number is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count(pub u32);

/// A count says nothing that the counted field does not say.
impl PartialEq for Count {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Wire for Count {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        self.0 = from.u32()?;
        from.count = self.0;
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        to.count();
    }

    fn show(&self, _: Version) -> Value {
        Value::Number(i128::from(self.0))
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        self.0 = number(value)?;
        Ok(())
    }

    #[cfg(test)]
    fn fill(&mut self, _: &mut dyn FnMut() -> u32, _: Version) {}
}

fn show_all<T: Wire>(items: &[T], version: Version) -> Value {
    Value::List(items.iter().map(|item| item.show(version)).collect())
}

fn set_all<T: Wire + Default>(items: &mut Vec<T>, value: &Value) -> Result<(), Unsuitable> {
    items.clear();
    match value.reveal() {
        Value::Absent => {}
        Value::List(values) => {
            for value in values {
                let mut item = T::default();
                item.set(value)?;
                items.push(item);
            }
        }
        _ => return Err(Unsuitable::expected("a list")),
    }
    Ok(())
}

#[cfg(test)]
fn fill_all<T: Wire + Default>(items: &mut Vec<T>, random: &mut dyn FnMut() -> u32, version: Version) {
    for _ in 0..random() % 4 {
        let mut item = T::default();
        item.fill(random, version);
        items.push(item);
    }
}

/// An element on its own, where a field points to it.
fn written<T: Wire>(item: &T, version: Version) -> Vec<u8> {
    let mut writer = Writer::new(version);
    item.write(&mut writer);
    writer.finish()
}

macro_rules! lists {
    ($($(#[$meta:meta])* $name:ident { read($read_items:ident, $from:ident) $read:block write($items:ident, $to:ident) $write:block })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name<T>(pub Vec<T>);

        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self(Vec::new())
            }
        }

        impl<T> From<Vec<T>> for $name<T> {
            fn from(items: Vec<T>) -> Self {
                Self(items)
            }
        }

        impl<T> FromIterator<T> for $name<T> {
            fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
                Self(items.into_iter().collect())
            }
        }

        impl<T: Wire + Default> Wire for $name<T> {
            fn read(&mut self, $from: &mut Reader<'_>) -> Result<(), Problem> {
                self.0.clear();
                let $read_items = &mut self.0;
                $read
                Ok(())
            }

            fn write(&self, $to: &mut Writer) {
                let $items = &self.0;
                $write
            }

            fn show(&self, version: Version) -> Value {
                show_all(&self.0, version)
            }

            fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
                set_all(&mut self.0, value)
            }

            #[cfg(test)]
            fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: Version) {
                fill_all(&mut self.0, random, version);
            }
        }
    )*};
}

lists! {
    /// As many elements as were counted, one after the other among the fields.
    Counted {
        read(items, from) {
            for _ in 0..from.count {
                let mut item = T::default();
                item.read(from)?;
                items.push(item);
            }
        }
        write(items, to) {
            to.set_count(items.len());
            items.iter().for_each(|item| item.write(to));
        }
    }

    /// As many pairs of offset and size as were counted; each points to an element.
    Pointed {
        read(items, from) {
            for _ in 0..from.count {
                let (offset, size) = (from.pointer()?, from.pointer()?);
                let mut item = T::default();
                if let Some(part) = from.structure(offset, size)? {
                    item.read(&mut part.reader())?;
                }
                items.push(item);
            }
        }
        write(items, to) {
            to.set_count(items.len());
            for item in items {
                let bytes = written(item, to.version());
                to.point(Pointer::OffsetSize, &bytes);
            }
        }
    }

    /// An offset to as many elements as were counted, one after the other.
    Block {
        read(items, from) {
            let (offset, count) = (from.pointer()?, from.count);
            let size = written(&T::default(), from.version()).len();
            let size = u32::try_from(size).ok().and_then(|size| size.checked_mul(count)).ok_or(Problem::Outside)?;
            let part = from.part(offset, size)?;
            let Some(mut reader) = part.map(|part| part.reader()) else { return Ok(()) };
            for _ in 0..count {
                let mut item = T::default();
                item.read(&mut reader)?;
                items.push(item);
            }
        }
        write(items, to) {
            to.set_count(items.len());
            let bytes: Vec<u8> = items.iter().flat_map(|item| written(item, to.version())).collect();
            to.point(Pointer::Offset, &bytes);
        }
    }

    /// Microsoft's arrays: offset and size of a count with its elements, each with its own data behind it.
    Array {
        read(items, from) {
            let (offset, size) = (from.pointer()?, from.pointer()?);
            let Some(part) = from.structure(offset, size)? else { return Ok(()) };
            let mut reader = part.reader();
            for _ in 0..reader.u32()? {
                let mut element = reader.here().reader();
                let mut item = T::default();
                item.read(&mut element)?;
                element.skip_to_end();
                reader.skip_past(&element);
                items.push(item);
            }
        }
        write(items, to) {
            if items.is_empty() {
                to.point(Pointer::OffsetSize, &[]);
            } else {
                let mut bytes = u32::try_from(items.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
                bytes.extend(items.iter().flat_map(|item| written(item, to.version())));
                to.point(Pointer::OffsetSize, &bytes);
            }
        }
    }
}

/// Offset and size of a structure that may be absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked<T>(pub Option<T>);

impl<T> Default for Linked<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Wire + Default> Wire for Linked<T> {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        let (offset, size) = (from.pointer()?, from.pointer()?);
        self.0 = match from.structure(offset, size)? {
            Some(part) => {
                let mut item = T::default();
                item.read(&mut part.reader())?;
                Some(item)
            }
            None => None,
        };
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        let bytes = self.0.as_ref().map(|item| written(item, to.version())).unwrap_or_default();
        to.point(Pointer::OffsetSize, &bytes);
    }

    fn show(&self, version: Version) -> Value {
        self.0.as_ref().map_or(Value::Absent, |item| item.show(version))
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        set_some(&mut self.0, value)
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: Version) {
        fill_some(&mut self.0, random, version);
    }
}

/// An offset alone, to one element of fixed size; 0 means that nothing is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct At<T>(pub Option<T>);

impl<T: Wire + Default> Wire for At<T> {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        let offset = from.pointer()?;
        let size = u32::try_from(written(&T::default(), from.version()).len()).map_err(|_| Problem::Outside)?;
        self.0 = match from.part(offset, size)? {
            Some(part) => {
                let mut item = T::default();
                item.read(&mut part.reader())?;
                Some(item)
            }
            None => None,
        };
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        let bytes = self.0.as_ref().map(|item| written(item, to.version())).unwrap_or_default();
        to.point(Pointer::Offset, &bytes);
    }

    fn show(&self, version: Version) -> Value {
        self.0.as_ref().map_or(Value::Absent, |item| item.show(version))
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        set_some(&mut self.0, value)
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: Version) {
        fill_some(&mut self.0, random, version);
    }
}

pub(super) fn set_some<T: Wire + Default>(field: &mut Option<T>, value: &Value) -> Result<(), Unsuitable> {
    *field = None;
    if *value.reveal() != Value::Absent {
        field.insert(T::default()).set(value)?;
    }
    Ok(())
}

#[cfg(test)]
fn fill_some<T: Wire + Default>(field: &mut Option<T>, random: &mut dyn FnMut() -> u32, version: Version) {
    if !random().is_multiple_of(4) {
        field.insert(T::default()).fill(random, version);
    }
}
