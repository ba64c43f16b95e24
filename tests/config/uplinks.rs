//! `[[uplink]]`, `[health]`, `[recovery]`, `power_cut`.

use std::time::Duration;

use lpwa::policy::health::{LinkKind, Target};
use lpwa::policy::recovery::Rung;
use lpwa::policy::usage::Cycle;
use lpwa::uplink::supply::Supply;
use lpwa::uplink::{MemberSettings, Then, UplinkSettings, Way};

use super::{MAIN, Memory, good, mistakes};

const MODEM: &str = "[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\nrats = [\"nb-iot\"]\n";

fn uplink(text: &str) -> UplinkSettings {
    good(&Memory::main(&format!("{MODEM}[[uplink]]\nname = \"wan\"\n{text}"))).uplinks.remove(0)
}

fn member(text: &str) -> MemberSettings {
    uplink(&format!("[[uplink.member]]\n{text}\n")).members.remove(0)
}

/// What is printed for a member with these lines, the first of which is line 8.
fn wrong(text: &str) -> Vec<String> {
    mistakes(&format!("{MODEM}[[uplink]]\nname = \"wan\"\n[[uplink.member]]\n{text}\n"))
}

#[test]
fn links_of_one_modem_that_take_turns_are_told_apart() {
    let text = r#"
        switch_after = "2m"
        switch_back = "3h"
        member = [
            { modem = "m0", slot = 1, apn = "a.test" },
            { modem = "m0", slot = 2, apn = "b.test", rats = ["lte-m"] },
            { modem = "m0", slot = 2, apn = "c.test" },
            { modem = "m0", rats = ["nb-iot"] },
            { modem = "m0", apn = "" },
        ]
    "#;
    let wan = uplink(text);
    let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
    assert_eq!((wan.rules.switch_after, wan.rules.switch_back), (minute * 2, hour * 3));
    let names: Vec<_> = wan.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["m0/sim1", "m0/sim2/b.test/lte-m", "m0/sim2/c.test", "m0/nb-iot", "m0/default"]);
    let setup = wan.members[1].setup.clone().unwrap();
    assert_eq!((setup.slot, setup.apn.unwrap().as_str()), (Some(2), "b.test"));
    assert_eq!(wan.members[1].kind, LinkKind::LteM, "by the technologies of the link");
    assert_eq!(member("modem = \"m0\"").setup, None);
    assert_eq!(member("modem = \"m0\"\nslot = 2\ncontext = 2").name, "m0/sim2/2");
}

#[test]
fn links_that_cannot_take_turns_are_named() {
    let said = |member: &str| wrong(member).join("\n");
    assert!(said("interface = \"eth0\"\nslot = 2").contains("it goes with modem"));
    assert!(said("modem = \"m0\"\ncontext = 2\napn = \"a.test\"").contains("[[modem.bearer]]"));
    assert!(said("modem = \"m0\"\nslot = 9").contains("1 to 8"));
    let twice = said("modem = \"m0\"\nslot = 2\n[[uplink.member]]\nmodem = \"m0\"\nslot = 2\ncontext = 3");
    assert!(twice.contains("links of one modem with these take turns"), "{twice}");
    let mixed = said(
        "modem = \"m0\"\ncontext = 2\n[[uplink.member]]\nmodem = \"m0\"\ncontext = 3\nslot = 2\n[[uplink.member]]\nmodem = \"m0\"\ncontext = 4",
    );
    assert!(mixed.contains("take turns"), "{mixed}");
}

#[test]
fn an_uplink_is_read_with_all_its_keys() {
    let text = r#"
        min_stay = "10s"
        hold_down = "20s"
        metric = 7
        [[uplink.member]]
        interface = "eth0"
        [[uplink.member]]
        modem = "m0"
        context = 2
        kind = "broadband"
        cost = 9
        limit = "1.5GB"
        warn_at = 50
        cycle = "monthly on 15"
        then = "throttle"
        profile = "utility-meter"
        [uplink.member.health]
        targets = ["tcp:192.0.2.1:443", "dns:link"]
        detect_within = "1m"
        timeout = "4s"
        down_after = 2
        up_after = 5
        need = 2
        budget = "200kB"
        passive = false
    "#;
    let wan = uplink(text);
    let seconds = Duration::from_secs;
    assert_eq!((wan.rules.min_stay, wan.rules.hold_down, wan.metric), (seconds(10), seconds(20), 7));
    let [eth0, m0] = wan.members.as_slice() else { panic!("{wan:?}") };
    assert_eq!((eth0.name.as_str(), &eth0.way), ("eth0", &Way::Interface("eth0".into())));
    assert_eq!((eth0.kind, eth0.limits), (LinkKind::Wired, LinkKind::Wired.limits()));
    assert_eq!((m0.name.as_str(), &m0.way), ("m0/2", &Way::Modem { id: "m0".into(), context: Some(2) }));
    assert_eq!((m0.kind, m0.cost, m0.plan.limit, m0.plan.warn_at), (LinkKind::Broadband, 9, Some(1_500_000_000), 50));
    assert_eq!(m0.plan.cycle, Cycle::Monthly(15));
    assert!(
        matches!(&m0.then, Then::Throttle { profile, power, usual } if profile == "utility-meter" && power.psm.is_some() && usual.psm == Some(None))
    );
    assert_eq!(m0.targets, [Target::Tcp("192.0.2.1:443".parse().unwrap()), Target::LinkDns]);
    let limits = &m0.limits;
    assert_eq!((limits.detect_within, limits.timeout, limits.budget), (seconds(60), seconds(4), 200_000));
    assert_eq!((limits.down_after, limits.up_after, limits.need, limits.passive), (2, 5, 2, false));
}

