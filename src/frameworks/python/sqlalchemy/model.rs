//! A mapped class as a table: its own columns, its mixins', and those that inheritance adds or takes away.

use super::ancestry::{Ancestry, Rule, ancestry, object_name, of_metadata};
use super::annotated::{Map, mapped};
use super::column::{Targets, dotted_target};
use super::draft::Draft;
use super::fields::{Reading, is_declared_attr};
use super::words::said;
use super::{library, tablename};
use crate::base::Name;
use crate::base::code::{Expr, Key, Piece};
use crate::facts::database::ObjectName;
use crate::facts::program::{ClassRef, Meaning, Program, Site};

/// Tables and columns behind models and table values.
pub struct Models<'p>(pub &'p dyn Program);

impl Targets for Models<'_> {
    fn target(&self, site: &Site, expr: &Expr) -> Option<(ObjectName, Option<Name>)> {
        let program = self.0;
        // `ForeignKey(lambda: User.id)`.
        if let Expr::Func(id) = expr {
            let facts = program.file(site.file);
            let index = facts.returns_of(*id).first()?;
            return self.target(site, &facts.outline.returns[*index as usize].value);
        }
        let Expr::Member(of, name) = expr else { return None };
        match program.resolve(site, of) {
            Meaning::Class(class) => {
                let (table, column) = column_of_attribute(program, class, name)?;
                Some((table, Some(column)))
            }
            // `users.c.id`, `User.__table__.c.id`.
            _ => {
                let Expr::Member(table, space) = of.as_ref() else { return None };
                if !matches!(space.as_str(), "c" | "columns") {
                    return None;
                }
                if let Expr::Member(model, inner) = table.as_ref()
                    && inner == "__table__"
                    && let Some(class) = program.resolve(site, model).class()
                {
                    return Some((table_name(program, class)?, Some(name.clone())));
                }
                let made = said(program, site, table).filter(|made| made.word == "Table")?;
                let table = super::core::name_of_table(program, &made)?;
                Some((table, Some(name.clone())))
            }
        }
    }
}

/// As [`Models`], where the class at hand may be meant: `f"{cls.__tablename__}.id"`.
pub(super) struct Own<'p> {
    models: Models<'p>,
    table: Option<Name>,
    class: Name,
}

impl Targets for Own<'_> {
    fn target(&self, site: &Site, expr: &Expr) -> Option<(ObjectName, Option<Name>)> {
        let Expr::Template(pieces) = expr else { return self.models.target(site, expr) };
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(known) => text.push_str(known),
                Piece::Expr(Expr::Member(_, name)) if name == "__tablename__" => text.push_str(self.table.as_ref()?),
                Piece::Expr(inner) => text.push_str(&tablename::text(self.models.0, site, inner, &self.class)?),
            }
        }
        dotted_target(&text)
    }
}

/// A mapped class, looked at.
pub struct Model<'p> {
    program: &'p dyn Program,
    class: ClassRef,
    ancestry: Ancestry<'p>,
    /// The mapped class it inherits from.
    parent: Option<ClassRef>,
}

/// How deep mapped classes may inherit from one another.
const MAX_PARENTS: u32 = 8;

impl<'p> Model<'p> {
    /// A mapped class; `None` for bases, mixins and classes that say they are abstract.
    #[must_use]
    pub fn new(program: &'p dyn Program, class: ClassRef) -> Option<Self> {
        Self::at(program, class, 0)
    }

    fn at(program: &'p dyn Program, class: ClassRef, depth: u32) -> Option<Self> {
        let ancestry = ancestry(program, class)?;
        if depth > MAX_PARENTS || ancestry.is_abstract(program, class) || is_base(program, class) {
            return None;
        }
        let parent = ancestry.lineage.iter().skip(1).find(|base| Self::is_model(program, **base, depth + 1)).copied();
        let model = Self { program, class, ancestry, parent };
        model.has_columns().then_some(model)
    }

    /// Whether a base class is a mapped class itself.
    fn is_model(program: &'p dyn Program, class: ClassRef, depth: u32) -> bool {
        Self::at(program, class, depth).is_some_and(|model| model.own_table_name().is_some() || model.parent.is_some())
    }

    fn has_columns(&self) -> bool {
        let outside = !library::columns(&self.ancestry.outside).is_empty();
        outside || self.parent.is_some() || self.ancestry.lineage.iter().any(|class| has_column(self.program, *class))
    }

