//! Rust → outline.
//!
//! Macros and attributes are token trees to the grammar: `reader` reads them from the text. Bodies of `macro_rules!`
//! are not read.

mod attributes;
mod blocks;
mod broken;
mod chains;
mod classes;
mod exprs;
mod generics;
mod items;
mod literals;
mod macros;
mod patterns;
mod reader;
mod reader_exprs;
mod reader_types;
mod types;
mod uses;

use tree_sitter::Node;

use super::builder::OutlineBuilder;
use super::kinds::{fields, kinds};
use crate::base::Name;
use crate::base::code::Outline;
use crate::base::language::Language;

kinds! {
    pub(super) enum K in Language::Rust;
    Abstract = "abstract_type",
    Arguments = "arguments",
    Array = "array_expression",
    ArrayType = "array_type",
    Assignment = "assignment_expression",
    AssociatedType = "associated_type",
    AsyncBlock = "async_block",
    Attribute = "attribute_item",
    Await = "await_expression",
    BaseField = "base_field_initializer",
    Binary = "binary_expression",
    Block = "block",
    BlockComment = "block_comment",
    Bool = "boolean_literal",
    Bounded = "bounded_type",
    Bracketed = "bracketed_type",
    Break = "break_expression",
    Call = "call_expression",
    Captured = "captured_pattern",
    Cast = "type_cast_expression",
    Char = "char_literal",
    Closure = "closure_expression",
    Compound = "compound_assignment_expr",
    Const = "const_item",
    ConstBlock = "const_block",
    ConstParameter = "const_parameter",
    Continue = "continue_expression",
    Crate = "crate",
    Dynamic = "dynamic_type",
    Else = "else_clause",
    EmptyStatement = "empty_statement",
    Enum = "enum_item",
    EnumVariant = "enum_variant",
    Escape = "escape_sequence",
    ExpressionStatement = "expression_statement",
    ExternCrate = "extern_crate_declaration",
    FieldDeclaration = "field_declaration",
    FieldDeclarations = "field_declaration_list",
    FieldExpression = "field_expression",
    FieldIdentifier = "field_identifier",
    FieldInitializer = "field_initializer",
    FieldPattern = "field_pattern",
    Float = "float_literal",
    For = "for_expression",
    ForeignMod = "foreign_mod_item",
    Function = "function_item",
    FunctionModifiers = "function_modifiers",
    FunctionSignature = "function_signature_item",
    FunctionType = "function_type",
    GenBlock = "gen_block",
    GenericFunction = "generic_function",
    GenericType = "generic_type",
    GenericTurbofish = "generic_type_with_turbofish",
    HigherRanked = "higher_ranked_trait_bound",
    Identifier = "identifier",
    If = "if_expression",
    Impl = "impl_item",
    Index = "index_expression",
    InnerAttribute = "inner_attribute_item",
    Integer = "integer_literal",
    Label = "label",
    Let = "let_declaration",
    LetChain = "let_chain",
    LetCondition = "let_condition",
    Lifetime = "lifetime",
    LineComment = "line_comment",
    Loop = "loop_expression",
    MacroDefinition = "macro_definition",
    MacroInvocation = "macro_invocation",
    Match = "match_expression",
    MatchArm = "match_arm",
    MatchPattern = "match_pattern",
    Metavariable = "metavariable",
    Mod = "mod_item",
    MutPattern = "mut_pattern",
    Mutable = "mutable_specifier",
    Negative = "negative_literal",
    Never = "never_type",
    OrPattern = "or_pattern",
    OrderedFields = "ordered_field_declaration_list",
    Parameter = "parameter",
    Parameters = "parameters",
    Parenthesized = "parenthesized_expression",
    Pointer = "pointer_type",
    Primitive = "primitive_type",
    Qualified = "qualified_type",
    Range = "range_expression",
    RawString = "raw_string_literal",
    RefPattern = "ref_pattern",
    Reference = "reference_expression",
    ReferencePattern = "reference_pattern",
    ReferenceType = "reference_type",
    RemainingField = "remaining_field_pattern",
    RemovedBound = "removed_trait_bound",
    Return = "return_expression",
    ScopedIdentifier = "scoped_identifier",
    ScopedType = "scoped_type_identifier",
    ScopedUseList = "scoped_use_list",
    SelfName = "self",
    SelfParameter = "self_parameter",
    ShorthandField = "shorthand_field_initializer",
    ShorthandFieldIdentifier = "shorthand_field_identifier",
    SlicePattern = "slice_pattern",
    Static = "static_item",
    Str = "string_literal",
    StringContent = "string_content",
    Struct = "struct_item",
    StructExpression = "struct_expression",
    StructPattern = "struct_pattern",
    Super = "super",
    TokenTree = "token_tree",
    Trait = "trait_item",
    TraitBounds = "trait_bounds",
    Try = "try_expression",
    TryBlock = "try_block",
    Tuple = "tuple_expression",
    TuplePattern = "tuple_pattern",
    TupleStructPattern = "tuple_struct_pattern",
    TupleType = "tuple_type",
    TypeArguments = "type_arguments",
    TypeBinding = "type_binding",
    TypeIdentifier = "type_identifier",
    TypeItem = "type_item",
    TypeParameter = "type_parameter",
    Unary = "unary_expression",
    Union = "union_item",
    UnitExpression = "unit_expression",
    UnitType = "unit_type",
    UnsafeBlock = "unsafe_block",
    Use = "use_declaration",
    UseAs = "use_as_clause",
    UseBounds = "use_bounds",
    UseList = "use_list",
    UseWildcard = "use_wildcard",
    Variadic = "variadic_parameter",
    Visibility = "visibility_modifier",
    WherePredicate = "where_predicate",
    While = "while_expression",
    Yield = "yield_expression",
    Semicolon = ";" token,
    Underscore = "_" token,
    Minus = "-" token,
    Fn = "fn" token,
    ImplToken = "impl" token,
    ForToken = "for" token,
}

