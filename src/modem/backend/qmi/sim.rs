//! UIM: the card, its codes, who it is.

use super::{Client, unreadable};
use crate::codec::qmi::Octets;
use crate::codec::qmi::uim::{
    self, Application, ApplicationState, ApplicationType, CardState, CardStatus, PersonalizationState, PinEntry, PinId,
    PinUnblock, SessionType,
};
use crate::modem::channel::CommandError;
use crate::modem::driver::Driver;
use crate::private::Private;
use crate::spec::identity::{Iccid, Imsi};
use crate::state::SimState;
use crate::state::fact::Fact;

/// EF ICCID (TS 102 221 §13.2).
const EF_ICCID: u16 = 0x2FE2;
/// EF IMSI (TS 31.102 §4.2.2).
const EF_IMSI: u16 = 0x6F07;
/// The master file, and the application in use, low octet first.
const MF: [u8; 2] = [0x00, 0x3F];
const ADF: [u8; 4] = [0x00, 0x3F, 0xFF, 0x7F];

/// Reads the state of the card, and the attempts left with it.
pub async fn sim_state(d: &Driver) -> Result<Option<SimState>, CommandError> {
    let status = card_status(d).await?;
    d.learn(&attempts(&status));
    Ok(state(&status))
}

/// Attempts left.
pub(super) async fn retries(d: &Driver) -> Result<Vec<Fact>, CommandError> {
    card_status(d).await.map(|status| attempts(&status))
}

async fn card_status(d: &Driver) -> Result<CardStatus, CommandError> {
    let told = d.qmi(Client::Uim, &uim::GetCardStatus::default()).await?;
    told.status.ok_or_else(unreadable::<uim::GetCardStatus>)
}

/// The application that the modem registers with: slot in the high octet of its index, application in the low one. While
/// a code is asked for, many modems have not chosen any; it will be the first of its kind then.
fn application(status: &CardStatus) -> Option<&Application> {
    let [slot, application] = status.index_gw_primary.to_be_bytes();
    let chosen = status.cards.get(usize::from(slot)).and_then(|card| card.applications.get(usize::from(application)));
    chosen.or_else(|| {
        let mut all = status.cards.iter().flat_map(|card| &card.applications);
        all.find(|application| matches!(application.kind, ApplicationType::Usim | ApplicationType::Sim))
    })
}

fn attempts(status: &CardStatus) -> Vec<Fact> {
    let Some(application) = application(status) else { return Vec::new() };
    vec![Fact::PinRetries(application.pin1_retries), Fact::PukRetries(application.puk1_retries)]
}

/// `None`: it is being started.
pub(super) fn state(status: &CardStatus) -> Option<SimState> {
    let slot = usize::from(status.index_gw_primary >> 8);
    let card = status.cards.get(slot).or_else(|| status.cards.first());
    match card.map(|card| card.card_state) {
        None | Some(CardState::Absent) => return Some(SimState::Absent),
        Some(CardState::Error) => return Some(SimState::Failure),
        Some(_) => {}
    }
    let application = application(status)?;
    match application.state {
        ApplicationState::Ready => Some(SimState::Ready),
        ApplicationState::Pin1OrUpinRequired => Some(SimState::PinRequired),
        ApplicationState::Puk1OrUpukRequired | ApplicationState::Pin1Blocked => Some(SimState::PukRequired),
        ApplicationState::Illegal => Some(SimState::Failure),
        ApplicationState::CheckPersonalizationState => match application.personalization_state {
            PersonalizationState::CodeRequired
            | PersonalizationState::PukCodeRequired
            | PersonalizationState::PermanentlyBlocked => Some(SimState::OtherLock),
            _ => None,
        },
        _ => None,
    }
}

const fn session(session_type: SessionType) -> Option<uim::Session> {
    Some(uim::Session { session_type, aid: Octets(Vec::new()) })
}

/// Verify PIN.
pub async fn enter_pin(d: &Driver, pin: &Private<String>) -> Result<(), CommandError> {
    let info = Some(PinEntry { pin: PinId::Pin1, code: pin.clone() });
    let session = session(SessionType::PrimaryGwProvisioning);
    d.qmi(Client::Uim, &uim::VerifyPin { session, info, ..Default::default() }).await.map(drop)
}

