//! Services: what a command is about.

use super::message::{self, Cid};
use super::uuid::Uuid;

macro_rules! services {
    ($($(#[$meta:meta])* $variant:ident $name:literal $uuid:literal $cids:expr;)*) => {
        /// A service that this codec knows by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Service { $($(#[$meta])* $variant,)* }

        impl Service {
            /// Every service.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The service's UUID.
            pub const fn uuid(self) -> Uuid {
                match self { $(Self::$variant => Uuid::from_u128($uuid),)* }
            }

            /// The service's name, in lower case with dashes.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The commands of the service that this codec knows.
            pub const fn cids(self) -> &'static [Cid] {
                match self { $(Self::$variant => $cids,)* }
            }
        }
    };
}

services! {
    /// MBIM 1.0 clause 10.5: the modem, its card, registration and contexts.
    BasicConnect "basic-connect" 0xa289_cc33_bcbb_8b4f_b6b0_133e_c2aa_e6df message::basic_connect::CIDS;
    /// Clause 10.5.25: short messages.
    Sms "sms" 0x533f_beeb_14fe_4467_9f90_33a2_23e5_6c3f message::sms::CIDS;
    /// Clause 10.5.31: supplementary services.
    Ussd "ussd" 0xe550_a0c8_5e82_479e_82f7_10ab_f4c3_351f message::ussd::CIDS;
    /// Clause 10.5.32: the phone book of the card.
    Phonebook "phonebook" 0x4bf3_8476_1e6a_41db_b1d8_bed2_89c2_5bdb message::phonebook::CIDS;
    /// Clause 10.5.37: the SIM application toolkit.
    Stk "stk" 0xd8f2_0131_fcb5_4e17_8602_d6ed_3816_164c message::stk::CIDS;
    /// Clause 10.5.41: authentication by the card.
    Auth "auth" 0x1d2b_5ff7_0aa1_48b2_aa52_50f1_5767_174e message::auth::CIDS;
    /// Clause 10.5.44: device service streams.
    Dss "dss" 0xc08a_26dd_7718_4382_8482_6e0d_583c_4d0e message::dss::CIDS;
    /// Microsoft: firmware identity.
    MsFirmwareId "ms-firmware-id" 0xe9f7_dea2_feaf_4009_93ce_90a3_6941_03b6 message::microsoft::FIRMWARE_ID;
    /// Microsoft: the host shuts down.
    MsHostShutdown "ms-host-shutdown" 0x883b_7c26_985f_43fa_9804_27d7_fb80_959c message::microsoft::HOST_SHUTDOWN;
    /// Microsoft: specific absorption rate.
    MsSar "ms-sar" 0x6822_3d04_9f6c_4e0f_822d_2844_1fb7_2340 message::microsoft::SAR;
    /// Microsoft: extensions of Basic Connect (MBIMEx).
    MsBasicConnectExtensions "ms-basic-connect-extensions" 0x3d01_dcc5_fef5_4d05_0d3a_bef7_058e_9aaf message::extensions::CIDS;
    /// Microsoft: the card, by application protocol data units and files.
    MsUiccLowLevelAccess "ms-uicc-low-level-access" 0xc2f6_588e_f037_4bc9_8665_f4d4_4bd0_9367 message::uicc::CIDS;
    /// Microsoft: voice, of which the network's clock is known here.
    MsVoiceExtensions "ms-voice-extensions" 0x8d8b_9eba_37be_449b_8f1e_61cb_034a_702e message::microsoft::VOICE;
    /// mbim-proxy: which device to use.
    ProxyControl "proxy-control" 0x838c_f7fb_8d0d_4d7f_871e_d71d_befb_b39b message::proxy::CIDS;
    /// QMI frames inside MBIM.
    Qmi "qmi" 0xd1a3_0bc2_f97a_6e43_bf65_c7e2_4fb0_f0d3 message::tunnel::QMI;
    /// AT&T: signal, location, operators.
    Atds "atds" 0x5967_bdcc_7fd2_49a2_9f5c_b2e7_0e52_7db3 message::atds::CIDS;
    /// Qualcomm: device update.
    Qdu "qdu" 0x6427_015f_579d_48f5_8c54_f43e_d1e7_6f83 &[];
    /// Intel: firmware update.
    IntelFirmwareUpdate "intel-firmware-update" 0x0ed3_74cb_f835_4474_bc11_3b3f_d76f_5641 message::vendor::INTEL_FIRMWARE_UPDATE;
    /// Intel: radio interference.
    IntelThermalRf "intel-thermal-rf" 0xfdc2_2af2_f441_4d46_af8d_259f_cdde_4635 &[];
    /// Intel: unlock by mutual authentication.
    IntelMutualAuthentication "intel-mutual-authentication" 0xf85d_46ef_ab26_4081_9868_4d18_3c0a_3aec &[];
    /// Intel: traces.
    IntelTools "intel-tools" 0x4ada_4962_b988_46c3_87a7_97f2_0f99_4abb &[];
    /// Intel: AT commands inside MBIM.
    IntelAtTunnel "intel-at-tunnel" 0xda13_8c64_6515_4893_92b2_a1e1_ca7c_81ca message::tunnel::INTEL_AT;
    /// Fibocom: AT commands inside MBIM.
    Fibocom "fibocom" 0xffff_ffff_abca_4b11_a4e2_f2fc_87f9_4488 message::tunnel::FIBOCOM_AT;
    /// Compal: AT commands inside MBIM.
    Compal "compal" 0xa2a3_2a97_cab1_4f57_9ae1_451c_74dd_a957 message::tunnel::COMPAL_AT;
    /// Quectel: radio state with the lock of the FCC.
    Quectel "quectel" 0x1122_3344_5566_7788_99aa_bbcc_ddee_ff11 message::vendor::QUECTEL;
    /// Google: carrier lock.
    Google "google" 0x3e1e_92cf_c53d_4f14_85d0_a86a_d9e1_2245 message::vendor::GOOGLE;
}

impl Service {
    /// The service of that UUID, if it is known here.
    pub fn of(uuid: Uuid) -> Option<Self> {
        Self::ALL.iter().copied().find(|service| service.uuid() == uuid)
    }

    /// The service of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|service| service.name() == name)
    }

    /// The command of that number, if it is known here.
    pub fn cid(self, number: u32) -> Option<&'static Cid> {
        self.cids().iter().find(|cid| cid.number == number)
    }
}
