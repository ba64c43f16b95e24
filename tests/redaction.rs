//! No identity of a person and no secret leaves the process: not by the log, not by `Debug`, not by a transcript or a
//! document that was not asked to tell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lpwa::modem::actor::{self, Parts, Shared};
use lpwa::modem::clock::Clock;
use lpwa::modem::data::Unused;
use lpwa::modem::handle::{ModemHandle, Request};
use lpwa::modem::memory::Memory;
use lpwa::modem::ports::Lines;
use lpwa::modem::settings::Settings;
use lpwa::port::BoxStream;
use lpwa::port::recorder::{Recorder, Ring};
use lpwa::private::Private;
use lpwa::sim::Simulated;
use lpwa::state::json::{Document, Reveal};
use lpwa::state::{Lifecycle, Timestamp};
use support::{MODELS, library, scenario, wanted};
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

const IMSI: &str = "999700000000001";
const ICCID: &str = "8999970000000000001";
const PIN: &str = "73910462";
const WRONG_PIN: &str = "55502846";
const USER: &str = "thermometer-17";
const PASSWORD: &str = "hunter2-of-the-APN";

/// A log that is kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[track_caller]
fn assert_silent(what: &str, text: &str) {
    for secret in [IMSI, ICCID, PIN, WRONG_PIN, USER, PASSWORD] {
        if let Some(line) = text.lines().find(|line| line.contains(secret)) {
            panic!("{what} tells {secret}: {line}");
        }
    }
}

/// A modem whose card wants a PIN, on a network that asks for name and password; recorded.
fn start(model: &str, ring: &Ring) -> (Simulated, ModemHandle) {
    let text = format!(
        "[modem]\nmodel = \"{model}\"\n\
         [sim]\nimsi = \"{IMSI}\"\niccid = \"{ICCID}\"\npin-required = true\npin = \"{PIN}\"\n"
    );
    let library = library();
    let modem = Simulated::new(scenario(&text).build(library.get(model).unwrap()));
    let settings = Settings {
        pin: Some(Private::new(WRONG_PIN.into())),
        credentials: Some((USER.into(), Private::new(PASSWORD.into()))),
        ..wanted()
    };
    let (line, recorder) = (modem.clone(), ring.clone());
    let (handle, driver) = actor::new(Parts {
        wake: lpwa::modem::wake::WakeLines::default(),
        settings,
        definition: library.get("generic").unwrap(),
        library,
        opener: Box::new(move || {
            let opened = line.open().map(|line| Box::new(Recorder::new(line, "at", recorder.clone())) as BoxStream);
            Box::pin(async move { opened.map(Lines::from).map_err(|error| error.to_string()) })
        }),
        data: Arc::new(Unused),
        clock: Clock::fixed(Timestamp(1_767_225_600_000)),
        shared: Shared::default(),
        seed: 1,
        memory: Memory::default(),
    });
    tokio::spawn(driver);
    (modem, handle)
}

async fn reaches(handle: &ModemHandle, what: &str, wanted: impl Fn(&Lifecycle) -> bool) {
    let mut state = handle.state.clone();
    let reached = tokio::time::timeout(Duration::from_secs(600), state.wait_for(|s| wanted(&s.lifecycle))).await;
    assert!(reached.is_ok(), "not {what}: {:?}", handle.state.borrow());
}

#[tokio::test(start_paused = true)]
async fn nothing_tells_who_or_how() {
    for model in MODELS {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_writer(log.clone()).finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let ring = Ring::new(usize::MAX);
        let (_modem, handle) = start(model, &ring);
        reaches(&handle, "locked after a wrong PIN", |state| matches!(state, Lifecycle::Locked(_))).await;
        assert_silent(&format!("{model}: a locked state"), &format!("{:#?}", handle.state.borrow()));
        handle.request(Request::EnterPin(Private::new(PIN.into()))).await.unwrap();
        reaches(&handle, "connected", |state| *state == Lifecycle::Connected).await;
        // A person may type secrets, too.
        let line = Private::new(format!("AT+CLCK=\"SC\",1,\"{WRONG_PIN}\""));
        let _ = handle.request(Request::At(line, None)).await;

        let state = handle.state.borrow().clone();
        assert!(log.text().contains("connected"), "{model}: {}", log.text());
        assert_silent(&format!("{model}: the log"), &log.text());
        assert_silent(&format!("{model}: Debug"), &format!("{state:#?} {handle:?}"));
        let told = |reveal| serde_json::to_string(&Document::new(&state, reveal)).unwrap();
        assert_silent(&format!("{model}: the document"), &told(Reveal::Redacted));
        assert!(told(Reveal::All).contains(IMSI), "{model}");
        assert_silent(&format!("{model}: the transcript"), &ring.transcript(None).to_string());

        let everything = ring.unredacted(None).to_string();
        for secret in [IMSI, ICCID, PIN, WRONG_PIN, USER, PASSWORD] {
            assert!(everything.contains(secret), "{model}: {secret} was never there\n{everything}");
        }
    }
}
