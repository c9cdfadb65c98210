//! Hosts that code sends requests to, by the addresses that stand in it as text.
//!
//! An address that names a schema, a licence, a page to read or an allowed origin is none that requests go to.

use std::collections::BTreeSet;

use super::Reader;
use super::walk::Seen;
use crate::base::code::{Expr, Outline, Piece, ScopeId, ScopeKind};
use crate::base::language::Language;
use crate::facts::infrastructure::{Section, Thing};

/// Hosts of schemas, licences and pages for people.
const READ_ONLY: &[&str] = &[
    "www.w3.org",
    "w3.org",
    "json-schema.org",
    "schema.org",
    "www.schema.org",
    "xmlns.com",
    "purl.org",
    "opensource.org",
    "spdx.org",
    "creativecommons.org",
    "www.apache.org",
    "www.gnu.org",
    "www.openapis.org",
    "spec.openapis.org",
    "schemas.xmlsoap.org",
    "schemas.microsoft.com",
    "schemas.android.com",
    "stackoverflow.com",
    "github.com",
    "www.github.com",
    "gitlab.com",
    "pypi.org",
    "www.npmjs.com",
    "npmjs.com",
    "crates.io",
    "docs.rs",
    "developer.mozilla.org",
    "en.wikipedia.org",
    "tools.ietf.org",
    "datatracker.ietf.org",
    "www.rfc-editor.org",
    "swagger.io",
    "nextjs.org",
    "react.dev",
    "vitejs.dev",
    "nodejs.org",
    "medium.com",
    "fonts.googleapis.com",
    "fonts.gstatic.com",
    "t.me",
    "twitter.com",
    "x.com",
    "www.linkedin.com",
    "discord.gg",
    "ogp.me",
    "rdfs.org",
];
/// Names under which an address is no target of requests.
const KEYS: &[&str] = &[
    "origin",
    "cors",
    "docs",
    "license",
    "terms",
    "homepage",
    "schema",
    "namespace",
    "xmlns",
    "$id",
    "$ref",
    "referer",
    "referrer",
    "example",
    "placeholder",
    "help",
    "contact",
    "repository",
    "bugs",
    "description",
    "avatar",
    "logo",
    "icon",
    "image",
    "log",
    "debug",
    "info",
    "warn",
    "print",
    "println",
    "href",
    "allowed_hosts",
    "trusted",
];

/// Words in names that are about requests.
const ASKS: &[&str] = &["fetch", "axios", "get", "post", "put", "request", "api", "base", "endpoint", "host", "url", "uri", "client"];
/// More hosts than this in one file are links.
const MANY: usize = 10;

/// Looks at one expression.
pub fn look(reader: &mut Reader, seen: Seen) {
    let text = match seen.expr {
        Expr::Str(text) => text.as_str(),
        Expr::Template(pieces) => match pieces.first() {
            Some(Piece::Text(text)) => text.as_str(),
            _ => return,
        },
        _ => return,
    };
    if !text.starts_with("http") {
        return;
    }
    let facts = reader.program.file(reader.file);
    if is_shown(reader.program.path(reader.file)) || is_in_test(&facts.outline, seen.scope) {
        return;
    }
    let is_whole = matches!(seen.expr, Expr::Str(_));
    let Some(host) = host_of(text, is_whole) else { return };
    let key = seen.key.to_ascii_lowercase();
    // Pages are full of links; only what is named after requests counts there.
    if facts.language == Language::Tsx && !ASKS.iter().any(|word| key.contains(word)) && !host.starts_with("api.") {
        return;
    }
    if KEYS.iter().any(|word| key.contains(word)) && !key.contains("image_api") {
        return;
    }
    let spot = reader.spot(seen.scope, seen.at);
    reader.thing(Section::ExternalHost, &host, Vec::new(), spot);
}

/// Drops what a file gave when it is a table of links: nobody asks so many hosts from one place.
pub fn settle(things: &mut Vec<Thing>, before: usize) {
    let hosts: BTreeSet<&str> =
        things.iter().skip(before).filter(|thing| thing.section == Section::ExternalHost).map(|thing| thing.name.as_str()).collect();
    if hosts.len() > MANY {
        let mut index = 0;
        things.retain(|thing| {
            index += 1;
            index <= before || thing.section != Section::ExternalHost
        });
    }
}

/// Whether a file only shows or seeds something.
fn is_shown(path: &str) -> bool {
    path.split('/').any(|part| {
        let part = part.to_ascii_lowercase();
        let stem = part.split('.').next().unwrap_or(&part);
        matches!(stem, "docs" | "doc" | "examples" | "example" | "fixtures" | "demo" | "landing" | "storybook")
            || ["seed", "mock", "msw", "fixture"].iter().any(|word| stem.split(['-', '_']).any(|piece| piece.starts_with(word)))
    })
}

fn is_in_test(outline: &Outline, scope: ScopeId) -> bool {
    outline.scopes_from(scope).any(|(id, scope)| match &scope.kind {
        ScopeKind::Function(function) => outline.function(*function).flags.is_test,
        ScopeKind::Namespace(_) => outline.mods.iter().any(|module| module.inline == Some(id) && module.is_test),
        _ => false,
    })
}

/// The host of an address, when requests may go there. A text that goes on with something unknown must end its host before.
#[must_use]
pub fn host_of(text: &str, is_whole: bool) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    if text.contains(char::is_whitespace) {
        return None;
    }
    let end = rest.find(['/', '?', '#']);
    if end.is_none() && !is_whole {
        return None;
    }
    let authority = end.map_or(rest, |end| &rest[..end]);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = host.split(':').next().unwrap_or(host).to_ascii_lowercase();
    let is_name = host.contains('.')
        && host.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    let path = end.map_or("", |end| &rest[end..]);
    let is_login = host == "github.com" && path.starts_with("/login/oauth");
    (is_name && (is_login || !is_passed_over(&host))).then_some(host)
}

fn is_passed_over(host: &str) -> bool {
    let top = host.rsplit('.').next().unwrap_or(host);
    let is_near =
        matches!(top, "local" | "localhost" | "internal" | "test" | "example" | "invalid" | "svc" | "lan" | "localdomain" | "cluster");
    let is_address = top.chars().all(|c| c.is_ascii_digit());
    let is_example =
        ["example.com", "example.org", "example.net"].iter().any(|known| host == *known || host.ends_with(&format!(".{known}")));
    let is_page = ["docs.", "schemas.", "schema."].iter().any(|front| host.starts_with(front)) || host.ends_with(".readthedocs.io");
    is_near || is_address || is_example || is_page || READ_ONLY.contains(&host)
}
