//! What code reads and writes: `Order.objects.filter(…)`, `Order.objects.create(…)`, `order.save()` of an order made or typed before.
//!
//! Reads through relations (`customer.orders.all()`) are not told.

use std::collections::{BTreeMap, BTreeSet};

use super::ID;
use super::project::Project;
use super::state::Models;
use super::tables::object;
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::database::{Access, ObjectName, TableUse};
use crate::facts::finding::{Findings, Place};
use crate::facts::program::{ClassRef, FileId, Meaning, Site};

/// How long chains of methods are followed.
const MAX_CHAIN: usize = 24;

const WRITES: &[&str] = &[
    "create",
    "acreate",
    "get_or_create",
    "aget_or_create",
    "update_or_create",
    "aupdate_or_create",
    "bulk_create",
    "abulk_create",
    "bulk_update",
    "abulk_update",
    "update",
    "aupdate",
    "delete",
    "adelete",
    "create_user",
    "create_superuser",
];
const READS: &[&str] = &[
    "all",
    "filter",
    "exclude",
    "get",
    "aget",
    "first",
    "last",
    "latest",
    "earliest",
    "count",
    "acount",
    "exists",
    "aexists",
    "aggregate",
    "annotate",
    "values",
    "values_list",
    "order_by",
    "select_related",
    "prefetch_related",
    "in_bulk",
    "iterator",
    "none",
    "distinct",
    "only",
    "defer",
    "using",
    "raw",
];

/// Finds the uses of a project's tables.
pub fn read(project: &Project<'_>, models: &Models, findings: &mut Findings) {
    let mut tables: BTreeMap<ClassRef, Option<ObjectName>> = BTreeMap::new();
    let mut seen: BTreeSet<(FileId, Name, ObjectName, Access)> = BTreeSet::new();
    for file in &project.files {
        let outline = &project.program.file(*file).outline;
        for call in &outline.calls {
            let Some((class, access)) = used(project, *file, call) else { continue };
            let table = tables.entry(class).or_insert_with(|| table_of(project, models, class));
            let Some(table) = table.clone() else { continue };
            let symbol = outline.function_around(call.scope).map(|id| outline.function(id).name.clone()).unwrap_or_default();
            if seen.insert((*file, symbol.clone(), table.clone(), access)) {
                let place = Place { file: *file, symbol, line: call.at.line };
                findings.uses.push(TableUse { framework: ID, table, access, place });
            }
        }
    }
}

fn table_of(project: &Project<'_>, models: &Models, class: ClassRef) -> Option<ObjectName> {
    let model = models.concrete(&project.key_of(class))?;
    Some(object(&model.table()))
}

/// The model a call uses, and how.
fn used(project: &Project<'_>, file: FileId, call: &Call) -> Option<(ClassRef, Access)> {
    let (receiver, method) = call.method()?;
    let site = Site::of_call(file, call);
    let class_of = |expr: &Expr| match project.program.resolve(&site, expr) {
        Meaning::Class(class) => Some(class),
        _ => None,
    };
    if WRITES.contains(&method.as_str()) {
        return managed(project, file, receiver).and_then(class_of).map(|class| (class, Access::Write));
    }
    if READS.contains(&method.as_str()) {
        let Expr::Member(model, manager) = receiver else { return None };
        return is_manager(manager).then(|| class_of(model)).flatten().map(|class| (class, Access::Read));
    }
    // `order.save()`; forms and serializers have a `save` too, which is no model's.
    if matches!(method.as_str(), "save" | "asave") && matches!(receiver, Expr::Ref(name) if name != "self") {
        return project.program.class_of(&site, receiver).map(|class| (class, Access::Write));
    }
    None
}

fn is_manager(name: &str) -> bool {
    matches!(name, "objects" | "_default_manager" | "_base_manager" | "all_objects" | "active" | "published")
}

/// The model at the beginning of `Order.objects.filter(…).order_by(…)`.
fn managed<'p>(project: &Project<'p>, file: FileId, receiver: &'p Expr) -> Option<&'p Expr> {
    let outline = &project.program.file(file).outline;
    let mut at = receiver;
    for _ in 0..MAX_CHAIN {
        at = match at {
            Expr::Member(model, manager) if is_manager(manager) => return Some(model),
            Expr::Member(inner, _) => inner,
            Expr::Call(id) => &outline.call(*id).callee,
            _ => return None,
        };
    }
    None
}
