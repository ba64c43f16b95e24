use super::super::network::Reject;
use super::*;
use crate::spec::rat::Rat;

struct Field {
    radio: Radio,
    network: Network,
    wish: Wish,
    random: Random,
    now: Duration,
}

impl Field {
    fn new(mut network: Network) -> Self {
        let home = "99970".parse().ok();
        network.settle(home);
        let wish = Wish { rats: vec![Rat::LteM], home, ..Wish::default() };
        Self { radio: Radio::default(), network, wish, random: Random::new(1), now: Duration::ZERO }
    }

    fn air(&mut self) -> (&mut Radio, Air<'_>) {
        let Self { radio, network, wish, random, now } = self;
        (radio, Air { now: *now, network, wish, random })
    }

    fn on(mut self) -> Self {
        let (radio, mut air) = self.air();
        radio.switch_on(&mut air);
        self
    }

    /// Lets time pass up to `until`; what happened, with the second.
    fn run(&mut self, until: u64) -> Vec<(u64, RadioEvent)> {
        let mut seen = Vec::new();
        while let Some(at) = self.radio.deadline().filter(|at| *at <= Duration::from_secs(until)) {
            self.now = at;
            let (radio, mut air) = self.air();
            seen.extend(radio.step(&mut air).into_iter().map(|event| (at.as_secs(), event)));
        }
        self.now = Duration::from_secs(until);
        seen
    }
}

fn reject(cause: u8, times: Option<u32>) -> Network {
    Network { reject: Some(Reject { cause, times, ..Reject::default() }), ..Network::default() }
}

fn refusals(seen: &[(u64, RadioEvent)]) -> Vec<u64> {
    seen.iter().filter(|(_, e)| matches!(e, RadioEvent::Refused(_))).map(|(at, _)| *at).collect()
}

#[test]
fn registers_and_releases_the_connection() {
    let mut field = Field::new(Network::default()).on();
    let seen: Vec<_> = field.run(60).into_iter().map(|(_, event)| event).collect();
    use RadioEvent::{Registered, Rrc};
    assert_eq!(seen, [Rrc(true), Registered, Rrc(false)]);
    assert_eq!(field.radio.registration(), Registration::Home);
    // T3412 of 54 minutes without PSM: one update an hour at most.
    let updates = field.run(7200).iter().filter(|(_, e)| *e == RadioEvent::Updated).count();
    assert_eq!(updates, 2);
}

#[test]
fn a_forbidden_network_leads_to_the_next_and_else_to_denied() {
    let own = Cell::default();
    let other = Cell { plmn: "00101".parse().ok(), cell_id: 5, ..Cell::default() };
    let mut network = reject(11, None);
    network.cells = vec![own, other];
    network.reject.as_mut().unwrap().plmn = "99970".parse().ok();
    let mut field = Field::new(network).on();
    field.run(60);
    assert_eq!(field.radio.registration(), Registration::Roaming);

    let mut field = Field::new(reject(11, None)).on();
    assert_eq!(refusals(&field.run(86_400)).len(), 1, "EMM 11 is not tried again on the same network");
    assert_eq!((field.radio.registration(), field.radio.reject()), (Registration::Denied, Some(11)));
}

#[test]
fn a_passing_failure_is_retried_as_the_timers_say() {
    // TS 24.301 clause 5.5.1.2.6: T3411 10 s between attempts, T3402 12 minutes after the fifth.
    let mut field = Field::new(reject(17, None)).on();
    let at = refusals(&field.run(3600));
    assert!(at[1] - at[0] >= 10 && at[1] - at[0] < 20, "{at:?}");
    assert!(at[5] - at[4] >= 720 && at[5] - at[4] < 740, "{at:?}");
    let mut field = Field::new(reject(17, Some(3))).on();
    field.run(120);
    assert_eq!(field.radio.registration(), Registration::Home);
    // Cause 22: T3346 of 15 to 30 minutes.
    let at = refusals(&Field::new(reject(22, None)).on().run(7200));
    assert!(at[1] - at[0] >= 900 && at[1] - at[0] < 1810, "{at:?}");
}

#[test]
fn coverage_comes_and_goes() {
    let mut field = Field::new(Network::default()).on();
    field.run(60);
    field.network.coverage = false;
    let (radio, mut air) = field.air();
    assert_eq!(radio.look_again(&mut air), [RadioEvent::Lost]);
    assert_eq!(field.run(600), []);
    assert_eq!((field.radio.registration(), field.radio.deadline()), (Registration::Searching, None));
    field.network.coverage = true;
    let (radio, mut air) = field.air();
    radio.look_again(&mut air);
    field.run(660);
    assert_eq!(field.radio.registration(), Registration::Home);
}

#[test]
fn a_network_without_periods_lets_time_pass() {
    let zero = Duration::ZERO;
    let network = Network { registration_delay: zero, rrc_release: zero, tau: zero, ..Network::default() };
    let mut field = Field::new(network).on();
    assert!(field.run(10).len() < 1000);
}
