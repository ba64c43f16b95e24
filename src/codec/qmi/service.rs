//! The services of a modem.

use std::fmt;

/// A service, by its number: one octet in a QMUX frame, two where a QRTR name service knows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Service(pub u16);

macro_rules! services {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        impl Service {
            $($(#[$doc])* pub const $name: Self = Self($number);)*

            /// Its short name; `None`: it is none that lpwa knows of.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some(stringify!($name)),)*
                    _ => None,
                }
            }

            /// The service with this short name, in capitals or not.
            pub fn by_name(name: &str) -> Option<Self> {
                [$(Self::$name),*].into_iter().find(|service| service.name().is_some_and(|n| n.eq_ignore_ascii_case(name)))
            }
        }
    };
}

services! {
    /// Control: clients of the other services.
    CTL = 0x00;
    /// Wireless data: calls, profiles, settings.
    WDS = 0x01;
    /// Device management: identity, operating mode.
    DMS = 0x02;
    /// Network access: registration, signal, cells.
    NAS = 0x03;
    /// Quality of service.
    QOS = 0x04;
    /// Wireless messaging: SMS.
    WMS = 0x05;
    /// Position determination, older than LOC.
    PDS = 0x06;
    /// Authentication.
    AUTH = 0x07;
    /// AT commands.
    AT = 0x08;
    /// Voice and USSD.
    VOICE = 0x09;
    /// SIM toolkit.
    CAT2 = 0x0A;
    /// The SIM card.
    UIM = 0x0B;
    /// Phone book.
    PBM = 0x0C;
    /// Location.
    LOC = 0x10;
    /// Specific absorption rate.
    SAR = 0x11;
    /// IMS settings.
    IMS = 0x12;
    /// Data administration.
    WDA = 0x1A;
    /// IMS presence.
    IMSP = 0x1F;
    /// IMS application.
    IMSA = 0x21;
    /// Persistent device configuration.
    PDC = 0x24;
    /// Data system determination.
    DSD = 0x2A;
    /// Subsystem control.
    SSCTL = 0x2B;
    /// Data port mapper.
    DPM = 0x2F;
    /// SIM toolkit, the older one.
    CAT = 0xE0;
    /// Remote management.
    RMS = 0xE1;
    /// Open Mobile Alliance device management.
    OMA = 0xE2;
    /// Foxconn's own.
    FOX = 0xE3;
    /// Telit's own.
    GMS = 0xE7;
    /// Telit's general application service.
    GAS = 0xE8;
    /// AT commands of Quectel.
    ATR = 0xED;
    /// Snapdragon sensor core.
    SSC = 0x190;
    /// IMS data connection manager.
    IMSDCM = 0x302;
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "service {:#04x}", self.0),
        }
    }
}
