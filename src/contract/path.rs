//! OpenAPI path templates: `/users/{id}`.

/// The parameters' names, in order.
#[must_use]
pub fn names_of(path: &str) -> Vec<&str> {
    split(path).into_iter().filter_map(|(_, name)| name).collect()
}

/// The template without names: equal for templates that OpenAPI takes for the same path.
#[must_use]
pub fn shape_of(path: &str) -> String {
    split(path).into_iter().map(|(text, name)| if name.is_some() { format!("{text}{{}}") } else { text.to_string() }).collect()
}

/// The template with other names, by position; names that are missing stay.
#[must_use]
pub fn renamed(path: &str, names: &[String]) -> String {
    let mut next = names.iter();
    split(path)
        .into_iter()
        .map(|(text, name)| match name {
            Some(name) => format!("{text}{{{}}}", next.next().map_or(name, String::as_str)),
            None => text.to_string(),
        })
        .collect()
}

/// The template with texts in place of parameters, by position.
#[must_use]
pub fn filled(path: &str, text_of: impl Fn(usize) -> Option<String>) -> String {
    let mut position = 0;
    let mut out = String::with_capacity(path.len());
    for (text, name) in split(path) {
        out.push_str(text);
        let Some(name) = name else { continue };
        match text_of(position) {
            Some(filling) => out.push_str(&filling),
            None => out.push_str(&format!("{{{name}}}")),
        }
        position += 1;
    }
    out
}

/// The template with braces that belong to no parameter escaped.
#[must_use]
pub fn with_literals_escaped(path: &str) -> String {
    split(path)
        .into_iter()
        .map(|(text, name)| {
            let text = text.replace('{', "%7B").replace('}', "%7D");
            name.map_or_else(|| text.clone(), |name| format!("{text}{{{name}}}"))
        })
        .collect()
}

/// Literal text, each with the parameter that follows it.
fn split(path: &str) -> Vec<(&str, Option<&str>)> {
    let mut parts = Vec::new();
    let mut rest = path;
    while let Some((before, tail)) = rest.split_once('}') {
        let Some((_, name)) = before.rsplit_once('{') else {
            // A closing brace alone: it stays with the text that follows.
            let Some(next) = tail.find('{').filter(|_| tail.contains('}')) else { break };
            let (text, after) = rest.split_at(rest.len() - tail.len() + next);
            parts.push((text, None));
            rest = after;
            continue;
        };
        let text = &before[..before.len() - name.len() - 1];
        parts.push((text, Some(name)));
        rest = tail;
    }
    parts.push((rest, None));
    parts
}
