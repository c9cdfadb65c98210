//! Where an object comes from: the path from a library to it, and the calls on the way.

use crate::base::code::{Expr, Type};
use crate::facts::program::{CallRef, Meaning, Program, Site};

/// Paths are no longer than this.
const DEEPEST: u32 = 12;
/// Objects with more origins are not told apart.
const MOST: usize = 8;

/// The path from a library to a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// `kafka.KafkaProducer().send`.
    pub path: String,
    /// The calls on the path, the library's first, with where their arguments are read.
    pub calls: Vec<(CallRef, Site)>,
}

/// The origins of an expression; `types` gives paths to objects known by their type alone.
#[must_use]
pub fn origins(program: &dyn Program, site: &Site, expr: &Expr, types: &[(&str, &str)]) -> Vec<Origin> {
    let mut finder = Finder { program, types };
    finder.of_expr(site, expr, 0)
}

struct Finder<'a> {
    program: &'a dyn Program,
    types: &'a [(&'a str, &'a str)],
}

impl Finder<'_> {
    fn of_expr(&mut self, site: &Site, expr: &Expr, depth: u32) -> Vec<Origin> {
        if depth > DEEPEST {
            return Vec::new();
        }
        let meanings = self.program.produce_all(site, expr);
        let mut found: Vec<Origin> = Vec::new();
        for meaning in meanings.iter().take(MOST) {
            for origin in self.of_meaning(meaning, depth + 1) {
                if !found.contains(&origin) && found.len() < MOST {
                    found.push(origin);
                }
            }
        }
        if found.is_empty() {
            found.extend(self.by_type(site, expr));
        }
        // A builder's path says less than the type its result is given: `let c: StreamConsumer = config.create()?`.
        if let Expr::Member(receiver, name) = expr
            && let Some(typed) = self.by_type(site, receiver)
        {
            let typed = Origin { path: format!("{}.{name}", typed.path), ..typed };
            found.extend(Some(typed).filter(|typed| !found.contains(typed)));
        }
        if found.is_empty()
            && let Expr::Member(receiver, name) = expr
        {
            found = member_of(self.of_expr(site, receiver, depth + 1), name);
        }
        found
    }

    fn of_meaning(&mut self, meaning: &Meaning, depth: u32) -> Vec<Origin> {
        if depth > DEEPEST {
            return Vec::new();
        }
        match meaning {
            Meaning::Outside(path) => vec![Origin { path: path.to_string(), calls: Vec::new() }],
            Meaning::Value(Expr::Call(_), _) => {
                let Some((call, at)) = meaning.call() else { return Vec::new() };
                let made = self.program.call(call);
                let callee = self.program.callee(call);
                let mut origins = match &callee {
                    Meaning::Class(class) => self.of_class(*class),
                    other => self.of_meaning(other, depth + 1),
                };
                if origins.is_empty()
                    && let Expr::Member(receiver, name) = &made.callee
                    && !matches!(callee, Meaning::Function(..))
                {
                    let here = Site { env: at.env.clone(), ..Site::of_call(call.file, made) };
                    origins = member_of(self.of_expr(&here, receiver, depth + 1), name);
                }
                for origin in &mut origins {
                    origin.path.push_str("()");
                    origin.calls.push((call, at.clone()));
                }
                origins
            }
            Meaning::Attribute(of, name) => member_of(self.of_meaning(of, depth + 1), name),
            Meaning::Instance(class) => {
                self.of_class(*class).into_iter().map(|origin| Origin { path: format!("{}()", origin.path), ..origin }).collect()
            }
            Meaning::Class(class) => self.of_class(*class),
            Meaning::Param(function, position) => {
                let declared = self.program.function(*function);
                let param = declared.params.get(*position as usize);
                param.and_then(|param| self.of_type(&self.program.around(*function), &param.ty)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// A class of the program stands for the library classes it extends.
    fn of_class(&self, class: crate::facts::program::ClassRef) -> Vec<Origin> {
        let bases = self.program.outside_bases(class);
        bases.into_iter().map(|base| Origin { path: base.to_string(), calls: Vec::new() }).collect()
    }

    fn by_type(&self, site: &Site, expr: &Expr) -> Option<Origin> {
        let (ty, at) = self.program.type_of(site, expr)?;
        self.of_type(&at, ty)
    }

    fn of_type(&self, site: &Site, ty: &Type) -> Option<Origin> {
        let named = match ty {
            Type::Union(members) => return members.iter().find_map(|member| self.of_type(site, member)),
            Type::Named(named) => named,
            _ => return None,
        };
        let Meaning::Outside(path) = self.program.resolve_type(site, ty) else {
            return named.args.iter().find_map(|inner| self.of_type(site, inner));
        };
        if let Some((_, made)) = self.types.iter().find(|(name, _)| *name == path) {
            return Some(Origin { path: (*made).to_owned(), calls: Vec::new() });
        }
        // `Optional[Producer]`, `Arc<Producer>`, `State<Producer>`.
        let inner = named.args.iter().find_map(|inner| self.of_type(site, inner));
        inner.or_else(|| Some(Origin { path: format!("{path}()"), calls: Vec::new() }))
    }
}

fn member_of(origins: Vec<Origin>, name: &str) -> Vec<Origin> {
    origins.into_iter().map(|origin| Origin { path: format!("{}.{name}", origin.path), ..origin }).collect()
}

/// Whether a path is what a pattern says; `*` stands for one segment.
#[must_use]
pub fn matches(pattern: &str, path: &str) -> bool {
    if !pattern.contains('*') {
        return pattern == path;
    }
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), path.split('.').collect());
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(want, is)| *want == "*" || want == is)
}
