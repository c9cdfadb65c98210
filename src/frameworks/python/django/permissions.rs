//! Who may: `permission_classes`, `authentication_classes`, and what settings say when a view says nothing.

use super::settings;
use crate::base::Name;
use crate::base::code::{Expr, Op};
use crate::facts::finding::{Location, Method, SchemeKind, SchemeUse, Security};
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Program, Site};

/// What one permission class asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asks {
    Nothing,
    /// A login, for everything.
    Login(Name),
    /// A login, for what changes something.
    LoginToWrite(Name),
}

/// What a class-based view asks for.
#[must_use]
pub fn security(program: &dyn Program, class: ClassRef, action: Option<CallRef>, method: Method) -> Security {
    let on_action = action.and_then(|call| {
        let made = program.call(call);
        made.keyword("permission_classes").map(|value| (value, Site::of_call(call.file, made)))
    });
    let said = on_action.or_else(|| program.class_attribute(class, "permission_classes"));
    let default = || settings::rest(program, "DEFAULT_PERMISSION_CLASSES");
    let Some((value, at)) = said.or_else(default) else { return Security::Inherit };
    let authentication =
        program.class_attribute(class, "authentication_classes").or_else(|| settings::rest(program, "DEFAULT_AUTHENTICATION_CLASSES"));
    decided(program, value, &at, authentication, method)
}

/// What `@permission_classes([…])` asks for.
#[must_use]
pub fn of_function(program: &dyn Program, function: FuncRef, method: Method) -> Security {
    let site = program.around(function);
    let said = |name: &str| {
        program.function(function).decorators.iter().find_map(|decorator| {
            let Expr::Call(id) = decorator else { return None };
            let call = CallRef { file: function.file, id: *id };
            let is_named =
                program.callee(call).outside().is_some_and(|path| path.starts_with("rest_framework.decorators.") && path.ends_with(name));
            let value = program.call(call).positional(0)?;
            is_named.then(|| (value, site.clone()))
        })
    };
    let Some((value, at)) = said("permission_classes").or_else(|| settings::rest(program, "DEFAULT_PERMISSION_CLASSES")) else {
        return Security::Inherit;
    };
    let authentication = said("authentication_classes").or_else(|| settings::rest(program, "DEFAULT_AUTHENTICATION_CLASSES"));
    decided(program, value, &at, authentication, method)
}

fn decided(program: &dyn Program, value: &Expr, at: &Site, authentication: Option<(&Expr, Site)>, method: Method) -> Security {
    let items = program.items(at, value).unwrap_or_default();
    let is_safe = matches!(method, Method::Get | Method::Head | Method::Options);
    let asked = items.iter().map(|(item, at)| asks(program, at, item, 0)).find_map(|asks| match asks {
        Asks::Login(name) => Some(name),
        Asks::LoginToWrite(name) if !is_safe => Some(name),
        _ => None,
    });
    match asked {
        Some(name) => Security::Schemes(vec![scheme(program, authentication, &name)]),
        None => Security::Open,
    }
}

