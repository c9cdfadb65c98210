//! Which files tell what is needed to run the repository, and each of them read.
//!
//! A path and a few words in the bytes decide; what stands in a file is not judged here.

use super::{data, dockerfile, env, hcl, helm, yaml};
use memchr::memmem;

use crate::facts::infrastructure::{Ci, Content, Format, Platform, Source};
use crate::facts::tree::{Node, Value};

/// The format of a file, by its path and its bytes; `None` when it is nothing of the kind.
#[must_use]
pub fn format_of(path: &str, bytes: &[u8]) -> Option<Format> {
    let name = path.rsplit('/').next().unwrap_or(path);
    pipeline_of(path, name).map(Format::Pipeline).or_else(|| by_name(path, name)).or_else(|| by_content(name, bytes))
}

/// Whether only the bytes of a file with this name can tell.
fn by_content(name: &str, bytes: &[u8]) -> Option<Format> {
    let has = |needle: &str| memmem::find(bytes, needle.as_bytes()).is_some();
    let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    if !is_yaml && !matches!(name.rsplit('.').next(), Some("json" | "template")) {
        return None;
    }
    if has("AWSTemplateFormatVersion") || has("AWS::Serverless-2016-10-31") || has("Resources") && has("AWS::") && has("Type") {
        return Some(Format::CloudFormation);
    }
    if matches!(name, "app.yaml" | "app.yml") && has("runtime:") && !has("apiVersion") {
        return Some(Format::Platform(Platform::AppEngine));
    }
    if name == "app.json" && (has("\"addons\"") || has("\"formation\"") || has("\"buildpacks\"")) {
        return Some(Format::Platform(Platform::Heroku));
    }
    let is_job = is_yaml && has("script:") && (has("\n  stage:") || has("stages:")) && !has("apiVersion");
    if is_job {
        return Some(Format::Pipeline(Ci::Gitlab));
    }
    let is_manifest = has("apiVersion") && has("kind") && has("metadata");
    (is_yaml && is_manifest).then_some(Format::Kubernetes)
}

fn by_name(path: &str, name: &str) -> Option<Format> {
    let lower = name.to_ascii_lowercase();
    let is_yaml = lower.ends_with(".yml") || lower.ends_with(".yaml");
    if is_yaml && (lower.starts_with("docker-compose") || lower.starts_with("compose.") || lower.starts_with("compose-")) {
        return Some(Format::Compose);
    }
    let is_docker = ["dockerfile", "containerfile"].iter().any(|word| lower == *word || lower.starts_with(&format!("{word}.")));
    if is_docker || lower.ends_with(".dockerfile") {
        return Some(Format::Dockerfile);
    }
    match name {
        "kustomization.yaml" | "kustomization.yml" | "Kustomization" => return Some(Format::Kustomization),
        "Chart.yaml" => return Some(Format::HelmChart),
        "values.yaml" | "values.yml" => return Some(Format::HelmValues),
        _ if is_yaml && path.split('/').rev().skip(1).any(|folder| folder == "templates") => return Some(Format::HelmTemplate),
        _ => {}
    }
    if let Some(platform) = platform_of(path, name) {
        return Some(Format::Platform(platform));
    }
    if matches!(name, "serverless.yml" | "serverless.yaml" | "serverless.json") {
        return Some(Format::Serverless);
    }
    if name == "Procfile" || name.starts_with("Procfile.") {
        return Some(Format::Procfile);
    }
    if lower.ends_with(".tf") || lower.ends_with(".tofu") {
        return Some(Format::Terraform);
    }
    let is_env = lower == "env.example" || lower.starts_with(".env") || lower.ends_with(".env");
    is_env.then_some(Format::Env)
}

