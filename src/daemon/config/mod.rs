//! The configuration: `/etc/lpwa/lpwa.toml` and the drop-ins of `lpwa.d`, checked as a whole.
//!
//! Every mistake is reported with its file, its line and the key that was meant, all at once. `docs/configuration.md`
//! has every key.

mod data;
mod files;
mod lines;
mod merge;
mod modem;
mod nearest;
mod places;
mod port;
mod power;
pub mod profile;
mod recovery;
mod report;
mod retry;
mod section;
pub mod sims;
mod uplink;

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::DeValue;
use tracing_subscriber::filter::{LevelFilter, Targets};

use crate::modem::handle::PowerRequest;
use crate::net::dns::DnsChoice;
use crate::net::path::DataKind;
use crate::net::plan::METRIC;
use crate::policy::governor::Limits;
use crate::port::PortSpec;
use crate::port::line::Output;
use crate::private::Private;
use crate::spec::apn::{Apn, PdpType};
use crate::spec::rat::Rat;
use crate::uplink::UplinkSettings;
use crate::uplink::supply::PowerCut;

pub use files::{Disk, Files};
pub use places::{Bus, InvalidPlace, Listen};
pub use recovery::RecoveryConfig;
pub use report::{ConfigError, Problem};

use merge::Merged;
use profile::Profiles;
use report::Report;
use section::Section;
use sims::{Shelf, Sims};

/// Where the configuration is unless the command line says otherwise.
pub const DEFAULT_PATH: &str = "/etc/lpwa/lpwa.toml";

/// The whole configuration, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `[daemon]`.
    pub daemon: DaemonConfig,
    /// `[[modem]]`, in the order in which the ids first appear.
    pub modems: Vec<ModemConfig>,
    /// `[retry]`.
    pub retry: Limits,
    /// The SIM policies of `sims_dir`.
    pub sims: Shelf,
    /// `[[uplink]]`, in the order in which the names first appear.
    pub uplinks: Vec<UplinkSettings>,
    /// `[recovery]`.
    pub recovery: RecoveryConfig,
    /// What is possible but hardly meant; to be logged.
    pub warnings: Vec<Problem>,
}

/// `[daemon]`.
#[derive(Debug, Clone, PartialEq)]
pub struct DaemonConfig {
    /// The bus to be on.
    pub bus: Bus,
    /// A socket for peers without a bus.
    pub listen: Option<Listen>,
    /// Size of each modem's transcript ring, KiB; 0 switches the recorder off.
    pub recorder_kib: u32,
    /// Model files that override or extend those that are built in.
    pub models_dir: PathBuf,
    /// Power profiles that override or extend those that are built in.
    pub profiles_dir: PathBuf,
    /// SIM policies.
    pub sims_dir: PathBuf,
    /// The provider database; `None`: no use is made of one.
    pub providers: Option<PathBuf>,
    /// What outlives a restart.
    pub state_dir: PathBuf,
    /// How name servers are made known.
    pub dns: DnsChoice,
    /// What is logged, by module: `info` or `info,lpwa::modem=debug`.
    pub log: Targets,
}

impl Default for DaemonConfig {
    fn default() -> Self {
        Self {
            bus: Bus::System,
            listen: None,
            recorder_kib: 256,
            models_dir: "/etc/lpwa/modems".into(),
            profiles_dir: "/etc/lpwa/profiles".into(),
            sims_dir: "/etc/lpwa/sims.d".into(),
            providers: Some("/usr/share/mobile-broadband-provider-info/serviceproviders.xml".into()),
            state_dir: "/var/lib/lpwa".into(),
            dns: DnsChoice::Auto,
            log: Targets::new().with_default(tracing::Level::INFO),
        }
    }
}

