//! A data call on the command line: up to `CONNECT`, and the two ways back.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, missing_docs, reason = "tests fail loudly")]

use std::time::Duration;

use lpwa::codec::at::command::{CommandLine, standard};
use lpwa::modem::channel::{Channel, ChannelEvent, Command, CommandError, Lease};
use lpwa::modem::definition::Library;
use lpwa::sim::{Event, Scenario, Simulated};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

const S: Duration = Duration::from_secs(1);

/// A registered modem and its channel.
async fn line() -> (Simulated, Channel, mpsc::Receiver<ChannelEvent>) {
    let scenario: Scenario = "[modem]\nmodel = \"generic\"".parse().unwrap();
    let definition = Library::builtin().get("generic").unwrap();
    let modem = Simulated::new(scenario.build(definition.clone()));
    let (events, heard) = mpsc::channel(64);
    let channel = Channel::start(Box::new(modem.open().unwrap()), definition, events);
    sleep(60 * S).await;
    (modem, channel, heard)
}

async fn dial(channel: &Channel) -> Result<Lease, CommandError> {
    channel.dial(Command::new(standard::dial(1).unwrap(), 60 * S)).await
}

async fn say(channel: &Channel, text: &str) -> Result<Vec<String>, CommandError> {
    channel.send(Command::new(CommandLine::raw(text).unwrap(), 5 * S)).await
}

#[tokio::test(start_paused = true)]
async fn a_lent_line_takes_no_commands_and_comes_back_with_the_escape_sequence() {
    let (modem, channel, _heard) = line().await;
    let lease = dial(&channel).await.unwrap();
    assert_eq!(say(&channel, "AT").await, Err(CommandError::Lent));
    let before = modem.meter().bytes_in;
    sleep(60 * S).await;
    assert_eq!(modem.meter().bytes_in, before, "nobody but the borrower writes");
    drop(lease);
    let start = Instant::now();
    assert_eq!(say(&channel, "AT+CGMM").await.unwrap(), ["SIM-LPWA"]);
    assert!(start.elapsed() >= 2 * S, "the guard times of +++ are kept");
    say(&channel, "ATH").await.unwrap();
    assert!(dial(&channel).await.is_ok(), "and again");
}

#[tokio::test(start_paused = true)]
async fn no_carrier_ends_a_call_without_the_escape_sequence() {
    let (modem, channel, mut heard) = line().await;
    let lease = dial(&channel).await.unwrap();
    modem.happen(Event::ContextLost(1));
    sleep(S).await;
    drop(lease);
    let ended = async { while heard.recv().await.expect("it goes on") != ChannelEvent::DataEnded {} };
    tokio::time::timeout(5 * S, ended).await.expect("it is told");
    let start = Instant::now();
    assert_eq!(say(&channel, "AT+CGMM").await.unwrap(), ["SIM-LPWA"]);
    assert!(start.elapsed() < S, "no +++");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_refused_leaves_the_line_as_it_was() {
    let (modem, channel, _heard) = line().await;
    modem.happen(Event::Coverage(false));
    modem.happen(Event::Detach);
    sleep(60 * S).await;
    let error = dial(&channel).await.unwrap_err();
    assert!(error.to_string().contains("NO CARRIER"), "{error}");
    assert_eq!(say(&channel, "AT+CGMM").await.unwrap(), ["SIM-LPWA"]);
}
