//! A network namespace for a test, which ends with it.

use std::future::Future;
use std::process::Command;

use lpwa::port::kernel;

/// Runs `test` on a thread in a network namespace of its own, in which nothing is but a loopback interface.
pub fn alone<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let work = std::thread::spawn(move || {
        kernel::enter_own_network()
            .expect("these tests make network namespaces: run them as root, as `make test` does");
        run("ip", &["link", "set", "lo", "up"]);
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test());
    });
    if let Err(panic) = work.join() {
        std::panic::resume_unwind(panic);
    }
}

/// What a program says in the namespace of the calling thread; it must end well.
#[track_caller]
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{program} {}: {text}", arguments.join(" "));
    text
}

/// Whether the kernel makes links of this kind, as ip(8) finds it; nothing stays.
pub fn has_links(kind: &str) -> bool {
    let number = if kind == "rmnet" { "mux_id" } else { "id" };
    run("ip", &["link", "add", "probe0", "type", "veth", "peer", "name", "probe1"]);
    let arguments = ["link", "add", "link", "probe0", "name", "probe2", "type", kind, number, "9"];
    let made = Command::new("ip").args(arguments).output().unwrap().status.success();
    run("ip", &["link", "del", "probe0"]);
    made
}

/// Everything that the kernel was told of addresses, routes and rules, as lines that can be compared.
pub fn everything() -> Vec<String> {
    let asked = [
        &["-o", "addr"][..],
        &["-4", "route", "show", "table", "all"],
        &["-6", "route", "show", "table", "all"],
        &["-4", "rule"],
        &["-6", "rule"],
    ];
    let mut lines: Vec<String> = asked
        .iter()
        .flat_map(|arguments| {
            let text = run("ip", arguments);
            // Whether the kernel still looks for the same address elsewhere is a matter of time.
            text.lines().map(|line| line.replace("tentative ", "")).collect::<Vec<_>>()
        })
        .collect();
    lines.sort();
    lines
}
