//! One field of a model as a column.

use super::{class_named, is_model, table_name};
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::database::{Action, Check, Generated, Key, ObjectName};
use crate::facts::program::{ClassRef, Meaning, Program, Site};
use crate::frameworks::python::literals::{literal, texts, truth};
use crate::frameworks::python::sqlalchemy::column::{Column, Reference};
use crate::frameworks::python::sqlalchemy::draft::Draft;
use crate::frameworks::python::sqlalchemy::types::SqlType;

/// A field's call: its word (`CharField`), whether an extension has it, and where its arguments are read.
struct Made<'p> {
    word: Name,
    module: Name,
    /// The column type a class of the program says: `field_type = "ltree"`.
    own_type: Option<Name>,
    call: &'p Call,
    at: Site,
}

fn made<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<Made<'p>> {
    let meaning = program.produce(site, expr);
    let (call_ref, at) = meaning.call()?;
    let call = program.file(call_ref.file).outline.call(call_ref.id);
    let at = at.moved(call_ref.file, call.scope, call.at.offset);
    let (path, own_type): (Name, Option<Name>) = match program.callee(call_ref) {
        Meaning::Outside(path) => (path, None),
        Meaning::Class(class) => {
            let base = program.outside_bases(class).into_iter().find(|base| base.ends_with("Field"))?;
            let said = ["field_type", "db_field"].iter().find_map(|word| program.class_attribute(class, word));
            (base, said.and_then(|(value, at)| program.text(&at, value).plain()).map(Name::from))
        }
        _ => return None,
    };
    let (module, word) = path.rsplit_once('.')?;
    let is_ours = matches!(module.split('.').next(), Some("peewee" | "playhouse" | "peewee_async"));
    is_ours.then(|| Made { word: word.into(), module: module.into(), own_type, call, at })
}

/// A column that counts by itself.
pub(super) fn counted_key() -> Column {
    Column { ty: Some(SqlType::of("integer")), is_key: true, nullable: Some(false), ..Column::default() }
}

/// A foreign key to the primary key of a table.
pub(super) fn key_to(table: ObjectName) -> Column {
    Column {
        fallback: Some(SqlType::of("integer")),
        nullable: Some(false),
        index: true,
        references: vec![Reference { table, ..Reference::default() }],
        ..Column::default()
    }
}

/// The other model of a `ManyToManyField` without a table of its own.
pub(super) fn through(program: &dyn Program, site: &Site, expr: &Expr) -> Option<ClassRef> {
    let made = made(program, site, expr)?;
    if made.word != "ManyToManyField" || made.call.arg(usize::MAX - 1, "through_model").is_some_and(|given| !matches!(given, Expr::Null)) {
        return None;
    }
    class_named(program, &made.at, made.call.arg(0, "model").or_else(|| made.call.keyword("rel_model"))?)
}

/// The column of a field; `own` is the model whose table it stands in.
pub(super) fn column(program: &dyn Program, site: &Site, name: &Name, expr: &Expr, own: Option<ClassRef>) -> Option<Column> {
    let made = made(program, site, expr)?;
    let reading = Reading { program, made: &made };
    if matches!(made.word.as_str(), "ManyToManyField" | "CompositeKey" | "FieldAlias" | "MetaField" | "VirtualField") {
        return None;
    }
    let mut column = Column { nullable: Some(reading.truth("null") == Some(true)), autoincrement: Some(false), ..Column::default() };
    column.is_key = reading.truth("primary_key") == Some(true);
    column.unique = reading.truth("unique") == Some(true);
    column.index = column.unique || reading.truth("index") == Some(true);
    column.name = reading.text("column_name").or_else(|| reading.text("db_column"));
    column.doc = reading.text("help_text");
    if matches!(made.word.as_str(), "ForeignKeyField" | "DeferredForeignKey") {
        reading.foreign_key(&mut column, name, own);
    } else {
        column.ty = reading.sql_type();
        reading.key_type(&mut column);
    }
    column.index |= column.unique;
    if column.is_key {
        (column.index, column.unique) = (false, false);
    }
    if is_inverted(&made) && reading.truth("index") != Some(false) {
        column.index = true;
        column.index_method = Some("gin".into());
    }
    reading.constraints(&mut column);
    Some(column)
}

