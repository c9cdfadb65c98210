//! Compose files: services, with what other files of the folder lay over them.

use std::collections::{BTreeMap, BTreeSet};

use super::docker::Dockerfile;
use super::interpolate::fill_plain;
use super::{containers, paths, secret, set};
use crate::base::Name;
use crate::facts::infrastructure::{Content, EnvUse, Format, Infrastructure, Port, Section, Service, Source, Spot, Thing};
use crate::facts::tree::{Node, Value};

/// Services may extend one another so deep.
const EXTENDS: usize = 8;

/// A service as the files say it, laid over one another.
struct Written<'a> {
    name: &'a str,
    node: Node,
    folder: &'a str,
    files: Vec<&'a str>,
}

/// Reads all Compose files.
pub fn read(sources: &[Source], dockerfiles: &BTreeMap<&str, Dockerfile>) -> Infrastructure {
    let mut files: Vec<(&str, &Node)> = sources
        .iter()
        .filter(|source| source.format == Format::Compose)
        .filter_map(|source| match &source.content {
            Content::Trees(trees) => Some((source.file.as_str(), trees.first()?)),
            _ => None,
        })
        .collect();
    files.sort_by_key(|(path, _)| (paths::parent(path), rank(paths::last(path)), *path));
    let mut found = Infrastructure::default();
    for (path, root) in &files {
        top_level(path, root, &mut found);
    }
    for service in written(&files) {
        read_service(&service, dockerfiles, &mut found);
    }
    found
}

/// The main file first, then what is laid over it, then what stands beside it.
fn rank(name: &str) -> u8 {
    let stem = name.trim_end_matches(".yaml").trim_end_matches(".yml");
    match stem {
        "docker-compose" | "compose" => 0,
        "docker-compose.override" | "compose.override" => 1,
        _ if stem.contains("base") || stem.contains("common") => 2,
        _ => 3,
    }
}

/// The services of all files; those of one name in one folder are one.
fn written<'a>(files: &[(&'a str, &'a Node)]) -> Vec<Written<'a>> {
    let mut services: Vec<Written<'a>> = Vec::new();
    for (path, root) in files {
        // Files of the first version have services at the top.
        let entries = root.entries_at(&["services"]);
        for (name, node) in entries {
            let node = extended(files, path, name, node, 0);
            let folder = paths::parent(path);
            match services.iter_mut().find(|known| known.name == name && known.folder == folder) {
                Some(known) => {
                    lay(&mut known.node, &node, rank(paths::last(path)) <= 1);
                    known.files.push(path);
                }
                None => services.push(Written { name, node, folder, files: vec![path] }),
            }
        }
    }
    services
}

/// A service with what it extends below it.
fn extended<'a>(files: &[(&'a str, &'a Node)], path: &str, name: &Name, node: &'a Node, depth: usize) -> Node {
    let Some(extends) = node.get("extends").filter(|_| depth < EXTENDS) else { return node.clone() };
    let (file, service) = match extends.text() {
        Some(service) => (path.to_owned(), service),
        None => {
            let file = extends.text_of("file").and_then(|file| paths::joined(paths::parent(path), file));
            (file.unwrap_or_else(|| path.to_owned()), extends.text_of("service").unwrap_or(name))
        }
    };
    let root = files.iter().find(|(known, _)| *known == file).map(|(_, root)| root);
    let Some((key, base)) = root.and_then(|root| root.entries_at(&["services"]).iter().find(|(known, _)| known == service)) else {
        return node.clone();
    };
    let mut whole = extended(files, &file, key, base, depth + 1);
    lay(&mut whole, node, true);
    whole
}

/// Lays one service over another as Compose does: lists grow, maps are joined, everything else is replaced (when it is an
/// override; a file for another occasion only adds).
fn lay(below: &mut Node, over: &Node, replaces: bool) {
    let Value::Map(own) = &mut below.value else {
        *below = over.clone();
        return;
    };
    for (key, node) in over.entries() {
        let Some((_, known)) = own.iter_mut().find(|(name, _)| name == key) else {
            own.push((key.clone(), node.clone()));
            continue;
        };
        let is_joined = matches!(
            key.as_str(),
            "environment" | "labels" | "depends_on" | "volumes" | "ports" | "expose" | "env_file" | "secrets" | "profiles"
        );
        if is_joined && !matches!(node.tag.as_str(), "reset" | "override") {
            join(known, node, replaces);
        } else if replaces || known.is_null() {
            known.overlay(node);
        }
    }
}

/// Joins two values that may be lists or maps. What a map has already stays, unless the file is an override.
fn join(known: &mut Node, node: &Node, replaces: bool) {
    match (&mut known.value, &node.value) {
        (Value::Map(_), Value::Map(_)) if replaces => known.overlay(node),
        (Value::Map(_), Value::Map(_)) => {
            let mut whole = node.clone();
            whole.overlay(known);
            *known = whole;
        }
        (Value::List(items), Value::List(more)) => items.extend(more.iter().cloned()),
        (_, Value::Null) => {}
        _ => {
            let mut items: Vec<Node> = as_items(known);
            items.extend(as_items(node));
            known.value = Value::List(items);
        }
    }
}

