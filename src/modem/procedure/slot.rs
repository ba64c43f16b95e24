//! The slot for the card: which one is used, and going on to another one.
//!
//! What the card and the network said of a slot is remembered by the governor, which has a budget for changes: two cards
//! of which neither works do not make the modem go to and fro.

use std::time::Duration;

use tokio::time::sleep;
use tracing::{info, warn};

use super::{Again, Aids, Retry, Stop, context, during, optional};
use crate::modem::backend::RadioLevel;
use crate::modem::channel::CommandError;
use crate::modem::driver::Driver;
use crate::modem::handle::ErrorKind;
use crate::modem::settings::Settings;
use crate::policy::governor::{Act, Asker, Event, SlotTrouble, Wait, Why};
use crate::spec::cause::{Cause, Class};
use crate::state::{Lifecycle, Reading, SimState};

/// A card is started for some seconds, in which some modems say that there is none.
const START_WAIT: Duration = Duration::from_secs(2);
const START_TRIES: u32 = 8;

/// Reads which slots there are.
pub async fn read(d: &Driver) -> Result<(), CommandError> {
    let slots = optional(d.read_slots().await)?.unwrap_or_default();
    d.update(|state, now| state.sim.slots = Some(Reading::new(slots, now)));
    Ok(())
}

/// The same once, for a modem of which they are not known; not on the way to data, which does not need them.
pub async fn read_once(d: &Driver) {
    if d.snapshot().sim.slots.is_none()
        && let Err(error) = read(d).await
    {
        warn!("{}: reading the SIM slots: {error}", d.snapshot().id);
    }
}

/// Uses the slot that is wanted, the first in order against which nothing speaks. Returns whether it was another one: the
/// radio is off then. A modem that cannot change it goes on with the one that it has.
pub async fn choose(d: &Driver, want: &Settings, aids: &Aids) -> Result<bool, Stop> {
    if want.slot_order().is_empty() {
        return Ok(false);
    }
    read(d).await.map_err(during("reading the SIM slots"))?;
    want.slot_order().into_iter().filter_map(|slot| lacks(d, slot)).for_each(|lack| {
        warn!("{}: {}; it is left out", want.id, lack.message);
    });
    let order = usable(d, want);
    let sim = d.snapshot().sim;
    let slots = sim.slots.as_ref().map(|slots| slots.value.clone()).unwrap_or_default();
    let Some(slot) = aids.gate.choose_slot(&order, &slots).filter(|slot| sim.slot() != Some(*slot)) else {
        return Ok(false);
    };
    // What an uplink wants was asked for already.
    let asked = want.link.as_ref().is_some_and(|link| link.slot == Some(slot));
    if !asked && let Err(wait) = aids.gate.ask(Act::Switch, Asker::Itself, "") {
        let may_stay = sim.slot().is_some_and(|slot| order.contains(&slot));
        return if may_stay { Ok(false) } else { Err(held(d, wait)) };
    }
    match switch(d, want, slot).await {
        Ok(()) => Ok(true),
        Err(error @ (CommandError::Refused { .. } | CommandError::Unsupported(_))) => {
            warn!("{}: SIM slot {slot} cannot be used: {error}; the modem goes on with the one that it has", want.id);
            Ok(false)
        }
        Err(error) => Err(Stop::failed("changing the SIM slot", &error)),
    }
}

fn held(d: &Driver, wait: Wait) -> Stop {
    Stop { lifecycle: d.snapshot().lifecycle, trouble: None, retry: Retry::Held(wait, Again::Settings) }
}

/// Why the modem cannot use a slot.
pub struct Lack {
    /// A model that cannot, or a number that is none.
    pub kind: ErrorKind,
    /// A sentence part.
    pub message: String,
}

