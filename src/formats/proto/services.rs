//! Enums and services.

use super::lex::Kind;
use super::options::{Said, http, plain};
use super::parse::{Parser, Read};
use crate::base::Name;
use crate::facts::proto::{ProtoEnum, ProtoMethod, ProtoService, ProtoValue};

impl Parser<'_> {
    pub(super) fn enumeration(&mut self, doc: String) -> Read<ProtoEnum> {
        let line = self.line();
        self.at += 1;
        let mut one = ProtoEnum { name: self.word()?, doc, line, ..ProtoEnum::default() };
        self.body(|parser| {
            if parser.take(";") {
                return Ok(());
            }
            let is_value = parser.tokens.get(parser.at + 1).is_some_and(|token| token.text == "=");
            match parser.peek().map_or("", |token| token.text) {
                "option" if !is_value => parser.option_statement().map(|said| one.options.extend(plain(vec![said]))),
                "reserved" if !is_value => parser.reserved(&mut one.reserved, &mut one.reserved_names),
                _ => {
                    let doc = parser.peek().map(|token| token.doc.clone()).unwrap_or_default();
                    let name = parser.word()?;
                    parser.expect("=")?;
                    let number = parser.number()?;
                    let options = plain(parser.bracketed()?);
                    parser.expect(";")?;
                    one.values.push(ProtoValue { name, number, options, doc });
                    Ok(())
                }
            }
        })?;
        Ok(one)
    }

    pub(super) fn service(&mut self, doc: String) -> Read<ProtoService> {
        let line = self.line();
        self.at += 1;
        let mut service = ProtoService { name: self.word()?, doc, line, ..ProtoService::default() };
        self.body(|parser| {
            if parser.take(";") {
                return Ok(());
            }
            match parser.peek().map_or("", |token| token.text) {
                "option" => parser.option_statement().map(|said| service.deprecated |= said.is_deprecated()),
                "rpc" => parser.method().map(|method| service.methods.push(method)),
                _ => parser.fail("`rpc`"),
            }
        })?;
        Ok(service)
    }

    fn method(&mut self) -> Read<ProtoMethod> {
        let (line, doc) = (self.line(), self.peek().map(|token| token.doc.clone()).unwrap_or_default());
        self.at += 1;
        let mut method = ProtoMethod { name: self.word()?, doc, line, ..ProtoMethod::default() };
        (method.client_streaming, method.request) = self.message_of_method()?;
        self.expect("returns")?;
        (method.server_streaming, method.response) = self.message_of_method()?;
        let mut options = Vec::new();
        if self.is("{") {
            self.body(|parser| {
                if !parser.take(";") {
                    options.push(parser.option_statement()?);
                }
                Ok(())
            })?;
        } else {
            self.expect(";")?;
        }
        method.deprecated = options.iter().any(Said::is_deprecated);
        method.http = http(&options);
        let idempotency = plain(options).into_iter().find(|option| option.name == "idempotency_level");
        method.idempotency = idempotency.map(|option| option.value.into()).unwrap_or_default();
        Ok(method)
    }

    /// `(stream a.B)`.
    fn message_of_method(&mut self) -> Read<(bool, Name)> {
        self.expect("(")?;
        let follows_name = self.tokens.get(self.at + 1).is_some_and(|token| token.kind == Kind::Word || token.text == ".");
        let is_stream = self.is("stream") && follows_name && !self.names_stream_package();
        self.at += usize::from(is_stream);
        let message = self.path()?;
        self.expect(")")?;
        Ok((is_stream, message))
    }

    /// `stream.Thing` is a type of a package called so; `stream .Thing` is not written by anybody.
    fn names_stream_package(&self) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|token| token.text == ".")
    }
}
