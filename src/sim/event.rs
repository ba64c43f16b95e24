//! What may happen to the modem, or around it, while a scenario runs.

use super::inbox::Message;
use super::network::Reject;
use super::path::Path;

/// Something that happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Cells can be heard, or no longer.
    Coverage(bool),
    /// The serving cell is heard at this RSRP, dBm; the other scales follow it.
    Rsrp(f32),
    /// The network takes a context down.
    ContextLost(u8),
    /// The network detaches the modem.
    Detach,
    /// From now on the network refuses registrations, or no longer does.
    Reject(Option<Reject>),
    /// Data arrive for the modem: the RRC connection comes up.
    Traffic,
    /// From now on packets fare like this.
    Path(Path),
    /// The card is taken out, or put in.
    Card(bool),
    /// The wake line: power key or DTR.
    Wake,
    /// The modem crashes and starts anew.
    Reboot,
    /// A notice, as it is.
    Notice(String),
    /// A short message arrives.
    Message(Message),
}
