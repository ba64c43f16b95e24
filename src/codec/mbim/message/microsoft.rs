//! Microsoft's small services.

use super::super::list::{Count, Pointed};
use super::super::uuid::Uuid;
use super::flags::DataClass;
use super::{Cid, Nothing};

/// Firmware identity.
pub const GET_FIRMWARE_ID: Cid = Cid::new(1, "get").query::<Nothing>().response::<FirmwareId>();

/// Firmware identity.
pub const FIRMWARE_ID: &[Cid] = &[GET_FIRMWARE_ID];

/// The host shuts down.
pub const NOTIFY_HOST_SHUTDOWN: Cid = Cid::new(1, "notify").set::<Nothing>().response::<Nothing>();

/// The host shuts down.
pub const HOST_SHUTDOWN: &[Cid] = &[NOTIFY_HOST_SHUTDOWN];

/// Specific absorption rate.
pub const SAR: &[Cid] = &[
    Cid::new(1, "config").set::<SetSar>().query::<Nothing>().response::<Sar>(),
    Cid::new(2, "transmission-status")
        .set::<SetTransmissionStatus>()
        .query::<Nothing>()
        .response::<TransmissionStatus>()
        .notification::<TransmissionStatus>(),
];

/// The network's clock.
pub const NITZ: Cid = Cid::new(10, "nitz").query::<Nothing>().response::<Nitz>().notification::<Nitz>();

/// Voice, of which the clock is known here.
pub const VOICE: &[Cid] = &[NITZ];

record! {
    /// Firmware identity.
    FirmwareId {
        firmware_id: Uuid,
    }

    /// How to reduce the transmission power.
    SetSar {
        mode: SarControlMode,
        backoff_state: SarBackoffState,
        config_states_count: Count,
        config_states: Pointed<SarState>,
    }

    /// How the transmission power is reduced.
    Sar {
        mode: SarControlMode,
        backoff_state: SarBackoffState,
        wifi_integration: SarWifiHardwareState,
        config_states_count: Count,
        config_states: Pointed<SarState>,
    }

    /// One antenna.
    SarState {
        antenna_index: u32,
        backoff_index: u32,
    }

    /// Whether to tell of transmissions.
    SetTransmissionStatus {
        channel_notification: TransmissionNotificationStatus,
        /// Seconds.
        hysteresis_timer: u32,
    }

    /// Whether the modem transmits.
    TransmissionStatus {
        channel_notification: TransmissionNotificationStatus,
        transmission_status: TransmissionState,
        /// Seconds.
        hysteresis_timer: u32,
    }

    /// The network's clock, UTC.
    Nitz {
        year: u32,
        month: u32,
        day: u32,
        hour: u32,
        minute: u32,
        second: u32,
        /// East of Greenwich.
        time_zone_offset_minutes: u32,
        daylight_saving_time_offset_minutes: u32,
        data_class: DataClass,
    }
}

choice! {
    /// Who controls the transmission power.
    SarControlMode {
        Device = 0 "device",
        Os = 1 "os",
    }

    /// Whether transmission power is reduced.
    SarBackoffState {
        Disabled = 0 "disabled",
        Enabled = 1 "enabled",
    }

    /// Whether Wi-Fi shares the antennas.
    SarWifiHardwareState {
        Integrated = 0 "integrated",
        NotIntegrated = 1 "not-integrated",
    }

    /// Whether to tell of transmissions.
    TransmissionNotificationStatus {
        Disabled = 0 "disabled",
        Enabled = 1 "enabled",
    }

    /// Whether the modem transmits.
    TransmissionState {
        Inactive = 0 "inactive",
        Active = 1 "active",
    }
}
