//! Entities: `#[derive(DeriveEntityModel)]` structs, their relations, `DeriveActiveEnum` types.

use super::{ID, columns, named, names};
use crate::base::Name;
use crate::base::case::snake;
use crate::base::code::{Class, ClassId, Expr, Field, Type};
use crate::facts::database::{Action, Column, EnumType, ForeignKey, Index, IndexPart, Key, ObjectName, Table};
use crate::facts::finding::Findings;
use crate::facts::program::{ClassRef, FileId, Program, Site};
use crate::frameworks::rust::attributes::{Attributes, path};
use crate::frameworks::script::tables::found::{declared, place};
use crate::frameworks::script::tables::steps::Chain;

/// Reads the entities of a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (index, class) in (0u32..).zip(&outline.classes) {
        let attributes = Attributes::new(program, file, &class.decorators);
        if !attributes.derives("DeriveEntityModel") {
            continue;
        }
        let of = ClassRef { file, id: ClassId(index) };
        let mut reader = Reader { program, of, table: Table { name: table_name(program, of), ..Table::default() }, enums: Vec::new() };
        let mut key = Vec::new();
        for field in &class.fields {
            reader.field(field, &mut key);
        }
        reader.table.primary_key = (!key.is_empty()).then(|| Key::of(key));
        reader.table.doc.clone_from(&class.doc);
        reader.relations();
        let at = place(file, &model_name(program, file, &reader.table.name), class.at.line);
        let model = at.symbol.clone();
        let mut found = declared(ID, reader.table, &model, at);
        found.enums = reader.enums;
        findings.tables.push(found);
        findings.mirrors.push(ID);
    }
}

/// Entities are told apart by their modules: every one is called `Model`.
fn model_name(program: &dyn Program, file: FileId, table: &ObjectName) -> Name {
    let path = program.path(file);
    let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".rs")).unwrap_or_default();
    if matches!(stem, "mod" | "lib" | "main") { table.name.clone() } else { stem.into() }
}

/// The table of a model.
#[must_use]
pub fn table_name(program: &dyn Program, of: ClassRef) -> ObjectName {
    let class = program.class(of);
    let attributes = Attributes::new(program, of.file, &class.decorators);
    let name = attributes.text("sea_orm", "table_name").map_or_else(|| Name::from(snake(&class.name)), Name::from);
    match attributes.text("sea_orm", "schema_name") {
        Some(schema) => ObjectName::in_schema(schema, name),
        None => named(name),
    }
}

/// The column of a field.
#[must_use]
pub fn column_name(program: &dyn Program, of: ClassRef, field: &Field) -> Name {
    let attributes = Attributes::new(program, of.file, &field.decorators);
    if let Some(name) = attributes.text("sea_orm", "column_name") {
        return name.into();
    }
    let plain = field.name.trim_start_matches("r#");
    let class = program.class(of);
    match Attributes::new(program, of.file, &class.decorators).text("sea_orm", "rename_all") {
        Some("camelCase") => crate::base::case::camel(plain).into(),
        Some("PascalCase") => crate::base::case::pascal(plain).into(),
        Some("SCREAMING_SNAKE_CASE") => plain.to_uppercase().into(),
        _ => plain.into(),
    }
}

struct Reader<'p> {
    program: &'p dyn Program,
    of: ClassRef,
    table: Table,
    enums: Vec<EnumType>,
}

impl<'p> Reader<'p> {
    fn field(&mut self, field: &'p Field, key: &mut Vec<Name>) {
        let attributes = Attributes::new(self.program, self.of.file, &field.decorators);
        if attributes.says("sea_orm", "ignore") || is_relation(&field.ty) {
            return;
        }
        let name = column_name(self.program, self.of, field);
        let is_optional = field.ty.last_name().is_some_and(|name| name == "Option");
        let inner = if is_optional { field.ty.args().first().unwrap_or(&Type::Unknown) } else { &field.ty };
        let said = attributes.text("sea_orm", "column_type").and_then(spelled_type);
        let ty = said.unwrap_or_else(|| self.type_of(inner, 0));
        let is_key = attributes.says("sea_orm", "primary_key");
        let mut column = Column { name: name.clone(), ty, nullable: is_optional, ..Column::default() };
        column.nullable |= attributes.says("sea_orm", "nullable");
        let site = Site::module(self.of.file);
        column.default = attributes.text("sea_orm", "default_expr").map(default_expr).or_else(|| {
            let value = attributes.value("sea_orm", "default_value")?;
            columns::value(self.program, &site, value)
        });
        column.doc.clone_from(&field.doc);
        if is_key {
            let is_manual = matches!(attributes.value("sea_orm", "auto_increment"), Some(Expr::Bool(false)));
            column.nullable = false;
            if !is_manual {
                column.ty = counting(&column.ty);
            }
            key.push(name.clone());
        }
        if attributes.says("sea_orm", "unique") {
            self.table.uniques.push(Key::of([name.clone()]));
        }
        if attributes.says("sea_orm", "indexed") {
            self.table.indexes.push(Index { parts: vec![IndexPart::column(name)], ..Index::default() });
        }
        self.table.columns.push(column);
    }

