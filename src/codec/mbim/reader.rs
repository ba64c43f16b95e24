//! Reads the structures of an information buffer (MBIM 1.0 clause 10.3).

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::version::Version;

/// How often all of a buffer may be pointed to. Structures nest three deep; more is a buffer whose parts overlap, and
/// would let a few bytes grow to gigabytes.
const DEPTH_MAX: usize = 8;

/// A buffer that does not hold what its command asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the field {field} of the message cannot be read: {problem}")]
pub struct Malformed {
    /// The field, such as `provider_id`.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Too few bytes.
    #[error("the buffer ends before it")]
    Short,
    /// An offset or a size that points outside.
    #[error("it points outside of the buffer")]
    Outside,
    /// Parts that overlap.
    #[error("the parts of the buffer overlap")]
    Overlap,
}

/// What the readers of one buffer share.
#[derive(Debug)]
pub struct Shared {
    version: Version,
    /// Bytes that may still be pointed to.
    budget: Cell<usize>,
    /// Where secrets stand in the buffer.
    secrets: RefCell<Vec<Range<usize>>>,
    secret: Cell<bool>,
}

impl Shared {
    pub(super) fn new(version: Version, length: usize) -> Self {
        Self {
            version,
            budget: Cell::new(length.saturating_mul(DEPTH_MAX)),
            secrets: RefCell::default(),
            secret: Cell::new(false),
        }
    }

    pub(super) fn into_secrets(self) -> Vec<Range<usize>> {
        self.secrets.into_inner()
    }
}

/// Reads one structure, from its first field to its last.
#[derive(Debug)]
pub struct Reader<'a> {
    shared: &'a Shared,
    /// From the start of the structure: offsets count from there.
    structure: &'a [u8],
    /// Where the structure starts in the information buffer.
    base: usize,
    /// The next field.
    at: usize,
    /// The end of what belongs to the structure, as far as is known.
    end: usize,
    /// The last field that counts others.
    pub(super) count: u32,
    /// The last field that chooses.
    pub(super) choice: u32,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(shared: &'a Shared, structure: &'a [u8]) -> Self {
        Self { shared, structure, base: 0, at: 0, end: 0, count: 0, choice: 0 }
    }

    /// The layouts that hold.
    pub(super) const fn version(&self) -> Version {
        self.shared.version
    }

    /// The next `length` bytes.
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Problem> {
        let rest = self.structure.get(self.at..).unwrap_or_default();
        let bytes = rest.get(..length).ok_or(Problem::Short)?;
        self.note_secret(self.at, length);
        self.at = self.at.saturating_add(length);
        self.end = self.end.max(self.at);
        Ok(bytes)
    }

    /// The next bytes, as many as the array has.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        self.take(N)?.first_chunk().copied().ok_or(Problem::Short)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Problem> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Problem> {
        self.array().map(u32::from_le_bytes)
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        self.take(self.left()).unwrap_or_default()
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.structure.len().saturating_sub(self.at)
    }

    /// The end of the structure, on the boundary of four bytes where the next one starts.
    pub(super) fn skip_to_end(&mut self) {
        self.at = self.end.next_multiple_of(4).min(self.structure.len());
    }

    /// What stands at an offset; an offset or size of 0 means that nothing is there.
    pub(super) fn part(&mut self, offset: u32, size: u32) -> Result<Option<Part<'a>>, Problem> {
        if offset == 0 || size == 0 {
            return Ok(None);
        }
        let (offset, size) = (offset as usize, size as usize);
        let end = offset.checked_add(size).ok_or(Problem::Outside)?;
        let bytes = self.structure.get(offset..end).ok_or(Problem::Outside)?;
        let left = self.shared.budget.get().checked_sub(size).ok_or(Problem::Overlap)?;
        self.shared.budget.set(left);
        self.end = self.end.max(end);
        self.note_secret(offset, size);
        Ok(Some(Part { shared: self.shared, bytes, base: self.base.saturating_add(offset) }))
    }

    /// The structure at an offset. Modems are seen that give the last one a size beyond the end of the buffer; what
    /// is missing shows when its fields are read.
    pub(super) fn structure(&mut self, offset: u32, size: u32) -> Result<Option<Part<'a>>, Problem> {
        let left = self.structure.len().checked_sub(offset as usize).ok_or(Problem::Outside)?;
        self.part(offset, size.min(u32::try_from(left).unwrap_or(u32::MAX)))
    }

    /// All from the next field on, as a structure of its own.
    pub(super) fn here(&self) -> Part<'a> {
        let bytes = self.structure.get(self.at..).unwrap_or_default();
        Part { shared: self.shared, bytes, base: self.base.saturating_add(self.at) }
    }

    /// Goes on behind what `other`, a reader of [`Reader::here`], has read.
    pub(super) fn skip_past(&mut self, other: &Self) {
        self.at = self.at.saturating_add(other.at);
        self.end = self.end.max(self.at);
    }

    /// What `read` takes is secret.
    pub(super) fn secretly<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.shared.secret.replace(true);
        let result = read(self);
        self.shared.secret.set(before);
        result
    }

    /// What `read` takes says where something is, and is no secret whatever that is.
    pub(super) fn plainly<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.shared.secret.replace(false);
        let result = read(self);
        self.shared.secret.set(before);
        result
    }

    /// An offset or a size.
    pub(super) fn pointer(&mut self) -> Result<u32, Problem> {
        self.plainly(Self::u32)
    }

    fn note_secret(&self, at: usize, length: usize) {
        if self.shared.secret.get() && length > 0 {
            let start = self.base.saturating_add(at);
            self.shared.secrets.borrow_mut().push(start..start.saturating_add(length));
        }
    }
}

/// A part of the buffer that a field points to.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    shared: &'a Shared,
    pub(super) bytes: &'a [u8],
    base: usize,
}

impl<'a> Part<'a> {
    /// Reads the part as a structure.
    pub(super) const fn reader(self) -> Reader<'a> {
        Reader { shared: self.shared, structure: self.bytes, base: self.base, at: 0, end: 0, count: 0, choice: 0 }
    }
}
