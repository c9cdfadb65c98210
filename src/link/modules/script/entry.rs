//! From files that a build makes back to the source they are made from.

use super::file_at;
use super::npm::NpmPackage;
use crate::facts::program::FileId;
use crate::link::modules::tree::{Tree, ancestors, below, join, last, parent, script_stem, under};

/// Directories that builds write to.
const BUILT: &[&str] =
    &["dist", "lib", "build", "out", "es", "esm", "cjs", "umd", "output", "types", "typings", "mjs", "module", "commonjs", "dist-types"];

/// Directories that hold nothing but what a build wrote.
const OUTPUT: &[&str] = &["dist", "build", "out", "output"];

/// The source of a built file that an alias names, when it lies in a directory for builds alone.
pub(super) fn aliased_source(tree: &Tree, path: &str) -> Option<FileId> {
    let root = ancestors(parent(path)).find(|dir| OUTPUT.contains(&last(dir))).map(parent)?;
    source(tree, root, path)
}

/// The source of a built file of the package in `root`: the build's directories are dropped one by one, and `src` is tried.
pub(super) fn source(tree: &Tree, root: &str, path: &str) -> Option<FileId> {
    let (before, mut rest) = (root, below(path, root)?);
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
    let subpath = &join("", subpath)?;
    let plain = under(&package.dir, subpath);
    let sources = [plain.clone(), under(&under(&package.dir, "src"), subpath), under(&under(&package.dir, "lib"), subpath)];
    sources.iter().find_map(|path| at(tree, path)).or_else(|| source(tree, &package.dir, &plain))
}
