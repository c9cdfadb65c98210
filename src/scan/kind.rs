//! What kind of file a path names.

use super::rules::name_of;
use crate::base::language::Language;

/// What a file is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// Program code with an outline.
    Code(Language),
    /// Something with a reader of its own.
    Document(DocumentKind),
    /// Listed, never read.
    Other,
}

/// A format that is not program code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// YAML with no better name: OpenAPI, AsyncAPI, Kubernetes, CloudFormation. Its content decides.
    Yaml,
    /// JSON with no better name.
    Json,
    /// TOML with no better name.
    Toml,
    /// GraphQL schema or operations.
    GraphQl,
    /// Protocol buffers.
    Proto,
    /// A Prisma schema.
    Prisma,
    /// SQL.
    Sql,
    /// Terraform or other HCL.
    Terraform,
    /// A Dockerfile or Containerfile.
    Dockerfile,
    /// A Compose file.
    Compose,
    /// A CI pipeline: GitHub workflows, GitLab, CircleCI, Azure, Bitbucket.
    Pipeline,
    /// `Jenkinsfile`.
    Jenkinsfile,
    /// `package.json`.
    PackageJson,
    /// `tsconfig*.json`, `jsconfig.json`.
    TsConfig,
    /// `Cargo.toml`.
    CargoToml,
    /// `pyproject.toml`.
    PyProject,
    /// `requirements*.txt`, `constraints.txt`.
    Requirements,
    /// `Pipfile`.
    Pipfile,
    /// `setup.cfg`, `alembic.ini` and other INI files.
    Ini,
    /// `.env.example` and its like.
    Env,
    /// `Procfile`.
    Procfile,
    /// `CODEOWNERS`.
    CodeOwners,
    /// Markdown.
    Markdown,
}

/// The kind of the file at `path`, by name and extension.
#[must_use]
pub fn kind_of(path: &str) -> FileKind {
    let name = name_of(path);
    if let Some(document) = by_name(name) {
        return FileKind::Document(document);
    }
    let Some((_, extension)) = name.rsplit_once('.') else { return FileKind::Other };
    let mut lower = [0; 12];
    let Some(lower) = lower.get_mut(..extension.len()) else { return FileKind::Other };
    lower.copy_from_slice(extension.as_bytes());
    lower.make_ascii_lowercase();
    let Ok(extension) = std::str::from_utf8(lower) else { return FileKind::Other };
    if let Some(language) = Language::of_extension(extension) {
        return FileKind::Code(language);
    }
    by_extension(path, name, extension).map_or(FileKind::Other, FileKind::Document)
}

fn by_name(name: &str) -> Option<DocumentKind> {
    Some(match name {
        "package.json" => DocumentKind::PackageJson,
        "jsconfig.json" => DocumentKind::TsConfig,
        "Cargo.toml" => DocumentKind::CargoToml,
        "pyproject.toml" => DocumentKind::PyProject,
        "Pipfile" => DocumentKind::Pipfile,
        "Procfile" => DocumentKind::Procfile,
        "Jenkinsfile" => DocumentKind::Jenkinsfile,
        "CODEOWNERS" => DocumentKind::CodeOwners,
        "Dockerfile" | "Containerfile" | "dockerfile" => DocumentKind::Dockerfile,
        "constraints.txt" => DocumentKind::Requirements,
        ".gitlab-ci.yml" | "azure-pipelines.yml" | "azure-pipelines.yaml" | "bitbucket-pipelines.yml" | ".travis.yml" | ".drone.yml" => {
            DocumentKind::Pipeline
        }
        _ if name.starts_with("Dockerfile.") || name.starts_with("Containerfile.") => DocumentKind::Dockerfile,
        _ if name.starts_with("Jenkinsfile.") => DocumentKind::Jenkinsfile,
        _ if name == ".env" || name.starts_with(".env.") || name == "env.example" => DocumentKind::Env,
        _ => return None,
    })
}

fn by_extension(path: &str, name: &str, extension: &str) -> Option<DocumentKind> {
    Some(match extension {
        "yaml" | "yml" => yaml(path, name),
        "template" => DocumentKind::Yaml,
        "json" | "jsonc" | "json5" if name.starts_with("tsconfig") => DocumentKind::TsConfig,
        "json" | "jsonc" => DocumentKind::Json,
        "toml" => DocumentKind::Toml,
        "graphql" | "graphqls" | "gql" => DocumentKind::GraphQl,
        "proto" => DocumentKind::Proto,
        "prisma" => DocumentKind::Prisma,
        "sql" | "ddl" | "pgsql" => DocumentKind::Sql,
        "tf" | "tofu" | "hcl" | "tfvars" => DocumentKind::Terraform,
        "cfg" | "ini" => DocumentKind::Ini,
        "txt" if name.starts_with("requirements") || name.ends_with("requirements.txt") || path.contains("requirements/") => {
            DocumentKind::Requirements
        }
        "in" if name.starts_with("requirements") => DocumentKind::Requirements,
        "md" | "mdx" => DocumentKind::Markdown,
        "dockerfile" => DocumentKind::Dockerfile,
        "env" => DocumentKind::Env,
        _ => return None,
    })
}

fn yaml(path: &str, name: &str) -> DocumentKind {
    let is_compose = name.starts_with("docker-compose") || name.starts_with("compose.") || name.starts_with("compose-");
    if is_compose {
        DocumentKind::Compose
    } else if is_in(path, ".github/workflows/")
        || is_in(path, ".circleci/")
        || is_in(path, ".gitlab/ci/")
        || name.ends_with(".gitlab-ci.yml")
    {
        DocumentKind::Pipeline
    } else {
        DocumentKind::Yaml
    }
}

/// Whether a path lies in such a folder, at the root or below.
fn is_in(path: &str, folder: &str) -> bool {
    path.find(folder).is_some_and(|at| at == 0 || path.as_bytes()[at - 1] == b'/')
}

/// The language a shebang line names.
#[must_use]
pub fn language_of_shebang(head: &[u8]) -> Option<Language> {
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.find(|word| !matches!(*word, "env" | "-S" | "uv" | "run" | "--script") && !word.contains('='))?;
    match program.trim_end_matches(|last: char| last.is_ascii_digit() || last == '.') {
        "python" | "pypy" => Some(Language::Python),
        "node" | "nodejs" => Some(Language::JavaScript),
        "ts-node" | "tsx" | "deno" | "bun" => Some(Language::TypeScript),
        "rust-script" => Some(Language::Rust),
        _ => None,
    }
}

/// Whether only its first line can tell what the file is: an executable without an extension.
pub(super) fn needs_shebang(path: &str, kind: FileKind, is_executable: bool) -> bool {
    is_executable && kind == FileKind::Other && !name_of(path).contains('.')
}
