//! The command line as types. `--help`, the manual pages and the completions are all made from these.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::policy::energy::{Battery, Coverage, HostLink};
use crate::spec::apn::{Apn, PdpType};
use crate::spec::rat::Rat;
use crate::spec::span::Span;

use super::{exit, plan};

/// Keep LTE-M, NB-IoT and 5G modems online and asleep
///
/// lpwa asks the daemon (lpwad) over D-Bus; it never opens a modem's port itself. MODEM may be left out where there is
/// only one.
#[derive(Debug, Parser)]
#[command(name = "lpwa", version, after_help = exit::HELP, max_term_width = 100)]
#[command(propagate_version = true, disable_help_subcommand = true)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Where the daemon is: system, session, or a D-Bus address such as unix:path=/run/lpwa/lpwa.sock
    ///
    /// Without it the environment variable LPWA_ADDRESS counts, then the system bus.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub address: Option<String>,
    /// Print JSON for scripts; the schema is docs/schema.json
    #[arg(long, global = true)]
    pub json: bool,
    /// Tell more in the log: -v debug, -vv trace
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Something that the daemon is asked for.
    #[command(flatten)]
    Ask(Ask),
    /// Run transcripts through the real driver, in virtual time
    Replay(ReplayArgs),
    /// Explain AT lines or a log in words, offline
    Decode(DecodeArgs),
    /// Be a modem on a pty or a socket
    Simulate(SimulateArgs),
    /// Show daemon, simulated modem and dashboard in one process; needs no rights and no bus
    Demo(DemoArgs),
    /// List or check model files
    #[command(subcommand)]
    Modems(ModemsCommand),
    /// List, show or check power profiles
    #[command(subcommand)]
    Profiles(ProfilesCommand),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Be the daemon (the name lpwad does the same)
    Daemon(DaemonArgs),
}

/// What the daemon is asked for.
#[derive(Debug, Subcommand)]
pub enum Ask {
    /// Say whether a modem is online, and if not, why and what to do next
    Status(Target),
    /// List the modems
    List,
    /// Show everything known about a modem, with the age of each value
    Show(Target),
    /// Print changes as they happen, until interrupted
    Watch(Target),
    /// Show the dashboard
    Tui,
    /// Bring data up
    Connect(ConnectArgs),
    /// Take data down; the modem stays registered
    Disconnect(Target),
    /// Switch the radio on and register
    Enable(Target),
    /// Switch the radio off
    Disable(Target),
    /// Restart the modem and bring it up again
    Reset(Target),
    /// Read the signal once
    Signal(Target),
    /// Search for networks; takes minutes and costs energy
    Scan(Target),
    /// Show or ask for power saving (PSM, eDRX)
    #[command(subcommand)]
    Power(PowerCommand),
    /// Show or unlock the SIM
    #[command(subcommand)]
    Sim(SimCommand),
    /// Send one AT command as it is and print the answer
    At(AtArgs),
    /// Write what crossed the modem's port lately as a transcript
    Record(RecordArgs),
    /// Make the daemon read its configuration again; a bad file keeps the old one
    Reload,
}

/// The modem that a command is about.
#[derive(Debug, Clone, Default, Args)]
pub struct Target {
    /// Id of the modem, as `lpwa list` has it
    #[arg(value_name = "MODEM")]
    pub modem: Option<String>,
}

/// Arguments of `connect`.
#[derive(Debug, Clone, Args)]
pub struct ConnectArgs {
    /// The modem.
    #[command(flatten)]
    pub target: Target,
    /// APN; without it as configured
    #[arg(long)]
    pub apn: Option<Apn>,
    /// Connection type: ipv4, ipv6, ipv4v6 or non-ip; without it as configured
    #[arg(long, value_name = "TYPE")]
    pub pdp_type: Option<PdpType>,
    /// User name, for networks that ask for one
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// File whose first line is the password
    ///
    /// A file and no option for the password itself: the arguments of a process can be read by every user.
    #[arg(long, value_name = "FILE", requires = "user")]
    pub password_file: Option<PathBuf>,
}

/// `power show`, `power set`, `power plan`.
#[derive(Debug, Subcommand)]
pub enum PowerCommand {
    /// Show what was asked for, what the network granted and the next reachable window
    Show(Target),
    /// Ask for other power saving; what is not named stays as it is
    Set(PowerSetArgs),
    /// Plan power saving for a device: settings, bits, AT lines, latency, charge and battery life; offline
    ///
    /// Exits with 9 where the demand cannot be met; the nearest plan is printed then.
    Plan(PowerPlanArgs),
}

