//! The phone book of the card (MBIM 1.0 clause 10.5.32).

use super::super::list::{Count, Pointed};
use super::{Cid, Nothing};
use crate::private::Private;

/// Size of the phone book.
pub const CONFIGURATION: Cid =
    Cid::new(1, "configuration").query::<Nothing>().response::<Configuration>().notification::<Configuration>();
/// Reads entries.
pub const READ: Cid = Cid::new(2, "read").query::<Filter>().response::<Entries>();
/// Deletes entries.
pub const DELETE: Cid = Cid::new(3, "delete").set::<Filter>().response::<Nothing>();
/// Stores an entry.
pub const WRITE: Cid = Cid::new(4, "write").set::<Write>().response::<Nothing>();

/// The commands of the service.
pub const CIDS: &[Cid] = &[CONFIGURATION, READ, DELETE, WRITE];

record! {
    /// Size of the phone book.
    Configuration {
        state: PhonebookState,
        number_of_entries: u32,
        used_entries: u32,
        max_number_length: u32,
        max_name: u32,
    }

    /// Which entries.
    Filter {
        filter_flag: PhonebookFlag,
        filter_message_index: u32,
    }

    /// Entries.
    Entries {
        entry_count: Count,
        entries: Pointed<Entry>,
    }

    /// An entry.
    Entry {
        entry_index: u32,
        number: Private<String>,
        name: Private<String>,
    }

    /// An entry to store.
    Write {
        save_flag: PhonebookWriteFlag,
        save_index: u32,
        number: Private<String>,
        name: Private<String>,
    }
}

choice! {
    /// Whether the phone book is ready.
    PhonebookState {
        NotInitialized = 0 "not-initialized",
        Initialized = 1 "initialized",
    }

    /// Which entries.
    PhonebookFlag {
        All = 0 "all",
        Index = 1 "index",
    }

    /// Where to store an entry.
    PhonebookWriteFlag {
        SaveUnused = 0 "save-unused",
        SaveIndex = 1 "save-index",
    }
}
