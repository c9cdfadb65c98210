//! sequelize-typescript: models and associations by decorators.

use super::associations::{Association, Kind, through};
use super::models::{Makers, Model, Parts};
use super::types::{self, Ty};
use crate::base::Name;
use crate::base::code::{ClassId, Expr, Field, Type};
use crate::facts::program::{ClassRef, FileId, Program, Site};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::typeorm::relations::{lambda_class, lambda_returns};
use crate::frameworks::script::typeorm::types::{Said, reflected};

const LIBRARY: &[&str] = &["sequelize-typescript"];
/// An option that is turned off.
static NO: Expr = Expr::Bool(false);

/// Reads the models of a file.
pub fn read<'p>(makers: &Makers<'_, 'p>, file: FileId, models: &mut Vec<Model<'p>>) {
    let program = makers.program;
    for (index, class) in (0u32..).zip(&program.file(file).outline.classes) {
        if class.decorators.is_empty() {
            continue;
        }
        let id = ClassRef { file, id: ClassId(index) };
        let decors = decorators(program, &program.around_class(id), &class.decorators);
        let Some(table) = decors.iter().find(|decor| decor.of(LIBRARY) == Some("Table")) else { continue };
        let options = table.arg(0).map(|arg| Options::of(program, &table.site, arg)).unwrap_or_default();
        let name = options.text(program, "modelName").map_or_else(|| class.name.clone(), Name::from);
        let parts = Parts { name, other: class.name.clone(), class: Some(id), options };
        let mut model = makers.bare(parts, file, class.at.line);
        for base in program.lineage(id).into_iter().rev() {
            let site = program.inside_class(base);
            for field in program.class(base).fields.iter().filter(|field| !field.decorators.is_empty()) {
                of_field(makers, &mut model, &site, field);
            }
        }
        makers.add_implied(&mut model);
        models.push(model);
    }
}

fn of_field<'p>(makers: &Makers<'_, 'p>, model: &mut Model<'p>, site: &Site, field: &'p Field) {
    let program = makers.program;
    let decors = decorators(program, site, &field.decorators);
    let find = |name: &str| decors.iter().find(|decor| decor.of(LIBRARY) == Some(name));
    let date = ["CreatedAt", "UpdatedAt", "DeletedAt"].into_iter().find(|name| find(name).is_some());
    let column = find("Column");
    if column.is_none() && date.is_none() {
        return;
    }
    let arg = column.and_then(|decor| decor.arg(0).map(|arg| (arg, &decor.site)));
    let options = arg.map(|(arg, at)| Options::of(program, at, arg)).unwrap_or_default();
    let dialect = makers.reader.dialect;
    let said = match (options.get("type"), arg) {
        (Some((ty, at)), _) => types::of(program, dialect, at, ty),
        (None, Some((arg, at))) if options.is_empty() => types::of(program, dialect, at, arg),
        _ => None,
    };
    let Some(ty) = said.or_else(|| plain(program, site, &field.ty, dialect == crate::facts::database::Dialect::Postgres)) else { return };
    if ty.is_virtual {
        return;
    }
    let name = model.column_of(&field.name);
    let mut attribute = makers.reader.made(&model.table, &field.name, &name, &ty, &options);
    if find("PrimaryKey").is_some() {
        attribute.is_primary = true;
        attribute.column.nullable = false;
    }
    if find("AutoIncrement").is_some() {
        makers.reader.count_up(&mut attribute.column);
    }
    if let Some(allow) = find("AllowNull") {
        attribute.column.nullable = !attribute.is_primary && allow.arg(0).is_none_or(|arg| *arg != Expr::Bool(false));
    }
    if let Some(decor) = find("Default") {
        let value = decor.arg(0).and_then(|arg| crate::frameworks::script::tables::sql::default_sql(program, &decor.site, arg));
        attribute.column.default = value.or(attribute.column.default);
    }
    if let Some(decor) = find("Unique") {
        let name = decor.arg(0).and_then(|arg| program.text(&decor.site, arg).plain());
        attribute.is_unique = name.is_none();
        attribute.unique_name = name.map(Name::from);
    }
    if let Some(date) = date {
        attribute.column.nullable = date == "DeletedAt";
        // The library's own attribute of the same meaning goes.
        let key = match date {
            "CreatedAt" => "createdAt",
            "UpdatedAt" => "updatedAt",
            _ => "deletedAt",
        };
        if field.name != key {
            model.options = model.options.clone().with(Options::single(key, &NO, site));
        }
        attribute.is_implied = true;
    }
    model.attributes.retain(|known| known.key != attribute.key);
    model.attributes.push(attribute);
}

