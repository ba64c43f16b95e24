//! The last means against a modem that is dead: its supply is taken away for a moment.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::{sleep, timeout};

use crate::port::line::{Line, Output};

/// A script that has not ended by then is stopped.
const HOOK_LIMIT: Duration = Duration::from_secs(60);

/// How the supply of a modem is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Supply {
    /// A line of a GPIO chip that is active while the modem has no supply.
    Gpio(Output),
    /// The port of a USB hub that can switch its supply, by the physical path of the modem such as `1-1.2`.
    UsbPort(String),
    /// A program of the user's.
    Hook(PathBuf),
}

/// How, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PowerCut {
    /// How.
    pub supply: Supply,
    /// For how long: what is stored in capacitors has to go.
    pub off: Duration,
}

impl fmt::Display for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gpio(output) => write!(f, "GPIO {}", output.gpio),
            Self::UsbPort(path) => write!(f, "USB port {path}"),
            Self::Hook(path) => write!(f, "{}", path.display()),
        }
    }
}

impl PowerCut {
    /// Cuts the supply of `modem` and gives it back, for `reason`. The error is a sentence part.
    pub async fn cut(&self, root: &Path, modem: &str, reason: &str) -> Result<(), String> {
        match &self.supply {
            Supply::Gpio(output) => output.pulse(self.off).await,
            Supply::UsbPort(path) => self.cut_usb(root, path).await,
            Supply::Hook(program) => self.run(program, modem, reason).await,
        }
    }

    /// Linux 6.0 and later switch the ports of hubs that can (`Documentation/ABI/testing/sysfs-bus-usb`, `disable`).
    async fn cut_usb(&self, root: &Path, path: &str) -> Result<(), String> {
        let switch = root.join(switch_of(path).ok_or_else(|| format!("{path:?} is no USB path"))?);
        let put = |value: &str| {
            fs::write(&switch, value).map_err(|error| {
                format!("{} cannot be written: {error}; not every hub can switch its ports off", switch.display())
            })
        };
        put("1")?;
        sleep(self.off).await;
        put("0")
    }

    /// Without a shell, with nothing but its own environment.
    async fn run(&self, program: &Path, modem: &str, reason: &str) -> Result<(), String> {
        let failed = |why: String| format!("{} {why}", program.display());
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("LPWA_ACTION", "power-cycle").env("LPWA_MODEM", modem).env("LPWA_REASON", reason);
        command.env("LPWA_OFF_MS", self.off.as_millis().to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| failed(format!("cannot be run: {error}")))?;
        match timeout(HOOK_LIMIT, child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(failed(format!("ended with {status}"))),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_) => Err(failed("did not end within a minute, and was stopped".into())),
        }
    }
}

/// Where the port above a device is switched: `1-1.2` is port 2 of hub `1-1`, `1-1` is port 1 of the root hub `usb1`.
fn switch_of(path: &str) -> Option<PathBuf> {
    let (hub, port) = path.rsplit_once('.').or_else(|| path.split_once('-'))?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let sound = digits(port) && hub.bytes().all(|b| b.is_ascii_digit() || b"-.".contains(&b)) && !hub.is_empty();
    let (interface, name) = match hub.contains('-') {
        true => (format!("{hub}:1.0"), format!("{hub}-port{port}")),
        false => (format!("{hub}-0:1.0"), format!("usb{hub}-port{port}")),
    };
    sound.then(|| Path::new("sys/bus/usb/devices").join(interface).join(name).join("disable"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_switch_is_at_the_hub_above() {
        let switch = |path| switch_of(path).map(|path| path.display().to_string());
        assert_eq!(switch("1-1.2").as_deref(), Some("sys/bus/usb/devices/1-1:1.0/1-1-port2/disable"));
        assert_eq!(switch("2-1.4.3").as_deref(), Some("sys/bus/usb/devices/2-1.4:1.0/2-1.4-port3/disable"));
        assert_eq!(switch("1-2").as_deref(), Some("sys/bus/usb/devices/1-0:1.0/usb1-port2/disable"));
        for path in ["", "1", "1-", "../1-1.2", "1-1.2/x", "1-a"] {
            assert_eq!(switch_of(path), None, "{path:?}");
        }
    }

    fn cut(supply: Supply) -> PowerCut {
        PowerCut { supply, off: Duration::from_secs(3) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_hub_is_told_off_and_on() {
        let root = tempfile::tempdir().unwrap();
        let switch = root.path().join("sys/bus/usb/devices/1-1:1.0/1-1-port2/disable");
        fs::create_dir_all(switch.parent().unwrap()).unwrap();
        fs::write(&switch, "0").unwrap();
        let (cut, path) = (cut(Supply::UsbPort("1-1.2".into())), root.path().to_owned());
        let cutting = tokio::spawn(async move { cut.cut(&path, "m0", "it does not answer").await });
        sleep(Duration::from_secs(1)).await;
        assert_eq!(fs::read_to_string(&switch).unwrap(), "1");
        assert_eq!(cutting.await.unwrap(), Ok(()));
        assert_eq!(fs::read_to_string(&switch).unwrap(), "0");
    }

    #[tokio::test]
    async fn a_hub_that_cannot_is_named() {
        let root = tempfile::tempdir().unwrap();
        let error = cut(Supply::UsbPort("1-1.2".into())).cut(root.path(), "m0", "").await.unwrap_err();
        assert!(error.contains("1-1-port2/disable") && error.contains("not every hub"), "{error}");
    }

    #[tokio::test]
    async fn a_program_hears_what_it_is_for_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let (program, told) = (dir.path().join("cut"), dir.path().join("told"));
        fs::write(&program, format!("#!/bin/sh\nenv | grep ^LPWA | sort > {}\nexit $LPWA_EXIT\n", told.display()))
            .unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let cut = cut(Supply::Hook(program.clone()));
        cut.cut(Path::new("/"), "m0", "it does not answer; $(reboot)").await.unwrap();
        let told = fs::read_to_string(&told).unwrap();
        let expected =
            "LPWA_ACTION=power-cycle\nLPWA_MODEM=m0\nLPWA_OFF_MS=3000\nLPWA_REASON=it does not answer; $(reboot)\n";
        assert_eq!(told, expected);
        fs::write(&program, "#!/bin/sh\nexit 3\n").unwrap();
        let error = cut.cut(Path::new("/"), "m0", "").await.unwrap_err();
        assert!(error.contains("exit status: 3"), "{error}");
        fs::remove_file(&program).unwrap();
        assert!(cut.cut(Path::new("/"), "m0", "").await.unwrap_err().contains("cannot be run"));
    }
}
