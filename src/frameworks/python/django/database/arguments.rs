//! The arguments of a field, with those that a field class of the program gives itself: `kwargs["max_length"] = 104`,
//! `kwargs.setdefault("null", True)`, `super().__init__(max_length=20, **kwargs)`, parameters with defaults.

use crate::base::Name;
use crate::base::code::{Call, Expr, Pattern};
use crate::facts::program::{CallRef, ClassRef, Program, Site};
use crate::frameworks::python::literals::truth;

/// The arguments of one field.
pub struct Arguments<'p> {
    program: &'p dyn Program,
    call: &'p Call,
    site: Site,
    /// What the class gives whatever the call says, nearest class first.
    forced: Vec<(Name, &'p Expr, Site)>,
    /// What the class gives when the call says nothing.
    defaults: Vec<(Name, &'p Expr, Site)>,
    /// The parameters of the nearest `__init__` before `*args`, by position.
    positions: Option<Vec<Name>>,
}

impl<'p> Arguments<'p> {
    /// The arguments of a call of a field class; `classes` are the program's own classes among it and its bases, nearest first.
    #[must_use]
    pub fn new(program: &'p dyn Program, call: CallRef, site: Site, classes: &[ClassRef]) -> Self {
        let mut arguments = Self { program, call: program.call(call), site, forced: Vec::new(), defaults: Vec::new(), positions: None };
        for class in classes {
            arguments.add_class(*class);
        }
        arguments
    }

    fn add_class(&mut self, class: ClassRef) {
        let program = self.program;
        let facts = program.file(class.file);
        let init = program.class(class).methods.iter().copied().find(|id| facts.outline.function(*id).name == "__init__");
        let Some(id) = init else { return };
        let function = facts.outline.function(id);
        let at = Site::of_scope(class.file, function.inner);
        let around = Site::of_scope(class.file, function.scope);
        for param in &function.params {
            if let (Some(name), Some(default)) = (param.name(), &param.default) {
                self.defaults.push((name.clone(), default, around.clone()));
            }
        }
        if self.positions.is_none() {
            let own = function.params.iter().skip(1).take_while(|param| matches!(param.kind, crate::base::code::ParamKind::Normal));
            self.positions = Some(own.filter_map(|param| param.name().cloned()).collect());
        }
        for assign in facts.outline.assigns.iter().filter(|assign| facts.outline.is_within(assign.scope, function.inner)) {
            if let Pattern::Place(Expr::Index(place)) = &assign.target
                && matches!(&place.0, Expr::Ref(name) if name == "kwargs")
                && let Some(key) = place.1.as_str()
            {
                self.forced.push((key.into(), &assign.value, at.clone()));
            }
        }
        for call in facts.outline.calls.iter().filter(|call| facts.outline.is_within(call.scope, function.inner)) {
            self.add_call(call, &at);
        }
    }

    fn add_call(&mut self, call: &'p Call, at: &Site) {
        let Some((receiver, method)) = call.method() else { return };
        match method.as_str() {
            "setdefault" if matches!(receiver, Expr::Ref(name) if name == "kwargs") => {
                if let (Some(key), Some(value)) = (call.positional(0).and_then(Expr::as_str), call.positional(1)) {
                    self.defaults.push((key.into(), value, at.clone()));
                }
            }
            "update" if matches!(receiver, Expr::Ref(name) if name == "kwargs") => {
                let given = call.args.iter().filter_map(|arg| Some((arg.name.clone()?, &arg.value)));
                self.forced.extend(given.map(|(name, value)| (name, value, at.clone())));
                for (name, value, at) in call.positional(0).and_then(|dict| self.program.entries(at, dict)).unwrap_or_default() {
                    self.forced.push((name, value, at));
                }
            }
            "__init__" => {
                for arg in &call.args {
                    // What only passes a parameter on says nothing of its own.
                    if let Some(name) = arg.name.as_ref().filter(|name| *name != "**")
                        && !matches!(&arg.value, Expr::Ref(passed) if passed == name)
                    {
                        self.forced.push((name.clone(), &arg.value, at.clone()));
                    }
                }
            }
            _ => {}
        }
    }

    /// An argument by keyword, or by its position in a library's own signature.
    #[must_use]
    pub fn at(&self, position: usize, keyword: &str) -> Option<(&'p Expr, Site)> {
        self.named(keyword).or_else(|| {
            let position = match &self.positions {
                Some(names) if !names.is_empty() => names.iter().position(|name| name == keyword)?,
                _ => position,
            };
            self.call.positional(position).map(|expr| (expr, self.site.clone()))
        })
    }

    /// An argument by keyword.
    #[must_use]
    pub fn named(&self, keyword: &str) -> Option<(&'p Expr, Site)> {
        let of = |list: &[(Name, &'p Expr, Site)]| list.iter().find(|(name, ..)| name == keyword).map(|(_, expr, at)| (*expr, at.clone()));
        let forced = of(&self.forced);
        let given = || {
            let plain = self.call.keyword(keyword).map(|expr| (expr, self.site.clone()));
            let by_position = || {
                let position = self.positions.as_ref()?.iter().position(|name| name == keyword)?;
                self.call.positional(position).map(|expr| (expr, self.site.clone()))
            };
            plain.or_else(by_position).or_else(|| self.spread(keyword))
        };
        forced.or_else(given).or_else(|| of(&self.defaults))
    }

    /// `**COMMON` with a dict that is known.
    fn spread(&self, keyword: &str) -> Option<(&'p Expr, Site)> {
        let spreads = self.call.args.iter().filter(|arg| arg.name.as_deref() == Some("**"));
        for arg in spreads {
            let dict = match &arg.value {
                Expr::Spread(inner) => &**inner,
                other => other,
            };
            let found = self.program.entries(&self.site, dict)?.into_iter().find(|(name, ..)| name == keyword);
            if let Some((_, expr, at)) = found {
                return Some((expr, at));
            }
        }
        None
    }

    /// The texts given by position.
    #[must_use]
    pub fn positionals(&self) -> Vec<Name> {
        let plain = self.call.args.iter().filter(|arg| arg.name.is_none());
        plain.filter_map(|arg| self.program.text(&self.site, &arg.value).plain()).map(Name::from).collect()
    }

    /// Whether an argument is `True` or `False`, as far as known.
    #[must_use]
    pub fn truth(&self, keyword: &str) -> Option<bool> {
        let (expr, at) = self.named(keyword)?;
        truth(self.program, &at, Some(expr))
    }

    /// A text.
    #[must_use]
    pub fn text(&self, keyword: &str) -> Option<Name> {
        let (expr, at) = self.named(keyword)?;
        if matches!(expr, Expr::Null) {
            return None;
        }
        self.program.text(&at, expr).plain().map(Name::from)
    }

    /// A number, by keyword or position.
    #[must_use]
    pub fn number(&self, position: usize, keyword: &str) -> Option<u64> {
        let (expr, at) = self.at(position, keyword)?;
        super::super::super::literals::literal(self.program, &at, expr)?.as_u64()
    }
}
