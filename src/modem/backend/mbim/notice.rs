//! What indications say.

use super::network::{enter as enter_registration, strength};
use super::sim;
use crate::codec::mbim::message::basic_connect::{
    CONNECT, Connect, REGISTER_STATE, RegisterStateInfo, SIGNAL_STATE, SUBSCRIBER_READY_STATUS, SignalState,
    SubscriberReadyStatus,
};
use crate::codec::mbim::message::choices::ActivationState;
use crate::codec::mbim::{Record, Service, decode};
use crate::modem::definition::Definition;
use crate::modem::notice::{Indication, Meaning, enter_card, lost_context};
use crate::state::{ModemState, Timestamp};

/// Reads an indication into the state and tells what follows from it; one that is not known says nothing.
pub fn enter(state: &mut ModemState, definition: &Definition, told: &Indication, now: Timestamp) -> Meaning {
    if told.service != Service::BasicConnect {
        return Meaning::Noted;
    }
    if told.cid == REGISTER_STATE.number {
        if let Some(register) = read::<RegisterStateInfo>(told) {
            enter_registration(state, definition, &register, now);
        }
    } else if told.cid == SIGNAL_STATE.number {
        if let Some(signal) = read::<SignalState>(told) {
            state.learn_all(&strength(&signal), now);
        }
    } else if told.cid == SUBSCRIBER_READY_STATUS.number {
        return read::<SubscriberReadyStatus>(told).map_or(Meaning::Noted, |ready| enter_ready(state, &ready, now));
    } else if told.cid == CONNECT.number {
        let down = read::<Connect>(told).filter(|context| context.activation_state == ActivationState::Deactivated);
        return down.map_or(Meaning::Noted, |context| {
            let cid = u32::from(definition.capabilities.default_context).saturating_add(context.session_id);
            lost_context(state, |own| u32::from(own) == cid)
        });
    }
    Meaning::Noted
}

fn read<T: Record + Default>(told: &Indication) -> Option<T> {
    decode(&told.buffer, told.version).ok()
}

fn enter_ready(state: &mut ModemState, ready: &SubscriberReadyStatus, now: Timestamp) -> Meaning {
    state.learn_all(&sim::who(ready), now);
    sim::state(ready.ready_state).map_or(Meaning::Noted, |card| enter_card(state, card, now))
}
