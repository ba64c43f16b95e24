//! MICO mode, the DRX cycle and eDRX of 5G: asked for, accepted, shown apart, and told plainly where a modem has none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;
mod ways;

use std::sync::Arc;
use std::time::Duration;

use lpwa::cli::say;
use lpwa::codec::mbim::message::extensions::{DrxCycle as Written, MicoMode, RegistrationParameters};
use lpwa::codec::mbim::{Body, Frame, Version, decode};
use lpwa::modem::definition::Library;
use lpwa::modem::handle::{ErrorKind, PowerRequest, Request};
use lpwa::modem::settings::Settings;
use lpwa::port::recorder::Ring;
use lpwa::spec::drx::DrxCycle;
use lpwa::state::json::{Document, Reveal};
use lpwa::state::{Accepted, Edrx, Lifecycle, ModemState};
use support::{Bench, scenario};
use ways::{Way, connected, drive, requests, simulated};

const MINUTE: Duration = Duration::from_secs(60);
const NAME: &str = "ms-basic-connect-extensions registration-parameters";

const fn asking(mico: Option<bool>, drx_cycle: Option<Option<DrxCycle>>) -> PowerRequest {
    PowerRequest { psm: None, edrx: None, mico, drx_cycle }
}

fn settings(power: PowerRequest) -> Settings {
    Settings { model: Some("quectel-rm520n".into()), power, ..ways::wanted() }
}

/// A 5G modem with more of its own.
fn modem(more: &str) -> String {
    format!("[modem]\nmodel = \"quectel-rm520n\"\n{more}\n[[network.cell]]\nrat = \"nr\"\n")
}

/// What the modem was told to register with, each time.
fn sets(ring: &Ring) -> Vec<RegistrationParameters> {
    let frames = ring.unredacted(None).records.into_iter().filter_map(|record| Frame::parse(&record.data).ok());
    let read = |frame: Frame| match frame.body {
        Body::Command { set: true, buffer, .. } if Body::title(&frame.body).ends_with("registration-parameters") => {
            Some(decode(&buffer, Version::V3).unwrap())
        }
        _ => None,
    };
    frames.filter_map(read).collect()
}

/// What `lpwa power show` says of MICO mode and of the DRX cycle.
fn said(state: &ModemState) -> [Option<String>; 2] {
    let power = Document::new(state, Reveal::All).power;
    [say::mico(&power.mico), say::drx(&power.drx)].map(|grant| grant.map(|grant| grant.line()))
}

fn words(mico: &str, drx: &str) -> [Option<String>; 2] {
    [Some(mico.to_owned()), Some(drx.to_owned())]
}

async fn set(bench: &Bench, power: PowerRequest) -> Result<(), (ErrorKind, String)> {
    let answer = bench.handle.request(Request::SetPower(power)).await;
    answer.map(drop).map_err(|error| (error.kind, error.to_string()))
}

