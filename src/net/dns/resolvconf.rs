//! Name servers by the `resolvconf` program, Debian's or openresolv.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::lines;
use crate::net::error::NetError;
use crate::net::plan::LinkPlan;

/// What our records are called: the interface, a dot, the program (resolvconf(8)).
const SUFFIX: &str = ".lpwa";
/// Where the two programs keep their records.
const RECORDS: [&str; 3] = ["/run/resolvconf/interface", "/run/resolvconf/interfaces", "/run/resolvconf/keys"];
/// Its hooks restart name servers, which takes a while on a busy machine.
const TIME_OUT: Duration = Duration::from_secs(30);

pub async fn add(plan: &LinkPlan) -> Result<(), NetError> {
    run(&["-a", &record(&plan.interface)], &lines(plan)).await
}

pub async fn remove(interface: &str) -> Result<(), NetError> {
    run(&["-d", &record(interface)], "").await
}

/// Removes the records of an earlier life.
pub async fn clean() {
    let names = RECORDS.iter().filter_map(|dir| fs::read_dir(dir).ok()).flatten().flatten();
    for name in names.filter_map(|entry| entry.file_name().into_string().ok()) {
        if let Some(interface) = name.strip_suffix(SUFFIX) {
            super::tell(remove(interface).await);
        }
    }
}

fn record(interface: &str) -> String {
    format!("{interface}{SUFFIX}")
}

async fn run(arguments: &[&str], input: &str) -> Result<(), NetError> {
    let doing = || format!("running resolvconf {}", arguments.join(" "));
    let refused = |reason: String| NetError::Refused { doing: doing(), reason };
    let work = async {
        let mut child = Command::new("resolvconf")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).await?;
        }
        child.wait_with_output().await
    };
    match timeout(TIME_OUT, work).await {
        Err(_) => Err(refused("it did not end within 30 s".into())),
        Ok(Err(error)) => Err(NetError::refused(doing(), &error)),
        Ok(Ok(output)) if output.status.success() => Ok(()),
        Ok(Ok(output)) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(refused(format!("{}: {}", output.status, said.lines().next().unwrap_or_default())))
        }
    }
}