#[test]
fn what_is_not_said_follows_from_the_kind() {
    let m0 = member("modem = \"m0\"");
    assert_eq!((m0.kind, m0.limits), (LinkKind::NbIot, LinkKind::NbIot.limits()));
    assert_eq!((m0.targets.first(), m0.targets.len()), (Some(&Target::LinkDns), 4));
    assert_eq!(member("interface = \"eth0\"\nhealth = false").targets, []);
    let text = format!(
        "{MODEM}[health]\ntargets = [\"icmp:192.0.2.1\"]\n[[uplink]]\nname = \"wan\"\n[[uplink.member]]\nmodem = \"m0\"\n"
    );
    let config = good(&Memory::main(&text));
    assert_eq!(config.uplinks[0].members[0].targets, [Target::Icmp("192.0.2.1".parse().unwrap())]);
}

#[test]
fn drop_ins_change_single_keys_of_an_uplink() {
    let main = format!("{MODEM}[[uplink]]\nname = \"wan\"\nmember = [{{ modem = \"m0\" }}]\n");
    let files = [(MAIN, main.as_str()), ("/etc/lpwa/lpwa.d/1.toml", "[[uplink]]\nname = \"wan\"\nmetric = 9\n")];
    let config = good(&Memory::of(&files));
    assert_eq!((config.uplinks.len(), config.uplinks[0].metric), (1, 9));
}

#[test]
fn a_short_detection_shortens_the_time_out() {
    let m0 = member("modem = \"m0\"\nhealth = { detect_within = \"12s\" }");
    assert_eq!(m0.limits.timeout, Duration::from_secs(2));
}

#[test]
fn a_budget_that_is_too_small_is_told() {
    let text = format!(
        "{MODEM}data = \"ppp\"\n[[uplink]]\nname = \"wan\"\n[[uplink.member]]\nmodem = \"m0\"\nhealth = {{ budget = \"720B\" }}\n"
    );
    let warnings = good(&Memory::main(&text)).warnings;
    assert_eq!(
        warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "/etc/lpwa/lpwa.toml:8: budget: 720 B a day are too little to detect within 1h; a silent m0 is known to be dead within 2h37m"
        ]
    );
}

#[test]
fn mistakes_are_named_with_line_and_key() {
    for (text, mistake) in [
        ("modem = \"m1\"", "8: modem: there is no modem \"m1\"; did you mean \"m0\"?"),
        ("kind = \"lte-m\"", "7: this member goes by nothing; write modem = \"m0\" or interface = \"eth0\""),
        ("modem = \"m0\"\ninterface = \"eth0\"", "9: interface: this member has modem as well; keep one of the two"),
        ("interface = \"eth0/1\"", "8: interface: \"eth0/1\" is no name of a network interface, such as eth0"),
        (
            "modem = \"m0\"\nkind = \"5g\"",
            "9: kind: \"5g\" is no kind of link; there are wired, broadband, lte-m, nb-iot",
        ),
        (
            "modem = \"m0\"\nlimit = \"5 megs\"",
            "9: limit: \"5 megs\" is no amount of data; write it like 100kB, 500MB, 1.5GB or 64KiB",
        ),
        (
            "modem = \"m0\"\ncycle = \"yearly\"",
            "9: cycle: \"yearly\" is no cycle; write monthly, \"monthly on 15\" or \"30 days\"",
        ),
        ("modem = \"m0\"\nthen = \"stop\"", "9: then: \"stop\" is nothing to do; there are warn, switch, throttle"),
        (
            "modem = \"m0\"\nthen = \"throttle\"",
            "9: then: to throttle, a power profile is wanted, such as profile = \"utility-meter\"",
        ),
        (
            "modem = \"m0\"\nhealth = { targets = [\"ping\"] }",
            "9: targets: \"ping\" is nothing to ask; write icmp:192.0.2.1, tcp:192.0.2.1:443, dns:192.0.2.53, dns:link or http://host/path",
        ),
        (
            "modem = \"m0\"\nhealth = { detect_within = \"10s\", timeout = \"5s\" }",
            "7: detect_within: 10s is too short for 3 rounds of 5s; 16s is the least",
        ),
        ("modem = \"m0\"\nhealth = { need = 5 }", "7: need: 5 targets have to answer, and there are 4"),
        ("modem = \"m0\"\ncst = 1", "9: unknown key \"cst\"; did you mean \"cost\"?"),
    ] {
        assert_eq!(wrong(text), [format!("/etc/lpwa/lpwa.toml:{mistake}")], "{text}");
    }
    let two = |metric: &str, link: &str| {
        let first = "[[uplink]]\nname = \"a\"\nmember = [{ interface = \"eth0\" }]\n";
        mistakes(&format!("{first}[[uplink]]\nname = \"b\"\n{metric}member = [{{ interface = \"{link}\" }}]\n"))
    };
    assert_eq!(
        two("metric = 9\n", "eth0"),
        ["/etc/lpwa/lpwa.toml:4: \"eth0\" is a link of uplink \"a\" already; it can be of one only"]
    );
    assert_eq!(
        two("", "eth1"),
        ["/etc/lpwa/lpwa.toml:4: metric: uplink \"a\" has 50 as well; the lower one goes first, so each needs its own"]
    );
    let none = mistakes("[[uplink]]\nname = \"wan\"\n");
    assert_eq!(
        none,
        ["/etc/lpwa/lpwa.toml:1: this uplink has no link; write one such as [[uplink.member]] with modem = \"m0\""]
    );
    let nameless = mistakes("[[uplink]]\nmetric = 1\n");
    assert_eq!(nameless, ["/etc/lpwa/lpwa.toml:1: this uplink has no name; write one such as name = \"wan\""]);
}

