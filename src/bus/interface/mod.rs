//! The D-Bus interfaces, one file each: thin, with a handle and no state of their own.
//!
//! Every method takes `&self`: zbus holds an interface's lock for as long as a call lasts, and a scan lasts minutes.

mod bearer;
mod diagnostics;
mod manager;
mod modem;
mod network;
mod power;
mod queue;
mod sim;
mod uplink;

use zbus::object_server::Interface;

use super::subject::Subject;

pub use bearer::Bearer1;
pub use diagnostics::Diagnostics1;
pub use manager::Manager1;
pub use modem::Modem1;
pub use network::Network1;
pub use power::Power1;
pub use queue::Queue1;
pub use sim::Sim1;
pub use uplink::Uplink1;

/// An interface of the object of a modem.
pub trait Part: Interface {
    /// The interface of this modem.
    fn of(subject: Subject) -> Self;
}

macro_rules! parts {
    ($($part:ident),*) => {
        $(impl Part for $part {
            fn of(subject: Subject) -> Self {
                Self(subject)
            }
        })*
    };
}

parts!(Modem1, Network1, Power1, Queue1, Sim1, Diagnostics1);
