//! `mongoose.model("User", new Schema({ … }, { timestamps: true }))`.

use super::ID;
use crate::base::Name;
use crate::base::code::{Call, CallId, CallKind, Expr};
use crate::facts::database::{Column, Dialect, ForeignKey, Index, IndexPart, Key, ObjectName, Table, TableKind};
use crate::facts::finding::Findings;
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site};
use crate::frameworks::script::literals::literal;
use crate::frameworks::script::tables::found::{declared, place};
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::plural::collection;
use crate::frameworks::script::tables::sql::value_sql;

const MAX_DEPTH: u32 = 6;

/// Reads the models of a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (index, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let at = CallRef { file, id: CallId(index) };
        let Some((name, collection)) = model(program, at) else { continue };
        let site = Site::of_call(file, call);
        let Some(schema) = call.positional(1).and_then(|arg| schema_of(program, &site, arg)) else { continue };
        let mut table = table(program, schema);
        table.name = ObjectName::new(collection);
        let mut finding = declared(ID, table, &name, place(file, &name, call.at.line));
        finding.dialect = Some(Dialect::Mongo);
        findings.tables.push(finding);
    }
}

/// The name and the collection of a model that a call makes.
#[must_use]
pub fn model(program: &dyn Program, at: CallRef) -> Option<(String, String)> {
    let call = program.call(at);
    if call.args.len() < 2 || call.callee.last_name().is_none_or(|name| name != "model") {
        return None;
    }
    let is_known = match program.callee(at) {
        Meaning::Outside(path) => path == "mongoose.model" || path.ends_with("mongoose.model"),
        // `connection.model(…)`.
        _ => matches!(call.callee, Expr::Member(..)),
    };
    if !is_known {
        return None;
    }
    let site = Site::of_call(at.file, call);
    let name = program.text(&site, call.positional(0)?).plain()?;
    let schema = schema_of(program, &site, call.positional(1)?)?;
    let given = call.positional(2).and_then(|arg| program.text(&site, arg).plain());
    let made = program.call(schema);
    let here = Site::of_call(schema.file, made);
    let options = made.positional(1).map(|arg| Options::of(program, &here, arg)).unwrap_or_default();
    let given = given.or_else(|| options.text(program, "collection"));
    let collection = given.unwrap_or_else(|| collection(&name));
    Some((name, collection))
}

/// The call that makes a schema: `new Schema({…})`, `new mongoose.Schema({…})`.
#[must_use]
pub fn schema_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<CallRef> {
    let Meaning::Value(Expr::Call(id), at) = program.produce(site, expr) else { return None };
    let at = CallRef { file: at.file, id: *id };
    let call = program.call(at);
    let is_schema = call.callee.last_name().is_some_and(|name| name == "Schema")
        && program.callee(at).outside().is_none_or(|path| path.starts_with("mongoose"));
    (is_schema && matches!(call.kind, CallKind::New | CallKind::Plain)).then_some(at)
}

/// The collection of a schema, without its name.
fn table(program: &dyn Program, at: CallRef) -> Table {
    let call = program.call(at);
    let site = Site::of_call(at.file, call);
    let options = call.positional(1).map(|arg| Options::of(program, &site, arg)).unwrap_or_default();
    let mut table = Table { kind: TableKind::Collection, ..Table::default() };
    let mut fields = Fields { program, table: &mut table };
    if let Some(definition) = call.positional(0) {
        fields.object(&site, definition, "", 0);
    }
    for (extra, at) in additions(program, at) {
        if extra.callee.last_name().is_some_and(|name| name == "add")
            && let Some(definition) = extra.positional(0)
        {
            fields.object(&at, definition, "", 0);
        }
    }
    finish(program, &options, &mut table);
    for (extra, site) in additions(program, at) {
        if extra.callee.last_name().is_some_and(|name| name == "index") {
            table.indexes.extend(index(program, &site, extra));
        }
    }
    table
}

