//! From [`ModemState`] to [`Document`].

use std::time::Duration;

use super::{AcceptedDrx, AcceptedMico, Bearer, Document, Drx, Edrx, EdrxCycle, Granted, Identity, Mico, Network};
use super::{Power, Psm, PsmTimers};
use super::{ReadAt, Reject, Retry, Reveal, Signal, Sim, SimPolicy, SimSlot, Time};
use crate::private::{Private, REDACTED};
use crate::spec::cause::Cause;
use crate::state::{self, Accepted, Known, ModemState, Reachability, SimState, Timestamp};

/// The whole document.
pub fn document(state: &ModemState, reveal: Reveal) -> Document {
    let (asleep_until, wakes_by, overdue_s) = match state.reachability {
        Reachability::Asleep { until, wakes } => (until.map(Time), Some(wakes), None),
        Reachability::Unreachable { overdue } => (None, None, overdue.map(seconds)),
        _ => (None, None, None),
    };
    Document {
        id: state.id.clone(),
        state: state.lifecycle.name().into(),
        state_reason: state.reason(),
        retry: state.retry.as_ref().map(retry),
        since: (state.since != Timestamp::default()).then_some(Time(state.since)),
        reachability: state.reachability.name().into(),
        asleep_until,
        wakes_by,
        overdue_s,
        definition: (!state.definition.is_empty()).then(|| state.definition.clone()),
        identity: identity(&state.identity),
        sim: sim(&state.sim, reveal),
        network: network(&state.network),
        signal: state.signal.as_ref().map(signal).unwrap_or_default(),
        power: power(&state.power),
        bearers: state.bearers.iter().map(bearer).collect(),
        queue: (&state.queue).into(),
        holds: state.holds.iter().map(Into::into).collect(),
    }
}

/// The value alone, as JSON has it.
fn value<T, U>(known: &Known<T>, project: impl FnOnce(&T) -> U) -> Option<U> {
    known.as_ref().map(|reading| project(&reading.value))
}

fn time<T>(known: &Known<T>) -> Option<Time> {
    known.as_ref().map(|reading| Time(reading.at))
}

fn read_at<const N: usize>(times: [(&str, Option<Time>); N]) -> ReadAt {
    times.into_iter().map(|(key, time)| (key.to_owned(), time)).collect()
}

fn identity(id: &state::Identity) -> Identity {
    Identity {
        manufacturer: value(&id.manufacturer, Clone::clone),
        model: value(&id.model, Clone::clone),
        revision: value(&id.revision, Clone::clone),
        imei: value(&id.imei, ToString::to_string),
        read_at: read_at([
            ("manufacturer", time(&id.manufacturer)),
            ("model", time(&id.model)),
            ("revision", time(&id.revision)),
            ("imei", time(&id.imei)),
        ]),
    }
}

fn retry(retry: &state::Retry) -> Retry {
    let (reason, advice) = (retry.reason.clone(), retry.advice.clone());
    Retry { act: retry.act.into(), until: retry.until.map(Time), reason, advice }
}

fn policy(policy: &state::SimPolicy) -> SimPolicy {
    let state::SimPolicy { name, why, apns, source, roaming, data } = policy.clone();
    SimPolicy { name, why, apns, source, roaming, data_limit: data.map(|data| data.limit) }
}

fn sim(sim: &state::Sim, reveal: Reveal) -> Sim {
    Sim {
        state: value(&sim.state, |v: &SimState| v.name().into()),
        iccid: value(&sim.iccid, |v| personal(v, reveal)),
        imsi: value(&sim.imsi, |v| personal(v, reveal)),
        pin_retries: value(&sim.pin_retries, |v| *v),
        puk_retries: value(&sim.puk_retries, |v| *v),
        home: value(&sim.home, ToString::to_string),
        spn: value(&sim.spn, Clone::clone),
        gid1: value(&sim.gid1, Clone::clone),
        policy: sim.policy.as_ref().map(policy),
        slots: sim.slots.iter().flat_map(|slots| &slots.value).map(|known| slot(known, reveal)).collect(),
        read_at: read_at([
            ("state", time(&sim.state)),
            ("iccid", time(&sim.iccid)),
            ("imsi", time(&sim.imsi)),
            ("pin_retries", time(&sim.pin_retries)),
            ("puk_retries", time(&sim.puk_retries)),
            ("home", time(&sim.home)),
            ("spn", time(&sim.spn)),
            ("gid1", time(&sim.gid1)),
            ("slots", time(&sim.slots)),
        ]),
    }
}

fn slot(slot: &state::Slot, reveal: Reveal) -> SimSlot {
    let iccid = slot.iccid.as_ref().map(|iccid| personal(iccid, reveal));
    SimSlot { slot: slot.number, active: slot.active, card: slot.card, iccid }
}

fn personal<T: ToString>(secret: &Private<T>, reveal: Reveal) -> String {
    match reveal {
        Reveal::All => secret.reveal().to_string(),
        Reveal::Redacted => REDACTED.into(),
    }
}

