//! Classes as schemas: `@Schema()` with `@Prop()` of `@nestjs/mongoose`, `@modelOptions()` with `@prop()` of Typegoose.

use super::ID;
use super::schema::{Fields, finish};
use crate::base::Name;
use crate::base::code::{ClassId, Expr, Field, Type};
use crate::facts::database::{Dialect, ObjectName, Table, TableKind};
use crate::facts::finding::Findings;
use crate::facts::importers::Importers;
use crate::facts::program::{ClassRef, FileId, Program, Site};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::tables::found::{declared, place};
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::plural::collection;
use crate::frameworks::script::typeorm::types::{Said, reflected};

const LIBRARIES: &[&str] = &["@nestjs/mongoose", "@typegoose/typegoose"];
const MAX_DEPTH: u32 = 5;

/// Reads the classes of a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    if !outline.imports.iter().any(|import| LIBRARIES.contains(&import.module.as_str())) {
        return;
    }
    for (index, class) in (0u32..).zip(&outline.classes) {
        let id = ClassRef { file, id: ClassId(index) };
        let Some((options, name)) = schema(program, id) else { continue };
        let mut table = Table { kind: TableKind::Collection, name: ObjectName::new(name), ..Table::default() };
        fields(program, id, "", 0, &mut Fields { program, table: &mut table });
        finish(program, &options, &mut table);
        let mut finding = declared(ID, table, &class.name, place(file, &class.name, class.at.line));
        finding.dialect = Some(Dialect::Mongo);
        findings.tables.push(finding);
    }
}

/// The options and the collection of a class; none for one that is only embedded (`_id: false`).
#[must_use]
pub fn schema<'p>(program: &'p dyn Program, class: ClassRef) -> Option<(Options<'p>, String)> {
    let declared = program.class(class);
    let decors = decorators(program, &program.around_class(class), &declared.decorators);
    let schema = decors.iter().find(|decor| matches!(decor.of(LIBRARIES), Some("Schema" | "modelOptions")));
    let mut options = schema.and_then(|decor| Some(Options::of(program, &decor.site, decor.arg(0)?))).unwrap_or_default();
    if options.has("schemaOptions") {
        options = options.inner(program, "schemaOptions");
    }
    let is_model = schema.is_some() || is_made_model(program, class);
    if !is_model || options.flag(program, "_id") == Some(false) || is_left_out(program, &declared.name) {
        return None;
    }
    let name = options.text(program, "collection").unwrap_or_else(|| collection(&declared.name));
    Some((options, name))
}

/// Whether modules list their models (`MongooseModule.forFeature([{ name: Cat.name, schema: CatSchema }])`), and this class is in none.
fn is_left_out(program: &dyn Program, class: &Name) -> bool {
    let mut lists = false;
    for &file in Importers::of(program).importing("@nestjs/mongoose") {
        let outline = &program.file(file).outline;
        for call in outline.calls.iter().filter(|call| call.callee.last_name().is_some_and(|name| name.starts_with("forFeature"))) {
            let site = Site::of_call(file, call);
            for (item, at) in call.positional(0).and_then(|list| program.items(&site, list)).unwrap_or_default() {
                let options = Options::of(program, &at, item);
                let Some((name, _)) = options.get("name") else { continue };
                lists = true;
                let listed = match name {
                    Expr::Member(of, word) if word == "name" => of.last_name(),
                    Expr::Str(text) => Some(text),
                    _ => return false,
                };
                if listed == Some(class) {
                    return false;
                }
            }
        }
    }
    lists
}

/// `getModelForClass(User)` in the class's own file.
fn is_made_model(program: &dyn Program, class: ClassRef) -> bool {
    program.file(class.file).outline.calls.iter().any(|call| {
        call.callee.last_name().is_some_and(|name| name == "getModelForClass")
            && matches!(call.positional(0), Some(Expr::Ref(name)) if *name == program.class(class).name)
    })
}

fn fields(program: &dyn Program, class: ClassRef, path: &str, depth: u32, into: &mut Fields) {
    if depth > MAX_DEPTH {
        return;
    }
    for class in program.lineage(class).into_iter().rev() {
        let site = program.inside_class(class);
        for field in program.class(class).fields.iter().filter(|field| !field.decorators.is_empty()) {
            let decors = decorators(program, &site, &field.decorators);
            if let Some(decor) = decors.iter().find(|decor| matches!(decor.of(LIBRARIES), Some("Prop" | "prop"))) {
                of_field(program, (&site, field, decor), path, depth, into);
            }
        }
    }
}

fn of_field(program: &dyn Program, (site, field, decor): (&Site, &Field, &Decor), path: &str, depth: u32, into: &mut Fields) {
    let name = if path.is_empty() { field.name.to_string() } else { format!("{path}.{}", field.name) };
    let options = decor.arg(0).map(|arg| Options::of(program, &decor.site, arg)).unwrap_or_default();
    let is_required = options.get("required").is_some_and(|(value, _)| *value != Expr::Bool(false));
    if let Type::Named(_) = &field.ty
        && let Some(class) = program.resolve_type(site, &field.ty).class()
        && program.class(class).fields.iter().any(|inner| !inner.decorators.is_empty())
        && !options.has("ref")
        && !options.has("type")
    {
        return fields(program, class, &name, depth + 1, into);
    }
    let refers = options.get("ref").and_then(|(value, at)| {
        let text = program.text(at, value).plain();
        text.or_else(|| {
            crate::frameworks::script::typeorm::relations::lambda_class(program, at, value)
                .map(|class| program.class(class).name.to_string())
        })
    });
    let said = options.get("type").and_then(|(value, _)| named(value));
    let ty = said.unwrap_or_else(|| if refers.is_some() { "objectId".to_owned() } else { of_type(program, site, &field.ty) });
    into.push(&name, ty, !is_required, None);
    into.keys(&name, refers, &options);
}

fn named(value: &Expr) -> Option<String> {
    match value {
        Expr::List(items) => items.first().and_then(named).map(|inner| format!("{inner}[]")),
        Expr::Object(entries) => entries
            .iter()
            .find(|entry| matches!(&entry.key, crate::base::code::Key::Name(key) if key == "type"))
            .and_then(|entry| named(&entry.value)),
        other => match other.last_name().map(Name::as_str) {
            Some("String") => Some("string".to_owned()),
            Some("Number") => Some("number".to_owned()),
            Some("Boolean") => Some("boolean".to_owned()),
            Some("Date") => Some("date".to_owned()),
            Some("ObjectId") => Some("objectId".to_owned()),
            Some("Mixed" | "Object") => Some("mixed".to_owned()),
            _ => None,
        },
    }
}

fn of_type(program: &dyn Program, site: &Site, ty: &Type) -> String {
    if let Type::List(inner) = ty {
        return format!("{}[]", of_type(program, site, inner));
    }
    match reflected(program, site, ty) {
        Said::Text => "string",
        Said::Number => "number",
        Said::Boolean => "boolean",
        Said::Date => "date",
        Said::Bytes => "buffer",
        _ if ty.last_name().is_some_and(|name| name == "ObjectId") => "objectId",
        _ => "mixed",
    }
    .to_owned()
}
