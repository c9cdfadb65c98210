//! `new EntitySchema({ name, columns, relations })`: entities without classes.

use super::columns::{Prop, Saying, Under, column};
use super::entity::Made;
use super::relations::{self, Kind, Relation, Target, target_of_class};
use super::types::{self, Said};
use super::{Context, ID};
use crate::base::Name;
use crate::base::code::{CallId, CallKind, Expr};
use crate::facts::database::{Check, Index, IndexPart, Key, ObjectName, Table};
use crate::facts::finding::Findings;
use crate::facts::importers::Importers;
use crate::facts::program::{CallRef, FileId, Site};
use crate::frameworks::script::tables::found::{declared, place};
use crate::frameworks::script::tables::options::{Options, texts_of};

/// Reads every schema of a file.
pub fn read(context: &Context, file: FileId, findings: &mut Findings) {
    let program = context.program;
    for (index, call) in (0u32..).zip(&program.file(file).outline.calls) {
        if call.kind != CallKind::New || call.callee.last_name().is_none_or(|name| name != "EntitySchema") {
            continue;
        }
        let Some((name, options)) = schema(context, file, CallId(index)) else { continue };
        if options.text(program, "type").is_some_and(|kind| kind == "view") {
            continue;
        }
        let model = options.text(program, "name").unwrap_or_default();
        let at = place(file, &model, call.at.line);
        let relations = relations_of(context, &options, call.at.line, 0);
        let mut made = Made { table: Table { name: name.clone(), ..Table::default() }, props: props(context, &name, &options) };
        relations.iter().for_each(|relation| made.relate(context, relation));
        keys(context, &options, &mut made);
        let owner = Target { table: name, props: made.props.clone() };
        made.finish(context, &model, &at, findings);
        for relation in relations.iter().filter(|relation| relation.kind == Kind::ManyToMany) {
            if let Some(table) = relations::join_table(context, &owner, relation) {
                let mut finding = declared(ID, table, "", at.clone());
                finding.is_implied = true;
                finding.dialect = Some(context.dialect);
                findings.tables.push(finding);
            }
        }
    }
}

/// The table and the options of a schema.
fn schema<'p>(context: &Context<'p>, file: FileId, id: CallId) -> Option<(ObjectName, Options<'p>)> {
    let program = context.program;
    if !program.callee(CallRef { file, id }).is_any(&["typeorm.EntitySchema"]) {
        return None;
    }
    let call = program.file(file).outline.call(id);
    let options = Options::of(program, &Site::of_call(file, call), call.positional(0)?);
    let name = options.text(program, "tableName").or_else(|| options.text(program, "name").map(|name| context.naming.table(&name)))?;
    let schema = options.text(program, "schema").unwrap_or_default();
    Some((ObjectName::in_schema(schema, name), options))
}

fn props(context: &Context, table: &ObjectName, options: &Options) -> Vec<Prop> {
    let program = context.program;
    let under = Under { table, prefixes: Vec::new(), path: String::new() };
    options
        .inner(program, "columns")
        .iter()
        .map(|(property, value, at)| {
            let options = Options::of(program, at, value);
            let flag = |key: &str| options.flag(program, key) == Some(true);
            let kind = if flag("createDate") {
                "CreateDateColumn"
            } else if flag("updateDate") {
                "UpdateDateColumn"
            } else if flag("deleteDate") {
                "DeleteDateColumn"
            } else if flag("version") {
                "VersionColumn"
            } else if flag("objectId") {
                "ObjectIdColumn"
            } else {
                "Column"
            };
            let generated = match options.get("generated") {
                Some((Expr::Bool(true), _)) => Some("increment".to_owned()),
                Some((value, at)) => program.text(at, value).plain(),
                None => None,
            };
            let ty = options.get("type").map(|(value, at)| types::said(program, at, value));
            column(context, &under, property, &Saying { kind, ty, reflected: Said::Unknown, options, generated })
        })
        .collect()
}

