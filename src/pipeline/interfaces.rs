//! Documents that declare an interface: protocol buffers and GraphQL schemas.

use crate::base::problem::Problem;
use crate::facts::graphql::{GraphqlFindings, GraphqlText};
use crate::facts::proto::ProtoFile;
use crate::formats::{graphql, proto};
use crate::scan::DocumentKind;

/// What one document declares.
pub(super) enum Interface {
    /// A protocol buffer file.
    Proto(ProtoFile),
    /// A GraphQL schema.
    Graphql(GraphqlFindings),
}

/// All documents that declare an interface.
#[derive(Default)]
pub(super) struct Interfaces {
    /// Protocol buffer files.
    pub protos: Vec<ProtoFile>,
    /// GraphQL schemas.
    pub graphql: GraphqlFindings,
}

impl Interfaces {
    /// Adds a document.
    pub fn add(&mut self, interface: Interface) {
        match interface {
            Interface::Proto(file) => self.protos.push(file),
            Interface::Graphql(found) => self.graphql.append(found),
        }
    }
}

/// Whether documents of this kind declare an interface.
pub(super) fn is_interface(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::Proto | DocumentKind::GraphQl)
}

/// Reads schema text that stands in code.
pub(super) fn texts(texts: &[GraphqlText]) -> (GraphqlFindings, Vec<Problem>) {
    let mut all = GraphqlFindings::default();
    let mut problems = Vec::new();
    for text in texts {
        let (found, problem) = graphql::read_text(text);
        // What holds no type is no schema: a client's template, or no GraphQL at all.
        problems.extend(problem.filter(|_| !found.types.is_empty()));
        all.append(found);
    }
    (all, problems)
}

/// Reads one.
pub(super) fn read(kind: DocumentKind, path: &str, bytes: &[u8]) -> (Interface, Option<Problem>) {
    if kind == DocumentKind::GraphQl {
        let (found, problem) = graphql::read(path, bytes);
        return (Interface::Graphql(found), problem);
    }
    let (file, problem) = proto::read(path, bytes);
    (Interface::Proto(file), problem)
}
