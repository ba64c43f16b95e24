//! AT commands and answers (ITU-T V.250, TS 27.007, TS 27.005).
//!
//! [`CommandLine`] is what goes out, [`Digester`] turns what comes in into notices, answers and prompts. No clock:
//! the caller owns every time-out.

pub mod address;
pub mod answer;
pub mod charset;
mod collect;
pub mod command;
pub mod cursor;
pub mod digest;
mod error_table;
pub mod frame;
pub mod result;

pub use command::{CommandLine, InvalidCommand, InvalidText, Quoted, fill, quoted};
pub use cursor::{Cursor, Field};
pub use digest::{Digest, Digester, Response};
pub use frame::Pending;
pub use result::{AtError, CmeError, CmsError, FinalResult};
