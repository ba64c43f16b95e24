//! Registration, signal, cell, search.

use super::registration_cause;
use crate::codec::mbim::Service;
use crate::codec::mbim::message::Nothing;
use crate::codec::mbim::message::basic_connect::{
    Provider, Providers, REGISTER_STATE, RegisterStateInfo, SIGNAL_STATE, SignalState, VISIBLE_PROVIDERS,
    VisibleProvidersQuery,
};
use crate::codec::mbim::message::cell::{BaseStations, BaseStationsQuery, ServingLte};
use crate::codec::mbim::message::choices::{DataClass, ProviderState, RegisterState, VisibleProvidersAction};
use crate::codec::mbim::message::extensions::BASE_STATIONS_INFO;
use crate::modem::channel::CommandError;
use crate::modem::definition::Definition;
use crate::modem::driver::Driver;
use crate::modem::handle::ScannedNetwork;
use crate::modem::notice::enter_outcome;
use crate::modem::procedure::optional;
use crate::spec::band::Band;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::spec::registration::Registration;
use crate::state::fact::Fact;
use crate::state::{ModemState, Timestamp};

/// What is not known (MB base stations information).
const UNKNOWN: u32 = u32::MAX;

/// MBIM chooses one network or leaves the choice to the modem: it has no word for "this one if it is there".
pub async fn prefer_network(_: &Driver, plmn: Plmn) -> Result<(), CommandError> {
    Err(CommandError::Unsupported(format!("MBIM cannot prefer a network; {plmn} is left to the SIM's own lists")))
}

/// Reads the registration.
pub async fn read_registration(d: &Driver) -> Result<(), CommandError> {
    let told: RegisterStateInfo = d.mbim(&REGISTER_STATE, &Nothing {}).await?;
    let definition = d.definition();
    d.update(|state, now| enter(state, &definition, &told, now));
    Ok(())
}

/// Enters where the modem is registered.
pub(super) fn enter(state: &mut ModemState, definition: &Definition, told: &RegisterStateInfo, now: Timestamp) {
    let registration = match told.register_state {
        RegisterState::Home => Registration::Home,
        RegisterState::Roaming | RegisterState::Partner => Registration::Roaming,
        RegisterState::Searching => Registration::Searching,
        RegisterState::Denied => Registration::Denied,
        RegisterState::Deregistered => Registration::NotRegistered,
        _ => Registration::Unknown,
    };
    if registration.is_registered() {
        let mut facts: Vec<_> = told.provider_id.parse().ok().map(Fact::Plmn).into_iter().collect();
        if !told.provider_name.is_empty() {
            facts.push(Fact::Operator(told.provider_name.clone()));
        }
        facts.extend(rat(told.available_data_classes, definition).map(Fact::Rat));
        state.learn_all(&facts, now);
    }
    let cause = registration_cause(told.nw_error).filter(|_| registration == Registration::Denied);
    enter_outcome(state, registration, cause, now);
}

/// The newest technology of a set. MBIM calls LTE-M and NB-IoT LTE; a model that has but one of the three has that one.
fn rat(classes: DataClass, definition: &Definition) -> Option<Rat> {
    if classes.contains(DataClass::NR_SA) {
        return Some(Rat::Nr);
    }
    if classes.contains(DataClass::LTE) {
        let kinds = [Rat::Lte, Rat::LteM, Rat::NbIot];
        let mut known = kinds.into_iter().filter(|rat| definition.capabilities.rats.contains(rat));
        return match (known.next(), known.next()) {
            (Some(only), None) => Some(only),
            (None, None) => Some(Rat::Lte),
            _ => None,
        };
    }
    let has = |class| classes.contains(class);
    if has(DataClass::UMTS) || has(DataClass::HSDPA) || has(DataClass::HSUPA) {
        return Some(Rat::Umts);
    }
    (has(DataClass::GPRS) || has(DataClass::EDGE)).then_some(Rat::Gsm)
}

