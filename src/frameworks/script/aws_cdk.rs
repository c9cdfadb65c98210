//! AWS CDK in TypeScript and JavaScript: the resources that a program makes.

use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::constructs::{self, Library};

/// The registry's entry.
pub const FRAMEWORK: Framework = Framework {
    id: "script/aws_cdk",
    label: "AWS CDK",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["aws-cdk-lib", "@aws-cdk"],
    tells: &[Tells::Infrastructure],
    read: Some(read),
    types: None,
};

const LIBRARY: Library = Library { fronts: &["aws-cdk-lib", "@aws-cdk"], before: 1, kind: constructs::of_cdk };

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    constructs::read(program, file, &LIBRARY, findings);
}
