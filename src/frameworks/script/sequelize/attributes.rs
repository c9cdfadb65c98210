//! Attributes of models and of tables in migrations: `{ type, allowNull, defaultValue, references }`, or just a type.

use serde_json::Value;

use super::types::{self, Ty};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Action, Column, Dialect, EnumType, ForeignKey, Generated, ObjectName};
use crate::facts::program::{Meaning, Program, Site};
use crate::frameworks::script::literals::literal;
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::sql;

/// An attribute.
#[derive(Clone, Debug, Default)]
pub struct Attribute {
    /// Its key in the model.
    pub key: Name,
    /// Its column.
    pub column: Column,
    /// The enumerated type of the column.
    pub ty: Option<EnumType>,
    /// Part of the primary key.
    pub is_primary: bool,
    /// Unique by itself.
    pub is_unique: bool,
    /// The name of the unique key it is part of.
    pub unique_name: Option<Name>,
    /// What it refers to.
    pub references: Option<ForeignKey>,
    /// The name of the model it refers to, when it is no table's name.
    pub refers_to_model: Option<Name>,
    /// Added by the library rather than said.
    pub is_implied: bool,
}

/// Reads attributes.
pub struct Reader<'p> {
    /// The program.
    pub program: &'p dyn Program,
    /// What types are spelled for.
    pub dialect: Dialect,
}

impl<'p> Reader<'p> {
    /// One attribute; none for a virtual one, or when its type cannot be told.
    #[must_use]
    pub fn attribute(&self, table: &ObjectName, key: &Name, name: &str, site: &Site, value: &'p Expr) -> Option<Attribute> {
        let options = Options::of(self.program, site, value);
        let ty = match options.get("type") {
            Some((ty, at)) => types::of(self.program, self.dialect, at, ty),
            None => types::of(self.program, self.dialect, site, value),
        };
        let mut ty = ty.or_else(|| (!options.is_empty()).then(Ty::default))?;
        if ty.is_virtual {
            return None;
        }
        if let Some((values, at)) = options.get("values") {
            ty.labels = types::labels(self.program, at, values);
        }
        Some(self.made(table, key, name, &ty, &options))
    }

    /// An attribute of a type with options.
    #[must_use]
    pub fn made(&self, table: &ObjectName, key: &Name, name: &str, ty: &Ty, options: &Options<'p>) -> Attribute {
        let program = self.program;
        let name: Name = options.text(program, "field").map_or_else(|| name.into(), Name::from);
        let (spelled, enum_type) = ty.named(self.dialect, table, &name);
        let is_primary = options.flag(program, "primaryKey") == Some(true);
        let mut attribute = Attribute {
            key: key.clone(),
            column: Column {
                name,
                ty: spelled.into(),
                nullable: !is_primary && options.flag(program, "allowNull") != Some(false),
                default: self.default(ty, options),
                doc: options.text(program, "comment").map(Name::from),
                ..Column::default()
            },
            ty: enum_type,
            is_primary,
            ..Attribute::default()
        };
        if options.flag(program, "autoIncrement") == Some(true) {
            self.count_up(&mut attribute.column);
        }
        match options.get("unique") {
            Some((Expr::Bool(truth), _)) => attribute.is_unique = *truth,
            Some((value, at)) => {
                let name = Options::of(program, at, value).text(program, "name").or_else(|| program.text(at, value).plain());
                attribute.is_unique = name.is_none();
                attribute.unique_name = name.map(Name::from);
            }
            None => {}
        }
        self.refer(options, &mut attribute);
        attribute
    }

    /// `autoIncrement`.
    pub fn count_up(&self, column: &mut Column) {
        match self.dialect {
            Dialect::Postgres => {
                column.ty = match column.ty.as_str() {
                    "bigint" => "bigserial".into(),
                    "smallint" => "smallserial".into(),
                    _ => "serial".into(),
                };
                column.nullable = false;
            }
            _ => column.generated = Some(Generated::AutoIncrement),
        }
    }

    /// `defaultValue`; what is computed in the program is no default of the database.
    fn default(&self, ty: &Ty, options: &Options<'p>) -> Option<Name> {
        let (value, at) = options.get("defaultValue")?;
        if let Some(value) = literal(self.program, at, value) {
            if let (Value::Array(items), true) = (&value, ty.is_array) {
                let items: Vec<String> = items.iter().map(Value::to_string).collect();
                return Some(sql::quoted(&format!("{{{}}}", items.join(","))).into());
            }
            return sql::value_sql(&value).map(Name::from);
        }
        let Meaning::Value(Expr::Call(id), at) = self.program.resolve(at, value) else { return None };
        let call = self.program.file(at.file).outline.call(*id);
        let name = call.callee.last_name()?;
        let here = Site { scope: call.scope, offset: call.at.offset, ..at };
        let text = self.program.text(&here, call.positional(0)?).plain()?;
        match name.as_str() {
            "literal" => (!text.eq_ignore_ascii_case("null")).then(|| text.into()),
            "fn" => {
                let rest = call.args.iter().skip(1).filter_map(|arg| literal(self.program, &here, &arg.value));
                let args: Vec<String> = rest.filter_map(|value| sql::value_sql(&value)).collect();
                Some(format!("{}({})", text.to_lowercase(), args.join(", ")).into())
            }
            _ => None,
        }
    }

    /// `references: { model, key }`.
    fn refer(&self, options: &Options<'p>, attribute: &mut Attribute) {
        let program = self.program;
        let Some((value, at)) = options.get("references") else { return };
        let inner = Options::of(program, at, value);
        let action = |key: &str| options.text(program, key).as_deref().and_then(Action::of);
        let mut key = ForeignKey {
            columns: vec![attribute.column.name.clone()],
            target_columns: inner.text(program, "key").map(Name::from).into_iter().collect(),
            on_delete: action("onDelete"),
            on_update: action("onUpdate"),
            ..ForeignKey::default()
        };
        let of = inner.get("model").or_else(|| inner.get("table")).unwrap_or((value, at));
        if let Some(target) = table_name(program, of.1, of.0) {
            key.target = target;
        } else {
            attribute.refers_to_model = of.0.last_name().cloned();
        }
        attribute.references = Some(key);
    }
}

/// A table by name: text, or `{ tableName, schema }`.
#[must_use]
pub fn table_name(program: &dyn Program, site: &Site, expr: &Expr) -> Option<ObjectName> {
    if let Some(entries) = program.entries(site, expr) {
        let text = |key: &str| entries.iter().find(|(name, ..)| name == key).and_then(|(_, value, at)| program.text(at, value).plain());
        return Some(ObjectName::in_schema(text("schema").unwrap_or_default(), text("tableName")?));
    }
    program.text(site, expr).plain().map(ObjectName::new)
}
