//! Documents that declare an interface: protocol buffers and GraphQL schemas.

use crate::base::problem::Problem;
use crate::facts::proto::ProtoFile;
use crate::formats::proto;
use crate::scan::DocumentKind;

/// What one document declares.
pub(super) enum Interface {
    /// A protocol buffer file.
    Proto(ProtoFile),
}

/// All documents that declare an interface.
#[derive(Default)]
pub(super) struct Interfaces {
    /// Protocol buffer files.
    pub protos: Vec<ProtoFile>,
}

impl Interfaces {
    /// Adds a document.
    pub fn add(&mut self, interface: Interface) {
        match interface {
            Interface::Proto(file) => self.protos.push(file),
        }
    }
}

/// Whether documents of this kind declare an interface.
pub(super) fn is_interface(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::Proto)
}

/// Reads one.
pub(super) fn read(path: &str, bytes: &[u8]) -> (Interface, Option<Problem>) {
    let (file, problem) = proto::read(path, bytes);
    (Interface::Proto(file), problem)
}
