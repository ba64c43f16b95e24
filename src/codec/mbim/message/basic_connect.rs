//! Basic Connect (MBIM 1.0 clause 10.5): the modem, its card, registration, contexts.

use super::super::bytes::{CountedBytes, Rest};
use super::super::conditional::Since;
use super::super::list::{Array, Count, Counted, Pointed};
use super::super::uuid::Uuid;
use super::choices::*;
pub use super::connect::*;
use super::ip::IpConfiguration;
use super::{Cid, Nothing};
use crate::private::Private;

/// What the modem is (clause 10.5.1).
pub const DEVICE_CAPS: Cid = Cid::new(1, "device-caps").query::<Nothing>().response::<DeviceCaps>();
/// Whether the card is ready, and whose it is (clause 10.5.2).
pub const SUBSCRIBER_READY_STATUS: Cid = Cid::new(2, "subscriber-ready-status")
    .query::<Nothing>()
    .response::<SubscriberReadyStatus>()
    .notification::<SubscriberReadyStatus>();
/// Radio on or off (clause 10.5.3).
pub const RADIO_STATE: Cid = Cid::new(3, "radio-state")
    .set::<SetRadioState>()
    .query::<Nothing>()
    .response::<RadioState>()
    .notification::<RadioState>();
/// Which PIN the card asks for; enter, switch or change it (clause 10.5.4).
pub const PIN: Cid = Cid::new(4, "pin").set::<SetPin>().query::<Nothing>().response::<Pin>();
/// Which PINs are in use (clause 10.5.5).
pub const PIN_LIST: Cid = Cid::new(5, "pin-list").query::<Nothing>().response::<PinList>();
/// The network that the card belongs to (clause 10.5.6).
pub const HOME_PROVIDER: Cid =
    Cid::new(6, "home-provider").set::<HomeProvider>().query::<Nothing>().response::<HomeProvider>();
/// Networks that the card prefers (clause 10.5.7).
pub const PREFERRED_PROVIDERS: Cid = Cid::new(7, "preferred-providers")
    .set::<Providers>()
    .query::<Nothing>()
    .response::<Providers>()
    .notification::<Providers>();
/// Networks in reach (clause 10.5.8).
pub const VISIBLE_PROVIDERS: Cid =
    Cid::new(8, "visible-providers").query::<VisibleProvidersQuery>().response::<Providers>();
/// Registration (clause 10.5.9).
pub const REGISTER_STATE: Cid = Cid::new(9, "register-state")
    .set::<SetRegisterState>()
    .query::<Nothing>()
    .response::<RegisterStateInfo>()
    .notification::<RegisterStateInfo>();
/// Attachment to the packet service (clause 10.5.10).
pub const PACKET_SERVICE: Cid = Cid::new(10, "packet-service")
    .set::<SetPacketService>()
    .query::<Nothing>()
    .response::<PacketService>()
    .notification::<PacketService>();
/// Signal, and when to tell of it (clause 10.5.11).
pub const SIGNAL_STATE: Cid = Cid::new(11, "signal-state")
    .set::<SetSignalState>()
    .query::<Nothing>()
    .response::<SignalState>()
    .notification::<SignalState>();
/// A context: bring it up, take it down (clause 10.5.12).
pub const CONNECT: Cid = Cid::new(12, "connect")
    .set_v3::<SetConnect, SetConnectV3>()
    .query::<ConnectQuery>()
    .response::<Connect>()
    .notification::<Connect>();
/// Contexts that are stored (clause 10.5.13).
pub const PROVISIONED_CONTEXTS: Cid = Cid::new(13, "provisioned-contexts")
    .set::<SetProvisionedContext>()
    .query::<Nothing>()
    .response::<ProvisionedContexts>()
    .notification::<ProvisionedContexts>();
/// Activation of a subscription, in a form of the network's own (clause 10.5.14).
pub const SERVICE_ACTIVATION: Cid =
    Cid::new(14, "service-activation").set::<SetServiceActivation>().response::<ServiceActivation>();
