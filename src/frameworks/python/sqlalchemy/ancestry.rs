//! What a class inherits from SQLAlchemy: whether it is mapped, to which table, and what its base says of names and types.

use super::naming::Naming;
use super::words::{is_database, word};
use super::{library, tablename};
use crate::base::Name;
use crate::base::code::{Call, Expr, Type};
use crate::facts::database::ObjectName;
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Program, Site};
use crate::frameworks::python::literals::truth;

/// How a mapped class comes to its table's name when it says none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It must say it.
    Said,
    /// Flask-SQLAlchemy's and advanced-alchemy's snake_case.
    Snake,
}

/// What a mapped class inherits.
pub struct Ancestry<'p> {
    /// The class and its bases of the program, nearest first.
    pub lineage: Vec<ClassRef>,
    /// Dotted names of the libraries' bases.
    pub outside: Vec<Name>,
    /// How tables are named.
    pub rule: Rule,
    /// The call that makes the base or the database object, which may say `metadata=`.
    pub maker: Option<(&'p Call, Site)>,
}

/// Looks at a class; `None` when it is not mapped.
#[must_use]
pub fn ancestry<'p>(program: &'p dyn Program, class: ClassRef) -> Option<Ancestry<'p>> {
    if program.class(class).bases.is_empty() && program.class(class).decorators.is_empty() {
        return None;
    }
    let mut lineage = program.lineage(class);
    let outside = program.outside_bases(class);
    let mut rule = outside.iter().find_map(|base| rule_of(base));
    let mut maker = None;
    for known in lineage.clone() {
        let declared = program.file(known.file).outline.class(known.id);
        let around = program.around_class(known);
        for base in &declared.bases {
            let Some((found, made)) = base_rule(program, &around, base) else { continue };
            rule = if rule == Some(Rule::Snake) { rule } else { Some(found) };
            maker = maker.or(made);
        }
        if is_declared(program, known) {
            rule = rule.or(Some(Rule::Said));
        }
    }
    // `SQLAlchemy(model_class=Base)`, `declarative_base(cls=Base)`.
    if let Some((call, at)) = &maker
        && let Some(base) = call.keyword("model_class").or_else(|| call.keyword("cls"))
        && let Some(base) = program.resolve(at, base).class()
    {
        let more: Vec<ClassRef> = program.lineage(base).into_iter().filter(|base| !lineage.contains(base)).collect();
        lineage.extend(more);
    }
    Some(Ancestry { lineage, outside, rule: rule?, maker })
}

/// The rule of a library's base class.
fn rule_of(base: &str) -> Option<Rule> {
    if library::is_base(base) {
        return Some(Rule::Snake);
    }
    let (module, name) = base.rsplit_once('.')?;
    let root = module.split('.').next().unwrap_or_default();
    match (root, name) {
        ("sqlalchemy", "DeclarativeBase" | "DeclarativeBaseNoMeta" | "declarative_base()" | "automap_base()") => Some(Rule::Said),
        ("flask_sqlalchemy" | "flask_sqlalchemy_lite" | "quart_sqlalchemy", "Model") => Some(Rule::Snake),
        ("flask_appbuilder" | "gino", "Model") => Some(Rule::Said),
        _ => None,
    }
}

/// The rule of a base that is a value: `declarative_base()`, `registry.generate_base()`, `db.Model`.
fn base_rule<'p>(program: &'p dyn Program, around: &Site, base: &'p Type) -> Option<(Rule, Option<(&'p Call, Site)>)> {
    match program.resolve_type(around, base) {
        Meaning::Value(Expr::Call(id), at) => {
            let call = program.file(at.file).outline.call(*id);
            let is_base = match program.callee(CallRef { file: at.file, id: *id }) {
                Meaning::Outside(path) => {
                    path.starts_with("sqlalchemy.") && (path.ends_with(".declarative_base") || path.ends_with(".automap_base"))
                }
                Meaning::Attribute(_, name) => matches!(name.as_str(), "generate_base" | "make_declarative_base"),
                _ => false,
            };
            is_base.then(|| (Rule::Said, Some((call, at.moved(at.file, call.scope, call.at.offset)))))
        }
        Meaning::Attribute(of, name) if name == "Model" && is_database(program, &of) => {
            let maker = of.call().map(|(call, at)| {
                let made = program.file(call.file).outline.call(call.id);
                (made, at.moved(call.file, made.scope, made.at.offset))
            });
            Some((Rule::Snake, maker))
        }
        _ => None,
    }
}

