//! What a feature is for, in one or two sentences: what its documentation says, else what it serves.

use std::collections::BTreeMap;

use super::words::{Word, key_of, stem_of, word_of};
use crate::base::code::Outline;
use crate::contract::model::{FeatureContract, FeatureKind, Operation};
use crate::facts::program::{FileId, Program};
use crate::link::system::System;

/// Longer texts are cut at the end of a sentence, or of a word.
const LONGEST: usize = 300;

/// What a feature with these files is for; empty when nothing says it.
pub(super) fn purpose_of(system: &System, manifests: &[(String, String)], feature: &FeatureContract, files: &[FileId]) -> String {
    let folder = folder_of(&feature.files);
    documented(system, &folder, feature, files)
        .or_else(|| if feature.kind == FeatureKind::Feature { readme_around(manifests, &folder) } else { None })
        .unwrap_or_else(|| served(&feature.http))
}

/// What the README of a folder says, or of the one that it is the source folder of.
fn readme_around(manifests: &[(String, String)], folder: &str) -> Option<String> {
    let mut folder = folder;
    while !folder.is_empty() {
        if let Some(text) = readme(manifests, folder) {
            return Some(text);
        }
        let (parent, name) = folder.rsplit_once('/').unwrap_or(("", folder));
        folder = if word_of(name) == Word::Through { parent } else { "" };
    }
    None
}

/// What the README of a folder says first.
pub(super) fn readme(manifests: &[(String, String)], folder: &str) -> Option<String> {
    let in_folder = |path: &str| path.rsplit_once('/').map_or(folder.is_empty(), |(parent, _)| parent == folder);
    let is_readme = |path: &str| path.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("readme.md"));
    let (_, text) = manifests.iter().find(|(path, _)| in_folder(path) && is_readme(path))?;
    first_paragraph(text)
}

/// The folder that all files have in common.
pub(super) fn folder_of(files: &[String]) -> String {
    let mut common: Option<Vec<&str>> = None;
    for file in files {
        let parts: Vec<&str> = file.split('/').collect();
        let folder = parts.split_last().map_or(&[][..], |(_, folder)| folder);
        common = Some(match common {
            None => folder.to_vec(),
            Some(common) => common.into_iter().zip(folder).take_while(|(left, right)| left == *right).map(|(left, _)| left).collect(),
        });
    }
    common.unwrap_or_default().join("/")
}

/// What the documentation of the feature's main module says.
fn documented(system: &System, folder: &str, feature: &FeatureContract, files: &[FileId]) -> Option<String> {
    let key = key_of(&feature.name);
    let rank = |path: &str| {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_top = parent == folder;
        match stem_of(name) {
            "__init__" | "mod" | "lib" | "main" | "index" if is_top => Some(0),
            stem if key_of(stem) == key => Some(1),
            "router" | "routes" | "views" | "api" if is_top => Some(2),
            _ if files.len() == 1 => Some(3),
            _ => None,
        }
    };
    let mut ranked: Vec<(u8, &str, FileId)> =
        files.iter().filter_map(|file| rank(system.path(*file)).map(|rank| (rank, system.path(*file), *file))).collect();
    ranked.sort_unstable();
    ranked.into_iter().find_map(|(_, _, file)| doc_of(&system.file(file).outline).and_then(first_paragraph))
}

fn doc_of(outline: &Outline) -> Option<&str> {
    outline.doc.as_deref().filter(|doc| !doc.trim().is_empty())
}

/// The first paragraph of a text that is prose: no heading, badge, list, table, code or licence.
fn first_paragraph(text: &str) -> Option<String> {
    let mut is_code = false;
    let mut paragraph: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") {
            is_code = !is_code;
        }
        let is_prose =
            !is_code && line.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '`' | '"' | '*' | '_')) && !is_underline(line);
        let is_item = line.starts_with("* ") || line.starts_with("**Note");
        match (is_prose && !is_item, paragraph.is_empty()) {
            (true, _) => paragraph.push(line),
            (false, false) if is_underline(line) => paragraph.clear(),
            (false, false) => break,
            (false, true) => {}
        }
    }
    let text = unmarked(&paragraph.join(" "));
    let first = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let is_instruction = INSTRUCTIONS.contains(&first.to_lowercase().as_str());
    let is_told = !is_instruction
        && text.split_whitespace().count() >= 3
        && !text.to_lowercase().starts_with("copyright")
        && !text.contains("SPDX-")
        && !text.ends_with(':')
        && !is_boilerplate(&text);
    is_told.then(|| shortened(&text))
}

/// First words of what tells how to do something rather than what it is.
const INSTRUCTIONS: &[&str] = &[
    "run", "see", "install", "to", "use", "click", "make", "follow", "requires", "copy", "note", "first", "if", "please", "todo", "check",
];

/// What generators of projects write.
fn is_boilerplate(text: &str) -> bool {
    ["was generated", "bootstrapped with", "is built using", "This template"].iter().any(|words| text.contains(words))
}

/// A line under a heading.
fn is_underline(line: &str) -> bool {
    line.len() >= 3 && (line.bytes().all(|b| b == b'=') || line.bytes().all(|b| b == b'-'))
}

/// Without emphasis, code marks and the targets of links.
fn unmarked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        plain.push_str(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let plain: String =
        plain.replace("**", "").replace("__", "").chars().filter(|c| !matches!(c, '[' | '`' | '!') && !c.is_control()).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most two sentences.
fn shortened(text: &str) -> String {
    let ends: Vec<usize> = text
        .match_indices(". ")
        .map(|(at, _)| at + 1)
        .filter(|end| !text[..*end].ends_with("e.g.") && !text[..*end].ends_with("i.e."))
        .collect();
    let end = ends.get(1).or(ends.first()).copied().filter(|_| ends.len() > 1).unwrap_or(text.len());
    let text = text.get(..end).unwrap_or(text);
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{}…", cut.trim_end_matches([',', ';', ':', '.']))
}

/// What it serves, in one sentence.
fn served(operations: &[Operation]) -> String {
    let [first, ..] = operations else { return String::new() };
    if let [only] = operations {
        return format!("Serves {}.", only.key());
    }
    let mut common: Vec<&str> = first.path.split('/').filter(|part| !part.is_empty()).collect();
    for operation in operations {
        let parts: Vec<&str> = operation.path.split('/').filter(|part| !part.is_empty()).collect();
        let same = common.iter().zip(&parts).take_while(|(left, right)| left == right).count();
        common.truncate(same);
    }
    if !common.is_empty() {
        return format!("Serves {} HTTP operations under /{}.", operations.len(), common.join("/"));
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in operations {
        *counts.entry(operation.path.trim_start_matches('/').split('/').next().unwrap_or_default()).or_default() += 1;
    }
    let mut tops: Vec<(usize, &str)> = counts.into_iter().map(|(top, count)| (usize::MAX - count, top)).collect();
    tops.sort_unstable();
    let tops: Vec<String> = tops.iter().take(3).map(|(_, top)| format!("/{top}")).collect();
    format!("Serves {} HTTP operations, most of them under {}.", operations.len(), tops.join(", "))
}
