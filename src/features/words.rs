//! What folder and file names say by convention, and names as words.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::base::case::words_of;

/// What a folder's name says about the files in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing: the layout goes on below (`src`, `v1`).
    Through,
    /// Every folder below is a feature (`features`, `modules`).
    Container,
    /// Files of one technical layer, by which outsiders come in (`routes`).
    Front,
    /// Files of one technical layer behind it (`services`, `models`).
    Back,
    /// Used by many.
    Shared,
    /// Keeps the rest running.
    Infrastructure,
    /// What people see in a browser, by technical role.
    Interface,
    /// A name like any other.
    Plain,
}

/// Folders in which the layout goes on.
const THROUGH: &str = "src app source sources server backend main python rust internal";
/// Folders whose members are features.
const CONTAINER: &str = "features feature modules apps domains domain contexts bounded_contexts blueprints plugins addons";
/// Layers by which outsiders come in.
const FRONT: &str = "routes route routers router routing controllers controller handlers handler endpoints endpoint resolvers \
    viewsets views api apis rest resources web";
/// Layers whose names alone speak for an HTTP program.
const STRONG_FRONT: &str = "routes routers controllers handlers endpoints resolvers viewsets route router controller handler";
/// Layers behind.
const BACK: &str = "services service models model schemas schema entities entity repositories repository repos dao daos dto dtos \
    serializers crud usecases use_cases queries mutations commands tasks jobs workers policies validators \
    validations forms managers stores module gateway interactors mappers presenters permissions processors \
    listeners subscribers consumers producers events business logic interfaces";
/// Used by many.
const SHARED: &str = "utils util utilities common lib libs core shared helpers helper types typings constants i18n locales locale \
    translations extensions errors exceptions mixins base kit toolkit support";
/// Keeps the rest running.
const INFRASTRUCTURE: &str = "db database databases config conf configs configuration settings migrations migration alembic middleware \
    middlewares infra infrastructure deploy deployment deployments docker k8s kubernetes terraform scripts script \
    bin tools tooling ci e2e seeds seeders seed prisma logging monitoring telemetry bootstrap setup docs doc \
    documentation examples example benches benchmarks dev hack build datasource guards interceptors filters pipes \
    decorators fixtures storybook website environments environment env vite";
/// What people see, by technical role.
const INTERFACE: &str = "pages layouts layout hooks context styles assets ui screens widgets store components composables client \
    frontend templatetags themes icons public static js css scss sass webpack";
/// Files in which a program starts or is put together.
const ENTRIES: &str = "main app application server index __main__ manage wsgi asgi urls cli bootstrap";
/// Files that say what they hold by technical role alone.
const ROLES: &str = "mod lib __init__ routes router routers api views handlers controllers endpoints models schemas deps \
    dependencies state error types crud services service auth_deps enums prelude root base";
/// Files that help those beside them.
const HELPERS: &str = "utils util common helpers helper shared types constants errors exceptions middleware middlewares config core \
    decorators filters guards logging";

/// The lists above, to look names up in.
static FOLDERS: LazyLock<HashMap<&str, Word>> = LazyLock::new(|| {
    let lists = [
        (INTERFACE, Word::Interface),
        (INFRASTRUCTURE, Word::Infrastructure),
        (SHARED, Word::Shared),
        (BACK, Word::Back),
        (FRONT, Word::Front),
        (CONTAINER, Word::Container),
        (THROUGH, Word::Through),
    ];
    lists.iter().flat_map(|(names, word)| names.split(' ').map(|name| (name, *word))).collect()
});

fn is_in(list: &str, name: &str) -> bool {
    list.split(' ').any(|known| known.eq_ignore_ascii_case(name))
}

/// What a folder's name says.
pub(super) fn word_of(folder: &str) -> Word {
    let name = folder.to_ascii_lowercase().replace('-', "_");
    if let Some(word) = FOLDERS.get(name.as_str()) {
        return *word;
    }
    let is_version = name.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'_'));
    if is_version || folder.starts_with(['(', '@', '_']) {
        return Word::Through;
    }
    if folder.starts_with('.') { Word::Infrastructure } else { Word::Plain }
}

/// Whether a layer's name alone speaks for an HTTP program.
pub(super) fn is_strong_front(folder: &str) -> bool {
    is_in(STRONG_FRONT, folder)
}

/// Whether a program starts or is put together in a file of this stem.
pub(super) fn is_entry(stem: &str) -> bool {
    is_in(ENTRIES, stem)
}

/// Whether a file of this stem says nothing of what it is about.
pub(super) fn is_role(stem: &str) -> bool {
    let lower = stem.to_ascii_lowercase();
    is_bare_role(&lower) || !matches!(word_of(&lower), Word::Plain | Word::Interface)
}

/// Whether a file of this stem only starts something or holds a layer.
pub(super) fn is_bare_role(stem: &str) -> bool {
    let lower = stem.to_ascii_lowercase();
    is_entry(&lower) || is_in(ROLES, &lower) || matches!(word_of(&lower), Word::Through | Word::Front | Word::Back)
}

/// Whether a name that elsewhere says where a program starts is that of a thing among routes.
pub(super) fn is_thing(name: &str) -> bool {
    matches!(name, "application" | "server" | "cli" | "bootstrap")
}

/// Whether a file of this stem helps those beside it.
pub(super) fn is_helper(stem: &str) -> bool {
    is_in(HELPERS, stem)
}

/// What names have in common that people take for the same: words joined, the last one in the singular.
pub(super) fn key_of(name: &str) -> String {
    let mut words = words_of(name);
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    words.join("-")
}

fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// What a file is about, and the layer its name tells (`users` and `Word::Front` of `users.controller`, `user` and
/// `Word::Back` of `UserService`).
pub(super) fn subject_of(stem: &str) -> (String, Option<Word>) {
    let mut parts = words_of(stem);
    let mut layer = None;
    while parts.len() > 1 {
        let word = parts.last().map_or(Word::Plain, |last| word_of(last));
        if !matches!(word, Word::Front | Word::Back) {
            break;
        }
        layer = layer.or(Some(word));
        parts.pop();
    }
    (parts.join("-"), layer)
}

/// Words that are not spelled as others are.
const SPELLED: &str = "API APIs UI DB CLI HTTP AI MCP SSO OAuth ID SQL URL URLs GraphQL RSS PDF CSV SBOM SDK E2E OIDC";

/// The name people see: `Auth Device`.
pub(super) fn title(name: &str) -> String {
    let word = |word: &String| match SPELLED.split(' ').find(|spelled| spelled.eq_ignore_ascii_case(word)) {
        Some(spelled) => spelled.to_owned(),
        None => {
            let mut chars = word.chars();
            chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
        }
    };
    words_of(name).iter().map(word).collect::<Vec<_>>().join(" ")
}

/// A file's name without its extension; `.d.ts` counts as one.
pub(super) fn stem_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".d.ts").unwrap_or(name);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}
