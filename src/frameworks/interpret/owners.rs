//! Which owners an expression denotes: through names, chains, factories and parameters.

use super::Reading;
use std::collections::HashSet;

use crate::base::code::{CallId, ClassKind, Expr, Type};
use crate::facts::finding::{Origin, OwnerKey};
use crate::facts::program::{CallRef, Meaning, Program, Site};
use crate::frameworks::table::{Chain, Table};

/// The owners an expression denotes.
pub fn owners_of(table: &Table, program: &dyn Program, site: &Site, expr: &Expr) -> Vec<OwnerKey> {
    let mut found = Vec::new();
    owners_into(table, program, site, expr, 0, &mut found);
    found
}

fn owners_into(table: &Table, program: &dyn Program, site: &Site, expr: &Expr, depth: u32, found: &mut Vec<OwnerKey>) {
    // Chains are walked in a loop: thousands of links are usual in generated routers.
    let mut links: Vec<(Site, Expr)> = vec![(site.clone(), expr.clone())];
    let mut steps = 0;
    // `router = router.route(…)` leads back to itself.
    let mut seen: HashSet<(Site, CallId)> = HashSet::new();
    while let Some((site, expr)) = links.pop() {
        steps += 1;
        if steps > 20_000 || depth > 8 {
            return;
        }
        if let Some(key) = under(table, program, &site, &expr) {
            found.extend(Some(key).filter(|key| !found.contains(key)));
            continue;
        }
        if let Expr::Call(id) = &expr
            && !seen.insert((Site { offset: 0, ..site.clone() }, *id))
        {
            continue;
        }
        if let Some(receiver) = chained(table, program, &site, &expr) {
            links.push((site, receiver));
            continue;
        }
        for meaning in program.produce_all(&site, &expr) {
            if let Some((call, at)) = meaning.call()
                && let Some(key) = under(table, program, at, &Expr::Call(call.id))
            {
                found.extend(Some(key).filter(|key| !found.contains(key)));
                continue;
            }
            if let Some((call, at)) = meaning.call()
                && let Some(receiver) = chained(table, program, at, &Expr::Call(call.id))
            {
                if seen.insert((Site { offset: 0, ..at.clone() }, call.id)) {
                    links.push((at.clone(), receiver));
                }
                continue;
            }
            // `app.router`
            if let Meaning::Attribute(of, name) = &meaning
                && let Chain::Through(names) = table.chain
                && names.contains(&name.as_str())
            {
                let key = owner_key(table, program, of);
                found.extend(key.filter(|key| !found.contains(key)));
                continue;
            }
            // `let (router, api) = owner.split();`
            if let Meaning::Attribute(of, name) = &meaning
                && name.starts_with(|c: char| c.is_ascii_digit())
                && let Some((call, at)) = of.call()
                && table.chain == Chain::All
            {
                links.push((at.clone(), Expr::Call(call.id)));
                continue;
            }
            let key = owner_key(table, program, &meaning);
            found.extend(key.filter(|key| !found.contains(key)));
        }
    }
}

/// A call that gives an owner under a further path: an owner of its own, mounted on the one it is said of.
fn under(table: &Table, program: &dyn Program, site: &Site, expr: &Expr) -> Option<OwnerKey> {
    let (Chain::Under(names), Expr::Call(id)) = (table.chain, expr) else { return None };
    let call = CallRef { file: site.file, id: *id };
    let (_, name) = program.call(call).method()?;
    if !names.contains(&name.as_str()) {
        return None;
    }
    let receiver = chained(table, program, site, expr)?;
    let is_owner = !owners_of(table, program, site, &receiver).is_empty();
    is_owner.then(|| OwnerKey { origin: Origin::Call(call), env: site.env.clone() })
}

/// The owner that one under a further path was made of: they are one application.
#[must_use]
pub fn base_owner(table: &Table, program: &dyn Program, key: &OwnerKey) -> OwnerKey {
    let mut key = key.clone();
    for _ in 0..16 {
        let (Chain::Under(names), Origin::Call(call)) = (table.chain, key.origin) else { break };
        let made = program.call(call);
        let Some((receiver, _)) = made.method().filter(|(_, name)| names.contains(&name.as_str())) else { break };
        let site = Site { env: key.env.clone(), ..Site::of_call(call.file, made) };
        let Some(base) = owners_of(table, program, &site, receiver).into_iter().next() else { break };
        key = base;
    }
    key
}

/// Every owner that the receiver of a call denotes, in every instance of the call.
pub fn owners_at(table: &Table, program: &dyn Program, call: CallRef, mut found: impl FnMut(OwnerKey, Site)) {
    let made = program.call(call);
    let Some((receiver, _)) = made.method() else { return };
    let reading = Reading { table, program, call, decorated: None };
    reading.each_owner(made, receiver, &mut found);
}

/// The receiver of a chained call on an owner; `None` when the expression is no such call.
fn chained(table: &Table, program: &dyn Program, site: &Site, expr: &Expr) -> Option<Expr> {
    let Expr::Call(id) = expr else { return None };
    if matches!(table.chain, Chain::No | Chain::Through(_)) {
        return None;
    }
    let call = program.file(site.file).outline.call(*id);
    let (receiver, _) = call.method()?;
    // `express.Router()`: the receiver is the library itself, and `factory.make()` is a call of the program's own.
    match program.callee(CallRef { file: site.file, id: *id }) {
        Meaning::Attribute(..) | Meaning::Unknown => Some(receiver.clone()),
        _ => None,
    }
}

/// The owner a meaning is, when it is one.
fn owner_key(table: &Table, program: &dyn Program, meaning: &Meaning) -> Option<OwnerKey> {
    match meaning {
        Meaning::Value(Expr::Call(_), _) => {
            let (call, at) = meaning.call()?;
            let is_owner = match program.callee(call) {
                Meaning::Outside(path) => table.owners.iter().any(|rule| rule.makes.contains(&path.as_str())),
                Meaning::Class(class) => {
                    let bases = program.outside_bases(class);
                    bases.iter().any(|base| table.owners.iter().any(|rule| rule.makes.contains(&base.as_str())))
                }
                _ => false,
            };
            is_owner.then(|| OwnerKey { origin: Origin::Call(call), env: at.env.clone() })
        }
        Meaning::Instance(class) => {
            let bases = program.outside_bases(*class);
            bases.iter().any(|base| table.owners.iter().any(|rule| rule.makes.contains(&base.as_str()))).then(|| OwnerKey::from(*class))
        }
        Meaning::Param(function, position) => {
            let declared = program.function(*function);
            let param = declared.params.get(*position as usize)?;
            let is_owner = match &param.ty {
                Type::Unknown => *position == 0 && table.mounts.iter().any(|rule| rule.takes_functions),
                ty => is_owner_type(table, program, &program.around(*function), ty),
            };
            is_owner.then(|| OwnerKey::from(*function))
        }
        _ => None,
    }
}

/// Whether a type annotation names an owner of the table, also through aliases.
pub fn is_owner_type(table: &Table, program: &dyn Program, site: &Site, ty: &Type) -> bool {
    let (mut site, mut ty) = (site.clone(), ty);
    for _ in 0..8 {
        match program.resolve_type(&site, ty) {
            Meaning::Outside(path) => {
                return table.owner_types.contains(&path.as_str()) || table.owners.iter().any(|rule| rule.makes.contains(&path.as_str()));
            }
            Meaning::Class(class) if program.class(class).kind == ClassKind::Alias => {
                site = program.inside_class(class);
                ty = &program.class(class).alias;
            }
            _ => return false,
        }
    }
    false
}
