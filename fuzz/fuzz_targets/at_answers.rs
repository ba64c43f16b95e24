//! Any line, read as the answer to every command: a value or an error, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lpwa::codec::at::answer::{
    clock, context, event, facility, identity, message, network, power, registration, sim,
};
use lpwa::codec::at::charset::Charset;
use lpwa::codec::at::{CmeError, CmsError, CommandLine, FinalResult, Pending, fill, quoted};

fuzz_target!(|line: &str| {
    let _ = (registration::parse(line, true), registration::parse(line, false), event::cgev(line));
    let _ = (network::cops(line), network::cops_test(line, Charset::Ucs2), network::cpol(line), network::csq(line));
    let _ = (network::cesq(line), network::ws46_test(line), clock::cclk(line).map(|clock| clock.to_string()));
    let _ = (context::cgdcont(line), context::cgdcont_test(line), context::cgact(line), context::cgatt(line));
    let _ = (context::cgpaddr(line), context::cgcontrdp(line), context::cabtrdp(line));
    let _ = (power::cfun(line), power::cpsms(line));
    let _ = (power::cedrxs(line), power::cedrxrdp(line), power::cedrxp(line), sim::cpin(line), sim::cpinr(line));
    let _ = (sim::crsm(line), sim::csim(line).map(|card| card.retries()), identity::cnum(line));
    let _ = (identity::iccid(line), identity::imei(line), identity::imsi(line));
    let _ = (facility::cgerep_test(line), facility::cmer_test(line), facility::cind_test(line));
    let _ = (facility::cscs_test(line), facility::cpms_test(line), facility::cpms(line));
    let _ = (message::cmgl(&[line, line]), message::cmgr(&[line]), message::delivered(line, line), message::cscb(line));
    let _ = (FinalResult::parse(line), CmeError::parse(line).to_string(), CmsError::parse(line).to_string());
    outgoing(line);
});

/// Nothing that goes out can hold a line end.
fn outgoing(text: &str) {
    let _ = (Pending::for_line(text), quoted(text));
    for line in [CommandLine::raw(text), fill("AT+X={a},\"{b}\"", &[("a", text), ("b", text)])].into_iter().flatten() {
        assert!(line.as_str().bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    }
}
