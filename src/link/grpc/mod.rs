//! Protocol buffer files together: every name of a type as a full name, and for each service who implements and calls it.

mod names;
mod uses;

use std::collections::BTreeMap;

use crate::base::Name;
use crate::facts::grpc::{GrpcRole, GrpcUse};
use crate::facts::program::Program;
use crate::facts::proto::ProtoFile;

/// All protocol buffer files of a repository.
#[derive(Clone, Debug, Default)]
pub struct Grpc {
    /// The files in order of their paths, types by their full names.
    pub files: Vec<ProtoFile>,
    /// Who implements and calls services, by the service's full name.
    pub uses: BTreeMap<Name, Vec<GrpcUse>>,
}

impl Grpc {
    /// Links files and the uses that were found.
    #[must_use]
    pub fn new(program: &dyn Program, files: Vec<ProtoFile>, found: &[GrpcUse]) -> Self {
        let files = resolved(files);
        let uses = uses::join(program, &files, found);
        Self { files, uses }
    }

    /// Those who do this with a service, or with one of its methods.
    pub fn uses_of(&self, service: &str, method: Option<&str>, role: GrpcRole) -> impl Iterator<Item = &GrpcUse> {
        let method = method.map(uses::plain);
        let uses = self.uses.get(service).map_or(&[][..], Vec::as_slice);
        uses.iter().filter(move |found| found.role == role && found.method.as_deref().map(uses::plain) == method)
    }
}

/// Files without anybody who uses them: in order of their paths, types by their full names.
#[must_use]
pub fn resolved(mut files: Vec<ProtoFile>) -> Vec<ProtoFile> {
    files.sort_by(|one, other| one.file.cmp(&other.file));
    names::resolve(&mut files);
    files
}

/// A name in a package or message.
#[must_use]
pub fn joined(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}