/// Arguments of `power plan`.
#[derive(Debug, Clone, Args)]
pub struct PowerPlanArgs {
    /// The model: bg95, sim7080, nrf9160, ...; `lpwa modems list` shows the names
    #[arg(long, value_name = "NAME")]
    pub model: String,
    /// How often it reports, such as 1h; without it never by itself
    #[arg(long, value_name = "SPAN")]
    pub report_every: Option<Span>,
    /// Payload of a report
    #[arg(long, value_name = "BYTES", default_value_t = 100)]
    pub bytes: u32,
    /// How late a message to it may come, such as 10m; without it that does not matter
    #[arg(long, value_name = "SPAN")]
    pub downlink_within: Option<Span>,
    /// What it lives on, such as 19Ah or 2400mAh; without it mains
    #[arg(long, value_name = "CAPACITY", value_parser = plan::battery)]
    pub battery: Option<Battery>,
    /// How long the battery has to last, such as 10y
    #[arg(long, value_name = "YEARS", value_parser = plan::years, requires = "battery")]
    pub life: Option<f64>,
    /// Technology, lte-m or nb-iot; without it lte-m where the model has it
    #[arg(long, value_name = "RAT")]
    pub rat: Option<Rat>,
    /// Coverage: ce0 good, ce1 with repetitions, ce2 deep indoors or underground
    #[arg(long, value_name = "LEVEL", default_value = "ce0")]
    pub coverage: Coverage,
    /// What the host reaches the modem by: uart, or usb that is not suspended
    #[arg(long, value_name = "LINK", default_value = "uart")]
    pub host: HostLink,
    /// The SIM asks for a PIN
    #[arg(long)]
    pub sim_pin: bool,
    /// The shortest periodic TAU (T3412) that the operator grants; without it 54m, the default of the network
    #[arg(long, value_name = "SPAN")]
    pub min_tau: Option<Span>,
    /// The shortest active time (T3324) that the operator grants
    #[arg(long, value_name = "SPAN")]
    pub min_active_time: Option<Span>,
    /// Examine this periodic TAU instead of choosing; needs --active-time
    #[arg(long, value_name = "SPAN", requires = "active_time", help_heading = "Examine")]
    pub periodic_tau: Option<Span>,
    /// Examine this active time
    #[arg(long, value_name = "SPAN", help_heading = "Examine")]
    pub active_time: Option<Span>,
    /// Examine this eDRX cycle
    #[arg(long, value_name = "SPAN", help_heading = "Examine")]
    pub edrx_cycle: Option<Span>,
}

/// Arguments of `power set`.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("wish").required(true).multiple(true))]
#[command(group = clap::ArgGroup::new("options").multiple(true).conflicts_with("modem"))]
pub struct PowerSetArgs {
    /// Power profile, as `lpwa profiles list` has it; with options instead: id of the modem
    #[arg(value_name = "PROFILE", group = "wish")]
    pub profile: Option<String>,
    /// Id of the modem, as `lpwa list` has it
    #[arg(value_name = "MODEM")]
    pub modem: Option<String>,
    /// PSM: how often the modem reports to the network (T3412 extended), such as 1h; needs --active-time
    #[arg(long, groups = ["wish", "options"], value_name = "SPAN", requires = "active_time")]
    pub periodic_tau: Option<Span>,
    /// PSM: how long it listens before it sleeps (T3324), such as 10s
    #[arg(long, groups = ["wish", "options"], value_name = "SPAN")]
    pub active_time: Option<Span>,
    /// Switch PSM off
    #[arg(long, groups = ["wish", "options"], conflicts_with_all = ["periodic_tau", "active_time"])]
    pub no_psm: bool,
    /// eDRX: how often the modem listens for the network, such as 81.92s
    #[arg(long, groups = ["wish", "options"], value_name = "SPAN")]
    pub edrx_cycle: Option<Span>,
    /// eDRX: how long it listens each time (paging time window), such as 5.12s; without it as the network likes
    #[arg(long, groups = ["wish", "options"], value_name = "SPAN", requires = "edrx_cycle")]
    pub edrx_ptw: Option<Span>,
    /// Switch eDRX off
    #[arg(long, groups = ["wish", "options"], conflicts_with_all = ["edrx_cycle", "edrx_ptw"])]
    pub no_edrx: bool,
}

/// `sim show`, `sim unlock`, `sim puk`.
#[derive(Debug, Subcommand)]
pub enum SimCommand {
    /// Show the SIM and the attempts left
    Show(Target),
    /// Enter the PIN
    ///
    /// The PIN is asked for without echo, read from standard input where that is no terminal, or from --pin-file. There
    /// is no option for the PIN itself: the arguments of a process can be read by every user, and shells keep them.
    Unlock(UnlockArgs),
    /// Unblock the SIM with the PUK and set a new PIN
    ///
    /// Asked for like the PIN: first the PUK, then the new PIN, one line each. Ten wrong PUKs destroy the SIM.
    Puk(UnlockArgs),
}

