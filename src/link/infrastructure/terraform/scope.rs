//! What names mean inside a module: variables, locals, the key of an instance. What is not known stays as it is written.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::Module;
use crate::base::Name;
use crate::facts::hcl::{Body, Expr, Part};

/// Names lead to one another so far.
const DEPTH: usize = 16;
/// So many steps are taken for one text.
const FUEL: usize = 2000;
/// A text grows no longer.
const LONGEST: usize = 400;

/// An argument of a module's call.
pub(super) type Bound<'a> = (Name, &'a Expr);

/// What the names of a module mean.
#[derive(Clone, Default)]
pub(super) struct Scope<'a> {
    /// Values that the caller hands in: as far as they are known, and as they are written.
    given: BTreeMap<Name, Given>,
    defaults: BTreeMap<&'a str, &'a Expr>,
    locals: BTreeMap<&'a str, &'a Expr>,
    /// `each.key`.
    key: Option<String>,
    /// Steps that are left.
    fuel: Cell<usize>,
}

#[derive(Clone)]
struct Given {
    full: String,
    written: String,
    items: Option<Vec<String>>,
}

/// How far names are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follow {
    /// As far as they lead.
    All,
    /// Only what the caller hands in, and keys.
    Given,
    /// Not at all.
    Nothing,
}

impl<'a> Scope<'a> {
    /// The scope of a module that nobody calls.
    pub fn root(module: &Module<'a>) -> Self {
        let mut scope = Self::default();
        for (_, block) in module.of("variable") {
            if let (Some(name), Some(default)) = (block.labels.first(), block.body.get("default")) {
                scope.defaults.insert(name.as_str(), default);
            }
        }
        for (_, block) in module.of("locals") {
            scope.locals.extend(block.body.attributes.iter().map(|(name, expr)| (name.as_str(), expr)));
        }
        scope
    }

    /// The scope of a module that is called with arguments.
    pub fn called(module: &Module<'a>, caller: &Scope, bound: &[Bound]) -> Self {
        let mut scope = Self::root(module);
        for (name, expr) in bound {
            let given = Given { full: caller.full(expr), written: caller.written(expr), items: caller.items(expr, 0) };
            scope.given.insert(name.clone(), given);
        }
        scope
    }

    /// The same for one instance.
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// The keys of what is made several times; `None` when that is not said, or not known.
    pub fn instances(&self, body: &Body) -> Option<Vec<String>> {
        if let Some(each) = body.get("for_each") {
            return self.items(each, 0).filter(|items| !items.is_empty());
        }
        let count: usize = self.full(body.get("count")?).parse().ok()?;
        (2..=50).contains(&count).then(|| (0..count).map(|index| index.to_string()).collect())
    }

    /// An expression's text, names followed as far as they lead.
    pub fn full(&self, expr: &Expr) -> String {
        self.fuel.set(FUEL);
        self.text(expr, Follow::All, 0)
    }

    /// An expression's text as it is written where the module is called.
    pub fn written(&self, expr: &Expr) -> String {
        self.fuel.set(FUEL);
        self.text(expr, Follow::Given, 0)
    }

    /// An expression's text as it stands, when it is more than one name.
    pub fn raw(&self, expr: &Expr) -> Option<String> {
        let is_more = matches!(expr, Expr::Text(parts) if parts.len() > 1);
        // What is the same for all instances names none of them.
        self.fuel.set(FUEL);
        is_more.then(|| self.text(expr, Follow::Nothing, 0)).filter(|text| !text.contains("each.") && !text.contains("count."))
    }