fn relations_of<'p>(context: &Context<'p>, options: &Options<'p>, line: u32, depth: u32) -> Vec<Relation<'p>> {
    let program = context.program;
    let mut found = Vec::new();
    for (property, value, at) in options.inner(program, "relations").iter() {
        let options = Options::of(program, at, value);
        let kind = match options.text(program, "type").as_deref() {
            Some("many-to-one") => Kind::ManyToOne,
            Some("one-to-one") => Kind::OneToOne,
            Some("many-to-many") => Kind::ManyToMany,
            _ => continue,
        };
        let joins = match options.get("joinColumn") {
            Some((Expr::Bool(true), _)) => vec![Options::default()],
            Some((value, at)) => match program.items(at, value) {
                Some(items) => items.into_iter().map(|(item, at)| Options::of(program, &at, item)).collect(),
                None => vec![Options::of(program, at, value)],
            },
            None => Vec::new(),
        };
        let join_table = options.get("joinTable").map(|(value, at)| Options::of(program, at, value));
        let owns = match kind {
            Kind::ManyToMany => join_table.is_some(),
            Kind::OneToOne => !joins.is_empty(),
            _ => true,
        };
        let target = options.get("target").and_then(|(value, at)| target_of(context, at, value, depth));
        if let (true, Some(target)) = (owns, target) {
            let is_primary = options.flag(program, "primary") == Some(true);
            found.push(Relation { property: property.clone(), kind, target, options, joins, join_table, is_primary, line });
        }
    }
    found
}

fn target_of(context: &Context, site: &Site, expr: &Expr, depth: u32) -> Option<Target> {
    let program = context.program;
    if let Some(class) = relations::lambda_class(program, site, expr).or_else(|| program.resolve(site, expr).class()) {
        return Some(target_of_class(context, class, depth));
    }
    target_named(context, &program.text(site, expr).plain()?, depth)
}

/// The entity that a schema or a class of this name declares.
#[must_use]
pub fn target_named(context: &Context, name: &str, depth: u32) -> Option<Target> {
    let program = context.program;
    if depth > 3 {
        return None;
    }
    for &file in Importers::of(program).importing("typeorm") {
        let outline = &program.file(file).outline;
        for (index, call) in (0u32..).zip(&outline.calls) {
            if call.kind == CallKind::New
                && let Some(target) = target_of_call(context, &Site::of_call(file, call), CallId(index), depth)
                && let Some((_, options)) = schema(context, file, CallId(index))
                && options.text(program, "name").as_deref() == Some(name)
            {
                return Some(target);
            }
        }
        let class = (0u32..).zip(&outline.classes).find(|(_, class)| class.name == name && !class.decorators.is_empty());
        if let Some((index, _)) = class {
            let class = crate::facts::program::ClassRef { file, id: crate::base::code::ClassId(index) };
            return Some(target_of_class(context, class, depth));
        }
    }
    None
}

/// The entity that a schema declares.
#[must_use]
pub fn target_of_call(context: &Context, site: &Site, id: CallId, depth: u32) -> Option<Target> {
    if depth > 6 {
        return None;
    }
    let (table, options) = schema(context, site.file, id)?;
    let props = props(context, &table, &options);
    Some(Target { table, props })
}

/// `indices`, `uniques`, `checks`.
fn keys(context: &Context, options: &Options, made: &mut Made) {
    let program = context.program;
    let listed = |key: &str| -> Vec<Options> {
        let items = options.get(key).and_then(|(value, at)| program.items(at, value)).unwrap_or_default();
        items.into_iter().map(|(item, at)| Options::of(program, &at, item)).collect()
    };
    let columns = |said: &Options, made: &Made| -> Vec<Name> {
        let properties = said.get("columns").map(|(value, at)| texts_of(program, at, value)).unwrap_or_default();
        made.columns_of(&properties)
    };
    for said in listed("indices") {
        let parts: Vec<IndexPart> = columns(&said, made).into_iter().map(IndexPart::column).collect();
        let index = Index {
            name: said.text(program, "name").map(Name::from),
            unique: said.flag(program, "unique") == Some(true),
            condition: said.text(program, "where").map(Name::from),
            parts,
            ..Index::default()
        };
        if !index.parts.is_empty() {
            made.table.indexes.push(index);
        }
    }
    for said in listed("uniques") {
        let key = Key { name: said.text(program, "name").map(Name::from), ..Key::of(columns(&said, made)) };
        made.table.uniques.push(key);
    }
    for said in listed("checks") {
        if let Some(condition) = said.text(program, "expression") {
            let name = said.text(program, "name").map(Name::from);
            made.table.checks.push(Check { name, condition: condition.into(), is_whole: false });
        }
    }
}
