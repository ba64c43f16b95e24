//! Ports: ptys and sockets for real, the wrappers in virtual time.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use lpwa::port::discovery::{self, ControlDevice, discover};
use lpwa::port::fault::{Fault, FaultInjector, FaultKind};
use lpwa::port::line::{Dtr, Line};
use lpwa::port::pty::Pty;
use lpwa::port::recorder::{Recorder, Ring};
use lpwa::port::replay::Replayer;
use lpwa::port::watch::Watcher;
use lpwa::port::wdm::{self, Wdm};
use lpwa::port::{BoxStream, OpenError, PortSpec, open, open_with};
use lpwa::transcript::session::Session;
use lpwa::transcript::{Direction, Transcript};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{TcpListener, UnixListener};
use tokio::time::{Instant, sleep, timeout};

/// Reads exactly as many bytes as `expected` has; a test that would wait for ever fails instead.
async fn expect(stream: &mut (impl AsyncRead + Unpin), expected: &str) {
    let mut bytes = vec![0; expected.len()];
    timeout(Duration::from_secs(5), stream.read_exact(&mut bytes)).await.expect("nothing came").unwrap();
    assert_eq!(String::from_utf8_lossy(&bytes), expected);
}

/// A command one way, an answer the other.
async fn exchange(host: &mut (impl AsyncRead + AsyncWrite + Unpin), modem: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    host.write_all(b"AT\r").await.unwrap();
    expect(modem, "AT\r").await;
    modem.write_all(b"\r\nOK\r\n").await.unwrap();
    expect(host, "\r\nOK\r\n").await;
}

async fn refused(spec: &PortSpec) -> OpenError {
    match open(spec).await {
        Ok(_) => panic!("{spec} opened"),
        Err(e) => e,
    }
}

#[tokio::test]
async fn a_pty_carries_bytes_unchanged_and_survives_its_user() {
    let mut modem = Pty::open().unwrap();
    let spec = PortSpec::tty(modem.path());
    for _ in 0..3 {
        let mut host: BoxStream = open(&spec).await.unwrap();
        exchange(&mut host, &mut modem).await;
        drop(host);
    }
    // Written while nobody has it open: it waits for the next user.
    modem.write_all(b"\r\nRDY\r\n").await.unwrap();
    let mut host = open(&spec).await.unwrap();
    expect(&mut host, "\r\nRDY\r\n").await;
}

/// A pseudo-terminal has no modem lines (ENOTTY), and says so; its port works all the same, and closes with its stream.
#[tokio::test]
async fn dtr_of_a_port_without_modem_lines_is_told_plainly() {
    let mut modem = Pty::open().unwrap();
    let spec = PortSpec::tty(modem.path());
    let dtr = Dtr::default();
    let mut host = open_with(&spec, &dtr).await.unwrap();
    let error = dtr.pulse(Duration::ZERO).await.unwrap_err();
    assert!(error.starts_with("DTR cannot be moved (") && error.contains("pseudo-terminal"), "{error}");
    exchange(&mut host, &mut modem).await;
    drop(host);
    assert_eq!(dtr.pulse(Duration::ZERO).await.unwrap_err(), "DTR cannot be moved: no serial port is open");
    // The line does not keep the port open: it can be opened again.
    open_with(&spec, &dtr).await.unwrap();
}

#[tokio::test]
async fn a_serial_line_is_opened_once() {
    let modem = Pty::open().unwrap();
    let spec = PortSpec::tty(modem.path());
    let first = open(&spec).await.unwrap();
    let said = refused(&spec).await.to_string();
    assert!(said.contains("another program has it open"), "{said}");
    drop(first);
    open(&spec).await.unwrap();
}

#[tokio::test]
async fn flushing_a_serial_line_does_not_wait_for_the_modem() {
    let modem = Pty::open().unwrap();
    let mut host = open(&PortSpec::tty(modem.path())).await.unwrap();
    host.write_all(b"AT\r").await.unwrap();
    timeout(Duration::from_secs(5), host.flush()).await.unwrap().unwrap();
}

