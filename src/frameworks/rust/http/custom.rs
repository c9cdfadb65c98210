//! Extractors of the program: derived ones, and those whose implementation calls other extractors or checks who is asking.

use super::auth;
use super::extract::{Extractor, MAX_DEPTH, Via};
use super::types::TypeAt;
use crate::base::Name;
use crate::base::code::{Call, CallId, Class, Expr, FuncId, Impl, Type};
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning};
use crate::frameworks::rust::attributes::Attributes;

/// Methods that extract.
const EXTRACTS: &[&str] = &["from_request_parts", "from_request", "from_request_without_body", "from_data", "check"];

impl<'p> Extractor<'p> {
    /// An extractor that the program declares.
    pub(super) fn of_program(&mut self, class: ClassRef, args: &[TypeAt<'p>], at: &TypeAt<'p>, is_optional: bool, depth: u32) {
        let declared: &'p Class = self.program.file(class.file).outline.class(class.id);
        let attributes = Attributes::new(self.program, class.file, &declared.decorators);
        if ["FromRequestParts", "FromRequest", "OperationIo"].iter().any(|name| attributes.derives(name)) {
            match attributes.nested("from_request", "via").and_then(|via| via.positional(0)) {
                Some(via) => {
                    if let Some(via) = via.last_name().and_then(via_of) {
                        return self.via(via, at, is_optional);
                    }
                }
                None if attributes.derives("FromRequestParts") || attributes.derives("FromRequest") => {
                    return self.fields(class, declared, is_optional, depth);
                }
                None => {}
            }
        }
        let methods = self.program.methods(class);
        let method = methods.into_iter().find(|method| {
            let is_named = EXTRACTS.contains(&self.program.function(*method).name.as_str());
            is_named && self.block_of(*method).is_some_and(|block| block.of_trait.is_some())
        });
        if let Some(method) = method {
            self.dig(class, declared, method, args, is_optional, depth);
        }
    }

    /// Each field is an extractor of its own.
    fn fields(&mut self, class: ClassRef, declared: &'p Class, is_optional: bool, depth: u32) {
        let site = self.program.inside_class(class);
        for field in &declared.fields {
            let at = TypeAt::new(&field.ty, site.clone());
            let attributes = Attributes::new(self.program, class.file, &field.decorators);
            match attributes.nested("from_request", "via").and_then(|via| via.positional(0)).and_then(Expr::last_name).and_then(via_of) {
                Some(via) => self.via(via, &at, is_optional),
                None => self.param(&at, None, is_optional, depth + 1),
            }
        }
    }

    fn block_of(&self, method: FuncRef) -> Option<&'p Impl> {
        let program = self.program;
        program.file(method.file).outline.impls.iter().find(|block| block.methods.contains(&method.id))
    }

