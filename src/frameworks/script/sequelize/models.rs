//! Models: `sequelize.define("user", {…})`, `User.init({…})`, and their options.

use super::attributes::{Attribute, Reader};
use super::{ID, associations, decorated, types};
use crate::base::Name;
use crate::base::code::{CallId, Expr, Pattern, ScopeKind};
use crate::facts::database::{Column, Dialect, Index, IndexPart, Key, ObjectName, Table};
use crate::facts::finding::Findings;
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::script::tables::driver::{dialect_named, dialect_of};
use crate::frameworks::script::tables::found::{declared, place};
use crate::frameworks::script::tables::naming::snake;
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::plural::plural;

/// A model.
#[derive(Clone)]
pub struct Model<'p> {
    /// Its name.
    pub name: Name,
    /// Other names it goes by: the variable or class.
    pub other: Name,
    /// Its class, when it has one.
    pub class: Option<ClassRef>,
    /// The call that makes it, when it has no class.
    pub call: Option<CallRef>,
    /// Its table.
    pub table: ObjectName,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// Its options, the general ones before them.
    pub options: Options<'p>,
    /// Columns are in snake case.
    pub underscored: bool,
    /// Made for an association.
    pub is_implied: bool,
    /// Its keys of several columns.
    pub unique: Vec<Vec<Name>>,
    /// Where it stands.
    pub file: FileId,
    /// The line.
    pub line: u32,
}

/// Whether a file may declare models.
#[must_use]
pub fn may_declare(program: &dyn Program, file: FileId) -> bool {
    let outline = &program.file(file).outline;
    let by_call = outline.calls.iter().any(|call| {
        call.args.len() >= 2
            && call.method().is_some_and(|(_, method)| matches!(method.as_str(), "define" | "init"))
            && matches!(call.args[call.args.len() - 2].value, Expr::Object(_) | Expr::Ref(_))
    });
    by_call || outline.imports.iter().any(|import| import.module == "sequelize-typescript") && !outline.classes.is_empty()
}

/// Reads all models of the program.
pub fn read(program: &dyn Program, findings: &mut Findings) {
    let general = general(program);
    let mut models = Vec::new();
    for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language.is_script()) {
        if !may_declare(program, file) {
            continue;
        }
        let dialect = general.1.or_else(|| dialect_of(program, file)).unwrap_or_default();
        let makers = Makers { program, general: &general.0, reader: Reader { program, dialect } };
        for (index, _) in (0u32..).zip(&program.file(file).outline.calls) {
            models.extend(makers.of_call(CallRef { file, id: CallId(index) }));
        }
        decorated::read(&makers, file, &mut models);
    }
    associations::relate(program, &mut models);
    for model in models {
        let dialect = general.1.or_else(|| dialect_of(program, model.file)).unwrap_or_default();
        finish(program, model, dialect, findings);
    }
}

/// The options all models have, and the dialect: `new Sequelize(url, { define: {…}, dialect })`.
fn general<'p>(program: &'p dyn Program) -> (Options<'p>, Option<Dialect>) {
    let mut define = Options::default();
    let mut dialect = None;
    for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language.is_script()) {
        for call in &program.file(file).outline.calls {
            if call.callee.last_name().is_none_or(|name| name != "Sequelize") || call.kind != crate::base::code::CallKind::New {
                continue;
            }
            let Some(last) = call.args.last() else { continue };
            let options = Options::of(program, &Site::of_call(file, call), &last.value);
            dialect = dialect.or_else(|| options.text(program, "dialect").as_deref().and_then(dialect_named));
            if define.is_empty() {
                define = options.inner(program, "define");
            }
        }
    }
    (define, dialect)
}

/// Reads models where they are made.
pub struct Makers<'m, 'p> {
    /// The program.
    pub program: &'p dyn Program,
    /// General options.
    pub general: &'m Options<'p>,
    /// Reads attributes.
    pub reader: Reader<'p>,
}

