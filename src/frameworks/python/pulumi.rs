//! Pulumi in Python: the resources that a program makes.

use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::constructs::{self, Library};

/// The registry's entry.
pub const FRAMEWORK: Framework = Framework {
    id: "python/pulumi",
    label: "Pulumi",
    languages: &[Language::Python],
    modules: &["pulumi", "pulumi_aws", "pulumi_awsx", "pulumi_azure_native", "pulumi_gcp", "pulumi_kubernetes"],
    tells: &[Tells::Infrastructure],
    read: Some(read),
    types: None,
};

const LIBRARY: Library = Library { fronts: &["pulumi_"], before: 0, kind: constructs::of_pulumi };

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    constructs::read(program, file, &LIBRARY, findings);
    constructs::config(program, file, &["pulumi"], findings);
}
