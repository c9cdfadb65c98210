//! Terraform and OpenTofu: modules walked from their roots, with what callers hand in; resources as what they are for.
//!
//! Values of `.tfvars` files are not read: they may be secrets, and they differ between environments.

mod functions;
mod kinds;
mod resources;
mod scope;
mod settings;

use std::collections::{BTreeMap, BTreeSet};

use super::paths;
use crate::facts::hcl::{Block, Expr};
use crate::facts::infrastructure::{CloudResource, Content, Format, Infrastructure, Section, Source, Spot, Thing, Variable};
use scope::{Bound, Scope};

/// Modules call one another so deep.
const DEPTH: usize = 6;
/// So many calls of modules, and no more are followed.
const CALLS: usize = 2000;

/// The files of one folder.
#[derive(Default)]
pub(super) struct Module<'a> {
    blocks: Vec<(&'a str, &'a Block)>,
}

impl<'a> Module<'a> {
    fn of(&self, kind: &'static str) -> impl Iterator<Item = (&'a str, &'a Block)> + '_ {
        self.blocks.iter().copied().filter(move |(_, block)| block.kind == kind)
    }
}

/// Reads all modules.
pub fn read(sources: &[Source]) -> Infrastructure {
    let modules = modules_of(sources);
    let mut called: BTreeSet<String> = BTreeSet::new();
    for (folder, module) in &modules {
        let local = module.of("module").filter_map(|(_, call)| called_folder(folder, call));
        called.extend(local.filter(|target| target != folder && modules.contains_key(target.as_str())));
    }
    let mut walk = Walk { modules: &modules, found: Infrastructure::default(), calls: 0 };
    for (folder, module) in &modules {
        if !called.contains(*folder) {
            walk.module(folder, "", &Scope::root(module), 0);
        }
        declared(module, &mut walk.found);
    }
    walk.found
}

fn modules_of(sources: &[Source]) -> BTreeMap<&str, Module<'_>> {
    let mut modules: BTreeMap<&str, Module> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.format == Format::Terraform) {
        let Content::Hcl(body) = &source.content else { continue };
        let module = modules.entry(paths::parent(&source.file)).or_default();
        module.blocks.extend(body.blocks.iter().map(|block| (source.file.as_str(), block)));
    }
    modules
}

/// The folder of a module that is called by a path.
fn called_folder(folder: &str, call: &Block) -> Option<String> {
    let source = call.body.get("source")?.plain()?;
    if source.starts_with("./") || source.starts_with("../") { paths::joined(folder, source) } else { None }
}

/// Variables, outputs, providers and the place of the state: what a module says of itself, however often it is called.
fn declared(module: &Module, found: &mut Infrastructure) {
    for (file, block) in module.of("variable") {
        found.variables.extend(variable(file, block));
    }
    for (file, block) in module.of("output") {
        let Some(name) = block.labels.first() else { continue };
        found.things.push(Thing::new(Section::Output, name.as_str(), "", Spot::new(file, name.as_str(), block.line)));
    }
    let mut required: BTreeSet<String> = BTreeSet::new();
    for (file, block) in module.of("terraform") {
        for (name, asked) in block.body.blocks_of("required_providers").flat_map(|block| &block.body.attributes) {
            let source = asked.get("source").and_then(Expr::plain).unwrap_or_default();
            let mut thing = Thing::new(Section::Provider, name.as_str(), source, Spot::new(file, name.as_str(), block.line));
            thing.version = asked.get("version").or(Some(asked)).and_then(Expr::plain).map(str::to_owned);
            found.things.push(thing);
            required.insert(name.to_string());
        }
        backend(file, block, found);
    }
    for (file, block) in module.of("provider") {
        let Some(name) = block.labels.first() else { continue };
        found.things.push(Thing::new(Section::Provider, name.as_str(), "", Spot::new(file, name.as_str(), block.line)));
        required.insert(name.to_string());
    }
    for (file, block) in module.of("resource") {
        let prefix = block.labels.first().and_then(|kind| kind.split_once('_')).map(|(prefix, _)| prefix);
        let Some(name) = prefix.filter(|name| !required.contains(*name)) else { continue };
        let mut thing = Thing::new(Section::Provider, name, "", Spot::new(file, "", 0));
        thing.is_implied = true;
        found.things.push(thing);
    }
}

