//! What came of a command, and what went wrong with a frame.

choice! {
    /// What came of a command (MBIM 1.0 clause 9.4.5).
    Status {
        None = 0 "none",
        Busy = 1 "busy",
        Failure = 2 "failure",
        SimNotInserted = 3 "sim-not-inserted",
        BadSim = 4 "bad-sim",
        PinRequired = 5 "pin-required",
        PinDisabled = 6 "pin-disabled",
        NotRegistered = 7 "not-registered",
        ProvidersNotFound = 8 "providers-not-found",
        NoDeviceSupport = 9 "no-device-support",
        ProviderNotVisible = 10 "provider-not-visible",
        DataClassNotAvailable = 11 "data-class-not-available",
        PacketServiceDetached = 12 "packet-service-detached",
        MaxActivatedContexts = 13 "max-activated-contexts",
        NotInitialized = 14 "not-initialized",
        VoiceCallInProgress = 15 "voice-call-in-progress",
        ContextNotActivated = 16 "context-not-activated",
        ServiceNotActivated = 17 "service-not-activated",
        InvalidAccessString = 18 "invalid-access-string",
        InvalidUserNamePwd = 19 "invalid-user-name-pwd",
        RadioPowerOff = 20 "radio-power-off",
        InvalidParameters = 21 "invalid-parameters",
        ReadFailure = 22 "read-failure",
        WriteFailure = 23 "write-failure",
        NoPhonebook = 25 "no-phonebook",
        ParameterTooLong = 26 "parameter-too-long",
        StkBusy = 27 "stk-busy",
        OperationNotAllowed = 28 "operation-not-allowed",
        MemoryFailure = 29 "memory-failure",
        InvalidMemoryIndex = 30 "invalid-memory-index",
        MemoryFull = 31 "memory-full",
        FilterNotSupported = 32 "filter-not-supported",
        DssInstanceLimit = 33 "dss-instance-limit",
        InvalidDeviceServiceOperation = 34 "invalid-device-service-operation",
        AuthIncorrectAutn = 35 "auth-incorrect-autn",
        AuthSyncFailure = 36 "auth-sync-failure",
        AuthAmfNotSet = 37 "auth-amf-not-set",
        ContextNotSupported = 38 "context-not-supported",
        SmsUnknownSmscAddress = 100 "sms-unknown-smsc-address",
        SmsNetworkTimeout = 101 "sms-network-timeout",
        SmsLangNotSupported = 102 "sms-lang-not-supported",
        SmsEncodingNotSupported = 103 "sms-encoding-not-supported",
        SmsFormatNotSupported = 104 "sms-format-not-supported",
        UiccInvalidLogicalChannel = 0x8743_0001 "ms-invalid-logical-channel",
        UiccSelectFailed = 0x8743_0002 "ms-select-failed",
        UiccNoLogicalChannels = 0x8743_0003 "ms-no-logical-channels",
    }

    /// What was wrong with a frame (clause 9.3.4).
    FrameFault {
        Invalid = 0 "invalid",
        TimeoutFragment = 1 "timeout-fragment",
        FragmentOutOfSequence = 2 "fragment-out-of-sequence",
        LengthMismatch = 3 "length-mismatch",
        DuplicatedTid = 4 "duplicated-tid",
        NotOpened = 5 "not-opened",
        Unknown = 6 "unknown",
        Cancel = 7 "cancel",
        MaxTransfer = 8 "max-transfer",
    }
}

impl Status {
    /// All went well.
    pub const SUCCESS: Self = Self::None;
}
