//! Values of NAS: enumerations, sets of bits, bands.

use crate::codec::qmi::body::{flags, values};
use crate::codec::qmi::{Malformed, Reader, Show, Shown, Wire, Writer};

values! {
    /// Whether the modem is registered.
    RegistrationState: u8 {
        NotRegistered = 0,
        Registered = 1,
        NotRegisteredSearching = 2,
        RegistrationDenied = 3,
        Unknown = 4,
    }

    /// Whether it is attached in a domain.
    AttachState: u8 {
        Unknown = 0,
        Attached = 1,
        Detached = 2,
    }

    /// Which kind of network serves it.
    NetworkType: u8 {
        Unknown = 0,
        #[doc = "CDMA."]
        ThreeGpp2 = 1,
        #[doc = "GSM, UMTS, LTE, NR."]
        ThreeGpp = 2,
    }

    /// A radio access technology. LTE-M and NB-IoT are LTE here.
    RadioInterface: u8 {
        None = 0,
        Cdma1x = 1,
        Cdma1xevdo = 2,
        Amps = 3,
        Gsm = 4,
        Umts = 5,
        Lte = 8,
        TdScdma = 9,
        #[doc = "5G."]
        Nr5g = 12,
        Unknown = 255,
    }

    /// Roaming, as serving system and its kin tell it: 0 is roaming.
    RoamingIndicator: u8 {
        On = 0,
        Off = 1,
        Blink = 2,
        PartnerNetwork = 3,
    }

    /// Roaming, as system info tells it: 0 is home.
    RoamingStatus: u8 {
        Off = 0,
        On = 1,
        Blink = 2,
    }

    /// Which data the network has.
    DataCapability: u8 {
        None = 0,
        Gprs = 1,
        Edge = 2,
        Hsdpa = 3,
        Hsupa = 4,
        Wcdma = 5,
        Cdma = 6,
        EvdoRev0 = 7,
        EvdoRevA = 8,
        Gsm = 9,
        EvdoRevB = 10,
        Lte = 11,
        HsdpaPlus = 12,
        DcHsdpaPlus = 13,
    }

    /// Which service there is.
    ServiceStatus: u8 {
        None = 0,
        Limited = 1,
        Available = 2,
        LimitedRegional = 3,
        PowerSave = 4,
    }

    /// Circuit or packet switched.
    Domain: u8 {
        None = 0,
        Cs = 1,
        Ps = 2,
        CsPs = 3,
        Unknown = 4,
    }

    /// Whether the card may be used.
    SimReject: u32 {
        Unavailable = 0,
        Available = 1,
        CsInvalid = 2,
        PsInvalid = 3,
        CsPsInvalid = 4,
    }

    /// What to do about the network.
    RegisterAction: u8 {
        Automatic = 1,
        Manual = 2,
    }

    /// Attach or detach.
    AttachAction: u8 {
        Attach = 1,
        Detach = 2,
    }

    /// How the network is chosen.
    NetworkSelection: u8 {
        Automatic = 0,
        Manual = 1,
    }

    /// How long a change holds.
    ChangeDuration: u8 {
        PowerCycle = 0,
        Permanent = 1,
    }

    /// Where roaming is allowed.
    RoamingPreference: u16 {
        Off = 1,
        NotOff = 2,
        NotFlashing = 3,
        Any = 255,
    }

    /// Which domains to use.
    DomainPreference: u32 {
        CsOnly = 0,
        PsOnly = 1,
        CsPs = 2,
        PsAttach = 3,
        PsDetach = 4,
    }

    /// What the modem is for (TS 24.301 §4.3).
    UsagePreference: u32 {
        Unknown = 0,
        VoiceCentric = 1,
        DataCentric = 2,
    }

    /// How a scan went.
    ScanResult: u32 {
        Success = 0,
        Abort = 1,
        RadioLinkFailure = 2,
    }

    /// How a name of the network is encoded (TS 24.008 §10.5.3.5a).
    NameEncoding: u8 {
        Gsm = 0,
        Ucs2le = 1,
    }

    /// How the description of a network is encoded (3GPP2 C.R1001 table 9.1-1).
    DescriptionEncoding: u8 {
        Unspecified = 0x00,
        Ascii7 = 0x02,
        Ucs2le = 0x04,
        Gsm = 0x09,
    }

    /// The paging cycle of the cell (TS 36.304 §7.1), radio frames.
    DrxCycle: u32 {
        Unknown = 0,
        Cn6T32 = 6,
        Cn7T64 = 7,
        Cn8T128 = 8,
        Cn9T256 = 9,
    }

    /// State of a secondary carrier.
    CarrierState: u32 {
        Deconfigured = 0,
        Deactivated = 1,
        Activated = 2,
    }
}

