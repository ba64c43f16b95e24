//! AT: streams of bytes, and lines as answers to every command.

use lpwa::codec::at::answer::{clock, context, event, facility, identity, message, network, power, registration, sim};
use lpwa::codec::at::charset::Charset;
use lpwa::codec::at::digest::{ANSWER_LINES_MAX, ANSWER_MAX, LINE_MAX};
use lpwa::codec::at::{CmeError, CmsError, CommandLine, Digest, Digester, FinalResult, Pending, fill, quoted};

const SESSION: &[&str] = &[
    "\r\nRDY\r\n\r\nAPP RDY\r\n",
    "AT+CEREG?\r\r\n+CEREG: 5,1,\"1A2D\",\"00D4F3C5\",8,,,\"00001010\",\"00001010\"\r\n\r\nOK\r\n",
    "\r\n+CME ERROR: SIM not inserted\r\n",
    "\r\n+QIND: \"csq\",20,99\r\n\r\n> ",
    "+CMGL: 1,1,,24\r\n07919999000000F0040B919999000000F1\r\nOK\r\n",
];

const LINES: &[&str] = &[
    "+CEREG: 5,1,\"1A2D\",\"00D4F3C5\",8,,,\"00001010\",\"00001010\"",
    "+CGDCONT: 1,\"IPV4V6\",\"iot.test\",\"10.64.1.7.255.255.255.0\",0,0",
    "+CGCONTRDP: 1,5,\"iot.test\",\"10.64.1.7.255.255.255.0\",\"\",\"192.0.2.53\",\"192.0.2.54\",,,,,1358",
    "+COPS: (2,\"lpwa test\",\"lpwa\",\"99970\",8),(1,\"other\",\"other\",\"00101\",7),,(0-4),(0-2)",
    "+CESQ: 99,99,255,255,20,47",
    "+CPINR: \"SIM PIN\",3,3",
    "+CRSM: 144,0,\"989979000000000000F1\"",
    "+CCLK: \"26/03/01,12:00:00+04\"",
    "+CEDRXRDP: 4,\"0101\",\"0101\",\"0011\"",
    "+CPSMS: 1,,,\"00101101\",\"00001010\"",
    "+CIND: (\"battchg\",(0-5)),(\"signal\",(0-5))",
    "+CPMS: (\"ME\",\"SM\"),(\"ME\",\"SM\"),(\"ME\",\"SM\")",
    "+CGEV: ME PDN ACT 1,0,2",
    "+CNUM: ,\"+999700000001\",145",
    "SIM PIN required",
    "operation not allowed",
];

pub fn streams() -> Vec<Vec<u8>> {
    SESSION.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub fn lines() -> Vec<Vec<u8>> {
    LINES.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// The stream in two portions: digests of bounded size.
pub fn digest(input: &[u8]) {
    let mut digester = Digester::new();
    digester.set_urcs(vec!["RDY".into(), "+QIND:".into()]);
    let mut commands = ["AT+CEREG?", "AT+CMGS=1", "AT", "ATI", "ATD*99#", "AT+CFUN=1"].into_iter().cycle();
    digester.expect(Pending::for_line(commands.next().unwrap()));
    for portion in input.chunks(input.len() / 2 + 1) {
        digester.push(portion);
        while let Some(digest) = digester.next() {
            match &digest {
                // An octet that is no UTF-8 becomes three.
                Digest::Urc(line) => assert!(line.len() <= 3 * LINE_MAX),
                Digest::Response(response) => {
                    assert!(response.lines.len() <= ANSWER_LINES_MAX);
                    assert!(response.lines.iter().map(String::len).sum::<usize>() <= ANSWER_MAX);
                }
                Digest::Prompt(_) | Digest::Overflow => {}
            }
            if matches!(digest, Digest::Response(_) | Digest::Overflow) {
                digester.expect(Pending::for_line(commands.next().unwrap()));
            }
        }
    }
}

/// A line, read as the words of an error: each is compared with all that the standards have.
pub fn errors(input: &[u8]) {
    let line = &*String::from_utf8_lossy(input);
    let _ = (CmeError::parse(line).to_string(), CmsError::parse(line).to_string());
}

/// A line, read as the answer to a third of the commands: which, the line decides. Each of them sees hundreds of
/// thousands of lines.
pub fn answers(input: &[u8]) {
    let line = &*String::from_utf8_lossy(input);
    match input.iter().fold(input.len(), |sum, octet| sum + usize::from(*octet)) % 3 {
        0 => networks(line),
        1 => cards(line),
        _ => messages(line),
    }
}

fn networks(line: &str) {
    let _ = (registration::parse(line, true), registration::parse(line, false), event::cgev(line));
    let _ = (network::cops(line), network::cops_test(line, Charset::Ucs2), network::cpol(line), network::csq(line));
    let _ = (network::cesq(line), network::ws46_test(line), clock::cclk(line).map(|clock| clock.to_string()));
    let _ = (context::cgdcont(line), context::cgdcont_test(line), context::cgact(line), context::cgatt(line));
}

fn cards(line: &str) {
    let _ = (context::cgpaddr(line), context::cgcontrdp(line), context::cabtrdp(line));
    let _ = (power::cfun(line), power::cpsms(line));
    let _ = (power::cedrxs(line), power::cedrxrdp(line), power::cedrxp(line), sim::cpin(line), sim::cpinr(line));
    let _ = (sim::crsm(line), sim::csim(line).map(|card| card.retries()), identity::cnum(line));
    let _ = (identity::iccid(line), identity::imei(line), identity::imsi(line));
}

fn messages(line: &str) {
    let _ = (facility::cgerep_test(line), facility::cmer_test(line), facility::cind_test(line));
    let _ = (facility::cscs_test(line), facility::cpms_test(line), facility::cpms(line));
    let _ = (message::cmgl(&[line, line]), message::cmgr(&[line]), message::delivered(line, line), message::cscb(line));
    let _ = FinalResult::parse(line);
    let _ = (Pending::for_line(line), quoted(line));
    for line in [CommandLine::raw(line), fill("AT+X={a},\"{b}\"", &[("a", line), ("b", line)])].into_iter().flatten() {
        assert!(line.as_str().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "nothing that goes out ends a line");
    }
}
