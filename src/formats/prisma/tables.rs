//! Models → tables, as Prisma's own migrations make them.

use std::collections::{BTreeMap, BTreeSet};

use super::syntax::{Argument, Attribute, Block, Member, Value, attribute};
use super::{mapped, types};
use crate::base::Name;
use crate::facts::database::{
    Action, Column, Dialect, EnumType, ForeignKey, Generated, Index, IndexPart, Key, ObjectName, Table, TableKind,
};
use crate::facts::document::Spot;

/// All tables and enumerated types of a schema.
#[derive(Default)]
pub struct Made {
    pub tables: Vec<(Table, Name, Spot)>,
    pub enums: Vec<EnumType>,
}

/// A schema's models and types, by name.
struct Schema<'a> {
    models: BTreeMap<&'a str, (&'a str, &'a Block)>,
    enums: BTreeMap<&'a str, &'a Block>,
    dialect: Dialect,
    has_keys: bool,
}

/// The tables of the blocks, each with its file's path.
pub fn of(blocks: &[(&str, &Block)], dialect: Dialect, has_keys: bool) -> Made {
    let of_kind = |kinds: &'static [&str]| blocks.iter().filter(move |(_, block)| kinds.contains(&block.keyword.as_str()));
    let schema = Schema {
        models: of_kind(&["model", "view"]).map(|(path, block)| (block.name.as_str(), (*path, *block))).collect(),
        enums: of_kind(&["enum"]).map(|(_, block)| (block.name.as_str(), *block)).collect(),
        dialect,
        has_keys: has_keys && dialect != Dialect::Mongo,
    };
    let mut made = Made::default();
    for (path, block) in schema.models.values() {
        let spot = Spot { file: (*path).to_owned(), symbol: block.name.as_str().into(), line: block.line };
        made.tables.push((schema.table(block), block.name.as_str().into(), spot));
    }
    made.tables.extend(schema.join_tables());
    if dialect == Dialect::Postgres {
        made.enums = schema.enums.values().map(|block| EnumType { name: name_of(block), labels: labels_of(block) }).collect();
    }
    made
}

fn name_of(block: &Block) -> ObjectName {
    let name = mapped(&block.attributes, &block.name);
    let schema = attribute(&block.attributes, "schema").and_then(|schema| schema.argument("name", true)).and_then(Value::text);
    schema.map_or_else(|| ObjectName::new(name), |schema| ObjectName::in_schema(schema, name))
}

fn labels_of(block: &Block) -> Vec<Name> {
    block.members.iter().map(|label| mapped(&label.attributes, &label.name).into()).collect()
}

fn column_name(field: &Member) -> Name {
    mapped(&field.attributes, &field.name).into()
}

/// A name that is no longer than PostgreSQL keeps.
fn capped(name: String) -> Name {
    let mut end = name.len().min(63);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    Name::from(&name[..end])
}

