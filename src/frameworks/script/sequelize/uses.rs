//! Who reads and writes which table: `User.findAll()`, `Post.create(…)`.

use super::ID;
use super::models::may_declare;
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Access, ObjectName};
use crate::facts::finding::Findings;
use crate::facts::program::{ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::script::tables::found::{place, symbol_at, used};
use crate::frameworks::script::tables::naming::snake;
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::plural::plural;

fn access(method: &str) -> Option<Access> {
    Some(match method {
        "findAll" | "findOne" | "findByPk" | "findAndCountAll" | "count" | "max" | "min" | "sum" | "aggregate" => Access::Read,
        "create" | "bulkCreate" | "update" | "destroy" | "upsert" | "findOrCreate" | "findCreateFind" | "truncate" | "increment"
        | "decrement" | "restore" | "build" => Access::Write,
        _ => return None,
    })
}

/// Reads the uses in a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for call in &program.file(file).outline.calls {
        let Some((receiver, method)) = call.method() else { continue };
        let Some(access) = access(method) else { continue };
        let site = Site::of_call(file, call);
        let Some(table) = table_of(program, &site, receiver) else { continue };
        let at = place(file, &symbol_at(program, file, call.scope), call.at.line);
        used(findings, ID, table, access, at);
    }
}

/// The table of the model that an expression is.
fn table_of(program: &dyn Program, site: &Site, receiver: &Expr) -> Option<ObjectName> {
    match program.produce(site, receiver) {
        Meaning::Class(class) => of_class(program, class),
        Meaning::Value(Expr::Call(id), at) => {
            let call = program.file(at.file).outline.call(*id);
            let (_, method) = call.method()?;
            if method != "define" {
                return None;
            }
            let here = Site::of_call(at.file, call);
            let name = program.text(&here, call.positional(0)?).plain()?;
            let options = call.positional(2).map(|arg| Options::of(program, &here, arg)).unwrap_or_default();
            Some(named(program, &name.into(), &options))
        }
        _ => None,
    }
}

/// A class that is a model: by `@Table`, or by `init` in its file.
fn of_class(program: &dyn Program, class: ClassRef) -> Option<ObjectName> {
    let is_model = program.outside_bases(class).iter().any(|base| base.ends_with(".Model"));
    if !is_model || !may_declare(program, class.file) {
        return None;
    }
    let declared = program.class(class);
    let outline = &program.file(class.file).outline;
    for decorator in &declared.decorators {
        if let Expr::Call(id) = decorator {
            let call = outline.call(*id);
            let site = Site::of_call(class.file, call);
            let options = call.positional(0).map(|arg| Options::of(program, &site, arg)).unwrap_or_default();
            return Some(named(program, &declared.name, &options));
        }
    }
    let init = outline
        .calls
        .iter()
        .find(|call| matches!(call.method(), Some((Expr::Ref(of), method)) if method == "init" && *of == declared.name));
    let options =
        init.and_then(|call| Some(Options::of(program, &Site::of_call(class.file, call), call.positional(1)?))).unwrap_or_default();
    let name = options.text(program, "modelName").map_or_else(|| declared.name.clone(), Name::from);
    Some(named(program, &name, &options))
}

fn named(program: &dyn Program, name: &Name, options: &Options) -> ObjectName {
    let table = options.text(program, "tableName").unwrap_or_else(|| {
        if options.flag(program, "freezeTableName") == Some(true) {
            return name.to_string();
        }
        if options.flag(program, "underscored") == Some(true) { snake(&plural(name)) } else { plural(name) }
    });
    ObjectName::in_schema(options.text(program, "schema").unwrap_or_default(), table)
}
