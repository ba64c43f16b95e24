//! DMS: identity, capabilities, operating mode; and the PIN as old modems want it.

use super::body::{body, coding, explains, flags, records, service, values};
use super::coding::{Counted, Prefixed, Secret};
use crate::private::Private;

values! {
    /// What the modem does.
    OperatingMode: u8 {
        Online = 0,
        LowPower = 1,
        FactoryTest = 2,
        Offline = 3,
        Reset = 4,
        ShuttingDown = 5,
        PersistentLowPower = 6,
        ModeOnlyLowPower = 7,
    }

    /// Which data calls it can have beside voice.
    DataService: u8 {
        None = 0,
        Cs = 1,
        Ps = 2,
        SimultaneousCsPs = 3,
        NonSimultaneousCsPs = 4,
    }

    /// Whether it has a SIM.
    SimCapability: u8 {
        NotSupported = 1,
        Supported = 2,
    }

    /// A radio that it has.
    RadioInterface: u8 {
        Cdma20001x = 1,
        Evdo = 2,
        Gsm = 4,
        Umts = 5,
        Lte = 8,
        Tds = 9,
        #[doc = "5G."]
        Nr5g = 10,
    }

    /// Where a PIN stands.
    PinStatus: u8 {
        NotInitialized = 0,
        EnabledNotVerified = 1,
        EnabledVerified = 2,
        Disabled = 3,
        Blocked = 4,
        PermanentlyBlocked = 5,
        Unblocked = 6,
        Changed = 7,
    }

    /// Which PIN.
    PinId: u8 {
        Pin = 1,
        Pin2 = 2,
    }

    /// Whether the SIM is ready.
    UimState: u8 {
        InitializationCompleted = 0,
        LockedOrFailed = 1,
        NotPresent = 2,
        Reserved = 3,
        Unknown = 255,
    }

    /// Whether it started up for the first time.
    Activation: u16 {
        NotActivated = 0,
        Activated = 1,
        Connecting = 2,
        Connected = 3,
        OtaspAuthenticated = 4,
        OtaspNam = 5,
        OtaspMdn = 6,
        OtaspImsi = 7,
        OtaspPrl = 8,
        OtaspSpc = 9,
        OtaspCommitted = 10,
    }

    /// Where its time comes from.
    TimeSource: u16 {
        Device = 0,
        Cdma = 1,
        Hdr = 2,
    }
}

flags! {
    /// Why it is offline.
    OfflineReason: u16 {
        HOST_IMAGE_MISCONFIGURATION = 0,
        PRI_IMAGE_MISCONFIGURATION = 1,
        PRI_VERSION_INCOMPATIBLE = 2,
        DEVICE_MEMORY_FULL = 3,
    }
}

records! {
    /// What the modem can do. Rates are in bits a second.
    Capabilities {
        max_tx_rate: u32,
        max_rx_rate: u32,
        data_service: DataService,
        sim: SimCapability,
        radio_interfaces: Vec<RadioInterface> as Counted,
    }

    /// One PIN and the attempts left.
    PinState {
        current_status: PinStatus,
        verify_retries_left: u8,
        unblock_retries_left: u8,
    }

    /// Attempts left.
    Retries {
        verify: u8,
        unblock: u8,
    }

    /// A PIN to verify.
    PinEntry {
        pin: PinId,
        code: Private<String> as Prefixed<u8, Secret>,
    }

    /// A PIN to switch on or off.
    PinProtection {
        pin: PinId,
        on: bool,
        code: Private<String> as Prefixed<u8, Secret>,
    }

    /// A PUK with the new PIN.
    PinUnblock {
        pin: PinId,
        puk: Private<String> as Prefixed<u8, Secret>,
        new: Private<String> as Prefixed<u8, Secret>,
    }

    /// A PIN and the one that replaces it.
    PinChange {
        pin: PinId,
        old: Private<String> as Prefixed<u8, Secret>,
        new: Private<String> as Prefixed<u8, Secret>,
    }

    /// Bands of GSM, UMTS and CDMA, as bits.
    Bands {
        bits: u64,
    }

    /// The time: 48 bits of 1.25 ms since 6 January 1980, then its source.
    DeviceTime {
        ticks: [u8; 6],
        source: TimeSource,
    }

}

