//! What several models say about one question. Agreement sets confidence; it takes nothing from what the first of them found. Only
//! what one of the others says alone is dropped.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::Finding;
use crate::contract::model::Confidence;

/// What one model said, as far as it stands.
#[derive(Clone, Debug)]
pub struct Voice {
    /// The model, by its name in the table.
    pub model: String,
    /// Its family; models of one family have one vote together.
    pub family: String,
    /// What stands of its answer.
    pub findings: Vec<Finding>,
}

/// What models agree on.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// What is said.
    pub finding: Finding,
    /// How many families say it.
    pub votes: u8,
    /// Who says it, sorted.
    pub models: Vec<String>,
    /// How sure that makes it.
    pub confidence: Confidence,
}

/// What voices come to: for each question what the most say, for lists each entry, by question and entry.
#[derive(Clone, Debug, Default)]
pub struct Agreement {
    /// What stays.
    pub agreed: Vec<Agreed>,
    /// How many findings nobody but one secondary model had.
    pub unsupported: usize,
}

/// How voices are weighed.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// So many families make an agreement.
    pub quorum: u8,
    /// Each question has one answer; else each has a list.
    pub is_single: bool,
}

/// Whether something was said by one family only, though others were asked too.
#[must_use]
pub fn is_divided(voices: &[Voice], rule: Rule) -> bool {
    voices.len() > 1 && groups(voices).values().any(|group| group.votes() < rule.quorum && !group.finding().is_candidate)
}

/// Weighs voices; the first is the primary model's.
#[must_use]
pub fn agree(voices: &[Voice], rule: Rule) -> Agreement {
    let mut agreement = Agreement::default();
    let mut best: BTreeMap<usize, (u8, bool, Agreed)> = BTreeMap::new();
    for group in groups(voices).into_values() {
        let is_primary = group.voices.contains(&0);
        if group.votes() < rule.quorum.min(2) && !is_primary {
            agreement.unsupported += 1;
            continue;
        }
        let agreed = group.agreed(voices, rule);
        if !rule.is_single {
            agreement.agreed.push(agreed);
            continue;
        }
        let rank = (agreed.votes, is_primary);
        match best.entry(agreed.finding.ask) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert((rank.0, rank.1, agreed));
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => {
                agreement.unsupported += 1;
                if rank > (slot.get().0, slot.get().1) {
                    slot.insert((rank.0, rank.1, agreed));
                }
            }
        }
    }
    agreement.agreed.extend(best.into_values().map(|(_, _, agreed)| agreed));
    agreement
}

/// Voices that say the same.
struct Group<'a> {
    findings: Vec<&'a Finding>,
    voices: BTreeSet<usize>,
    families: BTreeSet<&'a str>,
}

impl Group<'_> {
    fn votes(&self) -> u8 {
        u8::try_from(self.families.len()).unwrap_or(u8::MAX)
    }

    /// The best founded of them; the first of equals.
    fn finding(&self) -> &Finding {
        let rank = |finding: &Finding| (finding.is_candidate, !finding.is_literal);
        self.findings.iter().min_by_key(|finding| rank(finding)).expect("a group begins with a finding")
    }

    fn agreed(&self, voices: &[Voice], rule: Rule) -> Agreed {
        let models: BTreeSet<String> = self.voices.iter().filter_map(|index| voices.get(*index)).map(|voice| voice.model.clone()).collect();
        let finding = self.finding().clone();
        let confidence = confidence(&finding, self.votes(), rule);
        Agreed { finding, votes: self.votes(), models: models.into_iter().collect(), confidence }
    }
}

fn groups(voices: &[Voice]) -> BTreeMap<(usize, &str), Group<'_>> {
    let mut groups: BTreeMap<(usize, &str), Group> = BTreeMap::new();
    for (index, voice) in voices.iter().enumerate() {
        for finding in &voice.findings {
            let empty = || Group { findings: Vec::new(), voices: BTreeSet::new(), families: BTreeSet::new() };
            let group = groups.entry((finding.ask, finding.key.as_str())).or_insert_with(empty);
            group.findings.push(finding);
            group.voices.insert(index);
            group.families.insert(&voice.family);
        }
    }
    groups
}

/// More than a quorum is as good as read, a quorum or a literal line is good, the rest is weak; and so is all that rests on a file
/// which speaks to models.
fn confidence(finding: &Finding, votes: u8, rule: Rule) -> Confidence {
    let is_tainted = finding.cited.iter().any(|cited| !cited.text.attempts().is_empty());
    if finding.is_candidate || is_tainted {
        return Confidence::Low;
    }
    if votes > rule.quorum && votes > 2 {
        return Confidence::High;
    }
    if votes >= rule.quorum.max(2) || finding.is_literal { Confidence::Medium } else { Confidence::Low }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Rule, Voice, agree, is_divided};
    use crate::contract::model::Confidence;
    use crate::llm::ground::Finding;

    fn finding(ask: usize, key: &str, is_literal: bool) -> Finding {
        Finding { ask, key: key.into(), value: json!(key), cited: Vec::new(), is_literal, is_candidate: false }
    }

    fn voice(family: &str, keys: &[&str]) -> Voice {
        Voice { model: format!("{family}-1"), family: family.into(), findings: keys.iter().map(|key| finding(0, key, true)).collect() }
    }

    const LISTS: Rule = Rule { quorum: 2, is_single: false };
    const SINGLE: Rule = Rule { quorum: 2, is_single: true };

    #[test]
    fn votes_set_confidence_and_drop_only_what_a_secondary_model_says_alone() {
        let voices = [voice("a", &["x", "y", "z"]), voice("b", &["x", "y"]), voice("c", &["x", "w"])];
        let agreement = agree(&voices, LISTS);
        let told: Vec<(&str, u8, Confidence)> =
            agreement.agreed.iter().map(|agreed| (agreed.finding.key.as_str(), agreed.votes, agreed.confidence)).collect();
        assert_eq!(told, [("x", 3, Confidence::High), ("y", 2, Confidence::Medium), ("z", 1, Confidence::Medium)]);
        assert_eq!(agreement.unsupported, 1);
        assert_eq!(agreement.agreed[0].models, ["a-1", "b-1", "c-1"]);
        assert!(is_divided(&voices, LISTS));
        assert!(!is_divided(&voices[..1], LISTS));
    }

    #[test]
    fn models_of_one_family_have_one_vote() {
        let mut twin = voice("b", &["w"]);
        twin.model = "b-2".into();
        let agreement = agree(&[voice("a", &[]), voice("b", &["w"]), twin], LISTS);
        assert_eq!((agreement.agreed.len(), agreement.unsupported), (0, 1));
    }

    #[test]
    fn one_answer_wins() {
        let voices = [voice("a", &["x"]), voice("b", &["y"]), voice("c", &["y"])];
        let agreement = agree(&voices, SINGLE);
        assert_eq!(agreement.agreed.len(), 1);
        assert_eq!((agreement.agreed[0].finding.key.as_str(), agreement.agreed[0].votes), ("y", 2));
        let agreement = agree(&[voice("a", &["x"]), voice("b", &["y"])], SINGLE);
        assert_eq!(agreement.agreed[0].finding.key, "x");
        let mut weak = voice("a", &["x"]);
        weak.findings[0].is_literal = false;
        assert_eq!(agree(&[weak], SINGLE).agreed[0].confidence, Confidence::Low);
    }
}
