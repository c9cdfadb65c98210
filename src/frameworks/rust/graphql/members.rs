//! Fields of structs, functions of `impl` blocks, members of unions.

use super::{Dialect, case_of, deprecation};
use crate::base::Name;
use crate::base::case::{Case, camel};
use crate::base::code::{Expr, Field, Impl, Param, ParamKind, Type};
use crate::facts::graphql::{GraphqlArgument, GraphqlField, GraphqlKind, GraphqlType, base_of};
use crate::facts::program::{ClassRef, FileId, FuncRef, Meaning, Program, Site};
use crate::frameworks::graphql::{literal_text, spot, spot_of};
use crate::frameworks::rust::attributes::{Attributes, literal};

/// Reads one library's types.
pub(super) struct Reader<'p> {
    pub program: &'p dyn Program,
    pub dialect: &'static Dialect,
    pub found: Vec<GraphqlType>,
    /// What type parameters stand for.
    pub filling: Vec<(Name, String)>,
    pub depth: u32,
}

impl<'p> Reader<'p> {
    pub fn new(program: &'p dyn Program, dialect: &'static Dialect) -> Self {
        Self { program, dialect, found: Vec::new(), filling: Vec::new(), depth: 0 }
    }

    /// The name of a class in the schema: what its attributes or those of its block say, else its own.
    pub fn name_of(&self, class: ClassRef) -> String {
        let program = self.program;
        let declared = program.class(class);
        let own = Attributes::new(program, class.file, &declared.decorators);
        if let Some(name) = own.text("graphql", "name").or(own.text("graphql_interface", "name")) {
            return name.to_owned();
        }
        for block in &program.file(class.file).outline.impls {
            let attributes = Attributes::new(program, class.file, &block.decorators);
            let named = self.dialect.blocks.iter().find_map(|word| attributes.text(word, "name"));
            if let Some(name) = named.filter(|_| block.ty.last_name() == Some(&declared.name)) {
                return name.to_owned();
            }
        }
        declared.name.to_string()
    }

    /// The fields of a struct.
    pub fn fields(&mut self, class: ClassRef, kind: GraphqlKind) -> Vec<GraphqlField> {
        let program = self.program;
        let declared = program.class(class);
        let attributes = Attributes::new(program, class.file, &declared.decorators);
        let case = attributes.text("graphql", "rename_fields").or(attributes.text("graphql", "rename_all"));
        let case = case.map(case_of).unwrap_or(Some(Case::Camel));
        let mut fields = Vec::new();
        for field in &declared.fields {
            fields.extend(self.field(class, field, kind, case));
        }
        fields
    }

    fn field(&mut self, class: ClassRef, field: &'p Field, kind: GraphqlKind, case: Option<Case>) -> Vec<GraphqlField> {
        let program = self.program;
        let site = program.inside_class(class);
        let said = Attributes::new(program, class.file, &field.decorators);
        let is_skipped = ["skip", "ignore"].iter().any(|word| said.says("graphql", word))
            || said.says("graphql", "skip_output") && kind != GraphqlKind::Input
            || said.says("graphql", "skip_input") && kind == GraphqlKind::Input;
        if is_skipped {
            return Vec::new();
        }
        if said.says("graphql", "flatten")
            && let Meaning::Class(inner) = program.resolve_type(&site, &field.ty)
        {
            return self.fields(inner, kind);
        }
        let ty = self.written(&site, &field.ty);
        let symbol = format!("{}.{}", program.class(class).name, field.name);
        let mut one = GraphqlField {
            name: said.text("graphql", "name").map_or_else(|| renamed(&field.name, case), Name::from),
            is_unsure: ty.is_none(),
            ty: ty.unwrap_or_else(|| "Unknown".to_owned()),
            doc: doc_of(said, field.doc.as_deref()),
            deprecated: deprecation(said),
            spot: Some(spot(program, class.file, &symbol, field.at.line)),
            ..GraphqlField::default()
        };
        if kind == GraphqlKind::Input {
            one.default = self.default(&site, said, &field.ty);
        }
        vec![one]
    }

