//! A command, and the answer to it.

use std::time::Duration;

use crate::codec::mbim::{Record, Service, Status, Uuid, Version, decode, encode};

use super::MbimLink;

/// A command of a host.
pub(super) struct Ask {
    pub(super) link: MbimLink,
    pub(super) transaction: u32,
    pub(super) service: Uuid,
    pub(super) cid: u32,
    pub(super) set: bool,
    pub(super) buffer: Vec<u8>,
    /// The extensions that hold on the link.
    pub(super) version: Version,
}

impl Ask {
    /// What it asks for.
    pub(super) fn read<T: Record + Default>(&self) -> Result<T, Status> {
        decode(&self.buffer, self.version).map_err(|_| Status::InvalidParameters)
    }

    /// An answer.
    pub(super) fn answer<T: Record>(&self, record: &T) -> Result<Answer, Status> {
        Ok(Answer { status: Status::SUCCESS, buffer: encode(record, self.version), takes: Duration::ZERO })
    }

    /// What it is, for the account.
    pub(super) fn name(&self) -> String {
        let service = Service::of(self.service);
        let cid = service.and_then(|service| service.cid(self.cid));
        let service = service.map_or_else(|| self.service.to_string(), |service| service.name().to_owned());
        let cid = cid.map_or_else(|| self.cid.to_string(), |cid| cid.name.to_owned());
        format!("{service} {cid} {}", if self.set { "set" } else { "query" })
    }
}

/// The answer to a command, and how long it takes.
pub(super) struct Answer {
    pub(super) status: Status,
    pub(super) buffer: Vec<u8>,
    pub(super) takes: Duration,
}

impl Answer {
    /// All went well, and there is nothing to say.
    pub(super) fn done() -> Self {
        Self::refused(Status::SUCCESS)
    }

    pub(super) const fn refused(status: Status) -> Self {
        Self { status, buffer: Vec::new(), takes: Duration::ZERO }
    }

    pub(super) const fn taking(mut self, takes: Duration) -> Self {
        self.takes = takes;
        self
    }

    pub(super) const fn with(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}
