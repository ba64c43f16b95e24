//! The simulator against what the standards and real logs say of modems.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail loudly"
)]

#[path = "simulator/card.rs"]
mod card;
#[path = "simulator/command_line.rs"]
mod command_line;
#[path = "simulator/families.rs"]
mod families;
#[path = "simulator/faults.rs"]
mod faults;
#[path = "simulator/host.rs"]
mod host;
#[path = "simulator/mbim.rs"]
mod mbim;
#[path = "simulator/modem_manager.rs"]
mod modem_manager;
#[path = "simulator/qmi.rs"]
mod qmi;
#[path = "simulator/registration.rs"]
mod registration;
#[path = "simulator/saving.rs"]
mod saving;
#[path = "simulator/scenarios.rs"]
mod scenarios;
#[path = "simulator/serving.rs"]
mod serving;
