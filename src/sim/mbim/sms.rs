//! Short messages: those that the modem holds, and those that are sent. MBIM counts them from 1.

use crate::codec::mbim::Status;
use crate::codec::mbim::conditional::When;
use crate::codec::mbim::message::choices::SmsStatusFlag;
use crate::codec::mbim::message::sms::*;
use crate::private::Private;
use crate::sim::inbox::{Message, ROOM};
use crate::sim::modem::SimModem;

use super::ask::{Answer, Ask};

/// The service centre of the simulated network.
const CENTRE: &str = "+999700000";

impl SimModem {
    /// Indices of the messages that a host asks for.
    fn chosen(&self, flag: SmsFlag, index: u32) -> Result<Vec<u32>, Status> {
        let one = index.checked_sub(1).ok_or(Status::InvalidMemoryIndex);
        let all = |which: &dyn Fn(&Message) -> bool| {
            self.inbox.iter().filter(|(_, message)| which(message)).map(|(index, _)| index).collect()
        };
        Ok(match flag {
            SmsFlag::All => all(&|_| true),
            SmsFlag::New => all(&|message| !message.read),
            SmsFlag::Old => all(&|message| message.read),
            SmsFlag::Index => vec![one?],
            _ => Vec::new(),
        })
    }

    pub(super) fn mbim_store(&self, index: u32) -> MessageStoreStatus {
        let full = self.inbox.len() >= ROOM;
        let flag = if full { SmsStatusFlag::MESSAGE_STORE_FULL } else { SmsStatusFlag::default() };
        let new = if index > 0 { SmsStatusFlag::NEW_MESSAGE } else { SmsStatusFlag::default() };
        MessageStoreStatus { flag: flag | new, message_index: index }
    }
}

pub(super) fn configuration(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    modem.mbim_card()?;
    if ask.set && ask.read::<SetConfiguration>()?.format != SmsFormat::Pdu {
        return Err(Status::SmsFormatNotSupported);
    }
    ask.answer(&Configuration {
        sms_storage_state: SmsStorageState::Initialized,
        format: SmsFormat::Pdu,
        max_messages: u32::try_from(ROOM).unwrap_or(0),
        cdma_short_message_size: 0,
        sc_address: Private::new(CENTRE.to_owned()),
    })
}

pub(super) fn read(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    modem.mbim_card()?;
    let asked: ReadQuery = ask.read()?;
    if asked.format != SmsFormat::Pdu {
        return Err(Status::SmsFormatNotSupported);
    }
    let mut found = Vec::new();
    for index in modem.chosen(asked.flag, asked.message_index)? {
        let message = modem.inbox.open(index).ok_or(Status::InvalidMemoryIndex)?;
        let message_status = if message.read { SmsStatus::Old } else { SmsStatus::New };
        let pdu_data = Private::new(message.pdu.into());
        found.push(PduMessage { message_index: index.saturating_add(1), message_status, pdu_data });
    }
    ask.answer(&Messages { format: SmsFormat::Pdu, pdu_messages: When(Some(found.into())), ..Messages::default() })
}

pub(super) fn send(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    modem.mbim_card()?;
    let asked: Send = ask.read()?;
    let pdu = asked.pdu_message.0.ok_or(Status::SmsFormatNotSupported)?.pdu_data.into_inner().0;
    modem.serving().ok_or(Status::NotRegistered)?;
    // A centre address without a number, a type and a reference are the least (TS 23.040 clause 9.2.2.2).
    if pdu.len() < 3 {
        return Err(Status::InvalidParameters);
    }
    modem.use_air();
    modem.meter.messages_sent = modem.meter.messages_sent.saturating_add(1);
    // One octet (TS 23.040 clause 9.2.3.6).
    let message_reference = u32::try_from(modem.meter.messages_sent & 0xff).unwrap_or(0);
    Ok(ask.answer(&Sent { message_reference })?.taking(modem.profile.activate))
}

pub(super) fn delete(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    modem.mbim_card()?;
    let asked: Delete = ask.read()?;
    for index in modem.chosen(asked.flag, asked.message_index)? {
        modem.inbox.remove(index).ok_or(Status::InvalidMemoryIndex)?;
    }
    Ok(Answer::done())
}

pub(super) fn store(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    modem.mbim_card()?;
    ask.answer(&modem.mbim_store(0))
}
