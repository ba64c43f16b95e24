//! Why pppd ended, by its exit status (pppd(8), EXIT STATUS).

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// The reason and what to do, as a sentence part; `last` is the last line of its log.
pub fn reason(status: ExitStatus, last: &str) -> String {
    let Some(code) = status.code() else {
        return format!("pppd was killed by signal {}", status.signal().unwrap_or_default());
    };
    let said = if last.is_empty() { String::new() } else { format!(" ({last})") };
    match words(code) {
        Some((what, "")) => format!("pppd ended: {what}{said}"),
        Some((what, advice)) => format!("pppd ended: {what}{said}; {advice}"),
        None => format!("pppd ended with status {code}, which is none that it documents{said}"),
    }
}

/// What happened, and what to do about it.
const fn words(code: i32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        0 => ("the connection was closed", ""),
        1 => ("a system call failed or memory ran out", "see the daemon's log at level debug"),
        2 => ("it does not know one of its options", "pppd 2.4.7 or newer is needed"),
        3 => ("it may not run without root's rights", "run the daemon as root"),
        4 => (
            "the kernel has no PPP: there is no /dev/ppp",
            "load it with `modprobe ppp_async`, or use a kernel with CONFIG_PPP and CONFIG_PPP_ASYNC",
        ),
        5 => ("it was told to end", ""),
        6 => ("the line is locked by another program", "`fuser` names who has it open"),
        7 => ("the line could not be opened", "is the modem plugged in, and the port right?"),
        8 => ("its connect script failed", ""),
        9 => ("its pty program failed", ""),
        10 => (
            "the modem gave no address",
            "check APN and pdp_type; a modem that is dialled on a context that is IPv6 only gives no IPv4 address",
        ),
        11 => ("the modem did not authenticate itself", "no modem has to; report this"),
        12 => ("the link was idle", ""),
        13 => ("the time allowed for a connection is over", ""),
        14 => ("a call back was negotiated", ""),
        15 => ("the modem no longer answers on the line", "it may have crashed; it is looked for anew"),
        16 => ("the modem hung up: the network ended the context, or the modem was restarted", ""),
        17 => (
            "the line answers with what is sent to it",
            "the modem is not in data mode, or another program switched its echo on",
        ),
        18 => ("its init script failed", ""),
        19 => ("user name or password were refused", "check user and password_file"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exited(code: i32) -> ExitStatus {
        ExitStatus::from_raw(code << 8)
    }

    #[test]
    fn every_documented_status_has_words() {
        for code in 0..=19 {
            assert!(words(code).is_some(), "{code}");
        }
        assert!(reason(exited(4), "").contains("modprobe ppp_async"));
        assert_eq!(
            reason(exited(19), "CHAP authentication failed"),
            "pppd ended: user name or password were refused (CHAP authentication failed); check user and password_file"
        );
        assert!(reason(exited(77), "").contains("status 77"));
        assert_eq!(reason(ExitStatus::from_raw(9), "x"), "pppd was killed by signal 9");
    }
}
