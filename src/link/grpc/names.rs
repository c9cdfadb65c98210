//! Names of types as protocol buffers look them up: from the innermost scope outwards.

use std::collections::HashSet;

use super::joined;
use crate::base::Name;
use crate::facts::proto::{ProtoExtend, ProtoField, ProtoFile, ProtoMessage, SCALARS};

/// Makes every name of a type a full name. One that is declared nowhere is taken for a full name when it has a package, else
/// for one of its own package.
pub(super) fn resolve(files: &mut [ProtoFile]) {
    let mut known = HashSet::new();
    for file in files.iter() {
        declare(&file.messages, &file.package, &mut known);
        known.extend(file.extends.iter().flat_map(|extend| &extend.messages).map(|group| joined(&file.package, &group.name)));
        known.extend(file.enums.iter().map(|one| joined(&file.package, &one.name)));
    }
    for file in files {
        let package = file.package.clone();
        let scope = Scope { known: &known, package: &package };
        file.messages.iter_mut().for_each(|message| scope.message(message, &package));
        file.extends.iter_mut().for_each(|extend| scope.extend(extend, &package));
        for method in file.services.iter_mut().flat_map(|service| &mut service.methods) {
            method.request = scope.full(&method.request, &package);
            method.response = scope.full(&method.response, &package);
        }
    }
}

fn declare(messages: &[ProtoMessage], scope: &str, known: &mut HashSet<String>) {
    for message in messages {
        let name = joined(scope, &message.name);
        known.extend(message.enums.iter().map(|one| joined(&name, &one.name)));
        declare(&message.messages, &name, known);
        let groups = message.extends.iter().flat_map(|extend| &extend.messages);
        known.extend(groups.map(|group| joined(&name, &group.name)));
        known.insert(name);
    }
}

struct Scope<'a> {
    known: &'a HashSet<String>,
    package: &'a str,
}

impl Scope<'_> {
    fn message(&self, message: &mut ProtoMessage, scope: &str) {
        let inner = joined(scope, &message.name);
        message.fields.iter_mut().for_each(|field| self.field(field, &inner));
        message.messages.iter_mut().for_each(|message| self.message(message, &inner));
        message.extends.iter_mut().for_each(|extend| self.extend(extend, &inner));
    }

    fn field(&self, field: &mut ProtoField, scope: &str) {
        if !SCALARS.contains(&field.ty.as_str()) {
            field.ty = self.full(&field.ty, scope);
        }
    }

    fn extend(&self, extend: &mut ProtoExtend, scope: &str) {
        extend.extendee = self.full(&extend.extendee, scope);
        extend.fields.iter_mut().for_each(|field| self.field(field, scope));
        extend.messages.iter_mut().for_each(|message| self.message(message, scope));
    }

    fn full(&self, name: &str, scope: &str) -> Name {
        if let Some(full) = name.strip_prefix('.') {
            return full.into();
        }
        let mut scope = scope;
        loop {
            let candidate = joined(scope, name);
            if self.known.contains(&candidate) {
                return candidate.into();
            }
            if scope.is_empty() {
                break;
            }
            scope = scope.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
        // Names of files that are not in the repository are written in full by nearly everybody.
        if name.contains('.') { name.into() } else { joined(self.package, name).into() }
    }
}