/// What a model is made of.
pub struct Parts<'p> {
    /// Its name.
    pub name: Name,
    /// The name of its class or variable.
    pub other: Name,
    /// Its class.
    pub class: Option<ClassRef>,
    /// Its options.
    pub options: Options<'p>,
}

impl<'p> Makers<'_, 'p> {
    fn of_call(&self, at: CallRef) -> Option<Model<'p>> {
        let program = self.program;
        let call = program.call(at);
        let (receiver, method) = call.method()?;
        let site = Site::of_call(at.file, call);
        match method.as_str() {
            "define" => {
                let name = program.text(&site, call.positional(0)?).plain()?;
                let attributes = program.entries(&site, call.positional(1)?)?;
                if !attributes.iter().any(|(_, value, at)| self.is_attribute(at, value)) {
                    return None;
                }
                let options = call.positional(2).map(|arg| Options::of(program, &site, arg)).unwrap_or_default();
                let other = bound_name(program, at).unwrap_or_default();
                let parts = Parts { name: name.into(), other, class: None, options };
                let mut model = self.model(parts, attributes, at.file, call.at.line);
                model.call = Some(at);
                Some(model)
            }
            "init" => {
                let class = self.class_of(&site, receiver)?;
                let declared = program.class(class);
                let attributes = program.entries(&site, call.positional(0)?)?;
                let options = call.positional(1).map(|arg| Options::of(program, &site, arg)).unwrap_or_default();
                let name = options.text(program, "modelName").map_or_else(|| declared.name.clone(), Name::from);
                let parts = Parts { name, other: declared.name.clone(), class: Some(class), options };
                Some(self.model(parts, attributes, at.file, declared.at.line))
            }
            _ => None,
        }
    }

    /// Whether a member of the object looks like an attribute with a type.
    fn is_attribute(&self, site: &Site, value: &Expr) -> bool {
        let options = Options::of(self.program, site, value);
        let ty = options.get("type").map_or((value, site), |(ty, at)| (ty, at));
        let named = match ty.0 {
            Expr::Call(id) => self.program.file(ty.1.file).outline.call(*id).callee.last_name(),
            other => other.last_name(),
        };
        named.is_some_and(|name| types::is_type(name))
    }

    /// The model class that `init` is called on: `User.init(…)`, `super.init(…)` and `this.init(…)` in it.
    fn class_of(&self, site: &Site, receiver: &Expr) -> Option<ClassRef> {
        let program = self.program;
        let class = match receiver {
            Expr::Ref(name) if matches!(name.as_str(), "super" | "this") => {
                let outline = &program.file(site.file).outline;
                outline.scopes_from(site.scope).find_map(|(_, scope)| match scope.kind {
                    ScopeKind::Class(id) => Some(ClassRef { file: site.file, id }),
                    _ => None,
                })?
            }
            _ => program.resolve(site, receiver).class()?,
        };
        let bases = program.outside_bases(class);
        let is_model = bases.iter().any(|base| base.ends_with(".Model") || base == "Model" || base.ends_with("Sequelize.Model"));
        let by_name = program.class(class).bases.iter().any(|base| base.last_name().is_some_and(|name| name == "Model"));
        (is_model || by_name).then_some(class)
    }

    /// A model of its parts.
    #[must_use]
    pub fn model(&self, parts: Parts<'p>, attributes: Vec<(Name, &'p Expr, Site)>, file: FileId, line: u32) -> Model<'p> {
        let mut model = self.bare(parts, file, line);
        for (key, value, at) in attributes {
            let name = model.column_of(&key);
            if let Some(attribute) = self.reader.attribute(&model.table, &key, &name, &at, value) {
                model.attributes.push(attribute);
            }
        }
        self.add_implied(&mut model);
        model
    }

    /// A model without attributes.
    #[must_use]
    pub fn bare(&self, parts: Parts<'p>, file: FileId, line: u32) -> Model<'p> {
        let program = self.program;
        let options = self.general.clone().with(parts.options);
        let underscored = options.flag(program, "underscored") == Some(true);
        let is_frozen = options.flag(program, "freezeTableName") == Some(true);
        let table = options.text(program, "tableName").unwrap_or_else(|| {
            let many = if is_frozen { parts.name.to_string() } else { plural(&parts.name) };
            if underscored && !is_frozen { snake(&many) } else { many }
        });
        let schema = options.text(program, "schema").unwrap_or_default();
        Model {
            name: parts.name,
            other: parts.other,
            class: parts.class,
            call: None,
            table: ObjectName::in_schema(schema, table),
            attributes: Vec::new(),
            options,
            underscored,
            is_implied: false,
            unique: Vec::new(),
            file,
            line,
        }
    }

    /// The key and the dates that a model has without saying so.
    pub fn add_implied(&self, model: &mut Model<'p>) {
        let program = self.program;
        if !model.attributes.iter().any(|attribute| attribute.is_primary) && !model.attributes.iter().any(|known| known.key == "id") {
            let mut column = Column { name: "id".into(), ty: "integer".into(), ..Column::default() };
            self.reader.count_up(&mut column);
            model.attributes.insert(0, Attribute { key: "id".into(), column, is_primary: true, is_implied: true, ..Attribute::default() });
        }
        let date = if self.reader.dialect == Dialect::Postgres { "timestamp with time zone" } else { "datetime" };
        let has_dates = model.options.flag(program, "timestamps") != Some(false);
        let is_paranoid = has_dates && model.options.flag(program, "paranoid") == Some(true);
        for (key, is_there, nullable) in
            [("createdAt", has_dates, false), ("updatedAt", has_dates, false), ("deletedAt", is_paranoid, true)]
        {
            let said = model.options.get(key);
            if !is_there || matches!(said, Some((Expr::Bool(false), _))) {
                continue;
            }
            let name = model.options.text(program, key).unwrap_or_else(|| key.to_owned());
            if model.attributes.iter().any(|known| known.key == name) {
                continue;
            }
            let column = Column { name: model.column_of(&name), ty: date.into(), nullable, ..Column::default() };
            model.attributes.push(Attribute { key: name.into(), column, is_implied: true, ..Attribute::default() });
        }
        if let Some((version, at)) = model.options.get("version") {
            let name = if *version == Expr::Bool(true) { Some("version".to_owned()) } else { program.text(at, version).plain() };
            if let Some(name) = name.filter(|_| *version != Expr::Bool(false)) {
                let column = Column { name: name.as_str().into(), ty: "integer".into(), default: Some("0".into()), ..Column::default() };
                model.attributes.push(Attribute { key: name.into(), column, is_implied: true, ..Attribute::default() });
            }
        }
    }
}

