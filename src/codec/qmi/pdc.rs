//! PDC: configurations that operators ask for (MBN files): which there are, which is in use.

use super::body::{body, coding, explains, records, service, values};
use super::coding::{Counted, Octets, Prefixed};

values! {
    /// What a configuration is for.
    ConfigurationType: u32 {
        Platform = 0,
        Software = 1,
    }
}

records! {
    /// A configuration.
    Configuration {
        kind: ConfigurationType,
        id: Octets as Prefixed,
    }
}

service! {
    PDC;
    0x0000 "Reset" {
        request Reset {}
        response ResetDone {}
    }
    0x0020 "Register" {
        request Register { 0x10 reports: bool, 0x11 refresh: bool }
        response Registered {}
    }
    0x0022 "Get Selected Config" {
        request GetSelected { 0x01 kind: ConfigurationType, 0x10 token: u32 }
        response GettingSelected {}
        indication Selected {
            /// As in a result TLV.
            0x01 result: u16,
            0x10 token: u32,
            0x11 active: Octets as Prefixed,
            0x12 pending: Octets as Prefixed,
        }
    }
    0x0023 "Set Selected Config" {
        request SetSelected { 0x01 configuration: Configuration, 0x10 token: u32 }
        response SettingSelected {}
        indication SelectedSet { 0x01 result: u16, 0x10 token: u32 }
    }
    0x0024 "List Configs" {
        request List { 0x10 token: u32, 0x11 kind: ConfigurationType }
        response Listing {}
        indication Listed {
            0x01 result: u16,
            0x10 token: u32,
            0x11 configurations: Vec<Configuration> as Counted,
        }
    }
    0x0025 "Delete Config" {
        request Delete { 0x01 kind: ConfigurationType, 0x10 token: u32, 0x11 id: Octets as Prefixed }
        response Deleting {}
        indication Deleted { 0x01 result: u16, 0x10 token: u32 }
    }
    0x0027 "Activate Config" {
        request Activate { 0x01 kind: ConfigurationType, 0x10 token: u32 }
        response Activating {}
        indication Activated { 0x01 result: u16, 0x10 token: u32 }
    }
    0x0028 "Get Config Info" {
        request GetInfo { 0x01 configuration: Configuration, 0x10 token: u32 }
        response GettingInfo {}
        indication Info {
            0x01 result: u16,
            0x10 token: u32,
            /// Octets.
            0x11 size: u32,
            0x12 description: String as Prefixed,
            0x13 version: u32,
        }
    }
    0x002B "Deactivate Config" {
        request Deactivate { 0x01 kind: ConfigurationType, 0x10 token: u32 }
        response Deactivating {}
        indication Deactivated { 0x01 result: u16, 0x10 token: u32 }
    }
}
