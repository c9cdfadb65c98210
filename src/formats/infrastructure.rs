//! Which files tell what is needed to run the repository, and each of them read.
//!
//! A path and a few words in the bytes decide; what stands in a file is not judged here.

use super::{dockerfile, env, yaml};
use crate::facts::infrastructure::{Content, Format, Source};

/// The format of a file, by its path and its bytes; `None` when it is nothing of the kind.
#[must_use]
pub fn format_of(path: &str, bytes: &[u8]) -> Option<Format> {
    let name = path.rsplit('/').next().unwrap_or(path);
    by_name(path, name).or_else(|| by_content(name, bytes))
}

/// Whether only the bytes of a file with this name can tell.
fn by_content(_name: &str, _bytes: &[u8]) -> Option<Format> {
    None
}

fn by_name(_path: &str, name: &str) -> Option<Format> {
    let lower = name.to_ascii_lowercase();
    let is_yaml = lower.ends_with(".yml") || lower.ends_with(".yaml");
    if is_yaml && (lower.starts_with("docker-compose") || lower.starts_with("compose.") || lower.starts_with("compose-")) {
        return Some(Format::Compose);
    }
    let is_docker = ["dockerfile", "containerfile"].iter().any(|word| lower == *word || lower.starts_with(&format!("{word}.")));
    if is_docker || lower.ends_with(".dockerfile") {
        return Some(Format::Dockerfile);
    }
    let is_env = lower == "env.example" || lower.starts_with(".env") || lower.ends_with(".env");
    is_env.then_some(Format::Env)
}

/// Reads a file of a known format.
#[must_use]
pub fn read(path: &str, format: Format, bytes: &[u8]) -> Source {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let content = match format {
        Format::Dockerfile => Content::Instructions(dockerfile::read(text)),
        Format::Env => Content::Names(env::read(text)),
        Format::Compose => Content::Trees(yaml::read(text)),
    };
    Source { file: path.to_owned(), format, content }
}
