//! Kinds of contexts (MBIM 1.0 clause 10.5.12, "Context Types").

use super::uuid::Uuid;

/// No context.
pub const NONE: Uuid = Uuid::from_u128(0xb43f_758c_a560_4b46_b35e_c586_9641_fb54);
/// Access to the internet or to the private network behind an APN.
pub const INTERNET: Uuid = Uuid::from_u128(0x7e5e_2a7e_4e6f_7272_736b_656e_7e5e_2a7e);
/// IP multimedia subsystem.
pub const IMS: Uuid = Uuid::from_u128(0x2161_0d01_3074_4bce_9425_b53a_07d6_97d6);

const NAMES: [(Uuid, &str); 14] = [
    (NONE, "none"),
    (INTERNET, "internet"),
    (Uuid::from_u128(0x9b9f_7bbe_8952_44b7_83ac_ca41_318d_f7a0), "vpn"),
    (Uuid::from_u128(0x8891_8294_0ef4_4396_8cca_a858_8fbc_02b2), "voice"),
    (Uuid::from_u128(0x05a2_a716_7c34_4b4d_9a91_c5ef_0c7a_aacc), "video-share"),
    (Uuid::from_u128(0xb327_2496_ac6c_422b_a8c0_acf6_87a2_7217), "purchase"),
    (IMS, "ims"),
    (Uuid::from_u128(0x4672_6664_7269_6bc6_9624_d1d3_5389_aca9), "mms"),
    (Uuid::from_u128(0xa57a_9afc_b09f_45d7_bb40_033c_39f6_0db9), "local"),
    (Uuid::from_u128(0x5f7e_4c2e_e80b_40a9_a239_f0ab_cfd1_1f4b), "admin"),
    (Uuid::from_u128(0x74d8_8a3d_dfbd_4799_9a8c_7310_a37b_b2ee), "app"),
    (Uuid::from_u128(0x50d3_78a7_baa5_4a50_b872_3fe5_bb46_3411), "xcap"),
    (Uuid::from_u128(0x5e4e_0601_48dc_4e2b_acb8_08b4_016b_baac), "tethering"),
    (Uuid::from_u128(0x5f41_adb8_204e_4d31_9da8_b3c9_70e3_60f2), "emergency-calling"),
];

/// What a kind of context is called.
pub(super) fn name(uuid: Uuid) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == uuid).map(|(_, name)| *name)
}

/// The kind of context of that name.
pub(super) fn named(name: &str) -> Option<Uuid> {
    NAMES.iter().find(|(_, known)| *known == name).map(|(uuid, _)| *uuid)
}
