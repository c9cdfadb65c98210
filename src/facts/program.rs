//! What may be asked of all files together. `link` answers; frameworks ask.
//!
//! Questions are about meaning, never about spelling: `resolve` follows names, imports, attributes and settings through
//! files until something is left that is not a name.

use std::sync::Arc;

use super::answers::Answers;
use super::document::ApiDocument;
use super::file::FileFacts;
use super::shape::{Record, Shape, TypeKey};
use crate::base::Name;
use crate::base::code::{Call, CallId, Class, ClassId, Expr, FuncId, Function, ScopeId, Type};

/// A file of the program. Ids follow the order of paths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

impl FileId {
    /// The index into the program's files.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A function somewhere in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FuncRef {
    /// Its file.
    pub file: FileId,
    /// Which one.
    pub id: FuncId,
}

/// A class somewhere in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassRef {
    /// Its file.
    pub file: FileId,
    /// Which one.
    pub id: ClassId,
}

/// A call somewhere in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallRef {
    /// Its file.
    pub file: FileId,
    /// Which one.
    pub id: CallId,
}

/// From where names are looked up: a scope, a position in it (what is bound later is not seen yet), and the frames entered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// The file.
    pub file: FileId,
    /// The innermost scope.
    pub scope: ScopeId,
    /// Byte offset; `u32::MAX` sees the whole scope.
    pub offset: u32,
    /// Calls and loop rounds entered on the way, innermost first.
    pub env: Env,
}

/// Frames entered, innermost first. Empty for code read where it stands.
pub type Env = Option<Arc<Frame>>;

/// A function entered through one of its calls, or a loop in one of its rounds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frame {
    /// What was entered.
    pub entered: Entered,
    /// The frames around it.
    pub outer: Env,
    /// Number of frames from here outwards.
    pub depth: u32,
}

/// What a [`Frame`] stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entered {
    /// `function` through `call`, whose arguments are read at `caller`.
    Call {
        /// The function entered.
        function: FuncRef,
        /// The call that entered it.
        call: CallRef,
        /// Where the call's arguments are read.
        caller: Site,
    },
    /// Round `index` of the loop that is `scope` in `file`.
    Round {
        /// The loop's file.
        file: FileId,
        /// The loop's scope.
        scope: ScopeId,
        /// The element's position in the iterated literal.
        index: u32,
    },
    /// A callback's parameter takes the elements of the list that a method like `forEach` is called on.
    Element {
        /// The callback.
        function: FuncRef,
        /// The call of `forEach`/`map`.
        call: CallRef,
        /// Where the list is read.
        caller: Site,
        /// The element's position.
        index: u32,
    },
}

impl Site {
    /// The whole module scope of a file.
    #[must_use]
    pub fn module(file: FileId) -> Self {
        Self { file, scope: ScopeId(0), offset: u32::MAX, env: None }
    }

    /// A scope of a file, seen from its end.
    #[must_use]
    pub fn of_scope(file: FileId, scope: ScopeId) -> Self {
        Self { file, scope, offset: u32::MAX, env: None }
    }

    /// Where a call stands.
    #[must_use]
    pub fn of_call(file: FileId, call: &Call) -> Self {
        Self { file, scope: call.scope, offset: call.at.offset, env: None }
    }

    /// The same frames at another scope and position.
    #[must_use]
    pub fn moved(&self, file: FileId, scope: ScopeId, offset: u32) -> Self {
        Self { file, scope, offset, env: self.env.clone() }
    }
}

