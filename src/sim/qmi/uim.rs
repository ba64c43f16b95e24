//! UIM: the card, its PINs and files, the two slots.

use crate::codec::qmi::uim::CardState as QmiCardState;
use crate::codec::qmi::uim::{
    self, Application, ApplicationState, ApplicationType, Card, CardProtocol, CardResult, CardStatus, Events, File,
    FileAttributes, FileType, PersonalizationState, PhysicalCardState, PhysicalSlot, PinState, Retries,
    SecurityAttributes, SecurityLogic, SlotEid, SlotInformation, SlotState,
};
use crate::codec::qmi::{Body, Message, Octets, QmiError};
use crate::private::Private;
use crate::sim::card::{self, CardState};
use crate::sim::modem::SimModem;

use super::pin::{self, Left, attempt};
use super::{Reply, answer, needed};

/// The application of a USIM by its first octets (TS 101 220 annex E: 3GPP, USIM).
const USIM: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];
/// "Normal ending of the command" (TS 102 221 §10.2.1.1).
const DONE: CardResult = CardResult { sw1: 0x90, sw2: 0x00 };
/// "File not found" (TS 102 221 §10.2.1.5.3).
const NOT_FOUND: CardResult = CardResult { sw1: 0x6A, sw2: 0x82 };

pub(super) fn run(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    status(modem, request).or_else(|| files(modem, request)).or_else(|| codes(modem, request))
}

fn status(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    Some(match request.id {
        uim::Reset::ID => answer(request, |_: uim::Reset| Ok(uim::ResetDone::default())),
        uim::RegisterEvents::ID => answer(request, |body: uim::RegisterEvents| {
            let events = needed(body.events)?;
            let offered = Events::CARD_STATUS | Events::PHYSICAL_SLOT_STATUS;
            modem.wanting(request, |wants| wants.events = Events(events.0 & offered.0));
            Ok(uim::EventsRegistered { events: Some(Events(events.0 & offered.0)), ..Default::default() })
        }),
        uim::GetCardStatus::ID => answer(request, |_: uim::GetCardStatus| {
            Ok(uim::CardStatusInfo { status: Some(card_status(modem)), ..Default::default() })
        }),
        uim::GetSlotStatus::ID => answer(request, |_: uim::GetSlotStatus| {
            let (slots, information, eids) = slots(modem);
            Ok(uim::SlotStatus {
                slots: Some(slots),
                information: Some(information),
                eids: Some(eids),
                ..Default::default()
            })
        }),
        uim::SwitchSlot::ID => answer(request, |body: uim::SwitchSlot| {
            let (logical, physical) = (needed(body.logical_slot)?, needed(body.physical_slot)?);
            let slot = u8::try_from(physical).ok().filter(|slot| logical == 1 && modem.card_in(*slot).is_some());
            if slot.ok_or(QmiError::INVALID_ARGUMENT)? == modem.slots.active {
                return Err(QmiError::NO_EFFECT);
            }
            modem.switch_slot();
            Ok(uim::SlotSwitched::default())
        }),
        uim::PowerOff::ID => {
            answer(request, |body: uim::PowerOff| power(modem, body.slot, false).map(|()| uim::PoweredOff::default()))
        }
        uim::PowerOn::ID => {
            answer(request, |body: uim::PowerOn| power(modem, body.slot, true).map(|()| uim::PoweredOn::default()))
        }
        uim::ChangeProvisioningSession::ID => answer(request, |_: uim::ChangeProvisioningSession| {
            pin::open(modem.card.state())?;
            Ok(uim::ProvisioningSessionChanged::default())
        }),
        uim::RegisterRefresh::ID => answer(request, |_: uim::RegisterRefresh| Ok(uim::RefreshRegistered::default())),
        _ => return None,
    })
}

/// Power of the card: it looks absent while it has none.
fn power(modem: &mut SimModem, slot: Option<u8>, on: bool) -> Result<(), QmiError> {
    if needed(slot)? != modem.slots.active {
        return Err(QmiError::INVALID_ARGUMENT);
    }
    if modem.card.present == on {
        return Err(QmiError::NO_EFFECT);
    }
    modem.occur(crate::sim::event::Event::Card(on), None);
    Ok(())
}

fn files(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    Some(match request.id {
        uim::ReadTransparent::ID => {
            let read = request.read::<uim::ReadTransparent>().ok();
            let content = read.as_ref().and_then(|body| file(modem, body.file.as_ref()));
            let part = read.and_then(|body| body.part);
            found(
                request,
                content,
                |content| {
                    let content = Some(Private::new(Octets(cut(content, part.as_ref()))));
                    uim::TransparentRead { card_result: Some(DONE), content, ..Default::default() }
                },
                uim::TransparentRead { card_result: Some(NOT_FOUND), ..Default::default() },
            )
        }
        uim::GetFileAttributes::ID => {
            let asked = request.read::<uim::GetFileAttributes>().ok().and_then(|body| body.file);
            let content = file(modem, asked.as_ref());
            let id = asked.map_or(0, |file| file.id);
            found(
                request,
                content,
                |content| {
                    let attributes = Some(attributes(id, content.len()));
                    uim::FileAttributesInfo { card_result: Some(DONE), attributes, ..Default::default() }
                },
                uim::FileAttributesInfo { card_result: Some(NOT_FOUND), ..Default::default() },
            )
        }
        uim::ReadRecord::ID => answer(request, |_: uim::ReadRecord| Err(QmiError::SIM_FILE_NOT_FOUND)),
        _ => return None,
    })
}

fn file(modem: &SimModem, file: Option<&File>) -> Option<Vec<u8>> {
    modem.card.file(file?.id.into()).filter(|_| modem.card.state() != CardState::Absent)
}

