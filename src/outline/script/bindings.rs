//! `const`, `let`, `var` and assignments; CommonJS imports and exports, which are written with them.

use super::kids::{Kid, in_slot};
use super::kinds::{Kind, Slot};
use super::patterns::names_of;
use super::{Intro, Script};
use crate::base::Name;
use crate::base::code::{Assign, At, Export, ExportTarget, Expr, Import, Imported, Op, Pattern, ScopeId, Type};
use crate::outline::builder;

impl<'t> Script<'t> {
    /// `const a = 1, { b } = c;`
    pub fn declaration(&mut self, kid: Kid<'t>, intro: &Intro) {
        let scope = if kid.kind == Kind::Var { self.b.binding_scope() } else { self.b.scope() };
        let kids = self.open(kid.node);
        for kid in kids.iter().filter(|kid| kid.kind == Kind::Declarator) {
            self.declarator(*kid, intro, scope);
        }
        self.close(kids);
    }

    fn declarator(&mut self, declarator: Kid<'t>, intro: &Intro, scope: ScopeId) {
        let kids = self.open(declarator.node);
        let at = declarator.at();
        let doc = self.doc(declarator).or_else(|| intro.doc.clone());
        let target = in_slot(&kids, Slot::Name).map(|kid| self.pattern(kid)).unwrap_or_default();
        let value = in_slot(&kids, Slot::Value);
        if intro.is_public {
            self.export_names(&target, at);
        }
        let module = value.and_then(|value| self.required(value));
        if !module.is_some_and(|module| self.require(&target, &module, at, scope)) {
            let ty = in_slot(&kids, Slot::Type).map(|kid| self.ty(kid)).unwrap_or_default();
            let name = match &target {
                Pattern::Name(name) => name.clone(),
                _ => Name::default(),
            };
            let value = value.map(|kid| self.named_value(kid, name, doc.clone())).unwrap_or_default();
            let assign = Assign { target, ty, value, is_append: false, declares: true, doc, is_public: intro.is_public, at, scope };
            self.b.outline.assigns.push(assign);
        }
        self.close(kids);
    }

    /// A value under a name: a function or class without a name of its own takes it.
    pub fn named_value(&mut self, kid: Kid<'t>, name: Name, doc: Option<Name>) -> Expr {
        let intro = Intro { doc, name, ..Intro::default() };
        match kid.kind {
            Kind::Function => Expr::Func(self.function(kid, intro)),
            Kind::Class => Expr::Class(self.class(kid, intro)),
            _ => self.expr(kid),
        }
    }

    /// Exports of the names that an exported declaration binds. What a namespace exports is no export of the file.
    pub fn export_names(&mut self, target: &Pattern, at: At) {
        if self.b.scope() == ScopeId(0) {
            let mut names = Vec::new();
            names_of(target, &mut names);
            let exports = names.into_iter().map(|name| Export { name: name.clone(), target: ExportTarget::Local(name), at });
            self.b.outline.exports.extend(exports);
        }
    }

    /// The module of a `require("m")` that is a whole value.
    fn required(&mut self, kid: Kid<'t>) -> Option<Name> {
        if kid.kind != Kind::Call {
            return None;
        }
        let kids = self.open(kid.node);
        let is_require = in_slot(&kids, Slot::Function).is_some_and(|kid| self.b.text(kid.node) == "require");
        let args = in_slot(&kids, Slot::Arguments).filter(|_| is_require);
        self.close(kids);
        let args = self.open(args?.node);
        let module = match args[..] {
            [kid] if kid.kind == Kind::Str => Some(self.string(kid)),
            _ => None,
        };
        self.close(args);
        module
    }

    /// The imports of `const m = require("m")` and `const { a, b: c } = require("m")`; `false` for any other target.
    fn require(&mut self, target: &Pattern, module: &Name, at: At, scope: ScopeId) -> bool {
        let import = |what, local: &Name| {
            let (module, local) = (module.clone(), local.clone());
            Import { module, what, local, at, scope, type_only: false, reexport: false }
        };
        let imports: Option<Vec<Import>> = match target {
            Pattern::Name(name) => Some(vec![import(Imported::Require, name)]),
            Pattern::Object(fields) => fields
                .iter()
                .map(|field| match &field.target {
                    Pattern::Name(local) if !field.key.is_empty() => Some(import(Imported::Name(field.key.clone()), local)),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        let is_import = imports.is_some();
        self.b.outline.imports.extend(imports.into_iter().flatten());
        is_import
    }

    /// `a = b` where a value may stand: the value.
    pub fn assigned(&mut self, kid: Kid<'t>) -> Expr {
        let index = self.assignment(kid);
        self.b.outline.assigns.get(index).map(|assign| assign.value.clone()).unwrap_or_default()
    }

    /// `a.b = c`, `a += c`. Returns where in the outline it stands.
    pub fn assignment(&mut self, kid: Kid<'t>) -> usize {
        let kids = self.open(kid.node);
        let at = kid.at();
        let doc = self.doc(kid);
        let target = in_slot(&kids, Slot::Left).map(|kid| self.pattern(kid)).unwrap_or_default();
        let exported = exported_name(&target);
        let name = match (&target, &exported) {
            (Pattern::Name(name), _) => name.clone(),
            (_, Some(name)) if name != "=" => name.clone(),
            _ => Name::default(),
        };
        let value = in_slot(&kids, Slot::Right).map(|kid| self.named_value(kid, name, doc.clone())).unwrap_or_default();
        let operator = in_slot(&kids, Slot::Operator).map(|kid| kid.kind);
        self.close(kids);
        if let Some(name) = exported {
            self.export_value(name, &value, at);
        }
        let scope = self.b.scope();
        let value = combined(operator, &target, value);
        let is_append = operator == Some(Kind::PlusAssign);
        let is_public = false;
        self.b.outline.assigns.push(Assign { target, ty: Type::Unknown, value, is_append, declares: false, doc, is_public, at, scope });
        self.b.outline.assigns.len() - 1
    }

    /// `module.exports = name` exports what the name stands for; anything else is exported as the value it is.
    fn export_value(&mut self, name: Name, value: &Expr, at: At) {
        let target = match value {
            Expr::Ref(local) if name == "=" => ExportTarget::Local(local.clone()),
            value => ExportTarget::Value(value.clone()),
        };
        self.b.outline.exports.push(Export { name, target, at });
    }
}

/// The public name in `module.exports = …` (`=`), `module.exports.a = …` and `exports.a = …`.
fn exported_name(target: &Pattern) -> Option<Name> {
    let Pattern::Place(Expr::Member(base, name)) = target else { return None };
    match &**base {
        Expr::Ref(root) if root == "module" && name == "exports" => Some(Name::new_static("=")),
        Expr::Ref(root) if root == "exports" => Some(name.clone()),
        Expr::Member(root, exports) if exports == "exports" && matches!(&**root, Expr::Ref(root) if root == "module") => Some(name.clone()),
        _ => None,
    }
}

/// The value after `a ||= b`; the one that `+=` adds; a hole for arithmetic.
fn combined(operator: Option<Kind>, target: &Pattern, value: Expr) -> Expr {
    let op = match operator {
        None | Some(Kind::PlusAssign) => return value,
        Some(Kind::OrAssign) => Op::Or,
        Some(Kind::AndAssign) => Op::And,
        Some(Kind::CoalesceAssign) => Op::Coalesce,
        Some(_) => return Expr::Hole,
    };
    let before = match target {
        Pattern::Name(name) => Expr::Ref(name.clone()),
        Pattern::Place(place) => place.clone(),
        _ => Expr::Hole,
    };
    builder::binary(op, before, value)
}
