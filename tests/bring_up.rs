//! From "port appeared" to "registered, power saving granted, data context up", on one modem of each family.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::time::Duration;

use lpwa::sim::Event;
use lpwa::spec::rat::Rat;
use lpwa::state::{Lifecycle, ModemState};
use support::{MODELS, scenario, start, wanted};

const MINUTE: Duration = Duration::from_secs(60);

/// Commands at most when the modem holds the wanted settings already.
const HELD: u64 = 24;
/// Commands at most when it must change them.
const CHANGED: u64 = 34;

fn is_up(state: &ModemState) -> bool {
    state.lifecycle == Lifecycle::Connected
        && state.power.psm_granted.is_some_and(|grant| grant.value == state.power.psm_requested)
        && state.power.edrx_granted.is_some_and(|grant| grant.value.is_some())
}

#[tokio::test(start_paused = true)]
async fn every_family_gets_online_with_power_saving_within_the_budget() {
    for model in MODELS {
        let scenario = scenario(&format!("[modem]\nmodel = \"{model}\"\n"));
        let bench = start(&scenario, wanted());
        let state = bench.wait(5 * MINUTE, "connected with PSM and eDRX", is_up).await;
        let changed = bench.modem.meter().commands;
        assert!(changed <= CHANGED, "{model}: {changed} commands\n{}", bench.commands());
        assert_eq!(state.power.edrx_granted.unwrap().value.unwrap().cycle, Duration::from_millis(81_920), "{model}");
        assert!(!state.bearers[0].addresses.is_empty(), "{model}");
        assert_eq!(state.definition, model);
        assert!(state.identity.imei.is_some() && state.sim.iccid.is_some() && state.sim.imsi.is_some(), "{model}");
        assert!(state.network.plmn.is_some(), "{model}: {:?}", state.network);
        assert!(state.signal.is_some() || model == "generic", "{model}");

        // The same modem again, set as wanted: a restart of the daemon.
        bench.driver.abort();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = bench.modem.meter().commands;
        let (handle, driver) = support::drive(&bench.modem, wanted(), &support::library());
        let again = support::Bench { modem: bench.modem.clone(), handle, driver };
        again.wait(5 * MINUTE, "connected again", is_up).await;
        let held = again.modem.meter().commands - before;
        println!("{model}: {changed} commands to change, {held} when held");
        assert!(held <= HELD, "{model}: {held} commands\n{}", again.commands());
    }
}

#[tokio::test(start_paused = true)]
async fn choosing_a_technology_stays_within_the_budget() {
    for (model, rats) in [
        ("quectel-bg95", vec![Rat::LteM, Rat::NbIot]),
        ("simcom-sim7080", vec![Rat::NbIot]),
        ("nordic-nrf91", vec![Rat::LteM]),
        ("ublox-sara-r5", vec![Rat::NbIot]),
    ] {
        let cells = "[[network.cell]]\nrat = \"lte-m\"\n[[network.cell]]\nrat = \"nb-iot\"\ncell-id = 77\n";
        let scenario = scenario(&format!("[modem]\nmodel = \"{model}\"\n{cells}"));
        let settings = lpwa::modem::settings::Settings { rats: rats.clone(), ..wanted() };
        let bench = start(&scenario, settings);
        let state = bench.wait(10 * MINUTE, "connected", is_up).await;
        let commands = bench.modem.meter().commands;
        println!("{model}: {commands} commands with rats = {rats:?}");
        assert!(commands <= CHANGED, "{model}: {commands} commands\n{}", bench.commands());
        assert_eq!(state.network.rat.map(|r| r.value), Some(rats[0]), "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_day_of_idling_sends_not_one_byte() {
    for model in MODELS {
        // PSM would make the modem silent anyway; here it is awake all day.
        let text = format!("[modem]\nmodel = \"{model}\"\n[network.psm]\nrefuse = true\n");
        let bench = start(&scenario(&text), wanted());
        bench.wait(5 * MINUTE, "connected", |state| state.lifecycle == Lifecycle::Connected).await;
        tokio::time::sleep(MINUTE).await;
        let before = bench.modem.meter().bytes_in;
        tokio::time::sleep(Duration::from_secs(86_400)).await;
        assert_eq!(bench.modem.meter().bytes_in, before, "{model}: {}", bench.commands());
        assert_eq!(bench.state().lifecycle, Lifecycle::Connected, "{model}");
        told_of_a_new_cell(&bench, model).await;

        let commands = bench.modem.meter().commands;
        bench.handle.request(lpwa::modem::handle::Request::ReadSignal).await.unwrap();
        assert_eq!(bench.modem.meter().commands, commands + 1, "{model}: asking reads once\n{}", bench.commands());
        assert!(bench.state().signal.is_some(), "{model}");
    }
}

/// Another cell, and other signal where the model tells of it: they arrive by notice; nothing is asked.
async fn told_of_a_new_cell(bench: &support::Bench, model: &str) {
    let before = bench.modem.meter().bytes_in;
    // TS 27.007 §10.1.22; the SIM70xx form has one more field.
    let line = if model.starts_with("simcom") { r#"1,"2222","00","00000BCD",7"# } else { r#"1,"2222","00000BCD",7"# };
    bench.modem.happen(Event::Notice(format!("+CEREG: {line}")));
    bench.wait(MINUTE, "in the new cell", |state| state.network.cell_id.map(|c| c.value) == Some(0x0BCD)).await;
    if model == "nordic-nrf91" {
        bench.modem.happen(Event::Rsrp(-110.0));
        let weak = |state: &ModemState| state.signal.is_some_and(|s| s.rsrp_dbm.is_some_and(|rsrp| rsrp <= -109.0));
        bench.wait(MINUTE, "told of the weaker signal", weak).await;
    }
    assert_eq!(bench.modem.meter().bytes_in, before, "{model}: {}", bench.commands());
}
