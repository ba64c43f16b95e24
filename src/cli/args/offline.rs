//! Arguments of what needs no daemon.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::spec::span::Span;

/// Where things are on this machine, for commands that ask no daemon.
#[derive(Debug, Clone, Default, Args)]
pub struct Machine {
    /// Configuration that says where this machine's own files are
    ///
    /// Without it /etc/lpwa/lpwa.toml where that is there and may be read, else the usual places.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
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
    /// Where model files are.
    #[command(flatten)]
    pub machine: Machine,
}

/// Arguments of `decode`.
#[derive(Debug, Clone, Args)]
pub struct DecodeArgs {
    /// AT commands or answers, or qmi or mbim and the hexadecimal digits of frames; without any a log is read from --file
    /// or standard input
    #[arg(value_name = "LINE")]
    pub lines: Vec<String>,
    /// Log to read
    #[arg(short, long, value_name = "FILE", conflicts_with = "lines")]
    pub file: Option<PathBuf>,
    /// Model file to read vendor lines with, such as quectel-bg95; without it all are tried
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Where model files are.
    #[command(flatten)]
    pub machine: Machine,
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
    /// Where it speaks QMI too: unix:PATH, proxy to stand in for qmi-proxy, or qrtr for the QRTR node of this machine
    #[arg(long, value_name = "WHERE")]
    pub qmi: Option<String>,
    /// Where it speaks MBIM too: unix:PATH, or proxy to stand in for mbim-proxy
    #[arg(long, value_name = "WHERE")]
    pub mbim: Option<String>,
    /// Where model files are.
    #[command(flatten)]
    pub machine: Machine,
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
    List(Machine),
    /// Check model files; every mistake is told with its line
    Check {
        /// The files
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Where the files are that they may extend.
        #[command(flatten)]
        machine: Machine,
    },
}

/// `profiles list`, `profiles show`, `profiles check`.
#[derive(Debug, Subcommand)]
pub enum ProfilesCommand {
    /// List the power profiles and what they ask for
    List(Machine),
    /// Print a profile as it is written, with its reasons
    Show {
        /// Name of the profile, as `lpwa profiles list` has it
        #[arg(value_name = "NAME")]
        name: String,
        /// Where profiles are.
        #[command(flatten)]
        machine: Machine,
    },
    /// Check profile files; every mistake is told with its line
    Check {
        /// The files
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// `sims list`, `sims check`.
#[derive(Debug, Subcommand)]
pub enum SimsCommand {
    /// List the policies of a directory, and which cards they are for
    List {
        /// The directory; without it sims_dir of the configuration, else /etc/lpwa/sims.d
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// Where policies and profiles are.
        #[command(flatten)]
        machine: Machine,
    },
    /// Check policy files; every mistake is told with its line
    Check {
        /// The files
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Where profiles are.
        #[command(flatten)]
        machine: Machine,
    },
}