#[tokio::test]
async fn sockets_of_every_kind_open() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m0.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let mut host = open(&PortSpec::Unix(path)).await.unwrap();
    exchange(&mut host, &mut listener.accept().await.unwrap().0).await;

    let name = format!("lpwa-test-{}", std::process::id());
    let listener = UnixListener::bind(format!("\0{name}")).unwrap();
    let mut host = open(&PortSpec::UnixAbstract(name)).await.unwrap();
    exchange(&mut host, &mut listener.accept().await.unwrap().0).await;

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut host = open(&PortSpec::Tcp { host: "127.0.0.1".into(), port }).await.unwrap();
    exchange(&mut host, &mut listener.accept().await.unwrap().0).await;
}

#[tokio::test]
async fn a_port_that_cannot_be_opened_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let missing = PortSpec::tty(dir.path().join("ttyUSB9"));
    assert!(refused(&missing).await.to_string().contains("there is no such port; is the modem plugged in"));
    let missing = PortSpec::Unix(dir.path().join("m0.sock"));
    assert!(matches!(refused(&missing).await, OpenError::Missing { .. }));
    drop(UnixListener::bind(dir.path().join("dead.sock")).unwrap());
    let dead = PortSpec::Unix(dir.path().join("dead.sock"));
    assert!(refused(&dead).await.to_string().contains("nobody listens there"));
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(refused(&PortSpec::tty(file)).await, OpenError::Failed { .. }));
}

#[tokio::test(start_paused = true)]
async fn the_recorder_keeps_what_crossed_with_its_time() {
    let ring = Ring::default();
    let (host, mut modem) = duplex(1024);
    let mut host = Recorder::new(host, "ttyUSB2", ring.clone());
    sleep(Duration::from_secs(7)).await;
    host.write_all(b"AT+CGSN\r").await.unwrap();
    // A UART hands a line out in pieces.
    for piece in ["\r\n3500", "00000000006\r", "\n\r\nOK\r\n"] {
        sleep(Duration::from_millis(12)).await;
        modem.write_all(piece.as_bytes()).await.unwrap();
        expect(&mut host, piece).await;
    }
    sleep(Duration::from_secs(60)).await;
    modem.write_all(b"\r\n+CER").await.unwrap();
    expect(&mut host, "\r\n+CER").await;
    assert_eq!(
        ring.unredacted(None).to_string(),
        "lpwa-transcript 1\n\
         0.000 ttyUSB2 > AT+CGSN\n\
         0.012 ttyUSB2 < 350000000000006\n\
         0.012 ttyUSB2 < OK\n\
         60.036 ttyUSB2 <| \\r\\n+CER\n"
    );
    assert!(ring.transcript(None).to_string().contains("< 350000000000014\n"));
    let last = ring.unredacted(Some(Duration::from_secs(30)));
    assert_eq!(last.to_string(), "lpwa-transcript 1\n0.000 ttyUSB2 <| \\r\\n+CER\n");
}

#[tokio::test(start_paused = true)]
async fn the_ring_is_bounded_and_keeps_the_latest() {
    let ring = Ring::new(16 * 1024);
    let (host, mut modem) = duplex(1 << 20);
    let mut host = Recorder::new(host, "m0", ring.clone());
    for i in 0..2000 {
        sleep(Duration::from_secs(1)).await;
        let line = format!("\r\n+CSQ: {i}\r\n");
        modem.write_all(line.as_bytes()).await.unwrap();
        expect(&mut host, &line).await;
    }
    modem.write_all(&vec![b'x'; 100_000]).await.unwrap();
    host.read_exact(&mut vec![0; 50_000]).await.unwrap();
    let kept = ring.unredacted(None);
    assert!(kept.records.iter().map(|r| r.data.len()).sum::<usize>() < 16 * 1024);
    assert_eq!(kept.records[0].direction, Direction::Note);
    assert!(kept.records.last().unwrap().data.ends_with(b"xx"));
}

