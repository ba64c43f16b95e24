//! What indications say.

use super::network::{enter as enter_registrations, strength};
use super::sim;
use crate::codec::qmi::nas::{self, AttachState, RegistrationState, RoamingIndicator};
use crate::codec::qmi::wds::{self, ConnectionStatus};
use crate::codec::qmi::{Message, uim};
use crate::modem::definition::Definition;
use crate::modem::notice::{Meaning, enter_card, enter_outcome, lost_context};
use crate::spec::cause::Cause;
use crate::spec::registration::Registration;
use crate::state::{ModemState, Reading, Timestamp};

/// Reads an indication into the state and tells what follows from it; one that is not known says nothing.
pub fn enter(state: &mut ModemState, definition: &Definition, message: &Message, now: Timestamp) -> Meaning {
    if let Ok(changed) = message.read::<nas::SystemInfoChanged>() {
        enter_registrations(state, definition, &system_info(changed).registrations(), now);
    } else if let Ok(changed) = message.read::<nas::ServingSystemChanged>() {
        enter_serving(state, &changed, now);
    } else if let Ok(reject) = message.read::<nas::NetworkReject>() {
        enter_reject(state, &reject, now);
    } else if let Ok(told) = message.read::<nas::SignalInfoChanged>() {
        state.learn_all(&strength(told.lte.as_ref(), told.nr5g.as_ref(), told.nr5g_rsrq, told.gsm), now);
    } else if let Ok(changed) = message.read::<uim::CardStatusChanged>() {
        return changed
            .status
            .and_then(|status| sim::state(&status))
            .map_or(Meaning::Noted, |sim| enter_card(state, sim, now));
    } else if let Ok(changed) = message.read::<wds::PacketServiceStatusChanged>() {
        let down = changed.status.is_some_and(|status| status.status == ConnectionStatus::Disconnected);
        return if down { lost_context(state, |_| true) } else { Meaning::Noted };
    }
    Meaning::Noted
}

/// The indication has the TLVs of the response, but for a few.
fn system_info(changed: nas::SystemInfoChanged) -> nas::SystemInfo {
    nas::SystemInfo {
        gsm_service_status: changed.gsm_service_status,
        wcdma_service_status: changed.wcdma_service_status,
        lte_service_status: changed.lte_service_status,
        gsm_system_info: changed.gsm_system_info,
        wcdma_system_info: changed.wcdma_system_info,
        lte_system_info: changed.lte_system_info,
        ..nas::SystemInfo::default()
    }
}

fn enter_serving(state: &mut ModemState, changed: &nas::ServingSystemChanged, now: Timestamp) {
    let Some(serving) = &changed.serving_system else { return };
    let attached = serving.ps_attach_state != AttachState::Detached;
    let registration = match serving.registration_state {
        RegistrationState::Registered if !attached => Registration::NotRegistered,
        RegistrationState::Registered if changed.roaming_indicator == Some(RoamingIndicator::On) => {
            Registration::Roaming
        }
        // The indicator stands in an indication only when it changed.
        RegistrationState::Registered => match (changed.roaming_indicator, state.network.registration) {
            (None, Some(known)) if known.value.is_registered() => known.value,
            _ => Registration::Home,
        },
        RegistrationState::NotRegisteredSearching => Registration::Searching,
        RegistrationState::RegistrationDenied => Registration::Denied,
        RegistrationState::NotRegistered => Registration::NotRegistered,
        _ => return,
    };
    enter_outcome(state, registration, None, now);
}

/// The cause of a refusal comes by itself; what follows from it is told in the next system info.
fn enter_reject(state: &mut ModemState, reject: &nas::NetworkReject, now: Timestamp) {
    let Some(number) = reject.cause else { return };
    let cause = match reject.radio_interface {
        Some(nas::RadioInterface::Nr5g) => Cause::five_gmm(number),
        _ => Cause::emm(number),
    };
    state.network.reject = Some(Reading::new(cause, now));
}
