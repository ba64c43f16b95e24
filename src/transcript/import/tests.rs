use super::*;
use crate::transcript::{Direction, Mode};

/// The records of an import, as lines.
fn imported(text: &str) -> Vec<String> {
    import(text, "m0").unwrap().records.iter().map(ToString::to_string).collect()
}

#[test]
fn modem_manager_since_1_14() {
    let lines = imported(
        "ModemManager[335]: <dbg> [1767016030.394053] [modem0/ttyUSB2/at] --> 'AT+CEREG?<CR><LF>'\n\
         ModemManager[335]: <dbg> [1767016030.395342] [modem0/ttyUSB2/at] <-- '<CR><LF>+CEREG: 2,0<CR><LF><CR><LF>OK<CR><LF>'\n\
         ModemManager[335]: <inf> [1767016030.395416] [modem0] launching automatic network registration...\n\
         ModemManager[335]: <dbg> [1767016031.000053] [/dev/wwan0at1/at] --> 'AT+CMGS=1<CR>'\n\
         ModemManager[335]: <dbg> [1767016031.100053] [/dev/wwan0at1/at] --> 'it's\\26'\n",
    );
    assert_eq!(
        lines,
        [
            "0.000 ttyUSB2 >| AT+CEREG?\\r\\n",
            "0.001289 ttyUSB2 < +CEREG: 2,0",
            "0.001289 ttyUSB2 < OK",
            "0.606 wwan0at1 > AT+CMGS=1",
            "0.706 wwan0at1 >| it's\\x1a",
        ]
    );
}

#[test]
fn modem_manager_of_the_syslog_with_a_half_line() {
    let lines = imported(
        "Jan 11 23:59:59 gw ModemManager[385]: <debug> (ttyUSB0): --> 'AT+CEREG?<CR>'\n\
         Jan 11 23:59:59 gw ModemManager[385]: <debug> (ttyUSB0): <-- '<CR><LF>+CEREG: 2'\n\
         Jan 12 00:00:01 gw ModemManager[385]: <debug> (ttyUSB0): <-- ',0<CR><LF><CR><LF>OK<CR><LF>'\n",
    );
    assert_eq!(
        lines,
        ["0.000 ttyUSB0 > AT+CEREG?", "0.000 ttyUSB0 <| \\r\\n+CEREG: 2", "2.000 ttyUSB0 <+ ,0", "2.000 ttyUSB0 < OK",]
    );
}

#[test]
fn modem_manager_of_2012() {
    let lines = imported(
        "modem-manager[1798]: <debug> [1339849572.154128] [mm-at-serial-port.c:298] debug_log(): (ttyACM0): --> 'ATE0<CR>'\n\
         modem-manager[1798]: <debug> [1339849572.254128] [mm-at-serial-port.c:298] debug_log(): (ttyACM0): <-- 'ATE0<CR><CR><LF>OK<CR><LF>'\n",
    );
    assert_eq!(lines, ["0.000 ttyACM0 > ATE0", "0.100 ttyACM0 <| ATE0\\r", "0.100 ttyACM0 < OK"]);
}

#[test]
fn an_import_is_lenient_and_says_where_it_is_from() {
    let transcript = import("AT\nOK\n", "m0").unwrap();
    assert_eq!(transcript.header.mode(), Mode::Lenient);
    assert_eq!(transcript.header.source(), Some("terminal log"));
}

#[test]
fn a_terminal_without_times() {
    let lines = imported("Some talk before.\nRDY\n\nAT+CPIN?\n+CPIN: READY\n\nOK\nat+csq\n+CSQ: 30,99\n\nOK\n");
    assert_eq!(
        lines,
        [
            "0.000 m0 < RDY",
            "0.010 m0 > AT+CPIN?",
            "0.020 m0 < +CPIN: READY",
            "0.030 m0 < OK",
            "0.040 m0 > at+csq",
            "0.050 m0 < +CSQ: 30,99",
            "0.060 m0 < OK",
        ]
    );
}

#[test]
fn a_log_that_marks_both_ways_shows_the_echo() {
    let lines = imported(
        "2024-06-26 14:05:09:055[Send->]AT+CPIN?\n\n\
         2024-06-26 14:05:09:057[Recv<-]AT+CPIN?\n\n+CPIN: READY\n\nOK\n\n\
         2024-06-26 14:05:15:479[Recv<-]\n+APP PDP: ACTIVE\n",
    );
    assert_eq!(
        lines,
        [
            "0.000 m0 > AT+CPIN?",
            "0.002 m0 <| AT+CPIN?\\r",
            "0.002 m0 < +CPIN: READY",
            "0.002 m0 < OK",
            "6.424 m0 < +APP PDP: ACTIVE",
        ]
    );
}

#[test]
fn an_esp_idf_log() {
    let lines = imported("I (521) AT CMD: AT\nI (721) AT RESP: AT\nI (771) AT RESP:\nI (781) AT RESP: OK\n");
    assert_eq!(lines, ["0.000 m0 > AT", "0.200 m0 <| AT\\r", "0.260 m0 < OK"]);
    let lines = imported("I (829) SIM_4G: Sent command: ATI\nI (1329) SIM_4G: Received: ATI\nQuectel\n\nOK\n");
    assert_eq!(lines, ["0.000 m0 > ATI", "0.500 m0 <| ATI\\r", "0.500 m0 < Quectel", "0.500 m0 < OK"]);
}

#[test]
fn a_marked_log_with_brackets() {
    let lines = imported("[11:17:02.849] > AT\n[11:17:02.900] < OK\n");
    assert_eq!(lines, ["0.000 m0 > AT", "0.051 m0 < OK"]);
}

#[test]
fn words_are_no_commands() {
    for word in ["attached to the network", "ATTACHED", "at home"] {
        assert_eq!(import(word, "m0"), Err(ImportError::Nothing), "{word}");
    }
    for command in ["AT", "ATE0", "ATI", "ATD*99#", "at&k0", "AT+CSQ", "AT%XSIM?", "ATQ0V1E0"] {
        assert_eq!(import(command, "m0").unwrap().records[0].direction, Direction::ToModem, "{command}");
    }
}

#[test]
fn a_clock_that_runs_back_does_not_disorder() {
    let lines = imported("[12:00:05.000] > AT\n[12:00:04.000] < OK\n[12:00:06.000] > ATI\n");
    assert_eq!(lines, ["0.000 m0 > AT", "0.000 m0 < OK", "1.000 m0 > ATI"]);
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|(\\[?[0-9:.-]{0,24}\\]? ?[-<>']{0,5}[ -~]{0,20}\n){0,6}") {
        if let Ok(transcript) = import(&text, "m0") {
            proptest::prop_assert_eq!(transcript.to_string().parse::<Transcript>(), Ok(transcript));
        }
    }
}
