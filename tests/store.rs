//! The plug is pulled at every write, every sync and every rename of the store, and whatever the file system may have
//! kept of what was not synced: the gateway finds the previous or the new state, never neither.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use lpwa::daemon::store::Store;
use lpwa::daemon::store::media::Media;

const DIR: &str = "/var/lib/lpwa";

/// A file system as the kernel sees it, and as the disk does: names and contents reach the disk when they are synced,
/// or at any time before that, one without the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Image {
    /// Content of each file by number.
    contents: Vec<Content>,
    /// Names as programs see them.
    names: BTreeMap<PathBuf, usize>,
    /// Names that are surely on the disk.
    safe_names: BTreeMap<PathBuf, usize>,
    /// Names as they were after each change since they were synced last.
    between: Vec<BTreeMap<PathBuf, usize>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Content {
    now: Vec<u8>,
    safe: bool,
}

#[derive(Debug)]
struct Flash {
    image: Mutex<Image>,
    /// Operations left before the plug is pulled; `None`: it never is.
    left: Mutex<Option<usize>>,
}

impl Flash {
    fn new(image: Image, left: Option<usize>) -> Arc<Self> {
        Arc::new(Self { image: Mutex::new(image), left: Mutex::new(left) })
    }

    /// Fails from the moment on at which the plug is pulled. True: it is pulled in the middle of this operation.
    fn count(&self) -> io::Result<bool> {
        let mut left = self.left.lock().unwrap();
        match left.as_mut() {
            None => Ok(false),
            Some(0) => Err(io::Error::other("no power")),
            Some(n) => {
                *n -= 1;
                Ok(*n == 0)
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut Image, bool) -> io::Result<()>) -> io::Result<()> {
        let cut = self.count()?;
        change(&mut self.image.lock().unwrap(), cut)?;
        if cut { Err(io::Error::other("the power went")) } else { Ok(()) }
    }
}

impl Media for Flash {
    fn read(&self, path: &Path, _most: u64) -> io::Result<Vec<u8>> {
        let image = self.image.lock().unwrap();
        let number = image.names.get(path).ok_or_else(|| io::Error::from(ErrorKind::NotFound))?;
        Ok(image.contents[*number].now.clone())
    }

