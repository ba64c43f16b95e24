//! The command line of `power` and `queue`.

use std::ffi::OsString;

use clap::{Args, Subcommand};

use super::{Machine, Target, Terms};
use crate::cli::plan;
use crate::policy::energy::{Battery, Coverage, HostLink};
use crate::spec::drx::DrxCycle;
use crate::spec::rat::Rat;
use crate::spec::span::Span;

/// `power show`, `power set`, `power hold`, `power wait`, `power plan`.
#[derive(Debug, Subcommand)]
pub enum PowerCommand {
    /// Show what was asked for and granted, who waits for the modem, and the last hours with the coming windows
    Show(ShowPowerArgs),
    /// Ask for other power saving; what is not named stays as it is
    Set(PowerSetArgs),
    /// Keep a modem awake while a command runs; a sleeping one is waited for
    ///
    /// The command is run when the modem is awake; its exit code is that of lpwa. The hold ends with the command, with
    /// lpwa, or with the connection to the daemon.
    Hold(HoldArgs),
    /// Wait until a modem answers commands: at once, or at the next window of one that sleeps
    Wait(WaitArgs),
    /// Plan power saving for a device: settings, bits, AT lines, latency, charge and battery life; offline
    ///
    /// Exits with 9 where the demand cannot be met; the nearest plan is printed then.
    Plan(PowerPlanArgs),
}

/// Arguments of `power plan`.
#[derive(Debug, Clone, Args)]
pub struct PowerPlanArgs {
    /// Where model files are.
    #[command(flatten)]
    pub machine: Machine,
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
    /// 5G: register with MICO mode, in which the network reaches the modem only after it has sent something itself
    #[arg(long, groups = ["wish", "options"])]
    pub mico: bool,
    /// 5G: register without MICO mode
    #[arg(long, groups = ["wish", "options"], conflicts_with = "mico")]
    pub no_mico: bool,
    /// 5G: how often an idle modem listens for the network, 0.32s, 0.64s, 1.28s or 2.56s
    #[arg(long, groups = ["wish", "options"], value_name = "SPAN")]
    pub drx_cycle: Option<DrxCycle>,
    /// 5G: listen as often as the network says
    #[arg(long, groups = ["wish", "options"], conflicts_with = "drx_cycle")]
    pub no_drx_cycle: bool,
    /// What becomes of it.
    #[command(flatten)]
    pub terms: Terms,
}

/// Arguments of `power show`.
#[derive(Debug, Clone, Args)]
pub struct ShowPowerArgs {
    /// The modem.
    #[command(flatten)]
    pub target: Target,
    /// How far the timeline goes back
    #[arg(long, value_name = "SPAN", default_value = "6h")]
    pub last: Span,
}

/// Arguments of `power hold`.
#[derive(Debug, Clone, Args)]
pub struct HoldArgs {
    /// The modem.
    #[command(flatten)]
    pub target: Target,
    /// Why, for those who look at `lpwa power show`; without it the command
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Wake the modem where it sleeps, instead of waiting until it wakes
    #[arg(long)]
    pub wake: bool,
    /// How long to wait for the modem to wake, such as 2h; without it as long as it takes
    #[arg(long, value_name = "SPAN")]
    pub timeout: Option<Span>,
    /// The command and its arguments, after `--`
    #[arg(value_name = "COMMAND", last = true, required = true)]
    pub command: Vec<OsString>,
}

/// Arguments of `power wait`.
#[derive(Debug, Clone, Args)]
pub struct WaitArgs {
    /// The modem.
    #[command(flatten)]
    pub target: Target,
    /// Wake the modem where it sleeps, instead of waiting until it wakes
    #[arg(long)]
    pub wake: bool,
    /// How long to wait, such as 2h; without it as long as it takes
    #[arg(long, value_name = "SPAN")]
    pub timeout: Option<Span>,
}

/// `queue list`, `queue cancel`.
#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// List what waits for a modem to wake, what ended lately, and who keeps it awake
    List(Target),
    /// Take a request back, or end a hold
    Cancel {
        /// Its number, as `lpwa queue list` has it
        #[arg(value_name = "NUMBER")]
        number: u64,
        /// The modem.
        #[command(flatten)]
        target: Target,
    },
}
