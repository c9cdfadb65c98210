//! Migrations: classes below `Migration` whose `up` calls `this.addSql`.

use super::{Context, ID};
use crate::base::Name;
use crate::base::code::ClassId;
use crate::facts::finding::Findings;
use crate::facts::program::{ClassRef, FileId, FuncRef};
use crate::frameworks::script::tables::found::Steps;
use crate::frameworks::script::tables::steps::{Go, Walk};

/// Reads the migrations of a file; they run in the order of their classes' names.
pub fn read(context: &Context, file: FileId, findings: &mut Findings) {
    let program = context.program;
    let outline = &program.file(file).outline;
    for (index, class) in (0u32..).zip(&outline.classes) {
        let of = ClassRef { file, id: ClassId(index) };
        let Some(up) = class.methods.iter().find(|id| outline.function(**id).name == "up") else { continue };
        if !program.outside_bases(of).iter().any(|base| base.starts_with("@mikro-orm/migrations") && base.ends_with(".Migration")) {
            continue;
        }
        let walk = Walk::new(program);
        let mut steps = Steps::new(file, &class.name);
        walk.body(FuncRef { file, id: *up }, &None, &[Name::new_static("this")], &mut |chain, _| {
            let Some(link) = chain.links.iter().find(|link| matches!(link.name.as_str(), "addSql" | "execute")) else { return Go::Inside };
            if let Some(sql) = link.arg(0) {
                steps.sql(link.call.at.line, program.text(&chain.site_of(link), sql));
            }
            Go::Read
        });
        let mut migration = steps.finish(program, ID, &class.name);
        migration.position = class.name.clone();
        migration.dialect = Some(context.dialect);
        findings.migrations.push(migration);
    }
}
