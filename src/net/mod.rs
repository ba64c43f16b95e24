//! The data plane: what the kernel, the resolver and pppd are told so that packets take the way of a bearer.
//!
//! [`plan`] says what a link needs, as values; [`netlink`] makes it so and undoes it; [`links`] is what the rest of the
//! house talks to.

pub mod dhcp;
pub mod dns;
pub mod error;
pub mod hook;
pub mod leftovers;
pub mod links;
mod mark;
pub mod netlink;
pub mod path;
pub mod plan;
pub mod ppp;
mod qmimux;
mod router;
pub mod share;
mod usb;

pub use error::NetError;
pub use links::Links;
