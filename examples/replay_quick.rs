#![allow(missing_docs, clippy::unwrap_used)]
use std::sync::Arc;
fn main() {
    let library = Arc::new(lpwa::modem::definition::Library::builtin());
    for f in std::env::args().skip(1) {
        let t: lpwa::transcript::Transcript = std::fs::read_to_string(&f).unwrap().parse().unwrap();
        println!("== {f}");
        match lpwa::wiring::replay::replay(&t, &library, None) {
            Ok(o) => println!("{}{:?}", o.timeline, o.mismatch),
            Err(e) => println!("ERR {e:#}"),
        }
    }
}
