//! Any bytes in any portions: the same digests, and nothing that grows without bound.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lpwa::codec::at::digest::{ANSWER_LINES_MAX, ANSWER_MAX, LINE_MAX};
use lpwa::codec::at::{Digest, Digester, Pending};

/// Every kind of command: read, prompt, plain, free text, data, set.
const COMMANDS: [&str; 6] = ["AT+CEREG?", "AT+CMGS=1", "AT", "ATI", "ATD*99#", "AT+CFUN=1"];

// The first octet chooses the size of the portions, the second the first command.
fuzz_target!(|input: &[u8]| {
    let Some(([portion, first], stream)) = input.split_first_chunk::<2>() else { return };
    let whole = digest(stream, stream.len().max(1), *first);
    assert_eq!(whole, digest(stream, usize::from(*portion).max(1), *first));
    for digest in whole {
        match digest {
            // An octet that is no UTF-8 becomes three.
            Digest::Urc(line) => assert!(line.len() <= 3 * LINE_MAX),
            Digest::Response(response) => {
                assert!(response.lines.len() <= ANSWER_LINES_MAX);
                assert!(response.lines.iter().map(String::len).sum::<usize>() <= ANSWER_MAX);
            }
            Digest::Prompt(_) | Digest::Overflow => {}
        }
    }
});

/// Each response arms for the next command; an overflow abandons the pending one.
fn digest(stream: &[u8], portion: usize, first: u8) -> Vec<Digest> {
    let mut digester = Digester::new();
    digester.set_urcs(vec!["RDY".into(), "+QIND:".into()]);
    let mut commands = COMMANDS.iter().cycle().skip(usize::from(first) % COMMANDS.len());
    let mut expect = |digester: &mut Digester| digester.expect(Pending::for_line(commands.next().unwrap_or(&"AT")));
    expect(&mut digester);
    let mut digests = Vec::new();
    for bytes in stream.chunks(portion) {
        digester.push(bytes);
        while let Some(digest) = digester.next() {
            if matches!(digest, Digest::Response(_) | Digest::Overflow) {
                expect(&mut digester);
            }
            digests.push(digest);
        }
    }
    digests
}