/// The answer about a file that is there, or that is not.
fn found<B: Body>(request: &Message, content: Option<Vec<u8>>, there: impl FnOnce(Vec<u8>) -> B, missing: B) -> Reply {
    match content {
        Some(content) => request.respond(Ok(&there(content))).into(),
        None => {
            let mut message = request.result(Some(QmiError::SIM_FILE_NOT_FOUND));
            message.put(&missing);
            message.into()
        }
    }
}

fn cut(content: Vec<u8>, part: Option<&uim::Part>) -> Vec<u8> {
    let Some(part) = part else { return content };
    let length = if part.length == 0 { usize::MAX } else { usize::from(part.length) };
    content.into_iter().skip(part.offset.into()).take(length).collect()
}

fn attributes(id: u16, size: usize) -> FileAttributes {
    FileAttributes {
        size: u16::try_from(size).unwrap_or(u16::MAX),
        id,
        kind: FileType::Transparent,
        read_logic: SecurityLogic::Single,
        read: SecurityAttributes::PIN1,
        write_logic: SecurityLogic::Single,
        write: SecurityAttributes::ADM,
        ..Default::default()
    }
}

fn codes(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    Some(match request.id {
        uim::VerifyPin::ID => attempt(
            modem,
            request,
            |modem, body: uim::VerifyPin| modem.qmi_verify(&needed(body.info)?.code),
            |left| uim::PinVerified { retries: left.map(retries), ..Default::default() },
        ),
        uim::SetPinProtection::ID => attempt(
            modem,
            request,
            |modem, body: uim::SetPinProtection| {
                let info = needed(body.info)?;
                modem.qmi_protect(info.on, &info.code)
            },
            |left| uim::PinProtectionSet { retries: left.map(retries), ..Default::default() },
        ),
        uim::UnblockPin::ID => attempt(
            modem,
            request,
            |modem, body: uim::UnblockPin| {
                let info = needed(body.info)?;
                modem.qmi_unblock(&info.puk, &info.new)
            },
            |left| uim::PinUnblocked { retries: left.map(retries), ..Default::default() },
        ),
        uim::ChangePin::ID => attempt(
            modem,
            request,
            |modem, body: uim::ChangePin| {
                let info = needed(body.info)?;
                modem.qmi_change_pin(&info.old, &info.new)
            },
            |left| uim::PinChanged { retries: left.map(retries), ..Default::default() },
        ),
        _ => return None,
    })
}

/// The card in use.
pub(super) fn card_status(modem: &SimModem) -> CardStatus {
    let none = 0xFFFF;
    let absent = Card { card_state: QmiCardState::Absent, ..Default::default() };
    let present = modem.card.state() != CardState::Absent;
    let card = if present { card(&modem.card) } else { absent };
    CardStatus {
        index_gw_primary: if modem.card.state() == CardState::Ready { 0 } else { none },
        index_1x_primary: none,
        index_gw_secondary: none,
        index_1x_secondary: none,
        cards: vec![card],
    }
}

fn card(card: &card::Card) -> Card {
    let (state, pin1_state) = match card.state() {
        CardState::Ready if card.pin_required => (ApplicationState::Ready, PinState::EnabledVerified),
        CardState::Ready => (ApplicationState::Ready, PinState::Disabled),
        CardState::Pin => (ApplicationState::Pin1OrUpinRequired, PinState::EnabledNotVerified),
        CardState::Puk => (ApplicationState::Puk1OrUpukRequired, PinState::Blocked),
        CardState::Blocked | CardState::Absent => (ApplicationState::Pin1Blocked, PinState::PermanentlyBlocked),
    };
    let application = Application {
        kind: ApplicationType::Usim,
        state,
        personalization_state: PersonalizationState::Ready,
        aid: Octets(USIM.to_vec()),
        pin1_state,
        pin1_retries: card.pin_tries,
        puk1_retries: card.puk_tries,
        pin2_state: PinState::EnabledNotVerified,
        pin2_retries: 3,
        puk2_retries: 10,
        ..Default::default()
    };
    Card { card_state: QmiCardState::Present, applications: vec![application], ..Default::default() }
}

/// The physical slots: what is known of each, what is in it, its eUICC.
pub(super) fn slots(modem: &SimModem) -> (Vec<PhysicalSlot>, Vec<SlotInformation>, Vec<SlotEid>) {
    let numbers = (1..=2).filter_map(|slot| modem.card_in(slot).map(|card| (slot, card)));
    numbers.map(|(slot, card)| of_slot(slot == modem.slots.active, card)).fold(Default::default(), |mut all, one| {
        all.0.push(one.0);
        all.1.push(one.1);
        all.2.push(SlotEid::default());
        all
    })
}

fn of_slot(active: bool, card: &card::Card) -> (PhysicalSlot, SlotInformation) {
    let present = card.present;
    let iccid = if present { card.file(0x2FE2).unwrap_or_default() } else { Vec::new() };
    let slot = PhysicalSlot {
        card: if present { PhysicalCardState::Present } else { PhysicalCardState::Absent },
        state: if active { SlotState::Active } else { SlotState::Inactive },
        logical_slot: u8::from(active),
        iccid: Private::new(Octets(iccid)),
    };
    let protocol = if present { CardProtocol::Uicc } else { CardProtocol::Unknown };
    // A UICC that offers T=0 (TS 102 221 §6.3).
    let atr = Octets(if present { vec![0x3B, 0x00] } else { Vec::new() });
    (slot, SlotInformation { protocol, valid_applications: u8::from(present), atr, euicc: false })
}

const fn retries(left: Left) -> Retries {
    Retries { verify: left.pin, unblock: left.puk }
}