/// `[[modem]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemConfig {
    /// The id that lasts: 1 to 32 of a-z, 0-9, `_` and `-`.
    pub id: String,
    /// Where the modem is.
    pub port: PortChoice,
    /// The model file to use; `None`: by what the modem says of itself.
    pub model: Option<String>,
    /// APN; `None`: the network's default.
    pub apn: Option<Apn>,
    /// Slots for cards, the preferred first; empty: the modem's own choice.
    pub slots: Vec<u8>,
    /// Connection type; `None`: as the model has it.
    pub pdp_type: Option<PdpType>,
    /// User name, for the networks that ask for one.
    pub user: Option<String>,
    /// Password, from its file.
    pub password: Option<Private<String>>,
    /// Technologies to use, the preferred first; `None`: leave the modem's choice.
    pub rats: Option<Vec<Rat>>,
    /// Bands to use, by number; `None`: leave the modem's choice.
    pub bands: Option<Vec<u16>>,
    /// Whether to bring a data context up, and up again.
    pub autoconnect: bool,
    /// PIN, from its file: four to eight digits.
    pub pin: Option<Private<String>>,
    /// Power saving to ask for; times that no timer code says exactly are rounded already.
    pub power: PowerRequest,
    /// Whether the network is told that no more data is expected when nobody holds the modem awake any more.
    pub release: bool,
    /// How packets of the first bearer reach the machine.
    pub data: DataConfig,
    /// Further bearers, `[[modem.bearer]]`.
    pub bearers: Vec<BearerConfig>,
    /// How its supply is cut, where it can be.
    pub power_cut: Option<PowerCut>,
    /// Whether DTR of its serial port is wired to wake it.
    pub dtr: bool,
    /// The GPIO on its power key.
    pub pwrkey: Option<Pwrkey>,
}

impl ModemConfig {
    /// Whether none of its bearers reaches the machine.
    fn is_without_link(&self) -> bool {
        let mut ways = std::iter::once(&self.data).chain(self.bearers.iter().map(|bearer| &bearer.data));
        ways.all(|data| data.kind == DataKind::None)
    }
}

/// How packets of a bearer reach the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataConfig {
    /// The way.
    pub kind: DataKind,
    /// The network interface; `None`: the one of the USB device.
    pub interface: Option<String>,
    /// Whether addresses come by DHCP.
    pub dhcp: bool,
    /// Metric of its default routes; `None`: it has none.
    pub metric: Option<u32>,
    /// Whether addresses, routes and name servers are set by the daemon.
    pub manage: bool,
    /// A program that is told.
    pub hook: Option<PathBuf>,
    /// The serial line for PPP.
    pub ppp_port: Option<PortSpec>,
    /// Whether that is the line that takes commands.
    pub dial: bool,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            kind: DataKind::None,
            interface: None,
            dhcp: false,
            metric: Some(METRIC),
            manage: true,
            hook: None,
            ppp_port: None,
            dial: false,
        }
    }
}

/// `[[modem.bearer]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BearerConfig {
    /// Context id.
    pub context: u8,
    /// APN; empty: the network's default.
    pub apn: Apn,
    /// Connection type.
    pub pdp_type: PdpType,
    /// User name.
    pub user: Option<String>,
    /// Password, from its file.
    pub password: Option<Private<String>>,
    /// How packets reach the machine.
    pub data: DataConfig,
}

/// The GPIO on a modem's power key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pwrkey {
    /// The line.
    pub output: Output,
    /// How long it is held to wake the modem; `None`: as the model file says.
    pub pulse: Option<Duration>,
}

/// Where a modem is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortChoice {
    /// A device `/dev/ttyS1`, a socket `unix:/path` or `tcp:host:port`.
    At(String),
    /// A USB modem by its physical path, such as `1-1.2`.
    Usb(String),
    /// Ports by protocol.
    Control(ControlPorts),
}

/// The ports of a modem that speaks QMI or MBIM, each as [`PortSpec`] reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlPorts {
    /// Takes AT commands, beside the others.
    pub at: Option<String>,
    /// Where QMI goes.
    pub qmi: Option<QmiChoice>,
    /// Takes MBIM messages.
    pub mbim: Option<String>,
}

/// Where QMI goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QmiChoice {
    /// To a port of its own.
    Port(String),
    /// Inside MBIM.
    OverMbim,
}

/// What the readers of single keys need to know.
struct Context<'c> {
    files: &'c dyn Files,
    models: &'c [String],
    profiles: Profiles<'c>,
    report: &'c Report,
}