#[tokio::test(start_paused = true)]
async fn what_is_wanted_is_set_once_and_shown_as_the_modem_took_it() {
    let modem = simulated(&modem(""));
    let power = asking(Some(true), Some(Some(DrxCycle::Frames256)));
    for first in [true, false] {
        let (bench, ring) = drive(&modem, Way::Mbim, settings(power));
        let state = connected(&bench).await;
        assert!(state.power.mico_requested);
        assert_eq!(state.power.mico_accepted.unwrap().value, Accepted::As(true));
        assert_eq!(state.power.drx_requested, Some(DrxCycle::Frames256));
        assert_eq!(state.power.drx_accepted.unwrap().value, Accepted::As(Some(DrxCycle::Frames256)));
        assert_eq!(said(&state), words("asked for at registration", "2.56 s asked for at registration"));
        let told: Vec<_> = sets(&ring).iter().map(|set| (set.mico_mode, set.drx_cycle)).collect();
        assert_eq!(told, if first { vec![(MicoMode::Enabled, Written::Frames256)] } else { vec![] });
        bench.driver.abort();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Parameters of a 5G registration do not outlive the modem's start.
#[tokio::test(start_paused = true)]
async fn a_modem_that_started_anew_is_told_again() {
    let (bench, ring) = drive(&simulated(&modem("usb = true")), Way::Mbim, settings(asking(Some(true), None)));
    connected(&bench).await;
    // The port goes with the modem, and the answer with the port.
    let _ = bench.handle.request(Request::Reset).await;
    bench.wait(MINUTE, "gone", |state| state.lifecycle == Lifecycle::Absent).await;
    let state = connected(&bench).await;
    assert_eq!(state.power.mico_accepted.unwrap().value, Accepted::As(true));
    assert_eq!(sets(&ring).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_wanted_nothing_is_asked() {
    let (bench, ring) = drive(&simulated(&modem("")), Way::Mbim, settings(PowerRequest::default()));
    let state = connected(&bench).await;
    assert!(!requests(&ring).contains(&NAME.to_owned()), "{:?}", requests(&ring));
    assert_eq!(said(&state), [None, None]);
}

/// The modem leaves the network and comes back with what a person asks for; the rest of the wish stays as it is.
#[tokio::test(start_paused = true)]
async fn a_registered_modem_registers_anew() {
    let (bench, ring) = drive(&simulated(&modem("")), Way::Mbim, settings(PowerRequest::default()));
    connected(&bench).await;
    set(&bench, asking(None, Some(Some(DrxCycle::Frames64)))).await.unwrap();
    bench.wait(MINUTE, "off the network", |state| state.lifecycle != Lifecycle::Connected).await;
    assert_eq!(
        said(&connected(&bench).await),
        [Some("not asked for".into()), words("", "0.64 s asked for at registration")[1].clone()]
    );
    set(&bench, asking(Some(true), None)).await.unwrap();
    bench.wait(MINUTE, "off the network", |state| state.lifecycle != Lifecycle::Connected).await;
    assert_eq!(said(&connected(&bench).await), words("asked for at registration", "0.64 s asked for at registration"));
    let told: Vec<_> =
        sets(&ring).iter().map(|set| (set.mico_mode, set.drx_cycle, set.re_register_if_needed)).collect();
    assert_eq!(told, [(MicoMode::Disabled, Written::Frames64, true), (MicoMode::Enabled, Written::Frames64, true)]);
    // The same again changes nothing.
    set(&bench, asking(Some(true), None)).await.unwrap();
    tokio::time::sleep(MINUTE).await;
    assert_eq!((sets(&ring).len(), bench.state().lifecycle), (2, Lifecycle::Connected));
    set(&bench, asking(Some(false), Some(None))).await.unwrap();
    bench.wait(MINUTE, "off the network", |state| state.lifecycle != Lifecycle::Connected).await;
    assert_eq!(said(&connected(&bench).await), [Some("not asked for".into()), None]);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_cannot_is_used_all_the_same_and_says_why() {
    let both = asking(Some(true), Some(Some(DrxCycle::Frames256)));
    for (more, way, why) in [
        ("mbimex = \"2.0\"", Way::Mbim, "MBIMEx 3.0, which this modem does not have"),
        (
            "mico = false\ndrx-cycle = false",
            Way::Mbim,
            "this modem has no MICO mode and no choice of the DRX cycle in 5G",
        ),
        ("", Way::Qmi, "name the MBIM port of this modem with `mbim`"),
        ("", Way::At, "name the MBIM port of this modem with `mbim`"),
    ] {
        let (bench, _) = drive(&simulated(&modem(more)), way, settings(both));
        let state = connected(&bench).await;
        let sentence = "this modem cannot be asked for it";
        assert_eq!(
            said(&state),
            words(&format!("{sentence}, asked on"), &format!("{sentence}, asked 2.56 s")),
            "{more}"
        );
        let (kind, message) = set(&bench, both).await.unwrap_err();
        assert_eq!(kind, ErrorKind::Unsupported, "{message}");
        assert!(message.contains(why), "{message}");
        assert_eq!(bench.state().lifecycle, Lifecycle::Connected, "{message}");
        // What it does not have need not be switched off, and keeps nobody from asking for something else.
        set(&bench, asking(Some(false), Some(None))).await.unwrap();
        set(&bench, PowerRequest { psm: Some(None), ..PowerRequest::default() }).await.unwrap();
        assert_eq!(said(&bench.state()), [None, None]);
    }
}

/// One of the two is there: it is set.
#[tokio::test(start_paused = true)]
async fn what_the_modem_has_is_set_beside_what_it_has_not() {
    let both = asking(Some(true), Some(Some(DrxCycle::Frames128)));
    let (bench, ring) = drive(&simulated(&modem("mico = false")), Way::Mbim, settings(both));
    let state = connected(&bench).await;
    assert_eq!(said(&state), words("this modem cannot be asked for it, asked on", "1.28 s asked for at registration"));
    let told: Vec<_> = sets(&ring).iter().map(|set| (set.mico_mode, set.drx_cycle)).collect();
    assert_eq!(told, [(MicoMode::Default, Written::Frames128)]);
    let (_, message) = set(&bench, both).await.unwrap_err();
    assert!(message.ends_with("this modem has no MICO mode"), "{message}");
}

/// eDRX of 5G by `+CEDRXS` where a model file has it: AcT-type 8, and codes that mean other times than on LTE-M (TS 24.008
/// §10.5.5.32: 40.96 s is 0100 here, 0011 there).
#[tokio::test(start_paused = true)]
async fn edrx_of_5g_goes_by_at_where_the_model_file_has_it() {
    let text = "title = \"RedCap\"\nextends = \"generic\"\n[match]\nmodel = \"RC100\"\n[capabilities]\nrats = [\"nr\"]\npsm = false\nedrx = [\"nr\"]\n";
    let (library, problems) = Library::with_overlay(&[("redcap.toml".into(), text.into())]);
    assert!(problems.is_empty(), "{problems:?}");
    let library = Arc::new(library);
    let scenario = scenario("[modem]\nmodel = \"redcap\"\nrats = [\"nr\"]\n[[network.cell]]\nrat = \"nr\"\n");
    let modem = lpwa::sim::Simulated::new(scenario.build(library.get("redcap").unwrap()));
    let edrx = Edrx { cycle: Duration::from_millis(40_960), ptw: None };
    let power = PowerRequest { edrx: Some(Some(edrx)), ..PowerRequest::default() };
    let settings = Settings { power, ..support::wanted() };
    let (handle, driver) = support::drive(&modem, settings, &library);
    let bench = Bench { modem, handle, driver };
    let state = connected(&bench).await;
    assert_eq!(state.power.edrx_requested, Some(edrx));
    assert_eq!(state.power.edrx_granted.unwrap().value.unwrap().cycle, edrx.cycle);
    let lines = bench.commands();
    assert!(lines.contains("AT+CEDRXS=2,8,\"0100\""), "{lines}");
}
