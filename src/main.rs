//! The multi-call binary: `lpwa`, and `lpwad` for `lpwa daemon`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lpwa::cli::main(&lpwa::wiring::WIRING, std::env::args_os())
}
