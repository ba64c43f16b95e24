//! SIM slots on a simulated modem, in virtual time: the order of the configuration, a card that is not there or that is
//! refused for good, a person who changes the slot, and PINs that are never spent twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use lpwa::modem::actor::{self, Parts, Shared};
use lpwa::modem::clock::Clock;
use lpwa::modem::data::Unused;
use lpwa::modem::handle::{ConnectRequest, ErrorKind, LinkSetup, PowerRequest, Request};
use lpwa::modem::memory::Memory;
use lpwa::modem::ports::{Lines, QmiLine};
use lpwa::modem::settings::Settings;
use lpwa::modem::wake::WakeLines;
use lpwa::port::{BoxStream, Control};
use lpwa::private::Private;
use lpwa::sim::{MbimPort, QmiPort, Simulated, Speech};
use lpwa::spec::apn::PdpType;
use lpwa::state::{Lifecycle, ModemState};
use support::{Bench, EPOCH, library, scenario};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const FIRST: &str = "999700000000001";
const SECOND: &str = "001010000000002";

/// Two networks, each the home of one of the cards.
const TWO: &str = "[[network.cell]]\nplmn = \"99970\"\nrat = \"lte\"\n[[network.cell]]\nplmn = \"00101\"\nrat = \"lte\"\n\
                   cell-id = 0x00AB0001\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    At,
    Qmi,
    Mbim,
}

const WAYS: [Way; 3] = [Way::At, Way::Qmi, Way::Mbim];

fn lines(modem: &Simulated, way: Way) -> std::io::Result<Lines> {
    let control = |stream| Control { stream: Box::new(stream) as BoxStream, max_message: 4096, proxied: None };
    Ok(match way {
        Way::At => Lines::from(Box::new(modem.open()?) as BoxStream),
        Way::Qmi => {
            let line = control(modem.open_line(Speech::Qmi(QmiPort::Device))?);
            Lines { qmi: Some(QmiLine::Port(line)), ..Lines::default() }
        }
        Way::Mbim => {
            Lines { mbim: Some(control(modem.open_line(Speech::Mbim(MbimPort::Device))?)), ..Lines::default() }
        }
    })
}

fn settings(slots: &[u8]) -> Settings {
    Settings {
        pdp_type: PdpType::Ipv4v6,
        power: PowerRequest::default(),
        model: Some("quectel-rm520n".into()),
        slots: slots.to_vec(),
        ..support::wanted()
    }
}

/// A modem with two slots; `text` is the rest of its scenario.
fn modem(text: &str) -> Simulated {
    modem_with("", "", text)
}

/// The same, with keys of both cards.
fn modem_with(first: &str, second: &str, text: &str) -> Simulated {
    let cards = format!("[sim]\nimsi = \"{FIRST}\"\niccid = \"8999970000000000001\"\n{first}\n[second-sim]\n");
    let cards = format!("{cards}imsi = \"{SECOND}\"\niccid = \"8900101000000000002\"\n{second}\n");
    let scenario = scenario(&format!("[modem]\nmodel = \"quectel-rm520n\"\n{cards}{text}"));
    Simulated::new(scenario.build(library().get(scenario.model()).unwrap()))
}

fn drive(modem: &Simulated, way: Way, settings: Settings, memory: Memory) -> Bench {
    let (line, library) = (modem.clone(), library());
    let (handle, driver) = actor::new(Parts {
        definition: library.get("quectel-rm520n").unwrap(),
        settings,
        library,
        opener: Box::new(move || {
            let opened = lines(&line, way).map_err(|error| error.to_string());
            Box::pin(async move { opened })
        }),
        data: Arc::new(Unused),
        clock: Clock::fixed(EPOCH),
        shared: Shared::default(),
        memory,
        wake: WakeLines::default(),
        seed: 1,
    });
    Bench { modem: modem.clone(), handle, driver: tokio::spawn(driver) }
}

