//! HCL (Terraform, OpenTofu) as it is written: blocks, attributes, expressions as far as they can be told without running them.
//!
//! Knows nothing of what blocks mean.

use crate::base::Name;

/// What stands in a file or between the braces of a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// Attributes, in order.
    pub attributes: Vec<(Name, Expr)>,
    /// Blocks, in order.
    pub blocks: Vec<Block>,
}

/// A block: `resource "aws_sqs_queue" "jobs" { … }`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Its first word.
    pub kind: Name,
    /// Its labels.
    pub labels: Vec<Name>,
    /// What stands in it.
    pub body: Body,
    /// 1-based line.
    pub line: u32,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A text with holes.
    Text(Vec<Part>),
    /// A number, `true`, `false`, `null`.
    Word(Name),
    /// What is referred to: `var.name`, `aws_sqs_queue.jobs[0].arn`.
    Path(String),
    /// A list.
    List(Vec<Expr>),
    /// A map; keys that are no plain names stand as they are written.
    Map(Vec<(Name, Expr)>),
    /// A call of a function.
    Call(Name, Vec<Expr>),
    /// `condition ? one : other`; the condition, the one, the other.
    Choice(Box<[Expr; 3]>),
    /// Anything else.
    Other,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// A hole: `${…}`.
    Hole(Expr),
}

impl Body {
    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Expr> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, expr)| expr)
    }

    /// The blocks of a kind.
    pub fn blocks_of(&self, kind: &str) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

impl Expr {
    /// A text without holes, or a word.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        match self {
            Self::Text(parts) => match parts.as_slice() {
                [] => Some(""),
                [Part::Text(text)] => Some(text),
                _ => None,
            },
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The value of a map's key.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| key == name).map(|(_, expr)| expr)
    }
}
