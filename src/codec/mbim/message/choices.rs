//! Choices: fields of which each number has a name.

pub use super::causes::{Cause, NwError};
pub use super::flags::*;

choice! {
    /// How the modem is built in.
    DeviceType {
        Unknown = 0 "unknown",
        Embedded = 1 "embedded",
        Removable = 2 "removable",
        Remote = 3 "remote",
    }

    /// What the modem can do for calls.
    VoiceClass {
        Unknown = 0 "unknown",
        NoVoice = 1 "no-voice",
        SeparatedVoiceData = 2 "separated-voice-data",
        SimultaneousVoiceData = 3 "simultaneous-voice-data",
    }

    /// Whether the card is ready.
    SubscriberReadyState {
        NotInitialized = 0 "not-initialized",
        Initialized = 1 "initialized",
        SimNotInserted = 2 "sim-not-inserted",
        BadSim = 3 "bad-sim",
        Failure = 4 "failure",
        NotActivated = 5 "not-activated",
        DeviceLocked = 6 "device-locked",
        NoEsimProfile = 7 "no-esim-profile",
    }

    /// A switch of the radio.
    RadioSwitchState {
        Off = 0 "off",
        On = 1 "on",
    }

    /// Which PIN.
    PinType {
        Unknown = 0 "unknown",
        Custom = 1 "custom",
        Pin1 = 2 "pin1",
        Pin2 = 3 "pin2",
        DeviceSimPin = 4 "device-sim-pin",
        DeviceFirstSimPin = 5 "device-first-sim-pin",
        NetworkPin = 6 "network-pin",
        NetworkSubsetPin = 7 "network-subset-pin",
        ServiceProviderPin = 8 "service-provider-pin",
        CorporatePin = 9 "corporate-pin",
        SubsidyPin = 10 "subsidy-pin",
        Puk1 = 11 "puk1",
        Puk2 = 12 "puk2",
        DeviceFirstSimPuk = 13 "device-first-sim-puk",
        NetworkPuk = 14 "network-puk",
        NetworkSubsetPuk = 15 "network-subset-puk",
        ServiceProviderPuk = 16 "service-provider-puk",
        CorporatePuk = 17 "corporate-puk",
        Nev = 18 "nev",
        Adm = 19 "adm",
    }

    /// Whether a PIN is asked for.
    PinState {
        Unlocked = 0 "unlocked",
        Locked = 1 "locked",
    }

    /// What to do with a PIN.
    PinOperation {
        Enter = 0 "enter",
        Enable = 1 "enable",
        Disable = 2 "disable",
        Change = 3 "change",
    }

    /// Whether a PIN is in use.
    PinMode {
        NotSupported = 0 "not-supported",
        Enabled = 1 "enabled",
        Disabled = 2 "disabled",
    }

    /// What a PIN is made of.
    PinFormat {
        Unknown = 0 "unknown",
        Numeric = 1 "numeric",
        Alphanumeric = 2 "alphanumeric",
    }

    /// How to look for networks.
    VisibleProvidersAction {
        FullScan = 0 "full-scan",
        RestrictedScan = 1 "restricted-scan",
    }

    /// How to choose a network.
    RegisterAction {
        Automatic = 0 "automatic",
        Manual = 1 "manual",
    }

    /// Where the modem is registered.
    RegisterState {
        Unknown = 0 "unknown",
        Deregistered = 1 "deregistered",
        Searching = 2 "searching",
        Home = 3 "home",
        Roaming = 4 "roaming",
        Partner = 5 "partner",
        Denied = 6 "denied",
    }

    /// How the network was chosen.
    RegisterMode {
        Unknown = 0 "unknown",
        Automatic = 1 "automatic",
        Manual = 2 "manual",
    }

    /// Attach or leave.
    PacketServiceAction {
        Attach = 0 "attach",
        Detach = 1 "detach",
    }

    /// Whether the modem is attached.
    PacketServiceState {
        Unknown = 0 "unknown",
        Attaching = 1 "attaching",
        Attached = 2 "attached",
        Detaching = 3 "detaching",
        Detached = 4 "detached",
    }

    /// Up or down.
    ActivationCommand {
        Deactivate = 0 "deactivate",
        Activate = 1 "activate",
    }

    /// Header and data compression.
    Compression {
        None = 0 "none",
        Enable = 1 "enable",
    }

    /// How the user is authenticated.
    AuthProtocol {
        None = 0 "none",
        Pap = 1 "pap",
        Chap = 2 "chap",
        Mschapv2 = 3 "mschapv2",
    }

    /// Kinds of addresses.
    ContextIpType {
        Default = 0 "default",
        Ipv4 = 1 "ipv4",
        Ipv6 = 2 "ipv6",
        Ipv4v6 = 3 "ipv4v6",
        Ipv4AndIpv6 = 4 "ipv4-and-ipv6",
    }

    /// Whether a context is up.
    ActivationState {
        Unknown = 0 "unknown",
        Activated = 1 "activated",
        Activating = 2 "activating",
        Deactivated = 3 "deactivated",
        Deactivating = 4 "deactivating",
    }

    /// Whether a call holds data up.
    VoiceCallState {
        None = 0 "none",
        InProgress = 1 "in-progress",
        HangUp = 2 "hang-up",
    }

    /// Whether the host is idle.
    NetworkIdleHintState {
        Disabled = 0 "disabled",
        Enabled = 1 "enabled",
    }

    /// Whether emergency calls are possible.
    EmergencyModeState {
        Off = 0 "off",
        On = 1 "on",
    }

    /// Which access to prefer.
    AccessMediaType {
        Unknown = 0 "unknown",
        ThreeGpp = 1 "3gpp",
        ThreeGppPreferred = 2 "3gpp-preferred",
    }
}
