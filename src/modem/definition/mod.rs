//! Model files: a modem as data.
//!
//! A file in `modems/` names what a model can do, what it is asked, how its answers read and which notices (URCs)
//! it sends. Files inherit; users override in `/etc/lpwa/modems/`. [`Definition`] is the run-time object.

use std::collections::BTreeMap;
use std::time::Duration;

use super::backend::{Protocol, Route};
use crate::spec::rat::Rat;
use crate::state::fact::Fact;

mod build;
mod layers;
mod library;
pub mod pattern;
mod power;
mod problem;
mod reader;
mod slots;
mod tree;

pub use library::{Library, Row, check_text};
pub use pattern::{Pattern, RatNames};
pub use power::{PowerSaving, Sleep, Window};
pub use problem::{Check, Problem};
pub use slots::Slots;

/// A model, ready to drive: every pattern compiled, every inheritance resolved.
#[derive(Debug, Clone, Default)]
pub struct Definition {
    /// The file's name without `.toml`, such as `quectel-bg95`.
    pub name: String,
    /// For people: `Quectel BG95, BG96, BG77`.
    pub title: String,
    /// Maker, where the file fixes it; saves asking.
    pub manufacturer: Option<String>,
    /// What makes it this model.
    pub matches: Matches,
    /// Role of each USB interface number.
    pub ports: BTreeMap<u8, PortRole>,
    /// What the model can do.
    pub capabilities: Capabilities,
    /// Procedures that go another way than usual.
    pub routes: BTreeMap<Route, Protocol>,
    /// How long things may take.
    pub timing: Timing,
    /// `<AcT>` numbers that mean something else than in TS 27.007 §7.3.
    pub act: BTreeMap<i64, Rat>,
    /// Words by which the model names technologies; the first of each is the one to print.
    pub rat_words: BTreeMap<Rat, Vec<String>>,
    /// Questions, by name.
    pub queries: BTreeMap<QueryName, Query>,
    /// How the technologies and their order are chosen.
    pub select_rats: Option<SelectRats>,
    /// What its power saving has beside TS 27.007.
    pub power: PowerSaving,
    /// Its slots for cards, where AT commands choose between them.
    pub slots: Option<Slots>,
    /// Multi-line recipes, by name.
    pub procedures: BTreeMap<ProcedureName, Procedure>,
    /// Lines sent once per start to be told of changes; an error is tolerated.
    pub subscribe: Vec<String>,
    /// Notices the model sends on its own.
    pub urcs: Vec<Urc>,
    /// How it sleeps and wakes.
    pub sleep: Sleep,
    /// Dotted paths of values that no source confirms (`verified = false` marks), such as `query.signal`.
    pub unverified: Vec<String>,
}

impl Definition {
    /// How this model names the technologies, as [`Pattern::parse`] and [`Pattern::render`] want to know it.
    pub const fn rat_names(&self) -> RatNames<'_> {
        RatNames { words: &self.rat_words, act: &self.act }
    }

    /// How a paging time window is asked for. A recipe that no source confirms is not used: the window then is the
    /// network's choice, which does no harm; a wrong code could.
    pub fn window(&self) -> Option<&Window> {
        let confirmed = !self.unverified.iter().any(|path| path == "power.window");
        self.power.window.as_ref().filter(|_| confirmed)
    }
}

/// What makes a modem this model.
#[derive(Debug, Clone, Default)]
pub struct Matches {
    /// USB ids, `vid:pid` in lower-case hexadecimal.
    pub usb: Vec<String>,
    /// Globs (`*` only) over the answer of `AT+CGMM`.
    pub model: Vec<String>,
}

/// What a USB interface is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortRole {
    /// Vendor diagnostics.
    Diag,
    /// Position sentences.
    Nmea,
    /// Commands.
    At,
    /// Commands and PPP.
    AtData,
    /// A network interface.
    Net,
    /// QMI control.
    Qmi,
    /// MBIM control.
    Mbim,
    /// Not for us.
    Ignore,
}

