//! Code that reads and writes tables: `session.query(User)`, `select(User)`, `session.add(User(…))`, `User.query`, `text("SELECT …")`.
//!
//! What a session is asked about a variable of unknown type is not told.

use std::collections::{BTreeSet, HashMap};

use super::words::{is_database, word};
use super::{core, is_migration, model};
use crate::base::Name;
use crate::base::code::{Call, Expr, ScopeId, ScopeKind};
use crate::facts::database::{Access, ObjectName, Query, TableUse};
use crate::facts::finding::{Findings, Place};
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::python::sqlmodel;

/// Methods and functions whose arguments are what is read.
const READS: &[&str] = &[
    "query",
    "select",
    "get",
    "get_one",
    "get_or_404",
    "exists",
    "join",
    "outerjoin",
    "select_from",
    "aliased",
    "joinedload",
    "selectinload",
    "subqueryload",
    "scalar",
    "scalars",
    "first_or_404",
    "one_or_404",
    "with_entities",
    "add_columns",
];
/// Those whose arguments are written.
const WRITES: &[&str] = &[
    "add",
    "add_all",
    "merge",
    "delete",
    "insert",
    "update",
    "bulk_save_objects",
    "bulk_insert_mappings",
    "bulk_update_mappings",
    "insert_many",
    "upsert",
];
/// Methods of a model's own query or of a table value.
const OF_TABLES: &[(&str, Access)] =
    &[("insert", Access::Write), ("update", Access::Write), ("delete", Access::Write), ("select", Access::Read)];
/// How deep the parts of an argument are looked at.
const MAX_DEPTH: u32 = 4;

/// Finds the uses of tables in a file.
pub(super) fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if is_migration(program, file) {
        return;
    }
    let mut reading = Reading { program, file, names: HashMap::new(), found: BTreeSet::new() };
    let facts = program.file(file);
    for call in &facts.outline.calls {
        let Some(name) = call.callee.last_name() else { continue };
        let site = Site::of_call(file, call);
        reading.statement(call, name, &site, findings);
        if READS.contains(&name.as_str()) {
            reading.arguments(call, &site, Access::Read);
        } else if WRITES.contains(&name.as_str()) {
            reading.arguments(call, &site, Access::Write);
        }
        if let Some((_, access)) = OF_TABLES.iter().find(|(word, _)| word == name)
            && let Some((receiver @ (Expr::Ref(_) | Expr::Member(..)), _)) = call.method()
        {
            reading.one(receiver, &site, *access, call.at.line, 0);
        }
    }
    // `User.query.filter_by(…)`, `users.c.id`.
    for read in &facts.outline.reads {
        let site = Site { file, scope: read.scope, offset: read.at.offset, env: None };
        reading.chain(&read.expr, &site, read.at.line);
    }
    for call in &facts.outline.calls {
        reading.chain(&call.callee, &Site::of_call(file, call), call.at.line);
    }
    reading.repositories();
    let uses = reading.found.into_iter();
    findings.uses.extend(uses.map(|(table, access, symbol, line)| TableUse {
        framework: super::FRAMEWORK.id,
        table,
        access,
        place: Place { file, symbol, line },
    }));
}

struct Reading<'p> {
    program: &'p dyn Program,
    file: FileId,
    /// Tables of classes asked about before.
    names: HashMap<ClassRef, Option<ObjectName>>,
    /// One use for each table, access and function: the first line.
    found: BTreeSet<(ObjectName, Access, Name, u32)>,
}