/// What an expression denotes, as far as names can tell.
#[derive(Clone, Debug)]
pub enum Meaning<'p> {
    /// Something of a library: the import's module and the path in it, joined with dots: `fastapi.APIRouter`,
    /// `express.Router`, `@nestjs/common.Controller`, `axum.routing.get`. A default export is the module itself
    /// (`express`); globals that nothing binds have the prefix `builtins.` (`builtins.list`, `builtins.process`).
    Outside(Name),
    /// A file as a module (scope 0), or an inline module or namespace in it.
    Module(FileId, ScopeId),
    /// A package without a file of its own (a Python namespace package): dotted path.
    Namespace(Name),
    /// A function of the program; for a method read through a class or an instance, that class.
    Function(FuncRef, Option<ClassRef>),
    /// A class, interface, struct, enum or alias of the program.
    Class(ClassRef),
    /// A value of this class, however it was made: `self`, `this`, a parameter or field annotated with it.
    Instance(ClassRef),
    /// Any other expression, in head form: a literal, a list, an object, a call (not entered), a template, a lambda.
    Value(&'p Expr, Site),
    /// An attribute of a value that is not known further: `call(...).name`, `param.name`.
    Attribute(Box<Meaning<'p>>, Name),
    /// A parameter that no call was found to give (or that was read without frames).
    Param(FuncRef, u32),
    /// Nothing is known.
    Unknown,
}

impl<'p> Meaning<'p> {
    /// The library symbol, when it is one.
    #[must_use]
    pub fn outside(&self) -> Option<&str> {
        match self {
            Self::Outside(path) => Some(path),
            _ => None,
        }
    }

    /// Whether it is one of these library symbols.
    #[must_use]
    pub fn is_any(&self, symbols: &[&str]) -> bool {
        self.outside().is_some_and(|path| symbols.contains(&path))
    }

    /// The call, when it is one.
    #[must_use]
    pub fn call(&self) -> Option<(CallRef, &Site)> {
        match self {
            Self::Value(Expr::Call(id), site) => Some((CallRef { file: site.file, id: *id }, site)),
            _ => None,
        }
    }

    /// The function: a declared one, or a lambda.
    #[must_use]
    pub fn function(&self) -> Option<FuncRef> {
        match self {
            Self::Function(function, _) => Some(*function),
            Self::Value(Expr::Func(id), site) => Some(FuncRef { file: site.file, id: *id }),
            _ => None,
        }
    }

    /// The class: a declared one, or a class expression.
    #[must_use]
    pub fn class(&self) -> Option<ClassRef> {
        match self {
            Self::Class(class) => Some(*class),
            Self::Value(Expr::Class(id), site) => Some(ClassRef { file: site.file, id: *id }),
            _ => None,
        }
    }

    /// The value and where it is read.
    #[must_use]
    pub fn value(&self) -> Option<(&'p Expr, &Site)> {
        match self {
            Self::Value(expr, site) => Some((expr, site)),
            _ => None,
        }
    }
}

/// Text as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(pub Vec<TextPart>);

/// A part of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextPart {
    /// Known.
    Known(Name),
    /// Not known: the expression as people would write it (`settings.PREFIX`).
    Hole(Name),
}

impl Text {
    /// Known text.
    #[must_use]
    pub fn known(text: &str) -> Self {
        if text.is_empty() { Self(Vec::new()) } else { Self(vec![TextPart::Known(text.into())]) }
    }

    /// A single hole.
    #[must_use]
    pub fn hole(why: &str) -> Self {
        Self(vec![TextPart::Hole(why.into())])
    }

    /// The text, when all of it is known.
    #[must_use]
    pub fn plain(&self) -> Option<String> {
        self.0
            .iter()
            .map(|part| match part {
                TextPart::Known(text) => Some(text.as_str()),
                TextPart::Hole(_) => None,
            })
            .collect()
    }

    /// The text with each hole as `{name}`, and the holes as people wrote them.
    #[must_use]
    pub fn template(&self) -> (String, Vec<Name>) {
        let mut text = String::new();
        let mut holes = Vec::new();
        for part in &self.0 {
            match part {
                TextPart::Known(known) => text.push_str(known),
                TextPart::Hole(why) => {
                    let last = why.rsplit(['.', '/', '$', '{']).next().unwrap_or(why);
                    let name: String = last.chars().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).collect();
                    text.push_str(&format!("{{{}}}", if name.is_empty() { "value" } else { &name }));
                    holes.push(why.clone());
                }
            }
        }
        (text, holes)
    }

    /// This text with another after it.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Which way a type is used: what a client sends (defaults make optional) or what it gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// A request: parameters, body.
    Read,
    /// A response.
    #[default]
    Write,
}

