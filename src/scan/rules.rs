//! What a path alone says about leaving a file out: vendored, generated, tests, fixtures, lock files.
//!
//! Plain comparisons of names, since this runs once per file of a very large repository. Paths are relative to the analysed
//! folder, so a repository that itself lies in a folder named `tests` is analysed as any other.

use super::left_out::Reason;

/// The last part of a path.
pub(super) fn name_of(path: &str) -> &str {
    memchr::memrchr(b'/', path.as_bytes()).map_or(path, |at| &path[at + 1..])
}

/// Why everything in this folder is left out. `above` is the folder's parent, empty at the root.
pub(super) fn folder(above: &str, name: &str) -> Option<Reason> {
    let parent = name_of(above);
    Some(match name {
        "node_modules" | "bower_components" | "jspm_packages" | "third_party" | "thirdparty" | "third-party" | "3rdparty" | "_vendor"
        | ".venv" | "venv" | "virtualenv" | "site-packages" | "dist-packages" | "__pypackages__" | "Pods" | "Carthage" | ".yarn"
        | ".pnpm-store" | ".bundle" | ".cargo-vendor" => Reason::Vendored,
        "vendor" if above.is_empty() || holds_vendored(parent) => Reason::Vendored,
        "__pycache__" | ".tox" | ".nox" | ".eggs" | ".mypy_cache" | ".pytest_cache" | ".ruff_cache" | ".next" | ".nuxt" | ".svelte-kit"
        | ".output" | ".turbo" | ".parcel-cache" | ".cache" | ".gradle" | ".terraform" | ".terragrunt-cache" | ".serverless"
        | ".aws-sam" | "cdk.out" | ".angular" | ".docusaurus" | ".nyc_output" => Reason::BuildOutput,
        // What we keep for ourselves comes and goes: it must not tell one run from the next.
        ".contract-agent" => Reason::Output,
        "generated" | "__generated__" | "_generated" | ".openapi-generator" => Reason::Generated,
        "fixtures" | "__fixtures__" | "testdata" | "test-data" | "test_data" | "mocks" | "__mocks__" | "__snapshots__" => Reason::Fixture,
        "tests" | "__tests__" | "e2e" | "cypress" | "benches" => Reason::Test,
        // A route may be called `test`: file-system routers name folders after paths.
        "test" if !matches!(parent, "api" | "pages" | "routes") => Reason::Test,
        _ if name.ends_with(".egg-info") || name.ends_with(".dist-info") => Reason::BuildOutput,
        _ => return None,
    })
}

/// `vendor` is a business word too (`app/vendor/routes.py`): deeper down it is other people's code only among assets and libraries.
fn holds_vendored(parent: &str) -> bool {
    matches!(parent, "static" | "assets" | "public" | "lib" | "libs" | "js" | "javascripts" | "css" | "deps" | "pip" | "_internal")
}

/// Whether only its content can tell that a folder of this name holds build output.
pub(super) fn may_be_output(name: &str) -> bool {
    matches!(name, "dist" | "build" | "out" | "target" | "bundle" | "bundles")
}

/// Whether a file of this name is only found where a bundler or compiler has written.
pub(super) fn marks_output(name: &str) -> bool {
    const ENDINGS: [&str; 6] = [".js.map", ".css.map", ".mjs.map", ".cjs.map", ".chunk.js", ".bundle.js"];
    matches!(name, "CACHEDIR.TAG" | "asset-manifest.json") || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Why a file of this name is left out.
pub(super) fn file(name: &str) -> Option<Reason> {
    if is_lock_file(name) {
        return Some(Reason::LockFile);
    }
    let (stem, extension) = name.rsplit_once('.')?;
    if is_generated_name(stem, extension) {
        return Some(Reason::Generated);
    }
    if stem.ends_with(".min") && matches!(extension, "js" | "mjs" | "cjs" | "css") {
        return Some(Reason::Minified);
    }
    if is_test_name(stem, extension) { Some(Reason::Test) } else { None }
}

fn is_lock_file(name: &str) -> bool {
    matches!(
        name,
        "package-lock.json"
            | "npm-shrinkwrap.json"
            | "yarn.lock"
            | "pnpm-lock.yaml"
            | "bun.lock"
            | "bun.lockb"
            | "deno.lock"
            | "Cargo.lock"
            | "poetry.lock"
            | "uv.lock"
            | "pdm.lock"
            | "pixi.lock"
            | "Pipfile.lock"
            | "conda-lock.yml"
            | "composer.lock"
            | "Gemfile.lock"
            | "Podfile.lock"
            | "go.sum"
            | "gradle.lockfile"
            | "packages.lock.json"
            | "pubspec.lock"
            | "mix.lock"
            | "flake.lock"
            | "Chart.lock"
            | ".terraform.lock.hcl"
    )
}

/// Whether a name says that a program wrote the file.
pub(super) fn is_generated_name(stem: &str, extension: &str) -> bool {
    let protobuf = match extension {
        "py" | "pyi" => stem.ends_with("_pb2") || stem.ends_with("_pb2_grpc"),
        "js" | "ts" => {
            stem.ends_with("_pb")
                || stem.ends_with("_pb.d")
                || stem.ends_with("_grpc_pb")
                || stem.ends_with("_grpc_pb.d")
                || stem.ends_with(".pb")
        }
        "go" => stem.ends_with(".pb") || stem.ends_with(".pb.gw"),
        _ => false,
    };
    protobuf || stem.ends_with(".generated") || stem.ends_with(".gen") || stem.ends_with(".generated.d")
}

fn is_test_name(stem: &str, extension: &str) -> bool {
    match extension {
        "py" | "pyi" => {
            stem.starts_with("test_") || stem.ends_with("_test") || stem.ends_with("_tests") || matches!(stem, "conftest" | "tests")
        }
        "rs" => stem.ends_with("_test") || stem.ends_with("_tests") || matches!(stem, "tests" | "test"),
        "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" => {
            const ENDINGS: [&str; 12] = [
                ".test",
                ".spec",
                ".stories",
                ".story",
                ".cy",
                ".e2e",
                ".bench",
                ".e2e-spec",
                ".test-d",
                ".e2e-test",
                ".integration-spec",
                ".integration-test",
            ];
            ENDINGS.iter().any(|ending| stem.ends_with(ending))
        }
        _ => false,
    }
}