/// A list's items, or a map's entries as `key=value`.
fn as_items(node: &Node) -> Vec<Node> {
    let pair = |(key, value): &(Name, Node)| {
        let text = value.text().map_or_else(|| key.to_string(), |value| format!("{key}={value}"));
        Node { line: value.line, ..Node::new(Value::Quoted(text)) }
    };
    match &node.value {
        Value::Map(entries) => entries.iter().map(pair).collect(),
        _ => node.one_or_many().to_vec(),
    }
}

/// Volumes and secrets that a file declares, and the variables that are read outside of services.
fn top_level(path: &str, root: &Node, found: &mut Infrastructure) {
    for (key, section) in [("volumes", Section::Volume), ("secrets", Section::Secret)] {
        for (name, node) in root.entries_at(&[key]) {
            let mut thing = Thing::new(section, name.as_str(), "", Spot::new(path, name.as_str(), node.line));
            let other = node.text_of("name").filter(|_| section == Section::Volume).map(|name| fill_plain(name).text);
            thing.aliases.extend(other.filter(|other| other != name));
            found.things.push(thing);
        }
    }
    for (name, node) in root.entries_at(&["services"]) {
        reads_in(path, name, node, found);
        if let Some(image) = node.text_of("image") {
            containers::image(&fill_plain(image).text, image, &Spot::new(path, name.as_str(), node.line), Some(name), found);
        }
    }
    for (key, node) in root.entries().iter().filter(|(key, _)| key != "services" && !key.starts_with("x-")) {
        reads_in(path, key, node, found);
    }
}

/// The variables that texts below a node read.
fn reads_in(path: &str, symbol: &str, node: &Node, found: &mut Infrastructure) {
    match &node.value {
        Value::Plain(text) | Value::Quoted(text) if text.contains('$') => {
            for (name, access) in fill_plain(text).reads {
                found.env.push(EnvUse { name, access, spot: Spot::new(path, symbol, node.line), ..EnvUse::default() });
            }
        }
        Value::List(items) => items.iter().for_each(|item| reads_in(path, symbol, item, found)),
        Value::Map(entries) => entries.iter().for_each(|(_, item)| reads_in(path, symbol, item, found)),
        _ => {}
    }
}

fn read_service(written: &Written, dockerfiles: &BTreeMap<&str, Dockerfile>, found: &mut Infrastructure) {
    let Written { name, node, folder, files } = written;
    let spots: Vec<Spot> = files.iter().map(|path| Spot::new(*path, *name, node.line)).collect();
    let Some(spot) = spots.first().cloned() else { return };
    environment(node, &spot, found);
    let (build, dockerfile) = build_of(node, folder);
    let mut ports: Vec<Port> = node.items_at(&["ports"]).iter().flat_map(ports_of).collect();
    ports.extend(node.items_at(&["expose"]).iter().flat_map(ports_of));
    ports.extend(dockerfile.as_deref().and_then(|path| dockerfiles.get(path)).into_iter().flat_map(|file| file.ports.clone()));
    let image = node.text_of("image").map(|image| fill_plain(image).text);
    let mounts = node.items_at(&["volumes"]).iter().filter_map(mount).collect::<Vec<_>>();
    for volume in mounts.iter().filter_map(|mount| named_volume(mount)) {
        found.things.push(Thing::new(Section::Volume, volume, "", spot.clone()));
    }
    found.services.push(Service {
        name: (*name).to_owned(),
        platform: "compose",
        image,
        build,
        dockerfile,
        command: command_of(node.get("command")),
        ports: containers::joined_ports(ports),
        depends_on: names_in(node.get("depends_on"))
            .chain(names_in(node.get("links")))
            .map(|name| name.split(':').next().unwrap_or(name).to_owned())
            .collect(),
        profiles: names_in(node.get("profiles")).map(str::to_owned).collect(),
        replicas: node.text_at(&["deploy", "replicas"]).or_else(|| node.text_of("scale")).map(|count| fill_plain(count).text),
        mounts,
        aliases: node.text_of("container_name").map(|name| fill_plain(name).text).filter(|other| other != name).into_iter().collect(),
        settings: settings_of(node),
        spots,
        ..Service::default()
    });
}

