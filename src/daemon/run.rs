//! The daemon's life: start, reload, stop.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tracing::{error, info, warn};

use super::config::{Bus, Config, Disk, Listen};
use super::ports::Ports;
use super::supervisor::Supervisor;
use crate::modem::definition::Library;
