//! A file in pieces that fit into a question: by declaration, each with the file's imports and a few lines of the piece before it.

use std::sync::Arc;

use super::Excerpt;
use super::blocks::{pieces, size};
use super::text::Text;

/// The pieces of a file, each at most `most` bytes as far as lines allow.
#[must_use]
pub fn chunks(text: &Arc<Text>, most: usize, overlap: u32) -> Vec<Excerpt> {
    if text.is_empty() {
        return Vec::new();
    }
    let whole = Excerpt::whole(text.clone());
    if whole.bytes() <= most {
        return vec![whole];
    }
    let imports = imports_within(text, most / 4);
    let taken: usize = imports.iter().map(|range| size(text.lines(), *range)).sum();
    let most = most.saturating_sub(taken).max(most / 2);
    // What two pieces share is counted with them.
    let shared = size(text.lines(), (1, text.len())) / text.len().max(1) as usize * overlap as usize;
    let cut = pieces(text.lines(), (1, text.len()), most.saturating_sub(shared).max(most / 2));
    cut.iter()
        .map(|(from, to)| {
            let mut ranges = imports.clone();
            ranges.push((from.saturating_sub(overlap).max(1), *to));
            Excerpt::new(text.clone(), ranges)
        })
        .collect()
}

/// The imports of a file, as many as fit.
#[must_use]
pub fn imports_within(text: &Text, most: usize) -> Vec<(u32, u32)> {
    let mut left = most;
    text.imports()
        .into_iter()
        .take_while(|range| {
            let bytes = size(text.lines(), *range);
            let fits = bytes <= left;
            left = left.saturating_sub(bytes);
            fits
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::chunks;
    use crate::llm::evidence::text::Text;

    #[test]
    fn every_line_is_in_a_piece_and_imports_in_all() {
        let mut code = "package a\n\nimport \"net/http\"\n".to_owned();
        for number in 0..60 {
            code.push_str(&format!("\nfunc f{number}(w http.ResponseWriter) {{\n\tw.Write(nil)\n\tw.Header()\n}}\n"));
        }
        let text = Arc::new(Text::new("a.go", &code, Default::default()));
        let parts = chunks(&text, 2000, 3);
        assert!(parts.len() > 2);
        assert!((1..=text.len()).all(|line| parts.iter().any(|part| part.has(line))));
        assert!(
            parts.iter().all(|part| part.has(3) && part.bytes() <= 2600),
            "{:?}",
            parts.iter().map(|part| part.bytes()).collect::<Vec<_>>()
        );
        // No function is torn apart.
        let starts: Vec<u32> = (1..=text.len()).filter(|line| text.code(*line).starts_with("func")).collect();
        assert!(starts.iter().all(|line| parts.iter().any(|part| (0..4).all(|more| part.has(line + more)))));
    }
}