/// Addresses of a context (clause 10.5.20).
pub const IP_CONFIGURATION: Cid = Cid::new(15, "ip-configuration")
    .query::<IpConfiguration>()
    .response::<IpConfiguration>()
    .notification::<IpConfiguration>();
/// Services and commands that the modem has (clause 10.5.16).
pub const DEVICE_SERVICES: Cid = Cid::new(16, "device-services").query::<Nothing>().response::<DeviceServices>();
/// Which notifications to send (clause 10.5.17).
pub const DEVICE_SERVICE_SUBSCRIBE_LIST: Cid =
    Cid::new(19, "device-service-subscribe-list").set::<SubscribeList>().response::<SubscribeList>();
/// Counters (clause 10.5.18).
pub const PACKET_STATISTICS: Cid = Cid::new(20, "packet-statistics").query::<Nothing>().response::<PacketStatistics>();
/// Whether the host is idle (clause 10.5.21).
pub const NETWORK_IDLE_HINT: Cid =
    Cid::new(21, "network-idle-hint").set::<NetworkIdleHint>().query::<Nothing>().response::<NetworkIdleHint>();
/// Emergency calls (clause 10.5.22).
pub const EMERGENCY_MODE: Cid =
    Cid::new(22, "emergency-mode").query::<Nothing>().response::<EmergencyMode>().notification::<EmergencyMode>();
/// Which packets wake the host (clause 10.5.19).
pub const IP_PACKET_FILTERS: Cid =
    Cid::new(23, "ip-packet-filters").set::<IpPacketFilters>().query::<IpPacketFilters>().response::<IpPacketFilters>();
/// Networks that one modem may use beside its own (clause 10.5.23).
pub const MULTICARRIER_PROVIDERS: Cid = Cid::new(24, "multicarrier-providers")
    .set::<Providers>()
    .query::<Nothing>()
    .response::<Providers>()
    .notification::<Providers>();

/// The commands of the service.
pub const CIDS: &[Cid] = &[
    DEVICE_CAPS,
    SUBSCRIBER_READY_STATUS,
    RADIO_STATE,
    PIN,
    PIN_LIST,
    HOME_PROVIDER,
    PREFERRED_PROVIDERS,
    VISIBLE_PROVIDERS,
    REGISTER_STATE,
    PACKET_SERVICE,
    SIGNAL_STATE,
    CONNECT,
    PROVISIONED_CONTEXTS,
    SERVICE_ACTIVATION,
    IP_CONFIGURATION,
    DEVICE_SERVICES,
    DEVICE_SERVICE_SUBSCRIBE_LIST,
    PACKET_STATISTICS,
    NETWORK_IDLE_HINT,
    EMERGENCY_MODE,
    IP_PACKET_FILTERS,
    MULTICARRIER_PROVIDERS,
];

record! {
    /// What the modem is.
    DeviceCaps {
        device_type: DeviceType,
        cellular_class: CellularClass,
        voice_class: VoiceClass,
        sim_class: SimClass,
        data_class: DataClass,
        sms_caps: SmsCaps,
        control_caps: CtrlCaps,
        /// Contexts at the same time.
        max_sessions: u32,
        custom_data_class: String,
        /// The IMEI.
        device_id: String,
        firmware_info: String,
        hardware_info: String,
    }

    /// Whether the card is ready, and whose it is.
    SubscriberReadyStatus {
        ready_state: SubscriberReadyState,
        flags: Since<3, SubscriberReadyStatusFlag>,
        /// The IMSI.
        subscriber_id: Private<String>,
        /// The ICCID.
        sim_icc_id: Private<String>,
        ready_info: ReadyInfoFlag,
        telephone_numbers_count: Count,
        telephone_numbers: Private<Counted<String>>,
    }

    /// Switches the radio.
    SetRadioState {
        radio_state: RadioSwitchState,
    }

    /// The switches of the radio: one of the hardware, one of the software.
    RadioState {
        hw_radio_state: RadioSwitchState,
        sw_radio_state: RadioSwitchState,
    }

