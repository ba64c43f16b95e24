//! Extensions of Basic Connect (Microsoft, MBIMEx 1.0 to 3.0).

use super::super::bytes::FollowingBytes;
use super::super::conditional::Since;
use super::super::list::{Count, Pointed};
use super::super::tlv::{Tlv, TlvNumbers, TlvText, Tlvs};
use super::super::uuid::Uuid;
use super::cell::{BaseStations, BaseStationsQuery};
use super::choices::*;
pub use super::extension_choices::*;
use super::{Cid, Nothing};
use crate::private::Private;

/// Contexts that are stored, with where they are used.
pub const PROVISIONED_CONTEXTS: Cid = Cid::new(1, "provisioned-contexts")
    .set::<SetProvisionedContextV2>()
    .query::<Nothing>()
    .response::<ProvisionedContextsV2>()
    .notification::<ProvisionedContextsV2>();
/// Networks that must not be used.
pub const NETWORK_DENYLIST: Cid = Cid::new(2, "network-denylist")
    .set::<NetworkDenylist>()
    .query::<Nothing>()
    .response::<NetworkDenylist>()
    .notification::<NetworkDenylist>();
/// The contexts that an LTE attach asks for.
pub const LTE_ATTACH_CONFIGURATION: Cid = Cid::new(3, "lte-attach-configuration")
    .set::<SetLteAttachConfiguration>()
    .query::<Nothing>()
    .response::<LteAttachConfigurations>()
    .notification::<LteAttachConfigurations>();
/// The context that an LTE attach gave.
pub const LTE_ATTACH_INFO: Cid =
    Cid::new(4, "lte-attach-info").query::<Nothing>().response::<LteAttachInfo>().notification::<LteAttachInfo>();
/// Slots and executors.
pub const SYS_CAPS: Cid = Cid::new(5, "sys-caps").query::<Nothing>().response::<SysCaps>();
/// What an executor is.
pub const DEVICE_CAPS: Cid = Cid::new(6, "device-caps").query::<Nothing>().response_v3::<DeviceCapsV2, DeviceCapsV3>();
/// Which executor uses which slot.
pub const DEVICE_SLOT_MAPPINGS: Cid =
    Cid::new(7, "device-slot-mappings").set::<SlotMappings>().query::<Nothing>().response::<SlotMappings>();
/// What is in a slot.
pub const SLOT_INFO_STATUS: Cid =
    Cid::new(8, "slot-info-status").query::<SlotQuery>().response::<SlotInfo>().notification::<SlotInfo>();
/// Protocol configuration options of a context.
pub const PCO: Cid = Cid::new(9, "pco").query::<Pco>().response::<Pco>().notification::<Pco>();
/// Starts the modem anew.
pub const DEVICE_RESET: Cid = Cid::new(10, "device-reset").set::<Nothing>().response::<Nothing>();
/// Cells in reach.
pub const BASE_STATIONS_INFO: Cid =
    Cid::new(11, "base-stations-info").query::<BaseStationsQuery>().response::<BaseStations>();
/// The cell.
pub const LOCATION_INFO_STATUS: Cid =
    Cid::new(12, "location-info-status").query::<Nothing>().response::<LocationInfo>().notification::<LocationInfo>();
/// Which extensions both sides have.
pub const VERSION: Cid = Cid::new(15, "version").query::<Version>().response::<Version>();
/// Whether the modem's configuration for the network is there.
pub const MODEM_CONFIGURATION: Cid = Cid::new(16, "modem-configuration")
    .query::<Nothing>()
    .response::<ModemConfiguration>()
    .notification::<ModemConfiguration>();
/// MICO, DRX cycle and more of a 5G registration.
pub const REGISTRATION_PARAMETERS: Cid = Cid::new(17, "registration-parameters")
    .set::<RegistrationParameters>()
    .query::<Nothing>()
    .response::<RegistrationParameters>();
/// What woke the host.
pub const WAKE_REASON: Cid = Cid::new(19, "wake-reason").query::<Nothing>().response::<WakeReason>();

/// The commands of the service.
pub const CIDS: &[Cid] = &[
    PROVISIONED_CONTEXTS,
    NETWORK_DENYLIST,
    LTE_ATTACH_CONFIGURATION,
    LTE_ATTACH_INFO,
    SYS_CAPS,
    DEVICE_CAPS,
    DEVICE_SLOT_MAPPINGS,
    SLOT_INFO_STATUS,
    PCO,
    DEVICE_RESET,
    BASE_STATIONS_INFO,
    LOCATION_INFO_STATUS,
    VERSION,
    MODEM_CONFIGURATION,
    REGISTRATION_PARAMETERS,
    WAKE_REASON,
];

record! {
    /// A stored context.
    ProvisionedContextV2 {
        context_id: u32,
        context_type: Uuid,
        ip_type: ContextIpType,
        state: ContextState,
        roaming: ContextRoamingControl,
        media_type: ContextMediaType,
        source: ContextSource,
        access_string: String,
        user_name: Private<String>,
        password: Private<String>,
        compression: Compression,
        auth_protocol: AuthProtocol,
    }

