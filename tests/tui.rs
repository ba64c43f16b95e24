//! Every screen of the dashboard at three sizes, with the clock pinned. The snapshots are read over by eye.

// Helpers of tests fail by panicking, as the tests do.
#![allow(clippy::unwrap_used)]

use lpwa::spec::rat::Rat;
use lpwa::state::json::uplink::{Decision, Member, Uplink};
use lpwa::state::json::{
    Bearer, Change, Commands, Document, Edrx, EdrxCycle, Granted, Network, Power, Psm, PsmTimers, ReadAt, Reject,
    Reveal, Signal, Time, Timeline,
};
use lpwa::state::{ModemState, Timestamp, Wakes};
use lpwa::tui::action::Action;
use lpwa::tui::view::{View, update};
use lpwa::tui::{screen, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// 2026-11-22T12:34:56Z, the time of day in every screen.
const NOW: u64 = 1_795_350_896_000;
const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (40, 15)];

fn at(seconds_ago: u64) -> Time {
    Time(Timestamp(NOW - seconds_ago * 1000))
}

fn blank(id: &str) -> Document {
    let state = ModemState { id: id.into(), definition: "quectel-bg95".into(), ..ModemState::default() };
    Document::new(&state, Reveal::All)
}

fn searching(id: &str) -> Document {
    let network = Network { registration: Some("searching".into()), ..Network::default() };
    Document {
        state: "searching".into(),
        since: Some(at(42)),
        reachability: "awake".into(),
        network,
        power: Power { psm: Psm { requested: Some(psm(3600, 10)), granted: None }, ..Power::default() },
        ..blank(id)
    }
}

fn denied(id: &str) -> Document {
    let reject = Reject {
        cause: 15,
        domain: "EMM".into(),
        name: "No suitable cells in tracking area".into(),
        class: "rat".into(),
        advice: "Allow the other radio access technology, or another network.".into(),
    };
    let network = Network { registration: Some("denied".into()), reject: Some(reject), ..Network::default() };
    Document {
        state: "denied".into(),
        state_reason: Some("EMM cause 15 (No suitable cells in tracking area)".into()),
        since: Some(at(95)),
        network,
        ..searching(id)
    }
}

fn psm(tau: u64, active: u64) -> PsmTimers {
    PsmTimers { periodic_tau_s: Some(tau), active_time_s: Some(active) }
}

fn connected(id: &str) -> Document {
    let cycle = |cycle, ptw| EdrxCycle { cycle_s: Some(cycle), ptw_s: ptw };
    let edrx = Edrx {
        requested: Some(cycle(20.48, None)),
        granted: Some(Granted { in_use: true, value: cycle(81.92, Some(5.12)) }),
    };
    let granted = Some(Granted { in_use: true, value: psm(10_800, 20) });
    Document {
        state: "connected".into(),
        since: Some(at(754)),
        reachability: "asleep".into(),
        asleep_until: Some(Time(Timestamp(NOW + 2_400_000))),
        network: Network {
            registration: Some("roaming".into()),
            rat: Some(Rat::LteM),
            plmn: Some("00101".into()),
            operator: Some("Test Network".into()),
            tac: Some(0x1A2D),
            cell_id: Some(0x0D4F_3C15),
            band: Some(20),
            ..Network::default()
        },
        signal: reading(-97.0, 12),
        power: Power {
            psm: Psm { requested: Some(psm(3600, 10)), granted },
            edrx,
            next_window: Some(Time(Timestamp(NOW + 2_400_000))),
            read_at: ReadAt::new(),
            ..Power::default()
        },
        bearers: vec![Bearer {
            context: 1,
            apn: "iot.test".into(),
            pdp_type: "ipv4".into(),
            active: true,
            addresses: vec!["10.0.0.2".parse().unwrap()],
            gateways: vec![],
            dns: vec!["192.0.2.53".parse().unwrap()],
            mtu: Some(1358),
            interface: None,
        }],
        ..blank(id)
    }
}

fn reading(rsrp: f64, seconds_ago: u64) -> Signal {
    Signal {
        rsrp_dbm: Some(rsrp),
        rsrq_db: Some(-11.5),
        rssi_dbm: Some(-71.0),
        sinr_db: Some(7.0),
        read_at: Some(at(seconds_ago)),
    }
}

fn happen(view: &mut View, seconds_ago: u64, action: Action) {
    update(view, Action::Tick(at(seconds_ago).0));
    update(view, action);
    update(view, Action::Tick(at(0).0));
}

fn change(view: &mut View, seconds_ago: u64, doc: Document) {
    happen(view, seconds_ago, Action::Changed(Box::new(doc)));
}

/// From port to data, with a signal that went up and down.
fn connected_view() -> View {
    let mut view = View::default();
    change(&mut view, 780, searching("m0"));
    for (n, rsrp) in [-118.0, -112.0, -109.0, -104.0, -101.0, -99.0, -103.0, -106.0, -99.0].into_iter().enumerate() {
        let mut doc = connected("m0");
        (doc.reachability, doc.asleep_until) = ("awake".into(), None);
        doc.signal = reading(rsrp, 754 - 60 * n as u64);
        change(&mut view, 754 - 60 * n as u64, doc);
    }
    change(&mut view, 12, connected("m0"));
    happen(&mut view, 12, Action::Recalled("m0".into(), hourly()));
    view
}

