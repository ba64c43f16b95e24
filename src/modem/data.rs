//! What becomes of a bearer beyond the modem: the data plane as the actor sees it.
//!
//! The modem's side only says that a bearer is up or no longer; interfaces, routes and pppd are the other side's.

use futures_util::future::BoxFuture;

use super::channel::Lease;
use crate::state::Bearer;

/// Bearers of a modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All there are.
    All,
    /// Those of these contexts.
    These(Vec<u8>),
}

/// How packets of a bearer leave the modem.
pub enum Way {
    /// By an interface of its own, or by a line that is dialled for it.
    Own,
    /// By the line that was dialled already, for PPP.
    Line(Lease),
    /// Together with other bearers by one interface of the modem.
    Shared {
        /// The interface, where it is known beside the control device.
        interface: Option<String>,
        /// What tells this bearer's packets from those of others.
        share: Share,
    },
}

/// What tells packets of one bearer from those of others that pass the same interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Share {
    /// The mux id of a QMAP header.
    Qmap {
        /// 1 to 254.
        mux_id: u8,
        /// The longest transfer that the modem sends, octets.
        transfer: u16,
    },
    /// The MBIM session, other than the first.
    Session(u8),
}

/// The machine's side of bearers of one modem.
pub trait DataPath: Send + Sync {
    /// Takes `bearer` into use. What comes back is the bearer as the machine has it: its interface, and addresses that
    /// only the machine was told. The error is a sentence.
    fn up(&self, bearer: Bearer, way: Way) -> BoxFuture<'_, Result<Bearer, String>>;

    /// Leaves the bearers of these contexts, or all of them.
    fn down(&self, which: Which) -> BoxFuture<'_, ()>;

    /// Resolves when a bearer that was up went down on this side: its context, and why.
    fn ended(&self) -> BoxFuture<'_, (u8, String)>;
}

/// Nobody uses the bearers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unused;

impl DataPath for Unused {
    fn up(&self, bearer: Bearer, _: Way) -> BoxFuture<'_, Result<Bearer, String>> {
        Box::pin(async move { Ok(bearer) })
    }

    fn down(&self, _: Which) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn ended(&self) -> BoxFuture<'_, (u8, String)> {
        Box::pin(std::future::pending())
    }
}
