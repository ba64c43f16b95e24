//! The card itself: applications, files, logical channels.

use crate::codec::mbim::Status;
use crate::codec::mbim::bytes::{Bytes, Utf8};
use crate::codec::mbim::message::choices::PinType;
use crate::codec::mbim::message::uicc::*;
use crate::private::Private;
use crate::sim::card::CardState;
use crate::sim::modem::SimModem;

use super::ask::{Answer, Ask};

/// The USIM of any network (TS 31.110 annex A, ETSI TS 101 220 annex E), with an invented end.
const USIM: [u8; 16] = [0xa0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0xff, 0xff, 0xff, 0xff, 0x89, 0x00, 0x00, 0x01, 0xff];
/// The answer to reset of a card that says no more than that it is a UICC (ISO 7816-3).
const ANSWER_TO_RESET: [u8; 4] = [0x3b, 0x80, 0x80, 0x00];
/// SW1 and SW2 as one number, SW1 in the low byte: 9000, all went well.
const OK: u32 = 0x0090;
/// 6A82: file not found (TS 102 221 clause 10.2.1.5.3).
const NOT_FOUND: u32 = 0x826a;
/// 6D00: instruction not supported (clause 10.2.1.5.2).
const NO_INSTRUCTION: u32 = 0x006d;
/// The last of the logical channels (TS 102 221 clause 11.1.17).
const CHANNELS: u32 = 3;

/// Whether there is a card to talk to.
fn there(modem: &SimModem) -> Result<(), Status> {
    match modem.card.state() {
        CardState::Absent => Err(Status::SimNotInserted),
        CardState::Blocked => Err(Status::BadSim),
        _ => Ok(()),
    }
}

/// The file at the end of a path such as 3F00 7FFF 6F07.
fn file(modem: &SimModem, path: &Bytes) -> Option<Vec<u8>> {
    let id = path.0.last_chunk().map(|id: &[u8; 2]| u16::from_be_bytes(*id))?;
    modem.card.file(id.into())
}

pub(super) fn atr(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    there(modem)?;
    ask.answer(&Atr { atr: ANSWER_TO_RESET.to_vec().into() })
}

pub(super) fn applications(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    there(modem)?;
    let usim = Application {
        application_type: UiccApplicationType::Usim,
        application_id: USIM.to_vec().into(),
        application_name: Utf8(modem.card.provider.clone().unwrap_or_else(|| "USIM".to_owned())),
        pin_key_reference_count: 1,
        // PIN1 (TS 102 221 clause 9.5.1).
        pin_key_references: vec![1].into(),
    };
    let one = crate::codec::mbim::encode(&usim, ask.version);
    ask.answer(&Applications {
        version: 1,
        active_application_index: 0,
        application_list_size_bytes: u32::try_from(one.len()).unwrap_or(0),
        applications: vec![usim].into(),
        ..Applications::default()
    })
}

pub(super) fn file_status(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    there(modem)?;
    let asked: FileQuery = ask.read()?;
    let Some(file) = file(modem, &asked.file_path) else {
        return ask.answer(&FileStatus { version: 1, status_word1: 0x6a, status_word2: 0x82, ..FileStatus::default() });
    };
    ask.answer(&FileStatus {
        version: 1,
        status_word1: 0x90,
        file_accessibility: UiccFileAccessibility::Shareable,
        file_type: UiccFileType::WorkingEf,
        file_structure: UiccFileStructure::Transparent,
        file_item_count: 1,
        file_item_size: u32::try_from(file.len()).unwrap_or(0),
        access_condition_read: PinType::Pin1,
        access_condition_update: PinType::Adm,
        access_condition_activate: PinType::Adm,
        access_condition_deactivate: PinType::Adm,
        ..FileStatus::default()
    })
}

pub(super) fn read_binary(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    there(modem)?;
    let asked: ReadBinary = ask.read()?;
    let Some(file) = file(modem, &asked.file_path) else {
        return ask.answer(&FileData { version: 1, status_word1: 0x6a, status_word2: 0x82, ..FileData::default() });
    };
    let count = if asked.read_size == 0 { usize::MAX } else { asked.read_size as usize };
    let data: Vec<u8> = file.into_iter().skip(asked.read_offset as usize).take(count).collect();
    ask.answer(&FileData { version: 1, status_word1: 0x90, status_word2: 0, data: Private::new(data.into()) })
}

pub(super) fn open_channel(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    there(modem)?;
    let asked: OpenChannel = ask.read()?;
    if !USIM.starts_with(&asked.app_id.0) {
        return ask.answer(&OpenedChannel { status: NOT_FOUND, ..OpenedChannel::default() });
    }
    let free = (1..=CHANNELS).find(|channel| !modem.mbim.channels.contains(channel));
    let channel = free.ok_or(Status::UiccNoLogicalChannels)?;
    modem.mbim.channels.push(channel);
    ask.answer(&OpenedChannel { status: OK, channel, ..OpenedChannel::default() })
}

pub(super) fn close_channel(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    there(modem)?;
    let asked: CloseChannel = ask.read()?;
    if asked.channel == 0 {
        modem.mbim.channels.clear();
    } else if !modem.mbim.channels.contains(&asked.channel) {
        return Err(Status::UiccInvalidLogicalChannel);
    }
    modem.mbim.channels.retain(|channel| *channel != asked.channel);
    ask.answer(&ClosedChannel { status: OK })
}

/// The card knows how to tell the tries of PIN1 and PUK1 (TS 102 221 clause 11.1.9), and no other instruction.
pub(super) fn apdu(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    there(modem)?;
    let asked: Apdu = ask.read()?;
    if asked.channel != 0 && !modem.mbim.channels.contains(&asked.channel) {
        return Err(Status::UiccInvalidLogicalChannel);
    }
    let tries = |left: u8| 0x63 | (0xc0 | u32::from(left)) << 8;
    let status = match asked.command.reveal().0.get(1..4) {
        Some([0x20, 0x00, 0x01]) => tries(modem.card.pin_tries),
        Some([0x2c, 0x00, 0x01]) => tries(modem.card.puk_tries),
        _ => NO_INSTRUCTION,
    };
    ask.answer(&ApduAnswer { status, ..ApduAnswer::default() })
}

pub(super) fn reset(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    there(modem)?;
    if ask.set {
        modem.mbim.pass_through = ask.read::<Reset>()?.pass_through_action == UiccPassThroughAction::Enable;
        modem.mbim.channels.clear();
    }
    let on = modem.mbim.pass_through;
    let pass_through_status = if on { UiccPassThroughStatus::Enabled } else { UiccPassThroughStatus::Disabled };
    ask.answer(&ResetStatus { pass_through_status })
}
