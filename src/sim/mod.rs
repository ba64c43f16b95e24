//! The simulator: AT modems that obey a model file, in a simulated network, with faults on demand and a meter.
//!
//! [`SimModem`] is bytes in, bytes out, with time as a parameter; [`Scenario`] is how a file describes one, together
//! with its card, its network and what goes wrong; [`Simulated`] puts it on a line: in process, a pty, a socket. Two
//! runs with the same seed and the same host give the same bytes.
//!
//! It is a modem to try a driver on, not a source of truth: what tests expect comes from the standards and from logs
//! of real modems. `docs/simulator.md` has the keys of a scenario, and what is simulated and what is not.

mod agenda;
mod at;
mod back_off;
mod card;
pub mod carrier;
mod energy;
mod event;
mod facts;
mod fault;
mod inbox;
mod job;
mod mbim;
mod meter;
mod modem;
mod network;
mod notice;
mod path;
mod power;
mod profile;
mod qmi;
mod radio;
mod random;
mod saving;
pub mod scenario;
pub mod serve;
mod settings;
mod slots;
mod text;
mod wire;

pub use card::{Card, CardState};
pub use carrier::{Carrier, CarrierSettings};
pub use event::Event;
pub use fault::{Fault, FaultKind};
pub use inbox::Message;
pub use mbim::{MbimLink, MbimPort};
pub use meter::{Meter, PinAttempt};
pub use modem::SimModem;
pub use network::{Cell, Network, Reject};
pub use path::{Direction, Path};
pub use profile::{CeregShape, ModemProfile};
pub use qmi::{QmiLink, QmiPort};
pub use saving::{EdrxPolicy, PsmPolicy};
pub use scenario::{Scenario, ScenarioError};
pub use serve::{Place, Simulated, Speech};
