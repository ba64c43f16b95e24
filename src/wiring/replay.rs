//! The real driver against a recording, in virtual time; what comes out is a timeline.
//!
//! A timeline has a line for every command and every change of state, with its time since the port opened. It is the
//! same every time, so it can be compared: `fixtures/**/NAME.timeline` is what is expected of `NAME.transcript`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow};
use tokio::io::DuplexStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cli::plain::events;
use crate::codec::{mbim, qmi};
use crate::modem::actor::{self, Parts, Shared};
use crate::modem::clock::Clock;
use crate::modem::data::Unused;
use crate::modem::definition::Library;
use crate::modem::handle::PowerRequest;
use crate::modem::memory::Memory;
use crate::modem::ports::{Lines, QmiLine};
use crate::modem::settings::Settings;
use crate::modem::wake::WakeLines;
use crate::port::Control;
use crate::port::recorder::{Recorder, Ring};
use crate::port::replay::{ReplayError, Replayer};
use crate::port::wdm::USUAL_MAX;
use crate::private::Private;
use crate::spec::span::Span;
use crate::state::json::{Document, Reveal};
use crate::state::{Edrx, ModemState, PsmTimers, Timestamp};
use crate::transcript::message::Framing;
use crate::transcript::session::Session;
use crate::transcript::{Direction, Header, Record, Transcript};

/// Where every replay starts: 2026-01-01T00:00:00Z.
const EPOCH: Timestamp = Timestamp(1_767_225_600_000);
/// How long the driver is watched after the last recorded byte, unless the header says `until`.
const AFTERWARDS: Duration = Duration::from_secs(60);
/// A year: no recording is longer.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);
/// Bytes that wait in one direction.
const PIPE: usize = 64 * 1024;

/// What came of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Commands and changes of state, a line each.
    pub timeline: String,
    /// Where driver and recording part, if they do.
    pub mismatch: Option<String>,
}