    fn type_of(&mut self, ty: &Type, depth: u32) -> Name {
        let name = ty.last_name().map_or("", Name::as_str);
        if let Some(known) = known_type(name) {
            return known.into();
        }
        match (name, ty) {
            ("Vec", _) | (_, Type::List(_)) if depth < 4 => {
                let element = match ty {
                    Type::List(element) => element.as_ref(),
                    other => other.args().first().unwrap_or(&Type::Unknown),
                };
                if element.last_name().is_some_and(|name| name == "u8") {
                    return "bytea".into();
                }
                format!("{}[]", self.type_of(element, depth + 1)).into()
            }
            ("Box" | "Arc" | "Option", _) if depth < 4 => self.type_of(ty.args().first().unwrap_or(&Type::Unknown), depth + 1),
            _ => self.own_type(ty),
        }
    }

    /// An active enum, a JSON value, a newtype.
    fn own_type(&mut self, ty: &Type) -> Name {
        let site = Site::module(self.of.file);
        let Some(class) = self.program.resolve_type(&site, ty).class() else { return Name::default() };
        let declared = self.program.class(class);
        let attributes = Attributes::new(self.program, class.file, &declared.decorators);
        if attributes.derives("DeriveActiveEnum") {
            return self.active_enum(class, declared, attributes);
        }
        if attributes.derives("FromJsonQueryResult") {
            return "jsonb".into();
        }
        match declared.fields.as_slice() {
            [only] if attributes.derives("DeriveValueType") => {
                known_type(only.ty.last_name().map_or("", Name::as_str)).unwrap_or_default().into()
            }
            _ => Name::default(),
        }
    }

    fn active_enum(&mut self, class: ClassRef, declared: &Class, attributes: Attributes<'_>) -> Name {
        let stored = attributes.text("sea_orm", "db_type").unwrap_or_default();
        if stored != "Enum" {
            return spelled_type(stored).unwrap_or_else(|| "character varying".into());
        }
        let name = attributes.text("sea_orm", "enum_name").map_or_else(|| Name::from(snake(&declared.name)), Name::from);
        let labels = declared.variants.iter().map(|variant| names::variant_name(self.program, class, &variant.name)).collect();
        self.enums.push(EnumType { name: named(name.clone()), labels });
        name
    }

    /// `#[sea_orm(belongs_to = "…", from = "…", to = "…")]` and `Entity::belongs_to(…).from(…).to(…)`.
    fn relations(&mut self) {
        let outline = &self.program.file(self.of.file).outline;
        for class in outline.classes.iter().filter(|class| class.name == "Relation") {
            for variant in &class.variants {
                let attributes = Attributes::new(self.program, self.of.file, &variant.decorators);
                if let Some(target) = attributes.text("sea_orm", "belongs_to") {
                    let text = |key: &str| attributes.text("sea_orm", key);
                    self.belongs_to(target, text("from"), text("to"), text("on_delete"), text("on_update"));
                }
            }
        }
        let site = Site::module(self.of.file);
        for (index, call) in (0u32..).zip(&outline.calls) {
            if call.callee.last_name().is_some_and(|name| name == "into") {
                let chain = Chain::ending(self.program, &site, crate::base::code::CallId(index));
                self.belongs_to_chain(&chain);
            }
        }
    }

    fn belongs_to(&mut self, target: &str, from: Option<&str>, to: Option<&str>, on_delete: Option<&str>, on_update: Option<&str>) {
        let site = Site::module(self.of.file);
        let Some(target) = path(target).and_then(|expr| names::entity_table(self.program, &site, &expr)) else { return };
        let columns = |text: Option<&str>| -> Option<Vec<Name>> {
            let text = text?.trim_matches(['(', ')']);
            text.split(',').map(|part| names::iden(self.program, &site, &path(part.trim())?)).collect()
        };
        let (Some(columns), Some(target_columns)) = (columns(from), columns(to)) else { return };
        self.table.foreign_keys.push(ForeignKey {
            columns,
            target,
            target_columns,
            on_delete: on_delete.and_then(Action::of),
            on_update: on_update.and_then(Action::of),
            ..ForeignKey::default()
        });
    }

