//! One field of a model as a column.

use super::{columns, is_model, table_name};
use crate::base::Name;
use crate::base::code::{Call, ClassId, Expr};
use crate::facts::database::Action;
use crate::facts::importers::Importers;
use crate::facts::program::{ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::python::literals::{literal, truth};
use crate::frameworks::python::sqlalchemy::column::{Column, Reference};
use crate::frameworks::python::sqlalchemy::enums;
use crate::frameworks::python::sqlalchemy::types::SqlType;

/// A field's call.
pub(super) struct Made<'p> {
    pub(super) word: Name,
    pub(super) call: &'p Call,
    pub(super) at: Site,
    /// The SQL type that a field class of the program says.
    pub(super) own_type: Option<Name>,
}

pub(super) fn made<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<Made<'p>> {
    let meaning = program.produce(site, expr);
    let (call_ref, at) = meaning.call()?;
    let call = program.file(call_ref.file).outline.call(call_ref.id);
    let at = at.moved(call_ref.file, call.scope, call.at.offset);
    let (path, own_type): (Name, Option<Name>) = match program.callee(call_ref) {
        Meaning::Outside(path) => (path, None),
        Meaning::Class(class) => {
            let base = program.outside_bases(class).into_iter().find(|base| base.starts_with("tortoise.") && base.ends_with("Field"))?;
            let said = program.class_attribute(class, "SQL_TYPE").and_then(|(value, at)| program.text(&at, value).plain());
            (base, said.map(Name::from))
        }
        _ => return None,
    };
    let word = path.strip_prefix("tortoise.")?.rsplit('.').next()?;
    (word.ends_with("Field") || word.ends_with("Relation")).then(|| Made { word: word.into(), call, at, own_type })
}

pub(super) fn word_of(program: &dyn Program, made: &Made, keyword: &str) -> Option<Name> {
    program.text(&made.at, made.call.keyword(keyword)?).plain().map(Name::from)
}

pub(super) fn flag(program: &dyn Program, made: &Made, keyword: &str) -> bool {
    truth(program, &made.at, made.call.keyword(keyword)) == Some(true)
}

pub(super) fn number(program: &dyn Program, made: &Made, position: usize, keyword: &str) -> Option<i64> {
    literal(program, &made.at, made.call.arg(position, keyword)?)?.as_i64()
}

pub(super) fn plain_column(program: &dyn Program, made: &Made) -> Column {
    let mut column = Column { ty: sql_type(program, made), nullable: Some(flag(program, made, "null")), ..Column::default() };
    column.is_key = flag(program, made, "primary_key") || flag(program, made, "pk");
    let is_given = truth(program, &made.at, made.call.keyword("generated")) == Some(false);
    column.autoincrement = Some(column.is_key && !is_given && column.ty.as_ref().is_some_and(SqlType::is_integer));
    column.unique = flag(program, made, "unique") && !column.is_key;
    column.index = !column.unique && !column.is_key && (flag(program, made, "db_index") || flag(program, made, "index"));
    column.name = word_of(program, made, "source_field");
    column.doc = word_of(program, made, "description");
    column.default = default(program, made);
    column
}

/// `db_default=…`: what the database itself fills in.
pub(super) fn default(program: &dyn Program, made: &Made) -> Option<Name> {
    let given = made.call.keyword("db_default")?;
    if let Some(value) = literal(program, &made.at, given) {
        return match value {
            serde_json::Value::String(text) => Some(crate::frameworks::python::sqlalchemy::expression::quoted(&text).into()),
            serde_json::Value::Number(_) | serde_json::Value::Bool(_) => Some(value.to_string().into()),
            _ => None,
        };
    }
    // `SqlDefault("now()")`, `Now()`, `RandomHex()`.
    let meaning = program.resolve(&made.at, given);
    let (call_ref, at) = meaning.call()?;
    let call = program.file(call_ref.file).outline.call(call_ref.id);
    match call.callee.last_name()?.as_str() {
        "Now" => Some("CURRENT_TIMESTAMP".into()),
        "SqlDefault" => program.text(at, call.positional(0)?).plain().map(Name::from),
        _ => None,
    }
}