/// `@as_declarative()`, `@mapper_registry.mapped`, `@registry.mapped_as_dataclass`.
fn is_declared(program: &dyn Program, class: ClassRef) -> bool {
    let around = program.around_class(class);
    program.class(class).decorators.iter().any(|decorator| {
        let callee = match decorator {
            Expr::Call(id) => program.callee(CallRef { file: class.file, id: *id }),
            other => program.resolve(&around, other),
        };
        match callee {
            Meaning::Outside(path) => {
                path.starts_with("sqlalchemy.") && (path.ends_with(".as_declarative") || path.ends_with(".mapped_as_dataclass"))
            }
            Meaning::Attribute(of, name) => {
                matches!(name.as_str(), "mapped" | "mapped_as_dataclass")
                    && of.call().is_some_and(|(call, _)| word(program, &program.callee(call)).is_some_and(|word| word == "registry"))
            }
            _ => false,
        }
    })
}

impl<'p> Ancestry<'p> {
    /// The value of an attribute that the base or its maker says: `metadata`, `type_annotation_map`.
    #[must_use]
    pub fn said(&self, program: &'p dyn Program, name: &str) -> Option<(&'p Expr, Site)> {
        for class in &self.lineage {
            let declared = program.file(class.file).outline.class(class.id);
            let field = declared.fields.iter().rev().find(|field| field.name == name);
            if let Some(value) = field.and_then(|field| field.default.as_ref()) {
                // `metadata = metadata` in a class body names the module's.
                let at =
                    Site { file: class.file, scope: declared.inner, offset: field.map_or(u32::MAX, |field| field.at.offset), env: None };
                return Some((value, at));
            }
        }
        let (call, at) = self.maker.as_ref()?;
        call.keyword(name).map(|value| (value, at.clone()))
    }

    /// The `MetaData(…)` of the base.
    #[must_use]
    pub fn metadata(&self, program: &'p dyn Program) -> Option<(&'p Call, Site)> {
        let (value, at) = self.said(program, "metadata").or_else(|| {
            // `registry = registry(metadata=…)`.
            let (registry, at) = self.registry(program)?;
            registry.keyword("metadata").map(|value| (value, at))
        })?;
        metadata_of(program, &at, value)
    }

    /// The `registry(…)` of the base.
    #[must_use]
    pub fn registry(&self, program: &'p dyn Program) -> Option<(&'p Call, Site)> {
        let (value, at) = self.said(program, "registry")?;
        let made = super::words::said(program, &at, value)?;
        (made.word == "registry").then_some((made.call, made.at))
    }

    /// The type map of the base.
    #[must_use]
    pub fn annotation_map(&self, program: &'p dyn Program) -> Option<(&'p Expr, Site)> {
        self.said(program, "type_annotation_map").or_else(|| {
            let (registry, at) = self.registry(program)?;
            registry.keyword("type_annotation_map").map(|value| (value, at))
        })
    }

    /// Whether the class says it has no table of its own.
    #[must_use]
    pub fn is_abstract(&self, program: &dyn Program, class: ClassRef) -> bool {
        let declared = program.class(class);
        let own = declared.fields.iter().rev().find(|field| field.name == "__abstract__").and_then(|field| field.default.as_ref());
        own.is_some_and(|value| truth(program, &program.inside_class(class), Some(value)) != Some(false))
    }

    /// The table name that the class itself, or a mixin that is not mapped, says.
    #[must_use]
    pub fn own_name(&self, program: &'p dyn Program, class: ClassRef, unmapped: &dyn Fn(ClassRef) -> bool) -> Option<Name> {
        let name = &program.class(class).name;
        self.lineage.iter().find_map(|base| {
            let is_own = *base == class || unmapped(*base);
            match said_name(program, *base)? {
                SaidName::Value(value, at) if is_own => tablename::text(program, &at, value, name).map(Name::from),
                SaidName::Method(function) => tablename::computed(program, function, name).map(Name::from),
                SaidName::Value(..) => None,
            }
        })
    }

