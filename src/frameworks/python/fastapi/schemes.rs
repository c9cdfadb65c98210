//! Security schemes of `fastapi.security`.

use crate::base::Name;
use crate::base::code::Call;
use crate::facts::finding::{Location, SchemeKind, SchemeUse};
use crate::facts::program::{Program, Site};

/// The class of `fastapi.security` that a library symbol is.
#[must_use]
pub fn class_of(path: &str) -> Option<&str> {
    path.strip_prefix("fastapi.security.").and_then(|rest| rest.rsplit('.').next())
}

/// The scheme that a call of a class of `fastapi.security` (or of a subclass named `own`) makes.
#[must_use]
pub fn scheme(program: &dyn Program, site: &Site, path: &str, call: &Call, own: Option<&Name>) -> Option<SchemeUse> {
    let class = class_of(path)?;
    let text = |position: usize, keyword: &str| -> Name {
        let found = call.arg(position, keyword).and_then(|expr| program.text(site, expr).plain());
        found.unwrap_or_default().into()
    };
    let keyed = |name: &str| call.keyword(name).and_then(|expr| program.text(site, expr).plain()).unwrap_or_default();
    let kind = match class {
        "OAuth2PasswordBearer" => SchemeKind::OAuth2Password(text(0, "tokenUrl")),
        "OAuth2AuthorizationCodeBearer" => SchemeKind::OAuth2Code(text(0, "authorizationUrl"), text(1, "tokenUrl")),
        "OpenIdConnect" => SchemeKind::OpenId(keyed("openIdConnectUrl").into()),
        "HTTPBearer" | "OAuth2" => SchemeKind::Bearer,
        "HTTPBasic" => SchemeKind::Basic,
        "HTTPDigest" => SchemeKind::Digest,
        "HTTPBase" => match keyed("scheme").to_lowercase().as_str() {
            "basic" => SchemeKind::Basic,
            "digest" => SchemeKind::Digest,
            _ => SchemeKind::Bearer,
        },
        "APIKeyHeader" => SchemeKind::ApiKey(Location::Header, keyed("name").into()),
        "APIKeyQuery" => SchemeKind::ApiKey(Location::Query, keyed("name").into()),
        "APIKeyCookie" => SchemeKind::ApiKey(Location::Cookie, keyed("name").into()),
        _ => return None,
    };
    let name = match keyed("scheme_name") {
        said if !said.is_empty() => said.into(),
        _ => own.cloned().unwrap_or_else(|| class.into()),
    };
    Some(SchemeUse { name, kind, scopes: Vec::new() })
}