fn asks(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Asks {
    if depth > 8 {
        return Asks::Nothing;
    }
    match expr {
        Expr::Binary(binary) if matches!(binary.op, Op::BitOr | Op::BitAnd) => {
            let (left, right) = (asks(program, site, &binary.left, depth + 1), asks(program, site, &binary.right, depth + 1));
            match (binary.op, left, right) {
                (Op::BitOr, Asks::Nothing, _) | (Op::BitOr, _, Asks::Nothing) => Asks::Nothing,
                (Op::BitOr, weak @ Asks::LoginToWrite(_), _) | (Op::BitOr, _, weak @ Asks::LoginToWrite(_)) => weak,
                (_, Asks::Nothing, other) => other,
                (_, strong @ Asks::Login(_), _) => strong,
                (_, _, strong @ Asks::Login(_)) => strong,
                (_, left, _) => left,
            }
        }
        Expr::Str(path) => of_meaning(program, &program.named(site.file, path), Some(path), depth),
        Expr::Call(id) => {
            let call = CallRef { file: site.file, id: *id };
            of_meaning(program, &program.callee(call), None, depth)
        }
        _ => of_meaning(program, &program.resolve(site, expr), expr.last_name().map(Name::as_str), depth),
    }
}

fn of_meaning(program: &dyn Program, meaning: &Meaning, spelled: Option<&str>, depth: u32) -> Asks {
    match meaning {
        Meaning::Outside(path) => by_name(path.rsplit('.').next().unwrap_or(path)),
        Meaning::Class(class) => {
            let own = program.class(*class).name.clone();
            let by_own = by_name(&own);
            if by_own != Asks::Login(own.clone()) {
                return by_own;
            }
            // A class that changes nothing of what its base asks for.
            let changes = program.lineage(*class).into_iter().any(|of| {
                let outline = &program.file(of.file).outline;
                outline.class(of.id).methods.iter().any(|id| outline.function(*id).name.starts_with("has_"))
            });
            let base = program.outside_bases(*class).into_iter().next();
            match base.map(|base| by_name(base.rsplit('.').next().unwrap_or(&base))) {
                Some(Asks::Nothing) if !changes => Asks::Nothing,
                Some(Asks::LoginToWrite(_)) if !changes => Asks::LoginToWrite(own),
                _ => Asks::Login(own),
            }
        }
        Meaning::Value(expr @ Expr::Binary(_), at) => asks(program, at, expr, depth + 1),
        Meaning::Value(Expr::Call(id), at) => of_meaning(program, &program.callee(CallRef { file: at.file, id: *id }), spelled, depth + 1),
        _ => spelled.map_or(Asks::Nothing, by_name),
    }
}

fn by_name(name: &str) -> Asks {
    match name {
        "AllowAny" | "BasePermission" | "" => Asks::Nothing,
        _ if name.contains("OrReadOnly") || name.contains("AnonReadOnly") || name.contains("ReadOnlyOr") => Asks::LoginToWrite(name.into()),
        "ReadOnly" | "IsReadOnly" => Asks::Nothing,
        _ => Asks::Login(name.into()),
    }
}

/// The scheme by which one logs in: the first that is known, else a guard of the permission's name.
fn scheme(program: &dyn Program, authentication: Option<(&Expr, Site)>, permission: &Name) -> SchemeUse {
    let guard = SchemeUse { name: permission.clone(), kind: SchemeKind::Guard, scopes: Vec::new() };
    let Some((value, at)) = authentication else { return guard };
    let found = program.items(&at, value).unwrap_or_default().into_iter().find_map(|(item, at)| {
        let meaning = match item {
            Expr::Str(path) => program.named(at.file, path),
            other => program.resolve(&at, other),
        };
        let mut names: Vec<Name> = Vec::new();
        match &meaning {
            Meaning::Outside(path) => names.push(path.clone()),
            Meaning::Class(class) => {
                names.push(program.class(*class).name.clone());
                names.extend(program.outside_bases(*class));
            }
            _ => {}
        }
        names.iter().find_map(|path| by_authentication(path.rsplit('.').next().unwrap_or(path)))
    });
    found.unwrap_or(guard)
}

fn by_authentication(name: &str) -> Option<SchemeUse> {
    let (shown, kind) = match name {
        "BasicAuthentication" => ("basicAuth", SchemeKind::Basic),
        "SessionAuthentication" | "CsrfExemptSessionAuthentication" => {
            ("cookieAuth", SchemeKind::ApiKey(Location::Cookie, "sessionid".into()))
        }
        "TokenAuthentication" => ("tokenAuth", SchemeKind::ApiKey(Location::Header, "Authorization".into())),
        "JWTAuthentication"
        | "JSONWebTokenAuthentication"
        | "JWTTokenUserAuthentication"
        | "JWTStatelessUserAuthentication"
        | "JWTCookieAuthentication" => ("jwtAuth", SchemeKind::Bearer),
        "OAuth2Authentication" | "OIDCAuthentication" => ("oauth2", SchemeKind::Bearer),
        _ => return None,
    };
    Some(SchemeUse { name: shown.into(), kind, scopes: Vec::new() })
}
