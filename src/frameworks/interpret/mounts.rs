//! Mounts that a call on an owner says.

use super::Reading;
use super::arguments::handler_function;
use super::arguments::{at, is_text};
use super::owners::base_owner;
use super::owners::owners_of;

use crate::base::Name;
use crate::base::code::{Call, Expr, Type};
use crate::facts::finding::{Findings, GapFinding, Mount, Origin, OwnerKey, PathText};
use crate::facts::program::{Meaning, Site, Text};
use crate::frameworks::table::{At, MountRule};

impl Reading<'_, '_> {
    pub(super) fn mount(&self, rule: &MountRule, call: &Call, receiver: &Expr, findings: &mut Findings) {
        let children: Vec<&Expr> = match rule.child {
            At::From(first) => call.args.iter().filter(|arg| arg.name.is_none()).skip(first).map(|arg| &arg.value).collect(),
            At::Last => call.args.last().map(|arg| &arg.value).into_iter().collect(),
            other => at(other, call).into_iter().collect(),
        };
        let mut is_said = false;
        self.each_owner(call, receiver, |parent, site| {
            is_said = true;
            let prefix = match rule.prefix {
                // `app.use(router)` next to `app.use("/prefix", router)`: the first argument is a prefix when it is text.
                At::Position(position) if call.args.len() < position + 2 || !is_text(self.program, &site, at(rule.prefix, call)) => {
                    Text::default()
                }
                _ => self.text_at(rule.prefix, call, &site).unwrap_or_default(),
            };
            let replaces_prefix = rule.replaces_prefix && at(rule.prefix, call).is_some();
            let mut keys = Vec::new();
            for child in &children {
                self.child_keys(rule, &site, child, &mut keys);
            }
            keys.retain(|key| *key != parent);
            if keys.is_empty() {
                self.unknown_mount(rule, call, &children, &site, findings);
                return;
            }
            let traits = self.table.hooks.mount.map(|hook| hook(self.program, &site, self.call)).unwrap_or_default();
            findings.mounts.push(Mount {
                framework: self.table.id,
                parent,
                children: keys,
                prefix: PathText::new(prefix, self.table.syntax),
                replaces_prefix,
                traits,
                place: self.place(call, Name::default()),
            });
        });
        if !is_said {
            self.mount_on_given(rule, call, receiver, &children, findings);
        }
    }

    /// `def load(app): app.register_blueprint(users)`, which a plugin manager calls: what takes a router is an application or a router.
    fn mount_on_given(&self, rule: &MountRule, call: &Call, receiver: &Expr, children: &[&Expr], findings: &mut Findings) {
        if rule.takes_functions || matches!(rule.name, "use" | "mount") {
            return;
        }
        let site = Site::of_call(self.call.file, call);
        let Meaning::Param(function, position) = self.program.resolve(&site, receiver) else { return };
        let declared = self.program.function(function);
        if declared.params.get(position as usize).is_none_or(|param| param.ty != Type::Unknown) {
            return;
        }
        let mut keys = Vec::new();
        children.iter().for_each(|child| self.child_keys(rule, &site, child, &mut keys));
        if keys.is_empty() {
            return;
        }
        findings.given.push((function, self.table.id));
        findings.mounts.push(Mount {
            framework: self.table.id,
            parent: OwnerKey::from(function),
            children: keys,
            prefix: PathText::new(self.text_at(rule.prefix, call, &site).unwrap_or_default(), self.table.syntax),
            replaces_prefix: rule.replaces_prefix && at(rule.prefix, call).is_some(),
            traits: self.table.hooks.mount.map(|hook| hook(self.program, &site, self.call)).unwrap_or_default(),
            place: self.place(call, Name::default()),
        });
    }

    pub(super) fn child_keys(&self, rule: &MountRule, site: &Site, child: &Expr, keys: &mut Vec<OwnerKey>) {
        let owners = match self.program.items(site, child) {
            Some(items) => items.iter().flat_map(|(item, at)| owners_of(self.table, self.program, at, item)).collect(),
            None => owners_of(self.table, self.program, site, child),
        };
        let owners: Vec<OwnerKey> = owners;
        keys.extend(owners.iter().map(|owner| base_owner(self.table, self.program, owner)));
        if rule.takes_functions
            && let Some(function) = handler_function(self.program, site, child)
        {
            keys.push(OwnerKey { origin: Origin::Function(function), env: None });
        }
    }

    /// A mount whose target cannot be told is a gap only where the rule is about mounts alone; `use` takes any middleware.
    pub(super) fn unknown_mount(&self, rule: &MountRule, call: &Call, children: &[&Expr], site: &Site, findings: &mut Findings) {
        if rule.takes_functions || rule.name == "use" {
            return;
        }
        let known_elsewhere =
            children.iter().any(|child| !matches!(self.program.resolve(site, child), Meaning::Unknown | Meaning::Param(..)));
        if !known_elsewhere {
            findings.gaps.push(GapFinding {
                code: "mount-target-unknown".into(),
                question: format!("which router does `{}` mount here?", rule.name),
                place: self.place(call, Name::default()),
            });
        }
    }
}
