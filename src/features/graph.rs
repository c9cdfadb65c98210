//! What features need of each other: imports between their files, circles, and layers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::base::Name;
use crate::base::code::{Expr, Import, Imported};
use crate::contract::model::{Dependency, DependencyKind, Evidence, FeatureContract, Relationships};
use crate::facts::program::{FileId, Meaning, Program, Site};
use crate::link::modules::ModuleRef;
use crate::link::system::System;

/// Places kept for one edge.
const PLACES: usize = 10;

/// Distinct uses: importing file, file it is brought from, and what.
type Uses = BTreeSet<(FileId, FileId, Name)>;

/// Where what a file passes on under a name is declared.
type Known = HashMap<(FileId, Name), Option<FileId>>;

/// Fills in what the features need of each other. `owners` says for every file which feature has it.
pub(super) fn connect(system: &System, owners: &[usize], features: &mut [FeatureContract]) -> Relationships {
    let mut edges: BTreeMap<(usize, usize), Uses> = BTreeMap::new();
    let mut known = Known::new();
    for file in system.file_ids() {
        let Some(from) = owners.get(file.index()) else { continue };
        for (import, index) in system.file(file).outline.imports.iter().zip(0u32..) {
            let Some((target, symbol)) = target_of(system, file, (import, index), &mut known) else { continue };
            if let Some(to) = owners.get(target.index()).filter(|to| *to != from) {
                edges.entry((*from, *to)).or_default().insert((file, target, symbol));
            }
        }
    }
    for (file, target, name) in system.file_ids().flat_map(|file| declared_by(system, file)) {
        if let (Some(from), Some(to)) = (owners.get(file.index()), owners.get(target.index()))
            && from != to
        {
            edges.entry((*from, *to)).or_default().insert((file, target, name));
        }
    }
    for ((from, to), uses) in &edges {
        let Some(on) = features.get(*to).map(|feature| feature.slug.clone()) else { continue };
        let evidence: BTreeSet<(&str, &str)> = uses.iter().map(|(file, _, symbol)| (system.path(*file), symbol.as_str())).collect();
        let evidence = evidence.into_iter().take(PLACES).map(|(path, symbol)| Evidence::new(path, symbol, 0)).collect();
        let weight = u32::try_from(uses.len()).unwrap_or(u32::MAX);
        if let Some(feature) = features.get_mut(*from) {
            feature.dependencies.push(Dependency { on, kind: DependencyKind::Import, weight, evidence });
        }
    }
    shape_of(edges.keys().copied(), features)
}

/// The modules that a program's first file declares, which it uses by their paths. Those of a library only belong to it.
fn declared_by(system: &System, file: FileId) -> Vec<(FileId, FileId, Name)> {
    if super::words::stem_of(system.path(file)) != "main" {
        return Vec::new();
    }
    let mods = (0u32..).zip(&system.file(file).outline.mods);
    let declared = mods.filter_map(|(index, declared)| match system.modules().declared(file, index) {
        Some(ModuleRef::File(target)) => Some((file, target, declared.name.clone())),
        _ => None,
    });
    declared.collect()
}

/// The file that an import brings something from, and what.
fn target_of(system: &System, file: FileId, (import, index): (&Import, u32), known: &mut Known) -> Option<(FileId, Name)> {
    let modules = system.modules();
    let (module, rest) = system.imported(file, index)?;
    let named = match &import.what {
        Imported::Name(name) => name.clone(),
        Imported::Glob => "*".into(),
        _ => import.local.clone(),
    };
    let inner = rest.and_then(|name| modules.submodule(module, name));
    if let Some(ModuleRef::File(inner)) = inner {
        return Some((inner, named));
    }
    let (ModuleRef::File(target) | ModuleRef::Inline(target, _)) = *module else { return None };
    // A file that only passes names on is not where they come from.
    let passes_on = matches!(super::words::stem_of(system.path(target)), "index" | "__init__" | "mod" | "lib");
    if !passes_on || import.local.is_empty() {
        return Some((target, named));
    }
    let defined = match &import.what {
        Imported::Name(name) if matches!(module, ModuleRef::File(_)) => {
            *known.entry((target, name.clone())).or_insert_with(|| defined_in(system, file, import))
        }
        _ => defined_in(system, file, import),
    };
    Some((defined.filter(|found| *found != file).unwrap_or(target), named))
}

/// The file in which an imported name is declared.
fn defined_in(system: &System, file: FileId, import: &Import) -> Option<FileId> {
    let name = Expr::Ref(import.local.clone());
    let site = Site::of_scope(file, import.scope);
    match system.resolve(&site, &name) {
        Meaning::Module(found, _) => Some(found),
        Meaning::Function(function, _) => Some(function.file),
        Meaning::Class(class) | Meaning::Instance(class) => Some(class.file),
        Meaning::Value(_, site) => Some(site.file),
        _ => None,
    }
}

/// Circles and layers of the graph.
fn shape_of(edges: impl Iterator<Item = (usize, usize)>, features: &[FeatureContract]) -> Relationships {
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..features.len()).map(|index| graph.add_node(index)).collect();
    for (from, to) in edges {
        if let (Some(from), Some(to)) = (nodes.get(from), nodes.get(to)) {
            graph.add_edge(*from, *to, ());
        }
    }
    let slug = |node: &NodeIndex| features.get(node.index()).map(|feature| feature.slug.clone()).unwrap_or_default();
    let mut relationships = Relationships::default();
    let mut depth: BTreeMap<NodeIndex, usize> = BTreeMap::new();
    // Components come with those they need before them.
    for component in tarjan_scc(&graph) {
        let needs = component.iter().flat_map(|node| graph.edges(*node)).map(|edge| edge.target());
        let below = needs.filter(|target| !component.contains(target)).filter_map(|target| depth.get(&target)).max();
        let layer = below.map_or(0, |below| below + 1);
        depth.extend(component.iter().map(|node| (*node, layer)));
        if relationships.layers.len() <= layer {
            relationships.layers.resize(layer + 1, Vec::new());
        }
        let slugs: Vec<String> = component.iter().map(slug).collect();
        if let Some(list) = relationships.layers.get_mut(layer) {
            list.extend(slugs.iter().cloned());
        }
        if slugs.len() > 1 {
            relationships.cycles.push(slugs);
        }
    }
    relationships
}
