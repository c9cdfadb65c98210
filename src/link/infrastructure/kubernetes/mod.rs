//! Manifests of Kubernetes: those of files, those that Kustomize makes, those of Helm charts.

mod helm;
mod kinds;
mod kustomize;
mod patch;
mod settings;
mod workload;

use std::collections::BTreeMap;

use super::paths;
use crate::facts::infrastructure::{Content, Format, Infrastructure, Source};
use crate::facts::tree::Node;

/// A manifest and how it comes to the cluster.
#[derive(Clone, Debug, Default)]
struct Manifest {
    /// The file it stands in.
    file: String,
    node: Node,
    /// What is put before and behind its name.
    prefix: String,
    suffix: String,
}

impl Manifest {
    fn kind(&self) -> &str {
        self.node.text_of("kind").unwrap_or_default()
    }

    fn own_name(&self) -> &str {
        self.node.text_at(&["metadata", "name"]).unwrap_or_default()
    }

    /// A name as it is in the cluster.
    fn full(&self, name: &str) -> String {
        format!("{}{name}{}", self.prefix, self.suffix)
    }
}

/// What goes to one cluster together: names lead from one manifest to another inside it.
#[derive(Default)]
struct Set {
    manifests: Vec<Manifest>,
}

/// Reads all manifests.
pub fn read(sources: &[Source]) -> Infrastructure {
    let mut files: BTreeMap<&str, Vec<Manifest>> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.format == Format::Kubernetes) {
        let Content::Trees(trees) = &source.content else { continue };
        let manifests = trees.iter().flat_map(listed).map(|node| Manifest { file: source.file.clone(), node, ..Manifest::default() });
        files.insert(&source.file, manifests.collect());
    }
    let made = kustomize::render(sources, &files);
    let mut found = Infrastructure::default();
    for set in &made.sets {
        kinds::read(set, &mut found);
    }
    let mut folders: BTreeMap<&str, Set> = BTreeMap::new();
    for (path, manifests) in files.iter().filter(|(path, _)| !made.taken.contains(**path)) {
        folders.entry(paths::parent(path)).or_default().manifests.extend(manifests.iter().cloned());
    }
    for set in folders.values() {
        kinds::read(set, &mut found);
    }
    for set in helm::render(sources, &mut found) {
        kinds::read(&set, &mut found);
    }
    found
}

/// A document, or the items of a list of manifests.
fn listed(node: &Node) -> Vec<Node> {
    let is_list = node.text_of("kind").is_some_and(|kind| kind == "List");
    if is_list { node.items_at(&["items"]).to_vec() } else { vec![node.clone()] }
}
