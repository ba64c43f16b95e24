//! What pppd is told.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use rustix::fs::{MemfdFlags, memfd_create};

use crate::private::Private;
use crate::spec::apn::PdpType;

/// A call to be taken over by pppd.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The terminal, in data mode.
    pub tty: PathBuf,
    /// Its speed, baud.
    pub baud: u32,
    /// Whether RTS and CTS are used.
    pub hardware_flow: bool,
    /// Families.
    pub pdp_type: PdpType,
    /// User name and password, where the modem wants to hear them a second time.
    pub credentials: Option<(String, Private<String>)>,
    /// Told to scripts as `ipparam`: modem and context.
    pub name: String,
}

impl Call {
    /// Whether an IPv4 address is wanted.
    pub fn wants_v4(&self) -> bool {
        self.pdp_type != PdpType::Ipv6
    }

    /// The password in a file that has no name and that nobody else sees: a command line is everybody's to read.
    pub(super) fn secrets(&self) -> io::Result<Option<File>> {
        let Some((user, password)) = &self.credentials else { return Ok(None) };
        let mut file = File::from(memfd_create("pppd-options", MemfdFlags::CLOEXEC)?);
        write!(file, "user {}\npassword {}\n", quoted(user)?, quoted(password.reveal())?)?;
        Ok(Some(file))
    }

    /// The command line. The PPP peer is the modem itself: it takes what it is offered, and its addresses are the
    /// network's; compression beyond that confuses many.
    pub(super) fn arguments(&self, secrets: Option<&File>) -> Vec<String> {
        let fixed = "nodetach logfd 1 nodefaultroute noipdefault noauth ipcp-accept-local ipcp-accept-remote \
                     nobsdcomp nodeflate noccp novj nomultilink lcp-echo-failure 0 usepeerdns nopersist maxfail 1 \
                     ip-up-script /bin/true ip-down-script /bin/true ipparam";
        let mut arguments = vec![self.tty.display().to_string(), self.baud.to_string()];
        arguments.extend(fixed.split_whitespace().map(str::to_owned));
        arguments.push(self.name.clone());
        let mut say = |word: &str| arguments.push(word.to_owned());
        say(if self.hardware_flow { "crtscts" } else { "nocrtscts" });
        match self.pdp_type {
            PdpType::Ipv6 => ["noip", "+ipv6"].into_iter().for_each(&mut say),
            PdpType::Ipv4v6 => say("+ipv6"),
            PdpType::Ipv4 | PdpType::NonIp => say("noipv6"),
        }
        if let Some(file) = secrets {
            say("file");
            say(&format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
        }
        arguments
    }
}

/// A word of an options file: in quotes, with quotes and backslashes escaped. It ends with the line.
fn quoted(word: &str) -> io::Result<String> {
    if word.chars().any(char::is_control) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a user name or password has a control character"));
    }
    Ok(format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use super::*;

    fn call(pdp_type: PdpType, credentials: Option<(&str, &str)>) -> Call {
        Call {
            tty: "/dev/ttyUSB3".into(),
            baud: 460_800,
            hardware_flow: true,
            pdp_type,
            credentials: credentials.map(|(user, password)| (user.into(), Private::new(password.into()))),
            name: "m0/1".into(),
        }
    }

    #[test]
    fn the_line_comes_first_and_the_families_are_those_of_the_context() {
        let of = |pdp_type| call(pdp_type, None).arguments(None);
        let both = of(PdpType::Ipv4v6);
        assert_eq!(both.get(..3).unwrap(), ["/dev/ttyUSB3", "460800", "nodetach"]);
        assert!(both.contains(&"crtscts".into()) && both.contains(&"+ipv6".into()) && !both.contains(&"noip".into()));
        assert!(of(PdpType::Ipv4).contains(&"noipv6".into()));
        assert!(of(PdpType::Ipv6).contains(&"noip".into()));
        for never in ["defaultroute", "persist", "detach"] {
            assert!(!both.contains(&never.into()), "{never}");
        }
    }

    #[test]
    fn a_password_is_on_no_command_line() {
        let call = call(PdpType::Ipv4, Some(("gate\"way", "s3 cr\\et")));
        let mut file = call.secrets().unwrap().unwrap();
        let arguments = call.arguments(Some(&file)).join(" ");
        assert!(!arguments.contains("et") || !arguments.contains("s3"), "{arguments}");
        assert!(arguments.ends_with(&format!("file /proc/{}/fd/{}", std::process::id(), file.as_raw_fd())));
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "user \"gate\\\"way\"\npassword \"s3 cr\\\\et\"\n");
    }

    #[test]
    fn no_option_comes_in_by_a_password() {
        assert!(call(PdpType::Ipv4, Some(("u", "p\nconnect /bin/sh"))).secrets().is_err());
    }
}
