//! Commands of TS 27.007 and TS 27.005, as far as a bring-up needs them.

use at_commands::builder::{CommandBuilder, Set};

use super::{COMMAND_MAX, CommandLine, InvalidCommand, quoted};
use crate::spec::apn::{Apn, PdpType};
use crate::spec::plmn::Plmn;

pub use crate::spec::apn::Authentication;

/// What a command function gives.
pub type Built = Result<CommandLine, InvalidCommand>;

/// The longest line and its CR.
const ROOM: usize = COMMAND_MAX + 1;

/// Checks what the builder wrote.
fn checked(written: Result<&[u8], usize>) -> Built {
    let line = written.map_err(InvalidCommand::Long)?;
    CommandLine::raw(&String::from_utf8_lossy(line))
}

/// The set form of `name` with the parameters that `write` adds.
fn set_with(name: &str, write: impl FnOnce(CommandBuilder<'_, Set>) -> CommandBuilder<'_, Set>) -> Built {
    checked(write(CommandBuilder::create_set(&mut [0; ROOM], true).named(name)).finish_with(b"\r"))
}

/// `AT`: does the modem answer?
pub fn attention() -> Built {
    CommandLine::raw("AT")
}

/// The command without parameters, such as `AT+CGMM` for `+CGMM`.
pub fn execute(name: &str) -> Built {
    checked(CommandBuilder::create_execute(&mut [0; ROOM], true).named(name).finish_with(b"\r"))
}

/// The read form, such as `AT+CPIN?` for `+CPIN`.
pub fn read(name: &str) -> Built {
    checked(CommandBuilder::create_query(&mut [0; ROOM], true).named(name).finish_with(b"\r"))
}

/// The test form, such as `AT+CEREG=?` for `+CEREG`.
pub fn test(name: &str) -> Built {
    checked(CommandBuilder::create_test(&mut [0; ROOM], true).named(name).finish_with(b"\r"))
}

/// A set form with one number, such as `AT+CMEE=1` for `+CMEE` and 1.
pub fn set(name: &str, value: u8) -> Built {
    set_with(name, |command| command.with_int_parameter(value))
}

/// `+CFUN` (clause 8.2): 0 minimum, 1 full, 4 radio off; `reset` restarts the modem first.
pub fn cfun(level: u8, reset: bool) -> Built {
    set_with("+CFUN", |command| {
        let command = command.with_int_parameter(level);
        if reset { command.with_int_parameter(1) } else { command }
    })
}

/// `+CPIN` (clause 8.3) with the PIN, 4 to 8 digits.
pub fn cpin(pin: &str) -> Built {
    let pin = code(pin, 4)?;
    Ok(set_with("+CPIN", |command| command.with_string_parameter(pin))?.secret())
}

/// `+CPIN` (clause 8.3) with the PUK, 8 digits, and a new PIN, 4 to 8 digits.
pub fn cpin_puk(puk: &str, new_pin: &str) -> Built {
    let (puk, new_pin) = (code(puk, 8)?, code(new_pin, 4)?);
    Ok(set_with("+CPIN", |command| command.with_string_parameter(puk).with_string_parameter(new_pin))?.secret())
}

fn code(digits: &str, least: usize) -> Result<&str, InvalidCommand> {
    let good = (least..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    good.then_some(digits).ok_or(InvalidCommand::Code)
}

/// `+CRSM` (clause 8.18): READ BINARY of a transparent file, `length` octets of it; 0: all of it.
pub fn crsm_read(file: u16, length: u8) -> Built {
    set_with("+CRSM", |command| {
        let command = command.with_int_parameter(176_u8).with_int_parameter(file);
        command.with_int_parameter(0_u8).with_int_parameter(0_u8).with_int_parameter(length)
    })
}

/// `+CGDCONT` (clause 10.1.1): defines context `cid`. The empty APN leaves the choice to the network.
pub fn cgdcont(cid: u8, pdp_type: PdpType, apn: &Apn) -> Built {
    let apn = quoted(apn.as_str())?;
    set_with("+CGDCONT", |command| {
        let command = command.with_int_parameter(cid).with_string_parameter(pdp_type.at_name());
        command.with_string_parameter(apn.as_str())
    })
}

/// `+CGAUTH` (clause 10.1.31): credentials of context `cid`.
pub fn cgauth(cid: u8, protocol: Authentication, user: &str, password: &str) -> Built {
    let protocol = match protocol {
        Authentication::Pap => 1,
        Authentication::Chap => 2,
    };
    let (user, password) = (quoted(user)?, quoted(password)?);
    let line = set_with("+CGAUTH", |command| {
        let command = command.with_int_parameter(cid).with_int_parameter(protocol);
        command.with_string_parameter(user.as_str()).with_string_parameter(password.as_str())
    })?;
    Ok(line.secret())
}

/// `+CGAUTH` (clause 10.1.31): no authentication for context `cid`.
pub fn cgauth_none(cid: u8) -> Built {
    set_with("+CGAUTH", |command| command.with_int_parameter(cid).with_int_parameter(0))
}

/// `+CGACT` (clause 10.1.10): activates or deactivates context `cid`.
pub fn cgact(active: bool, cid: u8) -> Built {
    set_with("+CGACT", |command| command.with_int_parameter(u8::from(active)).with_int_parameter(cid))
}

/// `+CABTRDP` (clause 10.1.42): the back-off timer that runs for an APN; of the empty one, all that run.
pub fn cabtrdp(apn: &Apn) -> Built {
    if apn.as_str().is_empty() {
        return execute("+CABTRDP");
    }
    let apn = quoted(apn.as_str())?;
    set_with("+CABTRDP", |command| command.with_string_parameter(apn.as_str()))
}

/// `D*99***<cid>#`: a data call on a context (clause 10.2.1.1).
pub fn dial(cid: u8) -> Built {
    CommandLine::raw(&format!("ATD*99***{cid}#"))
}

/// `H`: ends a call (V.250 clause 6.3.6).
pub fn hang_up() -> Built {
    CommandLine::raw("ATH")
}

/// `+CGATT` (clause 10.1.9): attaches to or detaches from the packet domain.
pub fn cgatt(attached: bool) -> Built {
    set("+CGATT", u8::from(attached))
}

/// `+CGCONTRDP` (clause 10.1.23): addresses, name servers and MTU of context `cid`.
pub fn cgcontrdp(cid: u8) -> Built {
    set("+CGCONTRDP", cid)
}

/// `+CGPADDR` (clause 10.1.14): addresses of context `cid`.
pub fn cgpaddr(cid: u8) -> Built {
    set("+CGPADDR", cid)
}

/// `+CPSMS` (clause 7.38): asks for PSM with T3412 extended and T3324, 8 binary digits each.
pub fn cpsms(periodic_tau: &str, active_time: &str) -> Built {
    let (periodic_tau, active_time) = (bits(periodic_tau, 8)?, bits(active_time, 8)?);
    set_with("+CPSMS", |command| {
        let command = command.with_int_parameter(1).with_empty_parameter().with_empty_parameter();
        command.with_string_parameter(periodic_tau).with_string_parameter(active_time)
    })
}

/// `+CPSMS` (clause 7.38): no PSM.
pub fn cpsms_off() -> Built {
    set("+CPSMS", 0)
}

/// `+CEDRXS` (clause 7.40): `mode` 1 on, 2 on with `+CEDRXP` notices; `cycle` is 4 binary digits.
pub fn cedrxs(mode: u8, act_type: u8, cycle: &str) -> Built {
    let cycle = bits(cycle, 4)?;
    set_with("+CEDRXS", |command| {
        command.with_int_parameter(mode).with_int_parameter(act_type).with_string_parameter(cycle)
    })
}

/// `+CEDRXS` (clause 7.40): no eDRX on `act_type`.
pub fn cedrxs_off(act_type: u8) -> Built {
    set_with("+CEDRXS", |command| command.with_int_parameter(0).with_int_parameter(act_type))
}

fn bits(text: &str, digits: usize) -> Result<&str, InvalidCommand> {
    let good = text.len() == digits && text.bytes().all(|b| matches!(b, b'0' | b'1'));
    good.then_some(text).ok_or_else(|| InvalidCommand::Bits(text.to_owned(), digits))
}

/// `+COPS` (clause 7.3): the modem chooses the network.
pub fn cops_automatic() -> Built {
    set("+COPS", 0)
}

/// `+COPS` (clause 7.3): registers with `plmn` and no other, on `act` where it is given.
pub fn cops_manual(plmn: Plmn, act: Option<u8>) -> Built {
    set_with("+COPS", |command| {
        let command = command.with_int_parameter(1).with_int_parameter(2).with_string_parameter(plmn.to_string());
        if let Some(act) = act { command.with_int_parameter(act) } else { command }
    })
}

/// `+COPS` (clause 7.3): registers with `plmn` if it is there, else as the SIM has it (mode 4).
pub fn cops_prefer(plmn: Plmn) -> Built {
    set_with("+COPS", |command| {
        command.with_int_parameter(4).with_int_parameter(2).with_string_parameter(plmn.to_string())
    })
}

/// `+COPS` (clause 7.3): deregisters.
pub fn cops_deregister() -> Built {
    set("+COPS", 2)
}

/// `+COPS` (clause 7.3): the read form tells the network's number from now on. Its name is often the SIM's word.
pub fn cops_numeric() -> Built {
    set_with("+COPS", |command| command.with_int_parameter(3).with_int_parameter(2))
}

/// `+CMER` (clause 8.10): where notices of `+CIEV` go; no keypad, no display.
pub fn cmer(mode: u8, indicators: u8) -> Built {
    set_with("+CMER", |command| {
        let command = command.with_int_parameter(mode).with_int_parameter(0).with_int_parameter(0);
        command.with_int_parameter(indicators)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(built: Built) -> String {
        built.expect("valid").as_str().to_owned()
    }

    #[test]
    fn lines_are_those_of_the_standard() {
        assert_eq!(text(read("+CPIN")), "AT+CPIN?");
        assert_eq!(text(execute("+CGMM")), "AT+CGMM");
        assert_eq!(text(test("+COPS")), "AT+COPS=?");
        assert_eq!(text(cfun(4, false)), "AT+CFUN=4");
        assert_eq!(text(cfun(1, true)), "AT+CFUN=1,1");
        assert_eq!(text(cpin_puk("12345678", "0000")), "AT+CPIN=\"12345678\",\"0000\"");
        let apn = "iot.example".parse().unwrap();
        assert_eq!(text(cgdcont(1, PdpType::Ipv4v6, &apn)), "AT+CGDCONT=1,\"IPV4V6\",\"iot.example\"");
        assert_eq!(text(cgauth(1, Authentication::Chap, "u", "p")), "AT+CGAUTH=1,2,\"u\",\"p\"");
        assert_eq!(text(cgauth_none(1)), "AT+CGAUTH=1,0");
        assert_eq!(text(crsm_read(0x6F46, 17)), "AT+CRSM=176,28486,0,0,17");
        assert_eq!(text(dial(3)), "ATD*99***3#");
        assert_eq!(text(cgact(true, 1)), "AT+CGACT=1,1");
        assert_eq!(text(cpsms("00100001", "00000000")), "AT+CPSMS=1,,,\"00100001\",\"00000000\"");
        assert_eq!(text(cedrxs(2, 4, "1010")), "AT+CEDRXS=2,4,\"1010\"");
        let plmn = "00101".parse().unwrap();
        assert_eq!(text(cops_manual(plmn, Some(9))), "AT+COPS=1,2,\"00101\",9");
        assert_eq!(text(cops_manual(plmn, None)), "AT+COPS=1,2,\"00101\"");
        assert_eq!(text(cops_prefer(plmn)), "AT+COPS=4,2,\"00101\"");
        assert_eq!(text(cops_numeric()), "AT+COPS=3,2");
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        assert_eq!(cpin("12a4"), Err(InvalidCommand::Code));
        assert_eq!(cpin("123"), Err(InvalidCommand::Code));
        assert_eq!(cpin_puk("1234", "0000"), Err(InvalidCommand::Code));
        assert!(cgauth(1, Authentication::Pap, "a\"", "b").is_err());
        assert!(cpsms("0010000", "00000000").is_err());
        assert!(cedrxs(1, 4, "10102").is_err());
        assert!(cpin("1234").unwrap().is_secret());
    }
}