fields! {
    pub(super) fn fields() -> Fields in Language::Rust;
    alias, alternative, argument, arguments, body, bounds, condition, consequence, default_type, element, field, function,
    left, length, list, name, operator, parameters, path, pattern, return_type, right, r#macro, r#trait, r#type, type_arguments,
    type_parameters, value,
}

/// Lowers a Rust file.
pub(super) fn lower(source: &str, root: Node) -> Outline {
    let mut lower = Lower { builder: OutlineBuilder::new(source), is_in_test: false, doc: None, fragments: 0, is_unread: false };
    lower.builder.outline.has_errors = root.has_error();
    if root.is_error() {
        lower.broken(root)
    } else {
        lower.declarations(root)
    }
    lower.builder.outline.doc = lower.doc.map(Name::from);
    lower.builder.finish()
}

/// The outline being built.
struct Lower<'s> {
    builder: OutlineBuilder<'s>,
    /// Whether what is lowered stands under `#[cfg(test)]` or in a test.
    is_in_test: bool,
    /// `//!` lines of the file.
    doc: Option<String>,
    /// How many macro texts are being parsed by the grammar, one inside the other.
    fragments: u32,
    /// Whether a strict reader met something it could not read.
    is_unread: bool,
}

impl Lower<'_> {
    /// The text of an identifier; `r#type` is `type`.
    fn ident(&self, node: Node) -> Name {
        let text = self.builder.text(node);
        Name::new(text.strip_prefix("r#").unwrap_or(text))
    }
}

/// The child in a field.
fn child<'t>(node: Node<'t>, field: u16) -> Option<Node<'t>> {
    node.child_by_field_id(field)
}

/// The named children, comments included.
fn named<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

/// The named children that mean something to the compiler.
fn parts<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut nodes = named(node);
    nodes.retain(|node| !is_comment(*node));
    nodes
}

/// The first child that is no comment.
fn first<'t>(node: Node<'t>) -> Option<Node<'t>> {
    let first = node.named_child(0)?;
    if is_comment(first) { parts(node).first().copied() } else { Some(first) }
}

fn is_comment(node: Node) -> bool {
    matches!(K::of(node), K::LineComment | K::BlockComment)
}
