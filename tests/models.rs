//! Every model file: it can be built, its patterns read real lines, its mistakes are told.
#![allow(missing_docs)]

use lpwa::modem::definition::*;

fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/modems")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        files.push((name, std::fs::read_to_string(path).unwrap()));
    }
    files.sort();
    files
}

#[test]
fn builds() {
    let (_, problems) = Library::with_overlay(&files());
    for p in &problems {
        println!("{p}");
    }
    assert!(problems.is_empty(), "{problems:#?}");
    let names: Vec<String> = files().iter().map(|(file, _)| file.trim_end_matches(".toml").to_owned()).collect();
    let library = Library::builtin();
    let listed: Vec<String> = library.list().into_iter().map(|row| row.name).collect();
    assert_eq!(listed, names);
}
