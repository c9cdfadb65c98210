//! Types as written in signatures, followed through aliases and type parameters to something with a meaning.

use std::rc::Rc;

use crate::base::Name;
use crate::base::code::{ClassKind, Expr, Type};
use crate::facts::members::{Filling, fill};
use crate::facts::program::{ClassRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Generic, Shape, TypeSource};

/// How far aliases and parameters are followed.
const MAX_STEPS: u32 = 16;

/// A type, where it is read, and what the type parameters around it stand for.
#[derive(Clone, Debug)]
pub struct TypeAt<'p> {
    /// The type.
    pub ty: &'p Type,
    /// Where it is read.
    pub site: Site,
    given: Rc<Vec<Given<'p>>>,
}

/// What a type parameter stands for.
#[derive(Clone, Debug)]
struct Given<'p> {
    name: Name,
    source: TypeSource,
    at: TypeAt<'p>,
}

/// What a type is, as far as names tell.
#[derive(Clone, Debug)]
pub enum Head<'p> {
    /// A library's type: dotted path and arguments.
    Outside(Name, Vec<TypeAt<'p>>),
    /// A struct, enum or trait of the program, with arguments.
    Class(ClassRef, Vec<TypeAt<'p>>),
    /// A tuple; the unit type has no parts.
    Tuple(Vec<TypeAt<'p>>),
    /// `impl A`, `dyn A`.
    Bounds(Vec<TypeAt<'p>>),
    /// A constant among type arguments.
    Constant(&'p Expr),
    /// Anything else.
    Other,
}

impl<'p> TypeAt<'p> {
    /// A type of a function's signature. Parameters are no types: `auth: auth::User`.
    #[must_use]
    pub fn signed(program: &dyn Program, function: FuncRef, ty: &'p Type) -> Self {
        let is_generic = !program.function(function).type_params.is_empty();
        Self::new(ty, if is_generic { program.inside(function) } else { program.around(function) })
    }

    /// A type at a site.
    #[must_use]
    pub fn new(ty: &'p Type, site: Site) -> Self {
        Self { ty, site, given: Rc::default() }
    }

    /// Another type read where this one is.
    #[must_use]
    pub fn beside(&self, ty: &'p Type) -> Self {
        Self { ty, site: self.site.clone(), given: Rc::clone(&self.given) }
    }

    /// A type read elsewhere, whose parameters `names` of a class stand for `args`.
    #[must_use]
    pub fn within(ty: &'p Type, site: Site, class: ClassRef, names: &[(Name, Name)], args: &[Self]) -> Self {
        let given = names.iter().zip(args).map(|((local, declared), at)| Given {
            name: local.clone(),
            source: TypeSource::Param(Generic::Class(class), declared.clone()),
            at: at.clone(),
        });
        Self { ty, site, given: Rc::new(given.collect()) }
    }

    /// What the type is.
    #[must_use]
    pub fn head(&self, program: &'p dyn Program) -> Head<'p> {
        self.head_at(program, 0)
    }

    fn head_at(&self, program: &'p dyn Program, steps: u32) -> Head<'p> {
        if steps > MAX_STEPS {
            return Head::Other;
        }
        match self.ty {
            Type::Named(named) => {
                if let (Expr::Ref(name), true) = (&named.path, named.args.is_empty())
                    && let Some(given) = self.given.iter().find(|given| given.name == *name)
                {
                    return given.at.head_at(program, steps + 1);
                }
                let args: Vec<Self> = named.args.iter().map(|arg| self.beside(arg)).collect();
                match program.resolve_type(&self.site, self.ty) {
                    Meaning::Outside(path) => Head::Outside(self.globbed(program, path), args),
                    Meaning::Class(class) => {
                        let declared = program.file(class.file).outline.class(class.id);
                        if declared.kind != ClassKind::Alias {
                            return Head::Class(class, args);
                        }
                        let names: Vec<(Name, Name)> =
                            declared.type_params.iter().map(|param| (param.name.clone(), param.name.clone())).collect();
                        Self::within(&declared.alias, program.inside_class(class), class, &names, &args).head_at(program, steps + 1)
                    }
                    _ => match &named.path {
                        Expr::Ref(name) => Head::Outside(format!("builtins.{name}").into(), args),
                        _ => Head::Other,
                    },
                }
            }
            Type::Tuple(parts) => Head::Tuple(parts.iter().map(|part| self.beside(part)).collect()),
            Type::Bounds(bounds) => Head::Bounds(bounds.iter().map(|bound| self.beside(bound)).collect()),
            Type::Value(expr) => Head::Constant(expr),
            _ => Head::Other,
        }
    }

    /// A name that nothing binds may come from a library's glob: `use loco_rs::prelude::*;`.
    fn globbed(&self, program: &dyn Program, path: Name) -> Name {
        let Some(name) = path.strip_prefix("builtins.").filter(|name| !is_prelude(name)) else { return path };
        let module = super::globs(program, self.site.file).find(|module| WEB.contains(&module.split('.').next().unwrap_or_default()));
        module.map_or_else(|| path.clone(), |module| format!("{module}.{name}").into())
    }

    /// The type as a shape.
    #[must_use]
    pub fn shape(&self, program: &'p dyn Program, mode: Mode) -> Shape {
        self.shape_at(program, mode, 0)
    }

    fn shape_at(&self, program: &'p dyn Program, mode: Mode, depth: u32) -> Shape {
        if depth > MAX_STEPS {
            return Shape::Any;
        }
        if let Type::Named(named) = self.ty
            && let (Expr::Ref(name), true) = (&named.path, named.args.is_empty())
            && let Some(given) = self.given.iter().find(|given| given.name == *name)
        {
            return given.at.shape_at(program, mode, depth + 1);
        }
        let shape = program.shape_of_type(&self.site, self.ty, mode);
        let filling: Filling = self.given.iter().map(|given| (given.source.clone(), given.at.shape_at(program, mode, depth + 1))).collect();
        fill(shape, &filling)
    }
}

/// Frameworks whose preludes are taken with a glob.
const WEB: &[&str] = &["axum", "actix_web", "poem", "poem_openapi", "salvo", "rocket", "loco_rs", "warp", "aide", "utoipa_axum"];

/// Names of the language's own prelude.
fn is_prelude(name: &str) -> bool {
    matches!(name, "String" | "str" | "Option" | "Result" | "Vec" | "Box" | "bool" | "char" | "f32" | "f64")
        || (name.len() <= 5 && name.starts_with(['i', 'u']) && (name.ends_with(|c: char| c.is_ascii_digit()) || name.ends_with("size")))
}

impl Head<'_> {
    /// First and last segment of a library's path.
    #[must_use]
    pub fn ends(&self) -> Option<(&str, &str)> {
        match self {
            Self::Outside(path, _) => Some((path.split('.').next()?, path.rsplit('.').next()?)),
            _ => None,
        }
    }
}
