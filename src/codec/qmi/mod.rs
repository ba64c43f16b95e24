//! QMI, the binary control protocol of Qualcomm modems: QMUX frames, messages, the TLVs of eleven services.
//!
//! [`FrameReader`] makes frames of a stream, [`Message`] makes messages of frames and back. Each message of a service is
//! a declaration: `nas::GetServingSystem` is a request, its [`Request::Response`] is `nas::ServingSystem`, and
//! the same types are read by a host and written by a modem, or the other way round:
//!
//! ```
//! use lpwa::codec::qmi::{Message, nas};
//!
//! let request = Message::new(7, 1, &nas::GetServingSystem::default());
//! assert_eq!(request.encode().unwrap(), [1, 12, 0, 0, 3, 7, 0, 1, 0, 0x24, 0, 0, 0]);
//! ```
//!
//! A TLV that no field is known for, or that its field cannot read, is kept in `others`: it is never an error.
//! Nothing here has a clock: transactions, time-outs and clients belong to the caller.

mod body;
mod coding;
mod error;
pub mod explain;
mod frame;
mod message;
mod service;
mod shown;
mod tlv;

pub mod ctl;
pub mod dms;
pub mod dpm;
pub mod loc;
pub mod name;
pub mod nas;
pub mod pdc;
pub mod ssc;
pub mod uim;
pub mod wda;
pub mod wds;
pub mod wms;

pub use body::{Body, Request};
pub use coding::{Coding, Counted, Fixed, Octets, Plain, Prefixed, Secret, Trailing, Valid, Wire};
pub use error::{QmiError, TLV_RESULT};
pub use frame::{FRAME_MAX, FrameReader, Framed};
pub use message::{Kind, MARKER, Message, NoMessage, TooLong, Unexpected};
pub use service::Service;
pub use shown::{Show, Shown};
pub use tlv::{Malformed, Reader, Tlv, Writer};
