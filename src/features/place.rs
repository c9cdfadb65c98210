//! Which feature a path belongs to, code or not.

use std::collections::BTreeMap;

/// The features' files and the folders they lie in.
pub struct Places {
    files: BTreeMap<String, usize>,
    /// Folder → feature → how many of its files lie below.
    folders: BTreeMap<String, BTreeMap<usize, usize>>,
    /// The feature that takes what lies nowhere in particular.
    rest: Option<usize>,
}

impl Places {
    /// Of files and their features' numbers.
    #[must_use]
    pub fn new(files: impl IntoIterator<Item = (String, usize)>, rest: Option<usize>) -> Self {
        let mut places = Self { files: BTreeMap::new(), folders: BTreeMap::new(), rest };
        for (file, feature) in files {
            for folder in above(&file) {
                *places.folders.entry(folder.to_owned()).or_default().entry(feature).or_default() += 1;
            }
            places.files.insert(file, feature);
        }
        places
    }

    /// The feature that a code file belongs to.
    #[must_use]
    pub fn of_file(&self, path: &str) -> Option<usize> {
        self.files.get(path).copied()
    }

    /// The feature with most files in the folder that a document lies in, or below.
    #[must_use]
    pub fn beside(&self, path: &str) -> Option<usize> {
        let features = self.folders.get(above(path).next()?)?;
        features.iter().max_by_key(|(feature, count)| (**count, std::cmp::Reverse(**feature))).map(|(feature, _)| *feature)
    }

    /// The feature of a file: its own, else the one with most files around it, the nearest folder first; `None` when there is no
    /// feature at all.
    #[must_use]
    pub fn owner(&self, path: &str) -> Option<usize> {
        if let Some(feature) = self.files.get(path) {
            return Some(*feature);
        }
        let around = above(path).find_map(|folder| {
            let features = self.folders.get(folder)?;
            let most = features.iter().max_by_key(|(feature, count)| (**count, std::cmp::Reverse(**feature)))?;
            Some((folder, *most.0))
        });
        match around {
            Some((folder, feature)) if !folder.is_empty() => Some(feature),
            Some((_, feature)) => Some(self.rest.unwrap_or(feature)),
            None => self.rest,
        }
    }
}

/// The folders around a path, nearest first; the last one is the top, `""`.
fn above(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let here = rest?;
        let folder = here.rsplit_once('/').map(|(folder, _)| folder);
        match folder {
            Some(folder) => {
                rest = Some(folder);
                Some(folder)
            }
            None => {
                rest = None;
                Some("")
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_decides() {
        let files = [("src/a/x.py", 0), ("src/a/y.py", 0), ("src/b/z.py", 1), ("main.py", 2)];
        let places = Places::new(files.map(|(path, feature)| (path.to_owned(), feature)), Some(2));
        assert_eq!(places.owner("src/b/z.py"), Some(1));
        assert_eq!(places.owner("src/b/sql/1.sql"), Some(1));
        assert_eq!(places.owner("src/migrations/1.sql"), Some(0));
        assert_eq!(places.owner("migrations/1.sql"), Some(2));
        assert_eq!(Places::new([], None).owner("x.sql"), None);
    }
}