fn variable(file: &str, block: &Block) -> Option<Variable> {
    let name = block.labels.first()?;
    let body = &block.body;
    let kind = match body.get("type") {
        Some(Expr::Path(path)) => path.clone(),
        Some(Expr::Call(name, args)) => match args.as_slice() {
            [Expr::Path(inner)] => format!("{name}({inner})"),
            _ => name.to_string(),
        },
        Some(other) => other.plain().unwrap_or_default().to_owned(),
        None => String::new(),
    };
    let default = body.get("default");
    Some(Variable {
        name: name.to_string(),
        kind,
        is_required: default.is_none(),
        is_sensitive: body.get("sensitive").and_then(Expr::plain) == Some("true"),
        default: default.and_then(Expr::plain).filter(|text| *text != "null").map(str::to_owned),
        description: body.get("description").and_then(Expr::plain).unwrap_or_default().to_owned(),
        spots: vec![Spot::new(file, name.as_str(), block.line)],
    })
}

/// The bucket that keeps the state.
fn backend(file: &str, block: &Block, found: &mut Infrastructure) {
    for backend in block.body.blocks_of("backend") {
        let kind = backend.labels.first().map_or("", |label| label.as_str());
        let attribute = match kind {
            "s3" | "gcs" | "oss" | "cos" => "bucket",
            "azurerm" => "container_name",
            _ => continue,
        };
        if let Some(name) = backend.body.get(attribute).and_then(Expr::plain) {
            found.things.push(Thing::new(Section::Bucket, name, "terraform state", Spot::new(file, "backend", backend.line)));
        }
    }
}

struct Walk<'a> {
    modules: &'a BTreeMap<&'a str, Module<'a>>,
    found: Infrastructure,
    calls: usize,
}

impl Walk<'_> {
    /// Reads a module under an address, with what its caller hands in.
    fn module(&mut self, folder: &str, address: &str, scope: &Scope, depth: usize) {
        let Some(module) = self.modules.get(folder) else { return };
        for (file, block) in module.of("resource") {
            self.resource(file, block, address, (scope, module));
        }
        for (file, block, kind, name) in settings::forgotten(module) {
            self.found.resources.push(CloudResource {
                kind: kind.to_owned(),
                name: name.to_owned(),
                module: address.to_owned(),
                settings: BTreeMap::from([("managed".to_owned(), "false".to_owned())]),
                spots: vec![Spot::new(file, format!("{kind}.{name}"), block.line)],
                ..CloudResource::default()
            });
        }
        for (file, block) in module.of("data") {
            resources::needed(file, block, address, scope, true, &mut self.found);
        }
        resources::services(module, address, scope, &mut self.found);
        functions::wire(folder, module, scope, &mut self.found);
        for (file, call) in module.of("module") {
            self.call(folder, file, call, address, scope, depth);
        }
    }

    fn resource(&mut self, file: &str, block: &Block, address: &str, (scope, module): (&Scope, &Module)) {
        let [kind, name] = block.labels.as_slice() else { return };
        self.found.resources.push(CloudResource {
            kind: kind.to_string(),
            name: name.to_string(),
            module: address.to_owned(),
            instances: scope.instances(&block.body).unwrap_or_default(),
            settings: settings::of(block, module, scope),
            spots: vec![Spot::new(file, format!("{kind}.{name}"), block.line)],
        });
        resources::needed(file, block, address, scope, false, &mut self.found);
    }

    fn call(&mut self, folder: &str, file: &str, call: &Block, address: &str, scope: &Scope, depth: usize) {
        let Some(name) = call.labels.first() else { return };
        let address = if address.is_empty() { format!("module.{name}") } else { format!("{address}.module.{name}") };
        let target = called_folder(folder, call).filter(|target| self.modules.contains_key(target.as_str()));
        let Some((target, module)) = target.and_then(|target| self.modules.get_key_value(target.as_str())) else {
            return self.found.resources.push(CloudResource {
                kind: "module".into(),
                name: name.to_string(),
                module: address.strip_suffix(&format!(".module.{name}")).unwrap_or_default().to_owned(),
                instances: scope.instances(&call.body).unwrap_or_default(),
                spots: vec![Spot::new(file, format!("module.{name}"), call.line)],
                ..CloudResource::default()
            });
        };
        self.calls += 1;
        if depth >= DEPTH || self.calls > CALLS {
            return;
        }
        let bound: Vec<Bound> = call.body.attributes.iter().map(|(key, expr)| (key.clone(), expr)).collect();
        match scope.instances(&call.body) {
            Some(keys) => {
                for key in keys {
                    let caller = scope.with_key(&key);
                    self.module(target, &address, &Scope::called(module, &caller, &bound), depth + 1);
                }
            }
            None => self.module(target, &address, &Scope::called(module, scope, &bound), depth + 1),
        }
    }
}
