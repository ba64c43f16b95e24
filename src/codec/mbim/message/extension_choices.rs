//! Choices and flags of the extensions of Basic Connect.

choice! {
    /// Whether the options are complete.
    PcoType {
        Complete = 0 "complete",
        Partial = 1 "partial",
    }

    /// What to do with the contexts of the attach.
    LteAttachContextOperation {
        Default = 0 "default",
        RestoreFactory = 1 "restore-factory",
    }

    /// Where a context of the attach is used.
    LteAttachContextRoamingControl {
        Home = 0 "home",
        Partner = 1 "partner",
        NonPartner = 2 "non-partner",
    }

    /// Who made a context.
    ContextSource {
        Admin = 0 "admin",
        User = 1 "user",
        Operator = 2 "operator",
        Modem = 3 "modem",
        Device = 4 "device",
    }

    /// Whether the modem is attached.
    LteAttachState {
        Detached = 0 "detached",
        Attached = 1 "attached",
    }

    /// What is in a slot.
    UiccSlotState {
        Unknown = 0 "unknown",
        OffEmpty = 1 "off-empty",
        Off = 2 "off",
        Empty = 3 "empty",
        NotReady = 4 "not-ready",
        Active = 5 "active",
        Error = 6 "error",
        ActiveEsim = 7 "active-esim",
        ActiveEsimNoProfiles = 8 "active-esim-no-profiles",
    }

    /// How far the configuration is.
    ModemConfigurationStatus {
        Unknown = 0 "unknown",
        Started = 1 "started",
        Completed = 2 "completed",
    }

    /// Where a context is used.
    ContextRoamingControl {
        HomeOnly = 0 "home-only",
        PartnerOnly = 1 "partner-only",
        NonPartnerOnly = 2 "non-partner-only",
        HomeAndPartner = 3 "home-and-partner",
        HomeAndNonPartner = 4 "home-and-non-partner",
        PartnerAndNonPartner = 5 "partner-and-non-partner",
        AllowAll = 6 "allow-all",
    }

    /// Over which radio a context is used.
    ContextMediaType {
        CellularOnly = 0 "cellular-only",
        WifiOnly = 1 "wifi-only",
        All = 2 "all",
    }

    /// Whether a context is in use.
    ContextState {
        Disabled = 0 "disabled",
        Enabled = 1 "enabled",
    }

    /// What to do with a context.
    ContextOperation {
        Default = 0 "default",
        Delete = 1 "delete",
        RestoreFactory = 2 "restore-factory",
    }

    /// Mobile initiated connection only (TS 24.501).
    MicoMode {
        Disabled = 0 "disabled",
        Enabled = 1 "enabled",
        Unsupported = 2 "unsupported",
        Default = 3 "default",
    }

    /// Whether the default session will be used.
    DefaultPduActivationHint {
        Unlikely = 0 "unlikely",
        Likely = 1 "likely",
    }

    /// Whether local area data networks are asked for.
    LadnInfo {
        NotNeeded = 0 "not-needed",
        Requested = 1 "requested",
    }

    /// Cycle of discontinuous reception, in radio frames.
    DrxCycle {
        NotSpecified = 0 "not-specified",
        NotSupported = 1 "not-supported",
        Frames32 = 2 "32",
        Frames64 = 3 "64",
        Frames128 = 4 "128",
        Frames256 = 5 "256",
    }

    /// What woke the host.
    WakeType {
        CidResponse = 0 "cid-response",
        CidIndication = 1 "cid-indication",
        Packet = 2 "packet",
    }
}

choice! {
    /// Whose network is meant.
    DenylistType {
        Sim = 0 "sim",
        Network = 1 "network",
    }
}

flags! {
    /// Which list keeps the modem from registering.
    DenylistState {
        SIM_PROVIDER_ACTUATED = 0 "sim-provider-actuated",
        NETWORK_PROVIDER_ACTUATED = 1 "network-provider-actuated",
    }
}
