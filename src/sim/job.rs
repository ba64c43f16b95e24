//! One command line at a time: reading it, running its commands in order, sending the answer.

use std::collections::VecDeque;
use std::time::Duration;

use super::agenda::Due;
use super::at;
use super::at::answer::{Answer, AtError, Reply, Then};
use super::at::line::Command;
use super::fault::{Fault, FaultKind, spoil};
use super::modem::{Mode, SimModem};
use super::power::Power;
use super::wire::MAX_LINE;

/// Guard time before and after `+++` (S12 of most modems).
const GUARD: Duration = Duration::from_secs(1);

/// A command line in progress.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// Commands that are not run yet.
    commands: VecDeque<Command>,
    /// What the present one comes to.
    reply: Reply,
    /// What will go wrong with the answer.
    fault: Option<Fault>,
}

impl SimModem {
    /// Reads lines until one keeps the modem busy.
    pub(super) fn read_lines(&mut self) {
        while self.job.is_none() && self.mode != (Mode::Data { plus: false }) && matches!(self.power, Power::On { .. })
        {
            let Some(line) = self.input.line() else { return };
            self.begin(line);
        }
    }

    fn begin(&mut self, mut line: Vec<u8>) {
        let mut text = String::from_utf8_lossy(&line).into_owned();
        if self.settings.echo {
            line.push(b'\r');
            self.send(line);
        }
        if text.eq_ignore_ascii_case("A/") {
            text.clone_from(&self.last_line);
        }
        // Whatever stands before AT is noise (V.250 clause 5.2.1); a line without it is none.
        let Some(start) = text.to_ascii_uppercase().find("AT") else { return };
        let (text, body) = (text.get(start..).unwrap_or_default(), text.get(start + 2..).unwrap_or_default());
        self.meter.command(self.now, text);
        text.clone_into(&mut self.last_line);
        let fault = self.faults.strike(self.meter.commands, self.now);
        if let Some(fault) = fault.filter(|f| matches!(f.kind, FaultKind::Hang | FaultKind::Reboot | FaultKind::Vanish))
        {
            return self.strike(&fault);
        }
        let parsed = if text.len() > MAX_LINE { Err(at::line::BadLine) } else { at::line::parse(body) };
        self.start(parsed, fault);
    }

    fn start(&mut self, parsed: Result<Vec<Command>, at::line::BadLine>, fault: Option<Fault>) {
        let mut job = Job { commands: VecDeque::new(), reply: Ok(Answer::ok()), fault };
        let mut wait = Duration::ZERO;
        match (&fault, parsed) {
            (Some(Fault { kind: FaultKind::Error, code, .. }), _) => {
                job.reply = Err(code.map_or(AtError::Plain, AtError::Cme));
            }
            (_, Err(at::line::BadLine)) => job.reply = Err(AtError::Plain),
            (_, Ok(commands)) => job.commands = commands.into(),
        }
        if let Some(slow) = fault.filter(|f| f.kind == FaultKind::Slow) {
            wait = slow.span();
        }
        self.next(job, wait);
    }

    /// Runs the next command of `job`; its answer is due after its time and `wait`.
    fn next(&mut self, mut job: Job, wait: Duration) {
        if let Some(command) = job.commands.pop_front() {
            job.reply = at::execute(self, &command);
        }
        let takes = job.reply.as_ref().map_or(Duration::ZERO, |answer| answer.takes);
        let due = self.now.saturating_add(self.profile.answer).saturating_add(takes).saturating_add(wait);
        self.job = Some(job);
        self.agenda.at(due, Due::Answer);
    }

    /// The present command has its answer.
    pub(super) fn answer(&mut self) {
        let Some(mut job) = self.job.take() else { return };
        match std::mem::replace(&mut job.reply, Ok(Answer::ok())) {
            Err(error) => {
                let line = error.line(self.settings.cmee);
                self.respond(&mut job, &[], &line);
            }
            Ok(answer) if !job.commands.is_empty() && answer.then == Then::Nothing => {
                self.respond(&mut job, &answer.lines, "");
                return self.next(job, Duration::ZERO);
            }
            Ok(answer) => {
                self.respond(&mut job, &answer.lines, result_of(answer.then));
                self.afterwards(answer.then);
            }
        }
        self.read_lines();
    }

    fn afterwards(&mut self, then: Then) {
        match then {
            Then::Nothing | Then::NoCarrier => {}
            Then::Reboot => self.boot(false),
            Then::PowerOff => self.power_off(),
            Then::Data => self.mode = Mode::Data { plus: false },
        }
    }

    /// Sends information lines and a final result (V.250 clause 5.7), spoilt if a fault wants it.
    fn respond(&mut self, job: &mut Job, lines: &[String], result: &str) {
        let mut text = String::new();
        if !lines.is_empty() {
            let (before, after) = if self.settings.verbose { ("\r\n", "\r\n") } else { ("", "\r\n") };
            text = format!("{before}{}{after}", lines.join("\r\n"));
        }
        text.push_str(&self.final_result(result));
        if text.is_empty() {
            return;
        }
        let Some(fault) = job.fault.take() else { return self.send(text.into_bytes()) };
        for (wait, piece) in spoil(&fault, text.into_bytes(), &mut self.random) {
            self.send_at(self.now.saturating_add(wait), piece);
        }
    }

    fn final_result(&self, result: &str) -> String {
        if result.is_empty() || self.settings.quiet {
            return String::new();
        }
        // V.250 table 1: numbers of the results; +CME ERROR has none (TS 27.007 clause 9.2).
        let number = match result {
            "OK" => "0",
            "NO CARRIER" => "3",
            "ERROR" => "4",
            _ if result.starts_with("CONNECT") => "1",
            _ => return format!("\r\n{result}\r\n"),
        };
        if self.settings.verbose { format!("\r\n{result}\r\n") } else { format!("{number}\r") }
    }

    /// Bytes of a data call: traffic on the air, or the way out of it.
    pub(super) fn data(&mut self, bytes: &[u8]) {
        self.agenda.cancel(&Due::Escape);
        let plus = bytes == b"+++" && self.now.saturating_sub(self.last_byte) >= GUARD;
        self.mode = Mode::Data { plus };
        if plus {
            self.agenda.at(self.now.saturating_add(GUARD), Due::Escape);
        } else {
            self.use_air();
        }
    }

    /// A second of silence after `+++`: back to commands, the call stays.
    pub(super) fn escape(&mut self) {
        self.mode = Mode::OnHold;
        let ok = self.final_result("OK");
        self.send(ok.into_bytes());
    }

    /// Ends a call, if there is one.
    pub(super) fn hang_up(&mut self) {
        self.agenda.cancel(&Due::Escape);
        self.mode = Mode::Command;
    }

    /// The network ended the call.
    pub(super) fn no_carrier(&mut self) {
        if self.mode != Mode::Command {
            self.hang_up();
            let result = self.final_result("NO CARRIER");
            self.send(result.into_bytes());
        }
    }

    /// Bytes to the host, now.
    pub(super) fn send(&mut self, bytes: Vec<u8>) {
        self.send_at(self.now, bytes);
    }

    fn send_at(&mut self, at: Duration, bytes: Vec<u8>) {
        if self.port.open && self.port.present {
            self.output.push(at, bytes);
        }
    }
}

const fn result_of(then: Then) -> &'static str {
    match then {
        Then::Nothing | Then::Reboot | Then::PowerOff => "OK",
        Then::Data => "CONNECT 150000000",
        Then::NoCarrier => "NO CARRIER",
    }
}