impl Model<'_> {
    /// The column of an attribute that says no name.
    #[must_use]
    pub fn column_of(&self, key: &str) -> Name {
        if self.underscored { snake(key).into() } else { key.into() }
    }

    /// The attributes of the primary key.
    #[must_use]
    pub fn keys(&self) -> Vec<&Attribute> {
        self.attributes.iter().filter(|attribute| attribute.is_primary).collect()
    }

    /// The column an attribute has, by the attribute's or the column's name.
    #[must_use]
    pub fn column(&self, name: &str) -> Name {
        let known = self
            .attributes
            .iter()
            .find(|known| known.key == name)
            .or_else(|| self.attributes.iter().find(|known| known.column.name == name));
        known.map_or_else(|| name.into(), |known| known.column.name.clone())
    }
}

/// The name a call's value is bound to.
fn bound_name(program: &dyn Program, at: CallRef) -> Option<Name> {
    let outline = &program.file(at.file).outline;
    let assign = outline.assigns.iter().find(|assign| matches!(&assign.value, Expr::Call(id) if *id == at.id))?;
    match &assign.target {
        Pattern::Name(name) => Some(name.clone()),
        Pattern::Place(place) => place.last_name().cloned(),
        _ => None,
    }
}

/// The indexes that `options.indexes` lists.
fn indexes(program: &dyn Program, model: &Model) -> Vec<Index> {
    let listed = model.options.get("indexes").and_then(|(value, at)| program.items(at, value)).unwrap_or_default();
    let mut found = Vec::new();
    for (item, at) in listed {
        let said = Options::of(program, &at, item);
        let fields = said.get("fields").and_then(|(value, at)| program.items(at, value)).unwrap_or_default();
        let parts: Vec<IndexPart> = fields
            .into_iter()
            .filter_map(|(field, at)| {
                let inner = Options::of(program, &at, field);
                let name = inner
                    .text(program, "name")
                    .or_else(|| inner.text(program, "attribute"))
                    .or_else(|| program.text(&at, field).plain())?;
                let order = inner.text(program, "order").filter(|order| order.eq_ignore_ascii_case("desc"));
                Some(IndexPart { options: order.map(Name::from), ..IndexPart::column(model.column(&name)) })
            })
            .collect();
        let is_unique = said.flag(program, "unique") == Some(true) || said.text(program, "type").is_some_and(|kind| kind == "UNIQUE");
        let method = said.text(program, "using").map(|method| Name::from(method.to_lowercase())).filter(|method| method != "btree");
        let condition = said.has("where").then(|| super::migration::condition(program, &said)).flatten();
        if !parts.is_empty() && (condition.is_some() || !said.has("where")) {
            let name = said.text(program, "name").map(Name::from);
            found.push(Index { name, parts, unique: is_unique, method, condition, ..Index::default() });
        }
    }
    found
}

