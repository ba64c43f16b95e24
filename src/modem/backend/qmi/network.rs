//! NAS: registration, operator, signal, cell, search.

use std::collections::BTreeMap;

use super::{Client, unless_so};
use crate::codec::qmi::nas::{
    self, MncDigits, NamedPlmn, NetworkId, NetworkStatus, RadioInterface, Registrations, Technology,
};
use crate::modem::channel::CommandError;
use crate::modem::definition::Definition;
use crate::modem::driver::Driver;
use crate::modem::handle::ScannedNetwork;
use crate::modem::notice::enter_outcome;
use crate::spec::band::Band;
use crate::spec::cause::Cause;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::spec::registration::Registration;
use crate::state::fact::Fact;
use crate::state::{ModemState, Timestamp};

/// Reads the system info.
pub async fn read_registration(d: &Driver) -> Result<(), CommandError> {
    let info = d.qmi(Client::Nas, &nas::GetSystemInfo::default()).await?;
    let definition = d.definition();
    d.update(|state, now| enter(state, &definition, &info.registrations(), now));
    Ok(())
}

/// Enters where the modem is registered, and by which cell.
pub(super) fn enter(state: &mut ModemState, definition: &Definition, all: &Registrations, now: Timestamp) {
    let packets = [all.eps, all.five_gs, all.ps];
    let registered = packets.into_iter().flatten().find(|registration| registration.is_registered());
    let Some(registration) = registered.or(packets.into_iter().flatten().next()) else { return };
    let mut facts = Vec::new();
    if registration.is_registered() {
        facts.extend(all.technology.and_then(|technology| rat(technology, definition)).map(Fact::Rat));
        facts.extend(all.network.as_ref().and_then(plmn).map(Fact::Plmn));
        facts.extend(all.tac.map(Fact::Tac));
        facts.extend(all.cell.map(|cell| Fact::CellId(cell.into())));
    }
    state.learn_all(&facts, now);
    let cause = all.reject.filter(|_| registration == Registration::Denied).map(Cause::emm);
    enter_outcome(state, registration, cause, now);
}

fn plmn(network: &NetworkId) -> Option<Plmn> {
    Plmn::from_parts(&network.mcc, &network.mnc).ok()
}

/// NAS calls LTE-M and NB-IoT LTE; a model that has but one of the three has that one.
pub(super) fn rat(technology: Technology, definition: &Definition) -> Option<Rat> {
    let kinds = match technology {
        Technology::Gsm => return Some(Rat::Gsm),
        Technology::Umts => return Some(Rat::Umts),
        Technology::Nr5g => return Some(Rat::Nr),
        Technology::Lte => [Rat::Lte, Rat::LteM, Rat::NbIot],
    };
    let mut known = kinds.into_iter().filter(|rat| definition.capabilities.rats.contains(rat));
    match (known.next(), known.next()) {
        (Some(only), None) => Some(only),
        (None, None) => Some(Rat::Lte),
        _ => None,
    }
}

/// Reads serving network and its name.
pub async fn read_operator(d: &Driver) -> Result<(), CommandError> {
    let network = d.snapshot().network;
    if network.operator.is_some() && network.plmn.is_some() {
        return Ok(());
    }
    let told = d.qmi(Client::Nas, &nas::GetServingSystem::default()).await?;
    d.update(|state, now| enter_operator(state, told.current_plmn.as_ref(), told.mnc_pcs_digit.as_ref(), now));
    Ok(())
}

/// Enters the name of the serving network. The network itself is what the system info says of it, which has all digits.
pub(super) fn enter_operator(
    state: &mut ModemState,
    told: Option<&NamedPlmn>,
    digits: Option<&MncDigits>,
    now: Timestamp,
) {
    let Some(told) = told else { return };
    let three = digits.is_some_and(|d| (d.mcc, d.mnc) == (told.mcc, told.mnc) && d.includes_pcs_digit);
    let plmn = match state.network.plmn {
        Some(known) if known.value.numbers() == (told.mcc, told.mnc) => None,
        _ => number(told.mcc, told.mnc, three),
    };
    let name = Some(&told.description).filter(|name| !name.is_empty());
    let facts = plmn.map(Fact::Plmn).into_iter().chain(name.cloned().map(Fact::Operator));
    state.learn_all(&facts.collect::<Vec<_>>(), now);
}

/// A network by its numbers; whether an MNC below 100 has three digits is told beside it.
fn number(mcc: u16, mnc: u16, three: bool) -> Option<Plmn> {
    let mnc = if three || mnc > 99 { format!("{mnc:03}") } else { format!("{mnc:02}") };
    Plmn::from_parts(&format!("{mcc:03}"), &mnc).ok()
}

/// Nothing that indications have not told.
pub async fn last_failure(_: &Driver) -> Result<Option<String>, CommandError> {
    Ok(None)
}

/// Reads the signal.
pub(super) async fn signal(d: &Driver) -> Result<Vec<Fact>, CommandError> {
    let told = d.qmi(Client::Nas, &nas::GetSignalInfo::default()).await?;
    Ok(strength(told.lte.as_ref(), told.nr5g.as_ref(), told.nr5g_rsrq, told.gsm))
}

