//! Places with `*` for anything. Nothing else is special: places are full of braces and brackets.

/// Whether a whole text is what a pattern says.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let mut rest = rest;
    while let Some((piece, after)) = rest.split_once('*') {
        match left.find(piece) {
            Some(at) => left = left.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
        rest = after;
    }
    left.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything_and_nothing_else_does() {
        assert!(matches("GET /users/{id}", "GET /users/{id}"));
        assert!(matches("GET /internal/*", "GET /internal/a/b → 200 body.x[]"));
        assert!(matches("* /internal/* → *", "POST /internal/a → request body"));
        assert!(matches("*", ""));
        assert!(!matches("GET /users", "GET /users/{id}"));
        assert!(!matches("GET /a*b*b", "GET /ab"));
        assert!(!matches("*.price", "Order.prices"));
    }
}
