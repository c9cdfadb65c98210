//! Paths that are places in the file system: Next.js, SvelteKit, Nuxt.

use super::{Part, Parts, convertor, enclosed};

/// `[id]`, `[...rest]`, `[[...rest]]` (also without), `(group)` and `@slot` folders left out.
pub(super) fn variants(text: &str) -> Vec<Vec<Part>> {
    let mut variants: Vec<Vec<Part>> = vec![Vec::new()];
    for segment in text.split('/').filter(|segment| !segment.is_empty()) {
        if segment.starts_with('(') && segment.ends_with(')') || segment.starts_with('@') {
            continue;
        }
        let is_optional = segment.starts_with("[[");
        let without = is_optional.then(|| variants.clone());
        for variant in &mut variants {
            variant.push(Part::Text("/".to_owned()));
            variant.extend(bracket_segment(segment));
        }
        variants.extend(without.into_iter().flatten());
        variants.truncate(8);
    }
    for variant in &mut variants {
        if variant.is_empty() {
            variant.push(Part::Text("/".to_owned()));
        }
    }
    variants
}

fn bracket_segment(segment: &str) -> Vec<Part> {
    let chars: Vec<char> = segment.chars().collect();
    let mut parts = Parts::default();
    let mut at = 0;
    while at < chars.len() {
        if chars[at] == '['
            && let Some((inner, next)) = enclosed(&chars, at, '[', ']')
        {
            let name = inner.trim_start_matches('[').trim_end_matches(']').trim_start_matches("...");
            let (name, matcher) = name.split_once('=').unwrap_or((name, ""));
            parts.param(name, convertor(matcher));
            at = next;
        } else {
            parts.push(chars[at]);
            at += 1;
        }
    }
    parts.done()
}
