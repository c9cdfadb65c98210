//! Build output that only its content gives away: a `dist` or `build` folder may hold source, or what a bundler wrote.

use super::kind::FileKind;
use super::left_out::{LeftOut, Reason};
use super::rules;
use super::tree::SourceFile;
use crate::base::kept::{Kept, KeptSet};
use std::collections::BTreeSet;

/// Folders that were seen to hold build output.
pub(super) type Outputs = BTreeSet<String>;

/// Remembers the folder around `path` when `path` is a file only a build leaves behind.
pub(super) fn note(outputs: &mut Outputs, path: &str) {
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    if !above.is_empty()
        && rules::marks_output(name)
        && let Some(folder) = output_folder(above)
    {
        outputs.insert(folder.to_owned());
    }
}

/// Whether a file at this path may tell that the folder around it is build output.
pub(super) fn is_mark(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(above, name)| rules::marks_output(name) && output_folder(above).is_some())
}

/// The innermost of a folder and its parents that may hold output.
fn output_folder(mut folder: &str) -> Option<&str> {
    loop {
        let (above, name) = folder.rsplit_once('/').unwrap_or(("", folder));
        if rules::may_be_output(name) {
            return Some(folder);
        }
        if above.is_empty() {
            return None;
        }
        folder = above;
    }
}

/// Takes the files in build output out of the sorted list, and counts the folders.
pub(super) fn leave_out(files: &mut Vec<SourceFile>, mut outputs: Outputs, left_out: &mut LeftOut, keep: KeptSet) {
    if keep.has(Kept::Generated) {
        return;
    }
    note_compiled(files, &mut outputs);
    if outputs.is_empty() {
        return;
    }
    files.retain(|file| !memchr::memchr_iter(b'/', file.path.as_bytes()).any(|at| outputs.contains(&file.path[..at])));
    outputs.iter().for_each(|folder| left_out.count_folder(Reason::BuildOutput, folder));
}

/// A declaration file beside the JavaScript it declares: the TypeScript compiler wrote both.
fn note_compiled(files: &[SourceFile], outputs: &mut Outputs) {
    for file in files.iter().filter(|file| matches!(file.kind, FileKind::Code(_))) {
        let Some(stem) = file.path.strip_suffix(".d.ts") else { continue };
        let Some(folder) = file.path.rsplit_once('/').and_then(|(above, _)| output_folder(above)) else { continue };
        let script = format!("{stem}.js");
        if files.binary_search_by(|other| other.path.as_str().cmp(&script)).is_ok() {
            outputs.insert(folder.to_owned());
        }
    }
}
