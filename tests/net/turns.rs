//! One modem with two SIMs, each a link of the uplink: when one does not work the other has its turn, and the preferred one
//! comes back.

use std::time::Duration;

use lpwa::sim::{Event, Place, Reject};
use serde_json::Value;

use crate::gateway::talk;
use crate::house::{House, eventually};
use crate::modem::{Modem, Protocol};
use crate::namespace::{alone, run};

const HOST: &str = "203.0.113.1";
const BACK: Duration = Duration::from_secs(10);

/// Each SIM is at home in a network of its own.
const SCENARIO: &str = r#"
    [modem]
    model = "quectel-eg25"
    boot = "1s"
    [sim]
    imsi = "999700000000001"
    [second-sim]
    imsi = "001010000000002"
    iccid = "8900101000000000002"
    [carrier]
    interfaces = { wwan0 = 1 }
    [network]
    registration-delay = "200ms"
    apns = ["a.test", "b.test"]
    [[network.cell]]
    plmn = "99970"
    rat = "lte"
    [[network.cell]]
    plmn = "00101"
    rat = "lte"
    cell-id = 0x00AB0001
"#;

fn config(house: &House) -> String {
    let (dir, back) = (house.dir.path().display(), BACK.as_secs());
    format!(
        "[daemon]\nstate_dir = \"state\"\ndns = \"none\"\n\
         [retry]\nspacing = \"1s\"\nwaits = [\"1s\", \"2s\"]\n\
         [[modem]]\nid = \"m0\"\nat = \"unix:{dir}/m0\"\nmodel = \"quectel-eg25\"\ndata = \"interface\"\n\
         interface = \"wwan0\"\n\
         [health]\ntargets = [\"icmp:{HOST}\"]\ndetect_within = \"8s\"\ntimeout = \"1s\"\nbudget = \"100MB\"\n\
         [[uplink]]\nname = \"wan\"\nmin_stay = \"1s\"\nhold_down = \"1s\"\nswitch_after = \"8s\"\n\
         switch_back = \"{back}s\"\n\
         member = [{{ modem = \"m0\", slot = 1, apn = \"a.test\" }}, {{ modem = \"m0\", slot = 2, apn = \"b.test\" }}]\n"
    )
}

/// Waits until the default route is the link's, and a connection to the host comes about.
#[track_caller]
fn goes_by(house: &House, link: &str, imsi: &str, apn: &str) {
    eventually(link, || {
        let output = house.lpwa(&["--json", "uplink", "show"]);
        let all: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
        if all[0]["active"] == link { Ok(()) } else { Err(format!("{:#}\n{}", all[0], house.log("daemon.log"))) }
    });
    eventually("a connection", || talk(HOST).map(drop).map_err(|error| format!("{error:?}")));
    let doc = house.show().unwrap();
    assert_eq!((&doc["sim"]["imsi"], &doc["bearers"][0]["apn"]), (&imsi.into(), &apn.into()), "{doc:#}");
    let routes = run("ip", &["-4", "route", "show", "default"]);
    assert_eq!(routes.lines().filter(|route| route.contains("proto 108")).count(), 1, "{routes}");
}

#[test]
fn the_other_sim_has_its_turn_and_the_preferred_one_comes_back() {
    alone(async || {
        let house = House::new();
        let modem = Modem::of(Protocol::At, Place::Unix(house.path("m0")), SCENARIO);
        let _daemon = house.daemon(&config(&house));
        goes_by(&house, "m0/sim1", "999700000000001", "a.test");
        let shown = house.says(0, &["uplink", "show"]);
        assert!(shown.contains("m0 is used for m0/sim1"), "{shown}");
        // The first network throws the modem out, for now.
        let reject = Reject { cause: 17, plmn: "99970".parse().ok(), ..Reject::default() };
        modem.sim.happen(Event::Reject(Some(reject)));
        modem.sim.happen(Event::Detach);
        goes_by(&house, "m0/sim2", "001010000000002", "b.test");
        let said = house.says(10, &["sim", "switch", "1", "m0"]);
        assert!(said.contains("lpwa uplink use"), "{said}");
        let slots = house.says(0, &["sim", "show", "m0"]);
        assert!(slots.contains("slot 2") && slots.contains("in use"), "{slots}");
        modem.sim.happen(Event::Reject(None));
        goes_by(&house, "m0/sim1", "999700000000001", "a.test");
        let log = house.says(0, &["uplink", "log"]);
        for reason in ["the other one did not work for too long", "it is preferred, and tried again"] {
            assert!(log.contains(reason), "{log}");
        }
        // And a person has the last word.
        house.says(0, &["uplink", "use", "m0/sim2"]);
        goes_by(&house, "m0/sim2", "001010000000002", "b.test");
    });
}
