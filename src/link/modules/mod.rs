//! Placeholder until module resolution lands here; `system.rs` and `names.rs` need exactly these methods.
use crate::base::Name;
use crate::base::code::ScopeId;
use crate::base::language::Language;
use crate::facts::file::FileFacts;
use crate::facts::program::FileId;
#[derive(Clone, Debug, PartialEq)]
pub enum ModuleRef {
    File(FileId),
    Namespace(Name),
    Inline(FileId, ScopeId),
    Outside(Name),
    Missing(Name),
}
pub struct Modules {}
impl Modules {
    pub fn new(_f: &[(&str, Language, &FileFacts)], _m: &[(&str, &str)]) -> Self {
        Self {}
    }
    pub fn resolve_in(&self, _f: FileId, _s: ScopeId, _l: Language, m: &str) -> ModuleRef {
        ModuleRef::Outside(m.into())
    }
    pub fn resolve_root(&self, _f: FileId, _n: &str) -> Option<ModuleRef> {
        None
    }
    pub fn declared(&self, _f: FileId, _i: u32) -> Option<ModuleRef> {
        None
    }
    pub fn submodule(&self, _o: &ModuleRef, _n: &str) -> Option<ModuleRef> {
        None
    }
}
