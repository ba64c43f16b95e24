//! Structures of NAS.

use super::values::*;
use crate::codec::qmi::body::{coding, records};
use crate::codec::qmi::coding::{Counted, Fixed, Octets, Prefixed, Valid};
use crate::codec::qmi::name::Untold;

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
        description: String as Prefixed<u8, Untold>,
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
        description: String as Prefixed<u8, Untold>,
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

    /// How the home network's MNC is written.
    HomeDigits {
        is_3gpp: bool,
        mnc_includes_pcs_digit: bool,
    }
}
