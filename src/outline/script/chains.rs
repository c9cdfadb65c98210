//! Chains of members, indexes and calls (`app.route("/a").get(f)`), taken apart without recursion: a chain may be
//! thousands of links long.

use super::Script;
use super::kids::{Kid, in_slot};
use super::kinds::{Kind, Slot};
use crate::base::Name;
use crate::base::code::{Arg, At, CallKind, Expr, Type};
use crate::outline::builder::at;

/// More names in a row than honest code has; a longer chain begins with a hole.
const LONGEST: usize = 64;

/// One link of a chain.
enum Link<'t> {
    Member(Name, At),
    Index(Kid<'t>),
    Call { args: Option<Kid<'t>>, type_args: Option<Kid<'t>>, at: At },
}

/// What of a call stands beside its callee.
#[derive(Clone, Copy)]
struct CallSite<'t> {
    args: Option<Kid<'t>>,
    type_args: Option<Kid<'t>>,
    at: At,
}

impl<'t> Script<'t> {
    /// A chain that is read.
    pub fn chain(&mut self, kid: Kid<'t>) -> Expr {
        let (value, run) = self.linked(kid);
        if run >= 2 {
            self.b.add_read(&value, kid.at());
        }
        value
    }

    /// A chain that is written to, constructed or used as a name: the same, but no read.
    pub fn place(&mut self, kid: Kid<'t>) -> Expr {
        self.linked(kid).0
    }

    /// The chain, and how many members and indexes stand after its last call.
    fn linked(&mut self, kid: Kid<'t>) -> (Expr, usize) {
        let mut links = Vec::new();
        let base = self.unlink(kid, &mut links);
        let before = links.iter().rev().take_while(|link| !matches!(link, Link::Call { .. })).count().min(LONGEST);
        let mut entered = (0..before).take_while(|_| self.b.enter()).count();
        let mut value = self.expr(base);
        let (mut start, mut run, mut is_first_run) = (base.at(), 0, true);
        for link in links.into_iter().rev() {
            run += 1;
            match link {
                Link::Member(name, at) => {
                    value = Expr::Member(Box::new(value), name);
                    start = at;
                }
                Link::Index(index) => {
                    let index = self.expr(index);
                    let index = if is_first_run { index } else { shallow(index) };
                    value = Expr::Index(Box::new((value, index)));
                }
                Link::Call { args, type_args, at } => {
                    if run > 3 {
                        self.read_receiver(&value, kid.at());
                    }
                    is_first_run = false;
                    (0..std::mem::take(&mut entered)).for_each(|_| self.b.leave());
                    value = self.call(value, CallSite { args, type_args, at: start });
                    (start, run) = (at, 0);
                }
            }
            if run > LONGEST {
                value = Expr::Hole;
            }
        }
        (0..entered).for_each(|_| self.b.leave());
        (value, run)
    }

    /// Walks down a chain to what it begins with; the links come outermost first.
    fn unlink(&mut self, kid: Kid<'t>, links: &mut Vec<Link<'t>>) -> Kid<'t> {
        let mut base = kid;
        loop {
            let kids = self.open(base.node);
            let inner = match base.kind {
                Kind::Member => in_slot(&kids, Slot::Object).inspect(|_| {
                    let name = in_slot(&kids, Slot::Property);
                    let name_at = name.map_or(base.at(), |name| name.at());
                    links.push(Link::Member(name.map(|name| self.b.name(name.node)).unwrap_or_default(), name_at));
                }),
                Kind::Subscript => {
                    in_slot(&kids, Slot::Object).and_then(|object| Some((object, in_slot(&kids, Slot::Index)?))).map(|(object, index)| {
                        links.push(Link::Index(index));
                        object
                    })
                }
                Kind::Call => in_slot(&kids, Slot::Function).inspect(|function| {
                    let args = in_slot(&kids, Slot::Arguments);
                    let at = args.map_or(function.at(), |args| at(args.node));
                    links.push(Link::Call { args, type_args: in_slot(&kids, Slot::TypeArguments), at });
                }),
                Kind::Instantiation => kids.first().copied().inspect(|_| {
                    if let Some(Link::Call { type_args: type_args @ None, .. }) = links.last_mut() {
                        *type_args = in_slot(&kids, Slot::TypeArguments);
                    }
                }),
                Kind::NonNull | Kind::Paren | Kind::Await => kids.first().copied(),
                _ => None,
            };
            self.close(kids);
            match inner {
                Some(inner) if is_link(inner.kind) => base = inner,
                Some(inner) => return inner,
                None => return base,
            }
        }
    }

    /// `req.query.page.trim()` reads `req.query.page`.
    fn read_receiver(&mut self, callee: &Expr, at: At) {
        if let Expr::Member(receiver, _) = callee {
            self.b.add_read(receiver, at);
        }
    }

    fn call(&mut self, callee: Expr, site: CallSite<'t>) -> Expr {
        let id = self.b.reserve_call(site.at);
        let type_args = site.type_args.map(|kid| self.type_args(kid)).unwrap_or_default();
        let is_tagged = site.args.is_some_and(|args| args.kind == Kind::Template);
        let args = match site.args {
            Some(args) if is_tagged => Box::from([Arg { name: None, value: self.expr(args) }]),
            Some(args) => self.args(args),
            None => Box::default(),
        };
        let call = self.b.call(id);
        (call.callee, call.args, call.type_args) = (callee, args, type_args);
        call.kind = if is_tagged { CallKind::Tagged } else { CallKind::Plain };
        Expr::Call(id)
    }

    /// `new X(…)`, `new X`.
    pub fn new_expression(&mut self, kid: Kid<'t>) -> Expr {
        let kids = self.open(kid.node);
        let callee = in_slot(&kids, Slot::Constructor).map(|kid| if is_link(kid.kind) { self.place(kid) } else { self.expr(kid) });
        let id = self.b.reserve_call(kid.at());
        let type_args = in_slot(&kids, Slot::TypeArguments).map(|kid| self.type_args(kid)).unwrap_or_default();
        let args = in_slot(&kids, Slot::Arguments).map(|kid| self.args(kid)).unwrap_or_default();
        self.close(kids);
        let call = self.b.call(id);
        (call.callee, call.args, call.type_args) = (callee.unwrap_or_default(), args, type_args);
        call.kind = CallKind::New;
        Expr::Call(id)
    }

    fn args(&mut self, kid: Kid<'t>) -> Box<[Arg]> {
        let kids = self.open(kid.node);
        let args = kids.iter().map(|kid| Arg { name: None, value: self.expr(*kid) }).collect();
        self.close(kids);
        args
    }

    /// `<A, B>`.
    pub fn type_args(&mut self, kid: Kid<'t>) -> Box<[Type]> {
        let kids = self.open(kid.node);
        let types = kids.iter().map(|kid| self.ty(*kid)).collect();
        self.close(kids);
        types
    }
}

/// Whether a node is taken apart as a chain.
pub(super) fn is_link(kind: Kind) -> bool {
    matches!(kind, Kind::Member | Kind::Subscript | Kind::Call | Kind::Instantiation | Kind::NonNull | Kind::Paren | Kind::Await)
}

/// An index after a call, whose links are not counted as depth: anything large is a hole, so that depth stays bounded.
fn shallow(index: Expr) -> Expr {
    match index {
        Expr::Str(_) | Expr::Int(_) | Expr::Ref(_) | Expr::Member(..) | Expr::Call(_) => index,
        _ => Expr::Hole,
    }
}