pub(super) fn sql_type(program: &dyn Program, made: &Made) -> Option<SqlType> {
    if let Some(own) = &made.own_type {
        return Some(SqlType::of(own.to_lowercase()));
    }
    let text: String = match made.word.as_str() {
        "IntField" | "IntegerField" => "integer".into(),
        "BigIntField" | "BigIntegerField" | "TimeDeltaField" | "DurationField" => "bigint".into(),
        "SmallIntField" | "SmallIntegerField" | "IntEnumField" => "smallint".into(),
        "CharField" => {
            number(program, made, 0, "max_length").map_or("character varying".into(), |length| format!("character varying({length})"))
        }
        "CharEnumField" => return Some(enum_type(program, made)),
        "TextField" => "text".into(),
        "BooleanField" => "boolean".into(),
        "DecimalField" => {
            let digits = number(program, made, 0, "max_digits").unwrap_or(10);
            format!("numeric({digits},{})", number(program, made, 1, "decimal_places").unwrap_or(2))
        }
        "DatetimeField" | "DateTimeField" => "timestamp with time zone".into(),
        "DateField" => "date".into(),
        "TimeField" => "time with time zone".into(),
        "FloatField" => "double precision".into(),
        "JSONField" => "jsonb".into(),
        "UUIDField" => "uuid".into(),
        "BinaryField" => "bytea".into(),
        "TSVectorField" => "tsvector".into(),
        "ArrayField" => {
            let item = made.call.arg(0, "element_type").and_then(|item| program.text(&made.at, item).plain());
            format!("{}[]", item.map_or("integer".to_owned(), |item| item.to_lowercase()))
        }
        _ => return None,
    };
    Some(SqlType::of(text))
}

/// As wide as the longest value, unless a length is said.
pub(super) fn enum_type(program: &dyn Program, made: &Made) -> SqlType {
    if let Some(length) = number(program, made, 2, "max_length").filter(|length| *length > 0) {
        return SqlType::of(format!("character varying({length})"));
    }
    let class = made.call.arg(0, "enum_type").and_then(|class| program.resolve(&made.at, class).class());
    let values: Vec<Name> =
        class.map_or_else(Vec::new, |class| enums::members(program, class).into_iter().filter_map(|(_, value)| value).collect());
    enums::of_literals(&values)
}

pub(super) fn key_column(program: &dyn Program, made: &Made, name: &Name) -> Column {
    let is_one = made.word == "OneToOneField";
    let mut column = Column { nullable: Some(flag(program, made, "null")), ..Column::default() };
    column.name = word_of(program, made, "source_field").or_else(|| Some(format!("{name}_id").into()));
    column.is_key = flag(program, made, "primary_key") || flag(program, made, "pk");
    column.unique = (is_one || flag(program, made, "unique")) && !column.is_key;
    column.index = !column.unique && (flag(program, made, "db_index") || flag(program, made, "index"));
    column.doc = word_of(program, made, "description");
    column.fallback = Some(SqlType::of("integer"));
    let Some(model) = model_of(program, made) else { return column };
    let to_field = word_of(program, made, "to_field");
    if truth(program, &made.at, made.call.keyword("db_constraint")) == Some(false) {
        // The type is that of the key; nothing else is.
        column.ty = key_type(program, model, to_field.as_ref());
        return column;
    }
    column.references.push(Reference {
        table: table_name(program, model),
        column: to_field,
        on_delete: Some(on_delete(made)),
        ..Reference::default()
    });
    column
}

/// `on_delete=fields.SET_NULL`, `OnDelete.RESTRICT`.
pub(super) fn on_delete(made: &Made) -> Action {
    let said = made
        .call
        .keyword("on_delete")
        .and_then(|expr| expr.last_name().map(ToString::to_string).or_else(|| expr.as_str().map(str::to_owned)));
    said.and_then(|text| Action::of(&text)).unwrap_or(Action::Cascade)
}

/// The model that `"models.Owner"` or a class names.
pub(super) fn model_of(program: &dyn Program, made: &Made) -> Option<ClassRef> {
    let given = made.call.arg(0, "model_name").or_else(|| made.call.keyword("to"))?;
    if let Meaning::Class(class) = program.resolve(&made.at, given) {
        return Some(class);
    }
    let text = program.text(&made.at, given).plain()?;
    let name = text.rsplit('.').next().unwrap_or_default();
    let in_file = |file: FileId| {
        let classes = (0u32..).zip(&program.file(file).outline.classes);
        let mut named = classes.filter(|(_, class)| class.name == name).map(|(id, _)| ClassRef { file, id: ClassId(id) });
        named.find(|class| is_model(program, *class))
    };
    in_file(made.at.file).or_else(|| Importers::of(program).importing("tortoise").iter().copied().find_map(in_file))
}

/// The type of a model's primary key, or of another of its columns.
pub(super) fn key_type(program: &dyn Program, model: ClassRef, field: Option<&Name>) -> Option<SqlType> {
    let draft = columns(program, model);
    let found = draft.columns.iter().find(|(attribute, name, column)| match field {
        Some(field) => attribute == field || name == field,
        None => column.is_key,
    });
    Some(found.map_or_else(|| SqlType::of("integer"), |(_, _, column)| column.ty.clone().unwrap_or_default()))
}
