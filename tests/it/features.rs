//! Repositories told apart into features. A case is a folder under `fixtures/features/` with `input/` and `expected.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use contract_agent::contract::model::{Contract, FeatureContract, Operation};
use contract_agent::pipeline::{Silent, analyze, on_threads};
use contract_agent::scan::{Options, scan};
use contract_agent::settings;
use expect_test::expect_file;
use serde_json::{Value, json};

fn contract_of(folder: &Path) -> Contract {
    let settings = settings::find(folder).expect("settings that can be read").settings;
    let tree = scan(folder, &Options::default()).expect("a folder");
    on_threads(1, || analyze(&tree, &settings, "the-repository", &Silent)).expect("threads").contract
}

fn told(contract: &Contract) -> Value {
    let keys = |operations: &[Operation]| -> Vec<String> { operations.iter().map(Operation::key).collect() };
    let needs = |feature: &FeatureContract| -> BTreeMap<String, Value> {
        let needs = feature.dependencies.iter().map(|dependency| {
            let places: Vec<String> = dependency.evidence.iter().map(|place| format!("{} ({})", place.file, place.symbol)).collect();
            (dependency.on.clone(), json!({"weight": dependency.weight, "in": places}))
        });
        needs.collect()
    };
    let feature = |feature: &FeatureContract| {
        json!({
            "name": feature.name,
            "kind": feature.kind,
            "purpose": feature.purpose,
            "files": feature.files,
            "serves": keys(&feature.http),
            "hidden": keys(&feature.hidden),
            "needs": needs(feature),
            "packages": feature.packages,
            "entryPoints": feature.entry_points,
        })
    };
    let features: BTreeMap<&str, Value> = contract.features.iter().map(|one| (one.slug.as_str(), feature(one))).collect();
    json!({
        "summary": contract.repo.summary,
        "architecture": contract.repo.architecture,
        "features": features,
        "cycles": contract.relationships.cycles,
        "layers": contract.relationships.layers,
    })
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/features");
    let mut cases: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

#[test]
fn repositories_are_told_apart() {
    for case in cases() {
        let mut text = serde_json::to_string_pretty(&told(&contract_of(&case.join("input")))).unwrap();
        text.push('\n');
        expect_file![case.join("expected.json")].assert_eq(&text);
    }
}

/// A file that has nothing to do with the others moves none of them.
#[test]
fn an_unrelated_file_moves_no_other() {
    for case in cases() {
        let before = owners(&contract_of(&case.join("input")));
        let copy = tempfile::tempdir().unwrap();
        copy_into(&case.join("input"), copy.path());
        fs::create_dir_all(copy.path().join("weather")).unwrap();
        fs::write(copy.path().join("weather/forecast.py"), "RAIN = 1\n").unwrap();
        fs::write(copy.path().join("weather/wind.py"), "GUST = 1\n").unwrap();
        let mut after = owners(&contract_of(copy.path()));
        after.retain(|file, _| !file.starts_with("weather/"));
        assert_eq!(before, after, "{}", case.display());
    }
}

fn owners(contract: &Contract) -> BTreeMap<String, String> {
    contract.features.iter().flat_map(|feature| feature.files.iter().map(|file| (file.clone(), feature.slug.clone()))).collect()
}

fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy_into(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
