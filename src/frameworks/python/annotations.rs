//! Annotations with metadata: `Annotated[T, …]`, also under a name of its own (`SessionDep = Annotated[Session, Depends(get_db)]`).

use crate::base::Name;
use crate::base::code::{Call, ClassKind, Expr, Type};
use crate::facts::program::{CallRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;

/// How many aliases and annotations may be wrapped around one another.
const MAX_LAYERS: u32 = 12;

/// An annotation without its metadata.
#[derive(Clone, Debug)]
pub struct Annotation<'p> {
    /// What is left of it.
    pub ty: Spelling<'p>,
    /// Where that is read.
    pub site: Site,
    /// Metadata, outermost last.
    pub metadata: Vec<(&'p Expr, Site)>,
}

/// A type as written: as a type, or as a value that spells one.
#[derive(Clone, Copy, Debug)]
pub enum Spelling<'p> {
    /// An annotation.
    Type(&'p Type),
    /// An expression.
    Expr(&'p Expr),
}

impl<'p> Annotation<'p> {
    /// Peels an annotation.
    #[must_use]
    pub fn new(program: &'p dyn Program, site: &Site, ty: &'p Type) -> Self {
        Self::peel(program, Self { ty: Spelling::Type(ty), site: site.clone(), metadata: Vec::new() })
    }

    /// Peels a type that is spelled as a value: `response_model=Annotated[…]`.
    #[must_use]
    pub fn of_value(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Self {
        Self::peel(program, Self { ty: Spelling::Expr(expr), site: site.clone(), metadata: Vec::new() })
    }

    fn peel(program: &'p dyn Program, mut at: Self) -> Self {
        for _ in 0..MAX_LAYERS {
            if let Spelling::Type(Type::Value(expr)) = at.ty {
                at.ty = Spelling::Expr(expr);
            }
            let is_peeled = match at.ty {
                Spelling::Type(ty) => at.peel_type(program, ty),
                Spelling::Expr(expr) => at.peel_expr(program, expr),
            };
            if !is_peeled {
                break;
            }
        }
        at
    }

    fn peel_type(&mut self, program: &'p dyn Program, ty: &'p Type) -> bool {
        let meaning = program.resolve_type(&self.site, ty);
        if is_annotated(&meaning)
            && let [inner, rest @ ..] = ty.args()
        {
            let given = rest.iter().filter_map(|arg| if let Type::Value(expr) = arg { Some((expr, self.site.clone())) } else { None });
            let layer: Vec<_> = given.collect();
            self.push(layer);
            self.ty = Spelling::Type(inner);
            return true;
        }
        ty.args().is_empty() && self.follow(program, meaning)
    }

    fn peel_expr(&mut self, program: &'p dyn Program, expr: &'p Expr) -> bool {
        match expr {
            Expr::Index(pair) if is_annotated(&program.resolve(&self.site, &pair.0)) => {
                let Expr::List(items) = &pair.1 else { return false };
                let [inner, rest @ ..] = items.as_ref() else { return false };
                let layer: Vec<_> = rest.iter().map(|expr| (expr, self.site.clone())).collect();
                self.push(layer);
                self.ty = Spelling::Expr(inner);
                true
            }
            Expr::Ref(_) | Expr::Member(..) => {
                let meaning = program.resolve(&self.site, expr);
                self.follow(program, meaning)
            }
            Expr::Type(ty) => {
                self.ty = Spelling::Type(ty);
                true
            }
            _ => false,
        }
    }

    /// Goes behind a name for a type.
    fn follow(&mut self, program: &'p dyn Program, meaning: Meaning<'p>) -> bool {
        match meaning {
            Meaning::Value(expr @ (Expr::Index(_) | Expr::Binary(_)), site) => {
                (self.ty, self.site) = (Spelling::Expr(expr), site);
                true
            }
            Meaning::Class(class) => {
                let declared = program.file(class.file).outline.class(class.id);
                if declared.kind != ClassKind::Alias || !declared.type_params.is_empty() {
                    return false;
                }
                (self.ty, self.site) = (Spelling::Type(&declared.alias), Site::of_scope(class.file, declared.scope));
                true
            }
            _ => false,
        }
    }

    /// Inner metadata comes first.
    fn push(&mut self, layer: Vec<(&'p Expr, Site)>) {
        let outer = std::mem::replace(&mut self.metadata, layer);
        self.metadata.extend(outer);
    }

    /// What it names, without arguments.
    #[must_use]
    pub fn head(&self, program: &'p dyn Program) -> Meaning<'p> {
        match self.ty {
            Spelling::Type(ty) => program.resolve_type(&self.site, ty),
            Spelling::Expr(Expr::Index(pair)) => program.resolve(&self.site, &pair.0),
            Spelling::Expr(expr @ (Expr::Ref(_) | Expr::Member(..))) => program.resolve(&self.site, expr),
            Spelling::Expr(_) => Meaning::Unknown,
        }
    }

    /// Whether there is no annotation.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self.ty, Spelling::Type(Type::Unknown))
    }

    /// The type that is left, as it would be written.
    #[must_use]
    pub fn to_type(&self) -> Type {
        match self.ty {
            Spelling::Type(ty) => ty.clone(),
            Spelling::Expr(expr) => Type::spelled(expr),
        }
    }

    /// Its shape, metadata left out.
    #[must_use]
    pub fn shape(&self, program: &dyn Program, mode: Mode) -> Shape {
        match self.ty {
            Spelling::Type(ty) => program.shape_of_type(&self.site, ty, mode),
            Spelling::Expr(expr) => program.shape_of_type(&self.site, &Type::spelled(expr), mode),
        }
    }

    /// The types it admits besides `None`: the members of a union, or itself.
    #[must_use]
    pub fn alternatives(&self, program: &'p dyn Program) -> Vec<Self> {
        let whole = self.to_type();
        let of_type = |ty: &'p Type| Self::new(program, &self.site, ty);
        let of_expr = |expr: &'p Expr| Self::of_value(program, &self.site, expr);
        let head = self.head(program);
        let is_union = head.is_any(&["typing.Optional", "typing.Union", "typing_extensions.Optional", "typing_extensions.Union"]);
        match self.ty {
            Spelling::Type(Type::Union(types)) => types.iter().filter(|ty| !is_null(ty)).map(of_type).collect(),
            Spelling::Type(ty) if is_union => ty.args().iter().filter(|ty| !is_null(ty)).map(of_type).collect(),
            Spelling::Expr(Expr::Index(pair)) if is_union => match &pair.1 {
                Expr::List(items) => items.iter().filter(|item| **item != Expr::Null).map(of_expr).collect(),
                one => vec![of_expr(one)],
            },
            Spelling::Expr(Expr::Binary(binary)) if matches!(whole, Type::Union(_)) => {
                [&binary.left, &binary.right].into_iter().filter(|item| **item != Expr::Null).map(of_expr).collect()
            }
            _ => vec![self.clone()],
        }
    }
}

fn is_null(ty: &Type) -> bool {
    matches!(ty, Type::Literal(Expr::Null))
}

fn is_annotated(meaning: &Meaning) -> bool {
    meaning.is_any(&["typing.Annotated", "typing_extensions.Annotated"])
}

/// A call of a library, through names: what is called, the call, and where it stands.
#[must_use]
pub fn library_call<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<(Name, CallRef, Site)> {
    let meaning = program.resolve(site, expr);
    let (call, at) = meaning.call()?;
    match program.callee(call) {
        Meaning::Outside(path) => Some((path, call, at.clone())),
        _ => None,
    }
}

/// Where the arguments of a call are read.
#[must_use]
pub fn inside_call(call: &Call, at: &Site) -> Site {
    at.moved(at.file, call.scope, call.at.offset)
}
