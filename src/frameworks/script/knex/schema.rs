//! Migrations: what `up` does with `knex.schema`.

use super::table::{Ops, Target};
use super::{ID, table};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Change, Dialect, ObjectName, Table, TableKind};
use crate::facts::finding::Findings;
use crate::facts::program::{Env, FileId, FuncRef, Meaning, Program, Site, Text, TextPart};
use crate::frameworks::script::tables::found::{Steps, dialect_of_folder, stem};
use crate::frameworks::script::tables::steps::{Chain, Go, Link, Walk};
use crate::frameworks::script::tables::{driver, ups};

/// Methods of a schema builder that change something.
const CHANGES: &[&str] = &[
    "createTable",
    "createTableIfNotExists",
    "createTableLike",
    "alterTable",
    "table",
    "dropTable",
    "dropTableIfExists",
    "renameTable",
    "raw",
    "createSchema",
    "createSchemaIfNotExists",
    "dropSchema",
    "dropSchemaIfExists",
    "createView",
    "createViewOrReplace",
    "createMaterializedView",
    "dropView",
    "dropViewIfExists",
    "dropMaterializedView",
    "dropMaterializedViewIfExists",
];

/// Reads the migration of a file; whether there is one.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) -> bool {
    let Some(up) = ups::up(program, file) else { return false };
    if !is_knex(program, up) {
        return false;
    }
    let name = stem(program, file);
    let dialect = dialect_of_folder(program, file).or_else(|| driver::dialect_of(program, file));
    let walk = Walk::new(program);
    let mut reader = Reader { walk: &walk, dialect: dialect.unwrap_or_default(), steps: Steps::new(file, &name), if_absent: false };
    reader.if_absent = program
        .file(file)
        .outline
        .calls
        .iter()
        .any(|call| call.callee.last_name().is_some_and(|name| matches!(name.as_str(), "hasTable" | "hasColumn")));
    let mut subjects = walk.names_of_param(up, 0);
    subjects.push("knex".into());
    walk.body(up, &None, &subjects, &mut |chain, _| reader.chain(chain));
    let mut migration = reader.steps.finish(program, ID, &name);
    migration.dialect = dialect;
    findings.migrations.push(migration);
    true
}

/// Whether an `up` is given a Knex: by its type, else by what it does with it.
fn is_knex(program: &dyn Program, up: FuncRef) -> bool {
    let declared = program.function(up);
    let Some(param) = declared.params.first() else { return false };
    if let Some(path) = program.resolve_type(&program.around(up), &param.ty).outside() {
        return path == "knex" || path.starts_with("knex.");
    }
    let Some(name) = param.name() else { return false };
    if name.to_lowercase().contains("knex") {
        return true;
    }
    let outline = &program.file(up.file).outline;
    outline.calls.iter().any(|call| {
        let is_schema = matches!(&call.callee, Expr::Member(receiver, method)
            if CHANGES.contains(&method.as_str()) && matches!(receiver.as_ref(), Expr::Member(of, word) if word == "schema" && matches!(of.as_ref(), Expr::Ref(root) if root == name)));
        is_schema && matches!(call.args.get(1).map(|arg| &arg.value), Some(Expr::Func(_)))
    })
}

struct Reader<'w, 'p> {
    walk: &'w Walk<'p>,
    dialect: Dialect,
    steps: Steps,
    if_absent: bool,
}

