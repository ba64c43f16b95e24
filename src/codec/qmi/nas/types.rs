//! Values and structures of NAS.

use crate::codec::qmi::body::{coding, flags, records, values};
use crate::codec::qmi::coding::{Counted, Fixed, Octets, Prefixed, Valid};
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

records! {
    /// Registration, attachment and what serves.
    ServingInfo {
        registration_state: RegistrationState,
        cs_attach_state: AttachState,
        ps_attach_state: AttachState,
        selected_network: NetworkType,
        radio_interfaces: Vec<RadioInterface> as Counted,
    }

    /// A network with its name.
    NamedPlmn {
        mcc: u16,
        mnc: u16,
        description: String as Prefixed,
    }

    /// A network by its numbers.
    Plmn {
        mcc: u16,
        mnc: u16,
    }

    /// Whether the MNC of a network has three digits.
    MncDigits {
        mcc: u16,
        mnc: u16,
        includes_pcs_digit: bool,
    }

    /// Roaming on one technology.
    InterfaceRoaming {
        radio_interface: RadioInterface,
        roaming: RoamingIndicator,
    }

    /// Service in detail.
    DetailedService {
        status: ServiceStatus,
        capability: Domain,
        hdr_status: ServiceStatus,
        hdr_hybrid: bool,
        forbidden: bool,
    }

    /// Which calls the network bars.
    CallBarring {
        cs: i32,
        ps: i32,
    }

    /// A network that was found.
    FoundNetwork {
        mcc: u16,
        mnc: u16,
        network_status: NetworkStatus,
        description: String as Prefixed,
    }

    /// The technology of a network that was found.
    FoundTechnology {
        mcc: u16,
        mnc: u16,
        radio_interface: RadioInterface,
    }

    /// A network to register on.
    ManualNetwork {
        mcc: u16,
        mnc: u16,
        radio_interface: RadioInterface,
    }

    /// A network that the user prefers.
    PreferredNetwork {
        mcc: u16,
        mnc: u16,
        #[doc = "As in EF PLMNwAcT (TS 31.102 §4.2.5)."]
        technology: u16,
    }

    /// How a network is chosen, and which.
    SelectionPreference {
        mode: NetworkSelection,
        mcc: u16,
        mnc: u16,
    }

    /// Strength on one technology, dBm.
    Strength {
        strength: i8,
        radio_interface: RadioInterface,
    }

    /// RSSI on one technology, -dBm.
    Rssi {
        rssi: u8,
        radio_interface: RadioInterface,
    }

    /// Ec/Io on one technology, -0.5 dB.
    Ecio {
        ecio: u8,
        radio_interface: RadioInterface,
    }

    /// RSRQ on one technology, dB.
    Rsrq {
        rsrq: i8,
        radio_interface: RadioInterface,
    }

    /// Signal of UMTS: dBm, and -0.5 dB.
    WcdmaSignal {
        rssi: i8,
        ecio: i16,
    }

    /// Signal of LTE, LTE-M and NB-IoT: dBm, dB, dBm, 0.1 dB.
    LteSignal {
        rssi: i8,
        rsrq: i8,
        rsrp: i16,
        snr: i16,
    }

    /// Signal of NR: dBm, 0.1 dB; -32768 is none.
    NrSignal {
        rsrp: i16,
        snr: i16,
    }

    /// A band in use: class, channel.
    RfBand {
        radio_interface: RadioInterface,
        band_class: u16,
        channel: u16,
    }

    /// The same with a channel number that fits.
    ExtendedRfBand {
        radio_interface: RadioInterface,
        band_class: u16,
        channel: u32,
    }

    /// Bandwidth on one technology.
    Bandwidth {
        radio_interface: RadioInterface,
        bandwidth: u32,
    }

    /// Service on one technology.
    ServiceInfo {
        status: ServiceStatus,
        true_status: ServiceStatus,
        preferred_data_path: bool,
    }

    /// A refusal: domain and cause (EMM, 5GMM or GMM).
    RejectInfo {
        domain: Domain,
        cause: u8,
    }

    /// MCC and MNC as digits.
    NetworkId {
        mcc: String as Fixed<3>,
        mnc: String as Fixed<3>,
    }

    /// What serves on one technology.
    SystemIdentity {
        domain: Option<Domain> as Valid,
        service_capability: Option<Domain> as Valid,
        roaming_status: Option<RoamingStatus> as Valid,
        forbidden: Option<bool> as Valid,
        lac: Option<u16> as Valid,
        cid: Option<u32> as Valid,
        registration_reject: Option<RejectInfo> as Valid,
        network_id: Option<NetworkId> as Valid,
    }

    /// What serves on GSM.
    GsmSystem {
        system: SystemIdentity,
        egprs_support: Option<bool> as Valid,
        dtm_support: Option<bool> as Valid,
    }

    /// What serves on UMTS.
    WcdmaSystem {
        system: SystemIdentity,
        hs_call_status: Option<u8> as Valid,
        hs_service: Option<u8> as Valid,
        primary_scrambling_code: Option<u16> as Valid,
    }

    /// What serves on LTE or NR.
    LteSystem {
        system: SystemIdentity,
        tac: Option<u16> as Valid,
    }

    /// An operator's name list entry (EF OPL).
    OperatorPlmn {
        mcc: String as Fixed<3>,
        mnc: String as Fixed<3>,
        lac1: u16,
        lac2: u16,
        name_record: u8,
    }

    /// A network name in two lengths (TS 24.008 §10.5.3.5a).
    NetworkName {
        encoding: NameEncoding,
        country_initials: u8,
        long_spare_bits: u8,
        short_spare_bits: u8,
        long: Octets as Prefixed,
        short: Octets as Prefixed,
    }

    /// The name of the provider (EF SPN).
    ProviderName {
        display_condition: u8,
        name: String as Prefixed,
    }

    /// The names of a network, each with its encoding.
    PlmnNames {
        provider_encoding: NameEncoding,
        provider: Octets as Prefixed,
        short_encoding: NameEncoding,
        short_country_initials: u8,
        short_spare_bits: u8,
        short: Octets as Prefixed,
        long_encoding: NameEncoding,
        long_country_initials: u8,
        long_spare_bits: u8,
        long: Octets as Prefixed,
    }

    /// The time of day.
    UniversalTime {
        year: u16,
        month: u8,
        day: u8,
        hour: u8,
        minute: u8,
        second: u8,
        day_of_week: u8,
    }

    /// The time that the network sent (TS 24.008 §10.5.3.8); the zone in quarters of an hour.
    NetworkTimeInfo {
        time: UniversalTime,
        zone: i8,
        daylight_saving: u8,
        radio_interface: RadioInterface,
    }

    /// A neighbour on GSM.
    GsmNeighbour {
        cell_id: u32,
        plmn: [u8; 3],
        lac: u16,
        arfcn: u16,
        bsic: u8,
        rx_level: u16,
    }

    /// The serving cell on GSM, and its neighbours.
    GeranCells {
        cell_id: u32,
        plmn: [u8; 3],
        lac: u16,
        arfcn: u16,
        bsic: u8,
        timing_advance: u32,
        rx_level: u16,
        cells: Vec<GsmNeighbour> as Counted,
    }

    /// A cell on UMTS.
    UmtsNeighbour {
        uarfcn: u16,
        primary_scrambling_code: u16,
        rscp: i16,
        ecio: i16,
    }

    /// A GSM cell beside one of UMTS.
    UmtsGsmNeighbour {
        arfcn: u16,
        ncc: u8,
        bcc: u8,
        rssi: i16,
    }

    /// The serving cell on UMTS, and its neighbours.
    UmtsCells {
        cell_id: u16,
        plmn: [u8; 3],
        lac: u16,
        uarfcn: u16,
        primary_scrambling_code: u16,
        rscp: i16,
        ecio: i16,
        cells: Vec<UmtsNeighbour> as Counted,
        gsm_cells: Vec<UmtsGsmNeighbour> as Counted,
    }

    /// A cell on LTE; levels in 0.1 dB and 0.1 dBm.
    LteCell {
        pci: u16,
        rsrq: i16,
        rsrp: i16,
        rssi: i16,
        srxlev: i16,
    }

    /// The serving cell on LTE, and the cells on its frequency.
    LteIntraFrequency {
        idle: bool,
        plmn: [u8; 3],
        tac: u16,
        global_cell_id: u32,
        earfcn: u16,
        serving_pci: u16,
        reselection_priority: u8,
        s_non_intra_search: u8,
        serving_low_threshold: u8,
        s_intra_search: u8,
        cells: Vec<LteCell> as Counted,
    }

    /// Another frequency.
    LteFrequency {
        earfcn: u16,
        low_threshold: u8,
        high_threshold: u8,
        reselection_priority: u8,
        cells: Vec<LteCell> as Counted,
    }

    /// Cells on other frequencies.
    LteInterFrequency {
        idle: bool,
        frequencies: Vec<LteFrequency> as Counted,
    }

    /// The serving cell on NR; levels in 0.1 dB and 0.1 dBm.
    NrCell {
        plmn: [u8; 3],
        tac: [u8; 3],
        global_cell_id: u64,
        pci: u16,
        rsrq: i16,
        rsrp: i16,
        snr: i16,
    }

    /// Refusals to tell of, and whether system info is then left out.
    RejectReports {
        reject: bool,
        suppress_system_info: bool,
    }

    /// The primary carrier: class of bandwidth, band class.
    PrimaryCarrier {
        pci: u16,
        channel: u16,
        bandwidth: u32,
        band_class: u16,
    }

    /// A secondary carrier.
    SecondaryCarrier {
        pci: u16,
        channel: u16,
        bandwidth: u32,
        band_class: u16,
        state: CarrierState,
    }

    /// One receiver; levels in 0.1 dB and 0.1 dBm, the phase in 0.01 degrees.
    Receiver {
        tuned: bool,
        power: i32,
        ecio: i32,
        rscp: i32,
        rsrp: i32,
        phase: u32,
    }

    /// The transmitter; 0.1 dBm.
    Transmitter {
        in_traffic: bool,
        power: i32,
    }
}

records! {
    /// How the home network's MNC is written.
    HomeDigits {
        is_3gpp: bool,
        mnc_includes_pcs_digit: bool,
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
