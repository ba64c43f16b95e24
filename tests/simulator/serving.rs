//! A simulated modem on a line: in process, pty, sockets.

use std::time::Duration;

use lpwa::modem::definition::Library;
use lpwa::sim::{Event, Place, Scenario, SimModem, Simulated};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

fn modem(rest: &str) -> SimModem {
    let text = format!("[modem]\nmodel = \"quectel-bg95\"\nboot = \"3s\"\nanswer = \"0s\"\n{rest}");
    let scenario: Scenario = text.parse().unwrap();
    scenario.build(Library::builtin().get(scenario.model()).unwrap())
}

async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), line: &str) -> String {
    stream.write_all(format!("{line}\r").as_bytes()).await.unwrap();
    until(stream, "OK\r\n").await
}

/// Reads until `end` has come.
async fn until(stream: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains(end) {
        let mut byte = [0; 256];
        match stream.read(&mut byte).await.unwrap() {
            0 => panic!("closed after {:?}", String::from_utf8_lossy(&seen)),
            n => seen.extend(&byte[..n]),
        }
    }
    String::from_utf8_lossy(&seen).into_owned()
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_come_and_go_and_time_goes_on() {
    let modem = Simulated::new(modem(""));
    let mut line = modem.open().unwrap();
    ask(&mut line, "ATE0").await;
    ask(&mut line, "AT+CEREG=1").await;
    assert_eq!(until(&mut line, "+CEREG: 1\r\n").await, "\r\n+CEREG: 1\r\n");
    drop(line);
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let mut line = modem.open().unwrap();
    assert_eq!(
        ask(&mut line, "AT+CEREG?").await,
        "\r\n+CEREG: 1,1\r\n\r\nOK\r\n",
        "echo and settings are as they were"
    );
    let meter = modem.meter();
    assert_eq!((meter.commands, meter.boots), (3, 0));
    // ATE0, AT+CEREG=1, AT+CEREG?, each with its CR; one echo, three OK, one notice, one information line.
    assert_eq!((meter.bytes_in, meter.bytes_out), (5 + 11 + 10, 5 + 3 * 6 + 13 + 15));
    assert!(meter.awake(modem.now()) >= Duration::from_secs(3600));
}

#[tokio::test(start_paused = true)]
async fn events_and_the_wake_line_work_from_outside() {
    let modem = Simulated::new(modem(""));
    let mut line = modem.open().unwrap();
    ask(&mut line, "ATE0+CPSMS=1,,,\"00111000\",\"00000101\"").await;
    until(&mut line, "PSM POWER DOWN\r\n").await;
    modem.wake();
    until(&mut line, "APP RDY\r\n").await;
    ask(&mut line, "ATE0+CEREG=1").await;
    modem.happen(Event::Coverage(false));
    until(&mut line, "+CEREG: 2\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn a_vanishing_port_ends_the_connection_and_refuses_another() {
    let modem = Simulated::new(modem("[[fault]]\nkind = \"vanish\"\ncommand = 2\nfor = \"30s\""));
    let mut line = modem.open().unwrap();
    ask(&mut line, "ATE0").await;
    line.write_all(b"AT+CSQ\r").await.unwrap();
    assert_eq!(line.read(&mut [0; 16]).await.unwrap(), 0);
    assert!(modem.open().is_err());
    tokio::time::sleep(Duration::from_secs(31)).await;
    let mut line = modem.open().unwrap();
    assert_eq!(ask(&mut line, "AT").await, "\r\nOK\r\n");
}

#[tokio::test]
async fn sockets_and_ptys_are_places() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("modem");
    let name = format!("lpwa-test-{}", std::process::id());
    for place in [Place::Unix(path.clone()), Place::Pty(path.clone()), Place::Abstract(name.clone())] {
        let modem = Simulated::new(modem(""));
        let server = tokio::spawn({
            let (modem, place) = (modem.clone(), place.clone());
            async move { modem.serve_at(&place).await }
        });
        for echo in ["ATE0\r", ""] {
            let mut stream = connect(&place).await;
            assert_eq!(ask(&mut stream, "ATE0").await, format!("{echo}\r\nOK\r\n"), "{place:?}");
        }
        server.abort();
        assert!(server.await.is_err());
        assert!(!path.exists(), "{place:?} leaves nothing behind");
    }
}

async fn connect(place: &Place) -> Box<dyn lpwa::port::Stream> {
    loop {
        tokio::task::yield_now().await;
        match place {
            Place::Pty(path) if path.exists() => {
                let spec = lpwa::port::PortSpec::tty(path);
                return lpwa::port::open(&spec).await.unwrap();
            }
            Place::Unix(path) => {
                if let Ok(stream) = tokio::net::UnixStream::connect(path).await {
                    return Box::new(stream);
                }
            }
            Place::Abstract(name) => {
                use std::os::linux::net::SocketAddrExt;
                let address = std::os::unix::net::SocketAddr::from_abstract_name(name).unwrap();
                if let Ok(stream) = std::os::unix::net::UnixStream::connect_addr(&address) {
                    stream.set_nonblocking(true).unwrap();
                    return Box::new(tokio::net::UnixStream::from_std(stream).unwrap());
                }
            }
            Place::Pty(_) | Place::Tcp(_) | Place::Qrtr => {}
        }
    }
}

#[tokio::test]
async fn tcp_is_for_this_machine_only() {
    let modem = Simulated::new(modem(""));
    let error = modem.serve_at(&Place::Tcp("192.0.2.1:0".parse().unwrap())).await.unwrap_err();
    assert!(error.to_string().contains("no loopback address"), "{error}");
    // A port that is free now; nobody else here takes ports.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = tokio::spawn({
        let modem = modem.clone();
        async move { modem.serve_at(&Place::Tcp(free)).await }
    });
    let mut stream = loop {
        tokio::task::yield_now().await;
        if let Ok(stream) = tokio::net::TcpStream::connect(free).await {
            break stream;
        }
    };
    ask(&mut stream, "AT").await;
    server.abort();
}

#[tokio::test]
async fn a_stale_socket_is_replaced_and_a_file_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("modem");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let server = tokio::spawn({
        let (modem, place) = (Simulated::new(modem("")), Place::Unix(path.clone()));
        async move { modem.serve_at(&place).await }
    });
    let mut stream = connect(&Place::Unix(path.clone())).await;
    ask(&mut stream, "AT").await;
    server.abort();
    let _ = server.await;
    std::fs::write(&path, "precious").unwrap();
    let error = Simulated::new(modem("")).serve_at(&Place::Unix(path.clone())).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}