/// What every collection has besides, by its options.
pub fn finish(program: &dyn Program, options: &Options, table: &mut Table) {
    let column = |name: &str, ty: &str, nullable: bool| Column { name: name.into(), ty: ty.into(), nullable, ..Column::default() };
    if !table.columns.iter().any(|known| known.name == "_id") && options.flag(program, "_id") != Some(false) {
        table.columns.insert(0, column("_id", "objectId", false));
    }
    table.primary_key = Some(Key::of(["_id"]));
    table.columns.iter_mut().filter(|known| known.name == "_id").for_each(|known| known.nullable = false);
    let stamps = options.inner(program, "timestamps");
    if options.flag(program, "timestamps") == Some(true) || !stamps.is_empty() {
        for key in ["createdAt", "updatedAt"] {
            let name = stamps.text(program, key).unwrap_or_else(|| key.to_owned());
            if stamps.flag(program, key) != Some(false) && !table.columns.iter().any(|known| known.name == name) {
                table.columns.push(column(&name, "date", true));
            }
        }
    }
    if options.flag(program, "versionKey") != Some(false) {
        let name = options.text(program, "versionKey").unwrap_or_else(|| "__v".to_owned());
        table.columns.push(column(&name, "number", true));
    }
}

/// Calls of methods of the variable that a schema is bound to: `schema.index(…)`.
fn additions(program: &dyn Program, at: CallRef) -> Vec<(&Call, Site)> {
    let outline = &program.file(at.file).outline;
    let bound = outline.assigns.iter().find_map(|assign| match (&assign.value, &assign.target) {
        (Expr::Call(id), crate::base::code::Pattern::Name(name)) if *id == at.id => Some(name),
        _ => None,
    });
    let Some(bound) = bound else { return Vec::new() };
    let of_schema = outline.calls.iter().filter(|call| matches!(call.method(), Some((Expr::Ref(name), _)) if name == bound));
    of_schema.map(|call| (call, Site::of_call(at.file, call))).collect()
}

/// `schema.index({ a: 1, b: -1 }, { unique: true })`.
fn index(program: &dyn Program, site: &Site, call: &Call) -> Option<Index> {
    let fields = program.entries(site, call.positional(0)?)?;
    let options = call.positional(1).map(|arg| Options::of(program, site, arg)).unwrap_or_default();
    let parts = fields.into_iter().map(|(name, value, at)| {
        let is_down = literal(program, &at, value).and_then(|value| value.as_i64()) == Some(-1);
        IndexPart { options: is_down.then(|| "DESC".into()), ..IndexPart::column(name) }
    });
    let parts: Vec<IndexPart> = parts.collect();
    let unique = options.flag(program, "unique") == Some(true);
    (!parts.is_empty()).then(|| Index { name: options.text(program, "name").map(Name::from), parts, unique, ..Index::default() })
}

/// Reads the fields of a definition.
pub struct Fields<'t, 'p> {
    /// The program.
    pub program: &'p dyn Program,
    /// Where they go.
    pub table: &'t mut Table,
}

