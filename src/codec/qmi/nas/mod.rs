//! NAS: registration, networks, signal, cells. LTE-M and NB-IoT are LTE here: which of them, no message tells.

mod registration;
mod types;
mod values;

use super::body::{body, coding, explains, service};
use super::coding::{Counted, Octets};
pub use registration::{DomainRegistration, Registrations, Technology};
pub use types::*;
pub use values::*;

service! {
    NAS;
    0x0000 "Reset" {
        request Reset {}
        response ResetDone {}
    }
    0x0002 "Set Event Report" {
        request SetEventReport { 0x11 rf_band: bool, 0x12 reject_reason: bool }
        response EventReportSet {}
        indication EventReport { 0x10 strength: Strength, 0x11 rf_bands: Vec<RfBand> as Counted, 0x12 reject: RejectInfo }
    }
    0x0003 "Register Indications" {
        request RegisterIndications {
            0x10 system_selection_preference: bool,
            0x13 serving_system: bool,
            0x17 network_time: bool,
            0x18 system_info: bool,
            0x19 signal_info: bool,
            0x1A error_rate: bool,
            0x1E current_plmn_name: bool,
            0x1F embms_status: bool,
            0x20 rf_band_info: bool,
            0x21 network_reject: RejectReports,
        }
        response IndicationsRegistered {}
    }
    0x0020 "Get Signal Strength" {
        request GetSignalStrength { 0x10 request: SignalRequest }
        response SignalStrength {
            0x01 strength: Strength,
            0x10 strengths: Vec<Strength> as Counted<u16>,
            0x11 rssi: Vec<Rssi> as Counted<u16>,
            0x12 ecio: Vec<Ecio> as Counted<u16>,
            0x13 io: i32,
            0x14 sinr_level: u8,
            0x16 rsrq: Rsrq,
            /// 0.1 dB.
            0x17 lte_snr: i16,
            /// dBm.
            0x18 lte_rsrp: i16,
        }
    }
    // It takes minutes.
    0x0021 "Network Scan" {
        request NetworkScan { 0x10 network_type: ScanTypes }
        response ScannedNetworks {
            0x10 network_information: Vec<FoundNetwork> as Counted<u16>,
            0x11 radio_access_technology: Vec<FoundTechnology> as Counted<u16>,
            0x12 mnc_pcs_digit_include_status: Vec<MncDigits> as Counted<u16>,
            0x13 network_scan_result: ScanResult,
        }
    }
    0x0022 "Initiate Network Register" {
        request InitiateNetworkRegister {
            0x01 action: RegisterAction,
            0x10 network: ManualNetwork,
            0x11 change_duration: ChangeDuration,
            0x12 mnc_includes_pcs_digit: bool,
        }
        response NetworkRegisterInitiated {}
    }
    0x0023 "Attach Detach" {
        request AttachDetach { 0x10 action: AttachAction }
        response AttachDetachDone {}
    }
    // The same TLVs have other types in the response than in the indication, from 0x19 on.
    0x0024 "Get Serving System" {
        request GetServingSystem {}
        response ServingSystem {
            0x01 serving_system: ServingInfo,
            0x10 roaming_indicator: RoamingIndicator,
            0x11 data_service_capability: Vec<DataCapability> as Counted,
            0x12 current_plmn: NamedPlmn,
            0x15 roaming_indicators: Vec<InterfaceRoaming> as Counted,
            0x16 default_roaming_indicator: RoamingIndicator,
            /// Quarters of an hour.
            0x1A time_zone: i8,
            0x1B daylight_saving: u8,
            0x1C lac: u16,
            0x1D cid: u32,
            0x20 dtm_support: bool,
            0x21 detailed_service_status: DetailedService,
            0x24 lte_tac: u16,
            0x25 call_barring_status: CallBarring,
            0x26 primary_scrambling_code: u16,
            0x27 mnc_pcs_digit: MncDigits,
            0x28 hs_call_status: u8,
        }
        indication ServingSystemChanged {
            0x01 serving_system: ServingInfo,
            0x10 roaming_indicator: RoamingIndicator,
            0x11 data_service_capability: Vec<DataCapability> as Counted,
            0x12 current_plmn: NamedPlmn,
            0x15 roaming_indicators: Vec<InterfaceRoaming> as Counted,
            0x16 default_roaming_indicator: RoamingIndicator,
            /// Quarters of an hour.
            0x1A time_zone: i8,
            0x1B daylight_saving: u8,
            0x1D lac: u16,
            0x1E cid: u32,
            0x21 dtm_support: bool,
            0x22 detailed_service_status: DetailedService,
            0x25 lte_tac: u16,
            0x26 call_barring_status: CallBarring,
            0x27 plmn_not_changed: bool,
            0x28 primary_scrambling_code: u16,
            0x29 mnc_pcs_digit: MncDigits,
            0x2A hs_call_status: u8,
        }
    }
    0x0025 "Get Home Network" {
        request GetHomeNetwork {}
        response HomeNetwork { 0x01 home_network: NamedPlmn, 0x12 home_network_digits: HomeDigits }
    }
    0x0026 "Get Preferred Networks" {
        request GetPreferredNetworks {}
        response PreferredNetworks {
            0x10 preferred_networks: Vec<PreferredNetwork> as Counted<u16>,
            0x11 mnc_pcs_digits: Vec<MncDigits> as Counted<u16>,
            0x12 static_preferred_networks: Vec<PreferredNetwork> as Counted<u16>,
        }
    }
    0x0029 "Get Technology Preference" {
        request GetTechnologyPreference {}
        response TechnologyPreference { 0x01 active: [u8; 3], 0x10 persistent: u16 }
    }
    0x0031 "Get RF Band Information" {
        request GetRfBandInfo {}
        response RfBandInfo {
            0x01 bands: Vec<RfBand> as Counted,
            0x11 extended_bands: Vec<ExtendedRfBand> as Counted,
            0x12 bandwidths: Vec<Bandwidth> as Counted,
        }
    }
    // Setting and getting number the same preferences differently.
    0x0033 "Set System Selection Preference" {
        request SetSystemSelectionPreference {
            0x10 emergency_mode: bool,
            0x11 mode_preference: ModePreference,
            0x12 band_preference: u64,
            0x14 roaming_preference: RoamingPreference,
            /// Bit n is band n + 1.
            0x15 lte_band_preference: u64,
            0x16 network_selection: SelectionPreference,
            0x17 change_duration: ChangeDuration,
            0x18 service_domain: DomainPreference,
            0x19 gsm_wcdma_acquisition_order: u32,
            0x1A mnc_includes_pcs_digit: bool,
            0x1E acquisition_order: Vec<RadioInterface> as Counted,
            0x1F registration_restriction: u32,
            0x21 usage_preference: UsagePreference,
            0x23 voice_domain: u32,
            0x24 extended_lte_bands: BandMask<4>,
            0x2F nr5g_sa_bands: BandMask<8>,
            0x30 nr5g_nsa_bands: BandMask<8>,
        }
        response SystemSelectionPreferenceSet {}
    }
    0x0034 "Get System Selection Preference" {
        request GetSystemSelectionPreference {}
        response SystemSelectionPreference {
            0x10 emergency_mode: bool,
            0x11 mode_preference: ModePreference,
            0x12 band_preference: u64,
            0x14 roaming_preference: RoamingPreference,
            /// Bit n is band n + 1.
            0x15 lte_band_preference: u64,
            0x16 network_selection: NetworkSelection,
            0x18 service_domain: DomainPreference,
            0x19 gsm_wcdma_acquisition_order: u32,
            0x1B manual_network: MncDigits,
            0x1C acquisition_order: Vec<RadioInterface> as Counted,
            0x1D registration_restriction: u32,
            0x1F usage_preference: UsagePreference,
            0x20 voice_domain: u32,
            0x22 disabled_modes: ModePreference,
            0x23 extended_lte_bands: BandMask<4>,
            0x2C nr5g_sa_bands: BandMask<8>,
            0x2D nr5g_nsa_bands: BandMask<8>,
        }
    }
    0x0039 "Get Operator Name" {
        request GetOperatorName {}
        response OperatorName {
            0x10 service_provider_name: ProviderName,
            0x11 operator_plmn_list: Vec<OperatorPlmn> as Counted<u16>,
            0x12 operator_plmn_name: Vec<NetworkName> as Counted,
            0x13 operator_string_name: String,
            0x14 nitz_information: NetworkName,
        }
    }
    0x003A "Operator Name" {
        indication OperatorNameChanged {
            0x10 service_provider_name: ProviderName,
            0x11 operator_plmn_list: Vec<OperatorPlmn> as Counted<u16>,
            0x12 operator_plmn_name: Vec<NetworkName> as Counted,
            0x13 operator_string_name: String,
            0x14 nitz_information: NetworkName,
        }
    }
    0x0043 "Get Cell Location Info" {
        request GetCellLocationInfo {}
        response CellLocationInfo {
            0x10 geran_info: GeranCells,
            0x11 umts_info: UmtsCells,
            0x13 intrafrequency_lte_info: LteIntraFrequency,
            0x14 interfrequency_lte_info: LteInterFrequency,
            0x15 lte_info_neighboring_gsm: Octets,
            0x16 lte_info_neighboring_wcdma: Octets,
            0x17 umts_cell_id: u32,
            0x18 umts_info_neighboring_lte: Octets,
            /// Microseconds; 0xFFFFFFFF is none.
            0x1E lte_timing_advance: u32,
            /// The channel of the serving cell, where 16 bits do not hold it.
            0x27 lte_earfcn: u32,
            0x2E nr5g_arfcn: u32,
            0x2F nr5g_cell: NrCell,
        }
    }
    0x0044 "Get PLMN Name" {
        request GetPlmnName { 0x01 plmn: Plmn }
        response PlmnName { 0x10 names: PlmnNames }
    }
    0x004C "Network Time" {
        indication NetworkTimeChanged {
            0x01 time: UniversalTime,
            /// Quarters of an hour.
            0x10 zone: i8,
            0x11 daylight_saving: u8,
            0x12 radio_interface: RadioInterface,
        }
    }
    0x004D "Get System Info" {
        request GetSystemInfo {}
        response SystemInfo {
            0x12 gsm_service_status: ServiceInfo,
            0x13 wcdma_service_status: ServiceInfo,
            0x14 lte_service_status: ServiceInfo,
            0x17 gsm_system_info: GsmSystem,
            0x18 wcdma_system_info: WcdmaSystem,
            0x19 lte_system_info: LteSystem,
            0x21 lte_voice_support: bool,
            0x26 lte_embms_coverage: bool,
            0x27 sim_reject: SimReject,
            0x4A nr5g_service_status: ServiceInfo,
            0x4B nr5g_system_info: LteSystem,
            0x4E eutra_with_nr5g_availability: bool,
            0x50 nr5g_tac: [u8; 3],
        }
    }
    0x004E "System Info" {
        indication SystemInfoChanged {
            0x12 gsm_service_status: ServiceInfo,
            0x13 wcdma_service_status: ServiceInfo,
            0x14 lte_service_status: ServiceInfo,
            0x17 gsm_system_info: GsmSystem,
            0x18 wcdma_system_info: WcdmaSystem,
            0x19 lte_system_info: LteSystem,
        }
    }
    0x004F "Get Signal Info" {
        request GetSignalInfo {}
        response SignalInfo {
            /// dBm.
            0x12 gsm: i8,
            0x13 wcdma: WcdmaSignal,
            0x14 lte: LteSignal,
            0x17 nr5g: NrSignal,
            /// dB.
            0x18 nr5g_rsrq: i16,
        }
    }
    0x0051 "Signal Info" {
        indication SignalInfoChanged {
            /// dBm.
            0x12 gsm: i8,
            0x13 wcdma: WcdmaSignal,
            0x14 lte: LteSignal,
            0x17 nr5g: NrSignal,
            /// dB.
            0x18 nr5g_rsrq: i16,
        }
    }
    0x005A "Get Tx Rx Info" {
        request GetTxRxInfo { 0x01 radio_interface: RadioInterface }
        response TxRxInfo { 0x10 rx0: Receiver, 0x11 rx1: Receiver, 0x12 tx: Transmitter }
    }
    0x0067 "Force Network Search" {
        request ForceNetworkSearch {}
        response NetworkSearchForced {}
    }
    0x0068 "Network Reject" {
        indication NetworkReject {
            0x01 radio_interface: RadioInterface,
            0x02 domain: Domain,
            /// EMM (TS 24.301 §9.9.3.9), 5GMM or GMM.
            0x03 cause: u8,
            0x10 plmn: MncDigits,
        }
    }
    // Changes smaller than these are not told; units of 0.1 dB.
    0x006C "Config Signal Info v2" {
        request ConfigSignalInfo {
            0x22 lte_rssi_delta: u16,
            0x24 lte_snr_delta: u16,
            0x26 lte_rsrq_delta: u16,
            0x28 lte_rsrp_delta: u16,
            0x34 nr5g_snr_delta: u16,
            0x36 nr5g_rsrp_delta: u16,
            0x38 nr5g_rsrq_delta: u16,
        }
        response SignalInfoConfigured {}
    }
    0x007D "Get Network Time" {
        request GetNetworkTime {}
        response NetworkTime { 0x10 time_3gpp2: NetworkTimeInfo, 0x11 time_3gpp: NetworkTimeInfo }
    }
    0x0089 "Get DRX" {
        request GetDrx {}
        response Drx { 0x10 cycle: DrxCycle }
    }
    0x00AC "Get LTE Cphy CA Info" {
        request GetLteCarrierAggregation {}
        response LteCarrierAggregation {
            0x12 dl_bandwidth: u32,
            0x13 secondary: SecondaryCarrier,
            0x14 secondary_index: u8,
            0x15 primary: PrimaryCarrier,
        }
    }
}
