//! Variables of a context: what middleware sets, or what the application's type says of it.

use super::uses;
use crate::base::code::{Expr, Type};
use crate::facts::program::{CallRef, FuncRef, Meaning, Program, Site};
use crate::frameworks::interpret::{base_owner, owners_of};
use crate::frameworks::script::functions::calls_in;

/// What is said of a variable, and where that is read.
pub enum Variable<'p> {
    /// `c.set("name", value)` of a middleware.
    Value(&'p Expr, Site),
    /// `Variables: { name: T }`.
    Typed(&'p Type, Site),
}

/// What `c.var.name` or `c.get("name")` stands for in a handler.
#[must_use]
pub fn variable<'p>(program: &'p dyn Program, site: &Site, expr: &Expr) -> Option<Variable<'p>> {
    let (context, name) = read(program, site, expr)?;
    let Meaning::Param(handler, 0) = program.resolve(site, context) else { return None };
    let call = call_with(program, handler)?;
    let made = program.call(call);
    let at = Site::of_call(call.file, made);
    let owners: Vec<_> = match made.method() {
        Some((receiver, _)) => {
            owners_of(&super::TABLE, program, &at, receiver).iter().map(|owner| base_owner(&super::TABLE, program, owner)).collect()
        }
        None => Vec::new(),
    };
    // Middleware of the route itself comes last, so it is asked first.
    let own = made.args.iter().map(|arg| (&arg.value, at.clone()));
    let shared = uses::middleware(program, call.file).into_iter().filter(|said| said.line <= made.at.line);
    let shared = shared.filter(|said| said.owners.iter().any(|owner| owners.iter().any(|known| known.origin == owner.origin)));
    let mut all: Vec<(&Expr, Site)> = own.collect();
    all.extend(shared.flat_map(|said| said.middleware));
    if let Some(found) = all.iter().find_map(|(middleware, at)| set_by(program, at, middleware, &name)) {
        return Some(found);
    }
    owners.iter().find_map(|owner| match owner.origin {
        crate::facts::finding::Origin::Call(call) => typed(program, call, &name),
        _ => None,
    })
}

/// The context and the variable's name.
fn read<'e>(program: &'e dyn Program, site: &Site, expr: &'e Expr) -> Option<(&'e Expr, String)> {
    match expr {
        Expr::Member(base, name) => match &**base {
            Expr::Member(context, var) if var == "var" => Some((context, name.to_string())),
            _ => None,
        },
        Expr::Call(id) => {
            let made = program.file(site.file).outline.call(*id);
            let (context, _) = made.method().filter(|(_, name)| *name == "get")?;
            Some((context, program.text(site, made.positional(0)?).plain()?))
        }
        _ => None,
    }
}

/// The call that is given this function.
pub(super) fn call_with(program: &dyn Program, function: FuncRef) -> Option<CallRef> {
    let calls = (0u32..).zip(&program.file(function.file).outline.calls);
    let mut given = calls.filter(|(_, call)| call.args.iter().any(|arg| arg.value == Expr::Func(function.id)));
    given.next().map(|(id, _)| CallRef { file: function.file, id: crate::base::code::CallId(id) })
}

/// The value that a middleware gives a variable.
fn set_by<'p>(program: &'p dyn Program, site: &Site, middleware: &Expr, name: &str) -> Option<Variable<'p>> {
    let meaning = program.produce(site, middleware);
    let function = match meaning.call() {
        Some((call, at)) => program.call(call).args.iter().find_map(|arg| program.resolve(at, &arg.value).function())?,
        None => meaning.function()?,
    };
    let found = calls_in(program, function).find_map(|(call, made)| {
        let (_, method) = made.method()?;
        let at = Site::of_call(call.file, made);
        let is_it = method == "set" && program.text(&at, made.positional(0)?).plain().as_deref() == Some(name);
        is_it.then(|| Some(Variable::Value(made.positional(1)?, at))).flatten()
    });
    found.or_else(|| meaning.call().and_then(|(call, _)| typed(program, call, name)))
}

/// `new Hono<{ Variables: { name: T } }>()`, `createMiddleware<{ Variables: … }>(…)`.
fn typed<'p>(program: &'p dyn Program, call: CallRef, name: &str) -> Option<Variable<'p>> {
    let made = program.call(call);
    let mut site = Site::of_call(call.file, made);
    let mut env = made.type_args.first()?;
    if let Type::Named(_) = env
        && let Some(class) = program.resolve_type(&site, env).class()
    {
        env = &program.class(class).alias;
        site = program.inside_class(class);
    }
    let variables = &fields(program, &site, env)?.0.iter().find(|field| field.name == "Variables")?.ty;
    let (fields, site) = fields(program, &site, variables)?;
    let field = fields.iter().find(|field| field.name == name)?;
    Some(Variable::Typed(&field.ty, site))
}

fn fields<'p>(program: &'p dyn Program, site: &Site, ty: &'p Type) -> Option<(&'p [crate::base::code::Field], Site)> {
    match ty {
        Type::Object(fields) => Some((fields, site.clone())),
        Type::Named(_) => {
            let class = program.resolve_type(site, ty).class()?;
            let declared = program.class(class);
            let at = program.inside_class(class);
            match &declared.alias {
                Type::Object(fields) => Some((fields, at)),
                _ if !declared.fields.is_empty() => Some((&declared.fields, at)),
                _ => None,
            }
        }
        _ => None,
    }
}
