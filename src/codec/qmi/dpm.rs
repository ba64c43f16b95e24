//! DPM: opens the data ports of a modem in the same chip as the host.

use super::body::{body, coding, explains, records, service};
use super::coding::{Counted, Prefixed};
use super::wda::Endpoint;

records! {
    /// A control port.
    ControlPort {
        name: String as Prefixed,
        endpoint: Endpoint,
    }

    /// A hardware data port and its pipes.
    HardwareDataPort {
        endpoint: Endpoint,
        consumer_pipe: u32,
        producer_pipe: u32,
    }

    /// A software data port.
    SoftwareDataPort {
        endpoint: Endpoint,
        name: String as Prefixed,
    }
}

service! {
    DPM;
    0x0020 "Open Port" {
        request OpenPort {
            0x10 control_ports: Vec<ControlPort> as Counted,
            0x11 hardware_data_ports: Vec<HardwareDataPort> as Counted,
            0x12 software_data_ports: Vec<SoftwareDataPort> as Counted,
        }
        response PortOpened {}
    }
    0x0021 "Close Port" {
        request ClosePort { 0x10 control_ports: Vec<ControlPort> as Counted }
        response PortClosed {}
    }
}
