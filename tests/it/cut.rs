//! Cut files: every fixture with each of its files ending early, at many points. Nothing may panic; whatever still stands is read.

use std::fs;
use std::path::Path;

use contract_agent::link::system::LinkedFile;

use super::frameworks::{cases, http_of, linked, manifests_of, paths_below, readers};
use contract_agent::link::system::System;

/// Cuts of one file.
const CUTS: usize = 9;

#[test]
fn every_fixture_cut_at_many_points() {
    let mut runs = 0usize;
    for case in cases() {
        let input = case.join("input");
        let paths = paths_below(&input);
        let whole: Vec<LinkedFile> = paths.iter().filter_map(|path| linked(&input, path, &read(path))).collect();
        let manifests = manifests_of(&input, &paths);
        for path in &paths {
            let bytes = read(path);
            for cut in 1..=CUTS {
                let Some(shorter) = linked(&input, path, &bytes[..bytes.len() * cut / (CUTS + 1)]) else { continue };
                let mut files: Vec<LinkedFile> = whole.iter().filter(|file| file.path != shorter.path).cloned().collect();
                files.push(shorter);
                files.sort_by(|one, other| one.path.cmp(&other.path));
                let system = System::new(files, &manifests, readers());
                let http = http_of(&system);
                assert!(http.operations.iter().all(|served| served.path.starts_with('/')), "{}: a path without a slash", case.display());
                runs += 1;
            }
        }
    }
    assert!(runs > 0, "there are fixtures");
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}
