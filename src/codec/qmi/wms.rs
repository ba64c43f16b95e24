//! WMS: SMS as PDUs (TS 23.040). The octets of a PDU are secret: they hold a number and a text.

use super::body::{body, coding, explains, records, service, values};
use super::coding::{Counted, Octets, Prefixed, Secret};
use crate::private::Private;

values! {
    /// Where messages are kept.
    Storage: u8 {
        Uim = 0,
        #[doc = "The memory of the modem."]
        Nv = 1,
        None = 255,
    }

    /// Whether a message was read or sent.
    Tag: u8 {
        Read = 0,
        NotRead = 1,
        Sent = 2,
        NotSent = 3,
    }

    /// Which standard a message is of.
    Mode: u8 {
        Cdma = 0,
        Gsm = 1,
    }

    /// What the octets of a message are.
    Format: u8 {
        Cdma = 0,
        PointToPoint = 6,
        Broadcast = 7,
        Mwi = 8,
    }

    /// What becomes of a message that arrives.
    Receipt: u8 {
        Discard = 0,
        StoreAndNotify = 1,
        TransferOnly = 2,
        TransferAndAck = 3,
        Unknown = 255,
    }

    /// Kind of message that a route is for.
    RouteType: u8 {
        PointToPoint = 0,
    }

    /// Class of message that a route is for (TS 23.038 §4).
    Class: u8 {
        Class0 = 0,
        Class1 = 1,
        Class2 = 2,
        Class3 = 3,
        None = 4,
        Cdma = 5,
    }

    /// Whether the host has to acknowledge.
    AckIndicator: u8 {
        Send = 0,
        DoNotSend = 1,
    }
}

records! {
    /// A stored message.
    StoredMessage {
        storage: Storage,
        index: u32,
    }

    /// A message that came by.
    TransferredMessage {
        ack: AckIndicator,
        transaction: u32,
        format: Format,
        pdu: Private<Octets> as Prefixed<u16, Secret>,
    }

    /// A message to send, with the address of the centre in front of its TPDU.
    RawMessage {
        format: Format,
        pdu: Private<Octets> as Prefixed<u16, Secret>,
    }

    /// A message that was read.
    ReadMessage {
        tag: Tag,
        format: Format,
        pdu: Private<Octets> as Prefixed<u16, Secret>,
    }

    /// A message to store.
    WriteMessage {
        storage: Storage,
        format: Format,
        pdu: Private<Octets> as Prefixed<u16, Secret>,
    }

    /// A message to tag.
    TagChange {
        storage: Storage,
        index: u32,
        tag: Tag,
    }

    /// One line of a list.
    ListedMessage {
        index: u32,
        tag: Tag,
    }

    /// What becomes of a kind of message.
    Route {
        kind: RouteType,
        class: Class,
        storage: Storage,
        receipt: Receipt,
    }

    /// Why the network refused a message: RP cause and TP cause (TS 24.011 §8.2.5.4, TS 23.040 §9.2.3.22).
    Causes {
        rp: u16,
        tp: u8,
    }

    /// The address of the centre, as digits.
    CentreAddress {
        kind: [u8; 3],
        digits: Private<String> as Prefixed<u8, Secret>,
    }

    /// An acknowledgement.
    Acknowledgement {
        transaction: u32,
        mode: Mode,
        success: bool,
    }
}

service! {
    WMS;
    0x0000 "Reset" {
        request Reset {}
        response ResetDone {}
    }
    0x0001 "Set Event Report" {
        request SetEventReport { 0x10 new_messages: bool }
        response EventReportSet {}
        indication EventReport {
            0x10 stored: StoredMessage,
            0x11 transferred: TransferredMessage,
            0x12 mode: Mode,
            0x13 etws: Octets,
        }
    }
    0x001E "Get Supported Messages" {
        request GetSupportedMessages {}
        response SupportedMessages { 0x10 messages: Octets as Prefixed<u16> }
    }
    0x0020 "Raw Send" {
        request RawSend { 0x01 message: RawMessage }
        response RawSent {
            /// TP-MR of the message as it was sent.
            0x01 reference: u16,
            0x12 causes: Causes,
        }
    }
    0x0021 "Raw Write" {
        request RawWrite { 0x01 message: WriteMessage }
        response RawWritten { 0x01 index: u32 }
    }
    0x0022 "Raw Read" {
        request RawRead { 0x01 message: StoredMessage, 0x10 mode: Mode }
        response RawMessageRead { 0x01 message: ReadMessage }
    }
    0x0023 "Modify Tag" {
        request ModifyTag { 0x01 change: TagChange, 0x10 mode: Mode }
        response TagModified {}
    }
    0x0024 "Delete" {
        request Delete {
            0x01 storage: Storage,
            /// Left out: all of them.
            0x10 index: u32,
            0x11 tag: Tag,
            0x12 mode: Mode,
        }
        response Deleted {}
    }
    0x0030 "Get Message Protocol" {
        request GetMessageProtocol {}
        response MessageProtocol { 0x01 mode: Mode }
    }
    0x0031 "List Messages" {
        request ListMessages { 0x01 storage: Storage, 0x11 tag: Tag, 0x12 mode: Mode }
        response MessageList { 0x01 messages: Vec<ListedMessage> as Counted<u32> }
    }
    0x0032 "Set Routes" {
        request SetRoutes { 0x01 routes: Vec<Route> as Counted<u16>, 0x10 transfer_status_report: bool }
        response RoutesSet {}
    }
    0x0033 "Get Routes" {
        request GetRoutes {}
        response Routes { 0x01 routes: Vec<Route> as Counted<u16>, 0x10 transfer_status_report: bool }
    }
    0x0034 "Get SMSC Address" {
        request GetCentreAddress {}
        response CentreAddressInfo { 0x01 address: CentreAddress }
    }
    0x0036 "Get Store Max Size" {
        request GetStoreMaxSize { 0x01 storage: Storage, 0x10 mode: Mode }
        response StoreMaxSize { 0x01 most: u32, 0x10 free: u32 }
    }
    0x0037 "Send Ack" {
        request SendAck { 0x01 acknowledgement: Acknowledgement, 0x11 causes: Causes }
        response AckSent {}
    }
    0x0042 "Send From Memory Storage" {
        request SendFromStorage { 0x10 message: StoredMessage }
        response SentFromStorage { 0x10 reference: u16, 0x12 causes: Causes }
    }
}
