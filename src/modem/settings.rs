//! What the configuration wants of one modem.

use super::handle::PowerRequest;
use crate::private::Private;
use crate::spec::apn::{Apn, PdpType};
use crate::spec::rat::Rat;

/// What is wanted of a modem. What is not set is left as the modem has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// The id that lasts.
    pub id: String,
    /// The model file, where the configuration names it; otherwise the modem is asked.
    pub model: Option<String>,
    /// APN; `None` leaves the context as the modem has it.
    pub apn: Option<Apn>,
    /// Type of the connection.
    pub pdp_type: PdpType,
    /// User name and password of the APN.
    pub credentials: Option<(String, Private<String>)>,
    /// Technologies, the preferred first; empty leaves the modem's choice.
    pub rats: Vec<Rat>,
    /// Bands; empty leaves the modem's choice.
    pub bands: Vec<u16>,
    /// Whether a data context is brought up without being asked.
    pub autoconnect: bool,
    /// PIN.
    pub pin: Option<Private<String>>,
    /// Power saving.
    pub power: PowerRequest,
    /// Whether the network is told that no more data is expected when nobody holds the modem awake any more.
    pub release: bool,
}
