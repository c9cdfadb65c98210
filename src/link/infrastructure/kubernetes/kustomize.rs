//! Kustomize: the manifests that a kustomization makes of its resources.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{engines, paths};
use super::{Manifest, Set, patch};
use crate::base::Name;
use crate::facts::infrastructure::{Content, Format, Source};
use crate::facts::tree::{Node, Value};

/// Kustomizations stand on one another so deep.
const DEPTH: usize = 12;
/// So many manifests are made.
const MANIFESTS: usize = 20_000;

/// What all kustomizations make.
#[derive(Default)]
pub struct Made {
    /// The manifests of each kustomization that no other stands on.
    pub sets: Vec<Set>,
    /// Files that a kustomization takes.
    pub taken: BTreeSet<String>,
}

/// Makes the manifests of all kustomizations.
pub fn render(sources: &[Source], files: &BTreeMap<&str, Vec<Manifest>>) -> Made {
    let mut folders: BTreeMap<&str, (&str, &Node)> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.format == Format::Kustomization) {
        if let Content::Trees(trees) = &source.content
            && let Some(root) = trees.first()
        {
            folders.insert(paths::parent(&source.file), (&source.file, root));
        }
    }
    let names: BTreeMap<&str, &[Name]> = sources
        .iter()
        .filter_map(|source| match &source.content {
            Content::Names(names) => Some((source.file.as_str(), names.as_slice())),
            _ => None,
        })
        .collect();
    let mut kitchen = Kitchen { folders, files, names, taken: BTreeSet::new(), made: 0 };
    let stood_on: BTreeSet<String> = kitchen
        .folders
        .iter()
        .flat_map(|(folder, (_, root))| resources(folder, root))
        .filter(|path| kitchen.folders.contains_key(path.as_str()))
        .collect();
    let roots: Vec<&str> = kitchen.folders.keys().copied().filter(|folder| !stood_on.contains(*folder)).collect();
    let mut made = Made::default();
    for root in roots {
        let set = Set { manifests: kitchen.cook(root, 0) };
        made.sets.push(set);
    }
    made.taken = kitchen.taken;
    made
}

/// The paths of a kustomization's resources, from the repository's root.
fn resources(folder: &str, root: &Node) -> Vec<String> {
    let listed = ["resources", "bases", "components"].iter().flat_map(|key| root.items_at(&[key]));
    listed.filter_map(Node::text).filter_map(|path| paths::joined(folder, path)).collect()
}

struct Kitchen<'a> {
    folders: BTreeMap<&'a str, (&'a str, &'a Node)>,
    files: &'a BTreeMap<&'a str, Vec<Manifest>>,
    names: BTreeMap<&'a str, &'a [Name]>,
    taken: BTreeSet<String>,
    made: usize,
}

