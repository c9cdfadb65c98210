//! Types of fields and arguments, as GraphQL writes them: which holds less than another.

use crate::contract::model::graphql::base_of;

/// Whether everything of the type `after` is of the type `before`: a reader of the one can read the other.
pub(super) fn is_within(before: &str, after: &str) -> bool {
    let (mut before, mut after) = (before.trim(), after.trim());
    loop {
        match (before.strip_suffix('!'), after.strip_suffix('!')) {
            (Some(outer), Some(inner)) => (before, after) = (outer, inner),
            (None, Some(inner)) => after = inner,
            (Some(_), None) => return false,
            (None, None) => {}
        }
        let (Some(outer), Some(inner)) = (item_of(before), item_of(after)) else { return before == after };
        (before, after) = (outer, inner);
    }
}

/// Whether the type `after` holds all of the type `before` and more, or lists of it.
pub(super) fn is_wider(before: &str, after: &str) -> bool {
    let lists = |ty: &str| ty.bytes().filter(|byte| *byte == b'[').count();
    is_within(after, before) || (base_of(before) == base_of(after) && lists(after) > lists(before))
}

/// Whether a value has to be given.
pub(super) fn is_required(ty: &str, default: Option<&String>) -> bool {
    ty.ends_with('!') && default.is_none()
}

fn item_of(ty: &str) -> Option<&str> {
    Some(ty.strip_prefix('[')?.strip_suffix(']')?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_within_another() {
        for (outer, inner) in [("A", "A!"), ("[A]", "[A!]"), ("[A]", "[A!]!"), ("[[A]!]", "[[A!]!]!"), ("A", "A")] {
            assert!(is_within(outer, inner), "{inner} in {outer}");
            assert!(outer == inner || !is_within(inner, outer), "{outer} in {inner}");
        }
        for (one, other) in [("A", "B"), ("A", "[A]"), ("[A]!", "A!"), ("[A", "A]")] {
            assert!(!is_within(one, other), "{other} in {one}");
        }
        assert!(is_wider("A", "[A]") && is_wider("A!", "A") && !is_wider("[A]", "A") && !is_wider("A", "[B]"));
        let deep = format!("{}A{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(is_within(&deep, &deep));
    }
}
