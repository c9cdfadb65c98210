//! What answers rest on: the text of declarations, and the files that no reader knows.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::base::code::Outline;
use crate::base::language::Language;
use crate::contract::documents::digest_of;
use crate::contract::resolutions::Evidenced;
use crate::contract::resolutions::questions::Unread;
use crate::outline;
use crate::scan::{FileKind, Tree};

/// Larger files are not asked about.
const LARGEST: usize = 1 << 20;

/// How many lines above a declaration may belong to it: decorators, attributes, comments.
const MOST_ABOVE: usize = 60;

/// Languages that have no reader, by extension.
const UNREAD: [(&str, &str); 19] = [
    ("cs", "C#"),
    ("clj", "Clojure"),
    ("cr", "Crystal"),
    ("dart", "Dart"),
    ("ex", "Elixir"),
    ("erl", "Erlang"),
    ("fs", "F#"),
    ("go", "Go"),
    ("groovy", "Groovy"),
    ("hs", "Haskell"),
    ("java", "Java"),
    ("kt", "Kotlin"),
    ("lua", "Lua"),
    ("php", "PHP"),
    ("pl", "Perl"),
    ("rb", "Ruby"),
    ("scala", "Scala"),
    ("swift", "Swift"),
    ("vb", "Visual Basic"),
];

/// The code of one tree, as answers refer to it.
pub struct Declarations<'t> {
    tree: &'t Tree,
    known: RefCell<BTreeMap<String, Option<Read>>>,
}

/// One file that was read.
struct Read {
    text: String,
    outline: Option<Outline>,
}

impl<'t> Declarations<'t> {
    /// Of a tree. Files are read when they are asked for.
    #[must_use]
    pub fn new(tree: &'t Tree) -> Self {
        Self { tree, known: RefCell::default() }
    }

    fn with<T>(&self, file: &str, look: impl FnOnce(&Read) -> T) -> Option<T> {
        let mut known = self.known.borrow_mut();
        let read = known.entry(file.to_owned()).or_insert_with(|| read(self.tree, file));
        read.as_ref().map(look)
    }
}

impl Evidenced for Declarations<'_> {
    fn digest(&self, file: &str, symbol: &str) -> Option<String> {
        self.with(file, |read| {
            let declared = read.outline.as_ref().map(|outline| declarations(outline, &read.text, symbol)).unwrap_or_default();
            if declared.is_empty() { digest_of(read.text.as_bytes()) } else { digest_of(declared.join("\0").as_bytes()) }
        })
    }
}

/// A file with the line ends that git keeps.
fn read(tree: &Tree, file: &str) -> Option<Read> {
    let index = tree.index_of(file)?;
    let bytes = tree.read(index).ok()?;
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    let FileKind::Code(language) = tree.files[index].kind else { return Some(Read { text, outline: None }) };
    let outline = outlined(language, &text);
    Some(Read { text, outline })
}

/// A file that makes the reader panic has no declarations.
fn outlined(language: Language, text: &str) -> Option<Outline> {
    std::panic::catch_unwind(|| outline::outline(language, text.as_bytes()).outline).ok()
}

/// The texts of the declarations that a symbol names (`create`, `UserRouter.create`), with what stands right above them.
fn declarations<'a>(outline: &Outline, text: &'a str, symbol: &str) -> Vec<&'a str> {
    let mut names = symbol.rsplit(['.', ':', '#', '/', ' ']).filter(|name| !name.is_empty());
    let Some(name) = names.next() else { return Vec::new() };
    let owner = names.next();
    let is_owned = |function: &crate::base::code::Function| {
        let class = function.class.and_then(|class| outline.classes.get(class.index()));
        owner.is_none_or(|owner| class.is_none_or(|class| class.name == owner))
    };
    let functions = outline.functions.iter().filter(|function| function.name == name && is_owned(function));
    let functions = functions.map(|function| (function.at.offset, function.end));
    let classes = outline.classes.iter().filter(|class| class.name == name).map(|class| (class.at.offset, class.end));
    let mut spans: Vec<(u32, u32)> = functions.chain(classes).collect();
    spans.sort_unstable();
    spans.dedup();
    spans.into_iter().filter_map(|(start, end)| text.get(with_above(text, start as usize)?..end as usize)).collect()
}

/// Where a declaration begins together with the lines right above it.
fn with_above(text: &str, start: usize) -> Option<usize> {
    let mut begin = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    for _ in 0..MOST_ABOVE {
        let Some(above) = text[..begin].strip_suffix('\n') else { break };
        let line = above.rfind('\n').map_or(0, |at| at + 1);
        if above[line..].trim().is_empty() {
            break;
        }
        begin = line;
    }
    Some(begin)
}

/// Whether a path is of a program file that no reader knows.
#[must_use]
pub fn is_unread(path: &str) -> bool {
    language_of(path).is_some()
}

fn language_of(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    UNREAD.iter().find(|(known, _)| *known == extension).map(|(_, language)| *language)
}

/// The program files of a tree that no reader knows, sorted by path.
#[must_use]
pub fn unread(tree: &Tree) -> Vec<Unread> {
    let others = tree.files.iter().enumerate().filter(|(_, file)| file.kind == FileKind::Other);
    let known = others.filter_map(|(index, file)| {
        let language = language_of(&file.path)?;
        let bytes = tree.read(index).ok().filter(|bytes| bytes.len() <= LARGEST)?;
        let is_left_out = tree.judge(index, &bytes).is_some() || is_test(&file.path);
        (!is_left_out).then(|| Unread { path: file.path.clone(), language: language.to_owned() })
    });
    known.collect()
}

/// Names of tests in languages whose tests the scan does not know.
fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_named = stem.ends_with("_test") || stem.ends_with("Test") || stem.ends_with("Tests") || stem.ends_with("_spec");
    is_named || path.split('/').any(|part| matches!(part, "test" | "tests" | "spec"))
}