/// What a model can do.
#[derive(Debug, Clone, Default)]
pub struct Capabilities {
    /// Technologies it has.
    pub rats: Vec<Rat>,
    /// Whether it knows PSM (`+CPSMS`).
    pub psm: bool,
    /// Technologies for which it knows eDRX (`+CEDRXS`).
    pub edrx: Vec<Rat>,
    /// Context id of the attach bearer: 1, on Nordic 0.
    pub default_context: u8,
    /// Whether it echoes commands unless told otherwise.
    pub echo: bool,
    /// Highest `<n>` of `+CEREG` it takes: 5, or less.
    pub cereg: u8,
    /// `AT+CFUN` level with the radio off and the SIM on: 4.
    pub radio_off: u8,
    /// Whether `+CGCONTRDP` gives addresses; otherwise `+CGPADDR` is asked as well.
    pub cgcontrdp_addresses: bool,
    /// Whether the context has to be activated (`+CGACT`), or comes up with the registration.
    pub activate: bool,
    /// Whether it is known to take several commands in one line (V.250 §5.2.1) and to answer once.
    pub chain: bool,
}

/// How long things may take.
#[derive(Debug, Clone)]
pub struct Timing {
    /// From power to the first answered command.
    pub boot: Duration,
    /// Any command that has no figure of its own.
    pub command: Duration,
    /// `AT+CFUN`.
    pub cfun: Duration,
    /// Attach, from radio on; never under five minutes (TS.34).
    pub attach: Duration,
    /// `AT+CGACT`.
    pub activate: Duration,
    /// `AT+COPS=?`.
    pub scan: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let s = Duration::from_secs;
        Self { boot: s(15), command: s(10), cfun: s(180), attach: s(300), activate: s(150), scan: s(300) }
    }
}

/// A question that a model may have its own words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueryName {
    /// Maker.
    Manufacturer,
    /// Model.
    Model,
    /// Firmware.
    Revision,
    /// Equipment identity.
    Imei,
    /// Card identity.
    Iccid,
    /// Subscriber identity.
    Imsi,
    /// Attempts left for PIN and PUK.
    PinRetries,
    /// Signal strength, once, for a person.
    Signal,
    /// Serving cell, with the signal where it has it.
    ServingCell,
    /// PSM timers as granted, where `+CEREG` does not tell.
    PsmGranted,
}

/// A question: what to send, and how each line of the answer may read.
#[derive(Debug, Clone)]
pub struct Query {
    /// The line, such as `AT+QCCID`.
    pub send: String,
    /// Forms of answer lines; the first that fits is taken.
    pub lines: Vec<Pattern>,
    /// Whether data lines come without a prefix.
    pub unprefixed: bool,
    /// How long the answer may take, where [`Timing::command`] is too short.
    pub time_out: Option<Duration>,
}

impl Query {
    /// What `line` of the answer tells; `None` if it is no line of this answer.
    pub fn parse(&self, line: &str, rats: &RatNames<'_>) -> Option<Vec<Fact>> {
        self.lines.iter().find_map(|pattern| pattern.parse(line, rats))
    }

    /// The lines that answer this question with `facts`, as the model would print them.
    ///
    /// Forms may be alternatives (one for each technology) or lines of one answer: as many are taken, best first, as
    /// it needs to tell what the forms can tell, and none that would tell something else.
    pub fn answer(&self, facts: &[Fact], rats: &RatNames<'_>) -> Vec<String> {
        let kind = std::mem::discriminant::<Fact>;
        let known = |told: &Fact| match told {
            Fact::Rat(_) => facts.contains(told),
            _ => facts.iter().any(|fact| kind(fact) == kind(told)),
        };
        let tells = |pattern: &Pattern| {
            let told = pattern.parse(&pattern.render(facts, rats), rats)?;
            told.iter().all(known).then(|| told.iter().map(kind).collect::<Vec<_>>())
        };
        let forms: Vec<_> = self.lines.iter().enumerate().filter_map(|(i, p)| Some((i, tells(p)?))).collect();
        let (mut told, mut chosen) = (Vec::new(), std::collections::BTreeSet::new());
        let news = |form: &[_], told: &[_]| form.iter().filter(|kind| !told.contains(*kind)).count();
        while let Some((i, form)) = forms.iter().max_by_key(|(i, form)| (news(form, &told), usize::MAX - i))
            && news(form, &told) > 0
        {
            told.extend(form.iter().copied());
            chosen.insert(*i);
        }
        let lines = self.lines.iter().enumerate().filter(|(i, _)| chosen.contains(i));
        lines.map(|(_, pattern)| pattern.render(facts, rats)).collect()
    }
}

