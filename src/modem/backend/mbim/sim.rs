//! The card, its codes, who it is.

use crate::codec::mbim::message::Nothing;
use crate::codec::mbim::message::basic_connect::{PIN, Pin, SUBSCRIBER_READY_STATUS, SetPin, SubscriberReadyStatus};
use crate::codec::mbim::message::choices::{PinOperation, PinType, SubscriberReadyState};
use crate::codec::mbim::message::uicc::{
    APPLICATION_LIST, Applications, FileData, READ_BINARY, ReadBinary, UiccApplicationType,
};
use crate::modem::channel::CommandError;
use crate::modem::definition::QueryName;
use crate::modem::driver::Driver;
use crate::modem::procedure::optional;
use crate::private::Private;
use crate::state::SimState;
use crate::state::fact::Fact;

/// The application in use, as the first step of a path to a file (TS 102 221 clause 8.4.2).
const ADF: u16 = 0x7FFF;
/// SW1 of a command that went well (TS 102 221 clause 10.2.1.1).
const DONE: u32 = 0x90;

/// Reads whether the card is ready, and whose it is with it; a locked one is asked for its code.
pub async fn sim_state(d: &Driver) -> Result<Option<SimState>, CommandError> {
    let told = subscriber(d).await?;
    d.learn(&who(&told));
    match told.ready_state {
        SubscriberReadyState::DeviceLocked => locked(d).await.map(Some),
        other => Ok(state(other)),
    }
}

async fn subscriber(d: &Driver) -> Result<SubscriberReadyStatus, CommandError> {
    d.mbim(&SUBSCRIBER_READY_STATUS, &Nothing {}).await
}

/// `None`: it is being started, or locked in a way that has to be asked for.
pub(super) const fn state(told: SubscriberReadyState) -> Option<SimState> {
    match told {
        SubscriberReadyState::Initialized | SubscriberReadyState::NotActivated => Some(SimState::Ready),
        SubscriberReadyState::SimNotInserted | SubscriberReadyState::NoEsimProfile => Some(SimState::Absent),
        SubscriberReadyState::BadSim | SubscriberReadyState::Failure => Some(SimState::Failure),
        _ => None,
    }
}

/// Who the card is, as far as it tells.
pub(super) fn who(told: &SubscriberReadyStatus) -> Vec<Fact> {
    let iccid = told.sim_icc_id.reveal().trim_end_matches(['F', 'f']).parse().ok();
    let imsi = told.subscriber_id.reveal().parse().ok();
    let iccid = iccid.map(|iccid| Fact::Iccid(Private::new(iccid)));
    let imsi = imsi.map(|imsi| Fact::Imsi(Private::new(imsi)));
    iccid.into_iter().chain(imsi).collect()
}

/// ICCID or IMSI: both came with the state of the card.
pub(super) async fn identity(d: &Driver, name: QueryName) -> Result<Vec<Fact>, CommandError> {
    let sim = d.snapshot().sim;
    let known = if name == QueryName::Iccid { sim.iccid.is_some() } else { sim.imsi.is_some() };
    if known { Ok(Vec::new()) } else { subscriber(d).await.map(|told| who(&told)) }
}

/// Reads a file of the USIM, all of it. MBIM 1.0 reads no files: with a modem that lacks Microsoft's access to the card, what a
/// policy asks for besides ICCID and IMSI stays unknown.
pub async fn read_sim_file(d: &Driver, id: u16, _length: u8) -> Result<Option<Vec<u8>>, CommandError> {
    let Some(applications) = optional(d.mbim_card::<_, Applications>(&APPLICATION_LIST, &Nothing {}).await)? else {
        return Ok(None);
    };
    let usim = applications.applications.0.iter().find(|one| one.application_type == UiccApplicationType::Usim);
    let Some(usim) = usim else { return Ok(None) };
    let file_path = [ADF, id].into_iter().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
    let read = ReadBinary {
        version: 1,
        application_id: usim.application_id.clone(),
        file_path: file_path.into(),
        ..ReadBinary::default()
    };
    let file: FileData = d.mbim_card(&READ_BINARY, &read).await?;
    Ok((file.status_word1 == DONE).then(|| file.data.reveal().0.clone()))
}

/// Which code is asked for, and the attempts left.
async fn locked(d: &Driver) -> Result<SimState, CommandError> {
    let pin: Pin = d.mbim(&PIN, &Nothing {}).await?;
    d.learn(&attempts(&pin));
    Ok(match pin.pin_type {
        PinType::Pin1 => SimState::PinRequired,
        PinType::Puk1 => SimState::PukRequired,
        _ => SimState::OtherLock,
    })
}

/// Attempts left.
pub(super) async fn retries(d: &Driver) -> Result<Vec<Fact>, CommandError> {
    let pin: Pin = d.mbim(&PIN, &Nothing {}).await?;
    Ok(attempts(&pin))
}

/// All ones: not known.
fn attempts(pin: &Pin) -> Vec<Fact> {
    let left = u8::try_from(pin.remaining_attempts).ok();
    let fact = match pin.pin_type {
        PinType::Pin1 => left.map(Fact::PinRetries),
        PinType::Puk1 => left.map(Fact::PukRetries),
        _ => None,
    };
    fact.into_iter().collect()
}

/// Enters the PIN.
pub async fn enter_pin(d: &Driver, pin: &Private<String>) -> Result<(), CommandError> {
    enter(d, PinType::Pin1, pin, &Private::default()).await
}

/// Enters the PUK with the new PIN.
pub async fn enter_puk(d: &Driver, puk: &Private<String>, pin: &Private<String>) -> Result<(), CommandError> {
    enter(d, PinType::Puk1, puk, pin).await
}

async fn enter(
    d: &Driver,
    pin_type: PinType,
    pin: &Private<String>,
    new: &Private<String>,
) -> Result<(), CommandError> {
    let set = SetPin { pin_type, pin_operation: PinOperation::Enter, pin: pin.clone(), new_pin: new.clone() };
    d.mbim_set(&PIN, &set, d.definition().timing.command).await.map(drop)
}