impl<'p> Reader<'_, 'p> {
    fn program(&self) -> &'p dyn Program {
        self.walk.program()
    }

    fn chain(&mut self, chain: &Chain<'p>) -> Go {
        let mut schema = None;
        let mut is_read = false;
        for link in &chain.links {
            let is_builder = chain.receiver.is_some() || link.id != chain.first().id;
            if link.name == "withSchema" {
                schema = self.text(chain, link, 0);
            }
            if is_builder && CHANGES.contains(&link.name.as_str()) {
                // `table` alone also begins queries: `knex.table("t").insert(…)`.
                if link.name == "table" && !matches!(link.arg(1), Some(arg) if self.function(chain, link, arg).is_some()) {
                    continue;
                }
                self.change(chain, link, schema.as_deref());
                is_read = true;
            }
        }
        if is_read { Go::Read } else { Go::Inside }
    }

    fn text(&self, chain: &Chain<'p>, link: &Link<'p>, position: usize) -> Option<String> {
        self.program().text(&chain.site_of(link), link.arg(position)?).plain()
    }

    fn named(&self, chain: &Chain<'p>, link: &Link<'p>, position: usize, schema: Option<&str>) -> Option<ObjectName> {
        let name = self.text(chain, link, position)?;
        Some(table::object_name(&name, schema))
    }

    fn function(&self, chain: &Chain<'p>, link: &Link<'p>, arg: &'p Expr) -> Option<(FuncRef, Env)> {
        match self.program().resolve(&chain.site_of(link), arg) {
            Meaning::Value(Expr::Func(id), at) => Some((FuncRef { file: at.file, id: *id }, at.env)),
            meaning => meaning.function().map(|function| (function, None)),
        }
    }

    fn change(&mut self, chain: &Chain<'p>, link: &Link<'p>, schema: Option<&str>) {
        let line = link.call.at.line;
        if link.name == "raw" {
            let text = self.raw(chain, link);
            return self.steps.sql(line, text);
        }
        let Some(name) = self.named(chain, link, 0, schema) else {
            return self.steps.unknown(line, format!("which table does `{}` change?", link.name));
        };
        match link.name.as_str() {
            "createTable" | "createTableIfNotExists" | "createTableLike" => self.create(chain, link, name, schema),
            "alterTable" | "table" => {
                let ops = self.ops(chain, link, 1, Target { name, is_new: false, schema });
                ops.changes.into_iter().for_each(|change| self.steps.change(line, change));
                ops.unknown.into_iter().for_each(|question| self.steps.unknown(line, question));
            }
            "dropTable"
            | "dropTableIfExists"
            | "dropView"
            | "dropViewIfExists"
            | "dropMaterializedView"
            | "dropMaterializedViewIfExists" => {
                self.steps.change(line, Change::DropTable(name));
            }
            "renameTable" => match self.named(chain, link, 1, schema) {
                Some(to) => self.steps.change(line, Change::RenameTable(name, to)),
                None => self.steps.unknown(line, format!("what is `{}` renamed to?", name.name)),
            },
            "createSchema" | "createSchemaIfNotExists" => self.steps.change(line, Change::CreateSchema(name.name)),
            "dropSchema" | "dropSchemaIfExists" => self.steps.change(line, Change::DropSchema(name.name)),
            "createView" | "createViewOrReplace" | "createMaterializedView" => {
                let kind = if link.name.contains("Materialized") { TableKind::MaterializedView } else { TableKind::View };
                let table = Table { name, kind, ..Table::default() };
                self.steps.change(line, Change::CreateTable { table: Box::new(table), if_absent: false });
            }
            _ => {}
        }
    }

    fn create(&mut self, chain: &Chain<'p>, link: &Link<'p>, name: ObjectName, schema: Option<&str>) {
        let line = link.call.at.line;
        let like = (link.name == "createTableLike").then(|| self.named(chain, link, 1, schema)).flatten();
        let builder = if link.name == "createTableLike" { 2 } else { 1 };
        let ops = self.ops(chain, link, builder, Target { name, is_new: true, schema });
        ops.before.into_iter().for_each(|change| self.steps.change(line, change));
        let table = Box::new(ops.table);
        let if_absent = self.if_absent || link.name == "createTableIfNotExists";
        self.steps.change(
            line,
            match like {
                Some(like) => Change::CreateTableLike { table, like, with_all: true },
                None => Change::CreateTable { table, if_absent },
            },
        );
        ops.changes.into_iter().for_each(|change| self.steps.change(line, change));
        ops.unknown.into_iter().for_each(|question| self.steps.unknown(line, question));
    }

    /// What the callback of a table does.
    fn ops(&self, chain: &Chain<'p>, link: &Link<'p>, position: usize, target: Target) -> Ops<'p> {
        let mut ops = Ops::new(self.program(), self.dialect, target);
        let function = link.arg(position).and_then(|arg| self.function(chain, link, arg));
        if let Some((function, env)) = function {
            let mut subjects = self.walk.names_of_param(function, 0);
            if subjects.is_empty() {
                subjects.push("this".into());
            }
            let env = env.or_else(|| chain.site.env.clone());
            self.walk.body(function, &env, &subjects, &mut |chain, _| ops.chain(chain));
        }
        ops.finish();
        ops
    }

    /// The text of `raw("alter table ?? …", ["t"])` with its bindings in it.
    fn raw(&self, chain: &Chain<'p>, link: &Link<'p>) -> Text {
        let site = chain.site_of(link);
        let Some(arg) = link.arg(0) else { return Text::default() };
        let text = self.program().text(&site, arg);
        let bindings = link.arg(1).and_then(|list| self.program().items(&site, list)).unwrap_or_default();
        bound(self.program(), text, &bindings)
    }
}

/// A text with `??` and `?` replaced by what is bound to them.
fn bound(program: &dyn Program, text: Text, bindings: &[(&Expr, Site)]) -> Text {
    if bindings.is_empty() {
        return text;
    }
    let mut values = bindings.iter().map(|(value, at)| program.text(at, value).plain());
    let parts = text.0.into_iter().map(|part| match part {
        TextPart::Known(known) => {
            let mut out = String::new();
            let mut rest = known.as_str();
            while let Some(at) = rest.find('?') {
                out.push_str(&rest[..at]);
                let is_name = rest[at..].starts_with("??");
                rest = &rest[at + if is_name { 2 } else { 1 }..];
                match values.next().flatten() {
                    Some(value) if is_name => {
                        out.push_str(&value.split('.').map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join("."))
                    }
                    Some(value) => out.push_str(&crate::frameworks::script::tables::sql::quoted(&value)),
                    None => out.push('?'),
                }
            }
            out.push_str(rest);
            TextPart::Known(Name::from(out))
        }
        hole => hole,
    });
    Text(parts.collect())
}
