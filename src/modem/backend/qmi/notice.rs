//! What indications say.

use super::network::{enter as enter_registrations, enter_operator, strength};
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
    if registration.is_registered() {
        enter_operator(state, changed.current_plmn.as_ref(), changed.mnc_pcs_digit.as_ref(), now);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::qmi::nas::{MncDigits, NamedPlmn};
    use crate::spec::plmn::Plmn;
    use crate::state::Known;

    const NOW: Timestamp = Timestamp::midnight(2026, 1, 1);

    fn told(mcc: u16, mnc: u16, name: &str) -> nas::ServingSystemChanged {
        let serving = nas::ServingInfo {
            registration_state: RegistrationState::Registered,
            ps_attach_state: AttachState::Attached,
            ..Default::default()
        };
        nas::ServingSystemChanged {
            serving_system: Some(serving),
            current_plmn: Some(NamedPlmn { mcc, mnc, description: name.into() }),
            mnc_pcs_digit: Some(MncDigits { mcc, mnc, includes_pcs_digit: false }),
            ..Default::default()
        }
    }

    fn value<T: Clone>(known: &Known<T>) -> Option<T> {
        known.as_ref().map(|reading| reading.value.clone())
    }

    #[test]
    fn a_border_changes_the_name_with_the_network() {
        let mut state = ModemState::default();
        let mut enter = |told: nas::ServingSystemChanged| {
            enter_serving(&mut state, &told, NOW);
            (value(&state.network.plmn).map(|plmn| plmn.to_string()), value(&state.network.operator))
        };
        assert_eq!(enter(told(1, 1, "Test")), (Some("00101".into()), Some("Test".into())));
        assert_eq!(enter(told(999, 70, "")), (Some("99970".into()), None), "not the name of the network that was left");
        assert_eq!(enter(told(999, 70, "Private")), (Some("99970".into()), Some("Private".into())));
    }

    /// The system info has the digits of the MNC; a serving system without them is the same network.
    #[test]
    fn three_digits_stay_three() {
        let mut state = ModemState::default();
        let three: Plmn = "310026".parse().unwrap();
        state.network.plmn = Some(Reading::new(three, NOW));
        enter_serving(&mut state, &told(310, 26, "Test"), NOW);
        assert_eq!((value(&state.network.plmn), value(&state.network.operator)), (Some(three), Some("Test".into())));
    }
}