impl Schema<'_> {
    fn table(&self, block: &Block) -> Table {
        let name = name_of(block);
        let mut table = Table {
            kind: match (self.dialect, block.keyword.as_str()) {
                (_, "view") => TableKind::View,
                (Dialect::Mongo, _) => TableKind::Collection,
                _ => TableKind::Table,
            },
            columns: block.members.iter().filter_map(|field| self.column(field)).collect(),
            doc: (!block.doc.is_empty()).then(|| block.doc.as_str().into()),
            name: name.clone(),
            ..Table::default()
        };
        if table.kind == TableKind::View {
            return table;
        }
        for field in &block.members {
            let column = column_name(field);
            if let Some(id) = attribute(&field.attributes, "id") {
                table.primary_key = Some(self.primary_key(&name, id, vec![column.clone()]));
            }
            if let Some(unique) = attribute(&field.attributes, "unique") {
                table.indexes.push(index(&name, unique, vec![IndexPart::column(column)], true));
            }
            if let Some(relation) = attribute(&field.attributes, "relation") {
                table.foreign_keys.extend(self.foreign_key(block, &name, field, relation));
            }
        }
        for each in &block.attributes {
            match each.name.as_str() {
                "id" => {
                    let columns = parts_of(block, each).into_iter().map(|part| part.text).collect();
                    table.primary_key = Some(self.primary_key(&name, each, columns));
                }
                "unique" => table.indexes.push(index(&name, each, parts_of(block, each), true)),
                "index" | "fulltext" => table.indexes.push(index(&name, each, parts_of(block, each), false)),
                _ => {}
            }
        }
        table
    }

    fn primary_key(&self, table: &ObjectName, attribute: &Attribute, columns: Vec<Name>) -> Key {
        let named = attribute.argument("map", false).and_then(Value::text).map(Name::from);
        let made = (self.dialect == Dialect::Postgres).then(|| capped(format!("{}_pkey", table.name)));
        Key { name: named.or(made), columns, ..Key::default() }
    }

    /// The column of a field; relations have none of their own.
    fn column(&self, field: &Member) -> Option<Column> {
        let ty = match self.enums.get(field.ty.as_str()) {
            Some(block) => self.enum_type(block),
            None if self.models.contains_key(field.ty.as_str()) => return None,
            None => match types::scalar(field, self.dialect) {
                Some(ty) => ty,
                None if self.dialect == Dialect::Mongo => "object".into(),
                None => return None,
            },
        };
        let default = attribute(&field.attributes, "default").and_then(|default| default.argument("value", true));
        let counts = matches!(default, Some(Value::Call(name, _)) if name == "autoincrement" || name == "sequence");
        let ty = match (counts, self.dialect) {
            (true, Dialect::Postgres) => types::serial(field).to_owned(),
            _ if field.is_list => format!("{ty}[]"),
            _ => ty,
        };
        Some(Column {
            name: column_name(field),
            ty: ty.into(),
            nullable: field.is_optional || field.is_list,
            default: default.and_then(|value| self.default(field, value)).map(Into::into),
            generated: (counts && self.dialect != Dialect::Postgres).then_some(Generated::AutoIncrement),
            doc: (!field.doc.is_empty()).then(|| field.doc.as_str().into()),
            ..Column::default()
        })
    }

    fn enum_type(&self, block: &Block) -> String {
        match self.dialect {
            Dialect::Postgres => match name_of(block) {
                ObjectName { schema: Some(schema), name } => format!("\"{schema}\".\"{name}\""),
                ObjectName { schema: None, name } => format!("\"{name}\""),
            },
            Dialect::MySql => {
                let labels: Vec<String> = labels_of(block).iter().map(|label| quoted(label)).collect();
                format!("enum({})", labels.join(","))
            }
            Dialect::Sqlite => "TEXT".into(),
            Dialect::SqlServer => "nvarchar(1000)".into(),
            Dialect::Mongo => "string".into(),
        }
    }

    /// What the database fills in; ids that Prisma's client makes are no defaults of the database.
    fn default(&self, field: &Member, value: &Value) -> Option<String> {
        match value {
            Value::Call(name, _) if name == "now" => Some("CURRENT_TIMESTAMP".into()),
            Value::Call(name, arguments) if name == "dbgenerated" => {
                arguments.first().and_then(|argument| argument.value.text()).filter(|text| !text.is_empty()).map(str::to_owned)
            }
            Value::Call(..) => None,
            Value::Text(text) => Some(quoted(text)),
            Value::Word(word) => match self.enums.get(field.ty.as_str()) {
                Some(block) => Some(quoted(label(block, word))),
                None => Some(word.clone()),
            },
            Value::List(items) => {
                let items: Vec<String> = items.iter().filter_map(|item| self.default(field, item)).collect();
                let element = self.column(&Member { is_list: false, attributes: Vec::new(), ..field.clone() })?.ty;
                Some(format!("ARRAY[{}]::{element}[]", items.join(", ")))
            }
        }
    }

    fn foreign_key(&self, block: &Block, table: &ObjectName, field: &Member, relation: &Attribute) -> Option<ForeignKey> {
        let (_, target) = self.models.get(field.ty.as_str()).filter(|_| self.has_keys)?;
        let own = fields(block, relation.argument("fields", false)?);
        let theirs = fields(target, relation.argument("references", false)?);
        if own.is_empty() {
            return None;
        }
        let columns: Vec<Name> = own.iter().map(|field| column_name(field)).collect();
        let action = |name: &str| relation.argument(name, false).and_then(Value::text).and_then(Action::of);
        let is_optional = own.iter().any(|field| field.is_optional);
        let made = || capped(format!("{}_{}_fkey", table.name, columns.join("_")));
        Some(ForeignKey {
            name: Some(relation.argument("map", false).and_then(Value::text).map_or_else(made, Name::from)),
            target: name_of(target),
            target_columns: theirs.into_iter().map(column_name).collect(),
            on_delete: Some(action("onDelete").unwrap_or(if is_optional { Action::SetNull } else { Action::Restrict })),
            on_update: Some(action("onUpdate").unwrap_or(Action::Cascade)),
            columns,
            ..ForeignKey::default()
        })
    }

    /// Tables behind lists on both sides of a relation.
    fn join_tables(&self) -> Vec<(Table, Name, Spot)> {
        let mut made = Vec::new();
        let mut done: BTreeSet<String> = BTreeSet::new();
        if self.dialect == Dialect::Mongo {
            return made;
        }
        for (path, block) in self.models.values() {
            for field in block.members.iter().filter(|field| field.is_list) {
                let Some((_, other)) = self.models.get(field.ty.as_str()) else { continue };
                let name = relation_name(field);
                let is_back =
                    |back: &&Member| back.is_list && back.ty == block.name && relation_name(back) == name && !std::ptr::eq(*back, field);
                let has_back = other.members.iter().any(|back| is_back(&back));
                let (first, second) = if block.name <= other.name { (*block, *other) } else { (*other, *block) };
                let table = name.map_or_else(|| format!("_{}To{}", first.name, second.name), |name| format!("_{name}"));
                if has_back && done.insert(table.clone()) {
                    let spot = Spot { file: (*path).to_owned(), symbol: format!("{}.{}", block.name, field.name).into(), line: field.line };
                    made.extend(self.join_table(&table, first, second).map(|table| (table, Name::default(), spot)));
                }
            }
        }
        made
    }

    fn join_table(&self, name: &str, first: &Block, second: &Block) -> Option<Table> {
        let side = |column: &str, block: &Block| -> Option<(Column, ForeignKey)> {
            let id = block.members.iter().find(|field| attribute(&field.attributes, "id").is_some())?;
            let ty = types::scalar(id, self.dialect)?;
            let key = ForeignKey {
                name: Some(capped(format!("{name}_{column}_fkey"))),
                columns: vec![column.into()],
                target: name_of(block),
                target_columns: vec![column_name(id)],
                on_delete: Some(Action::Cascade),
                on_update: Some(Action::Cascade),
                ..ForeignKey::default()
            };
            Some((Column { name: column.into(), ty: ty.into(), ..Column::default() }, key))
        };
        let (a, b) = (side("A", first)?, side("B", second)?);
        let is_key = self.dialect == Dialect::Postgres;
        let mut indexes =
            vec![Index { name: Some(capped(format!("{name}_B_index"))), parts: vec![IndexPart::column("B")], ..Index::default() }];
        if !is_key {
            let parts = vec![IndexPart::column("A"), IndexPart::column("B")];
            indexes.push(Index { name: Some(capped(format!("{name}_AB_unique"))), parts, unique: true, ..Index::default() });
        }
        let key = Key { name: Some(capped(format!("{name}_AB_pkey"))), ..Key::of(["A", "B"]) };
        Some(Table {
            name: ObjectName { name: name.into(), ..name_of(first) },
            columns: vec![a.0, b.0],
            primary_key: is_key.then_some(key),
            foreign_keys: if self.has_keys { vec![a.1, b.1] } else { Vec::new() },
            indexes,
            ..Table::default()
        })
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A label as the database has it.
fn label<'a>(block: &'a Block, word: &'a str) -> &'a str {
    block.members.iter().find(|label| label.name == word).map_or(word, |label| mapped(&label.attributes, &label.name))
}

fn relation_name(field: &Member) -> Option<&str> {
    attribute(&field.attributes, "relation").and_then(|relation| relation.argument("name", true)).and_then(Value::text)
}

/// The fields of a block that a list names.
fn fields<'a>(block: &'a Block, list: &Value) -> Vec<&'a Member> {
    let named = list.items().iter().filter_map(Value::text);
    named.filter_map(|name| block.members.iter().find(|field| field.name == name)).collect()
}