/// How a service is run: what happens after a crash, how it is watched, how much it may use, who it runs as.
fn settings_of(node: &Node) -> BTreeMap<String, String> {
    let text = |paths: &[&[&str]]| {
        let said = paths.iter().find_map(|path| node.text_at(path));
        said.map(|text| fill_plain(text).text).filter(|text| !text.is_empty())
    };
    let check = node.get("healthcheck").filter(|check| !check.get("disable").is_some_and(Node::is_true));
    let mut capabilities: Vec<&str> = node.items_at(&["cap_add"]).iter().filter_map(Node::text).collect();
    capabilities.sort_unstable();
    let said = [
        ("restart", text(&[&["restart"], &["deploy", "restart_policy", "condition"]])),
        ("healthCheck", check.and_then(|check| command_of(check.get("test"))).filter(|test| test != "NONE")),
        ("memory", text(&[&["deploy", "resources", "limits", "memory"], &["mem_limit"]])),
        ("cpu", text(&[&["deploy", "resources", "limits", "cpus"], &["cpus"]])),
        ("user", text(&[&["user"]])),
        ("privileged", node.get("privileged").filter(|node| node.is_true()).map(|_| "true".to_owned())),
        ("capabilities", (!capabilities.is_empty()).then(|| capabilities.join(", "))),
    ];
    said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The items of a list or the keys of a map.
fn names_in(node: Option<&Node>) -> impl Iterator<Item = &str> {
    let keys = node.into_iter().flat_map(|node| node.entries().iter().map(|(key, _)| key.as_str()));
    let texts = node.into_iter().filter(|node| node.entries().is_empty()).flat_map(Node::texts);
    keys.chain(texts)
}

/// The folder a service is built from and its Dockerfile.
fn build_of(node: &Node, folder: &str) -> (Option<String>, Option<String>) {
    let Some(build) = node.get("build") else { return (None, None) };
    let context = build.text().or_else(|| build.text_of("context")).unwrap_or(".");
    let context = paths::joined(folder, &fill_plain(context).text);
    let file = build.text_of("dockerfile").unwrap_or("Dockerfile");
    let dockerfile = context.as_deref().and_then(|context| paths::joined(context, &fill_plain(file).text));
    (context, dockerfile)
}

/// What a service's variables are set to, in itself and in the files it names.
fn environment(node: &Node, spot: &Spot, found: &mut Infrastructure) {
    let mut put = |name: &str, value: Option<&str>| {
        let value = value.map(|value| fill_plain(value).text);
        let (partial, value) = match value {
            Some(value) if value.contains("${") => (Some(value), None),
            value => (None, value),
        };
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
        if is_name {
            found.env.push(EnvUse { partial, ..set(name, value, spot) });
        }
    };
    let Some(environment) = node.get("environment") else { return };
    for (name, value) in environment.entries() {
        put(name, value.text());
    }
    for text in environment.items().iter().filter_map(Node::text) {
        match text.split_once('=') {
            Some((name, value)) => put(name, Some(value)),
            None => put(text, None),
        }
    }
}

fn command_of(node: Option<&Node>) -> Option<String> {
    let node = node?;
    let text = match node.text() {
        Some(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        None => node.texts().collect::<Vec<_>>().join(" "),
    };
    secret::command(&text).filter(|text| !text.is_empty())
}

/// `8000`, `"8000:80"`, `127.0.0.1:9464:9464/tcp`, `3000-3002:3000-3002`, or the long form.
fn ports_of(node: &Node) -> Vec<Port> {
    if let Some(target) = node.text_of("target") {
        let protocol = node.text_of("protocol").filter(|protocol| *protocol != "tcp").unwrap_or_default().to_owned();
        let published = node.text_of("published").map(|text| fill_plain(text).text);
        return fill_plain(target).text.parse().map(|container| Port { container, published, protocol }).into_iter().collect();
    }
    let Some(text) = node.text().map(|text| fill_plain(text).text) else { return Vec::new() };
    let (text, protocol) = text.split_once('/').unwrap_or((&text, ""));
    let protocol = if protocol == "tcp" { "" } else { protocol };
    let (published, container) = match text.rsplit_once(':') {
        Some((published, container)) => (Some(published), container),
        None => (None, text),
    };
    let (first, last) = container.split_once('-').unwrap_or((container, container));
    let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>()) else { return Vec::new() };
    let is_one = first == last;
    let port = |container| Port { container, published: published.filter(|_| is_one).map(str::to_owned), protocol: protocol.to_owned() };
    (first..=last.min(first.saturating_add(63))).map(port).collect()
}

/// A volume as `source:target`.
fn mount(node: &Node) -> Option<String> {
    match node.text() {
        Some(text) => Some(fill_plain(text).text),
        None => {
            let target = node.text_of("target")?;
            Some(node.text_of("source").map_or_else(|| target.to_owned(), |source| format!("{}:{target}", fill_plain(source).text)))
        }
    }
}

/// The named volume of a mount; folders are none.
fn named_volume(mount: &str) -> Option<&str> {
    let (source, _) = mount.split_once(':')?;
    let is_name = source.starts_with(|c: char| c.is_ascii_alphanumeric()) && !source.contains(['/', '\\', '$']) && source.len() > 1;
    is_name.then_some(source)
}

/// Files of environment variables that services name.
pub fn env_files(sources: &[Source]) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for source in sources.iter().filter(|source| source.format == Format::Compose) {
        let Content::Trees(trees) = &source.content else { continue };
        for (_, service) in trees.iter().flat_map(|root| root.entries_at(&["services"])) {
            let listed = service.get("env_file").map_or(&[][..], Node::one_or_many);
            let named = listed.iter().filter_map(|node| node.text().or_else(|| node.text_of("path")));
            files.extend(named.filter_map(|file| paths::joined(paths::parent(&source.file), file)));
        }
    }
    files
}
