//! References to images and runtimes: their names and versions.

/// Images of language runtimes.
const RUNTIMES: &[&str] = &[
    "python",
    "node",
    "golang",
    "ruby",
    "php",
    "openjdk",
    "eclipse-temurin",
    "amazoncorretto",
    "rust",
    "elixir",
    "erlang",
    "deno",
    "bun",
    "dotnet",
    "aspnet",
    "sdk",
    "runtime",
    "perl",
    "swift",
    "gradle",
    "maven",
    "java",
    "nodejs",
    "go",
];
/// Runtimes whose second number is as big a step as others' first.
const SECOND_COUNTS: &[&str] = &["python", "ruby", "php", "golang", "go", "elixir", "swift"];

/// A reference taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Registry and repository: `docker.io/library/postgres`.
    pub repository: &'a str,
    /// The tag; empty when there is none.
    pub tag: &'a str,
    /// Whether a digest fixes it.
    pub has_digest: bool,
}

/// How two references differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Not fixed any more.
    Unpinned,
    /// Another major version of a runtime.
    Runtime,
    /// Another major version of anything else.
    Major,
    /// Anything else.
    Other,
}

impl Step {
    /// The rule of such a step.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Unpinned => "infra-image-unpinned",
            Self::Runtime => "infra-runtime-major-changed",
            Self::Major => "infra-image-major-changed",
            Self::Other => "infra-image-changed",
        }
    }
}

impl<'a> Reference<'a> {
    /// Takes a reference apart.
    pub fn of(text: &'a str) -> Self {
        let (rest, has_digest) = text.split_once('@').map_or((text, false), |(rest, _)| (rest, true));
        let last = rest.rfind('/').map_or(0, |at| at + 1);
        match rest[last..].find(':') {
            Some(at) => Self { repository: &rest[..last + at], tag: &rest[last + at + 1..], has_digest },
            None => Self { repository: rest, tag: "", has_digest },
        }
    }

    fn is_pinned(&self) -> bool {
        self.has_digest || !matches!(self.tag, "" | "latest")
    }

    fn name(&self) -> &'a str {
        self.repository.rsplit('/').next().unwrap_or(self.repository)
    }
}

/// How one reference became another.
pub fn step(before: &str, after: &str) -> Step {
    let (old, new) = (Reference::of(before), Reference::of(after));
    if old.is_pinned() && !new.is_pinned() {
        return Step::Unpinned;
    }
    if old.name() != new.name() {
        return Step::Other;
    }
    match (major_of(old.name(), old.tag), major_of(new.name(), new.tag)) {
        (Some(left), Some(right)) if left != right => {
            if RUNTIMES.contains(&old.name()) {
                Step::Runtime
            } else {
                Step::Major
            }
        }
        _ => Step::Other,
    }
}

/// The part of a version that a step over is big: `18`, of Python `3.12`.
pub fn major_of(name: &str, version: &str) -> Option<String> {
    let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut numbers = digits.split(|c: char| !c.is_ascii_digit() && c != '.').next()?.split('.').filter(|number| !number.is_empty());
    let first = numbers.next()?;
    let second = numbers.next().filter(|_| SECOND_COUNTS.contains(&name));
    Some(second.map_or_else(|| first.to_owned(), |second| format!("{first}.{second}")))
}

/// Whether two runtimes of functions (`python3.12`) are a big step apart.
pub fn is_major_runtime_step(before: &str, after: &str) -> bool {
    let name = |text: &str| -> String { text.chars().take_while(char::is_ascii_alphabetic).collect() };
    let (old, new) = (name(before), name(after));
    old != new || major_of(&old, before) != major_of(&new, after)
}
