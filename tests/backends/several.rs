//! Several contexts at a time on one modem, by the binary protocols.

use lpwa::codec::qmi::wda::{Aggregation, SetDataFormat};
use lpwa::codec::qmi::{Message, wds};
use lpwa::modem::settings::{Context, Settings};
use lpwa::port::recorder::Ring;
use lpwa::sim::{Fault, FaultKind, Simulated};
use lpwa::state::{Lifecycle, ModemState};
use lpwa::transcript::Direction;

use super::{LTE, MINUTE, Way, connected, drive, requests, simulated, wanted};
use crate::support::{Bench, library, scenario};

/// Contexts 1 and `cid`.
fn both(cid: u8) -> Settings {
    let apn = "private.test".parse().unwrap();
    Settings { more: vec![Context { cid, apn, ..Context::default() }], ..wanted() }
}

async fn both_up(bench: &Bench) -> Vec<(u8, usize)> {
    let up = |state: &ModemState| state.bearers.iter().filter(|bearer| bearer.active).count() == 2;
    let state = bench.wait(5 * MINUTE, "both contexts up", up).await;
    state.bearers.iter().map(|bearer| (bearer.context, bearer.addresses.len())).collect()
}

/// The bodies of one kind that were sent, with their clients.
fn sent<B: lpwa::codec::qmi::Body>(ring: &Ring) -> Vec<(u8, B)> {
    let records = ring.unredacted(None).records.into_iter();
    let messages = records.filter(|record| record.direction == Direction::ToModem);
    let messages = messages.filter_map(|record| Message::decode(&record.data).ok());
    messages.filter_map(|message| Some((message.client, message.read::<B>().ok()?))).collect()
}

#[tokio::test(start_paused = true)]
async fn contexts_by_qmi_have_a_mux_id_each() {
    let (bench, ring) = drive(&simulated(LTE), Way::Qmi, both(2));
    assert_eq!(both_up(&bench).await, [(1, 2), (2, 2)]);
    let formats: Vec<(_, SetDataFormat)> = sent(&ring);
    let [(_, format)] = &formats[..] else { panic!("{formats:?}") };
    assert_eq!(format.downlink_aggregation, Some(Aggregation::Qmap));
    assert_eq!(format.uplink_aggregation, Some(Aggregation::Qmap));
    assert_eq!(format.downlink_max_size, Some(16_384));
    // Each call is bound before it is started, both families of a context to one id.
    let bound: Vec<(_, wds::BindMuxDataPort)> = sent(&ring);
    let started: Vec<(_, wds::StartNetwork)> = sent(&ring);
    let ids: Vec<_> = bound.iter().map(|(_, bind)| bind.mux_id).collect();
    assert_eq!(ids, [Some(1), Some(1), Some(2), Some(2)]);
    assert!(bound.iter().map(|(client, _)| client).eq(started.iter().map(|(client, _)| client)));
    assert_eq!(
        started.iter().map(|(_, start)| start.profile).collect::<Vec<_>>(),
        [Some(1), Some(1), Some(2), Some(2)]
    );
    let names = requests(&ring);
    let place =
        |name: &str| names.iter().position(|other| other == name).unwrap_or_else(|| panic!("{name}: {names:?}"));
    assert!(place("WDA Set Data Format") < place("WDS Bind Mux Data Port"));
    assert!(place("WDS Bind Mux Data Port") < place("WDS Start Network"));
    // The profile is made, as this modem has none of that number.
    assert!(place("WDS Modify Profile") < place("WDS Create Profile"), "{names:?}");
}

/// A modem with one context is spoken to as ever.
#[tokio::test(start_paused = true)]
async fn one_context_by_qmi_has_no_mux_id() {
    let (bench, ring) = drive(&simulated(LTE), Way::Qmi, wanted());
    connected(&bench).await;
    let formats: Vec<(_, SetDataFormat)> = sent(&ring);
    assert_eq!(formats.len(), 1);
    assert_eq!(formats[0].1.downlink_aggregation, Some(Aggregation::Disabled));
    assert!(sent::<wds::BindMuxDataPort>(&ring).is_empty());
}

#[tokio::test(start_paused = true)]
async fn contexts_by_mbim_are_sessions() {
    for way in [Way::Mbim, Way::QmiOverMbim] {
        let (bench, _) = drive(&simulated(LTE), way, both(3));
        assert_eq!(both_up(&bench).await, [(1, 2), (3, 2)], "{way:?}");
        let addresses: Vec<_> = bench.state().bearers.iter().map(|bearer| bearer.addresses.clone()).collect();
        assert_ne!(addresses[0], addresses[1]);
    }
}

/// Connected with the first; the reason says what is wrong with the second.
#[tokio::test(start_paused = true)]
async fn a_context_that_the_protocol_cannot_have_says_so() {
    for (way, cid, said) in [
        (Way::Qmi, 0, "QMI numbers its profiles from 1 on"),
        (Way::Qmi, 5, "the next that it can make is 2; write context = 2"),
        (Way::Mbim, 0, "sessions of MBIM begin with context 1; choose a higher number"),
    ] {
        let (bench, _) = drive(&simulated(LTE), way, both(cid));
        let told = |state: &ModemState| state.trouble.as_ref().is_some_and(|trouble| trouble.contains(said));
        let state = bench.wait(5 * MINUTE, said, told).await;
        assert_eq!((state.lifecycle, state.bearers.len()), (Lifecycle::Connected, 1), "{way:?}");
    }
}

/// The first context is carried all the same.
#[tokio::test(start_paused = true)]
async fn a_modem_without_qmap_has_one_context() {
    let (bench, ring) = drive(&simulated(LTE), Way::Qmi, both(2));
    both_up(&bench).await;
    let format = requests(&ring).iter().position(|name| name == "WDA Set Data Format").unwrap();
    let scenario = scenario(LTE).with_fault(Fault::at_command(FaultKind::Error, format as u64 + 1));
    let modem = Simulated::new(scenario.build(library().get(scenario.model()).unwrap()));
    let (bench, ring) = drive(&modem, Way::Qmi, both(2));
    let said = "context 2: this modem has no QMAP, so that its interface carries one context";
    let told = |state: &ModemState| state.trouble.as_ref().is_some_and(|trouble| trouble.contains(said));
    let state = bench.wait(5 * MINUTE, said, told).await;
    assert_eq!((state.lifecycle, state.bearers.len()), (Lifecycle::Connected, 1));
    assert!(sent::<wds::BindMuxDataPort>(&ring).is_empty());
}
