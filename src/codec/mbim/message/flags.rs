//! Flags: fields of which each bit has a name.

flags! {
    /// 3GPP or 3GPP2.
    CellularClass {
        GSM = 0 "gsm",
        CDMA = 1 "cdma",
    }

    /// Kinds of cards.
    SimClass {
        LOGICAL = 0 "logical",
        REMOVABLE = 1 "removable",
    }

    /// Technologies. LTE-M and NB-IoT are `lte` here: MBIM does not tell them apart.
    DataClass {
        GPRS = 0 "gprs",
        EDGE = 1 "edge",
        UMTS = 2 "umts",
        HSDPA = 3 "hsdpa",
        HSUPA = 4 "hsupa",
        LTE = 5 "lte",
        NR_NSA = 6 "5g-nsa",
        NR_SA = 7 "5g-sa",
        ONE_XRTT = 16 "1xrtt",
        ONE_XEVDO = 17 "1xevdo",
        ONE_XEVDO_REVA = 18 "1xevdo-reva",
        ONE_XEVDV = 19 "1xevdv",
        THREE_XRTT = 20 "3xrtt",
        ONE_XEVDO_REVB = 21 "1xevdo-revb",
        UMB = 22 "umb",
        CUSTOM = 31 "custom",
    }

    /// What the modem can do for messages.
    SmsCaps {
        PDU_RECEIVE = 0 "pdu-receive",
        PDU_SEND = 1 "pdu-send",
        TEXT_RECEIVE = 2 "text-receive",
        TEXT_SEND = 3 "text-send",
    }

    /// What the modem can be told.
    CtrlCaps {
        REG_MANUAL = 0 "reg-manual",
        HW_RADIO_SWITCH = 1 "hw-radio-switch",
        CDMA_MOBILE_IP = 2 "cdma-mobile-ip",
        CDMA_SIMPLE_IP = 3 "cdma-simple-ip",
        MULTI_CARRIER = 4 "multi-carrier",
        ESIM = 5 "esim",
        UE_POLICY_ROUTE_SELECTION = 6 "ue-policy-route-selection",
        SIM_HOT_SWAP_CAPABLE = 7 "sim-hot-swap-capable",
    }

    /// How to treat the identity.
    ReadyInfoFlag {
        PROTECT_UNIQUE_ID = 0 "protect-unique-id",
    }

    /// What is known of a network.
    ProviderState {
        HOME = 0 "home",
        FORBIDDEN = 1 "forbidden",
        PREFERRED = 2 "preferred",
        VISIBLE = 3 "visible",
        REGISTERED = 4 "registered",
        PREFERRED_MULTICARRIER = 5 "preferred-multicarrier",
    }

    /// What holds for the registration.
    RegistrationFlag {
        MANUAL_SELECTION_NOT_AVAILABLE = 0 "manual-selection-not-available",
        PACKET_SERVICE_AUTOMATIC_ATTACH = 1 "packet-service-automatic-attach",
    }

    /// Which parts of the configuration there are.
    IpConfigurationAvailableFlag {
        ADDRESS = 0 "address",
        GATEWAY = 1 "gateway",
        DNS = 2 "dns",
        MTU = 3 "mtu",
    }

    /// Ranges of 5G frequencies.
    FrequencyRange {
        FR1 = 0 "1",
        FR2 = 1 "2",
    }

    /// What is known of the card.
    SubscriberReadyStatusFlag {
        ESIM = 0 "esim",
        SIM_REMOVABILITY_KNOWN = 1 "sim-removability-known",
        SIM_REMOVABLE = 2 "sim-removable",
    }

    /// How 5G is used.
    DataSubclass {
        ENDC = 0 "5g-endc",
        NR = 1 "5g-nr",
        NEDC = 2 "5g-nedc",
        ELTE = 3 "5g-elte",
        NGENDC = 4 "5g-ngendc",
    }

    /// What happened to the store of messages.
    SmsStatusFlag {
        MESSAGE_STORE_FULL = 0 "message-store-full",
        NEW_MESSAGE = 1 "new-message",
    }
}
