//! Whether a value behind a name is secret.

use super::super::looks::Looks;
use super::super::text::{Words, automaton, has_any};
use super::super::value::{has_sequence, is_pointer, is_reference, is_stub, is_uuid};
use super::Noun;
use super::operator::Form;

/// Parts of names that say that the value is about a secret and is none.
const ABOUT: &[&str] = &[
    "public",
    "pubkey",
    "keyword",
    "keyboard",
    "monkey",
    "turkey",
    "hotkey",
    "primary",
    "foreign",
    "cachekey",
    "cache_key",
    "cache-key",
    "sortkey",
    "sort_key",
    "partition",
    "accessib",
    "accessor",
    "tokeniz",
    "tokens_",
    "max_token",
    "maxtoken",
    "csrf",
    "xsrf",
    "keyid",
    "key_id",
    "key-id",
    "keyname",
    "key_name",
    "keypath",
    "key_path",
    "keyfile",
    "key_file",
    "tokenfile",
    "token_file",
    "keysize",
    "keylength",
    "key_length",
    "keypress",
    "keydown",
    "key_down",
    "keycode",
    "keyup",
    "keyframe",
    "secretname",
    "secret_name",
    "_url",
    "_uri",
    "endpoint",
    "placeholder",
    "label",
    "api_version",
    "apiversion",
    "tokentype",
    "token_type",
    "issuerkeyhash",
    "idempotency",
    "usersecretsid",
    "credentialsid",
    "keymesh",
];

static ABOUT_WORDS: Words = Words::new(|| automaton(ABOUT));
static AUTHOR: Words = Words::new(|| automaton(&["author"]));
static AUTHORIZED: Words = Words::new(|| automaton(&["authoriz", "authoris"]));

/// Ends of names of the same kind.
const ENDS: &[&str] = &[
    "id", "name", "url", "uri", "path", "file", "type", "length", "size", "count", "limit", "hash", "digest", "version", "format", "field",
    "header", "policy", "endpoint", "host", "port", "regex", "pattern", "prefix", "schema", "error", "location", "host", "ref", "keys",
];

/// Whether a value with this name is secret. `next` is what stands behind it.
pub(super) fn is_secret(name: &[u8], noun: Noun, form: Form, value: &[u8], next: Option<u8>) -> bool {
    if value.len() < 5 || value.len() > 800 || is_reference(value) || is_stub(value) || is_pointer(value) {
        return false;
    }
    if value.iter().any(|byte| byte.is_ascii_whitespace() || *byte >= 0x80) && noun != Noun::Password {
        return false;
    }
    let is_call = matches!(form, Form::Bare | Form::Loose) && matches!(next, Some(b'(' | b'[' | b'<')) || value.ends_with(b"()");
    if is_call || is_about(name, noun) {
        return false;
    }
    let looks = Looks::of(value);
    match noun {
        Noun::Password => is_password(name, form, value, &looks),
        Noun::Token => is_token(form, value, &looks),
        Noun::Vague => is_key(name, form, value, &looks),
    }
}

fn is_about(name: &[u8], noun: Noun) -> bool {
    let ends = |word: &str| {
        let word = word.as_bytes();
        let at = name.len().saturating_sub(word.len());
        let is_end = name.len() > word.len() && name[at..].eq_ignore_ascii_case(word);
        is_end && (matches!(name[at - 1], b'_' | b'-' | b'.') || name[at].is_ascii_uppercase() && name[at - 1].is_ascii_lowercase())
    };
    // `author` has `auth` in it, and `authorization` is about access.
    let is_author = noun == Noun::Vague && has_any(name, &AUTHOR) && !has_any(name, &AUTHORIZED);
    // Vault's `secret_id` is the secret itself.
    if ends("secret_id") || name.eq_ignore_ascii_case(b"secret_id") {
        return false;
    }
    is_author || has_any(name, &ABOUT_WORDS) || (noun != Noun::Password || !ends("hash")) && ENDS.iter().any(|word| ends(word))
}

/// Names in code: `config.password`, `getToken`, `self.secret`.
fn is_code(value: &[u8], looks: &Looks) -> bool {
    let is_name =
        value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b':' | b'/' | b'?' | b'!' | b'$'));
    is_name && !looks.is_random()
}

fn is_password(name: &[u8], form: Form, value: &[u8], looks: &Looks) -> bool {
    if value.iter().any(u8::is_ascii_control) {
        return false;
    }
    let symbols = value.iter().filter(|byte| matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'*' | b'+' | b'~' | b'?')).count();
    let has_both = looks.digits > 0 && looks.letters > 0;
    match value.iter().filter(|byte| **byte == b' ').count() {
        0 => {}
        1..=3 if form == Form::Quoted && symbols > 0 && has_both && !looks.is_worded() => return true,
        _ => return false,
    }
    let is_number = value.len() >= 6 && looks.digits == value.len();
    let is_made = is_number || has_both || symbols > 0 && looks.letters > 2 || looks.is_gibberish();
    let is_word = form == Form::Quoted && value.iter().all(u8::is_ascii_lowercase);
    // A list of names: `["password", "address2"]`.
    if form == Form::Listed && looks.worded == looks.letters && looks.turns <= 2 && symbols == 0 {
        return false;
    }
    match form {
        Form::Quoted | Form::Listed => {
            value.len() >= 6 && (is_made || is_word) && (looks.digits > 0 || !is_sentence(value) && !is_dotted(value))
        }
        Form::Bare if is_shouted(name) && is_lower_word(value) => value.len() >= 5,
        Form::Bare => {
            value.len() >= 6
                && (has_both && !is_dotted(value) && !looks.is_worded() || symbols > 0 && looks.letters > 2 || looks.is_gibberish())
                && !is_operation(value)
        }
        Form::Loose => value.len() >= 8 && has_both && looks.is_random(),
    }
}

