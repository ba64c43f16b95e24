//! A program of the integrator's that is told of links.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::links::LinkId;
use super::plan::LinkPlan;
use crate::state::Bearer;

/// A hook that takes longer is killed.
const TIME_OUT: Duration = Duration::from_secs(60);
/// Where programs that the hook runs are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Lines of complaints are shown up to this length.
const SHOWN: usize = 200;

/// What most hooks lack that do not start.
const ADVICE: &str = "it has to be executable, and a script starts with #! and its interpreter";

/// What a hook is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A bearer can be used.
    Up,
    /// It can no longer.
    Down,
}

impl Event {
    /// `up`, `down`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// A program, run without a shell: its one argument is the event, and everything else is in its environment, which has
/// nothing beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook(pub PathBuf);

impl Hook {
    /// Runs it and waits; the error is a sentence.
    pub async fn run(&self, event: Event, id: &LinkId, bearer: &Bearer, plan: &LinkPlan) -> Result<(), String> {
        let mut command = Command::new(&self.0);
        command.arg(event.name()).env_clear().env("PATH", PATH).envs(environment(event, id, bearer, plan));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let name = self.0.display();
        match timeout(TIME_OUT, command.output()).await {
            Err(_) => Err(format!("the hook {name} did not end within {} s and was killed", TIME_OUT.as_secs())),
            Ok(Err(error)) => Err(format!("the hook {name} cannot be run: {error}; {ADVICE}")),
            Ok(Ok(output)) if output.status.success() => Ok(()),
            Ok(Ok(output)) => {
                let said: String = String::from_utf8_lossy(&output.stderr).chars().take(SHOWN).collect();
                let said = said.lines().next().unwrap_or("it said nothing").to_owned();
                Err(format!("the hook {name} failed with {}: {said}", output.status))
            }
        }
    }
}

fn environment(event: Event, id: &LinkId, bearer: &Bearer, plan: &LinkPlan) -> Vec<(&'static str, String)> {
    fn list<T: ToString>(items: &[T]) -> String {
        items.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
    }
    let number = |n: Option<String>| n.unwrap_or_default();
    vec![
        ("LPWA_EVENT", event.name().into()),
        ("LPWA_MODEM", id.modem.clone()),
        ("LPWA_CONTEXT", id.context.to_string()),
        ("LPWA_APN", bearer.apn.to_string()),
        ("LPWA_INTERFACE", plan.interface.clone()),
        ("LPWA_ADDRESSES", list(&plan.addresses)),
        ("LPWA_GATEWAYS", list(&plan.gateways)),
        ("LPWA_DNS", list(&plan.dns)),
        ("LPWA_MTU", number(plan.mtu.map(|mtu| mtu.to_string()))),
        ("LPWA_METRIC", number(plan.metric.map(|metric| metric.to_string()))),
        ("LPWA_TABLE", plan.table.to_string()),
    ]
}
