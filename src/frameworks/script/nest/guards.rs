//! Guards: `@UseGuards(AuthGuard("jwt"), RolesGuard)`, guards of the whole application, and decorators that open what they close.

use super::{COMMON, SWAGGER};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::finding::{Location, SchemeKind, SchemeUse, Security};
use crate::facts::program::{CallRef, ClassRef, Meaning, Program, Site};
use crate::frameworks::script::decorators::Decor;
use crate::frameworks::script::handler::guards::{asks_login, by_name as named_for_login, refusal};

/// A guard with what it asks for.
#[derive(Clone, Debug)]
pub struct Guarded {
    /// What it asks for, any one of these; empty when that is no login.
    pub schemes: Vec<SchemeUse>,
    /// Keys of metadata it looks at.
    keys: Vec<String>,
    /// It lets all pass that do not carry its metadata.
    is_opt_in: bool,
}

impl Guarded {
    /// Whether decorators open what the guard closes: `@Public()`, or the absence of what an opt-in guard looks for.
    pub fn is_opened(&self, decors: &[Decor]) -> bool {
        let carries = |decor: &Decor| is_metadata(decor) && self.keys.iter().any(|key| names_key(decor, key));
        if self.is_opt_in {
            return !decors.iter().any(carries);
        }
        decors.iter().any(|decor| (carries(decor) || decor.path.is_empty() || is_metadata(decor)) && is_opening(&decor.name))
            || decors.iter().any(|decor| carries(decor) && opening_key(decor))
    }
}

fn is_metadata(decor: &Decor) -> bool {
    decor.path.ends_with(".SetMetadata") || decor.path.ends_with(".createDecorator") || decor.path.is_empty()
}

/// Whether a decorator sets this key.
fn names_key(decor: &Decor, key: &str) -> bool {
    let said = decor.arg(0).and_then(|arg| match arg {
        Expr::Str(text) => Some(text.to_string()),
        other => other.last_name().map(Name::to_string),
    });
    decor.name == key || said.is_some_and(|said| said == key)
}

fn opening_key(decor: &Decor) -> bool {
    decor
        .arg(0)
        .and_then(|arg| arg.as_str().map(str::to_owned).or_else(|| arg.last_name().map(Name::to_string)))
        .is_some_and(|key| is_opening(&key))
}

