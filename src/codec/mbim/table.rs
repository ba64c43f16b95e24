//! The tables that messages, choices and flags are written in.

use super::reader::{Malformed, Problem, Reader};
use super::value::Value;
use super::version::Version;
use super::wire::{Unsuitable, Wire};
use super::writer::Writer;

/// A structure, as names and fields in the order of the buffer.
pub trait Record {
    /// The fields.
    fn fields(&self) -> Vec<(&'static str, &dyn Wire)>;

    /// The fields, to be filled.
    fn fields_mut(&mut self) -> Vec<(&'static str, &mut dyn Wire)>;
}

/// Reads all fields, and names the one that cannot be read.
pub(super) fn read(record: &mut dyn Record, from: &mut Reader<'_>) -> Result<(), Malformed> {
    for (field, wire) in record.fields_mut() {
        wire.read(from).map_err(|problem| Malformed { field, problem })?;
    }
    Ok(())
}

/// Reads all fields of a structure inside another.
pub(super) fn read_nested(record: &mut dyn Record, from: &mut Reader<'_>) -> Result<(), Problem> {
    read(record, from).map_err(|malformed| malformed.problem)
}

/// Writes all fields.
pub(super) fn write(record: &dyn Record, to: &mut Writer) {
    for (_, wire) in record.fields() {
        wire.write(to);
    }
}

/// Shows all fields that are there.
pub(super) fn show(record: &dyn Record, version: Version) -> Value {
    let fields = record.fields().into_iter().map(|(name, wire)| (name.into(), wire.show(version)));
    Value::Record(fields.filter(|(_, value)| *value != Value::Absent).collect())
}

/// Sets the fields that `value` names.
pub(super) fn set(record: &mut dyn Record, value: &Value) -> Result<(), Unsuitable> {
    let Value::Record(given) = value.reveal() else { return Err(Unsuitable::expected("a record")) };
    for (name, value) in given {
        match record.fields_mut().into_iter().find(|(field, _)| field == name) {
            Some((field, wire)) => wire.set(value).map_err(|unsuitable| unsuitable.of(field))?,
            None => return Err(Unsuitable::expected("another field").of(name)),
        }
    }
    Ok(())
}

/// Structures: a name, and fields with their kinds in the order of the buffer.
macro_rules! record {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq)]
        #[allow(missing_docs)]
        pub struct $name { $($(#[$field_meta])* pub $field: $kind,)* }

        impl $crate::codec::mbim::table::Record for $name {
            fn fields(&self) -> Vec<(&'static str, &dyn $crate::codec::mbim::wire::Wire)> {
                vec![$((stringify!($field), &self.$field as _),)*]
            }

            fn fields_mut(&mut self) -> Vec<(&'static str, &mut dyn $crate::codec::mbim::wire::Wire)> {
                vec![$((stringify!($field), &mut self.$field as _),)*]
            }
        }

        impl $crate::codec::mbim::wire::Wire for $name {
            fn read(
                &mut self,
                from: &mut $crate::codec::mbim::reader::Reader<'_>,
            ) -> Result<(), $crate::codec::mbim::reader::Problem> {
                $crate::codec::mbim::table::read_nested(self, from)
            }

            fn write(&self, to: &mut $crate::codec::mbim::writer::Writer) {
                $crate::codec::mbim::table::write(self, to);
            }

            fn show(&self, version: $crate::codec::mbim::Version) -> $crate::codec::mbim::Value {
                $crate::codec::mbim::table::show(self, version)
            }

            fn set(
                &mut self,
                value: &$crate::codec::mbim::Value,
            ) -> Result<(), $crate::codec::mbim::wire::Unsuitable> {
                $crate::codec::mbim::table::set(self, value)
            }

            #[cfg(test)]
            fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: $crate::codec::mbim::Version) {
                use $crate::codec::mbim::table::Record as _;
                self.fields_mut().into_iter().for_each(|(_, wire)| wire.fill(random, version));
            }
        }
    )*};
}