impl Config {
    /// Reads `main` and its drop-ins. `models` names the model files that there are, given `models_dir`.
    pub fn load(
        main: &Path,
        files: &dyn Files,
        models: impl FnOnce(&Path) -> Vec<String>,
    ) -> Result<Self, ConfigError> {
        let report = Report::default();
        let sources = merge::sources(main, files, &report);
        let Merged { daemon, retry, health, recovery, modems, uplinks } = merge::merge(&sources, &report);
        let (daemon, retry) = match sources.first() {
            Some(source) => (
                daemon_config(Section::new(source.start(), daemon, &report)),
                retry::limits(Section::new(source.start(), retry, &report)),
            ),
            None => Default::default(),
        };
        let models = models(&daemon.models_dir);
        let profiles = Profiles { files, dir: &daemon.profiles_dir };
        let context = Context { files, models: &models, profiles, report: &report };
        let modems = modem_configs(modems, &context);
        let start = sources.first().map(report::Source::start);
        let uplinks = uplink::read(uplinks, health, start, &modems, &context);
        let recovery = start.map(|start| recovery::read(Section::new(start, recovery, &report))).unwrap_or_default();
        let sims = Sims { files, dir: &daemon.sims_dir, profiles }.load();
        Ok(Self { daemon, modems, retry, sims, uplinks, recovery, warnings: report.finish()? })
    }
}

impl DaemonConfig {
    /// Reads `[daemon]` of `main` and its drop-ins alone: for who wants to know where things are on this machine.
    pub fn load(main: &Path, files: &dyn Files) -> Result<Self, ConfigError> {
        let report = Report::default();
        let sources = merge::sources(main, files, &report);
        let daemon = merge::merge(&sources, &report).daemon;
        let config = sources.first().map(|source| daemon_config(Section::new(source.start(), daemon, &report)));
        report.finish()?;
        Ok(config.unwrap_or_default())
    }
}

fn daemon_config(mut section: Section<'_, '_>) -> DaemonConfig {
    let default = DaemonConfig::default();
    let config = DaemonConfig {
        bus: section.parsed("bus").unwrap_or(default.bus),
        listen: section.parsed("listen"),
        recorder_kib: section.number("recorder_kib", 0..=65_536).unwrap_or(default.recorder_kib),
        models_dir: directory(&mut section, "models_dir").unwrap_or(default.models_dir),
        profiles_dir: directory(&mut section, "profiles_dir").unwrap_or(default.profiles_dir),
        sims_dir: directory(&mut section, "sims_dir").unwrap_or(default.sims_dir),
        providers: match section.string("providers") {
            Some(none) if none == "none" => None,
            Some(path) => Some(path.into()),
            None => default.providers,
        },
        state_dir: directory(&mut section, "state_dir").unwrap_or(default.state_dir),
        dns: section.parsed("dns").unwrap_or(default.dns),
        log: log(&mut section).unwrap_or(default.log),
    };
    section.finish();
    config
}

/// A relative path starts at the file that names it.
fn directory(section: &mut Section<'_, '_>, key: &'static str) -> Option<PathBuf> {
    let place = section.find(key)?;
    section.string(key).map(|path| modem::resolve(place, &path))
}

/// `log`: a level, and levels of modules. Any other word would be taken for a module, and nothing else were logged.
fn log(section: &mut Section<'_, '_>) -> Option<Targets> {
    let place = section.find("log")?;
    let text = section.string("log")?;
    let wrong = text.split(',').map(str::trim).find(|part| {
        !part.contains('=') && !part.starts_with("lpwa") && !part.is_empty() && part.parse::<LevelFilter>().is_err()
    });
    let read = match wrong {
        Some(word) => Err(format!(
            "{word:?} is no level; use off, error, warn, info, debug or trace, by module where wanted: info,lpwa::modem=debug"
        )),
        None => text.parse::<Targets>().map_err(|error| error.to_string()),
    };
    section.sound("log", place, read)
}

fn modem_configs(modems: Vec<merge::Named<'_>>, context: &Context<'_>) -> Vec<ModemConfig> {
    let mut configs: Vec<ModemConfig> = vec![];
    for modem in modems {
        let place = modem.place;
        let Some(config) = modem::read(modem, context) else { continue };
        // Two owners of one port would talk over each other.
        if let Some(other) = configs.iter().find(|other| other.port == config.port) {
            let message = format!("modem {:?} has the port of modem {:?}; each needs its own", config.id, other.id);
            context.report.error(place.problem(message));
        }
        configs.push(config);
    }
    configs
}

/// `rats`: technologies, the preferred first.
fn rats(section: &mut Section<'_, '_>) -> Option<Vec<Rat>> {
    let place = section.find("rats")?;
    let read = |value: &DeValue<'_>| value.as_str().map(|text| text.parse::<Rat>().map_err(|e| e.to_string()));
    let rats = section.list("rats", "strings", read)?;
    if rats.is_empty() {
        section
            .report
            .error(place.problem("rats: the list names no technology; leave the key out for the modem's own"));
        return None;
    }
    Some(rats)
}
