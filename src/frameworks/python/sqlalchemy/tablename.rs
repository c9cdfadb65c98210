//! Table names that code computes from a class's name: `cls.__name__.lower() + "s"`, Flask-SQLAlchemy's snake_case.

use crate::base::Name;
use crate::base::code::{Call, Expr, Op, Piece};
use crate::facts::program::{FuncRef, Meaning, Program, Site};

const MAX_DEPTH: u32 = 16;

/// `HTTPSession` as `http_session`: what Flask-SQLAlchemy and advanced-alchemy do.
#[must_use]
pub fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|at| letters[at]);
        let after = letters.get(index + 1);
        let follows_small = before.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let begins_word = index > 0 && after.is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && (follows_small || begins_word) {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text.trim_start_matches('_').to_owned()
}

/// The plural of an English noun, as `inflect` and `inflection` make it.
#[must_use]
pub fn plural(word: &str) -> String {
    let is_vowel = |c: char| "aeiou".contains(c.to_ascii_lowercase());
    let second = word.chars().rev().nth(1);
    if let Some(stem) = word.strip_suffix('y').filter(|_| second.is_some_and(|c| !is_vowel(c))) {
        return format!("{stem}ies");
    }
    if ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end)) {
        return format!("{word}es");
    }
    if let Some(stem) = word.strip_suffix("person") {
        return format!("{stem}people");
    }
    format!("{word}s")
}

/// What the body of `def __tablename__(cls)` gives for a class of this name; `None` also when it says there is no table.
#[must_use]
pub fn computed(program: &dyn Program, function: FuncRef, class_name: &str) -> Option<String> {
    returned(program, function, class_name, None, 0)
}

fn returned(program: &dyn Program, function: FuncRef, class_name: &str, given: Option<&str>, depth: u32) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    let facts = program.file(function.file);
    let parameter = facts.outline.function(function.id).params.first().and_then(|param| param.name().cloned());
    facts.returns_of(function.id).iter().rev().find_map(|index| {
        let value = &facts.outline.returns[*index as usize];
        let site = Site { file: function.file, scope: value.scope, offset: value.at.offset, env: None };
        Naming { program, class_name, given: given.zip(parameter.as_ref()) }.text(&site, &value.value, depth + 1)
    })
}

/// The text of an expression, given the class's name.
#[must_use]
pub fn text(program: &dyn Program, site: &Site, expr: &Expr, class_name: &str) -> Option<String> {
    Naming { program, class_name, given: None }.text(site, expr, 0)
}

struct Naming<'a> {
    program: &'a dyn Program,
    class_name: &'a str,
    /// A parameter that is known: its text and its name.
    given: Option<(&'a str, &'a Name)>,
}

impl Naming<'_> {
    fn text(&self, site: &Site, expr: &Expr, depth: u32) -> Option<String> {
        if depth > MAX_DEPTH {
            return None;
        }
        match expr {
            Expr::Str(text) => Some(text.to_string()),
            Expr::Member(_, name) if matches!(name.as_str(), "__name__" | "__qualname__") => Some(self.class_name.to_owned()),
            Expr::Template(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => Some(text.to_string()),
                    Piece::Expr(inner) => self.text(site, inner, depth + 1),
                })
                .collect(),
            Expr::Binary(binary) if binary.op == Op::Add => {
                Some(self.text(site, &binary.left, depth + 1)? + &self.text(site, &binary.right, depth + 1)?)
            }
            Expr::Cond(cond) => self.text(site, &cond.yes, depth + 1).or_else(|| self.text(site, &cond.no, depth + 1)),
            Expr::Cast(pair) => self.text(site, &pair.0, depth + 1),
            Expr::Call(id) => self.call(site, self.program.file(site.file).outline.call(*id), depth),
            Expr::Ref(name) if self.given.is_some_and(|(_, parameter)| parameter == name) => self.given.map(|(text, _)| text.to_owned()),
            Expr::Ref(_) | Expr::Member(..) => match self.program.resolve(site, expr) {
                Meaning::Value(value, _) if std::ptr::eq(value, expr) => None,
                Meaning::Value(value, at) => self.text(&at, value, depth + 1),
                _ => self.program.text(site, expr).plain(),
            },
            _ => None,
        }
    }

    fn call(&self, site: &Site, call: &Call, depth: u32) -> Option<String> {
        let here = site.moved(site.file, call.scope, call.at.offset);
        let first = || call.positional(0).and_then(|arg| self.text(&here, arg, depth + 1));
        match self.program.resolve(&here, &call.callee) {
            Meaning::Outside(path) => {
                if matches!(path.as_str(), "re.sub" | "regex.sub") {
                    return self.text(&here, call.positional(2)?, depth + 1).map(|text| snake(&text));
                }
                if path.starts_with("builtins.str:") {
                    return None;
                }
                return shaped(path.rsplit('.').next().unwrap_or_default(), &first()?);
            }
            Meaning::Function(function, _) => {
                let name = self.program.function(function).name.to_string();
                let class_given = call.args.iter().any(|arg| matches!(&arg.value, Expr::Ref(name) if name == "cls" || name == "self"));
                let given = call.args.iter().find_map(|arg| self.text(&here, &arg.value, depth + 1));
                if let Some(text) = given.as_ref().and_then(|given| shaped(&name, given)) {
                    return Some(text);
                }
                let inner = returned(self.program, function, self.class_name, given.as_deref(), depth + 1);
                return inner.or_else(|| class_given.then(|| shaped(&name, self.class_name)).flatten());
            }
            _ => {}
        }
        let (receiver, method) = call.method()?;
        if method == "sub" {
            // `PATTERN.sub("_", name)`.
            return self.text(&here, call.positional(1)?, depth + 1).map(|text| snake(&text));
        }
        if let Some(argument) = first().filter(|_| !matches!(receiver, Expr::Member(..) | Expr::Call(_) | Expr::Str(_)))
            && let Some(text) = shaped(method, &argument)
        {
            return Some(text);
        }
        let on = self.text(&here, receiver, depth + 1)?;
        match method.as_str() {
            "lower" | "casefold" => Some(on.to_lowercase()),
            "upper" => Some(on.to_uppercase()),
            "strip" => Some(on.trim().to_owned()),
            "lstrip" => first().map(|chars| on.trim_start_matches(|c| chars.contains(c)).to_owned()),
            "rstrip" => first().map(|chars| on.trim_end_matches(|c| chars.contains(c)).to_owned()),
            "removesuffix" => first().map(|end| on.strip_suffix(end.as_str()).unwrap_or(&on).to_owned()),
            "removeprefix" => first().map(|start| on.strip_prefix(start.as_str()).unwrap_or(&on).to_owned()),
            "replace" => {
                let new = self.text(&here, call.positional(1)?, depth + 1)?;
                Some(on.replace(&first()?, &new))
            }
            _ => None,
        }
    }
}

/// What a function of this name does to a name.
fn shaped(function: &str, text: &str) -> Option<String> {
    let function = function.to_lowercase();
    if ["snake", "underscore", "camel2snake", "decamelize"].iter().any(|word| function.contains(word)) {
        let text = snake(text);
        return Some(if function.contains("plural") { plural(&text) } else { text });
    }
    if function == "tableize" {
        return Some(plural(&snake(text)));
    }
    if function.contains("plural") {
        return Some(plural(text));
    }
    if function == "lower" || function == "str" {
        return Some(if function == "lower" { text.to_lowercase() } else { text.to_owned() });
    }
    None
}
