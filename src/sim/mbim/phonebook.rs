//! The phone book of the card. MBIM counts its entries from 1.

use crate::codec::mbim::Status;
use crate::codec::mbim::message::phonebook::*;
use crate::private::Private;
use crate::sim::card::Contact;
use crate::sim::modem::SimModem;

use super::ask::{Answer, Ask};

/// Entries that fit; characters of a number and of a name.
const ROOM: u32 = 50;
const MAX_NUMBER: u32 = 20;
const MAX_NAME: u32 = 14;

pub(super) fn configuration(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    modem.mbim_card()?;
    ask.answer(&Configuration {
        state: PhonebookState::Initialized,
        number_of_entries: ROOM,
        used_entries: u32::try_from(modem.card.phonebook.len()).unwrap_or(ROOM),
        max_number_length: MAX_NUMBER,
        max_name: MAX_NAME,
    })
}

pub(super) fn read(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    modem.mbim_card()?;
    let asked: Filter = ask.read()?;
    let wanted = |index: u32| asked.filter_flag == PhonebookFlag::All || index == asked.filter_message_index;
    let found = modem.card.phonebook.iter().filter(|(index, _)| wanted(**index));
    let entries: Vec<_> = found.map(|(index, contact)| entry(*index, contact)).collect();
    if entries.is_empty() && asked.filter_flag != PhonebookFlag::All {
        return Err(Status::InvalidMemoryIndex);
    }
    ask.answer(&Entries { entries: entries.into(), ..Entries::default() })
}

fn entry(index: u32, contact: &Contact) -> Entry {
    let Contact { number, name } = contact.clone();
    Entry { entry_index: index, number: Private::new(number), name: Private::new(name) }
}

pub(super) fn delete(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    modem.mbim_card()?;
    let asked: Filter = ask.read()?;
    if asked.filter_flag == PhonebookFlag::All {
        modem.card.phonebook.clear();
    } else {
        modem.card.phonebook.remove(&asked.filter_message_index).ok_or(Status::InvalidMemoryIndex)?;
    }
    Ok(Answer::done())
}

pub(super) fn write(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    modem.mbim_card()?;
    let asked: Write = ask.read()?;
    let contact = Contact { number: asked.number.reveal().clone(), name: asked.name.reveal().clone() };
    let fits = |text: &str, most: u32| u32::try_from(text.chars().count()).is_ok_and(|length| length <= most);
    let dialled = contact.number.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '*' | '#' | 'p' | 'w'));
    if !dialled || !fits(&contact.number, MAX_NUMBER) || !fits(&contact.name, MAX_NAME) {
        return Err(Status::InvalidParameters);
    }
    let book = &mut modem.card.phonebook;
    let free = (1..=ROOM).find(|index| !book.contains_key(index));
    let index = match asked.save_flag {
        PhonebookWriteFlag::SaveIndex if !(1..=ROOM).contains(&asked.save_index) => {
            return Err(Status::InvalidMemoryIndex);
        }
        PhonebookWriteFlag::SaveIndex => asked.save_index,
        _ => free.ok_or(Status::MemoryFull)?,
    };
    book.insert(index, contact);
    Ok(Answer::done())
}