/// Signal as facts; NR where it serves, -32768 being none.
pub(super) fn strength(
    lte: Option<&nas::LteSignal>,
    nr: Option<&nas::NrSignal>,
    nr_rsrq: Option<i16>,
    gsm: Option<i8>,
) -> Vec<Fact> {
    let there = |value: &i16| *value != i16::MIN;
    let tenths = |value: i16| f32::from(value) / 10.0;
    let mut facts = Vec::new();
    if let Some(lte) = lte {
        facts.push(Fact::Rssi(lte.rssi.into()));
        facts.push(Fact::Rsrq(lte.rsrq.into()));
        facts.push(Fact::Rsrp(lte.rsrp.into()));
        facts.push(Fact::Sinr(tenths(lte.snr)));
    } else if let Some(nr) = nr {
        facts.extend(Some(nr.rsrp).filter(there).map(|rsrp| Fact::Rsrp(rsrp.into())));
        facts.extend(Some(nr.snr).filter(there).map(|snr| Fact::Sinr(tenths(snr))));
        facts.extend(nr_rsrq.filter(there).map(|rsrq| Fact::Rsrq(rsrq.into())));
    } else if let Some(rssi) = gsm {
        facts.push(Fact::Rssi(rssi.into()));
    }
    facts
}

/// Reads the serving cell, and the signal with it.
pub(super) async fn serving_cell(d: &Driver) -> Result<Vec<Fact>, CommandError> {
    let told = d.qmi(Client::Nas, &nas::GetCellLocationInfo::default()).await?;
    let mut facts = Vec::new();
    if let Some(lte) = &told.intrafrequency_lte_info {
        let earfcn = told.lte_earfcn.unwrap_or_else(|| lte.earfcn.into());
        facts.extend([
            Fact::Tac(lte.tac.into()),
            Fact::CellId(lte.global_cell_id.into()),
            Fact::Pci(lte.serving_pci),
            Fact::Earfcn(earfcn),
        ]);
        facts.extend(Band::of_earfcn(earfcn).map(|band| Fact::Band(band.number())));
    } else if let Some(nr) = &told.nr5g_cell {
        let [a, b, c] = nr.tac;
        facts.extend([Fact::Tac(u32::from_be_bytes([0, a, b, c])), Fact::CellId(nr.global_cell_id), Fact::Pci(nr.pci)]);
        facts.extend(told.nr5g_arfcn.map(Fact::Earfcn));
    }
    facts.extend(signal(d).await?);
    Ok(facts)
}

/// Network Scan.
pub async fn scan(d: &Driver) -> Result<Vec<ScannedNetwork>, CommandError> {
    let found = d.qmi_within(Client::Nas, &nas::NetworkScan::default(), d.definition().timing.scan).await?;
    let definition = d.definition();
    let key = |mcc: u16, mnc: u16| (mcc, mnc);
    let digits = found.mnc_pcs_digit_include_status.unwrap_or_default();
    let three: BTreeMap<_, _> = digits.iter().map(|d| (key(d.mcc, d.mnc), d.includes_pcs_digit)).collect();
    let technologies = found.radio_access_technology.unwrap_or_default();
    let rats: BTreeMap<_, _> = technologies.iter().map(|t| (key(t.mcc, t.mnc), t.radio_interface)).collect();
    let networks = found.network_information.unwrap_or_default();
    let describe = |network: nas::FoundNetwork| {
        let key = key(network.mcc, network.mnc);
        let interface = rats.get(&key).copied();
        Some(ScannedNetwork {
            status: status(network.network_status),
            name: network.description,
            plmn: number(network.mcc, network.mnc, three.get(&key).copied().unwrap_or_default())?,
            rat: interface.and_then(technology).and_then(|technology| rat(technology, &definition)),
        })
    };
    Ok(networks.into_iter().filter_map(describe).collect())
}

const fn technology(interface: RadioInterface) -> Option<Technology> {
    match interface {
        RadioInterface::Gsm => Some(Technology::Gsm),
        RadioInterface::Umts => Some(Technology::Umts),
        RadioInterface::Lte => Some(Technology::Lte),
        RadioInterface::Nr5g => Some(Technology::Nr5g),
        _ => None,
    }
}

const fn status(status: NetworkStatus) -> &'static str {
    if status.has(NetworkStatus::CURRENT_SERVING) {
        "current"
    } else if status.has(NetworkStatus::FORBIDDEN) {
        "forbidden"
    } else if status.has(NetworkStatus::AVAILABLE) {
        "available"
    } else {
        "unknown"
    }
}
/// QMI as published chooses one network or leaves the choice to the modem: it has no word for "this one if it is there".
pub async fn prefer_network(_: &Driver, plmn: Plmn) -> Result<(), CommandError> {
    Err(CommandError::Unsupported(format!("QMI cannot prefer a network; {plmn} is left to the SIM's own lists")))
}

/// Attach Detach, twice.
pub async fn reattach(d: &Driver) -> Result<(), CommandError> {
    let limit = d.definition().timing.cfun;
    for action in [nas::AttachAction::Detach, nas::AttachAction::Attach] {
        let request = nas::AttachDetach { action: Some(action), ..Default::default() };
        unless_so(d.qmi_within(Client::Nas, &request, limit).await)?;
    }
    Ok(())
}
