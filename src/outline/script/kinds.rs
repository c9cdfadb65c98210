//! The node kinds and fields that are read, as small enums: looked up by number in one table per grammar.

use std::num::NonZeroU16;
use std::sync::LazyLock;

use tree_sitter::{Node, TreeCursor};

use crate::base::language::Language;
use crate::outline::{kinds, parse};

macro_rules! names {
    ($(#[$doc:meta])* enum $enum:ident; $($variant:ident = $($name:literal)|+,)+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $enum {
            /// Anything that is not read by name.
            Other,
            $(#[doc = concat!($("`", $name, "` "),+)] $variant,)+
        }

        impl $enum {
            fn of_name(name: &str) -> Self {
                match name {
                    $($($name)|+ => Self::$variant,)+
                    _ => Self::Other,
                }
            }
        }
    };
}

names! {
    /// Kinds of named nodes.
    enum Kind;
    // Texts and names.
    Comment = "comment" | "html_comment",
    Identifier = "identifier" | "shorthand_property_identifier" | "shorthand_property_identifier_pattern" | "type_identifier",
    Property = "property_identifier" | "private_property_identifier",
    Computed = "computed_property_name",
    Str = "string",
    Template = "template_string",
    Fragment = "string_fragment",
    Escape = "escape_sequence",
    Substitution = "template_substitution",
    Regex = "regex",
    Number = "number",
    True = "true",
    False = "false",
    Null = "null",
    Undefined = "undefined",
    This = "this",
    Super = "super",
    Import = "import",
    Meta = "meta_property",
    // Expressions.
    Member = "member_expression" | "nested_identifier",
    Subscript = "subscript_expression",
    Call = "call_expression",
    New = "new_expression",
    NonNull = "non_null_expression",
    Paren = "parenthesized_expression",
    Await = "await_expression",
    Instantiation = "instantiation_expression",
    Arguments = "arguments",
    Binary = "binary_expression",
    Unary = "unary_expression",
    Ternary = "ternary_expression",
    Sequence = "sequence_expression",
    Assignment = "assignment_expression",
    Augmented = "augmented_assignment_expression",
    Cast = "as_expression" | "satisfies_expression",
    Assertion = "type_assertion",
    Spread = "spread_element",
    Array = "array",
    Object = "object",
    Pair = "pair",
    Method = "method_definition",
    Function = "function_expression" | "generator_function" | "arrow_function",
    Class = "class",
    Decorator = "decorator",
    // Statements.
    Lexical = "lexical_declaration" | "using_declaration",
    Var = "variable_declaration",
    Declarator = "variable_declarator",
    FunctionDeclaration = "function_declaration" | "generator_function_declaration",
    FunctionSignature = "function_signature",
    ClassDeclaration = "class_declaration" | "abstract_class_declaration",
    Interface = "interface_declaration",
    Enum = "enum_declaration",
    Alias = "type_alias_declaration",
    Namespace = "module" | "internal_module",
    ImportAlias = "import_alias",
    Ambient = "ambient_declaration",
    ImportStatement = "import_statement",
    ExportStatement = "export_statement",
    ExpressionStatement = "expression_statement",
    Block = "statement_block",
    If = "if_statement",
    Else = "else_clause",
    Switch = "switch_statement",
    For = "for_statement",
    ForIn = "for_in_statement",
    Catch = "catch_clause",
    Return = "return_statement",
    Throw = "throw_statement",
    // Parts of imports and exports.
    ImportClause = "import_clause",
    ImportSpecifier = "import_specifier",
    NamedImports = "named_imports",
    NamespaceImport = "namespace_import",
    ImportRequire = "import_require_clause",
    ExportClause = "export_clause",
    ExportSpecifier = "export_specifier",
    NamespaceExport = "namespace_export",
    // Parts of functions and classes.
    Parameters = "formal_parameters",
    Parameter = "required_parameter",
    OptionalParameter = "optional_parameter",
    AssignmentPattern = "assignment_pattern" | "object_assignment_pattern",
    ObjectPattern = "object_pattern",
    ArrayPattern = "array_pattern",
    PairPattern = "pair_pattern",
    RestPattern = "rest_pattern",
    Accessibility = "accessibility_modifier",
    Override = "override_modifier",
    Heritage = "class_heritage",
    Extends = "extends_clause",
    Implements = "implements_clause",
    ExtendsTypes = "extends_type_clause",
    ClassBody = "class_body",
    FieldDefinition = "field_definition" | "public_field_definition",
    StaticBlock = "class_static_block",
    EnumAssignment = "enum_assignment",
    TypeParameters = "type_parameters",
    TypeParameter = "type_parameter",
    // Types.
    Annotation = "type_annotation" | "constraint" | "default_type" | "omitting_type_annotation" | "parenthesized_type"
        | "readonly_type" | "optional_type" | "rest_type",
    OptionalAnnotation = "opting_type_annotation" | "adding_type_annotation",
    Predefined = "predefined_type" | "this_type",
    GenericType = "generic_type",
    NestedType = "nested_type_identifier",
    TypeArguments = "type_arguments",
    ObjectType = "object_type" | "interface_body",
    PropertySignature = "property_signature",
    MethodSignature = "method_signature" | "abstract_method_signature",
    CallSignature = "call_signature",
    IndexSignature = "index_signature",
    MappedClause = "mapped_type_clause",
    ArrayType = "array_type",
    TupleType = "tuple_type",
    UnionType = "union_type",
    IntersectionType = "intersection_type",
    FunctionType = "function_type",
    LiteralType = "literal_type",
    TypeQuery = "type_query",
    KeyOf = "index_type_query",
    Lookup = "lookup_type",
    MaybeType = "flow_maybe_type",
    TemplateType = "template_literal_type",
    Predicate = "type_predicate" | "type_predicate_annotation",
    Asserts = "asserts" | "asserts_annotation",
    // Tokens. Those without a kind of their own are punctuation, and `?.`, which is a node, is too.
    Comma = ",token",
    Punctuation = "optional_chain",
    AsyncToken = "asynctoken",
    StaticToken = "statictoken" | "static gettoken",
    GetToken = "gettoken",
    SetToken = "settoken",
    AbstractToken = "abstracttoken",
    ReadonlyToken = "readonlytoken",
    ConstToken = "consttoken",
    DefaultToken = "defaulttoken",
    TypeToken = "typetoken" | "typeoftoken",
    QuestionToken = "?token",
    StarToken = "*token",
    EqualsToken = "=token",
    AsToken = "astoken",
    GlobalToken = "globaltoken",
    ExportToken = "exporttoken",
    Plus = "+token",
    Minus = "-token",
    Not = "!token",
    VoidToken = "voidtoken",
    Or = "||token",
    And = "&&token",
    Coalesce = "??token",
    BitOr = "|token",
    BitAnd = "&token",
    Equal = "==token" | "===token",
    NotEqual = "!=token" | "!==token",
    In = "intoken",
    OrAssign = "||=token",
    AndAssign = "&&=token",
    CoalesceAssign = "??=token",
    PlusAssign = "+=token",
    OtherAssign = "-=token" | "*=token" | "/=token" | "%=token" | "^=token" | "&=token" | "|=token" | ">>=token" | ">>>=token"
        | "<<=token" | "**=token",
}

names! {
    /// The field a node stands in.
    enum Slot;
    Alias = "alias",
    Alternative = "alternative",
    Argument = "argument",
    Arguments = "arguments",
    Body = "body",
    Condition = "condition",
    Consequence = "consequence",
    Constraint = "constraint",
    Constructor = "constructor",
    Declaration = "declaration",
    Decorator = "decorator",
    Function = "function",
    Index = "index",
    IndexType = "index_type",
    Initializer = "initializer",
    Key = "key",
    Left = "left",
    Name = "name",
    Object = "object",
    Operator = "operator",
    Parameter = "parameter",
    Parameters = "parameters",
    Pattern = "pattern",
    Property = "property",
    ReturnType = "return_type",
    Right = "right",
    Source = "source",
    Type = "type",
    TypeArguments = "type_arguments",
    TypeParameters = "type_parameters",
    Value = "value",
}

impl Kind {
    fn of_token(name: &str) -> Self {
        match Self::of_name(&format!("{name}token")) {
            Self::Other => Self::Punctuation,
            kind => kind,
        }
    }
}

/// What the numbers of one grammar mean.
pub(super) struct Tables {
    kinds: Box<[Kind]>,
    slots: Box<[Slot]>,
}

impl Tables {
    fn new(language: Language) -> Self {
        let grammar = parse::grammar(language);
        let kinds = kinds::table(&grammar, |name, is_named| if is_named { Kind::of_name(name) } else { Kind::of_token(name) });
        let fields = u16::try_from(grammar.field_count()).unwrap_or(u16::MAX);
        let slots = (0..=fields).map(|id| grammar.field_name_for_id(id).map_or(Slot::Other, Slot::of_name)).collect();
        Self { kinds, slots }
    }

    /// The tables of a language of this family.
    pub fn of(language: Language) -> &'static Self {
        static TYPESCRIPT: LazyLock<Tables> = LazyLock::new(|| Tables::new(Language::TypeScript));
        static TSX: LazyLock<Tables> = LazyLock::new(|| Tables::new(Language::Tsx));
        static JAVASCRIPT: LazyLock<Tables> = LazyLock::new(|| Tables::new(Language::JavaScript));
        match language {
            Language::TypeScript => &TYPESCRIPT,
            Language::Tsx => &TSX,
            _ => &JAVASCRIPT,
        }
    }

    /// The kind of a node; broken text is `Other`.
    pub fn kind(&self, node: Node) -> Kind {
        self.kinds.get(usize::from(node.kind_id())).copied().unwrap_or(Kind::Other)
    }

    /// The field that a cursor's node stands in.
    pub fn slot(&self, cursor: &TreeCursor) -> Slot {
        let Some(id) = cursor.field_id().map(NonZeroU16::get) else { return Slot::Other };
        self.slots.get(usize::from(id)).copied().unwrap_or(Slot::Other)
    }
}