    fn text(&self, expr: &Expr, follow: Follow, depth: usize) -> String {
        let Some(fuel) = self.fuel.get().checked_sub(1) else { return "${…}".into() };
        self.fuel.set(fuel);
        match expr {
            Expr::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        Part::Text(part) => text.push_str(part),
                        Part::Hole(expr) => text.push_str(&self.text(expr, follow, depth + 1)),
                    }
                    if text.len() > LONGEST {
                        return "${…}".into();
                    }
                }
                text
            }
            Expr::Word(word) => word.to_string(),
            Expr::Path(path) => self.path(path, follow, depth),
            // What these change about a text is not worth losing it for.
            Expr::Call(name, args) if matches!(name.as_str(), "lower" | "tostring" | "trimspace" | "sensitive" | "nonsensitive") => {
                args.first().map_or_else(|| "${…}".into(), |arg| self.text(arg, follow, depth + 1))
            }
            Expr::Call(name, args) if name == "format" => self.formatted(args, follow, depth),
            Expr::Call(name, args) if name == "join" => match args.as_slice() {
                [separator, Expr::List(items)] => {
                    let parts: Vec<String> = items.iter().map(|item| self.text(item, follow, depth + 1)).collect();
                    parts.join(&self.text(separator, follow, depth + 1))
                }
                _ => "${…}".into(),
            },
            Expr::Call(name, args) if name == "coalesce" || name == "try" => {
                args.first().map_or_else(|| "${…}".into(), |arg| self.text(arg, follow, depth + 1))
            }
            _ => "${…}".into(),
        }
    }

    fn formatted(&self, args: &[Expr], follow: Follow, depth: usize) -> String {
        let Some((pattern, values)) = args.split_first() else { return "${…}".into() };
        let pattern = self.text(pattern, follow, depth + 1);
        let mut values = values.iter();
        let mut parts = pattern.split("%s");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            text.push_str(&values.next().map_or_else(|| "${…}".into(), |value| self.text(value, follow, depth + 1)));
            text.push_str(part);
        }
        text
    }

    fn path(&self, path: &str, follow: Follow, depth: usize) -> String {
        let unknown = || format!("${{{path}}}");
        if depth > DEPTH || follow == Follow::Nothing {
            return unknown();
        }
        if let (Some(key), "each.key" | "each.value" | "count.index") = (&self.key, path) {
            return key.clone();
        }
        let (front, rest) = path.split_once('.').unwrap_or((path, ""));
        match front {
            "var" => match (self.given.get(rest), self.defaults.get(rest)) {
                (Some(given), _) if follow == Follow::All => given.full.clone(),
                (Some(given), _) => given.written.clone(),
                (None, Some(default)) if follow == Follow::All && default.plain().is_some_and(|text| text != "null") => {
                    self.text(default, follow, depth + 1)
                }
                _ => unknown(),
            },
            "local" if follow == Follow::All => match self.local(rest) {
                Some(expr) => self.text(expr, follow, depth + 1),
                None => unknown(),
            },
            _ => unknown(),
        }
    }

    /// The value of a local, by its name and the keys behind it.
    fn local(&self, path: &str) -> Option<&'a Expr> {
        let mut keys = path.split('.');
        let first = self.locals.get(keys.next()?).copied()?;
        keys.try_fold(first, |expr, key| expr.get(key))
    }

    /// The texts of a list, a set, or the keys of a map.
    fn items(&self, expr: &Expr, depth: usize) -> Option<Vec<String>> {
        if depth > DEPTH {
            return None;
        }
        match expr {
            Expr::List(items) => {
                let texts: Vec<String> = items.iter().map(|item| self.full(item)).collect();
                texts.iter().all(|text| !text.contains("${")).then_some(texts)
            }
            Expr::Map(entries) => Some(entries.iter().map(|(key, _)| key.to_string()).collect()),
            Expr::Call(name, args) if matches!(name.as_str(), "toset" | "tolist" | "keys" | "sort" | "distinct" | "tomap") => {
                self.items(args.first()?, depth + 1)
            }
            Expr::Path(path) => match path.split_once('.')? {
                ("local", rest) => self.items(self.local(rest)?, depth + 1),
                ("var", rest) => match self.given.get(rest) {
                    Some(given) => given.items.clone(),
                    None => self.items(self.defaults.get(rest)?, depth + 1),
                },
                _ => None,
            },
            _ => None,
        }
    }
}