    /// `#[graphql(default)]`, `#[graphql(default = 10)]`.
    fn default(&self, site: &Site, said: Attributes, ty: &Type) -> Option<String> {
        if let Some(expr) = said.value("graphql", "default") {
            return literal(self.program, site, expr).map(|value| literal_text(&value));
        }
        if !said.says("graphql", "default") {
            return None;
        }
        Some(
            match ty.last_name().map(Name::as_str)? {
                "String" | "str" => "\"\"",
                "bool" => "false",
                "Vec" => "[]",
                "f32" | "f64" => "0",
                name if name.starts_with(['i', 'u']) => "0",
                _ => return None,
            }
            .to_owned(),
        )
    }

    /// The fields of all that a merged struct holds.
    pub fn merged(&mut self, class: ClassRef) -> Vec<GraphqlField> {
        let program = self.program;
        let site = program.inside_class(class);
        let mut fields = Vec::new();
        for field in &program.class(class).fields {
            let Meaning::Class(part) = program.resolve_type(&site, &field.ty) else { continue };
            let declared = program.class(part);
            let attributes = Attributes::new(program, part.file, &declared.decorators);
            if attributes.derives("MergedObject") || attributes.derives("MergedSubscription") {
                if self.depth < 8 {
                    self.depth += 1;
                    fields.extend(self.merged(part));
                    self.depth -= 1;
                }
                continue;
            }
            if attributes.derives("SimpleObject") {
                fields.extend(self.fields(part, GraphqlKind::Object));
            }
            fields.extend(self.block_fields(part));
        }
        fields
    }

    /// The fields that a class's own blocks declare, wherever they stand.
    fn block_fields(&mut self, class: ClassRef) -> Vec<GraphqlField> {
        let program = self.program;
        let mut fields = Vec::new();
        let methods = program.methods(class);
        let mut files: Vec<FileId> = methods.iter().map(|method| method.file).collect();
        files.sort();
        files.dedup();
        for file in files {
            for block in &program.file(file).outline.impls {
                let attributes = Attributes::new(program, file, &block.decorators);
                let Some(word) = self.dialect.blocks.iter().find(|word| attributes.has(word)) else { continue };
                if program.resolve_type(&Site::of_scope(file, block.scope), &block.ty).class() == Some(class) {
                    fields.extend(self.methods(file, block, attributes, word));
                }
            }
        }
        fields
    }

    /// The functions of a block as fields.
    pub fn methods(&mut self, file: FileId, block: &Impl, attributes: Attributes, word: &str) -> Vec<GraphqlField> {
        let program = self.program;
        let case = |key: &str| attributes.text(word, key).or(attributes.text(word, "rename_all")).map(case_of);
        let fields_case = case("rename_fields").unwrap_or(Some(Case::Camel));
        let args_case = case("rename_args").unwrap_or(Some(Case::Camel));
        let owner = block.ty.last_name().cloned().unwrap_or_default();
        let mut fields = Vec::new();
        for id in &block.methods {
            let method = FuncRef { file, id: *id };
            let function = program.function(method);
            let said = Attributes::new(program, file, &function.decorators);
            if ["skip", "ignore", "entity", "flatten"].iter().any(|word| said.says("graphql", word)) {
                continue;
            }
            let site = program.inside(method);
            let ty = self.written(&site, &function.returns);
            let mut one = GraphqlField {
                name: said.text("graphql", "name").map_or_else(|| renamed(function.name.trim_start_matches("r#"), fields_case), Name::from),
                is_unsure: ty.is_none(),
                ty: ty.unwrap_or_else(|| "Unknown".to_owned()),
                doc: doc_of(said, function.doc.as_deref()),
                deprecated: deprecation(said),
                spot: Some(spot_of(program, &owner, method)),
                ..GraphqlField::default()
            };
            for param in &function.params {
                one.args.extend(self.argument(&site, file, param, args_case));
            }
            fields.push(one);
        }
        fields
    }