    /// Stores a context.
    SetProvisionedContextV2 {
        operation: ContextOperation,
        context_type: Uuid,
        ip_type: ContextIpType,
        state: ContextState,
        roaming: ContextRoamingControl,
        media_type: ContextMediaType,
        source: ContextSource,
        access_string: String,
        user_name: Private<String>,
        password: Private<String>,
        compression: Compression,
        auth_protocol: AuthProtocol,
    }

    /// Stored contexts.
    ProvisionedContextsV2 {
        provisioned_contexts_count: Count,
        provisioned_contexts: Pointed<ProvisionedContextV2>,
    }

    /// Networks that must not be used.
    NetworkDenylist {
        denylist_state: DenylistState,
        denylist_providers_count: Count,
        denylist_providers: Pointed<DeniedProvider>,
    }

    /// A network that must not be used.
    DeniedProvider {
        mcc: u32,
        mnc: u32,
        denylist_type: DenylistType,
    }

    /// A context that an LTE attach asks for.
    LteAttachConfiguration {
        ip_type: ContextIpType,
        roaming: LteAttachContextRoamingControl,
        source: ContextSource,
        access_string: String,
        user_name: Private<String>,
        password: Private<String>,
        compression: Compression,
        auth_protocol: AuthProtocol,
    }

    /// Sets the contexts that an LTE attach asks for: at home, at a partner, elsewhere.
    SetLteAttachConfiguration {
        operation: LteAttachContextOperation,
        configuration_count: Count,
        configurations: Pointed<LteAttachConfiguration>,
    }

    /// The contexts that an LTE attach asks for.
    LteAttachConfigurations {
        configuration_count: Count,
        configurations: Pointed<LteAttachConfiguration>,
    }

    /// The context that an LTE attach gave.
    LteAttachInfo {
        lte_attach_state: LteAttachState,
        nw_error: Since<3, NwError>,
        ip_type: ContextIpType,
        access_string: String,
        user_name: Private<String>,
        password: Private<String>,
        compression: Compression,
        auth_protocol: AuthProtocol,
    }

    /// Slots and executors.
    SysCaps {
        number_of_executors: u32,
        number_of_slots: u32,
        concurrency: u32,
        modem_id: u64,
    }

    /// What an executor is.
    DeviceCapsV2 {
        device_type: DeviceType,
        cellular_class: CellularClass,
        voice_class: VoiceClass,
        sim_class: SimClass,
        data_class: DataClass,
        sms_caps: SmsCaps,
        control_caps: CtrlCaps,
        max_sessions: u32,
        custom_data_class: String,
        /// The IMEI.
        device_id: String,
        firmware_info: String,
        hardware_info: String,
        executor_index: u32,
    }

    /// What an executor is (MBIMEx 3.0).
    DeviceCapsV3 {
        device_type: DeviceType,
        cellular_class: CellularClass,
        voice_class: VoiceClass,
        sim_class: SimClass,
        data_class: DataClass,
        sms_caps: SmsCaps,
        control_caps: CtrlCaps,
        /// 64 bits wide.
        data_subclass: u64,
        max_sessions: u32,
        executor_index: u32,
        wcdma_band_class: u32,
        lte_band_class: TlvNumbers,
        nr_band_class: TlvNumbers,
        custom_data_class: TlvText,
        /// The IMEI.
        device_id: TlvText,
        firmware_info: TlvText,
        hardware_info: TlvText,
    }

    /// A slot.
    Slot {
        slot: u32,
    }

    /// The slot of each executor.
    SlotMappings {
        map_count: Count,
        slot_map: Pointed<Slot>,
    }

    /// Which slot is meant.
    SlotQuery {
        slot_index: u32,
    }

    /// What is in a slot.
    SlotInfo {
        slot_index: u32,
        state: UiccSlotState,
    }

    /// Protocol configuration options.
    PcoValue {
        session_id: u32,
        pco_data_size: Count,
        pco_data_type: PcoType,
        pco_data_buffer: FollowingBytes,
    }

    /// Protocol configuration options of a context.
    Pco {
        pco_value: PcoValue,
    }

    /// The cell. What is not known is all ones.
    LocationInfo {
        location_area_code: u32,
        tracking_area_code: u32,
        cell_id: u32,
    }

    /// The highest versions that a side has, such as 0x0100 and 0x0300.
    Version {
        mbim_version: u16,
        mbim_extended_version: u16,
    }

    /// Whether the modem's configuration for the network is there.
    ModemConfiguration {
        configuration_status: ModemConfigurationStatus,
        configuration_name: TlvText,
        unnamed_ies: Tlvs,
    }

    /// MICO, DRX cycle and more of a 5G registration.
    RegistrationParameters {
        mico_mode: MicoMode,
        drx_cycle: DrxCycle,
        ladn_info: LadnInfo,
        default_pdu_activation_hint: DefaultPduActivationHint,
        re_register_if_needed: bool,
        unnamed_ies: Tlvs,
    }

    /// What woke the host.
    WakeReason {
        wake_type: WakeType,
        session_id: u32,
        wake_tlv: Tlv,
    }
}