/// Replays `transcript`; `model` goes before the model that its header names.
pub fn replay(transcript: &Transcript, library: &Arc<Library>, model: Option<&str>) -> anyhow::Result<Outcome> {
    let settings = settings(&transcript.header, model)?;
    let length = length(transcript)?;
    let sessions: Vec<_> = transcript.ports().iter().map(|port| Session::new(transcript, port)).collect();
    if sessions.is_empty() {
        return Err(anyhow!("the transcript has no records; there is nothing to replay"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    Ok(runtime.block_on(run(sessions, settings, library, length)))
}

async fn run(sessions: Vec<Session>, settings: Settings, library: &Arc<Library>, length: Duration) -> Outcome {
    let ring = Ring::new(usize::MAX);
    let mut replays = JoinSet::new();
    let mut lines = Some(lines(sessions, &ring, &mut replays));
    let definition = settings.model.as_deref().and_then(|name| library.get(name)).unwrap_or_default();
    let (handle, driver) = actor::new(Parts {
        wake: WakeLines::default(),
        settings,
        library: library.clone(),
        definition,
        opener: Box::new(move || {
            let lines = lines.take().ok_or_else(|| "the recording ended".to_owned());
            Box::pin(async move { lines })
        }),
        data: Arc::new(Unused),
        clock: Clock::fixed(EPOCH),
        shared: Shared::default(),
        memory: Memory::default(),
        seed: 1,
    });
    let driver = tokio::spawn(driver);
    let log = Arc::new(Mutex::new(Vec::new()));
    let observer = tokio::spawn(observe(handle.state.clone(), log.clone()));
    let mismatch = tokio::select! {
        mismatch = parting(&mut replays) => mismatch,
        () = tokio::time::sleep(length) => None,
    };
    // What the last bytes led to is still told.
    tokio::time::sleep(Duration::from_millis(1)).await;
    driver.abort();
    observer.abort();
    let events = std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner));
    Outcome { timeline: timeline(&ring.transcript(None), events), mismatch }
}

/// One end of each recorded port; the recording is on the other. What crosses says which protocol it is.
fn lines(sessions: Vec<Session>, ring: &Ring, replays: &mut JoinSet<Result<(), ReplayError>>) -> Lines {
    let mut lines = Lines::default();
    for session in sessions {
        let (near, far) = tokio::io::duplex(PIPE);
        match session.framing() {
            None => lines.at = Some(Box::new(Recorder::new(near, "at", ring.clone()))),
            Some(Framing::Qmux) => lines.qmi = Some(QmiLine::Port(control(near, "qmi", ring, Framing::Qmux))),
            Some(Framing::Mbim) => lines.mbim = Some(control(near, "mbim", ring, Framing::Mbim)),
        }
        replays.spawn(Replayer::new(session).serve(far));
    }
    lines
}

fn control(near: DuplexStream, name: &str, ring: &Ring, framing: Framing) -> Control {
    let stream = Box::new(Recorder::of_messages(near, name, ring.clone(), framing));
    Control { stream, max_message: USUAL_MAX, proxied: None }
}

/// Where driver and recording part first, once every port has ended or one has parted.
async fn parting(replays: &mut JoinSet<Result<(), ReplayError>>) -> Option<String> {
    while let Some(ended) = replays.join_next().await {
        if let Ok(Err(error)) = ended {
            return Some(error.to_string());
        }
    }
    None
}

/// What was sent: a line as it is, a message by its name.
fn command(record: &Record) -> String {
    match Framing::of(&record.data) {
        None => String::from_utf8_lossy(&record.data).trim_end().replace('\r', "\\r"),
        Some(Framing::Qmux) => qmi::Message::decode(&record.data).map_or_else(
            |error| error.to_string(),
            |message| format!("QMI {}", qmi::explain::title(message.service, message.id)),
        ),
        Some(Framing::Mbim) => {
            mbim::Frame::parse(&record.data).map_or_else(|error| error.to_string(), |frame| frame.body.title())
        }
    }
}

type Log = Arc<Mutex<Vec<(Duration, String)>>>;

/// Writes down what changes.
async fn observe(mut state: watch::Receiver<ModemState>, log: Log) {
    let start = Instant::now();
    let mut old = Document::new(&ModemState::default(), Reveal::Redacted);
    loop {
        let new = Document::new(&state.borrow_and_update(), Reveal::Redacted);
        let lines = events(&old, &new).into_iter().map(|line| (start.elapsed(), line));
        log.lock().unwrap_or_else(PoisonError::into_inner).extend(lines);
        old = new;
        if state.changed().await.is_err() {
            return;
        }
    }
}

/// Commands first where a command and a change have the same time: the command led to it.
fn timeline(recording: &Transcript, events: Vec<(Duration, String)>) -> String {
    let to_modem = recording.records.iter().filter(|record| record.direction == Direction::ToModem);
    let commands = to_modem.map(|record| (record.at, format!("> {}", command(record))));
    let mut all: Vec<_> = commands.chain(events).collect();
    all.sort_by_key(|(at, _)| *at);
    all.iter().map(|(at, line)| format!("{:9.3} {line}\n", at.as_secs_f64())).collect()
}

fn length(transcript: &Transcript) -> anyhow::Result<Duration> {
    if let Some(until) = transcript.header.get("until") {
        return Ok(until.parse::<Span>().context("header key until")?.0.min(LONGEST));
    }
    let last = transcript.records.last().map_or(Duration::ZERO, |record| record.at);
    Ok(last.saturating_add(AFTERWARDS).min(LONGEST))
}

/// What the driver is to want: header keys `apn`, `pdp-type`, `rats`, `psm 1h/10s`, `edrx 81.92s`, `pin`, `connect no`.
fn settings(header: &Header, model: Option<&str>) -> anyhow::Result<Settings> {
    let model = model.or(header.model()).ok_or_else(|| {
        anyhow!("the transcript names no model; add a header line such as `model quectel-bg95`, or use --model")
    })?;
    let mut settings = Settings {
        id: "replay".into(),
        model: Some(model.to_owned()),
        autoconnect: header.get("connect") != Some("no"),
        pin: header.get("pin").map(|pin| Private::new(pin.to_owned())),
        power: power(header)?,
        ..Settings::default()
    };
    if let Some(apn) = header.get("apn") {
        settings.apn = Some(apn.parse()?);
    }
    if let Some(kind) = header.get("pdp-type") {
        settings.pdp_type = kind.parse()?;
    }
    if let Some(rats) = header.get("rats") {
        settings.rats = rats.split(',').map(|rat| rat.trim().parse()).collect::<Result<_, _>>()?;
    }
    Ok(settings)
}

fn power(header: &Header) -> anyhow::Result<PowerRequest> {
    let span = |text: &str| text.trim().parse::<Span>().map(|span| span.0);
    let psm = match header.get("psm") {
        None => None,
        Some("off") => Some(None),
        Some(timers) => {
            let (tau, active) = timers.split_once('/').context("header key psm: write it like 1h/10s, or off")?;
            // Without the first the network's own holds.
            let periodic_tau = if tau.trim().is_empty() { None } else { Some(span(tau)?) };
            Some(Some(PsmTimers { periodic_tau, active_time: span(active)? }))
        }
    };
    let edrx = match header.get("edrx") {
        None => None,
        Some("off") => Some(None),
        Some(cycle) => Some(Some(Edrx { cycle: span(cycle)?, ptw: None })),
    };
    let mico = match header.get("mico") {
        None => None,
        Some("on") => Some(true),
        Some("off") => Some(false),
        Some(_) => anyhow::bail!("header key mico: write on or off"),
    };
    let drx_cycle = match header.get("drx-cycle") {
        None => None,
        Some("off") => Some(None),
        Some(cycle) => Some(Some(cycle.parse()?)),
    };
    Ok(PowerRequest { psm, edrx, mico, drx_cycle })
}
