//! What belongs together on the two sides. Several things of one name stand side by side where a repository has several schemas.

use std::collections::BTreeMap;

/// Beyond this many of one name only their order tells which is which.
const MANY: usize = 32;

/// What can be paired.
pub(super) trait Named: PartialEq {
    /// Its name.
    fn name(&self) -> &str;
    /// The file that declares it.
    fn file(&self) -> &str;
}

/// Each of the one side with its like on the other: the same first, then those of one file, then in order.
pub(super) fn pairs<'t, T: Named>(before: &'t [T], after: &'t [T]) -> Vec<(Option<&'t T>, Option<&'t T>)> {
    let mut groups: BTreeMap<&str, (Vec<&T>, Vec<&T>)> = BTreeMap::new();
    before.iter().for_each(|one| groups.entry(one.name()).or_default().0.push(one));
    after.iter().for_each(|one| groups.entry(one.name()).or_default().1.push(one));
    let mut pairs = Vec::new();
    for (mut before, mut after) in groups.into_values() {
        if before.len().max(after.len()) > 1 && before.len().max(after.len()) <= MANY {
            take(&mut before, &mut after, &mut pairs, |one, other| one == other);
            take(&mut before, &mut after, &mut pairs, |one, other| one.file() == other.file());
        }
        let (mut before, mut after) = (before.into_iter(), after.into_iter());
        loop {
            match (before.next(), after.next()) {
                (None, None) => break,
                pair => pairs.push(pair),
            }
        }
    }
    pairs
}

type Pair<'t, T> = (Option<&'t T>, Option<&'t T>);

fn take<'t, T>(before: &mut Vec<&'t T>, after: &mut Vec<&'t T>, pairs: &mut Vec<Pair<'t, T>>, is_like: impl Fn(&T, &T) -> bool) {
    before.retain(|one| {
        let Some(at) = after.iter().position(|other| is_like(one, other)) else { return true };
        pairs.push((Some(*one), Some(after.remove(at))));
        false
    });
}
