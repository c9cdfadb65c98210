//! An outline as compact text, in the order of its arenas, for people to compare.

use std::fmt::Write;

use contract_agent::base::code::{
    Arg, CallKind, Class, ExportTarget, Expr, Field, Flags, Function, Imported, Key, Op, Outline, Param, ParamKind, Pattern, Piece,
    ScopeId, ScopeKind, Type, TypeParam,
};

/// Prints an outline.
pub fn dump(outline: &Outline) -> String {
    let mut dump = Dump { outline, out: String::new() };
    dump.all();
    dump.out
}

struct Dump<'a> {
    outline: &'a Outline,
    out: String,
}

impl Dump<'_> {
    fn all(&mut self) {
        let outline = self.outline;
        if outline.has_errors {
            self.line("has errors");
        }
        if let Some(doc) = &outline.doc {
            self.line(format!("doc {doc:?}"));
        }
        for (id, scope) in outline.scopes.iter().enumerate().skip(1) {
            self.line(format!("scope {id} in {}: {}", scope.parent.0, self.scope(&scope.kind)));
        }
        self.imports();
        self.modules();
        for (id, class) in outline.classes.iter().enumerate() {
            self.class(id, class);
        }
        for (id, function) in outline.functions.iter().enumerate() {
            self.function(id, function);
        }
        self.impls();
        self.values();
    }

    fn line(&mut self, text: impl AsRef<str>) {
        self.out.push_str(text.as_ref());
        self.out.push('\n');
    }

    fn scope(&self, kind: &ScopeKind) -> String {
        match kind {
            ScopeKind::Module => "module".into(),
            ScopeKind::Namespace(name) => format!("namespace {name}"),
            ScopeKind::Function(id) => format!("function {}", id.0),
            ScopeKind::Class(id) => format!("class {}", id.0),
            ScopeKind::Loop(pattern, iterable) => format!("for {} in {}", self.pattern(pattern), self.expr(iterable)),
            ScopeKind::Block => "block".into(),
            ScopeKind::Impl(id) => format!("impl {id}"),
        }
    }

    fn imports(&mut self) {
        for import in &self.outline.imports {
            let what = match &import.what {
                Imported::Name(name) => format!("name {name}"),
                what => format!("{what:?}").to_lowercase(),
            };
            let mut text = format!("{}import {what} of {} as {}", place(import.at.line, import.scope), import.module, import.local);
            text.push_str(if import.type_only { " type-only" } else { "" });
            text.push_str(if import.reexport { " reexport" } else { "" });
            self.line(text);
        }
    }

    fn modules(&mut self) {
        for export in &self.outline.exports {
            let target = match &export.target {
                ExportTarget::Local(name) => name.to_string(),
                ExportTarget::Value(value) => format!("value {}", self.expr(value)),
                ExportTarget::From(module, name) => format!("{name} of {module}"),
            };
            self.line(format!("{}: export {} = {target}", export.at.line, export.name));
        }
        for module in &self.outline.mods {
            let inline = module.inline.map(|scope| format!(" inline {}", scope.0)).unwrap_or_default();
            let path = module.path.as_ref().map(|path| format!(" at {path}")).unwrap_or_default();
            let test = if module.is_test { " test" } else { "" };
            self.line(format!("{}mod {}{inline}{path}{test}", place(module.at.line, module.scope), module.name));
        }
    }

    fn class(&mut self, id: usize, class: &Class) {
        let kind = format!("{:?}", class.kind).to_lowercase();
        let mut text = format!("{}{kind} {id} {}{}", place(class.at.line, class.scope), class.name, self.type_params(&class.type_params));
        let mut heads: Vec<String> = class.bases.iter().map(|base| self.ty(base)).collect();
        heads.extend(class.keywords.iter().map(|(name, value)| format!("{name}={}", self.expr(value))));
        let _ = write!(text, "({}) scope {}", heads.join(", "), class.inner.0);
        if let Some(outer) = class.outer {
            let _ = write!(text, " in class {}", outer.0);
        }
        if class.alias != Type::Unknown {
            let _ = write!(text, " = {}", self.ty(&class.alias));
        }
        self.line(text + &flags(class.flags) + &doc(class.doc.as_ref()));
        self.decorators(&class.decorators, "  ");
        for field in &class.fields {
            self.line(format!("  {}", self.field(field)));
            self.decorators(&field.decorators, "    ");
        }
        for variant in &class.variants {
            let fields: Vec<String> = variant.fields.iter().map(|field| self.field(field)).collect();
            let value = variant.value.as_ref().map(|value| format!(" = {}", self.expr(value))).unwrap_or_default();
            let tuple = if variant.is_tuple { " tuple" } else { "" };
            self.line(format!("  variant {}({}){value}{tuple}{}", variant.name, fields.join(", "), doc(variant.doc.as_ref())));
            self.decorators(&variant.decorators, "    ");
        }
    }

    fn field(&self, field: &Field) -> String {
        let optional = if field.optional { "?" } else { "" };
        let default = field.default.as_ref().map(|value| format!(" = {}", self.expr(value))).unwrap_or_default();
        let name = &field.name;
        format!("field {name}{optional}: {}{default}{}{}", self.ty(&field.ty), flags(field.flags), doc(field.doc.as_ref()))
    }

    fn decorators(&mut self, decorators: &[Expr], indent: &str) {
        for decorator in decorators {
            self.line(format!("{indent}@{}", self.expr(decorator)));
        }
    }

    fn function(&mut self, id: usize, function: &Function) {
        let params: Vec<String> = function.params.iter().map(|param| self.param(param)).collect();
        let mut text = format!(
            "{}function {id} {}{}({}) -> {} scope {}",
            place(function.at.line, function.scope),
            function.name,
            self.type_params(&function.type_params),
            params.join(", "),
            self.ty(&function.returns),
            function.inner.0,
        );
        if let Some(class) = function.class {
            let _ = write!(text, " of class {}", class.0);
        }
        self.line(text + &flags(function.flags) + &doc(function.doc.as_ref()));
        self.decorators(&function.decorators, "  ");
    }

    fn param(&self, param: &Param) -> String {
        let kind = match param.kind {
            ParamKind::Normal => "",
            ParamKind::Receiver => "receiver ",
            ParamKind::Positional => "positional ",
            ParamKind::Keyword => "keyword ",
            ParamKind::Rest => "*",
            ParamKind::KeywordRest => "**",
        };
        let decorators: String = param.decorators.iter().map(|decorator| format!("@{} ", self.expr(decorator))).collect();
        let property = if param.is_property { "property " } else { "" };
        let optional = if param.optional { "?" } else { "" };
        let mut text = format!("{decorators}{property}{kind}{}{optional}", self.pattern(&param.pattern));
        if param.ty != Type::Unknown {
            let _ = write!(text, ": {}", self.ty(&param.ty));
        }
        if let Some(default) = &param.default {
            let _ = write!(text, " = {}", self.expr(default));
        }
        text
    }

    fn type_params(&self, params: &[TypeParam]) -> String {
        if params.is_empty() {
            return String::new();
        }
        let param = |param: &TypeParam| {
            let bound = if param.bound == Type::Unknown { String::new() } else { format!(": {}", self.ty(&param.bound)) };
            let default = if param.default == Type::Unknown { String::new() } else { format!(" = {}", self.ty(&param.default)) };
            format!("{}{bound}{default}", param.name)
        };
        format!("<{}>", params.iter().map(param).collect::<Vec<_>>().join(", "))
    }

    fn impls(&mut self) {
        for (id, it) in self.outline.impls.iter().enumerate() {
            let of = it.of_trait.as_ref().map(|of| format!("{} for ", self.ty(of))).unwrap_or_default();
            let types: String = it.types.iter().map(|(name, ty)| format!(" type {name} = {}", self.ty(ty))).collect();
            let methods: Vec<u32> = it.methods.iter().map(|method| method.0).collect();
            let place = place(it.at.line, it.scope);
            self.line(format!("{place}impl {id} {of}{} scope {} methods {methods:?}{types}", self.ty(&it.ty), it.inner.0));
            self.decorators(&it.decorators, "  ");
        }
    }

    fn values(&mut self) {
        for assign in &self.outline.assigns {
            let mut text = place(assign.at.line, assign.scope);
            text.push_str(if assign.declares { "let " } else { "" });
            text.push_str(if assign.is_public { "pub " } else { "" });
            text.push_str(&self.pattern(&assign.target));
            if assign.ty != Type::Unknown {
                let _ = write!(text, ": {}", self.ty(&assign.ty));
            }
            let operator = if assign.is_append { "+=" } else { "=" };
            let _ = write!(text, " {operator} {}{}", self.expr(&assign.value), doc(assign.doc.as_ref()));
            self.line(text);
        }
        for it in &self.outline.returns {
            let word = if it.is_raise { "raise" } else { "return" };
            self.line(format!("{}{word} from {}: {}", place(it.at.line, it.scope), it.function.0, self.expr(&it.value)));
        }
        for test in &self.outline.tests {
            self.line(format!("{}test {}", place(test.at.line, test.scope), self.expr(&test.expr)));
        }
        for read in &self.outline.reads {
            self.line(format!("{}read {}", place(read.at.line, read.scope), self.expr(&read.expr)));
        }
        for call in &self.outline.calls {
            let kind = if call.kind == CallKind::Plain { String::new() } else { format!("{:?} ", call.kind).to_lowercase() };
            self.line(format!("{}{kind}call {}", place(call.at.line, call.scope), self.call(call)));
        }
        for comment in &self.outline.comments {
            self.line(format!("{}-{}: comment {:?}", comment.at.line, comment.end_line, comment.text));
        }
    }

    fn call(&self, call: &contract_agent::base::code::Call) -> String {
        let types = self.generics(&call.type_args);
        let bang = if call.kind == CallKind::Macro { "!" } else { "" };
        format!("{}{bang}{types}({})", self.expr(&call.callee), self.args(&call.args))
    }

    fn args(&self, args: &[Arg]) -> String {
        let arg = |arg: &Arg| match &arg.name {
            Some(name) => format!("{name}={}", self.expr(&arg.value)),
            None => self.expr(&arg.value),
        };
        args.iter().map(arg).collect::<Vec<_>>().join(", ")
    }

    fn exprs(&self, exprs: &[Expr]) -> String {
        exprs.iter().map(|expr| self.expr(expr)).collect::<Vec<_>>().join(", ")
    }

    fn expr(&self, expr: &Expr) -> String {
        match expr {
            Expr::Hole => "_".into(),
            Expr::Null => "null".into(),
            Expr::Bool(value) => value.to_string(),
            Expr::Int(value) => value.to_string(),
            Expr::Float(text) => text.to_string(),
            Expr::Str(text) => format!("{text:?}"),
            Expr::Regex(text) => format!("/{text}/"),
            Expr::Template(pieces) => self.template(pieces),
            Expr::Ref(name) => name.to_string(),
            Expr::Member(base, name) => format!("{}.{name}", self.expr(base)),
            Expr::Index(parts) => format!("{}[{}]", self.expr(&parts.0), self.expr(&parts.1)),
            Expr::Call(id) => self.call(self.outline.call(*id)),
            Expr::List(items) => format!("[{}]", self.exprs(items)),
            Expr::Object(entries) => {
                let entry = |entry: &contract_agent::base::code::Entry| match &entry.key {
                    Key::Name(name) => format!("{name}: {}", self.expr(&entry.value)),
                    Key::Computed(key) => format!("[{}]: {}", self.expr(key), self.expr(&entry.value)),
                    Key::Spread => format!("...{}", self.expr(&entry.value)),
                };
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
            }
            Expr::Func(id) => format!("function {}", id.0),
            Expr::Class(id) => format!("class {}", id.0),
            Expr::Binary(it) => format!("({} {} {})", self.expr(&it.left), operator(it.op), self.expr(&it.right)),
            Expr::Cond(it) => format!("({} ? {} : {})", self.expr(&it.test), self.expr(&it.yes), self.expr(&it.no)),
            Expr::Spread(inner) => format!("...{}", self.expr(inner)),
            Expr::Each(it) => format!("each({} in scope {})", self.expr(&it.element), it.scope.0),
            Expr::Type(ty) => format!("type {}", self.ty(ty)),
            Expr::Cast(it) => format!("({} as {})", self.expr(&it.0), self.ty(&it.1)),
            Expr::Args(args) => format!("({})", self.args(args)),
        }
    }

    fn template(&self, pieces: &[Piece]) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.escape_debug().to_string(),
            Piece::Expr(expr) => format!("${{{}}}", self.expr(expr)),
        };
        format!("`{}`", pieces.iter().map(piece).collect::<String>())
    }

    fn pattern(&self, pattern: &Pattern) -> String {
        match pattern {
            Pattern::Ignore => "_".into(),
            Pattern::Name(name) => name.to_string(),
            Pattern::Place(place) => format!("place {}", self.expr(place)),
            Pattern::List(inner) => format!("[{}]", inner.iter().map(|inner| self.pattern(inner)).collect::<Vec<_>>().join(", ")),
            Pattern::Rest(inner) => format!("*{}", self.pattern(inner)),
            Pattern::Object(fields) => {
                let field = |field: &contract_agent::base::code::PatternField| {
                    let default = field.default.as_ref().map(|value| format!(" = {}", self.expr(value))).unwrap_or_default();
                    format!("{}: {}{default}", field.key, self.pattern(&field.target))
                };
                format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn generics(&self, args: &[Type]) -> String {
        if args.is_empty() { String::new() } else { format!("<{}>", self.types(args, ", ")) }
    }

    fn types(&self, types: &[Type], between: &str) -> String {
        types.iter().map(|ty| self.ty(ty)).collect::<Vec<_>>().join(between)
    }

    fn ty(&self, ty: &Type) -> String {
        match ty {
            Type::Unknown => "_".into(),
            Type::Named(named) => format!("{}{}", self.expr(&named.path), self.generics(&named.args)),
            Type::Literal(value) => format!("literal {}", self.expr(value)),
            Type::Union(members) => format!("({})", self.types(members, " | ")),
            Type::Inter(members) => format!("({})", self.types(members, " & ")),
            Type::List(item) => format!("{}[]", self.ty(item)),
            Type::Tuple(items) => format!("[{}]", self.types(items, ", ")),
            Type::Object(fields) => {
                format!("{{ {} }}", fields.iter().map(|field| self.field(field)).collect::<Vec<_>>().join("; "))
            }
            Type::Map(it) => format!("{{ [{}]: {} }}", self.ty(&it.0), self.ty(&it.1)),
            Type::Function(it) => format!("fn({}) -> {}", self.types(&it.0, ", "), self.ty(&it.1)),
            Type::TypeOf(value) => format!("typeof {}", self.expr(value)),
            Type::KeyOf(inner) => format!("keyof {}", self.ty(inner)),
            Type::Indexed(it) => format!("{}[{}]", self.ty(&it.0), self.ty(&it.1)),
            Type::Mapped(it) => {
                let optional = if it.3 { "?" } else { "" };
                format!("{{ [{} in {}]{optional}: {} }}", it.0, self.ty(&it.1), self.ty(&it.2))
            }
            Type::Bounds(members) => format!("bounds({})", self.types(members, " + ")),
            Type::Value(value) => format!("value {}", self.expr(value)),
        }
    }
}

fn place(line: u32, scope: ScopeId) -> String {
    if scope.0 == 0 { format!("{line}: ") } else { format!("{line} in {}: ", scope.0) }
}

fn doc(doc: Option<&contract_agent::base::Name>) -> String {
    doc.map(|doc| format!(" doc {doc:?}")).unwrap_or_default()
}

fn flags(flags: Flags) -> String {
    let all = [
        (flags.is_async, "async"),
        (flags.is_static, "static"),
        (flags.is_public, "public"),
        (flags.is_private, "private"),
        (flags.is_abstract, "abstract"),
        (flags.is_readonly, "readonly"),
        (flags.is_accessor, "accessor"),
        (flags.is_test, "test"),
    ];
    all.iter().filter(|(is_set, _)| *is_set).map(|(_, word)| format!(" {word}")).collect()
}

fn operator(op: Op) -> &'static str {
    match op {
        Op::Add => "+",
        Op::Or => "or",
        Op::Coalesce => "??",
        Op::And => "and",
        Op::BitOr => "|",
        Op::BitAnd => "&",
        Op::Eq => "==",
        Op::Ne => "!=",
        Op::In => "in",
        Op::Other => "%",
    }
}
