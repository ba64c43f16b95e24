//! Services of makers.

use super::super::bytes::InlineBytes;
use super::{Cid, Nothing};

/// Quectel.
pub const QUECTEL: &[Cid] =
    &[Cid::new(1, "radio-state").set::<RadioState>().query::<Nothing>().response::<RadioState>()];

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
        carrier_lock_cause: u32,
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
        NotApplied = 0 "not-applied",
        Applied = 1 "applied",
    }

    /// How far the binding to a carrier is.
    CarrierLockModemState {
        Blank = 0 "blank",
        Configured = 1 "configured",
        Cleared = 2 "cleared",
    }
}
