//! Values and structures of UIM.

use crate::codec::qmi::body::{coding, flags, records, values};
use crate::codec::qmi::coding::{Counted, Octets, Prefixed, Secret};
use crate::private::Private;

values! {
    /// Whether there is a card.
    CardState: u8 {
        Absent = 0,
        Present = 1,
        Error = 2,
    }

    /// What is wrong with the card.
    CardError: u8 {
        Unknown = 0,
        PowerDown = 1,
        Poll = 2,
        NoAtrReceived = 3,
        VoltMismatch = 4,
        Parity = 5,
        PossiblyRemoved = 6,
        Technical = 7,
    }

    /// Where a PIN stands.
    PinState: u8 {
        NotInitialized = 0,
        EnabledNotVerified = 1,
        EnabledVerified = 2,
        Disabled = 3,
        Blocked = 4,
        PermanentlyBlocked = 5,
    }

    /// Which PIN.
    PinId: u8 {
        Pin1 = 1,
        Pin2 = 2,
        #[doc = "The universal PIN."]
        Upin = 3,
        #[doc = "The hidden key."]
        HiddenKey = 4,
    }

    /// What an application of the card is.
    ApplicationType: u8 {
        Unknown = 0,
        Sim = 1,
        Usim = 2,
        Ruim = 3,
        Csim = 4,
        Isim = 5,
    }

    /// Where an application stands.
    ApplicationState: u8 {
        Unknown = 0,
        Detected = 1,
        Pin1OrUpinRequired = 2,
        Puk1OrUpukRequired = 3,
        CheckPersonalizationState = 4,
        Pin1Blocked = 5,
        Illegal = 6,
        Ready = 7,
    }

    /// Whether the modem is locked to certain cards.
    PersonalizationState: u8 {
        Unknown = 0,
        InProgress = 1,
        Ready = 2,
        CodeRequired = 3,
        PukCodeRequired = 4,
        PermanentlyBlocked = 5,
    }

    /// Which application a request speaks to.
    SessionType: u8 {
        PrimaryGwProvisioning = 0,
        Primary1xProvisioning = 1,
        SecondaryGwProvisioning = 2,
        Secondary1xProvisioning = 3,
        NonprovisioningSlot1 = 4,
        NonprovisioningSlot2 = 5,
        CardSlot1 = 6,
        CardSlot2 = 7,
        LogicalChannelSlot1 = 8,
        LogicalChannelSlot2 = 9,
    }

    /// Whether there is a card in a physical slot.
    PhysicalCardState: u32 {
        Unknown = 0,
        Absent = 1,
        Present = 2,
    }

    /// Whether a physical slot is the one in use.
    SlotState: u32 {
        Inactive = 0,
        Active = 1,
    }

    /// What the card speaks.
    CardProtocol: u32 {
        Unknown = 0,
        Icc = 1,
        Uicc = 2,
    }

    /// What a file is.
    FileType: u8 {
        Transparent = 0,
        Cyclic = 1,
        LinearFixed = 2,
        DedicatedFile = 3,
        MasterFile = 4,
    }

    /// How security attributes go together.
    SecurityLogic: u8 {
        Always = 0,
        Never = 1,
        And = 2,
        Or = 3,
        Single = 4,
    }

    /// How far a refresh has come (TS 31.111 §6.4.7).
    RefreshStage: u8 {
        WaitForOk = 0,
        Start = 1,
        EndWithSuccess = 2,
        EndWithFailure = 3,
    }

    /// What a refresh renews.
    RefreshMode: u8 {
        Reset = 0,
        Init = 1,
        InitFcn = 2,
        Fcn = 3,
        InitFullFcn = 4,
        AppReset = 5,
        SessionReset = 6,
    }
}

flags! {
    /// What a client wants to be told of.
    Events: u32 {
        CARD_STATUS = 0,
        SAP_CONNECTION = 1,
        EXTENDED_CARD_STATUS = 2,
        PROFILE_STATUS = 3,
        PHYSICAL_SLOT_STATUS = 4,
    }

    /// Keys that open a file.
    SecurityAttributes: u16 {
        PIN1 = 0,
        PIN2 = 1,
        UPIN = 2,
        ADM = 3,
    }
}

records! {
    /// All cards. An index is slot in the high octet, application in the low one; 0xFFFF is none.
    CardStatus {
        index_gw_primary: u16,
        index_1x_primary: u16,
        index_gw_secondary: u16,
        index_1x_secondary: u16,
        cards: Vec<Card> as Counted,
    }

    /// One card.
    Card {
        card_state: CardState,
        upin_state: PinState,
        upin_retries: u8,
        upuk_retries: u8,
        error_code: CardError,
        applications: Vec<Application> as Counted,
    }

    /// One application of a card.
    Application {
        kind: ApplicationType,
        state: ApplicationState,
        personalization_state: PersonalizationState,
        personalization_feature: u8,
        personalization_retries: u8,
        personalization_unblock_retries: u8,
        aid: Octets as Prefixed,
        upin_replaces_pin1: bool,
        pin1_state: PinState,
        pin1_retries: u8,
        puk1_retries: u8,
        pin2_state: PinState,
        pin2_retries: u8,
        puk2_retries: u8,
    }

    /// Which application a request speaks to; the identifier is empty in provisioning sessions.
    Session {
        session_type: SessionType,
        aid: Octets as Prefixed,
    }

    /// A file and the way to it: identifiers in two octets each, low octet first.
    File {
        id: u16,
        path: Octets as Prefixed,
    }

    /// A part of a transparent file; length 0 is all of it.
    Part {
        offset: u16,
        length: u16,
    }

    /// A record of a file; length 0 is all of it.
    Record {
        number: u16,
        length: u16,
    }

    /// What the card answered (TS 102 221 §10.2.1).
    CardResult {
        sw1: u8,
        sw2: u8,
    }

    /// What a file is.
    FileAttributes {
        size: u16,
        id: u16,
        kind: FileType,
        record_size: u16,
        record_count: u16,
        read_logic: SecurityLogic,
        read: SecurityAttributes,
        write_logic: SecurityLogic,
        write: SecurityAttributes,
        increase_logic: SecurityLogic,
        increase: SecurityAttributes,
        deactivate_logic: SecurityLogic,
        deactivate: SecurityAttributes,
        activate_logic: SecurityLogic,
        activate: SecurityAttributes,
        raw: Octets as Prefixed<u16>,
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

    /// Attempts left.
    Retries {
        verify: u8,
        unblock: u8,
    }

    /// A provisioning session to start or end.
    SessionChange {
        session_type: SessionType,
        activate: bool,
    }

    /// An application in a slot.
    SlotApplication {
        slot: u8,
        aid: Octets as Prefixed,
    }

    /// A physical slot. The ICCID is in BCD, low half first.
    PhysicalSlot {
        card: PhysicalCardState,
        state: SlotState,
        logical_slot: u8,
        iccid: Private<Octets> as Prefixed<u8, Secret>,
    }

    /// What is in a physical slot.
    SlotInformation {
        protocol: CardProtocol,
        valid_applications: u8,
        atr: Octets as Prefixed,
        euicc: bool,
    }

    /// The identity of an eUICC, in BCD; empty where there is none.
    SlotEid {
        eid: Private<Octets> as Prefixed<u8, Secret>,
    }

    /// A refresh that the card asks for.
    Refresh {
        stage: RefreshStage,
        mode: RefreshMode,
        session_type: SessionType,
        aid: Octets as Prefixed,
        files: Vec<File> as Counted<u16>,
    }
}
