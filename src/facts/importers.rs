//! Which files import a library, and which classes name a base: asked often, worked out once.

use std::collections::HashMap;
use std::sync::Arc;

use super::program::{ClassRef, FileId, Program};
use crate::base::Name;
use crate::base::code::ClassId;

/// The files by the libraries they import.
pub struct Importers(HashMap<Name, Vec<FileId>>);

impl Importers {
    /// Of all files.
    pub fn of(program: &dyn Program) -> Arc<Self> {
        program.answers().once(|| {
            let mut found: HashMap<Name, Vec<FileId>> = HashMap::new();
            for file in (0..program.file_count()).map(FileId) {
                for import in &program.file(file).outline.imports {
                    for front in fronts(&import.module) {
                        if let Some(files) = found.get_mut(front) {
                            if files.last() != Some(&file) {
                                files.push(file);
                            }
                        } else {
                            found.insert(front.into(), vec![file]);
                        }
                    }
                }
            }
            Self(found)
        })
    }

    /// The files that import a library or something in it, in order. The library goes by its first segment (`typeorm`,
    /// `django`), or by a scope or what stands in one (`@nestjs`, `@nestjs/config`).
    #[must_use]
    pub fn importing(&self, library: &str) -> &[FileId] {
        self.0.get(library).map_or(&[], Vec::as_slice)
    }
}

/// `typeorm` of `typeorm/driver`, `django` of `django.db`, `@nestjs` and `@nestjs/config` of `@nestjs/config/dist`.
fn fronts(module: &str) -> impl Iterator<Item = &str> {
    let first = module.find(['/', '.', ':']).map_or(module, |end| &module[..end]);
    let scoped = module.starts_with('@').then(|| {
        let behind = module.get(first.len() + 1..).unwrap_or_default();
        behind.find('/').map_or(module, |end| &module[..first.len() + 1 + end])
    });
    std::iter::once(first).chain(scoped).filter(|front| !front.is_empty())
}

/// Classes by the names of their bases, as written.
pub struct Heirs(HashMap<Name, Vec<ClassRef>>);

impl Heirs {
    /// Of all files.
    pub fn of(program: &dyn Program) -> Arc<Self> {
        program.answers().once(|| {
            let mut found: HashMap<Name, Vec<ClassRef>> = HashMap::new();
            for file in (0..program.file_count()).map(FileId) {
                for (id, class) in (0u32..).zip(&program.file(file).outline.classes) {
                    for base in class.bases.iter().filter_map(|base| base.last_name()) {
                        found.entry(base.clone()).or_default().push(ClassRef { file, id: ClassId(id) });
                    }
                }
            }
            Self(found)
        })
    }

    /// The classes that name this base, in order of files.
    #[must_use]
    pub fn naming(&self, base: &str) -> &[ClassRef] {
        self.0.get(base).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::fronts;

    fn check(module: &str, expected: &[&str]) {
        assert_eq!(fronts(module).collect::<Vec<_>>(), expected, "{module}");
    }

    #[test]
    fn libraries_go_by_their_fronts() {
        check("typeorm/driver/x", &["typeorm"]);
        check("django.db.models", &["django"]);
        check("axum::routing", &["axum"]);
        check("@nestjs/config", &["@nestjs", "@nestjs/config"]);
        check("@nestjs/config/dist", &["@nestjs", "@nestjs/config"]);
        check("./near", &[]);
        check("@", &["@", "@"]);
    }
}