service! {
    DMS;
    0x0000 "Reset" {
        request Reset {}
        response ResetDone {}
    }
    0x0001 "Set Event Report" {
        request SetEventReport {
            0x10 power_state: bool,
            0x12 pin_status: bool,
            0x14 operating_mode: bool,
            0x15 uim_state: bool,
            0x16 wireless_disable: bool,
        }
        response EventReportSet {}
        indication EventReport {
            0x11 pin1: PinState,
            0x12 pin2: PinState,
            0x14 operating_mode: OperatingMode,
            0x15 uim_state: UimState,
            0x16 wireless_disable: bool,
        }
    }
    0x0020 "Get Capabilities" {
        request GetCapabilities {}
        response CapabilitiesInfo { 0x01 info: Capabilities }
    }
    0x0021 "Get Manufacturer" {
        request GetManufacturer {}
        response Manufacturer { 0x01 manufacturer: String }
    }
    0x0022 "Get Model" {
        request GetModel {}
        response Model { 0x01 model: String }
    }
    0x0023 "Get Revision" {
        request GetRevision {}
        response Revision { 0x01 revision: String, 0x10 boot_code: String, 0x11 pri: String }
    }
    0x0024 "Get MSISDN" {
        request GetMsisdn {}
        response Msisdn {
            0x01 msisdn: Private<String> as Secret,
            0x10 mobile_id: Private<String> as Secret,
            0x11 imsi: Private<String> as Secret,
        }
    }
    0x0025 "Get IDs" {
        request GetIds {}
        response Ids { 0x10 esn: String, 0x11 imei: String, 0x12 meid: String, 0x13 imei_software_version: String }
    }
    0x0026 "Get Power State" {
        request GetPowerState {}
        response PowerState {
            /// Bits: externally powered, battery connected, fault, and so on; then the charge in percent.
            0x01 info: [u8; 2],
        }
    }
    0x0027 "UIM Set PIN Protection" {
        request SetPinProtection { 0x01 info: PinProtection }
        response PinProtectionSet { 0x10 retries: Retries }
    }
    0x0028 "UIM Verify PIN" {
        request VerifyPin { 0x01 info: PinEntry }
        response PinVerified { 0x10 retries: Retries }
    }
    0x0029 "UIM Unblock PIN" {
        request UnblockPin { 0x01 info: PinUnblock }
        response PinUnblocked { 0x10 retries: Retries }
    }
    0x002A "UIM Change PIN" {
        request ChangePin { 0x01 info: PinChange }
        response PinChanged { 0x10 retries: Retries }
    }
    0x002B "UIM Get PIN Status" {
        request GetPinStatus {}
        response PinStatuses { 0x11 pin1_status: PinState, 0x12 pin2_status: PinState }
    }
    0x002C "Get Hardware Revision" {
        request GetHardwareRevision {}
        response HardwareRevision { 0x01 revision: String }
    }
    0x002D "Get Operating Mode" {
        request GetOperatingMode {}
        response OperatingModeInfo {
            0x01 mode: OperatingMode,
            0x10 offline_reason: OfflineReason,
            0x11 hardware_restricted: bool,
        }
    }
    0x002E "Set Operating Mode" {
        request SetOperatingMode { 0x01 mode: OperatingMode }
        response OperatingModeSet {}
    }
    0x002F "Get Time" {
        request GetTime {}
        response Time {
            0x01 device_time: DeviceTime,
            /// Milliseconds since 6 January 1980.
            0x10 system_time: u64,
            /// Milliseconds since 6 January 1980.
            0x11 user_time: u64,
        }
    }
    0x0030 "Get PRL Version" {
        request GetPrlVersion {}
        response PrlVersion { 0x01 version: u16, 0x10 prl_only: bool }
    }
    0x0031 "Get Activation State" {
        request GetActivationState {}
        response ActivationState { 0x01 state: Activation }
    }
    0x0033 "Get User Lock State" {
        request GetUserLockState {}
        response UserLockState { 0x01 enabled: bool }
    }
    0x003C "UIM Get ICCID" {
        request GetIccid {}
        response Iccid { 0x01 iccid: Private<String> as Secret }
    }
    0x003E "Get Firmware ID" {
        request GetFirmwareId {}
        response FirmwareId { 0x01 id: u16 }
    }
    0x0043 "UIM Get IMSI" {
        request GetImsi {}
        response Imsi { 0x01 imsi: Private<String> as Secret }
    }
    0x0044 "UIM Get State" {
        request GetUimState {}
        response UimStateInfo { 0x01 state: UimState }
    }
    0x0045 "Get Band Capabilities" {
        request GetBandCapabilities {}
        response BandCapabilities {
            0x01 bands: Bands,
            /// Bit n is band n + 1.
            0x10 lte_bands: u64,
            0x12 extended_lte_bands: Vec<u16> as Counted<u16>,
            0x13 nr5g_bands: Vec<u16> as Counted<u16>,
        }
    }
    0x0046 "Get Factory SKU" {
        request GetFactorySku {}
        response FactorySku { 0x01 sku: String }
    }
    0x0049 "List Stored Images" {
        request ListStoredImages {}
        response StoredImages {}
    }
    0x0051 "Get Software Version" {
        request GetSoftwareVersion {}
        response SoftwareVersion { 0x01 version: String }
    }
    0x005C "Get MAC Address" {
        request GetMacAddress {
            /// 0 WLAN, 1 Bluetooth.
            0x01 device: u32,
        }
        response MacAddress { 0x10 address: Vec<u8> as Counted }
    }
    // Makers' ways to say that the host may use the radio (FCC).
    0x555F "Set FCC Authentication" {
        request SetFccAuthentication {}
        response FccAuthenticationSet {}
    }
    0x5571 "Foxconn Set FCC Authentication" {
        request FoxconnSetFccAuthentication { 0x01 value: u8 }
        response FoxconnFccAuthenticationSet {}
    }
}
