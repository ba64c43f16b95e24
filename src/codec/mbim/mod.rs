//! MBIM: the USB forum's Mobile Broadband Interface Model 1.0 (errata 1), with Microsoft's extensions up to 3.0.
//!
//! [`Frame`] is one message as it crosses the port; [`Reassembler`] makes it of fragments, [`Frame::fragments`] cuts it
//! into some. What a message carries is an information buffer: [`decode`] reads it into one of the structures of
//! [`message`], [`encode`] writes one, and [`Cid::explain`] shows any as names and values. All of it goes in both
//! directions: a client writes commands and reads answers, a modem the reverse.
//!
//! ```
//! use lpwa::codec::mbim::message::basic_connect::{REGISTER_STATE, RegisterStateInfo, SetRegisterState};
//! use lpwa::codec::mbim::{Body, Frame, Service, Version, decode, encode};
//!
//! let register = SetRegisterState { provider_id: "00101".into(), ..SetRegisterState::default() };
//! let body = Body::set(Service::BasicConnect, &REGISTER_STATE, encode(&register, Version::V1));
//! let frame = Frame { transaction: 7, body };
//! assert_eq!(Frame::parse(&frame.encode()), Ok(frame.clone()));
//! # let Body::Command { buffer, .. } = frame.body else { unreachable!() };
//! # assert_eq!(decode::<SetRegisterState>(&buffer, Version::V1), Ok(register));
//! # let _: Option<RegisterStateInfo> = None;
//! ```

#[macro_use]
mod table;

pub mod address;
pub mod bytes;
pub mod conditional;
pub mod context;
pub mod fragment;
pub mod frame;
pub mod list;
pub mod message;
mod reader;
pub mod service;
pub mod status;
pub mod tlv;
pub mod uuid;
pub mod value;
mod version;
mod wire;
mod writer;

pub use fragment::{FrameError, Reassembler, Splitter};
pub use frame::{Body, Frame};
pub use message::{Cid, Explained, Kind, decode, encode};
pub use reader::{Malformed, Problem};
pub use service::Service;
pub use status::{FrameFault, Status};
pub use table::Record;
pub use uuid::Uuid;
pub use value::Value;
pub use version::Version;
pub use wire::{Unsuitable, Wire};

#[cfg(test)]
mod tests;
