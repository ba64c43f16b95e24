//! Fields that are there in some versions, or after some choices, only.

use super::list::set_some;
use super::reader::{Problem, Reader};
use super::value::Value;
use super::version::Version;
use super::wire::{Unsuitable, Wire};
use super::writer::Writer;

/// A field that layouts have since a version: `Since<3, u32>` since MBIMEx 3.0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Since<const VERSION: u8, T>(pub Option<T>);

impl<const VERSION: u8, T> Since<VERSION, T> {
    const fn applies(version: Version) -> bool {
        (version.number() >> 8) as u8 >= VERSION
    }
}

impl<const VERSION: u8, T> From<T> for Since<VERSION, T> {
    fn from(value: T) -> Self {
        Self(Some(value))
    }
}

impl<const VERSION: u8, T: Wire + Default> Wire for Since<VERSION, T> {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        self.0 = None;
        if Self::applies(from.version()) {
            self.0.insert(T::default()).read(from)?;
        }
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        if Self::applies(to.version()) {
            self.0.as_ref().unwrap_or(&T::default()).write(to);
        }
    }

    fn show(&self, version: Version) -> Value {
        self.0.as_ref().map_or(Value::Absent, |field| field.show(version))
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        set_some(&mut self.0, value)
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: Version) {
        if Self::applies(version) {
            self.0.insert(T::default()).fill(random, version);
        }
    }
}

/// A field that is there where the choice before it is `CHOICE`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct When<const CHOICE: u32, T>(pub Option<T>);

impl<const CHOICE: u32, T: Wire + Default> Wire for When<CHOICE, T> {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        self.0 = None;
        if from.choice == CHOICE {
            self.0.insert(T::default()).read(from)?;
        }
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        if let Some(field) = &self.0 {
            field.write(to);
        }
    }

    fn show(&self, version: Version) -> Value {
        self.0.as_ref().map_or(Value::Absent, |field| field.show(version))
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        set_some(&mut self.0, value)
    }

    /// The tests fill the choice with 0.
    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: Version) {
        if CHOICE == 0 {
            self.0.insert(T::default()).fill(random, version);
        }
    }
}

/// A field that layouts had before a version: `Before<3, u32>` up to MBIMEx 2.0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Before<const VERSION: u8, T>(pub Option<T>);

impl<const VERSION: u8, T> From<T> for Before<VERSION, T> {
    fn from(value: T) -> Self {
        Self(Some(value))
    }
}

impl<const VERSION: u8, T: Wire + Default> Wire for Before<VERSION, T> {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        self.0 = None;
        if !Since::<VERSION, T>::applies(from.version()) {
            self.0.insert(T::default()).read(from)?;
        }
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        if !Since::<VERSION, T>::applies(to.version()) {
            self.0.as_ref().unwrap_or(&T::default()).write(to);
        }
    }

    fn show(&self, version: Version) -> Value {
        self.0.as_ref().map_or(Value::Absent, |field| field.show(version))
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        set_some(&mut self.0, value)
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: Version) {
        if !Since::<VERSION, T>::applies(version) {
            self.0.insert(T::default()).fill(random, version);
        }
    }
}
