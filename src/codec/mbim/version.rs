//! Which layouts hold: MBIM 1.0, or the extensions that Microsoft's version exchange agrees on.

/// The extensions in use (MBIMEx). Every one includes those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// MBIM 1.0.
    #[default]
    V1,
    /// MBIMEx 2.0: 5G, RSRP and SNR.
    V2,
    /// MBIMEx 3.0: fields as TLVs, slices, MICO.
    V3,
}

impl Version {
    /// All of them, the first before the others.
    pub const ALL: [Self; 3] = [Self::V1, Self::V2, Self::V3];

    /// From the number of the version exchange, such as 0x0200. A later version has the layouts of 3.0 and more.
    pub const fn from_number(number: u16) -> Self {
        match number >> 8 {
            0 | 1 => Self::V1,
            2 => Self::V2,
            _ => Self::V3,
        }
    }

    /// The number in the version exchange.
    pub const fn number(self) -> u16 {
        match self {
            Self::V1 => 0x0100,
            Self::V2 => 0x0200,
            Self::V3 => 0x0300,
        }
    }
}
