//! Where the charge of a battery goes: what a modem draws in each of its activities, and for how long.
//!
//! The figures are data ([`Table`]): one file, each figure with its unit, range, evidence and source, which users lay
//! their own measurements over. The arithmetic is [`formula`]; [`Load::day`] puts both together for a day of a device,
//! and [`Load::current_ma`] is for whoever knows the times better, such as the simulator.

mod activity;
mod estimate;
pub mod formula;
mod load;
mod table;

pub use activity::{Activity, Cause, Charge};
pub use estimate::{Battery, Habits, HostLink};
pub use load::{Case, Coverage, Load};
pub use table::{Evidence, Figure, InvalidTable, Model, Quantity, Table, Trait};