/// All files together, names resolved. Answers never fail and never depend on the order of asking; depth and width are bounded.
pub trait Program: Sync {
    /// How many files there are.
    fn file_count(&self) -> u32;
    /// The facts of a file.
    fn file(&self, file: FileId) -> &FileFacts;
    /// The path from the repository's root.
    fn path(&self, file: FileId) -> &str;
    /// The file as a module for people: `app.api.users`, `src/routes/users`, `server::api::users`.
    fn module_name(&self, file: FileId) -> Name;
    /// The file at a path.
    fn file_at(&self, path: &str) -> Option<FileId>;
    /// What was worked out once about all files.
    fn answers(&self) -> &Answers;
    /// The API documents of the repository, by path.
    fn documents(&self) -> &[ApiDocument];
    /// The directory of the nearest package around a file that declares this dependency; empty for the repository's root.
    fn package_with(&self, file: FileId, dependency: &str) -> Option<&str>;

    /// Follows names, imports, attributes, subscripts, casts, settings objects and unambiguous conditionals until something that
    /// is no name is left. Calls are not entered. With several candidates the last one bound before the site counts.
    fn resolve<'p>(&'p self, site: &Site, expr: &'p Expr) -> Meaning<'p>;
    /// As `resolve`, and enters calls of the program's own functions (their returned values, under the call's frame), repeatedly.
    fn produce<'p>(&'p self, site: &Site, expr: &'p Expr) -> Meaning<'p>;
    /// All candidates: every branch, every binding, every element of a loop, every caller's argument for a parameter, every
    /// returned value of the functions called. In source order, without duplicates, at most 64.
    fn produce_all<'p>(&'p self, site: &Site, expr: &'p Expr) -> Vec<Meaning<'p>>;
    /// What a dotted path that stands in a text names, as Python's `import_string` would read it: a module or something in one.
    fn named(&self, from: FileId, path: &str) -> Meaning<'_>;
    /// What a call calls (cached).
    fn callee(&self, call: CallRef) -> Meaning<'_>;
    /// A member of a meaning: `m.name` (methods through base classes, module members through re-exports, …).
    fn member<'p>(&'p self, of: &Meaning<'p>, name: &str) -> Meaning<'p>;
    /// The site once for every combination of callers and loop rounds that decide the parameters and loop names which `exprs` mention;
    /// just the site when they mention none.
    fn instances(&self, site: &Site, exprs: &[&Expr]) -> Vec<Site>;
    /// Calls of a function, in order.
    fn callers(&self, function: FuncRef) -> &[CallRef];
    /// The items of a list the expression denotes (through names, `+`, spreads, comprehensions over known lists, `append`ed and
    /// `+=`ed items of the same name); each with the site it is read at. `None` when it is no list.
    fn items<'p>(&'p self, site: &Site, expr: &'p Expr) -> Option<Vec<(&'p Expr, Site)>>;
    /// The members of a dict or object the expression denotes (through names, spreads, `dict(a=1)`); `None` when it is none.
    fn entries<'p>(&'p self, site: &Site, expr: &'p Expr) -> Option<Vec<(Name, &'p Expr, Site)>>;
    /// Folds text: literals, templates, joins, constants of other files, settings' defaults, environment lookups with a default, enum members.
    fn text(&self, site: &Site, expr: &Expr) -> Text;

    /// A named type or class expression as a class of the program, or a library symbol.
    fn resolve_type<'p>(&'p self, site: &Site, ty: &'p Type) -> Meaning<'p>;
    /// The class and its bases in lookup order (linearised; Rust: just itself), library bases left out.
    fn lineage(&self, class: ClassRef) -> Vec<ClassRef>;
    /// Dotted names of all library classes among the bases, nearest first (`rest_framework.viewsets.ModelViewSet`).
    fn outside_bases(&self, class: ClassRef) -> Vec<Name>;
    /// A class attribute's value through the bases, and where it is read: `serializer_class = X`.
    fn class_attribute(&self, class: ClassRef, name: &str) -> Option<(&Expr, Site)>;
    /// A method through the bases (Rust: through `impl` blocks anywhere in the program).
    fn method(&self, class: ClassRef, name: &str) -> Option<FuncRef>;
    /// All methods, own first, then those of bases that are not overridden; Rust: of all `impl` blocks.
    fn methods(&self, class: ClassRef) -> Vec<FuncRef>;
    /// The static type of an expression, as far as annotations, constructors and signatures tell: the type and where it is read.
    fn type_of<'p>(&'p self, site: &Site, expr: &'p Expr) -> Option<(&'p Type, Site)>;

    /// The class of the program that an expression is an instance of: by its type (`Promise<User>`, `Optional[User]`, `Arc<User>`
    /// count as `User`), by the constructor that makes it, by what the function it calls returns; `self` and `this` too.
    fn class_of(&self, site: &Site, expr: &Expr) -> Option<ClassRef>;

    /// A type as a shape. Classes come as [`Shape::Named`].
    fn shape_of_type(&self, site: &Site, ty: &Type, mode: Mode) -> Shape;
    /// A class applied to arguments, as a [`Shape::Named`] (or inline, when a library says so).
    fn shape_of_class(&self, class: ClassRef, args: Vec<Shape>, mode: Mode) -> Shape;
    /// A value as a shape: schema values (zod, typebox, marshmallow instances, JSON Schema literals) by what they describe,
    /// other values by what they are (an object literal, a constructor call, a typed variable).
    fn shape_of_value(&self, site: &Site, expr: &Expr, mode: Mode) -> Shape;
    /// What stands behind a name (cached, safe for recursive types).
    fn expand(&self, key: &TypeKey) -> Shape;
    /// The members of a shape that is an object after expanding names, intersections and refinements.
    fn record(&self, shape: &Shape) -> Option<Record>;
}

