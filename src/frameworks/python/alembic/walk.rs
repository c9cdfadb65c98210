//! The calls that a migration makes, in the order they stand, through the program's own functions and loops.

use std::sync::Arc;

use crate::base::Name;
use crate::base::code::{Call, Expr, ScopeKind};
use crate::facts::database::{Change, Doing, Step};
use crate::facts::finding::Place;
use crate::facts::program::{CallRef, Entered, Frame, FuncRef, Meaning, Program, Site};
use crate::frameworks::python::sqlalchemy::naming::Naming;

/// How deep functions may call one another.
const MAX_DEPTH: u32 = 8;
/// How many steps one migration may have.
const MAX_STEPS: usize = 20_000;

/// A migration on its way.
pub(super) struct Walk<'p> {
    pub(super) program: &'p dyn Program,
    pub(super) naming: Naming,
    pub(super) steps: Vec<Step>,
    place: Place,
}

/// One call of an operation.
pub(super) struct Operation<'p> {
    /// `create_table`.
    pub(super) name: Name,
    pub(super) call: &'p Call,
    pub(super) at: Site,
    /// The call of `batch_alter_table` that it belongs to, and where that is read.
    pub(super) batch: Option<(&'p Call, Site)>,
}

impl<'p> Operation<'p> {
    /// An argument; within a batch the table is not said, and what follows it moves up.
    pub(super) fn arg(&self, position: usize, keyword: &str, table: usize) -> Option<&'p Expr> {
        let position = if self.batch.is_some() && position > table { position - 1 } else { position };
        self.call.arg(position, keyword)
    }
}

impl<'p> Walk<'p> {
    pub(super) fn new(program: &'p dyn Program, naming: Naming) -> Self {
        Self { program, naming, steps: Vec::new(), place: Place { file: Default::default(), symbol: Name::default(), line: 0 } }
    }

    /// Walks a function that nobody is seen to call.
    pub(super) fn enter(&mut self, function: FuncRef) {
        let site = self.program.inside(function);
        self.function(function, &site, 0);
    }

    pub(super) fn push(&mut self, change: Change) {
        self.say(Doing::Change(change));
    }

    pub(super) fn say(&mut self, doing: Doing) {
        if self.steps.len() < MAX_STEPS {
            self.steps.push(Step { doing, place: self.place.clone() });
        }
    }

    fn function(&mut self, function: FuncRef, inside: &Site, depth: u32) {
        let outline = &self.program.file(function.file).outline;
        let mut calls: Vec<(CallRef, &'p Call)> = (0u32..)
            .zip(&outline.calls)
            .filter(|(_, call)| outline.function_around(call.scope) == Some(function.id))
            .map(|(id, call)| (CallRef { file: function.file, id: crate::base::code::CallId(id) }, call))
            .collect();
        calls.sort_by_key(|(_, call)| call.at.offset);
        for (call_ref, call) in calls {
            let site = inside.moved(function.file, call.scope, call.at.offset);
            for site in self.rounds(&site, call) {
                self.place = Place { file: function.file, symbol: "upgrade".into(), line: call.at.line };
                self.call(call_ref, call, &site, depth);
            }
        }
    }

    /// The site once for each round of the loops around a call.
    fn rounds(&self, site: &Site, call: &'p Call) -> Vec<Site> {
        let outline = &self.program.file(site.file).outline;
        let is_in_loop = outline
            .scopes_from(site.scope)
            .take_while(|(_, scope)| !matches!(scope.kind, ScopeKind::Function(_)))
            .any(|(_, scope)| matches!(scope.kind, ScopeKind::Loop(..)));
        if !is_in_loop {
            return vec![site.clone()];
        }
        let mut exprs: Vec<&Expr> = call.args.iter().map(|arg| &arg.value).collect();
        exprs.push(&call.callee);
        self.program.instances(site, &exprs)
    }

    fn call(&mut self, call_ref: CallRef, call: &'p Call, site: &Site, depth: u32) {
        match self.program.resolve(site, &call.callee) {
            Meaning::Outside(path) => {
                let Some(name) = path.strip_prefix("alembic.op.") else { return self.method(call, site) };
                if name == "run_async" {
                    let given = call.positional(0).and_then(|arg| self.program.resolve(site, arg).function());
                    given.into_iter().for_each(|function| self.enter_from(function, call_ref, site, depth));
                    return;
                }
                let operation = Operation { name: name.into(), call, at: site.clone(), batch: None };
                self.operation(&operation);
            }
            Meaning::Function(function, _) if depth < MAX_DEPTH => self.enter_from(function, call_ref, site, depth),
            _ => self.method(call, site),
        }
    }

    fn enter_from(&mut self, function: FuncRef, call: CallRef, caller: &Site, depth: u32) {
        if is_entered(caller, function) {
            return;
        }
        let entered = Entered::Call { function, call, caller: caller.clone() };
        let frame_depth = caller.env.as_ref().map_or(0, |frame| frame.depth) + 1;
        let env = Some(Arc::new(Frame { entered, outer: caller.env.clone(), depth: frame_depth }));
        let inside = Site { env, ..self.program.inside(function) };
        self.function(function, &inside, depth + 1);
    }

    /// A method of something: a batch, a connection, a type or table value.
    fn method(&mut self, call: &'p Call, site: &Site) {
        let Some((receiver, name)) = call.method() else { return };
        if let Some(batch) = self.batch(site, receiver) {
            let operation = Operation { name: name.clone(), call, at: site.clone(), batch: Some(batch) };
            self.operation(&operation);
            return;
        }
        match name.as_str() {
            "execute" | "exec_driver_sql" => self.statement(call, site, true),
            "create" => self.create_value(receiver, site),
            "drop" => self.drop_value(receiver, site),
            // `op.get_context().…`, `Operations(…)` made by hand.
            "add_column" | "create_table" | "drop_table" | "drop_column" | "alter_column" | "create_index" | "drop_index" if matches!(receiver, Expr::Ref(op) if op == "op") =>
            {
                let operation = Operation { name: name.clone(), call, at: site.clone(), batch: None };
                self.operation(&operation);
            }
            _ => {}
        }
    }

    /// The `op.batch_alter_table(…)` that a name stands for.
    fn batch(&self, site: &Site, receiver: &'p Expr) -> Option<(&'p Call, Site)> {
        let meaning = self.program.resolve(site, receiver);
        let (call_ref, at) = meaning.call()?;
        if !self.program.callee(call_ref).is_any(&["alembic.op.batch_alter_table"]) {
            return None;
        }
        let call = self.program.file(call_ref.file).outline.call(call_ref.id);
        Some((call, at.moved(call_ref.file, call.scope, call.at.offset)))
    }
}

fn is_entered(site: &Site, function: FuncRef) -> bool {
    let mut next = site.env.as_ref();
    while let Some(frame) = next {
        if matches!(&frame.entered, Entered::Call { function: known, .. } if *known == function) {
            return true;
        }
        next = frame.outer.as_ref();
    }
    false
}
