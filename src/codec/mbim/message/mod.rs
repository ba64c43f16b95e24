//! Commands and what they carry: one table a service.

pub mod atds;
pub mod auth;
pub mod basic_connect;
mod causes;
pub mod cell;
pub mod choices;
mod connect;
pub mod dss;
mod extension_choices;
pub mod extensions;
mod flags;
pub mod ip;
pub mod microsoft;
pub mod phonebook;
pub mod proxy;
pub mod sms;
pub mod stk;
pub mod tunnel;
pub mod uicc;
pub mod ussd;
pub mod vendor;

use std::ops::Range;

use super::reader::{Malformed, Reader, Shared};
use super::table::{self, Record};
use super::value::Value;
use super::version::Version;
use super::wire::Unsuitable;
use super::writer::Writer;

/// What a message does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The host asks.
    Query,
    /// The host changes something.
    Set,
    /// The modem answers.
    Response,
    /// The modem tells by itself.
    Notification,
}

/// A command of a service: its number, its name, and what it carries in each direction.
#[derive(Debug, Clone, Copy)]
pub struct Cid {
    /// The number in the message.
    pub number: u32,
    /// The name, in lower case with dashes.
    pub name: &'static str,
    set: Option<Layout>,
    query: Option<Layout>,
    response: Option<Layout>,
    notification: Option<Layout>,
}

/// A structure, and another one since MBIMEx 3.0 where that changed more than a few fields.
#[derive(Debug, Clone, Copy)]
struct Layout {
    first: fn() -> Box<dyn Record>,
    third: Option<fn() -> Box<dyn Record>>,
}

fn new<T: Record + Default + 'static>() -> Box<dyn Record> {
    Box::new(T::default())
}

impl Layout {
    const fn of<T: Record + Default + 'static>() -> Self {
        Self { first: new::<T>, third: None }
    }

    fn empty(&self, version: Version) -> Box<dyn Record> {
        match self.third {
            Some(third) if version >= Version::V3 => third(),
            _ => (self.first)(),
        }
    }
}

record! {
    /// Nothing.
    Nothing {}
}

impl Cid {
    const fn new(number: u32, name: &'static str) -> Self {
        Self { number, name, set: None, query: None, response: None, notification: None }
    }

    const fn set<T: Record + Default + 'static>(mut self) -> Self {
        self.set = Some(Layout::of::<T>());
        self
    }

    const fn query<T: Record + Default + 'static>(mut self) -> Self {
        self.query = Some(Layout::of::<T>());
        self
    }

    const fn response<T: Record + Default + 'static>(mut self) -> Self {
        self.response = Some(Layout::of::<T>());
        self
    }

    const fn notification<T: Record + Default + 'static>(mut self) -> Self {
        self.notification = Some(Layout::of::<T>());
        self
    }

    const fn set_v3<First: Record + Default + 'static, Third: Record + Default + 'static>(mut self) -> Self {
        self.set = Some(Layout { first: new::<First>, third: Some(new::<Third>) });
        self
    }

    const fn response_v3<First: Record + Default + 'static, Third: Record + Default + 'static>(mut self) -> Self {
        self.response = Some(Layout { first: new::<First>, third: Some(new::<Third>) });
        self
    }

    const fn layout(&self, kind: Kind) -> Option<Layout> {
        match kind {
            Kind::Query => self.query,
            Kind::Set => self.set,
            Kind::Response => self.response,
            Kind::Notification => self.notification,
        }
    }

    /// Whether the command is used in that way.
    pub const fn supports(&self, kind: Kind) -> bool {
        self.layout(kind).is_some()
    }

    /// What an information buffer says; `None` where the command is not used in that way.
    pub fn explain(&self, kind: Kind, buffer: &[u8], version: Version) -> Option<Result<Explained, Malformed>> {
        let mut record = self.layout(kind)?.empty(version);
        let shared = Shared::new(version, buffer.len());
        let read = table::read(record.as_mut(), &mut Reader::new(&shared, buffer));
        let value = table::show(record.as_ref(), version);
        Some(read.map(|()| Explained { value, secrets: shared.into_secrets() }))
    }

    /// The version whose layout a buffer most likely has: the first that says the same when it is written again, or
    /// else has the same length.
    pub fn likely_version(&self, kind: Kind, buffer: &[u8]) -> Version {
        self.fitting_version(kind, buffer).unwrap_or_default()
    }

    /// The version by which the buffer would be written as it is; `None`: by none of them.
    fn fitting_version(&self, kind: Kind, buffer: &[u8]) -> Option<Version> {
        let again = |version: &Version| {
            let explained = self.explain(kind, buffer, *version)?.ok()?;
            self.build(kind, &explained.value, *version)?.ok()
        };
        let same = Version::ALL.into_iter().find(|version| again(version).is_some_and(|bytes| bytes == buffer));
        let fits =
            || Version::ALL.into_iter().find(|version| again(version).is_some_and(|bytes| bytes.len() == buffer.len()));
        same.or_else(fits)
    }

    /// Where secrets stand in an information buffer. Where the version is not clear they stand where any of them has
    /// some, and what cannot be read is secret as a whole.
    pub fn secrets(&self, kind: Kind, buffer: &[u8]) -> Vec<Range<usize>> {
        let explain = |version| self.explain(kind, buffer, version);
        if let Some(Some(Ok(explained))) = self.fitting_version(kind, buffer).map(explain) {
            return explained.secrets;
        }
        let all: Vec<_> = Version::ALL.into_iter().filter_map(explain).collect();
        let unreadable = !all.is_empty() && all.iter().all(Result::is_err);
        let read = all.into_iter().flatten().flat_map(|explained| explained.secrets);
        unreadable.then_some(0..buffer.len()).into_iter().chain(read).collect()
    }

    /// The information buffer for named values; fields that are not named are zero or empty.
    pub fn build(&self, kind: Kind, fields: &Value, version: Version) -> Option<Result<Vec<u8>, Unsuitable>> {
        let mut record = self.layout(kind)?.empty(version);
        let set = table::set(record.as_mut(), fields);
        Some(set.map(|()| {
            let mut writer = Writer::new(version);
            table::write(record.as_ref(), &mut writer);
            writer.finish()
        }))
    }

    #[cfg(test)]
    pub(super) fn empty(&self, kind: Kind, version: Version) -> Option<Box<dyn Record>> {
        Some(self.layout(kind)?.empty(version))
    }
}

/// What an information buffer says.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The fields.
    pub value: Value,
    /// Where secrets stand in the buffer.
    pub secrets: Vec<Range<usize>>,
}

/// Reads an information buffer.
pub fn decode<T: Record + Default>(buffer: &[u8], version: Version) -> Result<T, Malformed> {
    let shared = Shared::new(version, buffer.len());
    let mut record = T::default();
    table::read(&mut record, &mut Reader::new(&shared, buffer))?;
    Ok(record)
}

/// Writes an information buffer.
pub fn encode<T: Record>(record: &T, version: Version) -> Vec<u8> {
    let mut writer = Writer::new(version);
    table::write(record, &mut writer);
    writer.finish()
}