fn finish(program: &dyn Program, model: Model, dialect: Dialect, findings: &mut Findings) {
    let at = place(model.file, if model.other.is_empty() { &model.name } else { &model.other }, model.line);
    let mut table = Table { name: model.table.clone(), indexes: indexes(program, &model), ..Table::default() };
    let mut enums = Vec::new();
    let keys: Vec<Name> = model.attributes.iter().filter(|known| known.is_primary).map(|known| known.column.name.clone()).collect();
    let mut named: Vec<(Name, Vec<Name>)> = Vec::new();
    for attribute in &model.attributes {
        let name = attribute.column.name.clone();
        if table.columns.iter().any(|known| known.name == name) {
            continue;
        }
        let mut column = attribute.column.clone();
        column.nullable &= !attribute.is_primary;
        table.columns.push(column);
        enums.extend(attribute.ty.clone());
        if attribute.is_unique {
            table.uniques.push(Key::of([name.clone()]));
        }
        if let Some(unique) = &attribute.unique_name {
            match named.iter_mut().find(|(known, _)| known == unique) {
                Some((_, columns)) => columns.push(name.clone()),
                None => named.push((unique.clone(), vec![name.clone()])),
            }
        }
        table.foreign_keys.extend(attribute.references.clone().filter(|key| !key.target.name.is_empty()));
    }
    table.uniques.extend(named.into_iter().map(|(name, columns)| Key { name: Some(name), ..Key::of(columns) }));
    table.uniques.extend(model.unique.iter().map(|columns| Key::of(columns.iter().cloned())));
    table.primary_key = (!keys.is_empty()).then(|| Key::of(keys));
    let mut finding = declared(ID, table, if model.is_implied { "" } else { &model.name }, at);
    finding.enums = enums;
    finding.dialect = Some(dialect);
    finding.is_implied = model.is_implied;
    findings.tables.push(finding);
}

/// The model a meaning is.
#[must_use]
pub fn position(models: &[Model], program: &dyn Program, site: &Site, expr: &Expr) -> Option<usize> {
    let by_meaning = match program.produce(site, expr) {
        Meaning::Class(class) => models.iter().position(|model| model.class == Some(class)),
        Meaning::Value(Expr::Call(id), at) => models.iter().position(|model| model.call == Some(CallRef { file: at.file, id: *id })),
        _ => None,
    };
    by_meaning.or_else(|| position_named(models, expr.last_name()?))
}

/// The model of a name.
#[must_use]
pub fn position_named(models: &[Model], name: &str) -> Option<usize> {
    models
        .iter()
        .position(|model| model.name == name)
        .or_else(|| models.iter().position(|model| model.other == name))
        .or_else(|| models.iter().position(|model| model.name.eq_ignore_ascii_case(name)))
}