/// Arguments of `sim unlock` and `sim puk`.
#[derive(Debug, Clone, Args)]
pub struct UnlockArgs {
    /// The modem.
    #[command(flatten)]
    pub target: Target,
    /// File to read the code from instead of asking; for puk: the PUK and the new PIN, one line each
    #[arg(long, value_name = "FILE")]
    pub pin_file: Option<PathBuf>,
}

/// Arguments of `at`.
#[derive(Debug, Clone, Args)]
#[command(allow_missing_positional = true)]
pub struct AtArgs {
    /// Id of the modem, as `lpwa list` has it
    #[arg(value_name = "MODEM")]
    pub modem: Option<String>,
    /// The command, such as 'AT+CESQ'
    #[arg(value_name = "COMMAND", required = true)]
    pub line: String,
    /// How long to wait for the answer, such as 3m; without it as the model file says
    #[arg(long, value_name = "SPAN")]
    pub timeout: Option<Span>,
}

/// Arguments of `record`.
#[derive(Debug, Clone, Args)]
pub struct RecordArgs {
    /// The modem.
    #[command(flatten)]
    pub target: Target,
    /// File to write; without it standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How far back, such as 10m; without it as far as there is anything
    #[arg(long, value_name = "SPAN")]
    pub last: Option<Span>,
    /// Keep IMEI, IMSI, ICCID, addresses and codes; without it the transcript is fit to be shared
    #[arg(long)]
    pub personal_data: bool,
}

/// Arguments of `replay`.
#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    /// Transcripts; with --import logs of other programs
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Write the timeline that comes out beside each transcript as the expected one
    #[arg(long)]
    pub bless: bool,
    /// Read ModemManager debug logs and write them as transcripts
    #[arg(long, conflicts_with_all = ["bless", "timeline"])]
    pub import: bool,
    /// Print the timeline of states instead of comparing it
    #[arg(long, conflicts_with = "bless")]
    pub timeline: bool,
    /// Model file to drive with; without it the one that the transcript names
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// With --import: file to write; without it standard output
    #[arg(short, long, value_name = "FILE", requires = "import")]
    pub output: Option<PathBuf>,
}

/// Arguments of `decode`.
#[derive(Debug, Clone, Args)]
pub struct DecodeArgs {
    /// AT commands or answers, or qmi and the hexadecimal digits of frames; without any a log is read from --file or
    /// standard input
    #[arg(value_name = "LINE")]
    pub lines: Vec<String>,
    /// Log to read
    #[arg(short, long, value_name = "FILE", conflicts_with = "lines")]
    pub file: Option<PathBuf>,
    /// Model file to read vendor lines with, such as quectel-bg95; without it all are tried
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
}

/// Arguments of `simulate`.
#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// Model file to obey; without it the one of the scenario, else quectel-bg95
    #[arg(value_name = "MODEL")]
    pub model: Option<String>,
    /// What happens to it; without it a good day
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Where it is, as `at` of the configuration says it: a device that is made, unix:PATH, tcp:127.0.0.1:PORT; or pty
    #[arg(long, value_name = "WHERE", default_value = "pty")]
    pub on: String,
    /// Where it speaks QMI too: unix:PATH, or proxy to stand in for qmi-proxy
    #[arg(long, value_name = "WHERE")]
    pub qmi: Option<String>,
}

/// Arguments of `demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Print events instead of the dashboard
    #[arg(long)]
    pub plain: bool,
    /// Model file of the simulated modem; without it the one of the scenario, else quectel-bg95
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// What happens to it; without it a day in six minutes
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// End by itself after this time
    #[arg(long = "for", value_name = "SPAN", hide = true, requires = "plain")]
    pub span: Option<Span>,
}

/// `modems list`, `modems check`.
#[derive(Debug, Subcommand)]
pub enum ModemsCommand {
    /// List the model files and what the models can do
    List,
    /// Check model files; every mistake is told with its line
    Check {
        /// The files
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// `profiles list`, `profiles show`, `profiles check`.
#[derive(Debug, Subcommand)]
pub enum ProfilesCommand {
    /// List the power profiles and what they ask for
    List,
    /// Print a profile as it is written, with its reasons
    Show {
        /// Name of the profile, as `lpwa profiles list` has it
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Check profile files; every mistake is told with its line
    Check {
        /// The files
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// Arguments of `daemon`.
#[derive(Debug, Clone, Args)]
pub struct DaemonArgs {
    /// Configuration; drop-ins are beside it in lpwa.d/*.toml
    #[arg(long, value_name = "FILE", default_value = "/etc/lpwa/lpwa.toml")]
    pub config: PathBuf,
    /// Bus to be on: system, session, none or a D-Bus address; without it as configured, then the system bus
    #[arg(long, value_name = "BUS")]
    pub bus: Option<String>,
    /// D-Bus address to listen on for direct connections, such as unix:path=/run/lpwa/lpwa.sock
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
}