/// What runs the pipeline of a file of this name.
fn pipeline_of(path: &str, name: &str) -> Option<Ci> {
    if name == "Jenkinsfile" || name.starts_with("Jenkinsfile.") || name.ends_with(".jenkinsfile") {
        return Some(Ci::Jenkins);
    }
    if !name.ends_with(".yml") && !name.ends_with(".yaml") {
        return None;
    }
    match name {
        "bitbucket-pipelines.yml" | "bitbucket-pipelines.yaml" => return Some(Ci::Bitbucket),
        ".travis.yml" | ".travis.yaml" => return Some(Ci::Travis),
        ".drone.yml" | ".drone.yaml" => return Some(Ci::Drone),
        ".woodpecker.yml" | ".woodpecker.yaml" => return Some(Ci::Woodpecker),
        _ => {}
    }
    let is_in = |folder: &str| path.starts_with(folder) || path.contains(&format!("/{folder}"));
    if is_in(".github/workflows/") {
        Some(Ci::Github)
    } else if name.ends_with(".gitlab-ci.yml") || name.ends_with(".gitlab-ci.yaml") || is_in(".gitlab/") || is_in("gitlab-ci/") {
        Some(Ci::Gitlab)
    } else if is_in(".woodpecker/") {
        Some(Ci::Woodpecker)
    } else if is_in(".circleci/") {
        Some(Ci::Circle)
    } else {
        let is_azure =
            name.starts_with("azure-pipeline") || is_in(".azure-pipelines/") || is_in("azure-pipelines/") || is_in(".azuredevops/");
        is_azure.then_some(Ci::Azure)
    }
}

/// The platform that reads a file of this name. `app.json` and `app.yaml` are other things too: their content decides.
fn platform_of(path: &str, name: &str) -> Option<Platform> {
    Some(match name {
        "fly.toml" => Platform::Fly,
        "vercel.json" | "now.json" => Platform::Vercel,
        "netlify.toml" => Platform::Netlify,
        "render.yaml" | "render.yml" => Platform::Render,
        "heroku.yml" => Platform::Heroku,
        "railway.json" | "railway.toml" => Platform::Railway,
        "wrangler.toml" | "wrangler.json" | "wrangler.jsonc" => Platform::Cloudflare,
        "skaffold.yaml" | "skaffold.yml" => Platform::Skaffold,
        "firebase.json" => Platform::Firebase,
        "app.yaml" | "app.yml" if path.split('/').rev().nth(1) == Some(".do") => Platform::DigitalOcean,
        _ => return None,
    })
}

/// Reads a file of a known format.
#[must_use]
pub fn read(path: &str, format: Format, bytes: &[u8]) -> Source {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let content = match format {
        Format::Dockerfile => Content::Instructions(dockerfile::read(text)),
        Format::Env => Content::Names(env::read(text)),
        Format::Terraform => Content::Hcl(hcl::read(text)),
        Format::HelmTemplate => Content::Trees(yaml::read(&helm::plain(text))),
        Format::Kustomization => Content::Trees(yaml::read(text).into_iter().map(with_patches).collect()),
        Format::Procfile | Format::Pipeline(Ci::Jenkins) => Content::Text(text.to_owned()),
        _ if path.ends_with(".json") || path.ends_with(".jsonc") => Content::Trees(data::json(text).into_iter().collect()),
        _ if path.ends_with(".toml") => Content::Trees(data::toml(text).into_iter().collect()),
        _ => Content::Trees(yaml::read(text)),
    };
    Source { file: path.to_owned(), format, content }
}

/// Patches may stand as text inside a kustomization.
fn with_patches(mut root: Node) -> Node {
    let Value::Map(entries) = &mut root.value else { return root };
    let patches = entries.iter_mut().filter(|(key, _)| matches!(key.as_str(), "patches" | "patchesStrategicMerge" | "patchesJson6902"));
    for item in patches.flat_map(|(_, node)| if let Value::List(items) = &mut node.value { items.as_mut_slice() } else { &mut [] }) {
        let text = match &mut item.value {
            Value::Map(entries) => match entries.iter_mut().find(|(key, _)| key == "patch") {
                Some((_, patch)) => patch,
                None => continue,
            },
            _ => item,
        };
        let parsed = text.text().filter(|text| text.contains('\n')).and_then(|text| yaml::read(text).into_iter().next());
        if let Some(parsed) = parsed {
            *text = parsed;
        }
    }
    root
}
