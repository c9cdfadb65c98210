//! Pulumi in TypeScript and JavaScript: the resources that a program makes.

use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::constructs::{self, Library};

/// The registry's entry.
pub const FRAMEWORK: Framework = Framework {
    id: "script/pulumi",
    label: "Pulumi",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["@pulumi"],
    tells: &[Tells::Infrastructure],
    read: Some(read),
    types: None,
};

const LIBRARY: Library = Library { fronts: &["@pulumi/"], before: 0, kind: constructs::of_pulumi };

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    constructs::read(program, file, &LIBRARY, findings);
    constructs::config(program, file, &["@pulumi/pulumi"], findings);
}