    /// Looks into an implementation for the extractors that it uses and for what it refuses.
    fn dig(&mut self, class: ClassRef, declared: &'p Class, method: FuncRef, args: &[TypeAt<'p>], is_optional: bool, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        let outline = &self.program.file(method.file).outline;
        let inner = self.program.function(method).inner;
        let names = self.block_of(method).map(|block| local_names(block, declared)).unwrap_or_default();
        let before = self.taken.security.len();
        for (id, call) in (0u32..).zip(&outline.calls).filter(|(_, call)| outline.is_within(call.scope, inner)) {
            let call: &'p Call = call;
            self.inner_extractor(class, (FuncRef { file: method.file, id: FuncId(0) }, CallId(id), call), &names, args, is_optional, depth);
        }
        self.deserialized(declared, method, args, is_optional);
        let plain = declared.name.to_ascii_lowercase();
        let may_be_nobody = ["maybe", "opt"].iter().any(|word| plain.starts_with(word));
        if is_optional || may_be_nobody || self.taken.security.len() > before {
            self.taken.security.truncate(if may_be_nobody { before } else { usize::MAX });
            return;
        }
        let never_fails = self.block_of(method).is_some_and(|block| {
            block.types.iter().any(|(name, ty)| name == "Rejection" && ty.last_name().is_some_and(|name| name == "Infallible"))
        });
        if never_fails {
            return;
        }
        let evidence = auth::evidence(self.program, method, 0);
        let fails = || self.may_fail(method);
        if evidence.refuses || evidence.reads || (is_user(&plain) && fails()) {
            self.guarded(auth::scheme(&declared.name, evidence.kind()));
        }
    }

    /// Whether an implementation can turn a request away.
    fn may_fail(&self, method: FuncRef) -> bool {
        let outline = &self.program.file(method.file).outline;
        let inner = self.program.function(method).inner;
        let raises = outline.returns.iter().any(|value| value.is_raise && outline.is_within(value.scope, inner));
        raises
            || outline.calls.iter().filter(|call| outline.is_within(call.scope, inner)).any(|call| {
                matches!(
                    call.callee.last_name().map(Name::as_str),
                    Some("Err" | "ok_or" | "ok_or_else" | "map_err" | "err" | "Error" | "Failure" | "Forward")
                )
            })
    }

    /// `ValidatedJson<T>` that reads the bytes itself.
    fn deserialized(&mut self, declared: &Class, method: FuncRef, args: &[TypeAt<'p>], is_optional: bool) {
        let [held] = args else { return };
        if self.taken.body.is_some() || self.program.function(method).name != "from_request" {
            return;
        }
        let outline = &self.program.file(method.file).outline;
        let inner = self.program.function(method).inner;
        let reads_json = (0u32..).zip(&outline.calls).filter(|(_, call)| outline.is_within(call.scope, inner)).any(|(id, _)| {
            let callee = self.program.callee(CallRef { file: method.file, id: CallId(id) });
            callee.outside().is_some_and(|path| path.starts_with("serde_json."))
        });
        if reads_json || declared.name.contains("Json") {
            self.via(Via::Body("application/json"), held, is_optional);
        } else if declared.name.contains("Form") {
            self.via(Via::Body("application/x-www-form-urlencoded"), held, is_optional);
        }
    }

    fn inner_extractor(
        &mut self,
        class: ClassRef,
        (place, id, call): (FuncRef, CallId, &'p Call),
        names: &[(Name, Name)],
        args: &[TypeAt<'p>],
        is_optional: bool,
        depth: u32,
    ) {
        let Some((receiver, name)) = call.method() else { return };
        let site = crate::facts::program::Site::of_call(place.file, call);
        let here = |ty: &'p Type| TypeAt::within(ty, site.clone(), class, names, args);
        match name.as_str() {
            "extract" | "extract_with_state" | "extract_parts" | "extract_parts_with_state" | "guard" => {
                if let Some(ty) = call.type_args.first() {
                    self.param(&here(ty), None, is_optional, depth + 1);
                }
            }
            "from_request_parts" | "from_request" | "from_query" | "parse" => match self.program.callee(CallRef { file: place.file, id }) {
                Meaning::Outside(path) => {
                    let Some(via) = path.rsplit('.').nth(1).and_then(via_of) else { return };
                    if let Some(ty) = call.type_args.first() {
                        self.via(via, &here(ty), is_optional);
                    } else if let [only] = args {
                        self.via(via, only, is_optional);
                    }
                }
                Meaning::Function(function, _) => {
                    let called = receiver.last_name().filter(|_| function.file == place.file || name != "parse");
                    let found = called.map(|_| self.program.resolve(&site, receiver));
                    if let Some(inner) = found.and_then(|meaning| meaning.class()).filter(|inner| *inner != class) {
                        let declared: &'p Class = self.program.file(inner.file).outline.class(inner.id);
                        let passed: Vec<TypeAt<'p>> = call.type_args.iter().map(here).collect();
                        let passed = if passed.is_empty() && !declared.type_params.is_empty() { args.to_vec() } else { passed };
                        self.nested(inner, &passed, is_optional, depth);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Another extractor of the program, used by an implementation.
    fn nested(&mut self, class: ClassRef, args: &[TypeAt<'p>], is_optional: bool, depth: u32) {
        if depth + 1 > MAX_DEPTH {
            return;
        }
        let declared: &'p Class = self.program.file(class.file).outline.class(class.id);
        let site = self.program.inside_class(class);
        let at = TypeAt::new(&declared.alias, site);
        self.of_program(class, args, &at, is_optional, depth + 1);
    }
}

/// Whether a name, in lower case, is that of whoever asks.
fn is_user(plain: &str) -> bool {
    let speaks = ["user", "auth", "claims", "principal", "identity", "admin", "account", "permission", "apikey"];
    speaks.iter().any(|word| plain.contains(word))
        && !plain.contains("useragent")
        && !plain.ends_with("ip")
        && (!plain.contains("author") || plain.contains("authori"))
}

/// What an `impl` block calls the parameters of the class: `impl<U> FromRequest for Json<U>`.
fn local_names(block: &Impl, declared: &Class) -> Vec<(Name, Name)> {
    let locals = block.ty.args().iter().map(|arg| arg.last_name().cloned().unwrap_or_default());
    locals.zip(declared.type_params.iter().map(|param| param.name.clone())).collect()
}

/// Where the members of a struct stand that is extracted through this.
fn via_of(name: impl AsRef<str>) -> Option<Via> {
    Some(match name.as_ref() {
        "Path" => Via::Path,
        "Query" | "QsQuery" | "OptionalQuery" => Via::Query,
        "Json" => Via::Body("application/json"),
        "Form" => Via::Body("application/x-www-form-urlencoded"),
        "TypedMultipart" | "MultipartForm" => Via::Body("multipart/form-data"),
        _ => return None,
    })
}
