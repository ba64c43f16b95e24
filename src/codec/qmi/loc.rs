//! LOC: position and NMEA. Requests that set something are answered twice: the response, then an indication.

use super::body::{body, coding, explains, flags, records, service, values};
use super::coding::Counted;

values! {
    /// How a session or a setting went.
    Status: u32 {
        Success = 0,
        GeneralFailure = 1,
        Unsupported = 2,
        InvalidParameter = 3,
        EngineBusy = 4,
        PhoneOffline = 5,
        Timeout = 6,
        ConfigNotSupported = 7,
        InsufficientMemory = 8,
    }

    /// How a position report came about.
    SessionStatus: u32 {
        Success = 0,
        InProgress = 1,
        GeneralFailure = 2,
        Timeout = 3,
        UserEnded = 4,
        BadParameter = 5,
        PhoneOffline = 6,
        EngineLocked = 7,
    }

    /// How often to report.
    Recurrence: u32 {
        PeriodicFixes = 1,
        SingleFix = 2,
    }

    /// How exact.
    Accuracy: u32 {
        Low = 1,
        Medium = 2,
        High = 3,
    }

    /// How sure.
    Reliability: u32 {
        NotSet = 0,
        VeryLow = 1,
        Low = 2,
        Medium = 3,
        High = 4,
    }

    /// Who may use the engine.
    LockType: u32 {
        None = 1,
        MobileInitiated = 2,
        MobileTerminated = 3,
        All = 4,
    }
}

flags! {
    /// What a client wants to be told of.
    Events: u64 {
        POSITION_REPORT = 0,
        GNSS_SATELLITE_INFORMATION = 1,
        NMEA = 2,
        NI_NOTIFY_VERIFY_REQUEST = 3,
        INJECT_TIME_REQUEST = 4,
        INJECT_PREDICTED_ORBITS_REQUEST = 5,
        INJECT_POSITION_REQUEST = 6,
        ENGINE_STATE = 7,
        FIX_SESSION_STATE = 8,
    }

    /// Where a position comes from.
    Technology: u32 {
        SATELLITE = 0,
        CELLULAR = 1,
        WIFI = 2,
        SENSORS = 3,
        REFERENCE_LOCATION = 4,
        INJECTED_POSITION = 5,
    }
}

records! {
    /// Dilution of precision.
    Dilution {
        position: f32,
        horizontal: f32,
        vertical: f32,
    }

    /// Time of GPS.
    GpsTime {
        week: u16,
        milliseconds: u32,
    }
}

service! {
    LOC;
    0x0021 "Register Events" {
        request RegisterEvents { 0x01 events: Events }
        response EventsRegistered {}
    }
    0x0022 "Start" {
        request Start {
            0x01 session: u8,
            0x10 recurrence: Recurrence,
            0x11 accuracy: Accuracy,
            /// 1: reports before the fix too; 2: the fix only.
            0x12 intermediate_reports: u32,
            /// Milliseconds.
            0x13 interval: u32,
        }
        response Started {}
    }
    0x0023 "Stop" {
        request Stop { 0x01 session: u8 }
        response Stopped {}
    }
    0x0024 "Position Report" {
        indication PositionReport {
            0x01 status: SessionStatus,
            0x02 session: u8,
            /// Degrees.
            0x10 latitude: f64,
            /// Degrees.
            0x11 longitude: f64,
            /// Metres.
            0x12 horizontal_uncertainty: f32,
            /// Percent.
            0x16 horizontal_confidence: u8,
            0x17 horizontal_reliability: Reliability,
            /// Metres a second.
            0x18 horizontal_speed: f32,
            /// Metres a second.
            0x19 speed_uncertainty: f32,
            /// Metres above the ellipsoid of WGS 84.
            0x1A altitude_from_ellipsoid: f32,
            /// Metres above the sea.
            0x1B altitude_from_sea_level: f32,
            /// Metres.
            0x1C vertical_uncertainty: f32,
            /// Percent.
            0x1D vertical_confidence: u8,
            0x1E vertical_reliability: Reliability,
            /// Metres a second.
            0x1F vertical_speed: f32,
            /// Degrees.
            0x20 heading: f32,
            /// Degrees.
            0x21 heading_uncertainty: f32,
            /// Degrees.
            0x22 magnetic_deviation: f32,
            0x23 technology: Technology,
            0x24 dilution: Dilution,
            /// Milliseconds since 1970 UTC.
            0x25 utc: u64,
            /// Seconds.
            0x26 leap_seconds: u8,
            0x27 gps_time: GpsTime,
            /// Milliseconds.
            0x28 time_uncertainty: f32,
            0x2B altitude_assumed: bool,
            0x2C satellites_used: Vec<u16> as Counted,
        }
    }
    0x0026 "NMEA" {
        indication Nmea { 0x01 sentence: String }
    }
    0x003A "Set Engine Lock" {
        request SetEngineLock { 0x01 lock: LockType }
        response EngineLockSet {}
        indication EngineLockResult { 0x01 status: Status }
    }
    0x003B "Get Engine Lock" {
        request GetEngineLock {}
        response GettingEngineLock {}
        indication EngineLock { 0x01 status: Status, 0x10 lock: LockType }
    }
    0x003E "Set NMEA Types" {
        request SetNmeaTypes { 0x01 types: u32 }
        response NmeaTypesSet {}
        indication NmeaTypesResult { 0x01 status: Status }
    }
}