    /// Classes between this one and its mapped parent: mixins and abstract bases.
    fn is_unmapped(&self, class: ClassRef) -> bool {
        let Some(parent) = self.parent else { return true };
        !self.program.lineage(parent).contains(&class)
    }

    /// The table that the class or a mixin says.
    fn own_table_said(&self) -> Option<Name> {
        self.ancestry.own_name(self.program, self.class, &|class| self.is_unmapped(class))
    }

    /// The table that the class itself names.
    fn own_table_name(&self) -> Option<Name> {
        if let Some(name) = self.own_table_said() {
            return Some(name);
        }
        if let Some(name) = library::table_name(&self.ancestry.outside) {
            return Some(name.into());
        }
        let own = self.program.class(self.class).fields.iter().find(|field| field.name == "__table__");
        if let Some(value) = own.and_then(|field| field.default.as_ref()) {
            let made = said(self.program, &self.program.inside_class(self.class), value)?;
            return super::core::name_of_table(self.program, &made).map(|name| name.name);
        }
        let is_snake = self.ancestry.rule == Rule::Snake && (self.parent.is_none() || self.has_own_key());
        is_snake.then(|| tablename::snake(&self.program.class(self.class).name).into())
    }

    /// Whether its table is a value: `__table__ = Table(…)`.
    #[must_use]
    pub fn declares_table(&self) -> bool {
        self.program.class(self.class).fields.iter().any(|field| field.name == "__table__")
    }

    /// Whether one of its own columns is a key: then inheritance is over two tables.
    fn has_own_key(&self) -> bool {
        let mut draft = Draft::default();
        self.own_columns(&mut draft);
        draft.columns.iter().any(|(_, _, column)| column.is_key)
    }

    /// Whether it has a table of its own, not its parent's.
    #[must_use]
    pub fn has_own_table(&self) -> bool {
        self.own_table_name().is_some() && (self.parent.is_none() || self.has_own_key())
    }

    /// The mapped class it inherits from.
    #[must_use]
    pub fn parent(&self) -> Option<ClassRef> {
        self.parent
    }

    /// The table, named.
    #[must_use]
    pub fn table_name(&self) -> Option<ObjectName> {
        if !self.has_own_table() {
            return Self::new(self.program, self.parent?)?.table_name();
        }
        Some(object_name(self.schema(), self.own_table_name()?))
    }

    fn schema(&self) -> Option<Name> {
        let own = self.table_keyword("schema");
        own.or_else(|| of_metadata(self.program, self.ancestry.metadata(self.program)).1)
    }

    /// A text of the dict at the end of `__table_args__`.
    fn table_keyword(&self, keyword: &str) -> Option<Name> {
        let args = self.ancestry.table_args(self.program, self.class, &|class| self.is_unmapped(class));
        for (value, site) in &args {
            let (value, site) = resolved(self.program, site, value);
            let last = match value {
                Expr::List(items) => items.last().map(|last| resolved(self.program, &site, last)),
                other => Some((other, site)),
            };
            let Some((Expr::Object(entries), at)) = last else { continue };
            for entry in entries.iter().filter(|entry| matches!(&entry.key, Key::Name(name) if name == keyword)) {
                if let Some(text) = self.program.text(&at, &entry.value).plain() {
                    return Some(text.into());
                }
            }
        }
        None
    }

    /// Everything its table has, as far as this class says it.
    #[must_use]
    pub fn draft(&self) -> Option<(Draft, Option<Name>)> {
        let metadata = of_metadata(self.program, self.ancestry.metadata(self.program));
        let naming = if metadata.0.is_empty() { library::naming(&self.ancestry.outside).unwrap_or_default() } else { metadata.0 };
        let mut draft = Draft::new(self.table_name()?, naming);
        self.own_columns(&mut draft);
        draft.doc = self.table_keyword("comment");
        self.own_items(&mut draft);
        Some((draft, metadata.1))
    }

    /// Constraints and indexes of `__table_args__`.
    pub fn own_items(&self, draft: &mut Draft) {
        let targets = Models(self.program);
        for (value, site) in self.ancestry.table_args(self.program, self.class, &|class| self.is_unmapped(class)) {
            if let Some(items) = self.program.items(&site, value) {
                for (item, at) in items {
                    draft.read_item(self.program, &targets, &at, item);
                }
            }
        }
    }