    fn argument(&mut self, site: &Site, file: FileId, param: &Param, case: Option<Case>) -> Option<GraphqlArgument> {
        let name = param.name().filter(|_| param.kind == ParamKind::Normal)?;
        let said = Attributes::new(self.program, file, &param.decorators);
        let is_given = matches!(param.ty.last_name().map(Name::as_str), Some("Context" | "Executor" | "ResolverContext" | "LookAhead"));
        let is_context = self.dialect.module == "juniper" && matches!(name.trim_start_matches('_'), "context" | "ctx" | "executor");
        if is_given || is_context || said.says("graphql", "context") {
            return None;
        }
        let ty = self.written(site, &param.ty)?;
        Some(GraphqlArgument {
            name: said.text("graphql", "name").map_or_else(|| renamed(name, case), Name::from),
            ty,
            default: self.default(site, said, &param.ty),
            doc: doc_of(said, None),
            deprecated: deprecation(said),
            ..GraphqlArgument::default()
        })
    }

    /// The types behind an enum's variants.
    pub fn variants(&mut self, class: ClassRef) -> Vec<Name> {
        let program = self.program;
        let site = program.inside_class(class);
        let attributes = Attributes::new(program, class.file, &program.class(class).decorators);
        // Juniper's trait names its implementers: `#[graphql_interface(for = [User])]`.
        if let Some(Expr::List(items)) = attributes.value("graphql_interface", "for") {
            return items.iter().filter_map(|item| item.last_name().cloned()).collect();
        }
        let mut names = Vec::new();
        for variant in &program.class(class).variants {
            for field in &variant.fields {
                names.extend(self.written(&site, &field.ty).map(|ty| Name::from(base_of(&ty))));
            }
        }
        names
    }

    /// `#[graphql(field(name = "id", ty = "&ID"))]`, or the functions of a trait.
    pub fn interface_fields(&mut self, class: ClassRef, attributes: Attributes) -> Vec<GraphqlField> {
        let program = self.program;
        let site = program.inside_class(class);
        let mut fields = Vec::new();
        let said: Vec<_> = attributes.args("graphql").filter_map(|arg| attributes.call_named(&arg.value, "field")).collect();
        for call in said {
            let text = |key: &str| call.keyword(key).and_then(Expr::as_str).map(str::to_owned);
            let Some(name) = text("name") else { continue };
            let ty = match call.keyword("ty").or_else(|| call.keyword("type")) {
                Some(Expr::Str(spelled)) => {
                    let spelled = Expr::Str(spelled.trim_start_matches('&').trim().into());
                    self.written(&site, &crate::frameworks::rust::attributes::spelled(&spelled))
                }
                Some(other) => self.written(&site, &Type::spelled(other)),
                None => None,
            };
            let ty = ty.unwrap_or_else(|| "Unknown".to_owned());
            fields.push(GraphqlField { name: camel(&name).into(), ty, ..GraphqlField::default() });
        }
        let own = &program.class(class).fields;
        if fields.is_empty() && !own.is_empty() {
            return self.fields(class, GraphqlKind::Interface);
        }
        if fields.is_empty() {
            let blocks = program.file(class.file).outline.impls.iter();
            let traits: Vec<&Impl> =
                blocks.filter(|block| block.of_trait.is_none() && block.ty.last_name() == Some(&program.class(class).name)).collect();
            for block in traits {
                fields.extend(self.methods(class.file, block, attributes, "graphql_interface"));
            }
        }
        fields
    }
}

fn doc_of(said: Attributes, doc: Option<&str>) -> String {
    said.text("graphql", "desc").or(said.text("graphql", "description")).or(doc).unwrap_or_default().to_owned()
}

/// A Rust name as the schema has it.
fn renamed(name: &str, case: Option<Case>) -> Name {
    let name = name.trim_start_matches("r#").trim_start_matches('_');
    match case {
        Some(Case::Camel) => camel(name).into(),
        Some(case) => case.field(name).into(),
        None => name.into(),
    }
}
