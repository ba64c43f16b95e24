//! WMS: the messages that the modem holds, and those that are sent.

use crate::codec::qmi::wms::{self, Format, ListedMessage, Mode, ReadMessage, Storage, Tag};
use crate::codec::qmi::{Body, Message, Octets, QmiError};
use crate::private::Private;
use crate::sim::card::CardState;
use crate::sim::inbox;
use crate::sim::modem::SimModem;

use super::{Reply, answer, needed, pin};

pub(super) fn run(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    stored(modem, request).or_else(|| sent(modem, request))
}

const fn tag(message: &inbox::Message) -> Tag {
    if message.read { Tag::Read } else { Tag::NotRead }
}

/// There is one store; the card's has none of its own.
fn in_store(modem: &SimModem, storage: Option<Storage>) -> Result<(), QmiError> {
    match needed(storage)? {
        Storage::Nv => Ok(()),
        Storage::Uim if modem.card.state() != CardState::Absent => Ok(()),
        Storage::Uim => Err(QmiError::NO_SIM),
        _ => Err(QmiError::INVALID_ARGUMENT),
    }
}

fn stored(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    Some(match request.id {
        wms::ListMessages::ID => answer(request, |body: wms::ListMessages| {
            in_store(modem, body.storage)?;
            let listed = |(index, message): (u32, &inbox::Message)| ListedMessage { index, tag: tag(message) };
            let nv = body.storage == Some(Storage::Nv);
            let wanted = |line: &ListedMessage| nv && body.tag.is_none_or(|wanted| wanted == line.tag);
            let messages = modem.inbox.iter().map(listed).filter(wanted).collect();
            Ok(wms::MessageList { messages: Some(messages), ..Default::default() })
        }),
        wms::RawRead::ID => answer(request, |body: wms::RawRead| {
            let at = needed(body.message)?;
            in_store(modem, Some(at.storage))?;
            let found = modem.inbox.open(at.index).filter(|_| at.storage == Storage::Nv).ok_or(QmiError::NO_ENTRY)?;
            let pdu = Private::new(Octets(found.pdu.clone()));
            let message = ReadMessage { tag: tag(&found), format: Format::PointToPoint, pdu };
            Ok(wms::RawMessageRead { message: Some(message), ..Default::default() })
        }),
        wms::RawWrite::ID => answer(request, |body: wms::RawWrite| {
            let message = needed(body.message)?;
            in_store(modem, Some(message.storage))?;
            let kept = inbox::Message { pdu: message.pdu.into_inner().0, read: true };
            let index = modem.inbox.keep(kept).ok_or(QmiError::DEVICE_STORAGE_FULL)?;
            Ok(wms::RawWritten { index: Some(index), ..Default::default() })
        }),
        wms::ModifyTag::ID => answer(request, |body: wms::ModifyTag| {
            let change = needed(body.change)?;
            let message = modem.inbox.get_mut(change.index).ok_or(QmiError::NO_ENTRY)?;
            message.read = change.tag == Tag::Read;
            Ok(wms::TagModified::default())
        }),
        wms::Delete::ID => answer(request, |body: wms::Delete| {
            in_store(modem, body.storage)?;
            match body.index {
                Some(index) => drop(modem.inbox.remove(index).ok_or(QmiError::NO_ENTRY)?),
                None => modem.inbox.clear(|message| body.tag.is_none_or(|wanted| wanted == tag(message))),
            }
            Ok(wms::Deleted::default())
        }),
        wms::GetStoreMaxSize::ID => answer(request, |_: wms::GetStoreMaxSize| {
            let most = inbox::ROOM as u32;
            Ok(wms::StoreMaxSize {
                most: Some(most),
                free: Some(most - modem.inbox.len() as u32),
                ..Default::default()
            })
        }),
        _ => return None,
    })
}

/// One bit for each message that is answered.
fn supported() -> Octets {
    let answered = [
        wms::Reset::ID,
        wms::SetEventReport::ID,
        wms::GetSupportedMessages::ID,
        wms::RawSend::ID,
        wms::RawWrite::ID,
        wms::RawRead::ID,
        wms::ModifyTag::ID,
        wms::Delete::ID,
        wms::GetMessageProtocol::ID,
        wms::ListMessages::ID,
        wms::SetRoutes::ID,
        wms::GetRoutes::ID,
        wms::GetCentreAddress::ID,
        wms::GetStoreMaxSize::ID,
        wms::SendAck::ID,
    ];
    let octet = |at: u16| answered.iter().filter(|id| **id / 8 == at).fold(0, |octet, id| octet | 1 << (id % 8));
    Octets((0..=wms::SendAck::ID / 8).map(octet).collect())
}

fn sent(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    Some(match request.id {
        wms::Reset::ID => answer(request, |_: wms::Reset| Ok(wms::ResetDone::default())),
        wms::SetEventReport::ID => {
            modem.wanting(request, |wants| wants.event_report = true);
            answer(request, |_: wms::SetEventReport| Ok(wms::EventReportSet::default()))
        }
        wms::GetMessageProtocol::ID => answer(request, |_: wms::GetMessageProtocol| {
            Ok(wms::MessageProtocol { mode: Some(Mode::Gsm), ..Default::default() })
        }),
        wms::GetSupportedMessages::ID => answer(request, |_: wms::GetSupportedMessages| {
            Ok(wms::SupportedMessages { messages: Some(supported()), ..Default::default() })
        }),
        wms::SetRoutes::ID => answer(request, |body: wms::SetRoutes| {
            modem.qmi.routes = needed(body.routes)?;
            Ok(wms::RoutesSet::default())
        }),
        wms::GetRoutes::ID => answer(request, |_: wms::GetRoutes| {
            let usual =
                wms::Route { storage: Storage::Nv, receipt: wms::Receipt::StoreAndNotify, ..Default::default() };
            let routes = if modem.qmi.routes.is_empty() { vec![usual] } else { modem.qmi.routes.clone() };
            Ok(wms::Routes { routes: Some(routes), ..Default::default() })
        }),
        wms::SendAck::ID => answer(request, |_: wms::SendAck| Ok(wms::AckSent::default())),
        wms::GetCentreAddress::ID => answer(request, |_: wms::GetCentreAddress| {
            let address = wms::CentreAddress { kind: *b"145", digits: Private::new("+999700000".into()) };
            Ok(wms::CentreAddressInfo { address: Some(address), ..Default::default() })
        }),
        wms::RawSend::ID => {
            let takes = modem.profile.activate;
            answer(request, |body: wms::RawSend| {
                pin::open(modem.card.state())?;
                let message = needed(body.message)?;
                // A centre address without a number, a type and a reference are the least (TS 23.040 §9.2.2.2).
                if message.format != Format::PointToPoint || message.pdu.reveal().0.len() < 3 {
                    return Err(QmiError::WMS_ENCODING);
                }
                modem.serving().ok_or(QmiError::NETWORK_NOT_READY)?;
                modem.use_air();
                modem.meter.messages_sent = modem.meter.messages_sent.saturating_add(1);
                let reference = u16::try_from(modem.meter.messages_sent & 0xFF).unwrap_or_default();
                Ok(wms::RawSent { reference: Some(reference), ..Default::default() })
            })
            .taking(takes)
        }
        _ => return None,
    })
}