    /// The columns of the class and of what is not mapped by itself.
    pub fn own_columns(&self, draft: &mut Draft) {
        let map = Map {
            program: self.program,
            said: self.ancestry.annotation_map(self.program),
            is_advanced: library::has_annotation_map(&self.ancestry.outside),
        };
        let own = Own { models: Models(self.program), table: self.own_table_said(), class: self.program.class(self.class).name.clone() };
        let reading = Reading { program: self.program, targets: own, map };
        for class in self.ancestry.lineage.iter().filter(|class| self.is_unmapped(**class)) {
            reading.class(*class, draft);
        }
        if self.parent.is_none() {
            for (attribute, column) in library::columns(&self.ancestry.outside) {
                draft.add(attribute, column);
            }
        }
    }
}

/// The class that is the base of all models: its own bases are the library's, and it names no table.
fn is_base(program: &dyn Program, class: ClassRef) -> bool {
    let declared = program.class(class);
    let direct = declared.bases.iter().filter_map(|base| {
        let meaning = program.resolve_type(&program.around_class(class), base);
        meaning.outside().map(Name::from)
    });
    let is_root = direct.into_iter().any(|base| base.ends_with(".DeclarativeBase") || base.ends_with(".DeclarativeBaseNoMeta"));
    let is_decorated = declared.decorators.iter().any(|decorator| match decorator {
        Expr::Call(id) => program.file(class.file).outline.call(*id).callee.last_name().is_some_and(|name| name == "as_declarative"),
        other => other.last_name().is_some_and(|name| name == "as_declarative"),
    });
    is_root || is_decorated
}

fn has_column(program: &dyn Program, class: ClassRef) -> bool {
    let facts = program.file(class.file);
    let declared = program.class(class);
    let site = program.inside_class(class);
    let by_field = declared.fields.iter().any(|field| {
        mapped(program, &site, &field.ty).is_some()
            || field.default.as_ref().is_some_and(|value| {
                matches!(value, Expr::Call(_))
                    && said(program, &site, value).is_some_and(|made| {
                        matches!(made.word.as_str(), "Column" | "mapped_column" | "Table" | "deferred" | "column_property")
                    })
            })
    });
    by_field || declared.methods.iter().any(|id| facts.outline.function(*id).decorators.iter().any(is_declared_attr))
}

/// A value behind names.
fn resolved<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> (&'p Expr, Site) {
    match program.resolve(site, expr) {
        Meaning::Value(value, at) => (value, at),
        _ => (expr, site.clone()),
    }
}

/// The table of a class.
#[must_use]
pub fn table_name(program: &dyn Program, class: ClassRef) -> Option<ObjectName> {
    Model::new(program, class)?.table_name()
}

/// The column behind an attribute of a model, and the table it stands in.
fn column_of_attribute(program: &dyn Program, class: ClassRef, attribute: &str) -> Option<(ObjectName, Name)> {
    let mut class = class;
    for _ in 0..MAX_PARENTS {
        let model = Model::new(program, class)?;
        let table = model.table_name()?;
        // Only names are asked for: types would lead from model to model without an end.
        if let Some(name) = named_column(program, &model, attribute) {
            return Some((table, name));
        }
        let Some(parent) = model.parent else { return Some((table, attribute.into())) };
        class = parent;
    }
    None
}

fn named_column(program: &dyn Program, model: &Model, attribute: &str) -> Option<Name> {
    model.ancestry.lineage.iter().filter(|class| model.is_unmapped(**class)).find_map(|class| {
        let declared = program.class(*class);
        let site = program.inside_class(*class);
        let field = declared.fields.iter().find(|field| field.name == attribute);
        if let Some(field) = field {
            let named = field.default.as_ref().and_then(|value| said(program, &site, value)).and_then(|made| {
                let first = made.keyword("name").or_else(|| made.call.positional(0).map(|first| (first, &made.at)));
                let (first, at) = first?;
                matches!(program.resolve(at, first), Meaning::Value(Expr::Str(_), _)).then(|| program.text(at, first).plain())?
            });
            return Some(named.map_or_else(|| attribute.into(), Name::from));
        }
        let facts = program.file(class.file);
        let is_method = declared.methods.iter().any(|id| facts.outline.function(*id).name == attribute);
        is_method.then(|| attribute.into())
    })
}