    /// `__table_args__` of the class or a mixin.
    #[must_use]
    pub fn table_args(&self, program: &'p dyn Program, class: ClassRef, unmapped: &dyn Fn(ClassRef) -> bool) -> Vec<(&'p Expr, Site)> {
        for base in self.lineage.iter().filter(|base| **base == class || unmapped(**base)) {
            let declared = program.file(base.file).outline.class(base.id);
            let field = declared.fields.iter().rev().find(|field| field.name == "__table_args__");
            if let Some(value) = field.and_then(|field| field.default.as_ref()) {
                let offset = field.map_or(u32::MAX, |field| field.at.offset);
                return vec![(value, Site { file: base.file, scope: declared.inner, offset, env: None })];
            }
            let facts = program.file(base.file);
            let method = declared.methods.iter().find(|id| facts.outline.function(**id).name == "__table_args__");
            if let Some(method) = method {
                let values = facts.returns_of(*method).iter().map(|index| &facts.outline.returns[*index as usize]);
                return values
                    .map(|value| (&value.value, Site { file: base.file, scope: value.scope, offset: value.at.offset, env: None }))
                    .collect();
            }
        }
        Vec::new()
    }
}

enum SaidName<'p> {
    Value(&'p Expr, Site),
    Method(FuncRef),
}

fn said_name(program: &dyn Program, class: ClassRef) -> Option<SaidName<'_>> {
    let facts = program.file(class.file);
    let declared = facts.outline.class(class.id);
    if let Some(field) = declared.fields.iter().rev().find(|field| field.name == "__tablename__")
        && let Some(value) = &field.default
    {
        let at = Site { file: class.file, scope: declared.inner, offset: field.at.offset, env: None };
        // `__tablename__ = declared_attr(lambda cls: …)`.
        if let Some(made) = super::words::said(program, &at, value).filter(|made| made.word == "declared_attr") {
            let function = program.resolve(&made.at, made.call.positional(0)?).function()?;
            return Some(SaidName::Method(function));
        }
        return Some(SaidName::Value(value, at));
    }
    let method = declared.methods.iter().find(|id| facts.outline.function(**id).name == "__tablename__")?;
    Some(SaidName::Method(FuncRef { file: class.file, id: *method }))
}

/// The `MetaData(…)` call behind a value: itself, a name for it, `db.metadata`, `Base.metadata`.
#[must_use]
pub fn metadata_of<'p>(program: &'p dyn Program, at: &Site, value: &'p Expr) -> Option<(&'p Call, Site)> {
    if let Some(made) = super::words::said(program, at, value).filter(|made| made.word == "MetaData") {
        return Some((made.call, made.at));
    }
    let Expr::Member(of, name) = value else { return None };
    if name != "metadata" {
        return None;
    }
    match program.resolve(at, of) {
        Meaning::Class(class) => ancestry(program, class)?.metadata(program),
        Meaning::Value(Expr::Call(id), site) => {
            let call = program.file(site.file).outline.call(*id);
            let inner = call.keyword("metadata")?;
            let made = super::words::said(program, &site.moved(site.file, call.scope, call.at.offset), inner)?;
            (made.word == "MetaData").then_some((made.call, made.at))
        }
        _ => None,
    }
}

/// The naming convention and the schema that a `MetaData(…)` says.
#[must_use]
pub fn of_metadata(program: &dyn Program, metadata: Option<(&Call, Site)>) -> (Naming, Option<Name>) {
    let Some((call, at)) = metadata else { return (Naming::default(), None) };
    let naming = call.keyword("naming_convention").map_or_else(Naming::default, |expr| Naming::of(program, &at, expr));
    let schema = call.keyword("schema").and_then(|expr| program.text(&at, expr).plain()).filter(|schema| schema != "public");
    (naming, schema.map(Name::from))
}

/// A table's name with the schema it stands in.
#[must_use]
pub fn object_name(schema: Option<Name>, name: Name) -> ObjectName {
    schema.map_or_else(|| ObjectName::new(name.clone()), |schema| ObjectName::in_schema(schema, name.clone()))
}
