//! What the callees of calls mean, kept once they are asked for: every framework asks about every call of every file.
//!
//! Values are not kept, since they borrow from the files; following them again is cheap.

use std::sync::OnceLock;

use super::fuel;
use super::names::follow;
use super::system::System;
use super::values::produce;
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Program, Site};

/// What the calls of one file call, as far as it was asked.
type Table = Box<[OnceLock<Known>]>;

/// The callees of all files; a file's table is made when the first of its calls is asked about.
#[derive(Debug)]
pub struct Callees {
    files: Box<[OnceLock<Table>]>,
}

/// A meaning that can be kept.
#[derive(Debug)]
enum Known {
    Outside(Name),
    Function(FuncRef, Option<ClassRef>),
    Class(ClassRef),
    Unknown,
    /// Anything else.
    Other,
}

impl Known {
    fn of(meaning: &Meaning) -> Self {
        match meaning {
            Meaning::Outside(path) => Self::Outside(path.clone()),
            Meaning::Function(function, class) => Self::Function(*function, *class),
            Meaning::Class(class) => Self::Class(*class),
            Meaning::Unknown => Self::Unknown,
            _ => Self::Other,
        }
    }

    fn meaning<'p>(&self) -> Option<Meaning<'p>> {
        Some(match self {
            Self::Outside(path) => Meaning::Outside(path.clone()),
            Self::Function(function, class) => Meaning::Function(*function, *class),
            Self::Class(class) => Meaning::Class(*class),
            Self::Unknown => Meaning::Unknown,
            Self::Other => return None,
        })
    }
}

impl Callees {
    /// Tables for so many files.
    pub fn new(files: usize) -> Self {
        Self { files: (0..files).map(|_| OnceLock::new()).collect() }
    }
}

/// What a call's callee means.
pub(super) fn callee(system: &System, call: CallRef) -> Meaning<'_> {
    let calls = &system.file(call.file).outline.calls;
    let table = system.callees.files[call.file.index()].get_or_init(|| calls.iter().map(|_| OnceLock::new()).collect());
    let known = &table[call.id.index()];
    if let Some(meaning) = known.get().and_then(Known::meaning) {
        return meaning;
    }
    let made = &calls[call.id.index()];
    let meaning = fuel::filled(|| {
        let site = Site::of_call(call.file, made);
        class_made(system, follow(system, &site, &made.callee, 0))
    });
    known.get_or_init(|| Known::of(&meaning));
    meaning
}

/// `Router = router_class(Route)` and then `Router()`: a call of the class that the function returns.
fn class_made<'p>(system: &'p System, meaning: Meaning<'p>) -> Meaning<'p> {
    let Meaning::Value(expr @ Expr::Call(_), site) = &meaning else { return meaning };
    match produce(system, site, expr) {
        class @ Meaning::Class(_) => class,
        _ => meaning,
    }
}
