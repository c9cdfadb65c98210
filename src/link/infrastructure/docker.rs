//! Dockerfiles: the images they build on, what they listen on, and the variables they set.

use std::collections::BTreeMap;

use super::interpolate;
use super::{paths, set};
use crate::facts::infrastructure::{Content, Format, Image, ImageRole, Infrastructure, Instruction, Port, Service, Source, Spot};

/// What one Dockerfile says about the container it makes.
#[derive(Clone, Debug, Default)]
pub struct Dockerfile {
    /// Ports it listens on.
    pub ports: Vec<Port>,
    /// Whether it starts something.
    pub starts: bool,
}

/// All Dockerfiles by path, and what they say by themselves.
pub fn read(sources: &[Source]) -> (BTreeMap<&str, Dockerfile>, Infrastructure) {
    let mut files = BTreeMap::new();
    let mut found = Infrastructure::default();
    for source in sources.iter().filter(|source| source.format == Format::Dockerfile) {
        let Content::Instructions(instructions) = &source.content else { continue };
        files.insert(source.file.as_str(), read_one(&source.file, instructions, &mut found));
    }
    (files, found)
}

/// What runs where nothing else says how: each Dockerfile that starts something.
pub fn services(files: &BTreeMap<&str, Dockerfile>) -> Vec<Service> {
    let started = files.iter().filter(|(_, dockerfile)| dockerfile.starts);
    let service = |(path, dockerfile): (&&str, &Dockerfile)| Service {
        name: name_of(path),
        platform: "docker",
        build: Some(paths::parent(path).to_owned()),
        dockerfile: Some((*path).to_owned()),
        ports: dockerfile.ports.clone(),
        spots: vec![Spot::new(*path, "", 0)],
        ..Service::default()
    };
    started.map(service).collect()
}

/// `worker` of `Dockerfile.worker` and `worker.Dockerfile`, else the folder's name.
fn name_of(path: &str) -> String {
    let (folder, name) = (paths::parent(path), paths::last(path));
    let word = name.split('.').find(|part| !matches!(part.to_ascii_lowercase().as_str(), "dockerfile" | "containerfile"));
    match word.filter(|word| !word.is_empty()) {
        Some(word) => word.to_owned(),
        None if folder.is_empty() || matches!(paths::last(folder), "docker" | "deploy" | "build" | ".docker") => "app".to_owned(),
        None => paths::last(folder).to_owned(),
    }
}

fn read_one(path: &str, instructions: &[Instruction], found: &mut Infrastructure) -> Dockerfile {
    let mut file = Dockerfile::default();
    let mut args: BTreeMap<String, String> = BTreeMap::new();
    let mut stages: Vec<String> = Vec::new();
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    for instruction in instructions {
        let rest = instruction.rest.as_str();
        match instruction.name.as_str() {
            "ARG" => args.extend(pairs(rest).filter(|(_, value)| !value.is_empty())),
            "FROM" => {
                let (image, stage) = from(rest);
                let is_stage = stages.iter().any(|stage| stage.eq_ignore_ascii_case(image));
                if !is_stage {
                    found.images.extend(image_of(path, image, &args, instruction.line));
                }
                stages.push(stage.to_owned());
                file.starts = false;
            }
            "COPY" | "ADD" => {
                let from = rest.split_whitespace().find_map(|word| word.strip_prefix("--from="));
                let is_image = |from: &&str| !stages.iter().any(|stage| stage.eq_ignore_ascii_case(from)) && from.contains(['/', ':', '.']);
                found.images.extend(from.filter(is_image).and_then(|image| image_of(path, image, &args, instruction.line)));
            }
            "ENV" => {
                for (name, value) in pairs(rest) {
                    let known = |name: &str| variables.get(name).or_else(|| args.get(name)).cloned();
                    let value = interpolate::fill(&value, &known).text;
                    found.env.push(set(&name, Some(value.clone()), &Spot::new(path, "", instruction.line)));
                    variables.insert(name, value);
                }
            }
            "EXPOSE" => {
                let known = |name: &str| variables.get(name).or_else(|| args.get(name)).cloned();
                let ports = rest.split_whitespace().filter_map(|word| exposed(&interpolate::fill(word, &known).text));
                file.ports.extend(ports);
            }
            "CMD" | "ENTRYPOINT" => file.starts = true,
            _ => {}
        }
    }
    file.ports.sort();
    file.ports.dedup();
    file
}

/// `FROM --platform=x image AS stage`.
fn from(rest: &str) -> (&str, &str) {
    let mut words = rest.split_whitespace().filter(|word| !word.starts_with("--"));
    let image = words.next().unwrap_or_default();
    let stage = words.next().filter(|word| word.eq_ignore_ascii_case("as")).and_then(|_| words.next());
    (image, stage.unwrap_or_default())
}

fn image_of(path: &str, image: &str, args: &BTreeMap<String, String>, line: u32) -> Option<Image> {
    let name = interpolate::fill(image, &|name| args.get(name).cloned()).text;
    // A stage may be meant by its number; `scratch` is nothing.
    if name.is_empty() || name == "scratch" || name.starts_with('$') || name.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let aliases = if name == image { Vec::new() } else { vec![image.to_owned()] };
    Some(Image { name, role: ImageRole::Base, aliases, spots: vec![Spot::new(path, "", line)] })
}

fn exposed(word: &str) -> Option<Port> {
    let (number, protocol) = word.split_once('/').unwrap_or((word, ""));
    let protocol = if protocol == "tcp" { "" } else { protocol };
    let container = number.split('-').next()?.parse().ok()?;
    Some(Port { container, published: None, protocol: protocol.to_owned() })
}

/// `A=1 B="two words"`, or the old `A value`.
fn pairs(rest: &str) -> impl Iterator<Item = (String, String)> {
    let words = words(rest);
    let is_old = words.first().is_some_and(|word| !word.contains('='));
    let old = is_old.then(|| rest.split_once(char::is_whitespace).unwrap_or((rest, "")));
    let new = words.into_iter().filter(move |_| !is_old);
    let new = new.filter_map(|word| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())));
    new.chain(old.map(|(name, value)| (name.to_owned(), value.trim().trim_matches('"').to_owned())))
        .filter(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// Words as a shell splits them, quotes taken off.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => word.extend(chars.next()),
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            (c, None) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (c, _) => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}
