//! The simulated SIM card: identities, PIN and PUK with their counters, elementary files.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::spec::identity::{Iccid, Imsi};
use crate::spec::plmn::Plmn;

use super::text::valid;

/// The card in the modem's slot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Card {
    /// Whether there is a card at all.
    pub present: bool,
    /// Subscriber identity, 6 to 15 digits.
    #[serde(deserialize_with = "valid::<Imsi, _>")]
    pub imsi: String,
    /// Card identity, 18 to 20 digits.
    #[serde(deserialize_with = "valid::<Iccid, _>")]
    pub iccid: String,
    /// Digits of the MNC within the IMSI: 2 or 3 (EF AD, TS 31.102 clause 4.2.18).
    pub mnc_digits: u8,
    /// PIN1.
    pub pin: String,
    /// Whether PIN1 is asked for after power on.
    pub pin_required: bool,
    /// PUK1.
    pub puk: String,
    /// Attempts left for PIN1; 3 on a fresh card.
    pub pin_tries: u8,
    /// Attempts left for PUK1; 10 on a fresh card.
    pub puk_tries: u8,
    /// Phone number (EF MSISDN).
    pub number: Option<String>,
    /// Service provider name (EF SPN).
    pub provider: Option<String>,
    /// Group identifier level 1, as hexadecimal digits.
    pub gid1: Option<String>,
    /// Phone book (EF ADN, TS 31.102 clause 4.4.2.3), by the number of the entry, from 1.
    #[serde(skip)]
    pub(super) phonebook: BTreeMap<u32, Contact>,
    /// Whether PIN1 was given since power on.
    #[serde(skip)]
    pub verified: bool,
}

/// An entry of the phone book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Contact {
    pub(super) number: String,
    pub(super) name: String,
}

/// What the card asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// Nothing.
    Ready,
    /// PIN1.
    Pin,
    /// PUK1.
    Puk,
    /// It is of no use any more: the PUK was wrong ten times.
    Blocked,
    /// It is not there.
    Absent,
}

/// A code was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrongCode;

impl Card {
    /// What the card asks for.
    pub fn state(&self) -> CardState {
        match self {
            Self { present: false, .. } => CardState::Absent,
            Self { puk_tries: 0, .. } => CardState::Blocked,
            Self { pin_tries: 0, .. } => CardState::Puk,
            Self { pin_required: true, verified: false, .. } => CardState::Pin,
            _ => CardState::Ready,
        }
    }

    /// The network that the card calls home.
    pub fn home(&self) -> Option<Plmn> {
        self.imsi.get(..3 + usize::from(self.mnc_digits.clamp(2, 3)))?.parse().ok()
    }

    /// A power cycle of the card: the PIN has to be given again, the counters stay.
    pub(super) fn restart(&mut self) {
        self.verified = false;
    }

    /// VERIFY (TS 31.101 clause 11.1.9): a wrong PIN costs a try, the right one gives all three back.
    pub(super) fn verify(&mut self, pin: &str) -> Result<(), WrongCode> {
        if pin == self.pin && self.pin_tries > 0 {
            (self.verified, self.pin_tries) = (true, 3);
            return Ok(());
        }
        self.pin_tries = self.pin_tries.saturating_sub(1);
        Err(WrongCode)
    }

    /// UNBLOCK PIN (TS 31.101 clause 11.1.13).
    pub(super) fn unblock(&mut self, puk: &str, pin: &str) -> Result<(), WrongCode> {
        if puk == self.puk && self.puk_tries > 0 {
            (self.pin_tries, self.puk_tries, self.verified) = (3, 10, true);
            self.pin = pin.to_owned();
            return Ok(());
        }
        self.puk_tries = self.puk_tries.saturating_sub(1);
        Err(WrongCode)
    }

    /// Switches the question for PIN1 on or off; takes the PIN like [`Card::verify`].
    pub(super) fn require_pin(&mut self, required: bool, pin: &str) -> Result<(), WrongCode> {
        self.verify(pin)?;
        self.pin_required = required;
        Ok(())
    }

    /// The transparent elementary file `id`, if the card has it and lets it be read now.
    pub(super) fn file(&self, id: u32) -> Option<Vec<u8>> {
        let ready = self.state() == CardState::Ready;
        match id {
            0x2FE2 => Some(swapped(&self.iccid, 10)),
            0x6F07 if ready => Some(self.imsi_file()),
            0x6FAD if ready => Some(vec![0, 0, 0, self.mnc_digits]),
            0x6F46 if ready => self.provider.as_deref().map(provider_file),
            0x6F3E if ready => self.gid1.as_deref().map(octets),
            _ => None,
        }
    }