/// What a key or an index is made of.
fn parts_of(block: &Block, attribute: &Attribute) -> Vec<IndexPart> {
    let list = attribute.argument("fields", true).map(Value::items).unwrap_or_default();
    let part = |value: &Value| {
        let name = value.text()?;
        let column = block.members.iter().find(|field| field.name == name).map_or_else(|| name.into(), column_name);
        let options = match value {
            Value::Call(_, arguments) => options_of(arguments),
            _ => None,
        };
        Some(IndexPart { text: column, is_expression: false, options })
    };
    list.iter().filter_map(part).collect()
}

/// `sort: Desc`, `ops: raw("gin_trgm_ops")`, `ops: JsonbPathOps`.
fn options_of(arguments: &[Argument]) -> Option<Name> {
    let mut options = Vec::new();
    for argument in arguments {
        match (argument.name.as_str(), &argument.value) {
            ("ops", Value::Call(name, inner)) if name == "raw" => {
                options.extend(inner.first().and_then(|raw| raw.value.text()).map(str::to_owned))
            }
            ("ops", Value::Word(class)) => options.push(crate::base::case::snake(class)),
            ("sort", Value::Word(order)) if order == "Desc" => options.push("DESC".into()),
            _ => {}
        }
    }
    (!options.is_empty()).then(|| options.join(" ").into())
}

fn index(table: &ObjectName, attribute: &Attribute, parts: Vec<IndexPart>, unique: bool) -> Index {
    let columns: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    let made = || capped(format!("{}_{}_{}", table.name, columns.join("_"), if unique { "key" } else { "idx" }));
    let given = attribute.argument("map", false).and_then(Value::text);
    let method = attribute.argument("type", false).and_then(Value::text).map(str::to_lowercase).filter(|method| method != "btree");
    Index { name: Some(given.map_or_else(made, Name::from)), unique, method: method.map(Into::into), parts, ..Index::default() }
}
