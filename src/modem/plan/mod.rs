//! The planner for the models there are: a name and a demand in; settings, bits, commands and charge out.

mod document;

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use super::definition::{Definition, Library, Row};
use crate::codec::at::command::standard;
use crate::policy::energy::{InvalidTable, Model, Table};
use crate::policy::plan::{self, Demand, Device, InvalidDemand, Plan, Saving};
use crate::spec::rat::Rat;

pub use document::{Assumption, Document, Spread};

/// Where this machine has figures of its own; the form is that of `src/policy/energy/energy.toml`.
pub const OWN_FIGURES: &str = "/etc/lpwa/energy.toml";

/// The mode of `+CEDRXS` that also tells when the network changes its mind.
const EDRX_WITH_NOTICES: u8 = 2;

/// The longest name of a model that is looked for, bytes.
const NAME_MAX: usize = 64;

/// Models and figures.
#[derive(Debug, Clone)]
pub struct Planner {
    library: Arc<Library>,
    table: Table,
}

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wish {
    /// The model: the name of a model file, a part of it, or what the modem answers to `AT+CGMM`.
    pub model: String,
    /// The technology; `None`: LTE-M where the model has it.
    pub rat: Option<Rat>,
    /// What the device has to do.
    pub demand: Demand,
    /// Settings to examine; `None`: the planner chooses.
    pub saving: Option<Saving>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// No model is called so.
    #[error("there is no model {0:?}; `lpwa modems list` shows those that are known")]
    UnknownModel(String),
    /// Several are.
    #[error("{0:?} may be {1}; say which")]
    Ambiguous(String, String),
    /// The model or the planner does not know the technology.
    #[error("{model} cannot be planned for on {rat}: the planner knows LTE-M and NB-IoT, the model {known}")]
    Rat {
        /// The model.
        model: String,
        /// What was asked for.
        rat: Rat,
        /// What the model has.
        known: String,
    },
    /// The demand makes no sense.
    #[error(transparent)]
    Demand(#[from] InvalidDemand),
}

/// A model that was found.
struct Found {
    name: String,
    definition: Arc<Definition>,
    /// Whether the definition is that of this very model.
    known: bool,
}

impl Planner {
    /// Plans for the models of `library` with the figures that come with this program.
    pub fn new(library: Arc<Library>) -> Self {
        Self { library, table: Table::builtin() }
    }

    /// The same with the figures of this machine ([`OWN_FIGURES`]) laid over, where there are any. What is wrong with
    /// them, a sentence, comes beside; then they are left out.
    pub fn of_this_machine(library: Arc<Library>) -> (Self, Option<String>) {
        let mut planner = Self::new(library);
        let problem = match fs::read_to_string(OWN_FIGURES) {
            Ok(text) => planner.lay_over(&text).err().map(|error| error.to_string()),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => Some(error.to_string()),
        };
        (planner, problem.map(|problem| format!("{OWN_FIGURES} is left out: {problem}")))
    }

    /// Lays a user's figures over; after an error nothing has changed.
    pub fn lay_over(&mut self, text: &str) -> Result<(), InvalidTable> {
        self.table.lay_over(text)
    }

    /// The plan for a wish.
    pub fn plan(&self, wish: &Wish) -> Result<Answer, PlanError> {
        let found = self.find(&wish.model)?;
        let rats = &found.definition.capabilities.rats;
        let rat = wish.rat.unwrap_or_else(|| if rats.contains(&Rat::LteM) { Rat::LteM } else { Rat::NbIot });
        let chain = self.chain(&found);
        let names: Vec<&str> = chain.iter().map(String::as_str).collect();
        let model = self.table.model(&names, rat).filter(|_| rats.contains(&rat)).ok_or_else(|| PlanError::Rat {
            model: found.name.clone(),
            rat,
            known: rats.iter().map(|rat| rat.title()).collect::<Vec<_>>().join(", "),
        })?;
        let capabilities = &found.definition.capabilities;
        let device = Device { model: &model, psm: capabilities.psm, edrx: capabilities.edrx.contains(&rat) };
        let plan = match wish.saving {
            Some(saving) => plan::examine(&wish.demand, &device, saving)?,
            None => plan::plan(&wish.demand, &device)?,
        };
        let commands = commands(&device, plan.saving, found.definition.power.psm_toggle);
        let title = if found.known { found.definition.title.clone() } else { found.name.clone() };
        Ok(Answer { name: found.name, title, known: found.known, demand: wish.demand, model, plan, commands })
    }

    /// The model that `text` means: a whole name, a name without its maker, an answer to `AT+CGMM`, a part of one name.
    fn find(&self, text: &str) -> Result<Found, PlanError> {
        let wanted = text.trim().to_lowercase();
        let unknown = || PlanError::UnknownModel(text.chars().take(NAME_MAX).collect());
        if wanted.is_empty() || wanted.len() > NAME_MAX {
            return Err(unknown());
        }
        let names = self.names();
        let whole = |name: &&String| **name == wanted || name.split_once('-').is_some_and(|(_, tail)| tail == wanted);
        if let Some(name) = names.iter().find(whole) {
            return self.found(name).ok_or_else(unknown);
        }
        if let Some(definition) = self.library.by_model(&wanted) {
            return Ok(Found { name: definition.name.clone(), definition, known: true });
        }
        let parts: Vec<&String> = names.iter().filter(|name| name.contains(&wanted)).collect();
        match parts.as_slice() {
            [] => Err(unknown()),
            [name] => self.found(name).ok_or_else(unknown),
            several => {
                let several: Vec<_> = several.iter().map(|name| name.as_str()).collect();
                Err(PlanError::Ambiguous(wanted, several.join(", ")))
            }
        }
    }

    /// Models that have a file or figures; what is there to be extended only is none, but for the generic one.
    fn names(&self) -> Vec<String> {
        let rows = self.library.list();
        let is_model = |row: &Row| !row.models.is_empty() || row.name == GENERIC;
        let without_file = self.table.models().filter(|name| rows.iter().all(|row| row.name != *name));
        let with_file = rows.iter().filter(|row| is_model(row)).map(|row| row.name.as_str());
        with_file.chain(without_file).map(str::to_owned).collect()
    }

    /// A model that has figures and no file of its own is driven by the file that fits its name, else by the generic.
    fn found(&self, name: &str) -> Option<Found> {
        if let Some(definition) = self.library.get(name) {
            return Some(Found { name: name.to_owned(), definition, known: true });
        }
        let tail = name.split_once('-').map_or(name, |(_, tail)| tail);
        let definition = self.library.by_model(tail).or_else(|| self.library.get(GENERIC))?;
        Some(Found { name: name.to_owned(), definition, known: false })
    }

    /// The name and those of the files that its file extends, nearest first.
    fn chain(&self, found: &Found) -> Vec<String> {
        let rows = self.library.list();
        let above = |name: &String| rows.iter().find(|row| row.name == *name).and_then(|row| row.extends.clone());
        let mut chain = vec![found.name.clone()];
        // A file may extend the one below it of the same name: the chain is no longer than there are files.
        chain.extend(std::iter::successors(Some(found.definition.name.clone()), above).take(rows.len()));
        chain
    }
}

const GENERIC: &str = "generic";

/// The lines that ask for `saving`, and that switch off what is not in it; with PSM off first where the model wants that.
fn commands(device: &Device<'_>, saving: Saving, off_first: bool) -> Vec<String> {
    let rat = device.model.rat;
    let mut lines = Vec::new();
    if device.psm {
        match saving.active_time() {
            None => lines.push(standard::cpsms_off()),
            Some(active) => {
                if off_first {
                    lines.push(standard::cpsms_off());
                }
                let tau = saving.periodic_tau().map_or_else(|| DEACTIVATED.to_owned(), |tau| tau.bits_text());
                lines.push(standard::cpsms(&tau, &active.bits_text()));
            }
        }
    }
    if let Some(act_type) = rat.edrx_act_type().filter(|_| device.edrx) {
        lines.push(match saving.cycle(rat.into()) {
            None => standard::cedrxs_off(act_type),
            Some(cycle) => standard::cedrxs(EDRX_WITH_NOTICES, act_type, &cycle.bits_text()),
        });
    }
    // Bits that the encoder made are always taken.
    lines.into_iter().flatten().map(|line| line.as_str().to_owned()).collect()
}

/// T3412 extended "deactivated": the network's default (TS 24.008 §10.5.7.4a).
const DEACTIVATED: &str = "11100000";

/// A plan for a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Name of the model.
    pub name: String,
    /// The model for people.
    pub title: String,
    /// Whether there is a model file for it.
    pub known: bool,
    /// What was asked for.
    pub demand: Demand,
    /// Its figures.
    pub model: Model,
    /// The plan.
    pub plan: Plan,
    /// The AT lines that ask for it.
    pub commands: Vec<String>,
}
