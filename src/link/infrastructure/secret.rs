//! What must not be shown: which names stand for secrets, and which values look like one.

/// Words in a name that make it a secret's.
const WORDS: &[&str] = &[
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "token",
    "credential",
    "credentials",
    "apikey",
    "privatekey",
    "accesskey",
    "secretkey",
    "pat",
    "pin",
    "salt",
    "pepper",
    "jwt",
];
/// Words before `key` that make it a secret's.
const OF_KEYS: &[&str] = &[
    "api",
    "access",
    "private",
    "encryption",
    "signing",
    "auth",
    "master",
    "service",
    "account",
    "license",
    "jwt",
    "session",
    "app",
    "storage",
    "webhook",
    "hmac",
    "aes",
    "fernet",
    "ssh",
    "deploy",
    "shared",
    "subscription",
];
/// Fronts of names that end up in a browser: nothing behind them is a secret.
const PUBLIC: &[&str] =
    &["next_public_", "vite_", "react_app_", "expo_public_", "public_", "nuxt_public_", "gatsby_", "vue_app_", "ng_app_"];
/// Ends of names that tell about a secret without being one.
const ABOUT: &[&str] = &[
    "name",
    "names",
    "file",
    "path",
    "url",
    "uri",
    "arn",
    "id",
    "ttl",
    "expiry",
    "expires",
    "expire",
    "expiration",
    "minutes",
    "seconds",
    "hours",
    "days",
    "length",
    "algorithm",
    "alg",
    "type",
    "issuer",
    "audience",
    "header",
    "prefix",
    "policy",
    "enabled",
    "endpoint",
    "lifetime",
    "rounds",
    "count",
    "limit",
    "version",
    "min",
    "max",
];
/// Fronts of values that only secrets have.
const VALUES: &[&str] = &[
    "sk_",
    "pk_live",
    "rk_live",
    "sk-",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "AKIA",
    "ASIA",
    "AIza",
    "SG.",
    "eyJ",
    "-----BEGIN",
    "whsec_",
    "shpat_",
    "npm_",
    "dop_v1_",
    "hvs.",
];

/// Whether a name stands for a secret: `STRIPE_SECRET_KEY`, `dbPassword`.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let lower = words_of(name);
    if PUBLIC.iter().any(|front| lower.starts_with(front)) {
        return false;
    }
    let words: Vec<&str> = lower.split('_').filter(|word| !word.is_empty()).collect();
    let Some(last) = words.last() else { return false };
    if ABOUT.contains(last) {
        return false;
    }
    if words.iter().any(|word| WORDS.contains(word)) {
        return true;
    }
    let is_key = matches!(*last, "key" | "keys") || last.starts_with("key") && last[3..].chars().all(|c| c.is_ascii_digit());
    is_key && words.iter().any(|word| OF_KEYS.contains(word))
        || is_key
            && words.len() == 2
            && !matches!(words[0], "public" | "primary" | "foreign" | "sort" | "cache" | "partition" | "hash" | "range")
        || words == ["key"]
}

/// The name in lower case, words apart by `_`.
fn words_of(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for c in name.chars() {
        if c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        out.push(if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
        before = c;
    }
    out
}

/// Whether a value looks like a secret, whatever it is called.
#[must_use]
pub fn is_secret_value(value: &str) -> bool {
    let value = value.trim();
    if VALUES.iter().any(|front| value.starts_with(front)) {
        return true;
    }
    // Long, without spaces, letters and digits mixed as no word or path mixes them.
    let is_token = value.len() >= 24 && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-'));
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let upper = value.chars().filter(char::is_ascii_uppercase).count();
    let lower = value.chars().filter(char::is_ascii_lowercase).count();
    is_token && digits >= 4 && lower >= 4 && (upper >= 4 || value.chars().all(|c| c.is_ascii_hexdigit()))
}

/// A value as it may be shown under a name: nothing of a secret, and no password inside an address.
#[must_use]
pub fn shown(name: &str, value: &str) -> Option<String> {
    if is_secret_name(name) || is_secret_value(value) {
        return None;
    }
    Some(without_password(value))
}

/// A text whose addresses have no password: `postgres://app:***@db/app`.
#[must_use]
pub fn without_password(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(['/', ' ', '?', '#', '"', '\'', ',']).unwrap_or(after.len());
        let authority = &after[..end];
        match authority.rfind('@') {
            Some(host) => {
                let user = &authority[..host];
                match user.split_once(':') {
                    Some((user, password)) if !is_placeholder(password) => out.push_str(&format!("{user}:***")),
                    _ => out.push_str(user),
                }
                out.push_str(&authority[host..]);
            }
            None => out.push_str(authority),
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    masked_keywords(&out)
}

/// `Password=x;` of connection strings and `password=x` of others.
fn masked_keywords(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive([';', '&', ' ']) {
        match part.split_once('=') {
            Some((name, value)) if is_secret_name(name.trim_start_matches(['-', '?']).trim()) && !is_placeholder(value) => {
                let end = value.len() - value.trim_end_matches([';', '&', ' ']).len();
                out.push_str(&format!("{name}=***{}", &value[value.len() - end..]));
            }
            _ => out.push_str(part),
        }
    }
    out
}

/// Whether a value only says where the secret comes from.
fn is_placeholder(value: &str) -> bool {
    value.is_empty()
        || value.starts_with("${") && value.ends_with('}') && !value.contains(":-")
        || value.starts_with('$') && !value.contains(' ')
}

/// A command, unless something in it may be a secret.
#[must_use]
pub fn command(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let is_open = !["pass", "secret", "token", "key", "credential", "auth"].iter().any(|word| lower.contains(word));
    (is_open && text.len() <= 300 && !text.split_whitespace().any(is_secret_value)).then(|| without_password(text))
}
