//! Commits: which there are, what they have in common, what was said with them.

use git2::{ErrorCode, Oid, Repository, Sort};

use super::Repo;
use super::command::Git;

/// A commit's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Its name, in hexadecimal.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// What was said with it.
    pub message: String,
}

/// A history longer than this is not read through for what was said.
const MESSAGES_READ: usize = 10_000;

impl Repo {
    /// The commit of a revision; `None` when there is none.
    pub fn commit(&self, revision: &str) -> Result<Option<String>, String> {
        let Some(repository) = &self.library else { return self.command.commit(revision) };
        match repository.revparse_single(revision).and_then(|object| object.peel_to_commit()) {
            Ok(commit) => Ok(Some(commit.id().to_string())),
            Err(error) if is_unknown(&error) => Ok(None),
            Err(error) => Err(error.message().to_owned()),
        }
    }

    /// The parents of a commit that are there: a shallow clone may lack them.
    pub fn parents(&self, commit: &str) -> Result<Vec<String>, String> {
        let Some(repository) = &self.library else { return self.command.parents(commit) };
        let found = Oid::from_str(commit).and_then(|id| repository.find_commit(id));
        let found = found.map_err(|error| error.message().to_owned())?;
        Ok(found.parents().map(|parent| parent.id().to_string()).collect())
    }

    /// The best common ancestor of two commits; `None` when they have none that is there.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Option<String>, String> {
        let Some(repository) = &self.library else { return self.command.merge_base(one, other) };
        let ids = Oid::from_str(one).and_then(|one| Ok((one, Oid::from_str(other)?)));
        match ids.and_then(|(one, other)| repository.merge_base(one, other)) {
            Ok(id) => Ok(Some(id.to_string())),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.message().to_owned()),
        }
    }

    /// The branch that the checked-out one follows: `origin/main`.
    pub fn upstream(&self) -> Option<String> {
        let Some(repository) = &self.library else { return self.command.upstream() };
        let head = repository.head().ok()?;
        let upstream = repository.branch_upstream_name(head.name().ok()?).ok()?;
        let name = upstream.as_str().ok()?;
        Some(name.strip_prefix("refs/remotes/").or_else(|| name.strip_prefix("refs/heads/")).unwrap_or(name).to_owned())
    }

    /// Who commits here.
    pub fn author(&self) -> Option<String> {
        let own = std::env::var("GIT_AUTHOR_NAME").ok().filter(|name| !name.is_empty());
        own.or_else(|| match &self.library {
            Some(repository) => repository.config().ok()?.snapshot().ok()?.get_string("user.name").ok(),
            None => self.command.line(&["config", "--get", "user.name"]).ok().flatten(),
        })
    }

    /// The commits that are in one and not in the other, the newest first.
    pub fn commits_between(&self, from: &str, to: &str) -> Result<Vec<Commit>, String> {
        let Some(repository) = &self.library else { return self.command.commits_between(from, to) };
        commits_between(repository, from, to).map_err(|error| error.message().to_owned())
    }
}

fn is_unknown(error: &git2::Error) -> bool {
    matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::Ambiguous | ErrorCode::Peel | ErrorCode::UnbornBranch)
}

fn commits_between(repository: &Repository, from: &str, to: &str) -> Result<Vec<Commit>, git2::Error> {
    let mut walk = repository.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
    walk.push(Oid::from_str(to)?)?;
    walk.hide(Oid::from_str(from)?)?;
    let mut commits = Vec::new();
    for id in walk.take(MESSAGES_READ) {
        let commit = repository.find_commit(id?)?;
        let author = String::from_utf8_lossy(commit.author().name_bytes()).into_owned();
        let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
        commits.push(Commit { id: commit.id().to_string(), author, message });
    }
    Ok(commits)
}

/// What the git program says of commits.
impl Git {
    fn commit(&self, revision: &str) -> Result<Option<String>, String> {
        self.line(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])
    }

    fn parents(&self, commit: &str) -> Result<Vec<String>, String> {
        let line = self.line(&["rev-list", "--parents", "--max-count=1", "--end-of-options", commit])?.unwrap_or_default();
        Ok(line.split(' ').skip(1).map(str::to_owned).collect())
    }

    fn merge_base(&self, one: &str, other: &str) -> Result<Option<String>, String> {
        self.line(&["merge-base", "--end-of-options", one, other])
    }

    fn upstream(&self) -> Option<String> {
        self.line(&["rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}"]).ok().flatten()
    }

    fn commits_between(&self, from: &str, to: &str) -> Result<Vec<Commit>, String> {
        let (range, count) = (format!("{from}..{to}"), format!("--max-count={MESSAGES_READ}"));
        let output = self.output(&["log", "--topo-order", "-z", "--format=%H%n%an%n%B", &count, &range, "--"])?;
        let text = String::from_utf8_lossy(&output).into_owned();
        let commits = text.split('\0').filter(|entry| !entry.is_empty()).map(|entry| {
            let mut parts = entry.splitn(3, '\n').map(str::to_owned);
            let mut next = || parts.next().unwrap_or_default();
            Commit { id: next(), author: next(), message: next() }
        });
        Ok(commits.collect())
    }
}