    /// EF IMSI (TS 31.102 clause 4.2.2): length, then the digits as TS 24.008 clause 10.5.1.4 packs them.
    fn imsi_file(&self) -> Vec<u8> {
        let digits = &self.imsi;
        // Low half of the first octet: type IMSI (001) and the bit for an odd number of digits.
        let first = if digits.len() % 2 == 1 { '9' } else { '1' };
        let mut file = vec![8];
        file.extend(swapped(&format!("{first}{digits}"), 8));
        file
    }
}

impl Default for Card {
    /// A ready card of the test network 999 70, PIN 1234 switched off.
    fn default() -> Self {
        Self {
            present: true,
            imsi: "999700000000001".into(),
            iccid: "8999970000000000001".into(),
            mnc_digits: 2,
            pin: "1234".into(),
            pin_required: false,
            puk: "12345678".into(),
            pin_tries: 3,
            puk_tries: 10,
            number: None,
            provider: None,
            gid1: None,
            phonebook: BTreeMap::new(),
            verified: false,
        }
    }
}

/// Digits two to an octet, low half first, filled with `F` (TS 31.102 clause 4.2.2).
fn swapped(digits: &str, size: usize) -> Vec<u8> {
    let nibble = |c: Option<char>| c.and_then(|c| c.to_digit(16)).map_or(0xF, |d| d as u8);
    let mut chars = digits.chars();
    (0..size).map(|_| nibble(chars.next()) | nibble(chars.next()) << 4).collect()
}

/// EF SPN (TS 31.102 clause 4.2.12): display condition, then 16 octets of name.
fn provider_file(name: &str) -> Vec<u8> {
    let mut file = vec![1];
    file.extend(name.bytes().chain(std::iter::repeat(0xFF)).take(16));
    file
}

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | *digit as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked() -> Card {
        Card { pin_required: true, ..Card::default() }
    }

    #[test]
    fn three_wrong_pins_ask_for_the_puk_and_ten_wrong_puks_end_the_card() {
        let mut card = locked();
        for left in [2, 1, 0] {
            assert_eq!(card.state(), CardState::Pin);
            assert!(card.verify("0000").is_err());
            assert_eq!(card.pin_tries, left);
        }
        assert_eq!(card.state(), CardState::Puk);
        assert!(card.verify("1234").is_err(), "the right PIN no longer helps");
        let mut dead = card.clone();
        assert!(card.unblock("12345678", "4321").is_ok());
        assert_eq!((card.state(), card.pin_tries), (CardState::Ready, 3));
        card.restart();
        assert_eq!(card.state(), CardState::Pin);
        assert!(card.verify("4321").is_ok());
        (0..10).for_each(|_| assert!(dead.unblock("00000000", "4321").is_err()));
        assert_eq!(dead.state(), CardState::Blocked);
    }

    #[test]
    fn the_right_pin_gives_the_tries_back() {
        let mut card = locked();
        card.verify("0000").unwrap_err();
        card.verify("1234").unwrap();
        assert_eq!((card.state(), card.pin_tries), (CardState::Ready, 3));
        card.require_pin(false, "1234").unwrap();
        card.restart();
        assert_eq!(card.state(), CardState::Ready);
    }

    #[test]
    fn files_are_packed_as_the_standards_say() {
        let card = Card { provider: Some("lpwa".into()), gid1: Some("A1b".into()), ..Card::default() };
        assert_eq!(card.home(), "99970".parse().ok());
        assert_eq!(card.file(0x2FE2).unwrap(), [0x98, 0x99, 0x79, 0, 0, 0, 0, 0, 0, 0xF1]);
        assert_eq!(card.file(0x6F07).unwrap(), [8, 0x99, 0x99, 0x07, 0, 0, 0, 0, 0x10]);
        assert_eq!(card.file(0x6FAD).unwrap(), [0, 0, 0, 2]);
        assert_eq!(card.file(0x6F46).unwrap()[..6], [1, b'l', b'p', b'w', b'a', 0xFF]);
        assert_eq!(card.file(0x6F3E).unwrap(), [0xA1, 0x0B]);
        assert_eq!(locked().file(0x6F07), None, "the IMSI hides behind the PIN");
        assert!(locked().file(0x2FE2).is_some());
    }
}