fn start(modem: &Simulated, way: Way, slots: &[u8]) -> Bench {
    drive(modem, way, settings(slots), Memory::default())
}

fn imsi(state: &ModemState) -> Option<String> {
    state.sim.imsi.as_ref().map(|imsi| imsi.value.reveal().to_string())
}

fn is_up_with(state: &ModemState, card: &str) -> bool {
    state.lifecycle == Lifecycle::Connected && imsi(state).as_deref() == Some(card)
}

async fn connected(bench: &Bench, way: Way, card: &str) -> ModemState {
    bench.wait(20 * MINUTE, &format!("{way:?}: connected with {card}"), |state| is_up_with(state, card)).await
}

/// How often the modem was told to use another slot.
fn switches(bench: &Bench) -> usize {
    let words = ["AT+QUIMSLOT=", "Switch Slot", "device-slot-mappings set"];
    bench.commands().lines().filter(|line| words.iter().any(|word| line.contains(word))).count()
}

#[tokio::test(start_paused = true)]
async fn the_preferred_slot_is_used() {
    for way in WAYS {
        let modem = modem(TWO);
        let bench = start(&modem, way, &[2, 1]);
        let state = connected(&bench, way, SECOND).await;
        assert_eq!(state.sim.slot(), Some(2), "{way:?}");
        let slots = state.sim.slots.unwrap().value;
        assert_eq!(slots.iter().map(|slot| slot.number).collect::<Vec<_>>(), [1, 2], "{way:?}");
        if way != Way::At {
            assert!(slots.iter().all(|slot| slot.card == Some(true)), "{way:?}: {slots:?}");
        }
        if way == Way::Qmi {
            let first = slots[0].iccid.as_ref().unwrap().reveal().to_string();
            assert_eq!(first, "8999970000000000001", "the card that is not in use is known too");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_is_not_told_stays_where_it_is() {
    for way in WAYS {
        let bench = start(&modem(TWO), way, &[]);
        connected(&bench, way, FIRST).await;
        // Nobody waits for it: it is read when there is nothing else to do.
        let state = bench.wait(MINUTE, "its slots are known", |state| state.sim.slots.is_some()).await;
        assert_eq!((state.sim.slot(), switches(&bench)), (Some(1), 0), "{way:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slot_without_a_card_gives_way() {
    for way in WAYS {
        let modem = modem_with("present = false", "", TWO);
        let bench = start(&modem, way, &[1, 2]);
        let state = connected(&bench, way, SECOND).await;
        assert_eq!((state.sim.slot(), state.trouble), (Some(2), None), "{way:?}");
        tokio::time::sleep(20 * HOUR).await;
        assert!(switches(&bench) <= 1, "{way:?}\n{}", bench.commands());
    }
}

/// EMM cause 8: EPS services and non-EPS services not allowed, for this SIM.
#[tokio::test(start_paused = true)]
async fn a_card_that_is_refused_for_good_gives_way() {
    for way in WAYS {
        let modem = modem(&format!("[network]\nreject = {{ cause = 8, plmn = \"99970\" }}\n{TWO}"));
        let (memory, slots) = (Memory::default(), [1, 2]);
        let bench = drive(&modem, way, settings(&slots), memory.clone());
        connected(&bench, way, SECOND).await;
        tokio::time::sleep(20 * HOUR).await;
        assert!(is_up_with(&bench.state(), SECOND), "{way:?}");
        assert_eq!(switches(&bench), 1, "{way:?}\n{}", bench.commands());
        bench.driver.abort();
        let _ = bench.driver.await;
        // The next life knows of it.
        let again = drive(&modem, way, settings(&slots), memory);
        connected(&again, way, SECOND).await;
        assert_eq!(switches(&again), 1, "{way:?}\n{}", again.commands());
    }
}

#[tokio::test(start_paused = true)]
async fn two_cards_of_which_none_works_make_no_ping_pong() {
    for way in WAYS {
        let modem = modem(&format!("[network]\nreject = {{ cause = 8 }}\n{TWO}"));
        let bench = start(&modem, way, &[1, 2]);
        tokio::time::sleep(24 * HOUR).await;
        let state = bench.state();
        assert!(matches!(state.lifecycle, Lifecycle::Denied(Some(_))), "{way:?}: {:?}", state.lifecycle);
        assert!(state.retry.is_some(), "{way:?}");
        assert!((1..=2).contains(&switches(&bench)), "{way:?}\n{}", bench.commands());
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_changes_the_slot_and_back() {
    for way in WAYS {
        let bench = start(&modem(TWO), way, &[]);
        connected(&bench, way, FIRST).await;
        bench.handle.request(Request::SwitchSlot(2)).await.unwrap();
        assert!(is_up_with(&bench.state(), SECOND), "{way:?}: {:?}", bench.state());
        bench.handle.request(Request::SwitchSlot(1)).await.unwrap();
        assert!(is_up_with(&bench.state(), FIRST), "{way:?}: {:?}", bench.state());
        let error = bench.handle.request(Request::SwitchSlot(3)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArgument, "{way:?}: {error}");
        assert!(error.to_string().contains("this modem has 1, 2"), "{way:?}: {error}");
        connected(&bench, way, FIRST).await;
    }
}

/// An order of slots goes on to the next one; the person who wanted the empty one hears why.
#[tokio::test(start_paused = true)]
async fn a_person_hears_that_the_slot_of_choice_has_no_card() {
    for way in [Way::Qmi, Way::Mbim] {
        let bench = start(&modem_with("present = false", "", TWO), way, &[2, 1]);
        connected(&bench, way, SECOND).await;
        let error = bench.handle.request(Request::SwitchSlot(1)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Sim, "{way:?}: {error}");
        assert!(error.to_string().contains("no card in SIM slot 1"), "{way:?}: {error}");
        connected(&bench, way, SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_without_words_for_slots_says_so_and_stays_online() {
    let bench = support::start(&scenario("[modem]\nmodel = \"quectel-bg95\"\n"), support::wanted());
    let up = |state: &ModemState| state.lifecycle == Lifecycle::Connected;
    bench.wait(10 * MINUTE, "connected", up).await;
    bench.wait(MINUTE, "its slots were asked for", |state| state.sim.slots.is_some()).await;
    let before = bench.modem.meter().commands;
    let error = bench.handle.request(Request::SwitchSlot(2)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported, "{error}");
    assert!(error.to_string().contains("quectel-bg95"), "{error}");
    tokio::time::sleep(MINUTE).await;
    assert!(up(&bench.state()), "{:?}", bench.state().lifecycle);
    assert_eq!(bench.modem.meter().commands, before, "nothing was touched\n{}", bench.commands());
}

/// How often the radio was switched off.
fn left(bench: &Bench) -> usize {
    bench.commands().matches("AT+CFUN=4").count()
}

/// Asked for in the middle of the bring-up, before the slots were read.
#[tokio::test(start_paused = true)]
async fn a_slot_that_is_not_there_never_costs_a_registration() {
    for commands in (9..=24).step_by(3) {
        let bench = support::start(&scenario("[modem]\nmodel = \"quectel-bg95\"\n"), support::wanted());
        while bench.modem.meter().commands < commands {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let error = bench.handle.request(Request::SwitchSlot(2)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unsupported, "{error}");
        bench.wait(10 * MINUTE, "connected", |state| state.lifecycle == Lifecycle::Connected).await;
        assert_eq!(left(&bench), 1, "once, to be set up\n{}", bench.commands());
    }
}

#[tokio::test(start_paused = true)]
async fn a_slot_of_the_configuration_that_is_not_there_is_left_out() {
    let up = |state: &ModemState| state.lifecycle == Lifecycle::Connected;
    let wanted = Settings { slots: vec![2], ..support::wanted() };
    let bench = support::start(&scenario("[modem]\nmodel = \"quectel-bg95\"\n"), wanted);
    bench.wait(10 * MINUTE, "connected", up).await;
    assert_eq!(left(&bench), 1, "once, to be set up\n{}", bench.commands());
    for way in WAYS {
        // The one card is refused for good, and there is no third slot to go on to.
        let modem = modem(&format!("[network]\nreject = {{ cause = 8 }}\n{TWO}"));
        let bench = start(&modem, way, &[1, 3]);
        tokio::time::sleep(HOUR).await;
        assert!(matches!(bench.state().lifecycle, Lifecycle::Denied(_)), "{way:?}: {:?}", bench.state().lifecycle);
        assert_eq!(switches(&bench), 0, "{way:?}\n{}", bench.commands());
        assert!(modem.meter().commands < 200, "{way:?}: {}", modem.meter().commands);
    }
}

/// The PIN of the configuration is wrong for the second card: it costs one attempt, however often the slot is changed.
#[tokio::test(start_paused = true)]
async fn a_pin_is_tried_once_on_each_card() {
    for way in WAYS {
        let second = "pin = \"4321\"\npin-required = true";
        let modem = modem_with("pin = \"1234\"\npin-required = true", second, TWO);
        let wanted = Settings { pin: Some(Private::new("1234".into())), ..settings(&[]) };
        let bench = drive(&modem, way, wanted, Memory::default());
        connected(&bench, way, FIRST).await;
        for _ in 0..3 {
            let error = bench.handle.request(Request::SwitchSlot(2)).await.unwrap_err();
            let state = bench.state();
            assert!(matches!(state.lifecycle, Lifecycle::Locked(_)), "{way:?}: {error}\n{}", bench.commands());
            assert_eq!(modem.with(|modem, _| modem.card().pin_tries), 2, "{way:?}: one attempt, and no more");
            bench.handle.request(Request::SwitchSlot(1)).await.unwrap();
        }
        let attempts = modem.meter().pin_attempts.len();
        assert!(attempts <= 5, "{way:?}: {attempts}");
        assert_eq!(modem.with(|modem, _| modem.card().pin_tries), 3, "{way:?}: the first card's own PIN costs nothing");
    }
}

/// Two links of an uplink by one modem: the SIM slot, the APN and the technologies are those of the link; the budget binds.
#[tokio::test(start_paused = true)]
async fn a_link_of_an_uplink_has_its_own_card_and_apn() {
    let setup = |slot, apn: &str| {
        let setup = LinkSetup { slot: Some(slot), apn: Some(apn.parse().unwrap()), rats: None };
        Request::Unasked(Box::new(Request::Adopt(Box::new(setup))))
    };
    for way in WAYS {
        let bench = start(&modem(TWO), way, &[]);
        connected(&bench, way, FIRST).await;
        bench.handle.request(setup(2, "b.test")).await.unwrap();
        let state = connected(&bench, way, SECOND).await;
        assert_eq!(state.bearers[0].apn.as_str(), "b.test", "{way:?}");
        let error = bench.handle.request(Request::SwitchSlot(1)).await.unwrap_err();
        assert!(error.to_string().contains("lpwa uplink use"), "{way:?}: {error}");
        bench.handle.request(setup(1, "a.test")).await.unwrap();
        let state = connected(&bench, way, FIRST).await;
        assert_eq!(state.bearers[0].apn.as_str(), "a.test", "{way:?}");
        for slot in [2, 1, 2, 1, 2] {
            let _ = bench.handle.request(setup(slot, "a.test")).await;
            tokio::time::sleep(5 * MINUTE).await;
        }
        assert_eq!(switches(&bench), 4, "{way:?}: [retry] switches_per_hour\n{}", bench.commands());
        let _ = bench.handle.request(Request::Connect(ConnectRequest::default())).await;
    }
}