/// How technologies and their order are chosen.
#[derive(Debug, Clone, Default)]
pub struct SelectRats {
    /// Lines that read the present choice.
    pub read: Vec<String>,
    /// When a change takes effect.
    pub effect: Effect,
    /// The choices the model knows.
    pub choices: Vec<RatChoice>,
}

impl RatChoice {
    /// Whether these answers to [`SelectRats::read`] show that the technologies are chosen already.
    pub fn is_held(&self, answers: &[String], rats: &RatNames<'_>) -> bool {
        let seen = |hold: &Pattern| answers.iter().any(|line| hold.parse(line, rats).is_some());
        !self.holds.is_empty() && self.holds.iter().all(seen)
    }
}

/// When a change of settings takes effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// At once.
    #[default]
    Now,
    /// It is taken only while the radio is off.
    RadioOff,
    /// After a reset of the modem.
    Reboot,
}

/// One ordered choice of technologies.
#[derive(Debug, Clone, Default)]
pub struct RatChoice {
    /// The technologies, first preferred.
    pub rats: Vec<Rat>,
    /// Lines that choose them; a line that starts with `?` may fail.
    pub set: Vec<String>,
    /// The answer to each line of [`SelectRats::read`], in order, if they are chosen already.
    pub holds: Vec<Pattern>,
}

/// A recipe that a model may have its own words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProcedureName {
    /// Credentials of a context: `{cid} {auth} {user} {password} {apn} {ip}`; `{auth}` is 1 for PAP, 2 for CHAP;
    /// `{ip}` is 1 for IPv4, 2 for IPv6, 3 for both.
    Authenticate,
    /// Activation of a context: `{cid}`.
    Activate,
    /// Deactivation of a context: `{cid}`.
    Deactivate,
    /// Choice of LTE-M bands: `{bands}` in the form that the procedure names.
    SelectBands,
    /// Restart of the modem.
    Reset,
    /// Power off.
    PowerOff,
    /// Keeps the modem from sleeping, where the model has a better way than going without PSM.
    StayAwake,
    /// Lets the modem sleep again after [`Self::StayAwake`].
    MaySleep,
    /// No more data is expected: the radio connection may be released at once.
    NoMoreData,
}

impl ProcedureName {
    /// Names that may stand in braces in the lines of the procedure.
    pub const fn placeholders(self) -> &'static [&'static str] {
        match self {
            Self::Authenticate => &["cid", "auth", "user", "password", "apn", "ip"],
            Self::Activate | Self::Deactivate => &["cid"],
            Self::SelectBands => &["bands"],
            Self::Reset | Self::PowerOff | Self::StayAwake | Self::MaySleep | Self::NoMoreData => &[],
        }
    }
}

/// Lines to send in order; a line that starts with `?` may fail.
#[derive(Debug, Clone, Default)]
pub struct Procedure {
    /// The lines, with `{placeholders}`.
    pub steps: Vec<String>,
    /// Bands as the model wants them.
    pub bands: BandForm,
}

/// How a model writes a set of bands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BandForm {
    /// `3,8,20`.
    #[default]
    List,
    /// Hexadecimal mask without `0x`, bit n is band n+1.
    HexMask,
    /// Decimal mask, bit n is band n+1.
    DecimalMask,
    /// 88 binary digits, the highest band first.
    BinaryString,
}

/// A notice.
#[derive(Debug, Clone)]
pub struct Urc {
    /// What it says.
    pub kind: UrcKind,
    /// How it reads.
    pub pattern: Pattern,
}

/// What a notice says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UrcKind {
    /// The modem has just started: whatever it was told before may be lost.
    Boot,
    /// The modem can take commands.
    Ready,
    /// The SIM can be read.
    SimReady,
    /// The SIM went away.
    SimRemoved,
    /// It goes to sleep (PSM).
    PsmEntered,
    /// It came back from sleep.
    PsmExited,
    /// It sleeps for a time that it tells: `{sleep}`; 0 is the end of a sleep.
    Sleep,
    /// It goes off.
    PoweredDown,
    /// RRC connection up or down.
    Rrc,
    /// Signal changed.
    Signal,
    /// PSM timers granted.
    PsmGranted,
    /// A context went down.
    ContextLost,
    /// Known, and of no use to us.
    Ignore,
}