/// The registration has told them.
pub async fn read_operator(_: &Driver) -> Result<(), CommandError> {
    Ok(())
}

/// Nothing that the registration has not told.
pub async fn last_failure(_: &Driver) -> Result<Option<String>, CommandError> {
    Ok(None)
}

/// Reads the signal.
pub(super) async fn signal(d: &Driver) -> Result<Vec<Fact>, CommandError> {
    let told: SignalState = d.mbim(&SIGNAL_STATE, &Nothing {}).await?;
    Ok(strength(&told))
}

/// Signal as facts: RSSI, and since MBIMEx 2.0 RSRP and SNR.
pub(super) fn strength(told: &SignalState) -> Vec<Fact> {
    let mut facts: Vec<_> = told.rssi_dbm().map(|dbm| Fact::Rssi(dbm as f32)).into_iter().collect();
    if let Some(system) = told.rsrp_snr.0.as_ref().and_then(|systems| systems.0.first()) {
        facts.extend(system.rsrp_dbm().map(|dbm| Fact::Rsrp(dbm as f32)));
        facts.extend(system.snr_db().map(Fact::Sinr));
    }
    facts
}

/// Reads the serving cell by the extensions, and the signal with it.
pub(super) async fn serving_cell(d: &Driver) -> Result<Vec<Fact>, CommandError> {
    let query = BaseStationsQuery { max_lte_count: 1, ..BaseStationsQuery::default() };
    let stations: Option<BaseStations> = optional(d.mbim_extended(&BASE_STATIONS_INFO, &query).await)?;
    let mut facts = signal(d).await?;
    let Some(lte) = stations.and_then(|stations| stations.lte_serving_cell.0) else { return Ok(facts) };
    let told = |kind: fn(&Fact) -> bool| facts.iter().any(kind);
    let rsrp = (!told(|fact| matches!(fact, Fact::Rsrp(_)))).then_some(Fact::Rsrp(lte.rsrp as f32));
    facts.extend(rsrp);
    facts.push(Fact::Rsrq(lte.rsrq as f32));
    facts.extend(cell(&lte));
    Ok(facts)
}

fn cell(lte: &ServingLte) -> Vec<Fact> {
    let known = |value: u32| Some(value).filter(|value| *value != UNKNOWN);
    let mut facts = Vec::new();
    facts.extend(lte.provider_id.parse().ok().map(Fact::Plmn));
    facts.extend(known(lte.tac).map(Fact::Tac));
    facts.extend(known(lte.cell_id).map(|cell| Fact::CellId(cell.into())));
    facts.extend(known(lte.physical_cell_id).and_then(|pci| u16::try_from(pci).ok()).map(Fact::Pci));
    facts.extend(known(lte.earfcn).map(Fact::Earfcn));
    facts.extend(known(lte.earfcn).and_then(Band::of_earfcn).map(|band| Fact::Band(band.number())));
    facts
}

/// Looks for networks.
pub async fn scan(d: &Driver) -> Result<Vec<ScannedNetwork>, CommandError> {
    let query = VisibleProvidersQuery { action: VisibleProvidersAction::FullScan };
    let time_out = d.definition().timing.scan;
    let mbim = d.ports.mbim()?;
    let found: Providers = mbim.query(Service::BasicConnect, &VISIBLE_PROVIDERS, &query, time_out).await?;
    Ok(found.providers.0.into_iter().filter_map(describe).collect())
}

fn describe(provider: Provider) -> Option<ScannedNetwork> {
    let state = provider.provider_state;
    let status = if state.contains(ProviderState::REGISTERED) {
        "current"
    } else if state.contains(ProviderState::FORBIDDEN) {
        "forbidden"
    } else if state.contains(ProviderState::VISIBLE) {
        "available"
    } else {
        "unknown"
    };
    Some(ScannedNetwork { status, name: provider.provider_name, plmn: provider.provider_id.parse().ok()?, rat: None })
}