/// Names of decorators that open a route.
fn is_opening(name: &str) -> bool {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    [
        "public",
        "skipauth",
        "noauth",
        "allowanonymous",
        "anonymous",
        "unauth",
        "allowunauth",
        "openendpoint",
        "skipjwt",
        "noguard",
        "bypassauth",
        "isopen",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// The guards that decorators set.
pub fn asked(program: &dyn Program, decors: &[Decor]) -> Vec<Guarded> {
    let mut found = Vec::new();
    for decor in decors {
        if decor.of(COMMON) == Some("UseGuards") {
            found.extend(decor.args().into_iter().filter_map(|arg| guarded(program, &decor.site, arg, false)));
        }
    }
    // Several are alternatives.
    let schemes: Vec<SchemeUse> =
        decors.iter().filter_map(|decor| decor.of(SWAGGER).and_then(|name| documented_scheme(program, name, decor))).collect();
    if !schemes.is_empty() {
        found.insert(0, Guarded { schemes, keys: Vec::new(), is_opt_in: false });
    }
    found
}

/// `@ApiBearerAuth()`, `@ApiSecurity("api-key")`.
fn documented_scheme(program: &dyn Program, name: &str, decor: &Decor) -> Option<SchemeUse> {
    let said = decor.arg(0).and_then(|arg| program.text(&decor.site, arg).plain());
    let (kind, default) = match name {
        "ApiBearerAuth" => (SchemeKind::Bearer, "bearer"),
        "ApiBasicAuth" => (SchemeKind::Basic, "basic"),
        "ApiCookieAuth" => (SchemeKind::ApiKey(Location::Cookie, "session".into()), "cookie"),
        "ApiOAuth2" => (SchemeKind::Guard, "oauth2"),
        "ApiSecurity" => (said.as_deref().map_or(SchemeKind::Guard, SchemeKind::by_name), "security"),
        _ => return None,
    };
    let name = if name == "ApiOAuth2" { default.to_owned() } else { said.unwrap_or_else(|| default.to_owned()) };
    Some(SchemeUse { name: name.into(), kind, scopes: Vec::new() })
}

/// `{ provide: APP_GUARD, useClass: JwtGuard }`.
pub fn provided(program: &dyn Program, site: &Site, provider: &Expr) -> Option<Guarded> {
    let entries = program.entries(site, provider)?;
    let entry = |key: &str| entries.iter().find(|(name, ..)| name == key);
    let (_, token, at) = entry("provide")?;
    if !program.resolve(at, token).is_any(&["@nestjs/core.APP_GUARD"]) {
        return None;
    }
    let (_, guard, at) = entry("useClass").or_else(|| entry("useExisting")).or_else(|| entry("useValue"))?;
    guarded(program, at, guard, true)
}

/// What a guard asks for; `None` when it asks for no login. A guard of the whole application that looks for metadata is taken to
/// let pass what carries none, unless the metadata opens.
pub fn guarded(program: &dyn Program, site: &Site, expr: &Expr, is_global: bool) -> Option<Guarded> {
    match program.resolve(site, expr) {
        Meaning::Class(class) | Meaning::Instance(class) => of_class(program, class, is_global),
        Meaning::Value(Expr::Call(id), at) => {
            let call = CallRef { file: at.file, id: *id };
            let made = program.call(call);
            match program.callee(call) {
                Meaning::Outside(path) if path.as_str() == "@nestjs/passport.AuthGuard" => {
                    let schemes = strategies(program, &at, made.positional(0));
                    (!schemes.is_empty()).then(|| Guarded { schemes, keys: Vec::new(), is_opt_in: false })
                }
                Meaning::Class(class) => of_class(program, class, is_global),
                // A mixin: `RoleGuard(Role.Admin)` returns a class.
                Meaning::Function(..) | Meaning::Value(Expr::Func(_), _) => match program.produce(site, expr) {
                    Meaning::Class(class) => of_class(program, class, is_global),
                    Meaning::Value(Expr::Class(class), at) => of_class(program, ClassRef { file: at.file, id: *class }, is_global),
                    _ => by_name(made.callee.last_name()?),
                },
                _ => None,
            }
        }
        Meaning::Outside(path) => by_name(&Name::from(path.rsplit('.').next().unwrap_or_default())),
        _ => by_name(expr.last_name()?),
    }
}

fn by_name(name: &Name) -> Option<Guarded> {
    if is_other_matter(name) {
        return None;
    }
    let scheme = SchemeUse { name: name.clone(), kind: SchemeKind::Guard, scopes: Vec::new() };
    Some(Guarded { schemes: vec![scheme], keys: Vec::new(), is_opt_in: false })
}

/// Guards that refuse for other reasons than a missing login.
fn is_other_matter(name: &str) -> bool {
    let name = name.to_lowercase();
    [
        "throttl",
        "ratelimit",
        "captcha",
        "csrf",
        "local",
        "callback",
        "optional",
        "feature",
        "maintenance",
        "googleauth",
        "githubauth",
        "facebookauth",
        "oauthguard",
    ]
    .iter()
    .any(|word| name.contains(word))
}

fn of_class(program: &dyn Program, class: ClassRef, is_global: bool) -> Option<Guarded> {
    let name = program.class(class).name.clone();
    if is_other_matter(&name) {
        return None;
    }
    let keys = metadata_keys(program, class);
    let is_opt_in = is_global && !keys.is_empty() && !keys.iter().any(|key| is_opening(key));
    if let Some(schemes) = passport(program, class) {
        return (!schemes.is_empty()).then_some(Guarded { schemes, keys, is_opt_in });
    }
    let method = program.method(class, "canActivate");
    let refuses = method.and_then(|method| refusal(program, method, 0));
    // A guard of the whole application may be about anything: it counts when it is about logins.
    if is_global && named_for_login(&name).is_none() && !method.is_some_and(|method| asks_login(program, method)) {
        return None;
    }
    let scheme = SchemeUse { name, kind: refuses.unwrap_or(SchemeKind::Guard), scopes: Vec::new() };
    Some(Guarded { schemes: vec![scheme], keys, is_opt_in })
}

/// The schemes of a class that extends `AuthGuard("jwt")`; none for strategies that are logins themselves.
fn passport(program: &dyn Program, class: ClassRef) -> Option<Vec<SchemeUse>> {
    if !program.outside_bases(class).iter().any(|base| base == "@nestjs/passport.AuthGuard()") {
        return None;
    }
    for class in program.lineage(class) {
        let site = program.around_class(class);
        for base in &program.class(class).bases {
            let Meaning::Value(Expr::Call(id), at) = program.resolve_type(&site, base) else { continue };
            let call = program.call(CallRef { file: at.file, id: *id });
            return Some(strategies(program, &at, call.positional(0)));
        }
    }
    Some(Vec::new())
}

/// What strategies ask for; any of several.
fn strategies(program: &dyn Program, site: &Site, names: Option<&Expr>) -> Vec<SchemeUse> {
    let Some(names) = names else { return strategy("jwt".to_owned()).into_iter().collect() };
    match program.items(site, names) {
        Some(items) => items.iter().filter_map(|(item, at)| strategy(program.text(at, item).plain()?)).collect(),
        None => strategy(program.text(site, names).plain().unwrap_or_default()).into_iter().collect(),
    }
}

/// What a strategy asks for, by its name; `None` for those that log in.
fn strategy(named: String) -> Option<SchemeUse> {
    let kind = match named.to_lowercase().as_str() {
        "local" | "google" | "github" | "facebook" | "oidc" | "saml" | "twitter" | "apple" | "discord" | "oauth2" | "azure-ad"
        | "magiclink" | "gitlab" | "linkedin" | "microsoft" | "anonymous" => return None,
        "basic" => SchemeKind::Basic,
        name if name.contains("jwt") || name.contains("bearer") => SchemeKind::Bearer,
        name if name.contains("key") => SchemeKind::ApiKey(Location::Header, "x-api-key".into()),
        _ => SchemeKind::Guard,
    };
    let name = if named.is_empty() { "jwt".to_owned() } else { named };
    Some(SchemeUse { name: name.into(), kind, scopes: Vec::new() })
}

/// The keys of metadata that a guard's methods ask the reflector for.
fn metadata_keys(program: &dyn Program, class: ClassRef) -> Vec<String> {
    let mut keys = Vec::new();
    for method in program.methods(class) {
        for (_, call) in crate::frameworks::script::handler::calls_in(program, method) {
            let is_asking = matches!(
                call.method().map(|(_, name)| name.as_str()),
                Some("get" | "getAll" | "getAllAndOverride" | "getAllAndMerge" | "getMetadata")
            );
            let is_reflector =
                call.method().is_some_and(|(receiver, _)| receiver.last_name().is_some_and(|name| name.to_lowercase().contains("reflect")));
            if !is_asking || !is_reflector {
                continue;
            }
            let Some(key) = call.positional(0) else { continue };
            keys.extend(key.as_str().map(str::to_owned));
            keys.extend(key.last_name().map(Name::to_string));
            keys.extend(program.text(&Site::of_call(method.file, call), key).plain());
        }
    }
    keys.sort();
    keys.dedup();
    keys
}

/// What guards ask for together: where one of them names a documented or passport scheme, the others only refine it.
pub fn settled(guards: &[Vec<SchemeUse>]) -> Security {
    let names_one = |schemes: &&Vec<SchemeUse>| schemes.iter().any(|scheme| scheme.kind != SchemeKind::Guard);
    let is_known = guards.iter().any(|schemes| names_one(&schemes));
    let mut asked: Vec<Vec<SchemeUse>> = Vec::new();
    for schemes in guards.iter().filter(|schemes| !schemes.is_empty() && (!is_known || names_one(schemes))) {
        asked = Security::any_of(schemes.iter().map(|scheme| vec![scheme.clone()])).below(&asked);
    }
    if asked.is_empty() { Security::Inherit } else { Security::any_of(asked) }
}