/// The type of a property.
fn plain(program: &dyn Program, site: &Site, ty: &Type, is_postgres: bool) -> Option<Ty> {
    let sql = match (reflected(program, site, ty), is_postgres) {
        (Said::Text, true) => "character varying(255)",
        (Said::Text, false) => "varchar(255)",
        (Said::Number, _) => "integer",
        (Said::Boolean, true) => "boolean",
        (Said::Boolean, false) => "tinyint(1)",
        (Said::Date, true) => "timestamp with time zone",
        (Said::Date, false) => "datetime",
        (Said::Named(name), _) if name == "bigint" => "bigint",
        (Said::Bytes, true) => "bytea",
        (Said::Bytes, false) => "blob",
        _ => return None,
    };
    Some(Ty { sql: sql.to_owned(), ..Ty::default() })
}

/// Adds the associations that decorators of a file's models say.
pub fn associations<'p>(program: &'p dyn Program, file: FileId, models: &[Model<'p>], found: &mut Vec<Association<'p>>) {
    for (source, model) in models.iter().enumerate() {
        let Some(class) = model.class.filter(|class| class.file == file) else { continue };
        let site = program.inside_class(class);
        let (mut said, mut tied) = (Vec::new(), Vec::new());
        for field in program.class(class).fields.iter().filter(|field| !field.decorators.is_empty()) {
            for decor in decorators(program, &site, &field.decorators) {
                let list = if decor.of(LIBRARY) == Some("ForeignKey") { &mut tied } else { &mut said };
                list.extend(association(program, models, source, &field.name, &decor));
            }
        }
        // What an association says of a key counts before that there is one.
        found.append(&mut said);
        found.append(&mut tied);
    }
}

fn association<'p>(
    program: &'p dyn Program,
    models: &[Model<'p>],
    source: usize,
    property: &Name,
    decor: &Decor<'p>,
) -> Option<Association<'p>> {
    let name = decor.of(LIBRARY)?;
    let target =
        lambda_class(program, &decor.site, decor.arg(0)?).and_then(|class| models.iter().position(|model| model.class == Some(class)))?;
    if name == "ForeignKey" {
        let options = Options::default();
        return Some(Association {
            kind: Kind::BelongsTo,
            source,
            target,
            options,
            foreign_key: Some(property.to_string()),
            other_key: None,
            through: None,
        });
    }
    let kind = Kind::of(name)?;
    let last = decor.arg(if kind == Kind::Many { 2 } else { 1 });
    let options = last.map(|arg| Options::of(program, &decor.site, arg)).unwrap_or_default();
    let text = |position: usize| decor.arg(position).filter(|_| options.is_empty()).and_then(|arg| program.text(&decor.site, arg).plain());
    if kind == Kind::Many {
        let second = decor.arg(1)?;
        let options = Options::of(program, &decor.site, second);
        let of = options.get("through").map_or((second, decor.site.clone()), |(value, at)| (value, at.clone()));
        let of = lambda_returns(program, &of.1, of.0).unwrap_or(of);
        let through = through(program, models, &of.1, of.0);
        let key_to = |of: usize| match &through {
            Some(super::associations::Through::Model(at)) => foreign_key(program, models, *at, of).map(|name| name.to_string()),
            _ => None,
        };
        let foreign_key = options.text(program, "foreignKey").or_else(|| text(2)).or_else(|| key_to(source));
        let other_key = options.text(program, "otherKey").or_else(|| text(3)).or_else(|| key_to(target));
        return Some(Association { kind, source, target, options, foreign_key, other_key, through });
    }
    let (holder, other) = if kind == Kind::BelongsTo { (source, target) } else { (target, source) };
    let said = options.text(program, "foreignKey").or_else(|| text(1));
    let foreign_key = said.or_else(|| foreign_key(program, models, holder, other).map(|name| name.to_string()));
    Some(Association { kind, source, target, options, foreign_key, other_key: None, through: None })
}

/// The property of a model that `@ForeignKey` ties to another.
fn foreign_key(program: &dyn Program, models: &[Model], holder: usize, other: usize) -> Option<Name> {
    let class = models[holder].class?;
    let site = program.inside_class(class);
    program.class(class).fields.iter().find_map(|field| {
        let decors = decorators(program, &site, &field.decorators);
        let tied = decors.iter().any(|decor| {
            decor.of(LIBRARY) == Some("ForeignKey")
                && decor
                    .arg(0)
                    .and_then(|arg| lambda_class(program, &decor.site, arg))
                    .is_some_and(|class| models[other].class == Some(class))
        });
        tied.then(|| field.name.clone())
    })
}
