//! Attributes of entities: what they say, what they refer to, and their types.

use super::{is_entity, root};
use crate::base::Name;
use crate::base::code::{Call, ClassId, Field};
use crate::facts::importers::Importers;
use crate::facts::program::{ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::python::literals::{literal, truth};
use crate::frameworks::python::sqlalchemy::types::SqlType;

/// An attribute of an entity.
pub(super) struct Attribute<'p> {
    pub(super) name: &'p Name,
    pub(super) kind: Name,
    pub(super) call: &'p Call,
    pub(super) at: Site,
    /// The entity it belongs to.
    pub(super) owner: ClassRef,
}

fn attribute<'p>(program: &'p dyn Program, owner: ClassRef, field: &'p Field) -> Option<Attribute<'p>> {
    let site = Site { offset: field.at.offset, ..program.inside_class(owner) };
    let meaning = program.resolve(&site, field.default.as_ref()?);
    let (call_ref, at) = meaning.call()?;
    let path = program.callee(call_ref).outside().map(Name::from)?;
    let kind = path.strip_prefix("pony.orm.")?.rsplit('.').next()?;
    if !matches!(kind, "Required" | "Optional" | "PrimaryKey" | "Set" | "Discriminator") {
        return None;
    }
    let call = program.file(call_ref.file).outline.call(call_ref.id);
    let at = at.moved(call_ref.file, call.scope, call.at.offset);
    Some(Attribute { name: &field.name, kind: kind.into(), call, at, owner })
}

/// The attributes that a class itself declares.
pub(super) fn own_attributes(program: &dyn Program, class: ClassRef) -> Vec<Attribute<'_>> {
    let fields = &program.file(class.file).outline.class(class.id).fields;
    fields.iter().filter_map(|field| attribute(program, class, field)).collect()
}

impl Attribute<'_> {
    pub(super) fn text(&self, program: &dyn Program, keyword: &str) -> Option<Name> {
        program.text(&self.at, self.call.keyword(keyword)?).plain().map(Name::from)
    }

    pub(super) fn flag(&self, program: &dyn Program, keyword: &str) -> Option<bool> {
        truth(program, &self.at, self.call.keyword(keyword))
    }

    pub(super) fn number(&self, program: &dyn Program, position: usize, keyword: &str) -> Option<i64> {
        let given = self.call.keyword(keyword).or_else(|| self.call.positional(position))?;
        literal(program, &self.at, given)?.as_i64()
    }

    /// The entity it refers to.
    pub(super) fn entity(&self, program: &dyn Program) -> Option<ClassRef> {
        let given = self.call.positional(0)?;
        if let Meaning::Class(class) = program.resolve(&self.at, given) {
            return is_entity(program, class).then_some(class);
        }
        let name = program.text(&self.at, given).plain()?;
        let in_file = |file: FileId| {
            let classes = (0u32..).zip(&program.file(file).outline.classes);
            let mut named = classes.filter(|(_, class)| class.name == name).map(|(id, _)| ClassRef { file, id: ClassId(id) });
            named.find(|class| is_entity(program, *class))
        };
        in_file(self.owner.file).or_else(|| Importers::of(program).importing("pony").iter().copied().find_map(in_file))
    }

    /// The attribute at the other end.
    pub(super) fn reverse<'p>(&self, program: &'p dyn Program, entity: ClassRef) -> Option<Attribute<'p>> {
        let said = self.text(program, "reverse");
        let is_back = |other: &Attribute| {
            let is_itself = other.owner == self.owner && other.name == self.name;
            let named = said.as_ref().is_none_or(|name| name == other.name) && (!is_itself || said.is_some());
            let back = other.text(program, "reverse").is_none_or(|name| name == *self.name);
            named && back && other.entity(program).is_some_and(|target| root(program, target) == root(program, self.owner))
        };
        own_attributes(program, entity).into_iter().find(is_back)
    }

    /// Whether this end of a pair has the column.
    pub(super) fn has_column(&self, reverse: Option<&Attribute>) -> bool {
        if self.kind == "Set" {
            return false;
        }
        let Some(reverse) = reverse else { return true };
        match (self.kind.as_str(), reverse.kind.as_str()) {
            (_, "Set") | ("Required" | "PrimaryKey", _) => true,
            (_, "Required" | "PrimaryKey") => false,
            // Both optional: a column that one names, else the name decides.
            _ => {
                let is_said =
                    |attribute: &Attribute| attribute.call.keyword("column").is_some() || attribute.call.keyword("columns").is_some();
                is_said(self) || (!is_said(reverse) && self.name <= reverse.name)
            }
        }
    }
}

/// The type of a plain attribute.
pub(super) fn sql_type(program: &dyn Program, attribute: &Attribute) -> Option<SqlType> {
    if let Some(said) = attribute.text(program, "sql_type") {
        return Some(SqlType::of(said.to_lowercase()));
    }
    let given = attribute.call.positional(0)?;
    let name = match program.resolve(&attribute.at, given) {
        Meaning::Outside(path) => path.rsplit('.').next().unwrap_or_default().to_owned(),
        _ => given.last_name()?.to_string(),
    };
    let text = match name.as_str() {
        "str" | "unicode" => {
            attribute.number(program, 1, "max_len").map_or("text".to_owned(), |length| format!("character varying({length})"))
        }
        "LongStr" | "LongUnicode" => "text".to_owned(),
        "int" => match (attribute.number(program, usize::MAX - 1, "size"), attribute.flag(program, "unsigned") == Some(true)) {
            (Some(8), _) | (Some(16), false) => "smallint",
            (Some(16 | 24), _) | (None | Some(32), false) => "integer",
            (Some(64), true) => "numeric(20,0)",
            _ => "bigint",
        }
        .to_owned(),
        "float" => "double precision".to_owned(),
        "Decimal" => {
            let precision = attribute.number(program, 1, "precision").unwrap_or(12);
            format!("numeric({precision},{})", attribute.number(program, 2, "scale").unwrap_or(2))
        }
        "bool" => "boolean".to_owned(),
        "date" => "date".to_owned(),
        "time" => "time without time zone".to_owned(),
        "datetime" => "timestamp without time zone".to_owned(),
        "timedelta" => "interval".to_owned(),
        "UUID" => "uuid".to_owned(),
        "Json" => "jsonb".to_owned(),
        "buffer" | "bytes" => "bytea".to_owned(),
        "IntArray" => "integer[]".to_owned(),
        "StrArray" => "text[]".to_owned(),
        "FloatArray" => "double precision[]".to_owned(),
        _ => return None,
    };
    Some(SqlType::of(text))
}