/// Fields of PostgreSQL's extensions have an index unless they say no.
fn is_inverted(made: &Made) -> bool {
    made.module.starts_with("playhouse.postgres")
        && matches!(made.word.as_str(), "BinaryJSONField" | "ArrayField" | "TSVectorField" | "HStoreField")
}

/// The primary key of a model: what `class Meta` says, else a field, else a column `id`.
pub(super) fn add_key(program: &dyn Program, said: Option<(&Expr, Site)>, draft: &mut Draft) {
    if let Some((value, at)) = said {
        if matches!(value, Expr::Bool(false)) {
            return;
        }
        if let Some(made) = made(program, &at, value).filter(|made| made.word == "CompositeKey") {
            let columns = made.call.args.iter().flat_map(|arg| texts(program, &made.at, &arg.value));
            let columns: Vec<Name> = columns.map(|name| draft.column_named(&name).unwrap_or(name)).collect();
            draft.primary_key = Some(Key::of(columns));
            return;
        }
    }
    if !draft.columns.iter().any(|(_, _, column)| column.is_key) {
        draft.columns.insert(0, ("id".into(), "id".into(), counted_key()));
    }
}

/// `SQL("DEFAULT now()")`, `Check("age > 3")`: the word and its text.
pub(super) fn constraint(program: &dyn Program, site: &Site, expr: &Expr) -> Option<(Name, String)> {
    let meaning = program.resolve(site, expr);
    let (call_ref, at) = meaning.call()?;
    let call = program.file(call_ref.file).outline.call(call_ref.id);
    let path = program.callee(call_ref).outside().map(Name::from)?;
    let word = path.rsplit('.').next().unwrap_or_default();
    matches!(word, "SQL" | "Check" | "Default").then_some(())?;
    let text = call.positional(0)?;
    let text = program.text(at, text).plain().or_else(|| literal(program, at, text).map(|value| value.to_string()))?;
    Some((word.into(), text))
}

struct Reading<'a> {
    program: &'a dyn Program,
    made: &'a Made<'a>,
}