    fn belongs_to_chain(&mut self, chain: &Chain<'p>) {
        let Some(first) = chain.link("belongs_to") else { return };
        let site = chain.site_of(first);
        let columns = |name: &str| {
            let link = chain.link(name)?;
            names::idens(self.program, &chain.site_of(link), link.arg(0)?)
        };
        let action = |name: &str| chain.link(name).and_then(|link| link.arg(0)).and_then(Expr::last_name).and_then(|name| Action::of(name));
        let Some(target) = first.arg(0).and_then(|expr| names::entity_table(self.program, &site, expr)) else { return };
        let (Some(columns), Some(target_columns)) = (columns("from"), columns("to")) else { return };
        let key = ForeignKey {
            columns,
            target,
            target_columns,
            on_delete: action("on_delete"),
            on_update: action("on_update"),
            ..ForeignKey::default()
        };
        if !self.table.foreign_keys.iter().any(|own| own.columns == key.columns && own.target == key.target) {
            self.table.foreign_keys.push(key);
        }
    }
}

/// Fields of the new entity format that only relate.
fn is_relation(ty: &Type) -> bool {
    ty.last_name().is_some_and(|name| matches!(name.as_str(), "HasOne" | "HasMany" | "BelongsTo"))
}

fn counting(ty: &Name) -> Name {
    match ty.as_str() {
        "integer" => "serial".into(),
        "bigint" => "bigserial".into(),
        "smallint" => "smallserial".into(),
        _ => ty.clone(),
    }
}

fn default_expr(text: &str) -> Name {
    if text.contains("current_timestamp") { "CURRENT_TIMESTAMP".into() } else { text.trim_matches('"').into() }
}

/// Rust types as SeaORM maps them.
fn known_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "String" | "str" => "character varying",
        "i8" | "u8" | "i16" | "u16" => "smallint",
        "i32" | "u32" => "integer",
        "i64" | "u64" => "bigint",
        "f32" => "real",
        "f64" => "double precision",
        "bool" => "boolean",
        "char" => "character(1)",
        "Uuid" => "uuid",
        "Json" | "JsonValue" | "Value" => "json",
        "Decimal" | "BigDecimal" => "numeric",
        "DateTime" | "NaiveDateTime" | "ChronoDateTime" | "TimeDateTime" | "PrimitiveDateTime" => "timestamp without time zone",
        "DateTimeUtc"
        | "DateTimeLocal"
        | "DateTimeWithTimeZone"
        | "ChronoDateTimeUtc"
        | "ChronoDateTimeWithTimeZone"
        | "OffsetDateTime"
        | "TimeDateTimeWithTimeZone" => "timestamp with time zone",
        "Date" | "NaiveDate" | "ChronoDate" | "TimeDate" => "date",
        "Time" | "NaiveTime" | "ChronoTime" | "TimeTime" => "time without time zone",
        "IpNetwork" => "inet",
        "MacAddress" => "macaddr",
        "PgVector" => "vector",
        _ => return None,
    })
}

/// The text of `column_type` and `db_type`: `Text`, `String(StringLen::N(20))`, `Decimal(Some((16, 4)))`, `JsonBinary`.
fn spelled_type(text: &str) -> Option<Name> {
    let (head, args) = text.split_once('(').map_or((text, ""), |(head, args)| (head, args));
    let numbers: Vec<&str> = args.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let sized = |base: &str| numbers.first().map_or_else(|| Name::from(base), |size| format!("{base}({size})").into());
    Some(match head.trim() {
        "Char" => sized("character"),
        "String" => sized("character varying"),
        "Text" => "text".into(),
        "TinyInteger" | "TinyUnsigned" | "SmallInteger" | "SmallUnsigned" => "smallint".into(),
        "Integer" | "Unsigned" => "integer".into(),
        "BigInteger" | "BigUnsigned" => "bigint".into(),
        "Float" => "real".into(),
        "Double" => "double precision".into(),
        "Decimal" if numbers.len() == 2 => format!("numeric({},{})", numbers[0], numbers[1]).into(),
        "Decimal" => "numeric".into(),
        "DateTime" | "Timestamp" => "timestamp without time zone".into(),
        "TimestampWithTimeZone" => "timestamp with time zone".into(),
        "Time" => "time without time zone".into(),
        "Date" => "date".into(),
        "Binary" | "VarBinary" | "Blob" => "bytea".into(),
        "Boolean" => "boolean".into(),
        "Money" => "money".into(),
        "Json" => "json".into(),
        "JsonBinary" => "jsonb".into(),
        "Uuid" => "uuid".into(),
        "Inet" => "inet".into(),
        "Cidr" => "cidr".into(),
        "custom" | "Custom" => args.split('"').nth(1)?.into(),
        _ => return None,
    })
}