    /// Enters, switches or changes a PIN.
    SetPin {
        pin_type: PinType,
        pin_operation: PinOperation,
        pin: Private<String>,
        new_pin: Private<String>,
    }

    /// The PIN that is asked for.
    Pin {
        pin_type: PinType,
        pin_state: PinState,
        /// Tries left; all ones where it is not known.
        remaining_attempts: u32,
    }

    /// How a PIN is used.
    PinDesc {
        pin_mode: PinMode,
        pin_format: PinFormat,
        pin_length_min: u32,
        pin_length_max: u32,
    }

    /// How all PINs are used.
    PinList {
        pin_desc_pin1: PinDesc,
        pin_desc_pin2: PinDesc,
        pin_desc_device_sim_pin: PinDesc,
        pin_desc_device_first_sim_pin: PinDesc,
        pin_desc_network_pin: PinDesc,
        pin_desc_network_subset_pin: PinDesc,
        pin_desc_service_provider_pin: PinDesc,
        pin_desc_corporate_pin: PinDesc,
        pin_desc_subsidy_lock: PinDesc,
        pin_desc_custom: PinDesc,
    }

    /// A network.
    Provider {
        /// MCC and MNC, 5 or 6 digits.
        provider_id: String,
        provider_state: ProviderState,
        provider_name: String,
        cellular_class: CellularClass,
        /// As in [`SignalState`].
        rssi: u32,
        /// As in [`SignalState`].
        error_rate: u32,
    }

    /// The network that the card belongs to.
    HomeProvider {
        provider: Provider,
    }

    /// Several networks.
    Providers {
        providers_count: Count,
        providers: Pointed<Provider>,
    }

    /// How to look for networks.
    VisibleProvidersQuery {
        action: VisibleProvidersAction,
    }

    /// How to register.
    SetRegisterState {
        provider_id: String,
        register_action: RegisterAction,
        data_class: DataClass,
    }

    /// Where the modem is registered.
    RegisterStateInfo {
        nw_error: NwError,
        register_state: RegisterState,
        register_mode: RegisterMode,
        available_data_classes: DataClass,
        current_cellular_class: CellularClass,
        /// MCC and MNC, 5 or 6 digits.
        provider_id: String,
        provider_name: String,
        roaming_text: String,
        registration_flag: RegistrationFlag,
        preferred_data_classes: Since<2, DataClass>,
    }

    /// Attaches to the packet service, or leaves it.
    SetPacketService {
        packet_service_action: PacketServiceAction,
    }

    /// The packet service.
    PacketService {
        nw_error: Cause,
        packet_service_state: PacketServiceState,
        highest_available_data_class: DataClass,
        /// Bits a second.
        uplink_speed: u64,
        /// Bits a second.
        downlink_speed: u64,
        frequency_range: Since<2, FrequencyRange>,
        data_subclass: Since<3, DataSubclass>,
        tai: Since<3, Tai>,
    }

    /// Tracking area identity.
    Tai {
        plmn_mcc: u16,
        plmn_mnc: u16,
        tac: u32,
    }

    /// When to tell of the signal.
    SetSignalState {
        /// Seconds; 0 for the modem's own.
        signal_strength_interval: u32,
        /// Change of the RSSI; 0 for the modem's own, all ones for never.
        rssi_threshold: u32,
        /// Change of the error rate; 0 for the modem's own, all ones for never.
        error_rate_threshold: u32,
    }

    /// The signal.
    SignalState {
        /// 0 is -113 dBm or less, 31 is -51 dBm or more, 2 dB a step; 99 is not known.
        rssi: u32,
        /// 0 to 7 (TS 45.008 clause 8.2.4); 99 is not known.
        error_rate: u32,
        /// Seconds.
        signal_strength_interval: u32,
        rssi_threshold: u32,
        error_rate_threshold: u32,
        rsrp_snr: Since<2, Array<RsrpSnr>>,
    }

