//! Node kinds as enums: a node's kind is looked up in a table by its numeric id instead of comparing names.
//!
//! Knows no grammar; each language lists the kinds it reads.

use tree_sitter::Language;

/// Builds the table from kind id to kind: `name_of` tells a kind by its name in the grammar.
pub(super) fn table<K: Copy>(language: &Language, name_of: impl Fn(&str, bool) -> K) -> Box<[K]> {
    let count = u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
    (0..count).map(|id| name_of(language.node_kind_for_id(id).unwrap_or(""), language.node_kind_is_named(id))).collect()
}

/// Declares an enum of the node kinds a language reads, with `Other` for the rest and `Error` for broken text, and
/// `K::of(node)`. Anonymous tokens (`"+"`) are kinds too, told from named nodes of the same name by `"…" token`.
///
/// ```ignore
/// kinds! { pub(super) enum K in Language::Python; Call = "call", Plus = "+" token }
/// ```
macro_rules! kinds {
    (@named) => { true };
    (@named token) => { false };
    ($vis:vis enum $kind:ident in $language:expr; $($variant:ident = $name:literal $($token:ident)?),+ $(,)?) => {
        /// Node kinds that are read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $kind {
            /// Anything that is not read.
            Other,
            /// Text the grammar could not parse.
            Error,
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl $kind {
            /// The kind of a node.
            $vis fn of(node: tree_sitter::Node) -> Self {
                static TABLE: std::sync::LazyLock<Box<[$kind]>> = std::sync::LazyLock::new(|| {
                    crate::outline::kinds::table(&crate::outline::parse::grammar($language), |name, is_named| match (name, is_named) {
                        $(($name, $crate::outline::kinds::kinds!(@named $($token)?)) => $kind::$variant,)+
                        _ => $kind::Other,
                    })
                });
                match TABLE.get(usize::from(node.kind_id())) {
                    Some(kind) => *kind,
                    None => Self::Error,
                }
            }
        }
    };
}

/// Declares a struct of field ids, made once per process: `fields().name` for `child_by_field_id`.
macro_rules! fields {
    ($vis:vis fn $function:ident() -> $fields:ident in $language:expr; $($field:ident),+ $(,)?) => {
        /// Ids of the grammar's fields.
        #[derive(Clone, Copy)]
        $vis struct $fields { $(#[doc = concat!("`", stringify!($field), "`")] pub $field: u16,)+ }

        /// The field ids; 0, which no child has, for one the grammar lacks.
        $vis fn $function() -> &'static $fields {
            static FIELDS: std::sync::LazyLock<$fields> = std::sync::LazyLock::new(|| {
                let grammar = crate::outline::parse::grammar($language);
                $fields { $($field: grammar.field_id_for_name(stringify!($field).trim_start_matches("r#")).map_or(0, std::num::NonZero::get),)+ }
            });
            &FIELDS
        }
    };
}

pub(super) use {fields, kinds};
