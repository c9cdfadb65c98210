//! Handlers of AWS Lambda: `export const handler: SQSHandler = async (event) => …`. Read from `@types/aws-lambda` 8.10.

use crate::base::Name;
use crate::base::code::{Assign, Expr, FuncId, Pattern, ScopeId};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, FuncRef, Meaning, Program, Site};
use crate::frameworks::lambdas::{self, Entry};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: "script/aws-lambda",
    label: "AWS Lambda",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &[],
    tells: &[Tells::Http, Tells::Events],
    read: Some(read),
    types: None,
};

/// Wrappers around a handler nest so deep, at most: `middy(handler).use(…)`.
const DEEPEST: u32 = 8;

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (number, function) in (0u32..).zip(&outline.functions) {
        let is_exported = function.scope == ScopeId(0) && function.flags.is_public && !function.name.is_empty();
        if is_exported {
            add(program, FuncRef { file, id: FuncId(number) }, &function.name, None, findings);
        }
    }
    for assign in outline.assigns.iter().filter(|assign| assign.scope == ScopeId(0)) {
        let Some(name) = exported(assign) else { continue };
        let site = Site { file, scope: assign.scope, offset: assign.at.offset, env: None };
        if let Some(function) = handler(program, &site, &assign.value, 0) {
            add(program, function, name, Some(assign), findings);
        }
    }
}

/// `export const handler = …`, `exports.handler = …`, `module.exports.handler = …`.
fn exported(assign: &Assign) -> Option<&Name> {
    match &assign.target {
        Pattern::Name(name) if assign.is_public => Some(name),
        Pattern::Place(Expr::Member(of, name)) => match &**of {
            Expr::Ref(exports) if exports == "exports" => Some(name),
            Expr::Member(module, exports) if exports == "exports" && matches!(&**module, Expr::Ref(name) if name == "module") => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// The function itself, or the one that others are wrapped around.
fn handler(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<FuncRef> {
    if depth > DEEPEST {
        return None;
    }
    match program.resolve(site, expr) {
        Meaning::Function(function, _) => Some(function),
        Meaning::Value(Expr::Func(id), at) => Some(FuncRef { file: at.file, id: *id }),
        Meaning::Value(Expr::Call(id), at) => {
            let call = program.file(at.file).outline.call(*id);
            let here = Site::of_call(at.file, call);
            let passed = call.args.iter().take(3).find_map(|arg| match &arg.value {
                Expr::Ref(_) | Expr::Func(_) => program.resolve(&here, &arg.value).function(),
                _ => None,
            });
            passed.filter(|function| lambdas::are_a_handlers(&program.function(*function).params)).or_else(|| {
                let (receiver, _) = call.method()?;
                handler(program, &here, receiver, depth + 1)
            })
        }
        _ => None,
    }
}

fn add(program: &dyn Program, function: FuncRef, name: &Name, assign: Option<&Assign>, findings: &mut Findings) {
    let params = &program.function(function).params;
    if !lambdas::are_a_handlers(params) {
        return;
    }
    let mut types = vec![(&params[0].ty, program.around(function))];
    types.extend(assign.map(|assign| (&assign.ty, Site::of_scope(function.file, assign.scope))));
    lambdas::found(program, Entry { framework: FRAMEWORK.id, function, name: name.clone(), types }, findings);
}