/// What comes out of a port with one fault when the modem answers two commands, and when each byte comes.
async fn broken(kind: FaultKind, byte: usize) -> (String, Duration) {
    let (host, mut modem) = duplex(1024);
    let mut host = FaultInjector::new(host, 1, vec![Fault { command: 2, byte, kind }]);
    let start = Instant::now();
    let mut came = Vec::new();
    for _ in 0..2 {
        if host.write_all(b"AT\r").await.is_err() {
            came.extend(b"[broken pipe]");
        }
        modem.write_all(b"\r\nOK\r\n").await.unwrap();
        let mut bytes = [0; 64];
        while let Ok(read) = timeout(Duration::from_secs(60), host.read(&mut bytes)).await {
            match read.unwrap() {
                0 => {
                    came.extend(b"[end]");
                    break;
                }
                length => came.extend(&bytes[..length]),
            }
            if came.ends_with(b"OK\r\n") {
                break;
            }
        }
    }
    (String::from_utf8_lossy(&came).replace("\r\n", "|"), start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn faults_strike_at_their_place() {
    let zero = Duration::ZERO;
    assert_eq!(broken(FaultKind::Drop(2), 1).await.0, "|OK|\rK|");
    assert_eq!(broken(FaultKind::Close, 3).await, ("|OK||O[end]".into(), zero));
    assert_eq!(broken(FaultKind::Hang, 0).await, ("|OK|".into(), Duration::from_secs(60)));
    assert_eq!(broken(FaultKind::Pause(Duration::from_secs(9)), 3).await, ("|OK||OK|".into(), Duration::from_secs(9)));
    // Nothing strikes behind the end of the answer.
    assert_eq!(broken(FaultKind::Close, 7).await, ("|OK||OK|".into(), zero));
}

#[tokio::test(start_paused = true)]
async fn garbage_is_the_same_for_the_same_seed() {
    let mut all = Vec::new();
    for seed in [1, 1, 2] {
        let (host, mut modem) = duplex(1024);
        let fault = Fault { command: 0, byte: 2, kind: FaultKind::Garbage(8) };
        let mut host = FaultInjector::new(host, seed, vec![fault]);
        modem.write_all(b"\r\nRDY\r\n").await.unwrap();
        let mut bytes = [0; 15];
        host.read_exact(&mut bytes).await.unwrap();
        assert!(bytes.starts_with(b"\r\n") && bytes.ends_with(b"RDY\r\n"));
        all.push(bytes);
    }
    assert_eq!(all[0], all[1]);
    assert_ne!(all[0], all[2]);
}

#[tokio::test(start_paused = true)]
async fn wrappers_compose_and_the_recorder_sees_the_faults() {
    let ring = Ring::default();
    let (host, mut modem) = duplex(1024);
    let fault = Fault { command: 1, byte: 4, kind: FaultKind::Pause(Duration::from_secs(1)) };
    let mut host: Recorder<FaultInjector<DuplexStream>> =
        Recorder::new(FaultInjector::new(host, 1, vec![fault]), "m0", ring.clone());
    exchange(&mut host, &mut modem).await;
    assert_eq!(
        ring.transcript(None).to_string(),
        "lpwa-transcript 1\n0.000 m0 > AT\n0.000 m0 <| \\r\\nOK\n1.000 m0 <+\n"
    );
}

fn transcript(body: &str) -> Transcript {
    format!("lpwa-transcript 1\n{body}").parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_replay_answers_in_virtual_time() {
    let recorded = transcript(
        "0.500 m0 < RDY\n1.000 m0 > AT\n1.020 m0 < OK\n2.000 m0 > AT+CFUN=1\n152.000 m0 < OK\n3600.000 m0 < +CEREG: 1\n",
    );
    let ring = Ring::default();
    let (host, modem) = duplex(64);
    let served = tokio::spawn(Replayer::new(Session::new(&recorded, "m0")).serve(modem));
    let mut host = Recorder::new(host, "m0", ring.clone());
    host.read_exact(&mut [0; 7]).await.unwrap();
    sleep(Duration::from_millis(500)).await;
    host.write_all(b"AT\r").await.unwrap();
    host.read_exact(&mut [0; 6]).await.unwrap();
    sleep(Duration::from_millis(980)).await;
    host.write_all(b"AT+CF").await.unwrap();
    host.write_all(b"UN=1\r\n").await.unwrap();
    host.read_exact(&mut [0; 19]).await.unwrap();
    drop(host);
    served.await.unwrap().unwrap();
    // The recording of the replay is the replayed recording, from its first byte on.
    let expected = "lpwa-transcript 1\n0.000 m0 < RDY\n0.500 m0 > AT\n0.520 m0 < OK\n1.500 m0 >| AT+CFUN=1\\r\\n\n\
        151.500 m0 < OK\n3599.500 m0 < +CEREG: 1\n";
    assert_eq!(ring.unredacted(None).to_string(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_strict_replay_ends_where_driver_and_transcript_part() {
    let recorded = transcript("0.000 m0 > AT\n0.020 m0 < OK\n1.000 m0 > ATI\n");
    let (mut host, modem) = duplex(64);
    let served = tokio::spawn(Replayer::new(Session::new(&recorded, "m0")).serve(modem));
    host.write_all(b"AT\r").await.unwrap();
    host.read_exact(&mut [0; 6]).await.unwrap();
    host.write_all(b"AT+CGMM\r").await.unwrap();
    assert_eq!(host.read(&mut [0; 6]).await.unwrap(), 0);
    let said = served.await.unwrap().unwrap_err().to_string();
    assert_eq!(said, "line 4: expected `ATI`, the driver sent `AT+CGMM`");
}

/// A tree of `/sys` and `/run/udev` with lines of USB devices.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new() -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(tree.path().join("sys/class/tty")).unwrap();
        fs::create_dir_all(tree.path().join("run/udev/data")).unwrap();
        tree
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A line as usb-serial lays it out: interface/ttyUSB2/tty/ttyUSB2.
    fn usb_line(&self, (usb, id): (&str, (&str, &str)), interface: u8, (name, minor): (&str, u8), udev: &str) {
        let device = format!("sys/devices/pci0/usb1/1-1/{usb}");
        let port = format!("{device}/{usb}:1.{interface}/{name}");
        self.put(&format!("{device}/idVendor"), &format!("{}\n", id.0));
        self.put(&format!("{device}/idProduct"), &format!("{}\n", id.1));
        self.put(&format!("{device}/{usb}:1.{interface}/bInterfaceNumber"), &format!("{interface:02x}\n"));
        self.put(&format!("{port}/tty/{name}/dev"), &format!("188:{minor}\n"));
        symlink(format!("../../../{name}"), self.path().join(format!("{port}/tty/{name}/device"))).unwrap();
        symlink(format!("../../../{port}/tty/{name}"), self.path().join(format!("sys/class/tty/{name}"))).unwrap();
        if !udev.is_empty() {
            self.put(&format!("run/udev/data/c188:{minor}"), udev);
        }
    }
}

impl Tree {
    /// A control device as `qmi_wwan` and `cdc_mbim` lay it out: interface/usbmisc/cdc-wdm0, interface/net/wwan0.
    fn usb_control(&self, (usb, id): (&str, (&str, &str)), interface: u8, driver: &str) {
        let device = format!("sys/devices/pci0/usb1/1-1/{usb}");
        let own = format!("{device}/{usb}:1.{interface}");
        self.put(&format!("{device}/idVendor"), &format!("{}\n", id.0));
        self.put(&format!("{device}/idProduct"), &format!("{}\n", id.1));
        self.put(&format!("{own}/bInterfaceNumber"), &format!("{interface:02x}\n"));
        self.put(&format!("{own}/net/wwan0/mtu"), "1500\n");
        self.put(&format!("{own}/usbmisc/cdc-wdm0/dev"), "180:0\n");
        self.put(&format!("sys/bus/usb/drivers/{driver}/bind"), "");
        let root = self.path();
        fs::create_dir_all(root.join("sys/class/usbmisc")).unwrap();
        symlink(root.join("sys/bus/usb/drivers").join(driver), root.join(&own).join("driver")).unwrap();
        symlink("../..", root.join(&own).join("usbmisc/cdc-wdm0/device")).unwrap();
        symlink(root.join(&own).join("usbmisc/cdc-wdm0"), root.join("sys/class/usbmisc/cdc-wdm0")).unwrap();
    }
}

#[test]
fn discovery_finds_the_control_device_and_its_interface() {
    let tree = Tree::new();
    let eg25 = ("2c7c", "0125");
    tree.usb_line(("1-1.2", eg25), 2, ("ttyUSB2", 2), "");
    tree.usb_control(("1-1.2", eg25), 4, "qmi_wwan");
    let found = discover(tree.path(), &["2c7c:0125".into()]).unwrap();
    let control = ControlDevice {
        device: "/dev/cdc-wdm0".into(),
        driver: "qmi_wwan".into(),
        interface: Some("wwan0".into()),
        number: 4,
    };
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].control.as_ref(), Some(&control));
    assert_eq!(found[0].ports.keys().collect::<Vec<_>>(), [&2], "the control device is no line");
    assert_eq!(discovery::control(tree.path(), Path::new("/dev/cdc-wdm0")), Some(control));
    assert_eq!(discovery::control(tree.path(), Path::new("/dev/cdc-wdm1")), None);
}

#[test]
fn raw_ip_is_switched_on_where_there_is_a_switch() {
    let tree = Tree::new();
    tree.put("sys/class/net/wwan0/qmi/raw_ip", "N\n");
    wdm::carry_raw_ip(tree.path(), "wwan0").unwrap();
    assert_eq!(fs::read_to_string(tree.path().join("sys/class/net/wwan0/qmi/raw_ip")).unwrap().trim(), "Y");
    wdm::carry_raw_ip(tree.path(), "wwan1").unwrap();
}

/// What was tried leaves no trace; where it is refused, 1500 is what every driver takes.
#[test]
fn transfers_are_as_long_as_the_mtu_may_be() {
    let tree = Tree::new();
    tree.put("sys/class/net/wwan0/mtu", "1400\n");
    assert_eq!(wdm::longest_transfer(tree.path(), "wwan0", 16_384), 16_384);
    let mtu = || fs::read_to_string(tree.path().join("sys/class/net/wwan0/mtu")).unwrap();
    assert_eq!(mtu(), "1400\n");
    assert_eq!(wdm::longest_transfer(tree.path(), "wwan1", 16_384), 16_384, "nothing is known of it");
    // A file that nobody can write, root neither.
    fs::create_dir_all(tree.path().join("sys/class/net/wwan2")).unwrap();
    symlink("/proc/version", tree.path().join("sys/class/net/wwan2/mtu")).unwrap();
    assert_eq!(wdm::longest_transfer(tree.path(), "wwan2", 16_384), 1500);
    assert_eq!(wdm::longest_transfer(tree.path(), "wwan2", 1000), 1000);
}

/// A socket that keeps messages apart, as the kernel's control devices do.
#[tokio::test]
async fn a_control_device_takes_and_gives_whole_messages() {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let (host, modem) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None).unwrap();
    let mut host = Wdm::new(host).unwrap();
    assert_eq!(host.max_message(), wdm::USUAL_MAX, "a socket does not tell");
    host.write_all(&[1; 3000]).await.unwrap();
    let mut message = [0; 4096];
    assert_eq!(rustix::io::read(&modem, &mut message).unwrap(), 3000);
    let too_long = host.write_all(&[1; 4097]).await.unwrap_err();
    assert!(too_long.to_string().contains("4097 octets is too long"), "{too_long}");
    // Read in pieces, nothing of a message is lost.
    rustix::io::write(&modem, &[7; 100]).unwrap();
    rustix::io::write(&modem, &[8; 5]).unwrap();
    let mut bytes = [0; 105];
    for piece in bytes.chunks_mut(7) {
        timeout(Duration::from_secs(5), host.read_exact(piece)).await.expect("nothing came").unwrap();
    }
    assert_eq!((bytes[..100].iter().all(|b| *b == 7), &bytes[100..]), (true, &[8; 5][..]));
}

#[tokio::test]
async fn a_proxy_that_does_not_run_is_named() {
    let spec: PortSpec = "mbim-proxy:/dev/cdc-wdm0".parse().unwrap();
    assert_eq!(spec.to_string(), "mbim-proxy:/dev/cdc-wdm0");
    assert_eq!(spec.short_name(), "cdc-wdm0");
    let said = refused(&spec).await.to_string();
    assert!(said.contains("mbim-proxy does not run"), "{said}");
    assert_eq!("/dev/wwan0qmi0".parse(), Ok(PortSpec::Wdm("/dev/wwan0qmi0".into())));
    let said = refused(&"/dev/cdc-wdm99".parse().unwrap()).await.to_string();
    assert!(said.contains("there is no such port"), "{said}");
}

#[test]
fn discovery_finds_the_lines_of_known_modems() {
    let tree = Tree::new();
    let bg95 = ("2c7c", "0700");
    tree.usb_line(("1-1.2", bg95), 0, ("ttyUSB0", 0), "E:LPWA_MODEM=1\nE:LPWA_PORT=diag\n");
    tree.usb_line(("1-1.2", bg95), 2, ("ttyUSB2", 2), "I:1\nE:ID_BUS=usb\nE:LPWA_MODEM=1\nE:LPWA_PORT=at\n");
    tree.usb_line(("1-1.3", bg95), 2, ("ttyUSB5", 5), "");
    tree.usb_line(("1-1.4", ("1e0e", "9205")), 0x0a, ("ttyUSB10", 10), "E:LPWA_MODEM=1\n");
    tree.usb_line(("1-1.5", ("2341", "0043")), 0, ("ttyACM0", 0x40), "E:ID_BUS=usb\n");
    tree.put("sys/class/tty/ttyS0/dev", "4:64\n");
    tree.put("sys/class/tty/tty0/dev", "4:0\n");

    let found = discover(tree.path(), &[]).unwrap();
    let names: Vec<_> = found.iter().map(|m| (m.physical.as_str(), m.usb.as_str())).collect();
    assert_eq!(names, [("usb-1-1.2", "2c7c:0700"), ("usb-1-1.4", "1e0e:9205")]);
    let ports: Vec<_> = found[0].ports.iter().map(|(i, p)| (*i, p.to_str().unwrap())).collect();
    assert_eq!(ports, [(0, "/dev/ttyUSB0"), (2, "/dev/ttyUSB2")]);
    assert_eq!(found[0].roles[&2], "at");
    assert_eq!(found[1].ports.keys().collect::<Vec<_>>(), [&10]);

    let found = discover(tree.path(), &["2c7c:0700".into()]).unwrap();
    assert_eq!(found.iter().map(|m| m.physical.as_str()).collect::<Vec<_>>(), ["usb-1-1.2", "usb-1-1.3", "usb-1-1.4"]);
}

#[test]
fn discovery_obeys_a_mark_against_and_survives_nonsense() {
    let tree = Tree::new();
    let known = ["2c7c:0700".to_owned()];
    tree.usb_line(("1-1.2", ("2c7c", "0700")), 2, ("ttyUSB2", 2), "E:LPWA_MODEM=0\n");
    tree.usb_line(("1-1.3", ("2c7", "0700")), 2, ("ttyUSB3", 3), "E:LPWA_MODEM=1\n");
    tree.usb_line(("1-1.4", ("zzzz", "0700")), 2, ("ttyUSB4", 4), "E:LPWA_MODEM=1\n");
    tree.usb_line(("1-1.5", ("2c7c", "0700")), 2, ("ttyUSB5", 5), "E:LPWA_MODEM\nE:=\n\u{fffd}\n");
    tree.put("sys/devices/pci0/usb1/1-1/1-1.5/1-1.5:1.2/bInterfaceNumber", "xx\n");
    symlink("nowhere", tree.path().join("sys/class/tty/ttyUSB6")).unwrap();
    assert_eq!(discover(tree.path(), &known).unwrap(), []);
    assert!(discover(Path::new("/nowhere"), &known).is_err());
}

/// `ATTRS{idVendor}=="2c7c", ATTRS{idProduct}=="0700"` of a rule line.
fn usb_ids(rules: &str) -> Vec<String> {
    let value = |line: &str, key: &str| {
        let (_, rest) = line.split_once(&format!("{key}==\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let lines = rules.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|l| Some(format!("{}:{}", value(l, "{idVendor}")?, value(l, "{idProduct}")?))).collect()
}

#[test]
fn the_udev_rules_name_every_modem_once() {
    let rules = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("udev/60-lpwa.rules")).unwrap();
    let ids = usb_ids(&rules);
    assert!(ids.len() >= 6, "{ids:?}");
    for (index, id) in ids.iter().enumerate() {
        let hex =
            |part: &str| part.len() == 4 && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        assert!(id.split_once(':').is_some_and(|(vid, pid)| hex(vid) && hex(pid)), "{id} is no vid:pid");
        assert!(!ids[..index].contains(id), "{id} stands twice");
    }
    assert!(rules.contains("ENV{LPWA_MODEM}=\"1\"") && rules.contains("ENV{ID_MM_DEVICE_IGNORE}=\"1\""));
    assert!(rules.lines().all(|l| l.is_ascii() && !l.ends_with(' ')));
}

#[tokio::test(start_paused = true)]
async fn the_watcher_listens_without_rights() {
    let mut watcher = Watcher::new().unwrap();
    // Nothing comes in a test; that it waits instead of failing or spinning is what is seen here.
    assert!(timeout(Duration::from_secs(60), watcher.next()).await.is_err());
}
