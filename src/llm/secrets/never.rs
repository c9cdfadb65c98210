//! Files that are never sent, whatever stands in them: those that exist to hold secrets.

/// Names of such files, as globs over the last part of a path, in lower case.
const NAMES: &[&str] = &[
    ".env*",
    "*.env",
    ".envrc",
    ".dev.vars",
    "*.pem",
    "*.p8",
    "*.key",
    "*.ppk",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.bcfks",
    "*.kdb",
    "*.kdbx",
    "*.agekey",
    "*.gpg",
    "*.pgp",
    "*.asc",
    "*.ovpn",
    "*.tfstate",
    "*.tfstate.*",
    "*.tfvars",
    "*.tfvars.json",
    ".terraformrc",
    "terraform.rc",
    "credentials.tfrc.json",
    ".npmrc",
    ".yarnrc",
    ".netrc",
    "_netrc",
    ".pypirc",
    ".git-credentials",
    ".gitcookies",
    ".htpasswd",
    ".pgpass",
    ".my.cnf",
    ".mylogin.cnf",
    ".boto",
    ".s3cfg",
    ".dockercfg",
    ".dockerconfigjson",
    ".vault-token",
    "kubeconfig",
    "*.kubeconfig",
    "credentials",
    "credentials.json",
    "credentials.xml",
    "client_secret*.json",
    "service-account*.json",
    "service_account*.json",
    "serviceaccount*.json",
    "*-service-account.json",
    "gcloud-*.json",
    "secrets.yml",
    "secrets.yaml",
    "secrets.json",
    "secrets.toml",
    "master.key",
    "shadow",
    ".bash_history",
];

/// Ends of paths of the same kind.
const PATHS: &[&str] = &[".docker/config.json", ".kube/config", ".aws/credentials", ".aws/config", ".ssh/config", ".gem/credentials"];

/// Folders of the same kind.
const FOLDERS: &[&str] = &[".ssh", ".gnupg"];

/// Whether it is the key of a Google service account, whatever its name.
pub(super) fn is_service_account(path: &str, bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    path.to_lowercase().ends_with(".json") && has("\"service_account\"") && has("\"private_key\"")
}

/// Names that the globs fit and that hold no secret: templates, with the keys and no values.
const SHOWN: &[&str] = &[".example", ".sample", ".template", ".dist", ".tpl", ".defaults", ".schema", "-example"];

/// The glob that keeps a file here.
pub(super) fn kept_by(path: &str) -> Option<&'static str> {
    let path = path.replace('\\', "/").to_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_shown = SHOWN.iter().any(|end| name.ends_with(end));
    let by_path = PATHS.iter().find(|end| path == **end || path.ends_with(&format!("/{end}")));
    let by_name = NAMES.iter().find(|glob| !is_shown && fits(glob, name) && !(glob.starts_with("id_") && name.ends_with(".pub")));
    let by_folder = FOLDERS.iter().find(|folder| path.split('/').rev().skip(1).any(|part| part == **folder));
    by_path.or(by_folder).or(by_name).copied()
}

/// Whether a name fits a glob that has stars only.
fn fits(glob: &str, name: &str) -> bool {
    let mut parts = glob.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        last = Some(part);
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    last.map_or(rest.is_empty(), |part| part.is_empty() || name.ends_with(part))
}

/// Lists of checksums: what stands there by chance is none.
pub(super) fn is_lock(path: &str) -> bool {
    const LOCKS: &[&str] = &[
        "cargo.lock",
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lock",
        "poetry.lock",
        "pdm.lock",
        "uv.lock",
        "pipfile.lock",
        "go.sum",
        "gemfile.lock",
        "composer.lock",
        "podfile.lock",
        "pubspec.lock",
        "mix.lock",
        "flake.lock",
        "deno.lock",
        ".terraform.lock.hcl",
        "gradle.lockfile",
    ];
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
    LOCKS.contains(&name.as_str())
}