/// `DB_PASSWORD`: a variable of the environment.
fn is_shouted(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_') && name.contains(&b'_')
}

/// A word as somebody who has to remember it would choose.
fn is_lower_word(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-'))
}

/// `a.b1`, `x->y2`: members.
fn is_dotted(value: &[u8]) -> bool {
    value.iter().any(|byte| matches!(byte, b'.' | b'(' | b'['))
}

/// `a==b`, `x(1`.
fn is_operation(value: &[u8]) -> bool {
    let padding = value.iter().rev().take_while(|byte| **byte == b'=').count();
    value[..value.len() - padding].iter().any(|byte| matches!(byte, b'(' | b'[' | b'{' | b'='))
}

fn is_sentence(value: &[u8]) -> bool {
    value.ends_with(b":") || value.ends_with(b"?") && value.len() > 14
}

fn is_token(form: Form, value: &[u8], looks: &Looks) -> bool {
    if is_uuid(value) {
        return true;
    }
    let is_wild = value.len() >= 16 && looks.digits >= 3 && looks.is_mixed() && value.iter().all(u8::is_ascii_graphic);
    if form == Form::Quoted && (is_wild || is_symbolic(value, looks)) {
        return true;
    }
    if !is_plain(value) {
        return false;
    }
    let has_both = looks.digits > 0 && looks.letters > 0;
    let is_row = has_sequence(value) && is_one_word(value) || is_serial(value);
    let is_number = looks.digits == value.len() && value.len() >= 14;
    match form {
        Form::Quoted | Form::Listed => {
            (value.len() >= 8 && has_both && !is_code(value, looks) && looks.turns >= 2)
                || (value.len() >= 10 && looks.is_keylike() && (has_both || looks.is_hex))
                || (value.len() >= 16 && looks.is_gibberish() && looks.is_random())
                || is_number
                || is_row
        }
        Form::Bare => {
            (value.len() >= 10 && looks.is_keylike() && (has_both || looks.is_hex))
                || (value.len() >= 16 && looks.is_random())
                || is_number
                || is_row
        }
        Form::Loose => is_one_word(value) && (value.len() >= 14 && looks.is_keylike() && (has_both || looks.is_hex) || is_row),
    }
}

fn is_key(name: &[u8], form: Form, value: &[u8], looks: &Looks) -> bool {
    if is_uuid(value) {
        // `key` alone is any key; with something before it, it is somebody's.
        return name.len() > 4;
    }
    if !is_plain(value) || form == Form::Loose && !is_one_word(value) {
        return false;
    }
    let has_both = looks.digits > 0 && looks.letters > 0;
    let shortest = if form == Form::Loose { 16 } else { 15 };
    let is_row = has_sequence(value) && is_one_word(value) || is_serial(value);
    is_row || value.len() >= shortest && (has_both || looks.is_hex) && looks.is_keylike() && (looks.is_hex || looks.entropy > 3.0)
}

/// A secret of signs, as generators of settings make them.
fn is_symbolic(value: &[u8], looks: &Looks) -> bool {
    let signs = value.iter().filter(|byte| matches!(byte, b'!' | b'@' | b'#' | b'$' | b'^' | b'&' | b'*' | b'+' | b'~' | b'%')).count();
    let is_graphic = value.iter().all(u8::is_ascii_graphic);
    is_graphic
        && looks.letters >= 8
        && (value.len() >= 10 && signs > 0 && is_plain(value) && !is_dotted(value) || value.len() >= 24 && signs >= 3 && looks.digits > 0)
}

/// `AB12C-DE34F-GH56I`: groups of capitals and digits, as licences have them.
fn is_serial(value: &[u8]) -> bool {
    let is_group = |group: &[u8]| group.len() >= 4 && group.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let groups = value.split(|byte| *byte == b'-');
    groups.clone().count() >= 3 && groups.clone().all(is_group) && value.iter().any(u8::is_ascii_digit)
}

/// Letters, digits and the signs of base64.
fn is_one_word(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'.'))
}

/// What tokens are written with.
fn is_plain(value: &[u8]) -> bool {
    value.iter().all(|byte| {
        byte.is_ascii_graphic()
            && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'{' | b'}' | b'(' | b')' | b'\\' | b'`' | b'[' | b']' | b';')
    })
}
