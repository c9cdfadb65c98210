//! From files that a build makes back to the source they are made from.

use super::file_at;
use super::npm::NpmPackage;
use crate::facts::program::FileId;
use crate::link::modules::tree::{Tree, below, last, script_stem, under};

/// Directories that builds write to.
const BUILT: &[&str] =
    &["dist", "lib", "build", "out", "es", "esm", "cjs", "umd", "output", "types", "typings", "mjs", "module", "commonjs", "dist-types"];

/// The source of a built file of the package in `root`: the build's directories are dropped one by one, and `src` is tried.
pub(super) fn source(tree: &Tree, root: &str, path: &str) -> Option<FileId> {
    let (before, mut rest) = match below(path, root) {
        Some(rest) if !root.is_empty() => (root, rest),
        _ => cut_at_build(path)?,
    };
    rest = script_stem(rest);
    let mut dropped = 0;
    while let Some((first, after)) = rest.split_once('/') {
        if !BUILT.contains(&first) {
            break;
        }
        rest = after;
        dropped += 1;
        let sources = [under("src", rest), rest.to_owned(), under("source", rest), under("lib", rest)];
        if let Some(file) = sources.iter().find_map(|source| at(tree, &under(before, source))) {
            return Some(file);
        }
    }
    // Some builds keep the package's own path below their directory: `dist/packages/x/src/index.js`.
    let kept = rest.find("src/").filter(|_| dropped > 0).map(|start| &rest[start..]);
    kept.and_then(|kept| at(tree, &under(before, kept)))
}

fn cut_at_build(path: &str) -> Option<(&str, &str)> {
    let mut start = 0;
    for segment in path.split('/') {
        if BUILT.contains(&segment) {
            return Some((path[..start].trim_end_matches('/'), &path[start..]));
        }
        start += segment.len() + 1;
    }
    None
}

fn at(tree: &Tree, path: &str) -> Option<FileId> {
    file_at(tree, path).or_else(|| tree.script(&under(path, "index")))
}

/// The file a package most likely means by a subpath when its manifest does not lead to one.
pub(super) fn guess(tree: &Tree, package: &NpmPackage, subpath: &str) -> Option<FileId> {
    if subpath.is_empty() {
        let short = last(&package.name);
        let names = ["src/index", "index", "src/main", "lib/index", "main", "mod", "source/index"];
        let named = [under("src", short), under("lib", short), short.to_owned()];
        return names.into_iter().chain(named.iter().map(String::as_str)).find_map(|name| tree.script(&under(&package.dir, name)));
    }
    let plain = under(&package.dir, subpath);
    let sources = [plain.clone(), under(&under(&package.dir, "src"), subpath), under(&under(&package.dir, "lib"), subpath)];
    sources.iter().find_map(|path| at(tree, path)).or_else(|| source(tree, &package.dir, &plain))
}
