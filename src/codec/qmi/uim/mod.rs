//! UIM: the card, its PINs and files, slots, logical channels.

mod types;

use super::body::{body, coding, explains, service};
use super::coding::{Counted, Octets, Prefixed, Secret};
use crate::private::Private;
pub use types::*;

service! {
    UIM;
    0x0000 "Reset" {
        request Reset {}
        response ResetDone {}
    }
    0x0020 "Read Transparent" {
        request ReadTransparent { 0x01 session: Session, 0x02 file: File, 0x03 part: Part }
        response TransparentRead {
            0x10 card_result: CardResult,
            /// IMSI, ICCID, names: whatever the file has.
            0x11 content: Private<Octets> as Prefixed<u16, Secret>,
        }
    }
    0x0021 "Read Record" {
        request ReadRecord { 0x01 session: Session, 0x02 file: File, 0x03 record: Record, 0x10 last_record: u16 }
        response RecordRead {
            0x10 card_result: CardResult,
            0x11 content: Private<Octets> as Prefixed<u16, Secret>,
            0x12 further: Private<Octets> as Prefixed<u16, Secret>,
        }
    }
    0x0024 "Get File Attributes" {
        request GetFileAttributes { 0x01 session: Session, 0x02 file: File }
        response FileAttributesInfo { 0x10 card_result: CardResult, 0x11 attributes: FileAttributes }
    }
    0x0025 "Set PIN Protection" {
        request SetPinProtection { 0x01 session: Session, 0x02 info: PinProtection }
        response PinProtectionSet { 0x10 retries: Retries, 0x13 card_result: CardResult }
    }
    0x0026 "Verify PIN" {
        request VerifyPin { 0x01 session: Session, 0x02 info: PinEntry }
        response PinVerified { 0x10 retries: Retries, 0x13 card_result: CardResult }
    }
    0x0027 "Unblock PIN" {
        request UnblockPin { 0x01 session: Session, 0x02 info: PinUnblock }
        response PinUnblocked { 0x10 retries: Retries, 0x13 card_result: CardResult }
    }
    0x0028 "Change PIN" {
        request ChangePin { 0x01 session: Session, 0x02 info: PinChange }
        response PinChanged { 0x10 retries: Retries, 0x13 card_result: CardResult }
    }
    0x002E "Register Events" {
        request RegisterEvents { 0x01 events: Events }
        response EventsRegistered { 0x10 events: Events }
    }
    0x002F "Get Card Status" {
        request GetCardStatus {}
        response CardStatusInfo { 0x10 status: CardStatus }
    }
    0x0030 "Power Off SIM" {
        request PowerOff { 0x01 slot: u8 }
        response PoweredOff {}
    }
    0x0031 "Power On SIM" {
        request PowerOn { 0x01 slot: u8 }
        response PoweredOn {}
    }
    0x0032 "Card Status" {
        indication CardStatusChanged { 0x10 status: CardStatus }
    }
    0x0033 "Refresh" {
        indication RefreshEvent { 0x10 event: Refresh }
    }
    0x0038 "Change Provisioning Session" {
        request ChangeProvisioningSession { 0x01 change: SessionChange, 0x10 application: SlotApplication }
        response ProvisioningSessionChanged {}
    }
    0x003B "Send APDU" {
        request SendApdu {
            0x01 slot: u8,
            /// It may hold a PIN.
            0x02 apdu: Private<Octets> as Prefixed<u16, Secret>,
            0x10 channel: u8,
            0x11 procedure_bytes: u8,
        }
        response ApduSent { 0x10 answer: Private<Octets> as Prefixed<u16, Secret> }
    }
    0x003F "Logical Channel" {
        request ChangeLogicalChannel {
            0x01 slot: u8,
            0x10 aid: Octets as Prefixed,
            /// Given: this channel is closed; left out: one is opened.
            0x11 channel: u8,
            0x12 file_control_information: u8,
            0x13 terminate_application: bool,
        }
        response LogicalChannelChanged {
            0x10 channel: u8,
            0x11 card_result: CardResult,
            0x12 select_response: Octets as Prefixed,
        }
    }
    0x0042 "Open Logical Channel" {
        request OpenLogicalChannel { 0x01 slot: u8, 0x10 aid: Octets as Prefixed, 0x11 file_control_information: u8 }
        response LogicalChannelOpened {
            0x10 channel: u8,
            0x11 card_result: CardResult,
            0x12 select_response: Octets as Prefixed,
        }
    }
    0x0044 "Refresh Register All" {
        request RegisterRefresh { 0x01 session: Session, 0x02 on: bool }
        response RefreshRegistered {}
    }
    0x0046 "Switch Slot" {
        request SwitchSlot { 0x01 logical_slot: u8, 0x02 physical_slot: u32 }
        response SlotSwitched {}
    }
    0x0047 "Get Slot Status" {
        request GetSlotStatus {}
        response SlotStatus {
            0x10 slots: Vec<PhysicalSlot> as Counted,
            0x11 information: Vec<SlotInformation> as Counted,
            0x12 eids: Vec<SlotEid> as Counted,
        }
    }
    0x0048 "Slot Status" {
        indication SlotStatusChanged {
            0x10 slots: Vec<PhysicalSlot> as Counted,
            0x11 information: Vec<SlotInformation> as Counted,
            0x12 eids: Vec<SlotEid> as Counted,
        }
    }
}
