//! From nothing to data, for each family, over a socket and over a serial line.

use serde_json::Value;

use crate::house::{House, config, document, eventually, is_up};
use crate::private_bus::PrivateBus;

/// Brings a modem up over a socket and over a pty; the document, twice.
fn both_ways(model: &str, more: &str) -> [Value; 2] {
    ["unix:", ""].map(|kind| {
        let house = House::new();
        let at = format!("{kind}{}", house.path("m0").display());
        let _modem = house.simulate(model, &at);
        let _daemon = house.daemon(&config(&at, more));
        let doc = house.wait("connected with PSM and eDRX", is_up);
        assert_eq!(doc["definition"], model, "{at}");
        assert_eq!(doc["sim"]["state"], "ready", "{at}");
        assert_eq!(doc["bearers"][0]["apn"], "iot.test", "{at}");
        assert!(doc["bearers"][0]["addresses"][0].is_string(), "{at}: {doc:#}");
        doc
    })
}

#[test]
fn generic() {
    both_ways("generic", "");
}

#[test]
fn quectel_bg95_on_lte_m() {
    for doc in both_ways("quectel-bg95", "") {
        // AcT 8, which TS 27.007 calls EC-GSM-IoT, is LTE-M on Quectel's.
        assert_eq!(doc["network"]["rat"], "lte-m");
    }
}

#[test]
fn simcom_sim7080() {
    both_ways("simcom-sim7080", "");
}

#[test]
fn nordic_nrf91() {
    both_ways("nordic-nrf91", "");
}

#[test]
fn ublox_sara_r5() {
    both_ways("ublox-sara-r5", "");
}

#[test]
fn quectel_bg95_on_nb_iot() {
    let house = House::new();
    let at = format!("unix:{}", house.path("m0").display());
    let cells = "[[network.cell]]\nrat = \"lte-m\"\n[[network.cell]]\nrat = \"nb-iot\"\n";
    let _modem = house.simulate_scenario("quectel-bg95", &at, cells);
    let _daemon = house.daemon(&config(&at, "rats = [\"nb-iot\"]"));
    let doc = house.wait("connected with PSM and eDRX", is_up);
    assert_eq!(doc["network"]["rat"], "nb-iot");
    // NB-IoT is AcT 9.
    let line = house.says(0, &["record", "--personal-data"]);
    assert!(line.lines().any(|line| line.contains("+CEREG:") && line.contains(",9")), "{line}");
}

#[test]
fn over_a_bus() {
    let house = House::new();
    let bus = PrivateBus::start(house.dir.path());
    let at = format!("unix:{}", house.path("m0").display());
    let _modem = house.simulate("quectel-bg95", &at);
    let _daemon = house.daemon_on(&bus.address, &config(&at, ""));
    let show = || document(&house.lpwa_at(&bus.address, &["--json", "show", "m0"]));
    eventually("connected over the bus", || match show() {
        Ok(doc) if is_up(&doc) => Ok(()),
        other => Err(format!("{other:#?}")),
    });
}