impl Reading<'_> {
    fn truth(&self, keyword: &str) -> Option<bool> {
        truth(self.program, &self.made.at, self.made.call.keyword(keyword))
    }

    fn text(&self, keyword: &str) -> Option<Name> {
        self.program.text(&self.made.at, self.made.call.keyword(keyword)?).plain().map(Name::from)
    }

    fn number(&self, keyword: &str) -> Option<i64> {
        literal(self.program, &self.made.at, self.made.call.keyword(keyword)?)?.as_i64()
    }

    fn foreign_key(&self, column: &mut Column, name: &Name, own: Option<ClassRef>) {
        let call = self.made.call;
        let target = call.arg(0, "model").or_else(|| call.keyword("rel_model"));
        let is_own = target.is_some_and(|target| target.as_str() == Some("self"));
        let table = if is_own { own } else { target.and_then(|target| self.model(target)) };
        column.name = column.name.take().or_else(|| Some(if name.ends_with("_id") { name.clone() } else { format!("{name}_id").into() }));
        column.index = column.unique || self.truth("index") != Some(false);
        column.fallback = Some(SqlType::of("integer"));
        let action = |keyword: &str| self.text(keyword).and_then(|text| Action::of(&text));
        let Some(model) = table else { return };
        let field = call.keyword("field").or_else(|| call.keyword("to_field")).or_else(|| call.positional(1));
        let field = field.and_then(|field| match field {
            Expr::Member(_, name) => Some(name.clone()),
            other => self.program.text(&self.made.at, other).plain().map(Name::from),
        });
        column.references.push(Reference {
            table: table_name(self.program, model),
            column: field,
            name: self.text("constraint_name"),
            on_delete: action("on_delete"),
            on_update: action("on_update"),
            deferrable: self.text("deferrable").map(|how| format!("DEFERRABLE {how}").into()),
        });
    }

    /// A model given as a class, or by its name.
    fn model(&self, expr: &Expr) -> Option<ClassRef> {
        if let Some(class) = class_named(self.program, &self.made.at, expr) {
            return Some(class);
        }
        let name = self.program.text(&self.made.at, expr).plain()?;
        let outline = &self.program.file(self.made.at.file).outline;
        let found = (0u32..).zip(&outline.classes).find(|(_, class)| class.name == name)?;
        let class = ClassRef { file: self.made.at.file, id: crate::base::code::ClassId(found.0) };
        is_model(self.program, class).then_some(class)
    }

    fn sql_type(&self) -> Option<SqlType> {
        if let Some(own) = &self.made.own_type {
            return Some(SqlType::of(own.to_lowercase()));
        }
        let word = self.made.word.as_str();
        let text = match word {
            "CharField" => format!("character varying({})", self.number("max_length").unwrap_or(255)),
            "FixedCharField" => format!("character({})", self.number("max_length").unwrap_or(255)),
            "DecimalField" => {
                format!("numeric({},{})", self.number("max_digits").unwrap_or(10), self.number("decimal_places").unwrap_or(5))
            }
            "ArrayField" => {
                let item = self.made.call.arg(0, "field_class").and_then(|item| item.last_name().cloned());
                let inner = item.map_or("integer", |item| plain(&item, "").unwrap_or("integer"));
                format!("{inner}{}", "[]".repeat(usize::try_from(self.number("dimensions").unwrap_or(1)).unwrap_or(1).clamp(1, 6)))
            }
            _ => plain(word, &self.made.module)?.to_owned(),
        };
        Some(SqlType::of(text))
    }

    /// Fields that are a key by themselves, and those that have an index by themselves.
    fn key_type(&self, column: &mut Column) {
        match self.made.word.as_str() {
            "AutoField" | "PrimaryKeyField" | "BigAutoField" => {
                column.is_key = true;
                column.autoincrement = Some(true);
            }
            "IdentityField" => {
                column.is_key = true;
                let is_always = self.truth("generate_always") == Some(true);
                column.generated = Some(if is_always { Generated::IdentityAlways } else { Generated::IdentityByDefault });
            }
            _ => {}
        }
    }

    fn constraints(&self, column: &mut Column) {
        let Some(listed) = self.made.call.keyword("constraints") else { return };
        for (item, at) in self.program.items(&self.made.at, listed).unwrap_or_default() {
            let Some((word, text)) = constraint(self.program, &at, item) else { continue };
            let begins = text.trim().get(..7).is_some_and(|start| start.eq_ignore_ascii_case("default"));
            if word == "Default" {
                column.default = Some(text.into());
            } else if word == "Check" {
                column.checks.push(Check { condition: text.into(), ..Check::default() });
            } else if begins {
                column.default = text.trim().get(7..).map(|default| default.trim().into());
            }
        }
    }
}

/// Fields without arguments that matter.
fn plain(word: &str, module: &str) -> Option<&'static str> {
    Some(match word {
        "AutoField" | "PrimaryKeyField" | "IntegerField" | "IdentityField" => "integer",
        "BigAutoField" | "BigIntegerField" | "TimestampField" | "IPField" | "BitField" => "bigint",
        "SmallIntegerField" => "smallint",
        "FloatField" => "real",
        "DoubleField" => "double precision",
        "CharField" => "character varying(255)",
        "TextField" | "SearchField" => "text",
        "BlobField" | "BigBitField" | "BinaryUUIDField" | "CompressedField" | "PickleField" => "bytea",
        "UUIDField" => "uuid",
        "BooleanField" => "boolean",
        "DateTimeField" => "timestamp without time zone",
        "DateTimeTZField" => "timestamp with time zone",
        "DateField" => "date",
        "TimeField" => "time without time zone",
        "IntervalField" => "interval",
        "JSONField" if module.ends_with("postgres_ext") || module.ends_with("mysql_ext") => "json",
        "JSONField" | "BinaryJSONField" => "jsonb",
        "TSVectorField" => "tsvector",
        "HStoreField" => "hstore",
        "EnumField" => "text",
        _ => return None,
    })
}
