//! From a configured modem to an open, recorded port.
//!
//! Only ports that the configuration names, or that udev says belong to a known modem, are ever opened.