    /// The signal of one system (MBIMEx 2.0).
    RsrpSnr {
        /// 0 is less than -156 dBm, 126 is -31 dBm or more, 1 dB a step; 127 is not known (TS 38.133 clause 10.1.6).
        rsrp: u32,
        /// 0 is less than -23 dB, 127 is 40 dB or more, 0.5 dB a step; 128 is not known.
        snr: u32,
        rsrp_threshold: u32,
        snr_threshold: u32,
        system_type: DataClass,
    }

    /// Activates a subscription.
    SetServiceActivation {
        buffer: Rest,
    }

    /// What came of an activation.
    ServiceActivation {
        nw_error: NwError,
        buffer: Rest,
    }

    /// A service that the modem has.
    DeviceService {
        device_service_id: Uuid,
        dss_payload: u32,
        max_dss_instances: u32,
        cids_count: Count,
        cids: Counted<u32>,
    }

    /// Services that the modem has.
    DeviceServices {
        device_services_count: Count,
        max_dss_sessions: u32,
        device_services: Pointed<DeviceService>,
    }

    /// Notifications of one service.
    Events {
        device_service_id: Uuid,
        cids_count: Count,
        cids: Counted<u32>,
    }

    /// Which notifications to send.
    SubscribeList {
        events_count: Count,
        events: Pointed<Events>,
    }

    /// Counters since the context is up.
    PacketStatistics {
        in_discards: u32,
        in_errors: u32,
        in_octets: u64,
        in_packets: u64,
        out_octets: u64,
        out_packets: u64,
        out_errors: u32,
        out_discards: u32,
    }

    /// Whether the host is idle.
    NetworkIdleHint {
        state: NetworkIdleHintState,
    }

    /// Emergency calls.
    EmergencyMode {
        state: EmergencyModeState,
    }

    /// A pattern of packets.
    PacketFilter {
        filter_size: Count,
        packet_filter: CountedBytes,
        packet_mask: CountedBytes,
        filter_id: Since<3, u32>,
    }

    /// Which packets wake the host.
    IpPacketFilters {
        session_id: u32,
        packet_filters_count: Count,
        packet_filters: Pointed<PacketFilter>,
    }
}

impl SignalState {
    /// The RSSI in dBm (clause 10.5.11.5); `None`: not known.
    pub fn rssi_dbm(&self) -> Option<i32> {
        let steps = i32::try_from(self.rssi).ok().filter(|steps| (0..=31).contains(steps))?;
        Some(-113 + 2 * steps)
    }

    /// The RSSI of so many dBm, as it is coded.
    pub fn coded_rssi(dbm: f32) -> u32 {
        // A float that is out of range, or none, ends at the nearest bound, or at 0.
        ((dbm + 113.0) / 2.0).clamp(0.0, 31.0) as u32
    }

    /// Percent of bits in error, at the middle of the class (TS 45.008 clause 8.2.4); `None`: not known.
    pub fn bit_errors(&self) -> Option<f32> {
        const MIDDLE: [f32; 8] = [0.14, 0.28, 0.57, 1.13, 2.26, 4.53, 9.05, 18.1];
        MIDDLE.get(usize::try_from(self.error_rate).ok()?).copied()
    }
}

impl RsrpSnr {
    /// RSRP in dBm, at the lower edge of its step; `None`: not known.
    pub fn rsrp_dbm(&self) -> Option<i32> {
        let steps = i32::try_from(self.rsrp).ok().filter(|steps| (0..=126).contains(steps))?;
        Some(-157 + steps)
    }

    /// SNR in dB, at the lower edge of its step; `None`: not known.
    pub fn snr_db(&self) -> Option<f32> {
        (self.snr <= 127).then(|| -23.5 + self.snr as f32 / 2.0)
    }

    /// RSRP of so many dBm, as it is coded.
    pub fn coded_rsrp(dbm: f32) -> u32 {
        (dbm + 157.0).clamp(0.0, 126.0) as u32
    }

    /// SNR of so many dB, as it is coded.
    pub fn coded_snr(db: f32) -> u32 {
        ((db + 23.5) * 2.0).clamp(0.0, 127.0) as u32
    }
}
