//! The command line as types. `--help`, the manual pages and the completions are all made from these.

mod offline;
mod power;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::modem::handle::When;
use crate::spec::apn::{Apn, PdpType};
use crate::spec::span::Span;

use super::exit;

pub use offline::{
    DecodeArgs, DemoArgs, Machine, ModemsCommand, ProfilesCommand, ReplayArgs, SimsCommand, SimulateArgs,
};
pub use power::{HoldArgs, PowerCommand, PowerPlanArgs, PowerSetArgs, QueueCommand, ShowPowerArgs, WaitArgs};

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
    /// List or check SIM policies, offline
    #[command(subcommand)]
    Sims(SimsCommand),
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
    Disconnect(RequestArgs),
    /// Switch the radio on and register
    Enable(RequestArgs),
    /// Switch the radio off
    Disable(RequestArgs),
    /// Restart the modem and bring it up again
    Reset(RequestArgs),
    /// Read the signal once
    Signal(RequestArgs),
    /// Search for networks; takes minutes and costs energy
    Scan(RequestArgs),
    /// Show or ask for power saving (PSM, eDRX), keep a modem awake, wait for it to wake
    #[command(subcommand)]
    Power(PowerCommand),
    /// List or take back requests that wait for a modem to wake
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Show or unlock the SIM, or use another one
    #[command(subcommand)]
    Sim(SimCommand),
    /// Show which link has the default route and why, or prefer one
    #[command(subcommand)]
    Uplink(UplinkCommand),
    /// Show what every SIM and interface carried in its billing cycle
    Usage,
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

/// A request to a modem.
#[derive(Debug, Clone, Default, Args)]
pub struct RequestArgs {
    /// The modem.
    #[command(flatten)]
    pub target: Target,
    /// What becomes of it.
    #[command(flatten)]
    pub terms: Terms,
}

/// What becomes of a request while the modem sleeps; one that is awake does it at once.
#[derive(Debug, Clone, Default, Args)]
pub struct Terms {
    /// While the modem sleeps: wake it, wait until it wakes, answer with the cached value, or wait at most a SPAN
    ///
    /// wake, wait, cached (signal only) or a length of time such as 2h. Without it a signal is answered from what was
    /// read last, and everything else waits.
    #[arg(long, value_name = "WHEN", value_parser = when)]
    pub when: Option<When>,
    /// Leave it to the queue, over restarts of the daemon, and print its number instead of waiting
    #[arg(long)]
    pub queue: bool,
}

/// `wake`, `wait`, `cached` or a length of time.
fn when(text: &str) -> Result<When, String> {
    match text {
        "wake" => Ok(When::Wake),
        "wait" => Ok(When::Wait),
        "cached" => Ok(When::Cached),
        span => match span.parse::<Span>() {
            Ok(span) if !span.0.is_zero() => Ok(When::Within(span.0)),
            _ => Err("wake, wait, cached or a length of time such as 2h is possible".into()),
        },
    }
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
    /// User name, for networks that ask for one; with --password-file
    #[arg(long, value_name = "NAME", requires = "password_file")]
    pub user: Option<String>,
    /// File whose first line is the password
    ///
    /// A file and no option for the password itself: the arguments of a process can be read by every user.
    #[arg(long, value_name = "FILE", requires = "user")]
    pub password_file: Option<PathBuf>,
    /// What becomes of it.
    #[command(flatten)]
    pub terms: Terms,
}

/// `sim show`, `sim policy`, `sim switch`, `sim unlock`, `sim puk`.
#[derive(Debug, Subcommand)]
pub enum SimCommand {
    /// Show the SIM, the attempts left, and the slots
    Show(Target),
    /// Show which policy is meant for the card, why, and which APNs it gives
    Policy(Target),
    /// Use the card in another slot, until the daemon starts again
    ///
    /// The modem leaves the network and attaches with the other SIM. Which slots are used without being told, in which
    /// order, is `slots` of `[[modem]]` in the configuration.
    Switch(SwitchArgs),
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

/// Arguments of `sim switch`.
#[derive(Debug, Clone, Args)]
pub struct SwitchArgs {
    /// Number of the slot, from 1; `lpwa sim show` has those that there are
    #[arg(value_parser = clap::value_parser!(u8).range(1..))]
    pub slot: u8,
    /// The modem.
    #[command(flatten)]
    pub target: Target,
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

/// `uplink show`, `uplink use`, `uplink log`.
#[derive(Debug, Subcommand)]
pub enum UplinkCommand {
    /// Show the links of an uplink: which has the default route and why, how the others are, what they carried
    Show(UplinkArgs),
    /// Prefer a link to all others, until lpwa is to choose again
    ///
    /// It is used at once if it works, else as soon as it does; while it does not work, another one is.
    Use(UplinkUseArgs),
    /// Print what was decided, and why
    Log(UplinkArgs),
}

/// The uplink that a command is about.
#[derive(Debug, Clone, Default, Args)]
pub struct UplinkArgs {
    /// Name of the uplink; without it all of them
    #[arg(value_name = "UPLINK")]
    pub name: Option<String>,
}

/// Arguments of `uplink use`.
#[derive(Debug, Clone, Args)]
#[command(allow_missing_positional = true)]
pub struct UplinkUseArgs {
    /// Name of the uplink; it may be left out where there is only one
    #[arg(value_name = "UPLINK")]
    pub name: Option<String>,
    /// The link, as `lpwa uplink show` has it; auto: lpwa chooses again
    #[arg(value_name = "LINK", required = true)]
    pub member: String,
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
    /// What becomes of it.
    #[command(flatten)]
    pub terms: Terms,
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
