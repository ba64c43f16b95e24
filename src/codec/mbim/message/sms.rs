//! Short messages (MBIM 1.0 clause 10.5.25).

use super::super::bytes::Bytes;
use super::super::conditional::When;
use super::super::list::{Count, Pointed};
use super::flags::SmsStatusFlag;
use super::{Cid, Nothing};
use crate::private::Private;

/// The store, and the service centre.
pub const CONFIGURATION: Cid = Cid::new(1, "configuration")
    .set::<SetConfiguration>()
    .query::<Nothing>()
    .response::<Configuration>()
    .notification::<Configuration>();
/// Reads messages; a notification brings one that is not stored.
pub const READ: Cid = Cid::new(2, "read").query::<ReadQuery>().response::<Messages>().notification::<Messages>();
/// Sends a message.
pub const SEND: Cid = Cid::new(3, "send").set::<Send>().response::<Sent>();
/// Deletes messages.
pub const DELETE: Cid = Cid::new(4, "delete").set::<Delete>().response::<Nothing>();
/// A message has come, or the store is full.
pub const MESSAGE_STORE_STATUS: Cid = Cid::new(5, "message-store-status")
    .query::<Nothing>()
    .response::<MessageStoreStatus>()
    .notification::<MessageStoreStatus>();

/// The commands of the service.
pub const CIDS: &[Cid] = &[CONFIGURATION, READ, SEND, DELETE, MESSAGE_STORE_STATUS];

record! {
    /// How to write messages, and the service centre.
    SetConfiguration {
        format: SmsFormat,
        sc_address: Private<String>,
    }

    /// The store, and the service centre.
    Configuration {
        sms_storage_state: SmsStorageState,
        format: SmsFormat,
        max_messages: u32,
        cdma_short_message_size: u32,
        sc_address: Private<String>,
    }

    /// Which messages to read.
    ReadQuery {
        format: SmsFormat,
        flag: SmsFlag,
        /// From 1.
        message_index: u32,
    }

    /// Messages that were read.
    Messages {
        format: SmsFormat,
        messages_count: Count,
        pdu_messages: When<0, Pointed<PduMessage>>,
        cdma_messages: When<1, Pointed<CdmaMessage>>,
    }

    /// A message as it came: the address of the service centre, then the TPDU (TS 23.040).
    PduMessage {
        /// From 1; 0 where it is not stored.
        message_index: u32,
        message_status: SmsStatus,
        pdu_data: Private<Bytes>,
    }

    /// A CDMA message.
    CdmaMessage {
        message_index: u32,
        message_status: SmsStatus,
        address: Private<String>,
        timestamp: String,
        encoding: SmsCdmaEncoding,
        language: SmsCdmaLanguage,
        encoded_message: Private<Bytes>,
        encoded_message_size_in_characters: u32,
    }

    /// A message to send.
    Send {
        format: SmsFormat,
        pdu_message: When<0, PduToSend>,
        cdma_message: When<1, CdmaToSend>,
    }

    /// The address of the service centre, then the TPDU.
    PduToSend {
        pdu_data: Private<Bytes>,
    }

    /// A CDMA message to send.
    CdmaToSend {
        encoding: SmsCdmaEncoding,
        language: SmsCdmaLanguage,
        address: Private<String>,
        encoded_message: Private<Bytes>,
        encoded_message_size_in_characters: u32,
    }

    /// What the network calls the message.
    Sent {
        message_reference: u32,
    }

    /// Which messages to delete.
    Delete {
        flag: SmsFlag,
        message_index: u32,
    }

    /// What happened to the store.
    MessageStoreStatus {
        flag: SmsStatusFlag,
        message_index: u32,
    }
}

choice! {
    /// Whether the store of messages is ready.
    SmsStorageState {
        NotInitialized = 0 "not-initialized",
        Initialized = 1 "initialized",
    }

    /// How messages are written.
    SmsFormat {
        Pdu = 0 "pdu",
        Cdma = 1 "cdma",
    }

    /// Which messages.
    SmsFlag {
        All = 0 "all",
        Index = 1 "index",
        New = 2 "new",
        Old = 3 "old",
        Sent = 4 "sent",
        Draft = 5 "draft",
    }

    /// Language of a CDMA message.
    SmsCdmaLanguage {
        Unknown = 0 "unknown",
        English = 1 "english",
        French = 2 "french",
        Spanish = 3 "spanish",
        Japanese = 4 "japanese",
        Korean = 5 "korean",
        Chinese = 6 "chinese",
        Hebrew = 7 "hebrew",
    }

    /// Coding of a CDMA message.
    SmsCdmaEncoding {
        Octet = 0 "octet",
        Epm = 1 "epm",
        Bits7bitAscii = 2 "7bit-ascii",
        La5 = 3 "la5",
        Unicode = 4 "unicode",
        ShiftJis = 5 "shift-jis",
        Korean = 6 "korean",
        LatinHebrew = 7 "latin-hebrew",
        Latin = 8 "latin",
        Gsm7bit = 9 "gsm-7bit",
    }

    /// What became of a message.
    SmsStatus {
        New = 0 "new",
        Old = 1 "old",
        Draft = 2 "draft",
        Sent = 3 "sent",
    }
}
