//! Definitions of a GraphQL schema.

use super::lex::{Kind, Token};
use crate::base::Name;
use crate::facts::document::Spot;
use crate::facts::graphql::{
    GraphqlArgument, GraphqlDirective, GraphqlField, GraphqlFindings, GraphqlKind, GraphqlRoot, GraphqlRootKind, GraphqlText, GraphqlType,
};

/// Nobody nests lists and literals this deep.
const DEEPEST: u32 = 32;
/// Words that begin a definition.
const DEFINITIONS: &[&str] = &[
    "schema",
    "type",
    "interface",
    "input",
    "enum",
    "union",
    "scalar",
    "directive",
    "extend",
    "query",
    "mutation",
    "subscription",
    "fragment",
];

/// What was read, or the line and what is wrong with it.
type Read<T> = Result<T, (u32, String)>;

/// Reads words into definitions.
pub(super) struct Parser<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    source: &'t GraphqlText,
    /// The first thing that could not be read.
    pub trouble: Option<(u32, String)>,
}

/// What directives say.
#[derive(Default)]
struct Said {
    deprecated: Option<String>,
    /// All others, as they are written.
    others: Vec<String>,
}

impl<'t> Parser<'t> {
    pub fn new(tokens: &'t [Token<'t>], source: &'t GraphqlText) -> Self {
        Self { tokens, at: 0, source, trouble: None }
    }

    /// The whole text.
    pub fn document(&mut self) -> GraphqlFindings {
        let mut found = GraphqlFindings::default();
        while self.peek().is_some() {
            let start = self.at;
            if let Err(trouble) = self.definition(&mut found) {
                self.trouble.get_or_insert(trouble);
                self.mend(start);
            }
        }
        found
    }

    fn peek(&self) -> Option<&'t Token<'t>> {
        self.tokens.get(self.at)
    }

    fn is(&self, text: &str) -> bool {
        self.peek().is_some_and(|token| token.text == text && token.kind != Kind::Text)
    }

    fn take(&mut self, text: &str) -> bool {
        let is = self.is(text);
        self.at += usize::from(is);
        is
    }

    fn line(&self) -> u32 {
        self.source.spot.line + self.peek().or(self.tokens.last()).map_or(0, |token| token.line)
    }

    fn fail<T>(&self, wanted: &str) -> Read<T> {
        let found = self.peek().map_or_else(
            || "the end of the text".to_owned(),
            |token| format!("`{}`", token.text.chars().filter(|c| !c.is_control()).take(40).collect::<String>()),
        );
        Err((self.line(), format!("{wanted} should stand where {found} stands")))
    }

    fn expect(&mut self, text: &str) -> Read<()> {
        if self.take(text) { Ok(()) } else { self.fail(&format!("`{text}`")) }
    }

    fn word(&mut self) -> Read<Name> {
        let Some(token) = self.peek().filter(|token| token.kind == Kind::Word) else { return self.fail("a name") };
        self.at += 1;
        Ok(token.text.as_ref().into())
    }

    /// Goes from a definition that cannot be read to the next.
    fn mend(&mut self, start: usize) {
        self.at = start;
        let mut open = 0u32;
        while let Some(token) = self.peek() {
            let begins = token.kind == Kind::Word && DEFINITIONS.contains(&token.text.as_ref());
            if self.at > start + 1 && begins && (open == 0 || token.is_first) {
                return;
            }
            match token.text.as_ref() {
                "{" | "(" if token.kind == Kind::Sign => open += 1,
                "}" | ")" if token.kind == Kind::Sign => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
    }

    /// What a text before a declaration says of it.
    fn doc(&mut self) -> String {
        let Some(token) = self.peek().filter(|token| token.kind == Kind::Text) else { return String::new() };
        self.at += 1;
        token.text.to_string()
    }

    fn definition(&mut self, found: &mut GraphqlFindings) -> Read<()> {
        let doc = self.doc();
        let is_extension = self.take("extend");
        let line = self.line();
        match self.peek().map_or("", |token| token.text.as_ref()) {
            "schema" => self.schema(found),
            "directive" => self.directive_definition(doc, found),
            "query" | "mutation" | "subscription" | "fragment" | "{" => self.skip_operation(),
            word @ ("type" | "interface" | "input" | "enum" | "union" | "scalar") => {
                let kind = match word {
                    "type" => GraphqlKind::Object,
                    "interface" => GraphqlKind::Interface,
                    "input" => GraphqlKind::Input,
                    "enum" => GraphqlKind::Enum,
                    "union" => GraphqlKind::Union,
                    _ => GraphqlKind::Scalar,
                };
                self.at += 1;
                let name = self.word()?;
                let spot = Spot { file: self.source.spot.file.clone(), symbol: name.clone(), line };
                let mut one = GraphqlType {
                    name,
                    kind,
                    is_extension,
                    is_text: true,
                    doc,
                    framework: self.source.framework,
                    spot,
                    ..GraphqlType::default()
                };
                self.members(&mut one)?;
                found.types.push(one);
                Ok(())
            }
            _ => self.fail("a definition"),
        }
    }

    fn members(&mut self, one: &mut GraphqlType) -> Read<()> {
        if self.take("implements") {
            self.take("&");
            let is_next = |token: &Token| token.is_first && DEFINITIONS.contains(&token.text.as_ref());
            while self.peek().is_some_and(|token| token.kind == Kind::Word && !is_next(token)) {
                one.of.push(self.word()?);
                self.take("&");
            }
        }
        one.directives = self.directives()?.others;
        match one.kind {
            GraphqlKind::Union if self.take("=") => {
                self.take("|");
                loop {
                    one.of.push(self.word()?);
                    if !self.take("|") {
                        break;
                    }
                }
            }
            GraphqlKind::Union | GraphqlKind::Scalar => {}
            GraphqlKind::Enum if self.take("{") => {
                while !self.take("}") {
                    let doc = self.doc();
                    let name = self.word()?;
                    let said = self.directives()?;
                    let (deprecated, directives) = (said.deprecated, said.others);
                    one.fields.push(GraphqlField { name, doc, deprecated, directives, ..GraphqlField::default() });
                }
            }
            _ if self.take("{") => {
                while !self.take("}") {
                    one.fields.push(self.field()?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn field(&mut self) -> Read<GraphqlField> {
        let (line, doc) = (self.line(), self.doc());
        let name = self.word()?;
        let args = if self.take("(") { self.arguments(")")? } else { Vec::new() };
        self.expect(":")?;
        let ty = self.ty(0)?;
        let default = if self.take("=") { Some(self.value(0)?) } else { None };
        let said = self.directives()?;
        let spot = Some(Spot { file: self.source.spot.file.clone(), symbol: name.clone(), line });
        let (deprecated, directives) = (said.deprecated, said.others);
        Ok(GraphqlField { name, ty, args, default, doc, deprecated, spot, is_unsure: false, directives })
    }

    fn arguments(&mut self, close: &str) -> Read<Vec<GraphqlArgument>> {
        let mut args = Vec::new();
        while !self.take(close) {
            let doc = self.doc();
            let name = self.word()?;
            self.expect(":")?;
            let ty = self.ty(0)?;
            let default = if self.take("=") { Some(self.value(0)?) } else { None };
            let said = self.directives()?;
            args.push(GraphqlArgument { name, ty, default, doc, deprecated: said.deprecated, directives: said.others });
        }
        Ok(args)
    }

    fn ty(&mut self, depth: u32) -> Read<String> {
        if depth > DEEPEST {
            return self.fail("a type that is not nested this deep");
        }
        let mut ty = if self.take("[") {
            let inner = self.ty(depth + 1)?;
            self.expect("]")?;
            format!("[{inner}]")
        } else {
            self.word()?.to_string()
        };
        if self.take("!") {
            ty.push('!');
        }
        Ok(ty)
    }

    /// A literal as GraphQL writes it, in one way.
    fn value(&mut self, depth: u32) -> Read<String> {
        if depth > DEEPEST {
            return self.fail("a literal that is not nested this deep");
        }
        if self.take("[") {
            let mut items = Vec::new();
            while !self.take("]") {
                items.push(self.value(depth + 1)?);
            }
            return Ok(format!("[{}]", items.join(", ")));
        }
        if self.take("{") {
            let mut fields = Vec::new();
            while !self.take("}") {
                let name = self.word()?;
                self.expect(":")?;
                fields.push(format!("{name}: {}", self.value(depth + 1)?));
            }
            fields.sort();
            return Ok(format!("{{{}}}", fields.join(", ")));
        }
        if self.take("$") {
            return Ok(format!("${}", self.word()?));
        }
        let Some(token) = self.peek().filter(|token| token.kind != Kind::Sign) else { return self.fail("a value") };
        self.at += 1;
        Ok(if token.kind == Kind::Text { serde_json::Value::from(token.text.as_ref()).to_string() } else { token.text.to_string() })
    }

    fn directives(&mut self) -> Read<Said> {
        let mut said = Said::default();
        while self.take("@") {
            let name = self.word()?;
            let is_deprecated = name == "deprecated";
            if is_deprecated {
                said.deprecated.get_or_insert_default();
            }
            let mut given = Vec::new();
            if self.take("(") {
                while !self.take(")") {
                    let key = self.word()?;
                    self.expect(":")?;
                    let reason = self.peek().filter(|token| is_deprecated && key == "reason" && token.kind == Kind::Text);
                    if let Some(reason) = reason {
                        said.deprecated = Some(reason.text.to_string());
                    }
                    given.push(format!("{key}: {}", self.value(0)?));
                }
            }
            given.sort();
            if !is_deprecated {
                let given = if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) };
                said.others.push(format!("@{name}{given}"));
            }
        }
        Ok(said)
    }

    fn schema(&mut self, found: &mut GraphqlFindings) -> Read<()> {
        let line = self.line();
        self.at += 1;
        let spot = Spot { file: self.source.spot.file.clone(), symbol: "schema".into(), line };
        found.on_schema.extend(self.directives()?.others.into_iter().map(|one| (one, spot.clone())));
        if !self.take("{") {
            return Ok(());
        }
        while !self.take("}") {
            let word = self.word()?;
            self.expect(":")?;
            let name = self.word()?;
            if let Some(kind) = GraphqlRootKind::of(&word) {
                let spot = Spot { file: self.source.spot.file.clone(), symbol: name.clone(), line };
                found.roots.push(GraphqlRoot { kind, name, spot });
            }
        }
        Ok(())
    }

    fn directive_definition(&mut self, doc: String, found: &mut GraphqlFindings) -> Read<()> {
        let line = self.line();
        self.at += 1;
        self.expect("@")?;
        let name = self.word()?;
        let spot = Spot { file: self.source.spot.file.clone(), symbol: name.clone(), line };
        let mut one = GraphqlDirective { name, doc, spot, ..GraphqlDirective::default() };
        if self.take("(") {
            one.args = self.arguments(")")?;
        }
        one.is_repeatable = self.take("repeatable");
        self.expect("on")?;
        self.take("|");
        loop {
            one.locations.push(self.word()?);
            if !self.take("|") {
                break;
            }
        }
        one.locations.sort();
        found.directives.push(one);
        Ok(())
    }

    /// A client's operation or fragment: up to the end of its selection.
    fn skip_operation(&mut self) -> Read<()> {
        let mut open = 0u32;
        let mut has_opened = false;
        while let Some(token) = self.peek() {
            if token.kind == Kind::Sign {
                match token.text.as_ref() {
                    "{" => (open, has_opened) = (open + 1, true),
                    "}" => open = open.saturating_sub(1),
                    "(" if !has_opened => {
                        self.skip_round();
                        continue;
                    }
                    _ => {}
                }
            }
            self.at += 1;
            if has_opened && open == 0 {
                break;
            }
        }
        Ok(())
    }

    /// What stands in round brackets, braces of literals included.
    fn skip_round(&mut self) {
        let mut open = 0u32;
        while let Some(token) = self.peek() {
            self.at += 1;
            match token.text.as_ref() {
                "(" if token.kind == Kind::Sign => open += 1,
                ")" if token.kind == Kind::Sign => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
    }
}
