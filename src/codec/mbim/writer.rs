//! Writes the structures of an information buffer (MBIM 1.0 clause 10.3).

use super::version::Version;

/// One structure: its fields, then what they point to.
#[derive(Debug)]
pub struct Writer {
    version: Version,
    fields: Vec<u8>,
    data: Vec<u8>,
    /// Fields that hold an offset into the data.
    links: Vec<Link>,
    /// Where the last field stands that counts others.
    count_at: Option<usize>,
}

/// How a field points to its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    /// An offset, then a size.
    OffsetSize,
    /// A size, then an offset.
    SizeOffset,
    /// An offset; the size is told elsewhere.
    Offset,
}

#[derive(Debug)]
struct Link {
    field_at: usize,
    data_at: usize,
}

impl Writer {
    pub(super) const fn new(version: Version) -> Self {
        Self { version, fields: Vec::new(), data: Vec::new(), links: Vec::new(), count_at: None }
    }

    /// The layouts that hold.
    pub(super) const fn version(&self) -> Version {
        self.version
    }

    /// Bytes among the fields.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.fields.extend_from_slice(bytes);
    }

    pub(super) fn u32(&mut self, number: u32) {
        self.put(&number.to_le_bytes());
    }

    /// Zeros among the fields, up to the next boundary of four bytes.
    pub(super) fn pad(&mut self) {
        self.fields.resize(self.fields.len().next_multiple_of(4), 0);
    }

    /// A field that counts what follows; [`Writer::set_count`] fills it.
    pub(super) fn count(&mut self) {
        self.count_at = Some(self.fields.len());
        self.u32(0);
    }

    /// Fills the last field that counts.
    pub(super) fn set_count(&mut self, count: usize) {
        let count = u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes();
        if let Some(field) = self.count_at.and_then(|at| self.fields.get_mut(at..at.saturating_add(4))) {
            field.copy_from_slice(&count);
        }
    }

    /// A field that points to `bytes`; nothing to point to is all zeros.
    pub(super) fn point(&mut self, pointer: Pointer, bytes: &[u8]) {
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if pointer == Pointer::SizeOffset {
            self.u32(size);
        }
        if !bytes.is_empty() {
            self.links.push(Link { field_at: self.fields.len(), data_at: self.data.len() });
        }
        self.u32(0);
        if pointer == Pointer::OffsetSize {
            self.u32(size);
        }
        self.data.extend_from_slice(bytes);
        // Clause 10.3: data starts on a boundary of four bytes.
        self.data.resize(self.data.len().next_multiple_of(4), 0);
    }

    /// The structure's bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let start = if self.data.is_empty() { self.fields.len() } else { self.fields.len().next_multiple_of(4) };
        self.fields.resize(start, 0);
        for link in &self.links {
            let offset = u32::try_from(start.saturating_add(link.data_at)).unwrap_or(u32::MAX).to_le_bytes();
            if let Some(field) = self.fields.get_mut(link.field_at..link.field_at.saturating_add(4)) {
                field.copy_from_slice(&offset);
            }
        }
        self.fields.append(&mut self.data);
        self.fields
    }
}