flags! {
    /// Technologies that may be used.
    ModePreference: u16 {
        CDMA_1X = 0,
        CDMA_1XEVDO = 1,
        GSM = 2,
        UMTS = 3,
        LTE = 4,
        TD_SCDMA = 5,
        #[doc = "5G."]
        NR5G = 6,
    }

    /// Technologies to scan.
    ScanTypes: u8 {
        GSM = 0,
        UMTS = 1,
        LTE = 2,
        TD_SCDMA = 3,
        #[doc = "5G."]
        NR5G = 4,
    }

    /// What is known of a network that was found.
    NetworkStatus: u8 {
        CURRENT_SERVING = 0,
        AVAILABLE = 1,
        HOME = 2,
        ROAMING = 3,
        FORBIDDEN = 4,
        NOT_FORBIDDEN = 5,
        PREFERRED = 6,
        NOT_PREFERRED = 7,
    }

    /// Which kinds of signal strength to tell.
    SignalRequest: u16 {
        RSSI = 0,
        ECIO = 1,
        IO = 2,
        SINR = 3,
        ERROR_RATE = 4,
        RSRQ = 5,
        LTE_SNR = 6,
        LTE_RSRP = 7,
    }
}

/// Bands, bit n of word m being band 64 m + n + 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BandMask<const N: usize>(pub [u64; N]);

impl<const N: usize> BandMask<N> {
    /// The bands of the mask, in order.
    pub fn bands(&self) -> impl Iterator<Item = u16> {
        let bits = (1..).zip(self.0.iter().flat_map(|word| (0..64).map(move |bit| word >> bit & 1 == 1)));
        bits.filter(|(_, set)| *set).map(|(band, _)| band)
    }
}

impl<const N: usize> Default for BandMask<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> FromIterator<u16> for BandMask<N> {
    /// Bands beyond the mask are left out.
    fn from_iter<I: IntoIterator<Item = u16>>(bands: I) -> Self {
        let mut mask = Self::default();
        for band in bands {
            let bit = usize::from(band.saturating_sub(1));
            if let Some(word) = mask.0.get_mut(bit / 64).filter(|_| band > 0) {
                *word |= 1 << (bit % 64);
            }
        }
        mask
    }
}

impl<const N: usize> Wire for BandMask<N> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut mask = Self::default();
        for word in &mut mask.0 {
            *word = u64::read(from)?;
        }
        Ok(mask)
    }

    fn write(&self, to: &mut Writer) {
        self.0.iter().for_each(|word| word.write(to));
    }
}

impl<const N: usize> Show for BandMask<N> {
    fn show(&self) -> Shown {
        Shown::List(self.bands().map(|band| band.show()).collect())
    }
}

/// The band class that stands for a band, where lpwa knows it. LTE bands are 1 to 25 and 33 to 43 there.
pub fn band_class(interface: RadioInterface, band: u16) -> Option<u16> {
    match (interface, band) {
        (RadioInterface::Lte, 1..=14) => Some(119 + band),
        (RadioInterface::Lte, 17) => Some(134),
        (RadioInterface::Lte, 33..=40) => Some(102 + band),
        (RadioInterface::Lte, 18..=21) => Some(125 + band),
        (RadioInterface::Lte, 24 | 25) => Some(123 + band),
        (RadioInterface::Lte, 41..=43) => Some(108 + band),
        _ => None,
    }
}
