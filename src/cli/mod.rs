//! The command `lpwa`: asks the daemon over D-Bus, prints for people or for scripts.

mod act;
pub mod args;
mod choose;
pub mod decode;
pub mod exit;
mod hold;
pub mod models;
pub mod out;
pub mod plain;
pub mod plan;
mod power;
mod progress;
mod queue;
pub mod say;
pub mod scales;
mod secret;
pub mod table;
pub mod timeline;
pub mod uplink;
mod view;
pub mod watch;
pub mod words;

use std::ffi::OsString;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{CommandFactory, Parser};

use crate::bus::client::Client;
use crate::modem::handle::PowerRequest;
use crate::state::Timestamp;

use args::{
    Ask, Cli, Command, DaemonArgs, DemoArgs, Global, PowerCommand, ProfilesCommand, QueueCommand, ReplayArgs,
    SimCommand, SimsCommand, SimulateArgs, UplinkCommand,
};
use exit::Exit;
use models::ModelsDir;
use out::{Out, aside, clean};

/// The dashboard at work.
pub type Dashboard = Pin<Box<dyn Future<Output = anyhow::Result<()>>>>;

/// Commands that need more of the house than this module may use; `main` wires them.
#[derive(Debug, Clone, Copy)]
pub struct Wiring {
    /// `daemon`.
    pub daemon: fn(&Global, &DaemonArgs) -> anyhow::Result<()>,
    /// `demo`.
    pub demo: fn(&Global, &DemoArgs) -> anyhow::Result<()>,
    /// `replay`.
    pub replay: fn(&Global, &ReplayArgs) -> anyhow::Result<()>,
    /// `simulate`.
    pub simulate: fn(&Global, &SimulateArgs) -> anyhow::Result<()>,
    /// `profiles`.
    pub profiles: fn(&ProfilesCommand, &mut Out) -> anyhow::Result<()>,
    /// `sims`.
    pub sims: fn(&SimsCommand, &mut Out) -> anyhow::Result<()>,
    /// What a named power profile asks for.
    pub profile: fn(&str) -> anyhow::Result<PowerRequest>,
    /// Where the model files of this machine are.
    pub models_dir: ModelsDir,
    /// `tui`.
    pub tui: fn(Client) -> Dashboard,
}

/// Runs the command line `words`, of which the first is the program's name: `lpwad` is short for `lpwa daemon`.
pub fn main(wiring: &Wiring, words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(expand(words)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way as well; nobody may be reading them.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() };
        }
    };
    let mut out = Out::stdout(cli.global.json);
    match run(wiring, &cli, &mut out) {
        Ok(()) => Exit::Ok.into(),
        Err(error) => match error.downcast_ref::<exit::Relayed>() {
            Some(exit::Relayed(code)) => (*code).into(),
            None => report(&error).into(),
        },
    }
}

fn expand(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.into_iter().collect();
    let name = words.first().and_then(|name| Path::new(name).file_name());
    if name.is_some_and(|name| name == "lpwad") {
        words.insert(1, "daemon".into());
    }
    words
}

/// Tells what went wrong, and how the process ends.
fn report(error: &anyhow::Error) -> Exit {
    let Some(exit) = exit::code(error) else { return Exit::Ok };
    aside(&format!("lpwa: {}", clean(&format!("{error:#}"))));
    if exit == Exit::Unreachable {
        aside("      `systemctl status lpwa` tells whether an installed daemon runs, and why not.");
    }
    exit
}

/// Runs one command; what it says goes to `out`.
pub fn run(wiring: &Wiring, cli: &Cli, out: &mut Out) -> anyhow::Result<()> {
    let global = &cli.global;
    match &cli.command {
        Command::Daemon(args) => (wiring.daemon)(global, args),
        Command::Demo(args) => (wiring.demo)(global, args),
        Command::Replay(args) => (wiring.replay)(global, args),
        Command::Simulate(args) => (wiring.simulate)(global, args),
        Command::Decode(args) => decode::run(args, wiring.models_dir, out),
        Command::Modems(command) => models::run(command, wiring.models_dir, out),
        Command::Profiles(command) => (wiring.profiles)(command, out),
        Command::Sims(command) => (wiring.sims)(command, out),
        Command::Completions { shell } => completions(*shell, out),
        // The one thing about power that no daemon is needed for.
        Command::Ask(Ask::Power(PowerCommand::Plan(args))) => plan::run(args, wiring.models_dir, out),
        Command::Ask(command) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(ask(wiring, global, command, out))
        }
    }?;
    Ok(out.flush()?)
}

async fn ask(wiring: &Wiring, global: &Global, command: &Ask, out: &mut Out) -> anyhow::Result<()> {
    let client = &Client::connect(address(global).as_deref()).await?;
    match command {
        Ask::At(args) => act::at(client, args, out).await,
        Ask::Connect(args) => act::connect(client, args, out).await,
        Ask::Disable(args) => act::disable(client, args, out).await,
        Ask::Disconnect(args) => act::disconnect(client, args, out).await,
        Ask::Enable(args) => act::enable(client, args, out).await,
        Ask::List => view::list(client, out).await,
        Ask::Power(PowerCommand::Hold(args)) => hold::run(client, args).await,
        Ask::Power(PowerCommand::Plan(args)) => plan::run(args, wiring.models_dir, out),
        Ask::Power(PowerCommand::Set(args)) => act::set_power(client, args, wiring.profile, out).await,
        Ask::Power(PowerCommand::Show(args)) => power::show(client, args, out).await,
        Ask::Power(PowerCommand::Wait(args)) => power::wait(client, args, out).await,
        Ask::Queue(QueueCommand::Cancel { number, target }) => queue::cancel(client, target, *number, out).await,
        Ask::Queue(QueueCommand::List(target)) => queue::list(client, target, out).await,
        Ask::Record(args) => act::record(client, args, out).await,
        Ask::Reload => act::reload(client, out).await,
        Ask::Reset(args) => act::reset(client, args, out).await,
        Ask::Scan(args) => act::scan(client, args, out).await,
        Ask::Show(target) => view::show(client, target, out).await,
        Ask::Signal(args) => act::signal(client, args, out).await,
        Ask::Sim(SimCommand::Policy(target)) => view::show_policy(client, target, out).await,
        Ask::Sim(SimCommand::Puk(args)) => act::puk(client, args, out).await,
        Ask::Sim(SimCommand::Show(target)) => view::show_sim(client, target, out).await,
        Ask::Sim(SimCommand::Switch(args)) => act::switch_slot(client, args, out).await,
        Ask::Sim(SimCommand::Unlock(args)) => act::unlock(client, args, out).await,
        Ask::Status(target) => view::status(client, target, out).await,
        Ask::Tui => (wiring.tui)(client.clone()).await,
        Ask::Uplink(UplinkCommand::Log(args)) => uplink::log(client, args, out).await,
        Ask::Uplink(UplinkCommand::Show(args)) => uplink::show(client, args, out).await,
        Ask::Uplink(UplinkCommand::Use(args)) => uplink::prefer(client, args, out).await,
        Ask::Usage => uplink::usage(client, out).await,
        Ask::Watch(target) => watch::run(client, target, out).await,
    }
}

fn address(global: &Global) -> Option<String> {
    global.address.clone().or_else(|| std::env::var("LPWA_ADDRESS").ok().filter(|address| !address.is_empty()))
}

fn completions(shell: clap_complete::Shell, out: &mut Out) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "lpwa", &mut script);
    Ok(out.raw(&String::from_utf8_lossy(&script))?)
}

/// The time of day.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
