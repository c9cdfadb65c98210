//! Files and packages.

use std::collections::BTreeSet;

use super::features::Options;
use super::told::Told;
use super::view::File;
use crate::contract::model::grpc::ProtoSyntax;

/// Options of files and what holds when nothing is said. What features say is told where it holds.
const DEFAULTS: &[(&str, &str)] = &[
    ("cc_enable_arenas", "true"),
    ("cc_generic_services", "false"),
    ("java_generic_services", "false"),
    ("java_multiple_files", "false"),
    ("optimize_for", "SPEED"),
    ("php_generic_services", "false"),
    ("py_generic_services", "false"),
];

/// Compares files, and gives the packages that are gone: what is in them is told by that.
pub(super) fn compare<'a>(told: &mut Told<'_, 'a>) -> BTreeSet<&'a str> {
    let (before, after) = (told.before, told.after);
    for (path, was) in &before.files {
        if let Some(is) = after.files.get(path).filter(|is| is.package != was.package) {
            told.add("proto-package-changed", (path, ""), text(was.package), text(is.package));
            told.moved.insert(path, (was.package, is.package));
        }
    }
    let renamed: BTreeSet<&str> = told.moved.values().map(|(was, _)| *was).collect();
    let stay = after.packages();
    let gone: BTreeSet<&str> =
        before.packages().into_iter().filter(|one| !one.is_empty() && !stay.contains(one) && !renamed.contains(one)).collect();
    for package in &gone {
        told.add("proto-package-removed", (package, ""), text(package), None);
    }
    for (path, was) in &before.files {
        match after.files.get(path) {
            Some(is) => file(told, path, was, is),
            None if gone.contains(was.package) => {}
            None => told.add("proto-file-removed", (path, ""), Some((*path).to_owned()), None),
        }
    }
    gone
}

fn file(told: &mut Told, path: &str, before: &File, after: &File) {
    if let (Some(was), Some(is)) = (before.syntax, after.syntax)
        && was != is
    {
        told.add("proto-syntax-changed", (path, ""), Some(syntax(was)), Some(syntax(is)));
    }
    let names: BTreeSet<&String> = [before, after].iter().filter_map(|file| file.options).flat_map(Options::keys).collect();
    for name in names {
        // What steers single fields is told at them.
        if name.starts_with("features.") || name == "java_string_check_utf8" {
            continue;
        }
        let default = DEFAULTS.iter().find(|(option, _)| option == name).map(|(_, value)| *value);
        let value =
            |file: &File| file.options.and_then(|options| options.get(name)).map(|value| value.trim_matches(['"', '\'']).to_owned());
        let (was, is) = (value(before), value(after));
        let told_value = |value: &Option<String>| value.clone().or_else(|| default.map(str::to_owned)).unwrap_or_default();
        if told_value(&was) != told_value(&is) {
            told.add("proto-file-option-changed", (path, name), was, is);
        }
    }
}

fn text(package: &str) -> Option<String> {
    (!package.is_empty()).then(|| package.to_owned())
}

fn syntax(syntax: &ProtoSyntax) -> String {
    match syntax {
        ProtoSyntax::Proto2 => "proto2".to_owned(),
        ProtoSyntax::Proto3 => "proto3".to_owned(),
        ProtoSyntax::Edition(year) => format!("edition {year}"),
    }
}
