//! Services of makers.

use super::super::bytes::InlineBytes;
use super::{Cid, Nothing};

/// Quectel: the radio, and the lock of the FCC.
pub const QUECTEL_RADIO_STATE: Cid =
    Cid::new(1, "radio-state").set::<RadioState>().query::<Nothing>().response::<RadioState>();

/// Quectel.
pub const QUECTEL: &[Cid] = &[QUECTEL_RADIO_STATE];

/// Intel: firmware update.
pub const INTEL_FIRMWARE_UPDATE: &[Cid] = &[Cid::new(1, "modem-reboot").set::<ModemReboot>().response::<Nothing>()];

/// Google.
pub const GOOGLE: &[Cid] = &[Cid::new(1, "carrier-lock")
    .set::<SetCarrierLock>()
    .query::<Nothing>()
    .response::<CarrierLock>()
    .notification::<CarrierLock>()];

record! {
    /// The radio, and the lock of the FCC.
    RadioState {
        radio_state: QuectelRadioSwitchState,
    }

    /// How to start anew.
    ModemReboot {
        boot_mode: IntelBootMode,
        timeout: u32,
    }

    /// Binds the modem to a carrier, or frees it.
    SetCarrierLock {
        data: InlineBytes,
    }

    /// Whether the modem is bound to a carrier.
    CarrierLock {
        carrier_lock_status: CarrierLockStatus,
        carrier_lock_modem_state: CarrierLockModemState,
        carrier_lock_cause: CarrierLockCause,
    }
}

choice! {
    /// A switch of the radio.
    QuectelRadioSwitchState {
        Off = 0 "off",
        On = 1 "on",
        FccLocked = 4 "fcc-locked",
    }

    /// How to start anew.
    IntelBootMode {
        NormalMode = 0 "normal-mode",
        DownloadMode = 1 "download-mode",
        PowerOffDevice = 2 "power-off-device",
        NonResetableRegister = 3 "non-resetable-register",
        WithoutRebootPowerOff = 4 "without-reboot-power-off",
        FastDownloadMode = 5 "fast-download-mode",
    }

    /// Whether the modem is bound to a carrier.
    CarrierLockStatus {
        Unknown = 0 "unknown",
        Applied = 1 "applied",
    }

    /// Where the binding leaves the modem.
    CarrierLockModemState {
        Deregistered = 0 "deregistered",
    }

    /// Why the binding failed.
    CarrierLockCause {
        NotApplicable = 0 "not-applicable",
    }
}