/// Five hours of sleep with a wake each hour.
fn hourly() -> Timeline {
    let changes = (0..5).rev().flat_map(|hour| {
        let woke = hour * 3600 + 780;
        [(woke, "awake"), (woke - 3, "connected"), (woke - 20, "asleep")]
    });
    let change = |(ago, reachability): (u64, &str)| Change { at: at(ago), reachability: reachability.into() };
    let burst = |hour: u64| Commands { at: at(hour * 3600 + 780), until: at(hour * 3600 + 778), count: 6 };
    Timeline { changes: changes.map(change).collect(), commands: (0..5).rev().map(burst).collect() }
}

fn drawn(view: &View, size: (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| screen::render(frame, view)).unwrap();
    terminal.backend().to_string()
}

fn snapshots(name: &str, view: &View) {
    for (columns, lines) in SIZES {
        insta::assert_snapshot!(format!("{name}-{columns}x{lines}"), drawn(view, (columns, lines)));
    }
}

#[test]
fn no_modem() {
    let mut view = View::default();
    update(&mut view, Action::Tick(at(0).0));
    snapshots("no-modem", &view);
}

#[test]
fn searching_for_a_network() {
    let mut view = View::default();
    change(&mut view, 42, searching("m0"));
    snapshots("searching", &view);
}

#[test]
fn denied_by_the_network() {
    let mut view = View::default();
    change(&mut view, 137, searching("m0"));
    change(&mut view, 95, denied("m0"));
    snapshots("denied", &view);
}

#[test]
fn connected_with_psm() {
    snapshots("connected", &connected_view());
}

/// The last of the sleep, which somebody may end by the power key.
#[test]
fn asleep_until_a_timer_or_a_key() {
    let mut view = connected_view();
    let mut doc = connected("m0");
    let until = Some(Time(Timestamp(NOW + 31_000)));
    (doc.asleep_until, doc.power.next_window, doc.wakes_by) = (until, until, Some(Wakes::Pwrkey));
    change(&mut view, 1, doc);
    snapshots("asleep", &view);
}

#[test]
fn several_modems() {
    let mut view = connected_view();
    change(&mut view, 5, searching("m1"));
    change(&mut view, 4, denied("roof"));
    snapshots("several", &view);
}

/// The wired link is dead, and a modem stands in for it.
fn wan(active: &str, eth0: &str, seconds_ago: u64) -> Uplink {
    let member = |name: &str, condition: &str| Member {
        name: name.into(),
        kind: "lte-m".into(),
        condition: condition.into(),
        ..Member::default()
    };
    let text = format!("the default route goes to {active}: nothing gets through the other link");
    Uplink {
        name: "wan".into(),
        active: Some(active.into()),
        since: Some(at(seconds_ago)),
        members: vec![member("eth0", eth0), member("m0", "good"), member("m1", "down")],
        log: vec![Decision { at: at(seconds_ago), subject: "wan".into(), text }],
        ..Uplink::default()
    }
}

#[test]
fn an_uplink() {
    let mut view = connected_view();
    change(&mut view, 5, searching("m1"));
    happen(&mut view, 600, Action::Uplinks(vec![wan("eth0", "good", 600)]));
    happen(&mut view, 3, Action::Uplinks(vec![wan("m0", "no-data-path", 3)]));
    snapshots("uplink", &view);
}

#[test]
fn the_keys() {
    let mut view = connected_view();
    update(&mut view, Action::Help);
    snapshots("keys", &view);
}

#[test]
fn waiting_for_an_answer() {
    let mut view = connected_view();
    assert_eq!(update(&mut view, Action::Connect), Some(view::Effect::Ask(view::Ask::Connect, "m0".into())));
    insta::assert_snapshot!("busy-80x24", drawn(&view, (80, 24)));
    // Several modems leave no room for events on a usual terminal: an answer is read all the same.
    happen(&mut view, 0, Action::Answered("m0: the port is not there".into()));
    assert!(drawn(&view, (80, 24)).lines().last().unwrap().contains("m0: the port is not there"));
}

/// A terminal can have any size, and what a network sends may be anything.
#[test]
fn no_size_and_no_name_breaks_the_screen() {
    let mut view = connected_view();
    let mut hostile = denied("m1\x1b[2J");
    hostile.network.operator = Some("\x1b[31mRed\r\n".repeat(50));
    change(&mut view, 1, hostile);
    update(&mut view, Action::Help);
    for selected in [Action::Next, Action::Previous] {
        update(&mut view, selected);
        for columns in (1..130).step_by(13) {
            for lines in (1..45).step_by(4) {
                let screen = drawn(&view, (columns, lines));
                assert!(!screen.chars().any(|c| c.is_control() && c != '\n'), "{columns}x{lines}: {screen:?}");
            }
        }
    }
}
