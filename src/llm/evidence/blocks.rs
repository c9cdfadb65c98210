//! Declarations of a file in any language, as far as indentation and blank lines tell.

/// Lines that belong together: first and last, 1-based.
pub type Block = (u32, u32);

/// Deeper nesting is not looked into.
const DEEPEST: usize = 8;
const TAB: usize = 4;
/// Deeper indentation is not told apart.
const DEEPEST_COLUMN: usize = 200;

/// The blocks at the least indentation of a range, without gaps: every line of the range is in one of them.
#[must_use]
pub fn blocks(lines: &[String], range: Block) -> Vec<Block> {
    let shown = |number: u32| lines.get((number as usize).wrapping_sub(1)).map_or("", String::as_str);
    let is_blank = |number: u32| shown(number).trim().is_empty();
    let own = (range.0..=range.1).filter(|number| !is_blank(*number) && !continues(shown(*number).trim_start()));
    let Some(least) = own.map(|number| indent(shown(number))).min() else {
        return vec![range];
    };
    let mut starts: Vec<u32> = Vec::new();
    let mut is_lead = false;
    for number in range.0..=range.1 {
        let line = shown(number);
        if is_blank(number) {
            is_lead = false;
            continue;
        }
        let begins = indent(line) <= least && !continues(line.trim_start());
        if begins && !is_lead {
            starts.push(number);
        }
        is_lead = if begins { leads(line.trim_start()) } else { is_lead };
    }
    if starts.first() != Some(&range.0) {
        starts.insert(0, range.0);
    }
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([range.1]);
    starts.iter().copied().zip(ends).collect()
}

/// The blocks that a line is in, from the outermost to the innermost.
#[must_use]
pub fn around(lines: &[String], line: u32) -> Vec<Block> {
    let mut chain = Vec::new();
    let mut range = (1, u32::try_from(lines.len()).unwrap_or(u32::MAX));
    for _ in 0..DEEPEST {
        let Some(block) = blocks(lines, range).into_iter().find(|(from, to)| (*from..=*to).contains(&line)) else { break };
        if chain.last() == Some(&block) {
            break;
        }
        chain.push(block);
        // The head stays out, so that the next blocks are those of the body.
        let body = (block.0 + heads(lines, block), block.1);
        if body.0 > line || body.0 > body.1 {
            break;
        }
        range = body;
    }
    chain
}

/// The last line of a block's head: up to the first that is deeper than the first line that declares.
#[must_use]
pub fn head(lines: &[String], block: Block) -> Block {
    (block.0, (block.0 + heads(lines, block)).saturating_sub(1).clamp(block.0, block.1))
}

/// How many lines the head of a block has: up to the first that is deeper than it.
fn heads(lines: &[String], block: Block) -> u32 {
    let shown = |number: u32| lines.get((number as usize).wrapping_sub(1)).map_or("", String::as_str);
    let own = indent(shown(block.0));
    let deeper = (block.0..=block.1).find(|number| !shown(*number).trim().is_empty() && indent(shown(*number)) > own);
    deeper.map_or(block.1 - block.0 + 1, |number| number - block.0)
}

/// Pieces of a range that are no larger than `most` bytes, cut between blocks where that is possible.
#[must_use]
pub fn pieces(lines: &[String], range: Block, most: usize) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    split(lines, range, most, DEEPEST, &mut out);
    let mut joined: Vec<Block> = Vec::new();
    for piece in out {
        match joined.last_mut() {
            Some(before) if size(lines, (before.0, piece.1)) <= most => before.1 = piece.1,
            _ => joined.push(piece),
        }
    }
    joined
}

fn split(lines: &[String], range: Block, most: usize, depth: usize, out: &mut Vec<Block>) {
    if range.0 > range.1 {
        return;
    }
    if size(lines, range) <= most || range.0 == range.1 {
        out.push(range);
        return;
    }
    let parts = blocks(lines, range);
    if parts.len() > 1 && depth > 0 {
        parts.into_iter().for_each(|part| split(lines, part, most, depth - 1, out));
        return;
    }
    let head = heads(lines, range).max(1);
    if depth > 0 && range.0 + head <= range.1 {
        halves(lines, (range.0, range.0 + head - 1), most, out);
        split(lines, (range.0 + head, range.1), most, depth - 1, out);
        return;
    }
    let middle = range.0 + (range.1 - range.0) / 2;
    halves(lines, (range.0, middle), most, out);
    halves(lines, (middle + 1, range.1), most, out);
}