/// Shorthands over [`Program`].
impl dyn Program + '_ {
    /// The function behind a reference.
    #[must_use]
    pub fn function(&self, function: FuncRef) -> &Function {
        self.file(function.file).outline.function(function.id)
    }

    /// The class behind a reference.
    #[must_use]
    pub fn class(&self, class: ClassRef) -> &Class {
        self.file(class.file).outline.class(class.id)
    }

    /// The call behind a reference.
    #[must_use]
    pub fn call(&self, call: CallRef) -> &Call {
        self.file(call.file).outline.call(call.id)
    }

    /// Where a function's parameters and body are read.
    #[must_use]
    pub fn inside(&self, function: FuncRef) -> Site {
        Site::of_scope(function.file, self.function(function).inner)
    }

    /// Where a function's signature (annotations, defaults, decorators) is read.
    #[must_use]
    pub fn around(&self, function: FuncRef) -> Site {
        Site::of_scope(function.file, self.function(function).scope)
    }

    /// Where a class's bases and decorators are read.
    #[must_use]
    pub fn around_class(&self, class: ClassRef) -> Site {
        Site::of_scope(class.file, self.class(class).scope)
    }

    /// Where a class's field types and values are read.
    #[must_use]
    pub fn inside_class(&self, class: ClassRef) -> Site {
        Site::of_scope(class.file, self.class(class).inner)
    }
}

impl Call {
    /// The argument with this keyword, else the one at this position among those without a keyword.
    #[must_use]
    pub fn arg(&self, position: usize, keyword: &str) -> Option<&Expr> {
        self.keyword(keyword).or_else(|| self.positional(position))
    }

    /// The argument with this keyword.
    #[must_use]
    pub fn keyword(&self, keyword: &str) -> Option<&Expr> {
        self.args.iter().find(|arg| arg.name.as_deref() == Some(keyword)).map(|arg| &arg.value)
    }

    /// The argument at this position among those without a keyword; none behind a spread.
    #[must_use]
    pub fn positional(&self, position: usize) -> Option<&Expr> {
        let mut plain = self.args.iter().filter(|arg| arg.name.is_none()).map(|arg| &arg.value);
        let upto: Vec<&Expr> = plain.by_ref().take(position + 1).collect();
        (upto.len() == position + 1 && !upto.iter().any(|expr| matches!(expr, Expr::Spread(_)))).then(|| upto[position])
    }

    /// Of `receiver.method(…)`: the receiver and the method's name.
    #[must_use]
    pub fn method(&self) -> Option<(&Expr, &Name)> {
        match &self.callee {
            Expr::Member(receiver, name) => Some((receiver, name)),
            _ => None,
        }
    }
}
