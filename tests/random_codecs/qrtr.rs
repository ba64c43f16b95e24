//! Control packets of QRTR.

use lpwa::codec::qrtr::{Address, Control, Server};

/// A packet of each kind.
pub fn packets() -> Vec<Vec<u8>> {
    let address = Address { node: 3, port: 0x4001 };
    let server = Server { service: 3, instance: 0x0101, address };
    let all = [
        Control::Hello,
        Control::Bye(3),
        Control::NewServer(server),
        Control::EndOfList,
        Control::DelServer(server),
        Control::DelClient(address),
        Control::ResumeTx(address),
        Control::Exit,
        Control::Ping,
        Control::NewLookup { service: 3, instance: 1 },
        Control::DelLookup { service: 3, instance: 1 },
    ];
    all.map(|packet| packet.encode().to_vec()).to_vec()
}

/// What can be read is written and read as the same.
pub fn control(input: &[u8]) {
    if let Ok(packet) = Control::decode(input) {
        assert_eq!(Control::decode(&packet.encode()), Ok(packet));
    }
}
