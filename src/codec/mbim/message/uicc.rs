//! The card, by application protocol data units and files (Microsoft).

use super::super::bytes::{Bytes, Rest, SizedBytes, Utf8};
use super::super::list::{Count, Pointed};
use super::choices::PinType;
use super::{Cid, Nothing};
use crate::private::Private;

/// The answer to reset.
pub const ATR: Cid = Cid::new(1, "atr").query::<Nothing>().response::<Atr>();
/// Opens a logical channel.
pub const OPEN_CHANNEL: Cid = Cid::new(2, "open-channel").set::<OpenChannel>().response::<OpenedChannel>();
/// Closes a logical channel.
pub const CLOSE_CHANNEL: Cid = Cid::new(3, "close-channel").set::<CloseChannel>().response::<ClosedChannel>();
/// A command to the card.
pub const APDU: Cid = Cid::new(4, "apdu").set::<Apdu>().response::<ApduAnswer>();
/// What the host can do.
pub const TERMINAL_CAPABILITY: Cid = Cid::new(5, "terminal-capability")
    .set::<TerminalCapabilities>()
    .query::<Nothing>()
    .response::<TerminalCapabilities>();
/// Resets the card.
pub const RESET: Cid = Cid::new(6, "reset").set::<Reset>().query::<Nothing>().response::<ResetStatus>();
/// Applications on the card.
pub const APPLICATION_LIST: Cid = Cid::new(7, "application-list").query::<Nothing>().response::<Applications>();
/// What a file is.
pub const FILE_STATUS: Cid = Cid::new(8, "file-status").query::<FileQuery>().response::<FileStatus>();
/// Reads a transparent file.
pub const READ_BINARY: Cid = Cid::new(9, "read-binary").query::<ReadBinary>().response::<FileData>();
/// Reads a record.
pub const READ_RECORD: Cid = Cid::new(10, "read-record").query::<ReadRecord>().response::<FileData>();

/// The commands of the service.
pub const CIDS: &[Cid] = &[
    ATR,
    OPEN_CHANNEL,
    CLOSE_CHANNEL,
    APDU,
    TERMINAL_CAPABILITY,
    RESET,
    APPLICATION_LIST,
    FILE_STATUS,
    READ_BINARY,
    READ_RECORD,
];

record! {
    /// The answer to reset (ISO 7816-3).
    Atr {
        atr: SizedBytes,
    }

    /// Opens a logical channel to an application.
    OpenChannel {
        app_id: SizedBytes,
        select_p2_arg: u32,
        channel_group: u32,
    }

    /// A logical channel.
    OpenedChannel {
        /// SW1 and SW2 (TS 102 221), SW1 in the low byte.
        status: u32,
        channel: u32,
        response: SizedBytes,
    }

    /// Closes a channel, or all of a group where the channel is 0.
    CloseChannel {
        channel: u32,
        channel_group: u32,
    }

    /// What came of it.
    ClosedChannel {
        status: u32,
    }

    /// A command to the card; it may hold keys and PINs.
    Apdu {
        channel: u32,
        secure_messaging: UiccSecureMessaging,
        class_byte_type: UiccClassByteType,
        command: Private<SizedBytes>,
    }

    /// The card's answer.
    ApduAnswer {
        /// SW1 and SW2 (TS 102 221), SW1 in the low byte.
        status: u32,
        response: Private<SizedBytes>,
    }

    /// What the host can do.
    TerminalCapabilities {
        terminal_capability_count: Count,
        terminal_capability: Pointed<TerminalCapability>,
    }

    /// One capability (TS 102 221 clause 11.1.19.2).
    TerminalCapability {
        terminal_capability_data: Rest,
    }

    /// Resets the card.
    Reset {
        pass_through_action: UiccPassThroughAction,
    }

    /// Who owns the card.
    ResetStatus {
        pass_through_status: UiccPassThroughStatus,
    }

    /// Applications on the card.
    Applications {
        version: u32,
        application_count: Count,
        active_application_index: u32,
        application_list_size_bytes: u32,
        applications: Pointed<Application>,
    }

    /// An application.
    Application {
        application_type: UiccApplicationType,
        application_id: Bytes,
        application_name: Utf8,
        pin_key_reference_count: u32,
        pin_key_references: Bytes,
    }

    /// Which file is meant.
    FileQuery {
        version: u32,
        application_id: Bytes,
        file_path: Bytes,
    }

    /// What a file is.
    FileStatus {
        version: u32,
        status_word1: u32,
        status_word2: u32,
        file_accessibility: UiccFileAccessibility,
        file_type: UiccFileType,
        file_structure: UiccFileStructure,
        file_item_count: u32,
        file_item_size: u32,
        access_condition_read: PinType,
        access_condition_update: PinType,
        access_condition_activate: PinType,
        access_condition_deactivate: PinType,
    }

    /// Reads a transparent file.
    ReadBinary {
        version: u32,
        application_id: Bytes,
        file_path: Bytes,
        read_offset: u32,
        read_size: u32,
        local_pin: Private<String>,
        data: Bytes,
    }

    /// Reads a record.
    ReadRecord {
        version: u32,
        application_id: Bytes,
        file_path: Bytes,
        record_number: u32,
        local_pin: Private<String>,
        data: Bytes,
    }

    /// What was read; it may be the IMSI.
    FileData {
        version: u32,
        status_word1: u32,
        status_word2: u32,
        data: Private<Bytes>,
    }
}

choice! {
    /// Secure messaging of a command.
    UiccSecureMessaging {
        None = 0 "none",
        NoHdrAuth = 1 "no-hdr-auth",
    }

    /// How the class byte names the channel.
    UiccClassByteType {
        InterIndustry = 0 "inter-industry",
        Extended = 1 "extended",
    }

    /// Whether the host owns the card.
    UiccPassThroughAction {
        Disable = 0 "disable",
        Enable = 1 "enable",
    }

    /// Whether the host owns the card.
    UiccPassThroughStatus {
        Disabled = 0 "disabled",
        Enabled = 1 "enabled",
    }

    /// What an application on the card is.
    UiccApplicationType {
        Unknown = 0 "unknown",
        Mf = 1 "mf",
        MfSim = 2 "mf-sim",
        MfRuim = 3 "mf-ruim",
        Usim = 4 "usim",
        Csim = 5 "csim",
        Isim = 6 "isim",
    }

    /// Whether a file is shared.
    UiccFileAccessibility {
        Unknown = 0 "unknown",
        NotShareable = 1 "not-shareable",
        Shareable = 2 "shareable",
    }

    /// What a file is.
    UiccFileType {
        Unknown = 0 "unknown",
        WorkingEf = 1 "working-ef",
        InternalEf = 2 "internal-ef",
        DfOrAdf = 3 "df-or-adf",
    }

    /// How a file is built.
    UiccFileStructure {
        Unknown = 0 "unknown",
        Transparent = 1 "transparent",
        Cyclic = 2 "cyclic",
        Linear = 3 "linear",
        BerTlv = 4 "ber-tlv",
    }
}
