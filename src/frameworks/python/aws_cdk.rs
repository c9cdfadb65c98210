//! AWS CDK in Python: the resources that a program makes.

use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::constructs::{self, Library};

/// The registry's entry.
pub const FRAMEWORK: Framework = Framework {
    id: "python/aws_cdk",
    label: "AWS CDK",
    languages: &[Language::Python],
    modules: &["aws_cdk"],
    tells: &[Tells::Infrastructure],
    read: Some(read),
    types: None,
};

const LIBRARY: Library = Library { fronts: &["aws_cdk."], before: 1, kind: constructs::of_cdk };

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    constructs::read(program, file, &LIBRARY, findings);
}