fn network(net: &state::Network) -> Network {
    Network {
        registration: value(&net.registration, |v| v.name().into()),
        rat: value(&net.rat, |v| *v),
        plmn: value(&net.plmn, ToString::to_string),
        operator: value(&net.operator, Clone::clone),
        tac: value(&net.tac, |v| *v),
        cell_id: value(&net.cell_id, |v| *v),
        band: value(&net.band, |v| *v),
        pci: value(&net.pci, |v| *v),
        earfcn: value(&net.earfcn, |v| *v),
        ce_level: value(&net.ce_level, |v| *v),
        rrc_connected: value(&net.rrc_connected, |v| *v),
        reject: value(&net.reject, |v| reject(*v)),
        read_at: network_read_at(net),
    }
}

fn network_read_at(net: &state::Network) -> ReadAt {
    read_at([
        ("registration", time(&net.registration)),
        ("rat", time(&net.rat)),
        ("plmn", time(&net.plmn)),
        ("operator", time(&net.operator)),
        ("tac", time(&net.tac)),
        ("cell_id", time(&net.cell_id)),
        ("band", time(&net.band)),
        ("pci", time(&net.pci)),
        ("earfcn", time(&net.earfcn)),
        ("ce_level", time(&net.ce_level)),
        ("rrc_connected", time(&net.rrc_connected)),
        ("reject", time(&net.reject)),
    ])
}

fn reject(cause: Cause) -> Reject {
    Reject {
        cause: cause.number,
        domain: cause.domain.name().to_ascii_lowercase(),
        name: cause.name().into(),
        class: cause.class().name().into(),
        advice: cause.advice().into(),
    }
}

fn signal(signal: &state::Signal) -> Signal {
    Signal {
        rsrp_dbm: signal.rsrp_dbm.map(decibels),
        rsrq_db: signal.rsrq_db.map(decibels),
        rssi_dbm: signal.rssi_dbm.map(decibels),
        sinr_db: signal.sinr_db.map(decibels),
        read_at: Some(Time(signal.read_at)),
    }
}

/// To hundredths, finer than any modem reports: widening alone would print -97.3 as -97.30000305175781.
pub fn decibels(value: f32) -> f64 {
    (f64::from(value) * 100.0).round() / 100.0
}

fn power(power: &state::Power) -> Power {
    Power {
        psm: Psm {
            requested: power.psm_requested.map(psm_timers),
            granted: power.psm_granted.map(|reading| granted(reading.value.map(psm_timers))),
        },
        edrx: Edrx {
            requested: power.edrx_requested.map(edrx_cycle),
            granted: power.edrx_granted.map(|reading| granted(reading.value.map(edrx_cycle))),
        },
        mico: Mico {
            requested: power.mico_requested,
            accepted: power.mico_accepted.map(|reading| match reading.value {
                Accepted::As(enabled) => AcceptedMico { supported: true, enabled },
                Accepted::Unsupported => AcceptedMico::default(),
            }),
        },
        drx: Drx {
            requested_s: power.drx_requested.map(|cycle| seconds(cycle.length())),
            accepted: power.drx_accepted.map(|reading| match reading.value {
                Accepted::As(cycle) => {
                    AcceptedDrx { supported: true, cycle_s: cycle.map(|cycle| seconds(cycle.length())) }
                }
                Accepted::Unsupported => AcceptedDrx::default(),
            }),
        },
        next_window: power.next_window.map(Time),
        read_at: read_at([
            ("psm_granted", time(&power.psm_granted)),
            ("edrx_granted", time(&power.edrx_granted)),
            ("mico_accepted", time(&power.mico_accepted)),
            ("drx_accepted", time(&power.drx_accepted)),
        ]),
    }
}

fn granted<T: Default>(value: Option<T>) -> Granted<T> {
    Granted { in_use: value.is_some(), value: value.unwrap_or_default() }
}

fn psm_timers(timers: state::PsmTimers) -> PsmTimers {
    PsmTimers {
        periodic_tau_s: timers.periodic_tau.map(|tau| tau.as_secs()),
        active_time_s: Some(timers.active_time.as_secs()),
    }
}

fn edrx_cycle(edrx: state::Edrx) -> EdrxCycle {
    EdrxCycle { cycle_s: Some(seconds(edrx.cycle)), ptw_s: edrx.ptw.map(seconds) }
}

/// Divided from milliseconds, so that 81.92 s stays 81.92.
pub fn seconds(span: Duration) -> f64 {
    span.as_millis() as f64 / 1000.0
}

fn bearer(bearer: &state::Bearer) -> Bearer {
    Bearer {
        context: bearer.context,
        apn: bearer.apn.to_string(),
        pdp_type: bearer.pdp_type.name().into(),
        active: bearer.active,
        addresses: bearer.addresses.clone(),
        gateways: bearer.gateways.clone(),
        dns: bearer.dns.clone(),
        mtu: bearer.mtu,
        interface: bearer.interface.clone(),
    }
}