/// Unblock PIN.
pub async fn enter_puk(d: &Driver, puk: &Private<String>, pin: &Private<String>) -> Result<(), CommandError> {
    let info = Some(PinUnblock { pin: PinId::Pin1, puk: puk.clone(), new: pin.clone() });
    let session = session(SessionType::PrimaryGwProvisioning);
    d.qmi(Client::Uim, &uim::UnblockPin { session, info, ..Default::default() }).await.map(drop)
}

/// Read Transparent of a file of the application in use; all of it, since QMI needs no length.
pub async fn read_sim_file(d: &Driver, id: u16, _length: u8) -> Result<Option<Vec<u8>>, CommandError> {
    let content = file(d, SessionType::PrimaryGwProvisioning, id, &ADF).await?;
    Ok((!content.is_empty()).then_some(content))
}

async fn file(d: &Driver, session_type: SessionType, id: u16, path: &[u8]) -> Result<Vec<u8>, CommandError> {
    let read = uim::ReadTransparent {
        session: session(session_type),
        file: Some(uim::File { id, path: Octets(path.to_vec()) }),
        part: Some(uim::Part::default()),
        ..Default::default()
    };
    let content = d.qmi(Client::Uim, &read).await?.content;
    Ok(content.map(|content| content.reveal().0.clone()).unwrap_or_default())
}

/// Reads EF ICCID, which no code guards.
pub(super) async fn iccid(d: &Driver) -> Result<Vec<Fact>, CommandError> {
    let content = file(d, SessionType::CardSlot1, EF_ICCID, &MF).await?;
    let iccid = digits(&content).parse::<Iccid>().ok();
    Ok(iccid.map(|iccid| Fact::Iccid(Private::new(iccid))).into_iter().collect())
}

/// Reads EF IMSI: a length, then the digits behind a half octet of parity.
pub(super) async fn imsi(d: &Driver) -> Result<Vec<Fact>, CommandError> {
    let content = file(d, SessionType::PrimaryGwProvisioning, EF_IMSI, &ADF).await?;
    let digits = digits(content.get(1..).unwrap_or_default());
    let imsi = digits.get(1..).and_then(|digits| digits.parse::<Imsi>().ok());
    Ok(imsi.map(|imsi| Fact::Imsi(Private::new(imsi))).into_iter().collect())
}

/// Half octets, the low one first; what is no digit ends them.
pub(super) fn digits(octets: &[u8]) -> String {
    let halves = octets.iter().flat_map(|octet| [octet & 0x0F, octet >> 4]);
    halves.map_while(|half| char::from_digit(half.into(), 10)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::qmi::uim::Card;

    fn status(state: ApplicationState) -> CardStatus {
        let application = Application {
            kind: ApplicationType::Usim,
            state,
            pin1_retries: 3,
            puk1_retries: 10,
            ..Application::default()
        };
        let card = Card { card_state: CardState::Present, applications: vec![application], ..Card::default() };
        CardStatus { cards: vec![card], ..CardStatus::default() }
    }

    #[test]
    fn the_state_is_that_of_the_application_in_use() {
        assert_eq!(state(&status(ApplicationState::Ready)), Some(SimState::Ready));
        assert_eq!(state(&status(ApplicationState::Pin1OrUpinRequired)), Some(SimState::PinRequired));
        assert_eq!(state(&status(ApplicationState::Pin1Blocked)), Some(SimState::PukRequired));
        assert_eq!(state(&status(ApplicationState::Detected)), None, "it is being started");
        assert_eq!(state(&CardStatus::default()), Some(SimState::Absent), "no card at all");
        // 0xFFFF: the modem has not chosen an application yet.
        let undecided = |state| CardStatus { index_gw_primary: 0xFFFF, ..status(state) };
        assert_eq!(state(&undecided(ApplicationState::Pin1OrUpinRequired)), Some(SimState::PinRequired));
        assert_eq!(state(&undecided(ApplicationState::Detected)), None);
        assert_eq!(attempts(&status(ApplicationState::Ready)), [Fact::PinRetries(3), Fact::PukRetries(10)]);
    }

    #[test]
    fn digits_stand_in_half_octets() {
        assert_eq!(digits(&[0x98, 0x44, 0xF1]), "89441");
        // IMSI 001010123456789: parity 9, then fifteen digits.
        assert_eq!(digits(&[0x09, 0x10, 0x10, 0x10, 0x32, 0x54, 0x76, 0x98]), "9001010123456789");
    }
}