/// What is known to speak against a slot before anything is touched; `None`: nothing, or its slots were not read yet.
pub fn lacks(d: &Driver, slot: u8) -> Option<Lack> {
    let slots = d.snapshot().sim.slots?.value;
    if slots.is_empty() {
        let name = &d.definition().name;
        let message = format!(
            "SIM slot {slot}: this modem tells of one slot alone; where it takes AT commands and has more, [slots] of its \
             model file, {name}, has to say so"
        );
        return Some(Lack { kind: ErrorKind::Unsupported, message });
    }
    if slots.iter().any(|known| known.number == slot) {
        return None;
    }
    let numbers = slots.iter().map(|slot| slot.number.to_string()).collect::<Vec<_>>().join(", ");
    let message = format!("there is no SIM slot {slot}; this modem has {numbers}");
    Some(Lack { kind: ErrorKind::InvalidArgument, message })
}

/// The slots that are wanted, without those that the modem does not have.
fn usable(d: &Driver, want: &Settings) -> Vec<u8> {
    want.slot_order().into_iter().filter(|slot| lacks(d, *slot).is_none()).collect()
}

/// Leaves the network, and goes to another slot; what was known of the card, and by it, is forgotten.
pub async fn switch(d: &Driver, want: &Settings, slot: u8) -> Result<(), CommandError> {
    info!("{}: changing to SIM slot {slot}", want.id);
    context::disconnect(d, want).await?;
    optional(d.set_radio(RadioLevel::Off).await)?;
    d.use_slot(slot).await?;
    d.update(|state, now| {
        state.sim.forget_card();
        let slots = state.sim.slots.get_or_insert_with(|| Reading::new(Vec::new(), now));
        slots.value.iter_mut().for_each(|known| known.active = known.number == slot);
        state.network = crate::state::Network::default();
        (state.signal, state.trouble) = (None, None);
        state.lifecycle = Lifecycle::Probing;
    });
    let mut tries = 1;
    while !matches!(d.sim_state().await?, Some(state) if state != SimState::Absent) && tries < START_TRIES {
        tries += 1;
        sleep(START_WAIT).await;
    }
    read(d).await
}

/// Where the card in use is of no use, the next one in order has its turn.
pub fn give_way(d: &Driver, want: &Settings, aids: &Aids, stop: Stop) -> Stop {
    let (order, sim) = (usable(d, want), d.snapshot().sim);
    let Some((slot, trouble)) = sim.slot().zip(trouble(&stop)).filter(|_| order.len() > 1) else { return stop };
    aids.gate.step(Event::SlotFailed(slot, trouble));
    let slots = sim.slots.map(|slots| slots.value).unwrap_or_default();
    let Some(next) = aids.gate.choose_slot(&order, &slots).filter(|next| *next != slot) else { return stop };
    let why = format!("SIM slot {slot} {}; slot {next} is tried", trouble.words());
    warn!("{}: {why}", want.id);
    match aids.gate.obstacle(Act::Switch) {
        Some(wait) => Stop { trouble: Some(why), retry: Retry::Held(wait, Again::Settings), ..stop },
        None => Stop { trouble: Some(why), retry: Retry::NextSlot, ..stop },
    }
}

/// What the stop says of the card; `None`: nothing that another card would help against.
fn trouble(stop: &Stop) -> Option<SlotTrouble> {
    let for_good = |cause: Cause| cause.is_permanent() && cause.class() != Class::PermanentDevice;
    let cause = match (&stop.lifecycle, &stop.retry) {
        // What was refused is a further context: the card carries data.
        (lifecycle, _) if lifecycle.has_context() => None,
        (Lifecycle::NoSim, _) => return Some(SlotTrouble::NoCard),
        (Lifecycle::Locked(_), _) => return Some(SlotTrouble::Unusable),
        (Lifecycle::Denied(cause), _) => *cause,
        (_, Retry::Held(Wait { why: Why::Refused { cause, .. }, .. }, _)) => *cause,
        _ => None,
    };
    cause.filter(|cause| for_good(*cause)).map(|_| SlotTrouble::Refused)
}
