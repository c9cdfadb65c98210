//! What an `Iden` is called in the database: members of enums in snake case, `Alias::new("x")`, texts, entities and their columns.

use super::named;
use crate::base::Name;
use crate::base::case::snake;
use crate::base::code::{CallKind, Expr};
use crate::facts::database::ObjectName;
use crate::facts::program::{ClassRef, FileId, Meaning, Program, Site, Text};
use crate::frameworks::rust::attributes::Attributes;

/// The name an expression gives; `None` when it cannot be told.
#[must_use]
pub fn iden(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Name> {
    match expr {
        Expr::Str(text) => Some(text.clone()),
        Expr::Member(base, variant) => {
            if let Some(class) = enum_of(program, site, base) {
                return Some(variant_name(program, class, variant));
            }
            if variant == "Entity" || base.last_name().is_some_and(|name| name == "Entity") {
                return entity_table(program, site, expr).map(|table| table.name);
            }
            if base.last_name().is_some_and(|name| name == "Column") {
                return Some(column_of(program, site, base, variant));
            }
            constant(program, site, expr).or_else(|| variant.starts_with(char::is_uppercase).then(|| snake(variant).into()))
        }
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            let at = Site { scope: call.scope, ..site.clone() };
            let is_alias = call.callee.dotted().is_some_and(|path| path.ends_with("Alias.new"));
            if is_alias || call.kind != CallKind::Plain || call.callee.last_name().is_some_and(|name| name == "new") {
                return iden(program, &at, call.positional(0)?);
            }
            match call.method() {
                Some((receiver, name))
                    if matches!(name.as_str(), "into_iden" | "to_owned" | "clone" | "to_string" | "into" | "into_table_ref") =>
                {
                    iden(program, &at, receiver)
                }
                _ => program.text(site, expr).plain().map(Name::from),
            }
        }
        Expr::Ref(name) => constant(program, site, expr).or_else(|| {
            let meaning = program.resolve(site, expr);
            match meaning {
                Meaning::Value(value, at) if value != expr => iden(program, &at, value),
                // A unit struct that is an `Iden` by itself.
                Meaning::Class(class) => Some(unit_name(program, class, name)),
                _ => None,
            }
        }),
        _ => None,
    }
}