/// Choices of 32 bits: a name, and numbers with their names; the first is the default.
macro_rules! choice {
    ($($(#[$meta:meta])* $name:ident { $first:ident = $first_number:literal $first_text:literal, $($variant:ident = $number:literal $text:literal,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub enum $name {
            #[doc = concat!("`", $first_text, "`")]
            #[default]
            $first,
            $(#[doc = concat!("`", $text, "`")] $variant,)*
            /// A number without a name here.
            Other(u32),
        }

        impl $name {
            /// From the number in the message.
            pub const fn from_number(number: u32) -> Self {
                match number {
                    $first_number => Self::$first,
                    $($number => Self::$variant,)*
                    other => Self::Other(other),
                }
            }

            /// The number in the message.
            pub const fn number(self) -> u32 {
                match self {
                    Self::$first => $first_number,
                    $(Self::$variant => $number,)*
                    Self::Other(other) => other,
                }
            }

            /// The name in lower case with dashes.
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    Self::$first => Some($first_text),
                    $(Self::$variant => Some($text),)*
                    Self::Other(_) => None,
                }
            }

            /// The choice of that name.
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $first_text => Some(Self::$first),
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl $crate::codec::mbim::wire::Wire for $name {
            fn read(
                &mut self,
                from: &mut $crate::codec::mbim::reader::Reader<'_>,
            ) -> Result<(), $crate::codec::mbim::reader::Problem> {
                from.choice = from.u32()?;
                *self = Self::from_number(from.choice);
                Ok(())
            }

            fn write(&self, to: &mut $crate::codec::mbim::writer::Writer) {
                to.u32(self.number());
            }

            fn show(&self, _: $crate::codec::mbim::Version) -> $crate::codec::mbim::Value {
                use $crate::codec::mbim::Value;
                self.name().map_or_else(|| Value::Number(i128::from(self.number())), Value::Name)
            }

            fn set(
                &mut self,
                value: &$crate::codec::mbim::Value,
            ) -> Result<(), $crate::codec::mbim::wire::Unsuitable> {
                use $crate::codec::mbim::wire::{Unsuitable, number, text};
                *self = match text(value) {
                    Ok(name) => Self::named(name).ok_or(Unsuitable::expected("another name"))?,
                    Err(_) => Self::from_number(number(value)?),
                };
                Ok(())
            }

            /// Choices stay at 0 where fields depend on them; elsewhere any number will do.
            #[cfg(test)]
            fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: $crate::codec::mbim::Version) {
                *self = Self::from_number(if stringify!($name) == "SmsFormat" { 0 } else { random() % 64 });
            }
        }
    )*};
}

/// Flags of 32 bits: a name, and bits with their names.
macro_rules! flags {
    ($($(#[$meta:meta])* $name:ident { $($constant:ident = $bit:literal $text:literal,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub u32);

        impl $name {
            $(#[doc = concat!("`", $text, "`")] pub const $constant: Self = Self(1 << $bit);)*

            const NAMES: &'static [(u32, &'static str)] = &[$((1 << $bit, $text),)*];

            /// Whether all bits of `other` are set.
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }
        }

        impl std::ops::BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl $crate::codec::mbim::wire::Wire for $name {
            fn read(
                &mut self,
                from: &mut $crate::codec::mbim::reader::Reader<'_>,
            ) -> Result<(), $crate::codec::mbim::reader::Problem> {
                self.0 = from.u32()?;
                Ok(())
            }

            fn write(&self, to: &mut $crate::codec::mbim::writer::Writer) {
                to.u32(self.0);
            }

            fn show(&self, version: $crate::codec::mbim::Version) -> $crate::codec::mbim::Value {
                $crate::codec::mbim::table::show_bits(self.0, Self::NAMES, version)
            }

            fn set(
                &mut self,
                value: &$crate::codec::mbim::Value,
            ) -> Result<(), $crate::codec::mbim::wire::Unsuitable> {
                self.0 = $crate::codec::mbim::table::bits(value, Self::NAMES)?;
                Ok(())
            }

            #[cfg(test)]
            fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: $crate::codec::mbim::Version) {
                self.0 = random();
            }
        }
    )*};
}

/// The names of the bits that are set; a bit without a name is shown by its number.
pub(super) fn show_bits(bits: u32, names: &[(u32, &'static str)], version: Version) -> Value {
    let name = |bit: u32| match names.iter().find(|(known, _)| *known == bit) {
        // MBIMEx 3.0 has one bit for 5G, and tells NSA from SA by a subclass.
        Some((_, "5g-nsa")) if version >= Version::V3 => "5g".into(),
        Some((_, name)) => (*name).into(),
        None => format!("bit {}", bit.trailing_zeros()).into(),
    };
    Value::Names((0..32).map(|shift| 1 << shift).filter(|bit| bits & bit != 0).map(name).collect())
}

/// The bits of the names in a list.
pub(super) fn bits(value: &Value, names: &[(u32, &'static str)]) -> Result<u32, Unsuitable> {
    let unknown = Unsuitable::expected("a list of known names");
    let bit = |text: &str| match names.iter().find(|(_, name)| *name == text) {
        Some((bit, _)) => Ok(*bit),
        None if text == "5g" => Ok(1 << 6),
        None if text == "none" => Ok(0),
        None => text
            .strip_prefix("bit ")
            .and_then(|n| n.parse().ok())
            .and_then(|n| 1_u32.checked_shl(n))
            .ok_or(unknown.clone()),
    };
    match value.reveal() {
        Value::Names(list) => list.iter().try_fold(0, |bits, name| Ok(bits | bit(name)?)),
        Value::List(list) => list.iter().try_fold(0, |bits, value| Ok(bits | bit(super::wire::text(value)?)?)),
        other => super::wire::number(other),
    }
}
