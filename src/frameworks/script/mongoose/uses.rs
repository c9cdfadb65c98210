//! Who reads and writes which collection: `User.find(…)`, `this.cats.create(…)` of a `Model<Cat>`.

use super::{ID, decorated, schema};
use crate::base::code::{Expr, Type};
use crate::facts::database::{Access, ObjectName};
use crate::facts::finding::Findings;
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site};
use crate::frameworks::script::tables::found::{place, symbol_at, used};

fn access(method: &str) -> Option<Access> {
    Some(match method {
        "find" | "findOne" | "findById" | "aggregate" | "countDocuments" | "estimatedDocumentCount" | "exists" | "distinct" | "watch" => {
            Access::Read
        }
        "create" | "insertMany" | "updateOne" | "updateMany" | "deleteOne" | "deleteMany" | "findOneAndUpdate" | "findByIdAndUpdate"
        | "findOneAndDelete" | "findByIdAndDelete" | "findOneAndReplace" | "replaceOne" | "bulkWrite" => Access::Write,
        _ => return None,
    })
}

/// Reads the uses in a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for call in &program.file(file).outline.calls {
        let Some((receiver, method)) = call.method() else { continue };
        let Some(access) = access(method) else { continue };
        let Some(name) = collection(program, &Site::of_call(file, call), receiver) else { continue };
        let at = place(file, &symbol_at(program, file, call.scope), call.at.line);
        used(findings, ID, ObjectName::new(name), access, at);
    }
}

/// The collection behind a model.
fn collection(program: &dyn Program, site: &Site, receiver: &Expr) -> Option<String> {
    if let Meaning::Value(Expr::Call(id), at) = program.produce(site, receiver) {
        let at = CallRef { file: at.file, id: *id };
        if let Some((_, collection)) = schema::model(program, at) {
            return Some(collection);
        }
        let call = program.call(at);
        if call.callee.last_name().is_some_and(|name| name == "getModelForClass") {
            let class = program.resolve(&Site::of_call(at.file, call), call.positional(0)?).class()?;
            return decorated::schema(program, class).map(|(_, name)| name);
        }
        return None;
    }
    let (ty @ Type::Named(named), at) = program.type_of(site, receiver)? else { return None };
    let path = program.resolve_type(&at, ty);
    if !path.outside().is_some_and(|path| path == "mongoose.Model" || path.ends_with("ReturnModelType")) {
        return None;
    }
    let class = program.resolve_type(&at, named.args.first()?).class()?;
    decorated::schema(program, class).map(|(_, name)| name)
}