impl Reading<'_> {
    fn table_of(&mut self, class: ClassRef) -> Option<ObjectName> {
        let program = self.program;
        let found = self.names.entry(class).or_insert_with(|| {
            if program.class(class).bases.is_empty() && program.class(class).decorators.is_empty() {
                return None;
            }
            if sqlmodel::is_table(program, class) { Some(sqlmodel::table_name(program, class)) } else { model::table_name(program, class) }
        });
        found.clone()
    }

    fn say(&mut self, table: ObjectName, access: Access, scope: ScopeId, line: u32) {
        let symbol = self.symbol(scope);
        let is_known = self.found.iter().any(|(known, how, place, _)| *known == table && *how == access && *place == symbol);
        if !is_known {
            self.found.insert((table, access, symbol, line));
        }
    }

    /// The function or class around a place.
    fn symbol(&self, scope: ScopeId) -> Name {
        let outline = &self.program.file(self.file).outline;
        let named = outline.scopes_from(scope).find_map(|(_, scope)| match &scope.kind {
            ScopeKind::Function(id) => Some(outline.function(*id).name.clone()).filter(|name| !name.is_empty()),
            ScopeKind::Class(id) => Some(outline.class(*id).name.clone()),
            _ => None,
        });
        named.unwrap_or_default()
    }

    fn arguments(&mut self, call: &Call, site: &Site, access: Access) {
        for arg in call.args.iter().filter(|arg| arg.name.is_none()) {
            self.one(&arg.value, site, access, call.at.line, 0);
        }
    }

    /// A model, one of its columns, an instance of it, a table value, or something built of them.
    fn one(&mut self, expr: &Expr, site: &Site, access: Access, line: u32, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        match expr {
            Expr::Ref(_) => self.named(expr, site, access, line),
            Expr::Member(of, _) => match of.as_ref() {
                Expr::Ref(_) => {
                    self.named(of, site, access, line);
                    self.named(expr, site, access, line);
                }
                _ => self.one(of, site, access, line, depth + 1),
            },
            Expr::List(items) => items.iter().take(32).for_each(|item| self.one(item, site, access, line, depth + 1)),
            Expr::Call(id) => self.made(CallRef { file: self.file, id: *id }, site, access, line, depth),
            Expr::Each(each) => {
                let inner = Site { scope: each.scope, ..site.clone() };
                self.one(&each.element, &inner, access, line, depth + 1);
            }
            Expr::Spread(inner) => self.one(inner, site, access, line, depth + 1),
            _ => {}
        }
    }

    fn named(&mut self, expr: &Expr, site: &Site, access: Access, line: u32) {
        let program = self.program;
        let table = match program.resolve(site, expr) {
            Meaning::Class(class) | Meaning::Instance(class) => self.table_of(class),
            Meaning::Value(Expr::Call(id), at) => self.of_value(CallRef { file: at.file, id: *id }, &at),
            Meaning::Outside(_) | Meaning::Module(..) | Meaning::Namespace(_) | Meaning::Function(..) => None,
            _ => program.class_of(site, expr).and_then(|class| self.table_of(class)),
        };
        if let Some(table) = table {
            self.say(table, access, site.scope, line);
        }
    }

    /// A call: of a model's constructor, of `Table`, or of a function over columns.
    fn made(&mut self, call_ref: CallRef, site: &Site, access: Access, line: u32, depth: u32) {
        if let Some(table) = self.of_value(call_ref, site) {
            self.say(table, access, site.scope, line);
            return;
        }
        let call = self.program.file(call_ref.file).outline.call(call_ref.id);
        let is_ours =
            word(self.program, &self.program.callee(call_ref)).is_some_and(|word| !READS.contains(&word.as_str()) && word != "text");
        if is_ours {
            for arg in call.args.iter().take(8) {
                self.one(&arg.value, site, access, line, depth + 1);
            }
        }
    }

    fn of_value(&mut self, call_ref: CallRef, at: &Site) -> Option<ObjectName> {
        match self.program.callee(call_ref) {
            Meaning::Class(class) => self.table_of(class),
            callee => {
                if word(self.program, &callee)? != "Table" {
                    return None;
                }
                let call = self.program.file(call_ref.file).outline.call(call_ref.id);
                let at = at.moved(call_ref.file, call.scope, call.at.offset);
                core::name_of_table(self.program, &super::words::Said { word: "Table".into(), call, at, given: None })
            }
        }
    }

    /// `User.query…` anywhere in a chain.
    fn chain(&mut self, expr: &Expr, site: &Site, line: u32) {
        let mut next = Some(expr);
        for _ in 0..24 {
            let Some(expr) = next else { return };
            match expr {
                Expr::Member(of, name) if name == "query" && matches!(of.as_ref(), Expr::Ref(_)) => {
                    if let Meaning::Class(class) = self.program.resolve(site, of)
                        && let Some(table) = self.table_of(class)
                    {
                        self.say(table, Access::Read, site.scope, line);
                    }
                    return;
                }
                Expr::Member(of, _) => next = Some(of),
                _ => return,
            }
        }
    }

    /// `model_type = User` of a repository class.
    fn repositories(&mut self) {
        let outline = &self.program.file(self.file).outline;
        for class in outline.classes.iter().filter(|class| !class.bases.is_empty()) {
            for field in
                class.fields.iter().filter(|field| matches!(field.name.as_str(), "model_type" | "model" | "model_class" | "_model"))
            {
                let site = Site { file: self.file, scope: class.inner, offset: field.at.offset, env: None };
                let Some(value @ (Expr::Ref(_) | Expr::Member(..))) = &field.default else { continue };
                if let Meaning::Class(model) = self.program.resolve(&site, value)
                    && let Some(table) = self.table_of(model)
                {
                    self.say(table.clone(), Access::Read, class.inner, field.at.line);
                    self.say(table, Access::Write, class.inner, field.at.line);
                }
            }
        }
    }

    /// `text("SELECT …")`, `connection.execute("…")`, `db.engine.execute("…")`.
    fn statement(&mut self, call: &Call, name: &Name, site: &Site, findings: &mut Findings) {
        let is_text = matches!(name.as_str(), "text" | "exec_driver_sql" | "execute" | "from_statement");
        let Some(given @ (Expr::Str(_) | Expr::Template(_) | Expr::Ref(_) | Expr::Binary(_))) = call.positional(0).filter(|_| is_text)
        else {
            return;
        };
        if name == "text" && !self.is_word(call, site) {
            return;
        }
        let sql = self.program.text(site, given);
        if is_statement(&sql.template().0) {
            let place = Place { file: self.file, symbol: self.symbol(call.scope), line: call.at.line };
            findings.queries.push(Query { framework: super::FRAMEWORK.id, sql, place });
        }
    }

    fn is_word(&self, call: &Call, site: &Site) -> bool {
        let callee = self.program.resolve(site, &call.callee);
        word(self.program, &callee).is_some_and(|word| word == "text") || is_database(self.program, &callee)
    }
}

/// Whether a text begins as a statement over rows does.
fn is_statement(text: &str) -> bool {
    let first: String = text.trim_start().chars().take_while(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    matches!(first.as_str(), "select" | "insert" | "update" | "delete" | "with" | "truncate" | "merge" | "copy")
}