impl<'p> Fields<'_, 'p> {
    /// The members of a definition, below a path.
    pub fn object(&mut self, site: &Site, expr: &'p Expr, path: &str, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        for (key, value, at) in self.program.entries(site, expr).unwrap_or_default() {
            let name = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
            self.field(&at, value, &name, depth + 1);
        }
    }

    /// One field: a type, an object with a type, a list, a nested object or schema.
    pub fn field(&mut self, site: &Site, value: &'p Expr, name: &str, depth: u32) {
        let options = Options::of(self.program, site, value);
        match options.get("type") {
            Some((ty, at)) if !Options::of(self.program, at, ty).has("type") => {
                let at = at.clone();
                self.typed(&at, ty, name, &options, depth);
            }
            _ if !options.is_empty() => self.object(site, value, name, depth),
            _ => self.typed(site, value, name, &Options::default(), depth),
        }
    }

    fn typed(&mut self, site: &Site, ty: &'p Expr, name: &str, options: &Options<'p>, depth: u32) {
        let program = self.program;
        if let Some(schema) = schema_of(program, site, ty) {
            let call = program.call(schema);
            if let Some(definition) = call.positional(0) {
                self.object(&Site::of_call(schema.file, call), definition, name, depth + 1);
            }
            return;
        }
        let mut refers = options.text(program, "ref").or_else(|| model_name(program, options));
        let spelled = match ty {
            Expr::List(items) => match items.first() {
                None => "mixed[]".to_owned(),
                Some(item) => {
                    let inner = Options::of(program, site, item);
                    refers = refers.or_else(|| inner.text(program, "ref"));
                    let of = inner.get("type").map_or((item, site.clone()), |(value, at)| (value, at.clone()));
                    let is_object = inner.get("type").is_none() && !inner.is_empty() || schema_of(program, site, item).is_some();
                    if is_object { "object[]".to_owned() } else { format!("{}[]", type_name(program, &of.1, of.0)) }
                }
            },
            Expr::Object(_) => return self.object(site, ty, name, depth + 1),
            _ => type_name(program, site, ty),
        };
        let is_required = match options.get("required") {
            Some((Expr::List(items), _)) => items.first() == Some(&Expr::Bool(true)),
            Some((value, _)) => !matches!(value, Expr::Bool(false) | Expr::Func(_)),
            None => false,
        };
        let default = options.get("default").and_then(|(value, at)| value_sql(&literal(program, at, value)?));
        self.push(name, spelled, !is_required, default);
        self.keys(name, refers, options);
    }

    /// A column.
    pub fn push(&mut self, name: &str, ty: String, nullable: bool, default: Option<String>) {
        self.table.columns.retain(|known| known.name != name);
        let default = default.map(Name::from);
        self.table.columns.push(Column { name: name.into(), ty: ty.into(), nullable, default, ..Column::default() });
    }

    /// What a field refers to, and its index.
    pub fn keys(&mut self, name: &str, refers: Option<String>, options: &Options) {
        if let Some(model) = refers {
            self.table.foreign_keys.push(ForeignKey {
                columns: vec![name.into()],
                target: ObjectName::new(collection(&model)),
                target_columns: vec!["_id".into()],
                ..ForeignKey::default()
            });
        }
        let says = |key: &str| options.get(key).is_some_and(|(value, _)| *value != Expr::Bool(false));
        if says("unique") || says("index") {
            let parts = vec![IndexPart::column(name)];
            self.table.indexes.push(Index { parts, unique: says("unique"), ..Index::default() });
        }
    }
}

/// `ref: User`, `ref: User.name`, `ref: () => User`: the class's name.
fn model_name(program: &dyn Program, options: &Options) -> Option<String> {
    let (value, at) = options.get("ref")?;
    let of = match value {
        Expr::Member(of, name) if name == "name" => of,
        Expr::Func(_) => {
            let class = crate::frameworks::script::typeorm::relations::lambda_class(program, at, value)?;
            return Some(program.class(class).name.to_string());
        }
        other => other,
    };
    program.resolve(at, of).class().map(|class| program.class(class).name.to_string())
}

/// The name of a type: `String`, `Schema.Types.ObjectId`, `"Number"`.
fn type_name(program: &dyn Program, site: &Site, ty: &Expr) -> String {
    let name = match ty {
        Expr::Ref(name) | Expr::Member(_, name) => name.to_string(),
        _ => program.text(site, ty).plain().unwrap_or_default(),
    };
    match name.as_str() {
        "String" | "string" => "string",
        "Number" | "number" | "Int32" | "Double" => "number",
        "Boolean" | "Bool" | "boolean" => "boolean",
        "Date" | "date" => "date",
        "Buffer" => "buffer",
        "ObjectId" | "ObjectID" | "Oid" => "objectId",
        "Decimal128" => "decimal128",
        "BigInt" => "bigint",
        "UUID" => "uuid",
        "Map" => "map",
        _ => "mixed",
    }
    .to_owned()
}