/// Cuts a range in the middle until its pieces fit; a single line always does.
fn halves(lines: &[String], range: Block, most: usize, out: &mut Vec<Block>) {
    let mut open = vec![range];
    while let Some(range) = open.pop() {
        if size(lines, range) <= most || range.0 >= range.1 {
            out.push(range);
        } else {
            let middle = range.0 + (range.1 - range.0) / 2;
            open.push((middle + 1, range.1));
            open.push((range.0, middle));
        }
    }
}

/// The bytes of a range as it is sent.
#[must_use]
pub fn size(lines: &[String], range: Block) -> usize {
    let from = (range.0 as usize).saturating_sub(1).min(lines.len());
    let to = (range.1 as usize).min(lines.len()).max(from);
    lines.get(from..to).unwrap_or_default().iter().map(|line| line.len() + 8).sum()
}

fn indent(line: &str) -> usize {
    line.chars().take(DEEPEST_COLUMN).take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { TAB } else { 1 }).sum()
}

/// Whether a line goes on with what stands before it.
fn continues(line: &str) -> bool {
    const WORDS: [&str; 9] = ["end", "else", "elif", "elsif", "except", "finally", "catch", "rescue", "ensure"];
    let word = line.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    line.starts_with(['}', ')', ']', '{', ',', '.', '|', '&']) || WORDS.contains(&word)
}

/// Whether a line belongs to the declaration below it: a comment, a decorator, an attribute.
fn leads(line: &str) -> bool {
    ["@", "//", "/*", "*", "#", "--", "[<", "\"\"\""].iter().any(|mark| line.starts_with(mark))
        || line.starts_with('[') && line.ends_with(']')
}

#[cfg(test)]
mod tests {
    use super::{around, blocks, pieces, size};

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    const JAVA: &str = "package a;\n\nimport b.C;\n\n@RestController\npublic class Users {\n  @Get(\"/a\")\n  public A a() {\n    return x;\n  }\n\n  // b\n  public B b() {\n    return y;\n  }\n}\n";

    #[test]
    fn blocks_follow_indentation() {
        let java = lines(JAVA);
        assert_eq!(blocks(&java, (1, 16)), [(1, 2), (3, 4), (5, 16)]);
        assert_eq!(around(&java, 9), [(5, 16), (7, 11), (9, 11)]);
        assert_eq!(around(&java, 13), [(5, 16), (12, 16)]);
        let python = lines("import a\n\n@app.get('/x')\ndef x():\n    return 1\n\nclass B:\n    def c(self):\n        pass\n");
        assert_eq!(around(&python, 3), [(3, 6)]);
        assert_eq!(around(&python, 8), [(7, 9), (8, 9)]);
        let allman = lines("class A\n{\n    void b()\n    {\n        c();\n    }\n}\n");
        assert_eq!(around(&allman, 3), [(1, 7), (3, 7)]);
    }

    #[test]
    fn pieces_cover_everything_and_are_small() {
        let java = lines(JAVA);
        for most in [1, 40, 80, 200, 10_000] {
            let cut = pieces(&java, (1, 16), most);
            let all: Vec<u32> = cut.iter().flat_map(|(from, to)| *from..=*to).collect();
            assert_eq!(all, (1..=16).collect::<Vec<_>>(), "{most}");
            assert!(cut.iter().all(|piece| piece.0 == piece.1 || size(&java, *piece) <= most), "{most}");
        }
        let flat = lines(&"x\n".repeat(5000));
        assert!(pieces(&flat, (1, 5000), 900).len() >= 50);
        let deep: Vec<String> = (0..900).map(|depth| format!("{}x {{", " ".repeat(depth))).collect();
        assert!(!pieces(&deep, (1, 900), 4000).is_empty());
        assert!(!around(&deep, 880).is_empty());
    }
}