fn constant(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Name> {
    program.text(site, expr).plain().filter(|text| !text.is_empty()).map(Name::from)
}

/// The text of a literal, also behind `.to_owned()`, `.into()` and `String::from(…)`.
#[must_use]
pub fn text(program: &dyn Program, site: &Site, expr: &Expr) -> Text {
    let mut here = expr;
    for _ in 0..8 {
        let Expr::Call(id) = here else { break };
        let call = program.file(site.file).outline.call(*id);
        here = match call.method() {
            Some((receiver, name)) if matches!(name.as_str(), "to_owned" | "to_string" | "into" | "clone" | "as_str") => receiver,
            Some((_, name)) if name == "from" => match call.positional(0) {
                Some(given) => given,
                None => break,
            },
            _ => break,
        };
    }
    program.text(site, here)
}

/// A table, with its schema when it is given as a pair.
#[must_use]
pub fn table(program: &dyn Program, site: &Site, expr: &Expr) -> Option<ObjectName> {
    if let Expr::List(parts) = expr
        && let [schema, name] = parts.as_ref()
    {
        return Some(ObjectName::in_schema(iden(program, site, schema)?, iden(program, site, name)?));
    }
    if expr.last_name().is_some_and(|name| name == "Entity")
        && let Some(table) = entity_table(program, site, expr)
    {
        return Some(table);
    }
    iden(program, site, expr).map(named)
}

/// The names of a tuple or list, or of one.
#[must_use]
pub fn idens(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Vec<Name>> {
    match expr {
        Expr::List(parts) => parts.iter().map(|part| iden(program, site, part)).collect(),
        one => iden(program, site, one).map(|name| vec![name]),
    }
}

/// The enum that an expression names.
#[must_use]
pub fn enum_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<ClassRef> {
    let class = program.resolve(site, expr).class()?;
    (!program.class(class).variants.is_empty()).then_some(class)
}

/// `#[iden = "x"]`, `#[sea_orm(iden = "x")]`.
fn said(attributes: Attributes<'_>) -> Option<Name> {
    let direct = attributes.all("iden").next().and_then(|call| call.args.first()).and_then(|arg| arg.value.as_str());
    direct.or_else(|| attributes.text("sea_orm", "iden")).map(Name::from)
}

/// A variant's name; `Table` stands for the enum's own.
#[must_use]
pub fn variant_name(program: &dyn Program, class: ClassRef, variant: &Name) -> Name {
    let declared = program.class(class);
    if let Some(found) = declared.variants.iter().find(|found| found.name == *variant) {
        let attributes = Attributes::new(program, class.file, &found.decorators);
        let stored = attributes.text("sea_orm", "string_value").or_else(|| attributes.text("sea_orm", "column_name")).map(Name::from);
        if let Some(name) = said(attributes).or(stored) {
            return name;
        }
    }
    if variant == "Table" {
        return said(Attributes::new(program, class.file, &declared.decorators)).unwrap_or_else(|| snake(&declared.name).into());
    }
    snake(variant).into()
}

fn unit_name(program: &dyn Program, class: ClassRef, name: &Name) -> Name {
    let declared = program.class(class);
    said(Attributes::new(program, class.file, &declared.decorators)).unwrap_or_else(|| snake(name).into())
}

/// The labels of an enumeration given as a list of variants, or as all of an enum's (`Status::iter().skip(1)`).
#[must_use]
pub fn labels(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Vec<Name>> {
    if let Some(items) = program.items(site, expr) {
        return items.into_iter().map(|(item, at)| iden(program, &at, item)).collect();
    }
    let outline = &program.file(site.file).outline;
    let mut here = expr;
    for _ in 0..16 {
        let Expr::Call(id) = here else { break };
        let (receiver, name) = outline.call(*id).method()?;
        if matches!(name.as_str(), "iter" | "iden_values" | "values") {
            let class = enum_of(program, site, receiver)?;
            let variants =
                program.class(class).variants.iter().filter(|variant| !matches!(variant.name.as_str(), "Table" | "Type" | "Enum"));
            return Some(variants.map(|variant| variant_name(program, class, &variant.name)).collect());
        }
        here = receiver;
    }
    None
}

/// The file and scope of the module that holds the `Entity` an expression names: `user::Entity`, `super::user::Entity`, `Entity`.
fn entity_class(program: &dyn Program, site: &Site, expr: &Expr) -> Option<ClassRef> {
    let model_in = |file: FileId| {
        let outline = &program.file(file).outline;
        let is_model = |class: &&crate::base::code::Class| Attributes::new(program, file, &class.decorators).derives("DeriveEntityModel");
        let index = outline.classes.iter().position(|class| is_model(&class))?;
        Some(ClassRef { file, id: crate::base::code::ClassId(u32::try_from(index).ok()?) })
    };
    match expr {
        Expr::Member(base, name) if name == "Entity" => match program.resolve(site, base) {
            Meaning::Module(file, _) => model_in(file),
            _ => None,
        },
        Expr::Member(base, _) => entity_class(program, site, base),
        Expr::Ref(name) if name == "Entity" => model_in(site.file),
        // `use super::user::Entity as User`.
        Expr::Ref(name) => {
            let imports = &program.file(site.file).outline.imports;
            let import = imports.iter().find(|import| import.local == *name)?;
            let crate::base::code::Imported::Name(taken) = &import.what else { return None };
            if taken != "Entity" {
                return None;
            }
            let path = crate::frameworks::rust::attributes::path(&import.module)?;
            match program.resolve(&Site::module(site.file), &path) {
                Meaning::Module(file, _) => model_in(file),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The table of an entity.
#[must_use]
pub fn entity_table(program: &dyn Program, site: &Site, expr: &Expr) -> Option<ObjectName> {
    entity_class(program, site, expr).map(|class| super::entity::table_name(program, class))
}

/// `user::Column::Id`: the column's name, as the entity renames it.
fn column_of(program: &dyn Program, site: &Site, base: &Expr, variant: &Name) -> Name {
    let entity = match base {
        Expr::Member(module, _) => {
            let entity = Expr::Member(module.clone(), "Entity".into());
            entity_class(program, site, &entity)
        }
        _ => entity_class(program, site, &Expr::Ref("Entity".into())),
    };
    let plain = snake(variant);
    let Some(class) = entity else { return plain.into() };
    let declared = program.class(class);
    let field = declared.fields.iter().find(|field| snake(&field.name) == plain);
    field.map_or_else(|| plain.into(), |field| super::entity::column_name(program, class, field))
}