    fn write(&self, path: &Path, octets: &[u8]) -> io::Result<()> {
        self.change(|image, _| {
            // What was emptied and not synced is the same file with anything in it.
            let number = image.names.get(path).copied().unwrap_or_else(|| {
                image.contents.push(Content::default());
                image.contents.len() - 1
            });
            image.contents[number] = Content { now: octets.to_vec(), safe: false };
            image.names.insert(path.into(), number);
            image.between.push(image.names.clone());
            Ok(())
        })
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.change(|image, cut| {
            // A sync that the power does not outlive has done nothing, or all; nothing is the harder case.
            let number = image.names[path];
            image.contents[number].safe |= !cut;
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(|image, _| {
            let number = image.names.remove(from).ok_or_else(|| io::Error::from(ErrorKind::NotFound))?;
            image.names.insert(to.into(), number);
            image.between.push(image.names.clone());
            Ok(())
        })
    }

    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        self.change(|image, cut| {
            if !cut {
                image.safe_names = image.names.clone();
                image.between.clear();
            }
            Ok(())
        })
    }
}

/// Everything that may be on the disk after the power went: names as they were at any moment since they were synced;
/// of a content that was not synced nothing, a part, all, or rubbish of its length.
fn survivors(image: &Image) -> Vec<Image> {
    let mut all = Vec::new();
    for names in std::iter::once(&image.safe_names).chain(&image.between) {
        for damage in 0..4 {
            let spoil = |content: &Content| {
                let now = match damage {
                    _ if content.safe => content.now.clone(),
                    0 => Vec::new(),
                    1 => content.now[..content.now.len() / 2].to_vec(),
                    2 => content.now.clone(),
                    _ => vec![0; content.now.len()],
                };
                Content { now, safe: true }
            };
            let contents = image.contents.iter().map(spoil).collect();
            all.push(Image { contents, names: names.clone(), safe_names: names.clone(), between: Vec::new() });
        }
    }
    all
}

fn store(flash: &Arc<Flash>) -> Store {
    Store::on(flash.clone(), Path::new(DIR))
}

fn synced(values: &[(&str, Vec<u32>)]) -> Image {
    let flash = Flash::new(Image::default(), None);
    values.iter().for_each(|(name, value)| store(&flash).save(name, value).unwrap());
    flash.image.lock().unwrap().clone()
}

/// Operations of one save.
const OPERATIONS: usize = 4;

#[test]
fn the_plug_is_pulled_at_every_operation() {
    let (old, new, other) = (vec![1, 2, 3], (0..500).collect::<Vec<u32>>(), vec![7]);
    let mut images = 0;
    for before in [vec![("other", other.clone())], vec![("other", other.clone()), ("m0", old.clone())]] {
        let had = before.len() == 2;
        let image = synced(&before);
        for position in 0..=OPERATIONS + 1 {
            let flash = Flash::new(image.clone(), Some(position));
            let saved = store(&flash).save("m0", &new);
            assert_eq!(saved.is_ok(), position > OPERATIONS, "{position}: {saved:?}");
            let now = flash.image.lock().unwrap().clone();
            for survivor in survivors(&now) {
                images += 1;
                let after = Flash::new(survivor, None);
                let store = store(&after);
                let found = store.load::<Vec<u32>>("m0");
                let is_old = found == had.then(|| old.clone());
                assert!(is_old || found.as_ref() == Some(&new), "cut at {position}: {found:?}");
                assert!(found.as_ref() == Some(&new) || saved.is_err(), "what was said to be saved is there");
                assert_eq!(store.load::<Vec<u32>>("other"), Some(other.clone()), "the file beside it");
                store.save("m0", &vec![9]).unwrap();
                assert_eq!(store.load::<Vec<u32>>("m0"), Some(vec![9]), "it goes on");
            }
        }
    }
    assert!(images >= 96, "{images} disks were looked at");
}

/// Many saves in a row, and the plug pulled once anywhere: never further back than one.
#[test]
fn a_row_of_saves_loses_one_at_most() {
    let saves = 6_u32;
    for position in 0..=OPERATIONS * saves as usize {
        let flash = Flash::new(Image::default(), Some(position));
        let done = (0..saves).take_while(|n| store(&flash).save("m0", n).is_ok()).count() as u32;
        let now = flash.image.lock().unwrap().clone();
        for survivor in survivors(&now) {
            let found = store(&Flash::new(survivor, None)).load::<u32>("m0");
            let good = [done.checked_sub(1), (done < saves).then_some(done)];
            assert!(
                good.contains(&found) && (found.is_some() || done == 0),
                "cut at {position}: {found:?} after {done}"
            );
        }
    }
}

/// The file system of these tests is hostile enough: writing in place, or without a sync, loses both states in it.
#[test]
fn careless_ways_of_saving_are_found_out() {
    let path = Path::new(DIR).join("m0.json");
    let beside = Path::new(DIR).join(".m0.new");
    type Way = fn(&Flash, &Path, &Path) -> io::Result<()>;
    let in_place: Way = |flash, path, _| {
        flash.write(path, b"{\"version\":1,\"value\":[2]}")?;
        flash.sync(path)
    };
    let without_sync: Way = |flash, path, beside| {
        flash.write(beside, b"{\"version\":1,\"value\":[2]}")?;
        flash.rename(beside, path)?;
        flash.sync_dir(Path::new(DIR))
    };
    for way in [in_place, without_sync] {
        let image = synced(&[("m0", vec![1])]);
        let lost = (1..5).any(|position| {
            let flash = Flash::new(image.clone(), Some(position));
            let _ = way(&flash, &path, &beside);
            let now = flash.image.lock().unwrap().clone();
            survivors(&now).into_iter().any(|disk| store(&Flash::new(disk, None)).load::<Vec<u32>>("m0").is_none())
        });
        assert!(lost, "a careless way went through");
    }
}