#[test]
fn recovery_and_power_cuts_are_read() {
    let text = r#"
        [recovery]
        dead = "reset"
        no_data_path = "re-attach"
        patience = "10m"
        reset = { wait = "20m", per_day = 2 }
        [[modem]]
        id = "m0"
        at = "/dev/ttyS1"
        power_cut = { gpio = "gpiochip0:4", active_low = true, off = "7s" }
        [[modem]]
        id = "m1"
        usb = "1-1.2"
        power_cut = { usb_port = true }
        [[modem]]
        id = "m2"
        at = "/dev/ttyS2"
        power_cut = { hook = "/usr/local/sbin/cut" }
    "#;
    let config = good(&Memory::main(text));
    let recovery = &config.recovery;
    assert_eq!((recovery.rules.dead, recovery.rules.no_data_path), (Rung::Reset, Rung::Reattach));
    let reset = recovery.rules.budget(Rung::Reset);
    assert_eq!((recovery.enabled, reset.wait, reset.per_hour, reset.per_day), (true, Duration::from_secs(1200), 1, 2));
    let cuts: Vec<_> = config.modems.iter().map(|modem| modem.power_cut.clone().unwrap()).collect();
    assert_eq!(cuts[0].supply.to_string(), "GPIO gpiochip0:4");
    assert_eq!(cuts[0].off, Duration::from_secs(7));
    assert_eq!(cuts[1].supply, Supply::UsbPort("1-1.2".into()));
    assert_eq!(cuts[2].supply, Supply::Hook("/usr/local/sbin/cut".into()));
}

#[test]
fn mistakes_of_recovery_are_named() {
    let modem = |cut: &str| mistakes(&format!("[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\npower_cut = {cut}\n"));
    for (cut, mistake) in [
        (
            "{ usb_port = true }",
            "usb_port: the modem is not named by its USB path; write usb = \"1-1.2\" instead of at",
        ),
        ("{ off = \"5s\" }", "power_cut: one of gpio, usb_port = true and hook is wanted"),
        ("{ hook = \"cut.sh\" }", "hook: \"cut.sh\" is no absolute path of a program"),
        ("{ hook = \"/x\", off = \"1h\" }", "off: 1h is no cut; more than 0 and at most 2m"),
    ] {
        assert_eq!(modem(cut), [format!("/etc/lpwa/lpwa.toml:4: {mistake}")], "{cut}");
    }
    assert_eq!(
        mistakes("[recovery]\ndead = \"reboot\"\n"),
        [
            "/etc/lpwa/lpwa.toml:2: dead: \"reboot\" is no rung; there are re-query, re-activate, re-attach, radio, reset, power-cycle"
        ]
    );
}

#[test]
fn a_modem_without_a_link_in_an_uplink_is_doubted() {
    let text = |more: &str| format!("{MODEM}{more}[[uplink]]\nname = \"wan\"\nmember = [{{ modem = \"m0\" }}]\n");
    let warnings = |more: &str| good(&Memory::main(&text(more))).warnings;
    assert!(warnings("")[0].to_string().contains("m0 has data = \"none\""), "{:?}", warnings(""));
    assert_eq!(warnings("data = \"ppp\"\n"), []);
}