impl Kitchen<'_> {
    /// The manifests that the kustomization of a folder makes.
    fn cook(&mut self, folder: &str, depth: usize) -> Vec<Manifest> {
        let Some((path, root)) = self.folders.get(folder).copied().filter(|_| depth < DEPTH) else { return Vec::new() };
        let mut manifests: Vec<Manifest> = Vec::new();
        for resource in resources(folder, root) {
            match self.files.get(resource.as_str()) {
                Some(known) => {
                    manifests.extend(known.iter().cloned());
                    self.taken.insert(resource);
                }
                None => manifests.extend(self.cook(&resource, depth + 1)),
            }
        }
        self.made = self.made.saturating_add(manifests.len());
        if self.made > MANIFESTS {
            return Vec::new();
        }
        manifests.extend(self.generated(path, folder, root));
        self.patched(folder, root, &mut manifests);
        let images = root.items_at(&["images"]);
        let replicas = root.items_at(&["replicas"]);
        for manifest in &mut manifests {
            replace_images(&mut manifest.node, images, 0);
            scale(manifest, replicas);
            manifest.prefix.insert_str(0, root.text_of("namePrefix").unwrap_or_default());
            manifest.suffix.push_str(root.text_of("nameSuffix").unwrap_or_default());
        }
        manifests
    }

    /// Config maps and secrets that are generated. Values of secrets are not read.
    fn generated(&self, path: &str, folder: &str, root: &Node) -> Vec<Manifest> {
        let mut made = Vec::new();
        for (key, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            for generator in root.items_at(&[key]) {
                let Some(name) = generator.text_of("name") else { continue };
                let mut data: Vec<(Name, Node)> = Vec::new();
                for literal in generator.items_at(&["literals"]).iter().filter_map(Node::text) {
                    let (key, value) = literal.split_once('=').unwrap_or((literal, ""));
                    let value = if kind == "Secret" { Value::Null } else { Value::Quoted(value.to_owned()) };
                    data.push((key.into(), Node::new(value)));
                }
                let listed = generator.items_at(&["envs"]).iter().filter_map(Node::text).chain(generator.text_of("env"));
                for file in listed.filter_map(|file| paths::joined(folder, file)) {
                    let names = self.names.get(file.as_str()).copied().unwrap_or_default();
                    data.extend(names.iter().map(|name| (name.clone(), Node::default())));
                }
                let text = |text: &str| Node::new(Value::Quoted(text.to_owned()));
                let node = Node {
                    line: generator.line,
                    ..Node::new(Value::Map(vec![
                        ("kind".into(), text(kind)),
                        ("metadata".into(), Node::new(Value::Map(vec![("name".into(), text(name))]))),
                        ("data".into(), Node::new(Value::Map(data))),
                    ]))
                };
                made.push(Manifest { file: path.to_owned(), node, ..Manifest::default() });
            }
        }
        made
    }

    fn patched(&mut self, folder: &str, root: &Node, manifests: &mut [Manifest]) {
        let mut patches: Vec<(Option<&Node>, Node)> = Vec::new();
        for entry in ["patches", "patchesStrategicMerge", "patchesJson6902"].iter().flat_map(|key| root.items_at(&[key])) {
            let target = entry.get("target");
            let file = entry.text_of("path").or_else(|| entry.text()).and_then(|file| paths::joined(folder, file));
            if let Some(file) = file {
                self.taken.insert(file.clone());
                patches.extend(self.files.get(file.as_str()).into_iter().flatten().map(|manifest| (target, manifest.node.clone())));
            } else {
                patches.push((target, entry.get("patch").unwrap_or(entry).clone()));
            }
        }
        for (target, patch) in patches {
            let meant = target.unwrap_or(&patch);
            let kind = meant.text_of("kind");
            let name = meant.text_of("name").filter(|_| target.is_some()).or_else(|| patch.text_at(&["metadata", "name"]));
            let of = |manifest: &&mut Manifest| {
                kind.is_none_or(|kind| kind == manifest.kind())
                    && name.is_none_or(|name| {
                        name == manifest.own_name() || name == manifest.full(manifest.own_name()) || target.is_some() && name.contains('*')
                    })
            };
            for manifest in manifests.iter_mut().filter(of) {
                let name = manifest.own_name().to_owned();
                match &patch.value {
                    Value::List(operations) => patch::operate(&mut manifest.node, operations),
                    _ => patch::lay(&mut manifest.node, &patch, 0),
                }
                rename(&mut manifest.node, &name);
            }
        }
    }
}

/// A patch never renames what it is for.
fn rename(node: &mut Node, name: &str) {
    let Value::Map(entries) = &mut node.value else { return };
    let Some((_, metadata)) = entries.iter_mut().find(|(key, _)| key == "metadata") else { return };
    let Value::Map(entries) = &mut metadata.value else { return };
    if let Some((_, known)) = entries.iter_mut().find(|(key, _)| key == "name") {
        known.value = Value::Quoted(name.to_owned());
    }
}

/// `images: [{name: app, newName: registry/app, newTag: v2}]`.
fn replace_images(node: &mut Node, images: &[Node], depth: usize) {
    if images.is_empty() || depth > 60 {
        return;
    }
    match &mut node.value {
        Value::Map(entries) => {
            for (key, value) in entries {
                match value.text() {
                    Some(image) if key == "image" => {
                        if let Some(new) = replaced(image, images) {
                            value.value = Value::Quoted(new);
                        }
                    }
                    _ => replace_images(value, images, depth + 1),
                }
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| replace_images(item, images, depth + 1)),
        _ => {}
    }
}

fn replaced(image: &str, images: &[Node]) -> Option<String> {
    let (path, tag) = engines::split(image);
    let entry = images.iter().find(|entry| entry.text_of("name") == Some(path))?;
    let name = entry.text_of("newName").unwrap_or(path);
    if let Some(digest) = entry.text_of("digest") {
        return Some(format!("{name}@{digest}"));
    }
    match entry.text_of("newTag").or(tag) {
        Some(tag) => Some(format!("{name}:{tag}")),
        None => Some(name.to_owned()),
    }
}

fn scale(manifest: &mut Manifest, replicas: &[Node]) {
    let count = replicas.iter().find(|entry| entry.text_of("name") == Some(manifest.own_name())).and_then(|entry| entry.get("count"));
    if let Some(count) = count {
        let over = Node::new(Value::Map(vec![("spec".into(), Node::new(Value::Map(vec![("replicas".into(), count.clone())])))]));
        patch::lay(&mut manifest.node, &over, 0);
    }
}
