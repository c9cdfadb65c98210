//! Alternatives: `oneOf` and `anyOf`, matched by name, tag, title and then by what they accept.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;

use super::Direction;
use super::judge::{Judge, Spot, is_harmless};
use super::node::{Part, home, is_written_alike, resolve};
use super::shape::{Group, Kind, Shape, is_annotation};
use super::types::{Types, brief};
use crate::diff::change::Level;

/// How many alternatives are tried for one that came or went.
const MAX_COVERING: usize = 32;
/// How many comparisons of unmatched alternatives are tried.
const MAX_TRIED: usize = 400;

impl<'a> Judge<'_, 'a> {
    /// Alternatives of both sides. True when nothing is left to compare in the schema itself.
    pub fn alternatives(&mut self) -> bool {
        let (before, after) = (self.before.clone(), self.after.clone());
        match (&*before.groups, &*after.groups) {
            ([], []) => false,
            ([old], [new]) => {
                self.null_of_groups(Some(old), Some(new));
                self.moved(new);
                self.groups(old, new, true);
                true
            }
            ([], [new]) => self.wrapped(new),
            ([old], []) => self.unwrapped(old),
            (old, new) => {
                self.several(old, new);
                false
            }
        }
    }

    /// Several groups of alternatives in one schema: each of them for itself.
    fn several(&mut self, old: &[Group<'a>], new: &[Group<'a>]) {
        for at in 0..old.len().max(new.len()) {
            match (old.get(at), new.get(at)) {
                (Some(old), Some(new)) => self.groups(old, new, false),
                (None, _) => self.constrained("all-of-branch-added"),
                (_, None) => self.constrained("all-of-branch-removed"),
            }
        }
    }

    fn constrained(&mut self, rule: &str) {
        let spot = self.spot("oneOf");
        self.tell(rule, spot, None, None);
    }

    /// Null as an alternative, before the others are compared without it.
    fn null_of_groups(&mut self, old: Option<&Group<'a>>, new: Option<&Group<'a>>) {
        if self.frame.no_null {
            return;
        }
        let (before, after) = (self.before.clone(), self.after.clone());
        let was = self.allows_null(&before, old, true);
        let is = self.allows_null(&after, new, false);
        if let (Some(was), Some(is)) = (was, is)
            && was != is
        {
            let spot = self.spot(new.or(old).map_or("oneOf", |group| if group.kind == Kind::OneOf { "oneOf" } else { "anyOf" }));
            self.tell(if is { "became-nullable" } else { "became-not-nullable" }, spot, None, None);
        }
    }

    fn allows_null(&mut self, shape: &Shape<'a>, group: Option<&Group<'a>>, is_before: bool) -> Option<bool> {
        let Some(group) = group else { return shape.types.map(|types| types.has(Types::NULL) && shape.lists_null()) };
        let base = shape.types.is_none_or(|types| types.has(Types::NULL));
        let mut inner = group.or_null;
        for alternative in &group.alternatives {
            let part = std::slice::from_ref(alternative);
            let shape = if is_before { self.shape_before(part) } else { self.shape_after(part) };
            inner |= shape.types.is_some_and(|types| types.has(Types::NULL)) && shape.lists_null();
        }
        Some(base && inner)
    }

    /// Members that every alternative has now.
    fn moved(&mut self, new: &Group<'a>) {
        let (before, after) = (self.before.clone(), self.after.clone());
        let still = after.members("properties");
        if after.with(None).is_empty() {
            return;
        }
        for (name, parts) in before.members("properties") {
            let member = |judge: &mut Self, alternative: &Part<'a>| {
                judge.shape_after(std::slice::from_ref(alternative)).members("properties").contains_key(name)
            };
            if !still.contains_key(name) && new.alternatives.iter().all(|alternative| member(self, alternative)) {
                let home = parts.first().and_then(|part| part.home.clone());
                self.tell("property-moved-to-alternative", Spot { home, step: format!(".{name}"), level: None }, None, None);
            }
        }
    }

    /// A plain schema has become alternatives.
    fn wrapped(&mut self, new: &Group<'a>) -> bool {
        let (before, after) = (self.before.clone(), self.after.clone());
        self.null_of_groups(None, Some(new));
        let plain = before.with(None);
        let names = self.names(new, false);
        let spot = self.spot(if new.kind == Kind::OneOf { "oneOf" } else { "anyOf" });
        if plain.is_empty() {
            self.tell("type-narrowed", spot, Some(brief(&before)), Some(names));
            return true;
        }
        let base = after.with(None);
        if !base.is_empty() && self.trial(plain.clone(), base).is_none() {
            self.tell("all-of-branch-added", spot, None, Some(names));
            return true;
        }
        if let Some(old) = by_type(&before, new.kind) {
            self.groups(&old, new, true);
            return true;
        }
        if self.are_apart(&before, new, false) {
            self.tell("type-changed", spot, Some(brief(&before)), Some(names));
            return true;
        }
        self.moved(new);
        if new.kind == Kind::OneOf {
            self.tell("wrapped-in-one-of", spot, Some(brief(&before)), Some(names));
            return true;
        }
        let mut best = None;
        for (at, alternative) in new.alternatives.iter().enumerate() {
            if best.is_none() && is_harmless(self.trial_inner(plain.clone(), after.with(Some(alternative)))) {
                best = Some(at);
            }
        }
        let best = best.unwrap_or_else(|| self.most_alike(&before, new, false));
        for (at, alternative) in new.alternatives.iter().enumerate() {
            if at == best {
                self.pair_alternatives(plain.clone(), after.with(Some(alternative)));
            } else {
                self.tell_branch(new.kind, alternative, false);
            }
        }
        true
    }

    /// Alternatives have become a plain schema.
    fn unwrapped(&mut self, old: &Group<'a>) -> bool {
        let (before, after) = (self.before.clone(), self.after.clone());
        self.null_of_groups(Some(old), None);
        let plain = after.with(None);
        let names = self.names(old, true);
        let spot = self.spot("type");
        if plain.is_empty() {
            self.tell("type-widened", spot, Some(names), Some(brief(&after)));
            return true;
        }
        let base = before.with(None);
        if !base.is_empty() && self.trial(base, plain.clone()).is_none() {
            self.tell("all-of-branch-removed", spot, Some(names), None);
            return true;
        }
        if let Some(new) = by_type(&after, old.kind) {
            self.groups(old, &new, true);
            return true;
        }
        if self.are_apart(&after, old, true) {
            self.tell("type-changed", spot, Some(names), Some(brief(&after)));
            return true;
        }
        let fits: Vec<bool> = old
            .alternatives
            .iter()
            .map(|alternative| is_harmless(self.trial_inner(before.with(Some(alternative)), plain.clone())))
            .collect();
        if self.frame.direction == Direction::Input && fits.iter().all(|fits| *fits) {
            self.tell("type-widened", spot, Some(names), Some(brief(&after)));
            return true;
        }
        let best = fits.iter().position(|fits| *fits).unwrap_or_else(|| self.most_alike(&after, old, true));
        for (at, alternative) in old.alternatives.iter().enumerate() {
            if at == best {
                self.pair_alternatives(before.with(Some(alternative)), plain.clone());
            } else if self.frame.direction == Direction::Output || !fits[at] {
                self.tell_branch(old.kind, alternative, true);
            }
        }
        true
    }

    /// Whether a plain schema shares no type with any alternative.
    fn are_apart(&mut self, plain: &Shape<'a>, group: &Group<'a>, is_before: bool) -> bool {
        let Some(types) = plain.types else { return false };
        let beside = if is_before { self.before.clone() } else { self.after.clone() };
        group.alternatives.iter().all(|alternative| {
            let parts = beside.with(Some(alternative));
            let shape = if is_before { self.shape_before(&parts) } else { self.shape_after(&parts) };
            shape.types.is_some_and(|other| !other.without_null().has(types.without_null()))
        })
    }

    fn shape_of(&mut self, part: &Part<'a>, is_before: bool) -> std::rc::Rc<Shape<'a>> {
        let part = std::slice::from_ref(part);
        if is_before { self.shape_before(part) } else { self.shape_after(part) }
    }

    /// The alternative most like a plain schema: by name, by type, else the first.
    fn most_alike(&mut self, plain: &Shape<'a>, group: &Group<'a>, is_before: bool) -> usize {
        let named =
            group.alternatives.iter().position(|part| name(part).is_some_and(|name| plain.homes.iter().any(|home| *home.name == *name)));
        let members: BTreeSet<&str> = plain.members("properties").into_keys().collect();
        named.unwrap_or_else(|| {
            let score = |judge: &mut Self, part: &Part<'a>| {
                let shape = judge.shape_of(part, is_before);
                let common = shape.members("properties").into_keys().filter(|name| members.contains(name)).count();
                common * 2 + usize::from(shape.types == plain.types)
            };
            let scores: Vec<usize> = group.alternatives.iter().map(|part| score(self, part)).collect();
            let best = scores.iter().max().copied().unwrap_or_default();
            scores.iter().position(|score| *score == best).unwrap_or_default()
        })
    }

    fn trial_inner(&mut self, before: Vec<Part<'a>>, after: Vec<Part<'a>>) -> Option<Level> {
        let frame = super::graph::Frame { no_null: true, ..self.frame.below() };
        self.graph.trial(before, after, frame)
    }

    fn pair_alternatives(&mut self, before: Vec<Part<'a>>, after: Vec<Part<'a>>) {
        let frame = super::graph::Frame { no_null: true, ..self.frame };
        self.child(before, after, String::new(), frame, false);
    }

    fn names(&mut self, group: &Group<'a>, is_before: bool) -> Value {
        let names = group.alternatives.iter().map(|part| {
            let shape = self.shape_of(part, is_before);
            brief(&shape)
        });
        Value::Array(names.collect())
    }

    /// An alternative came or went.
    fn tell_branch(&mut self, kind: Kind, part: &Part<'a>, gone: bool) {
        self.tell_branch_at(None, (kind, part), gone);
    }

    /// The same, at a level of its own.
    fn tell_branch_at(&mut self, level: Option<Level>, (kind, part): (Kind, &Part<'a>), gone: bool) {
        let shape = self.shape_of(part, gone);
        let text = match part.value.get("title") {
            Some(title) if shape.homes.is_empty() => title.clone(),
            _ => brief(&shape),
        };
        let spot = Spot { home: part.home.clone(), level, ..Spot::default() };
        let change = if gone { "removed" } else { "added" };
        let (before, after) = if gone { (Some(text), None) } else { (None, Some(text)) };
        self.tell(&format!("{}-branch-{change}", kind.noun()), spot, before, after);
    }

    /// Two groups. `with_rest` when what stands beside them is part of every alternative.
    fn groups(&mut self, old: &Group<'a>, new: &Group<'a>, with_rest: bool) {
        let (before, after) = (self.before.clone(), self.after.clone());
        let rest = |shape: &Shape<'a>, part: &Part<'a>| if with_rest { shape.with(Some(part)) } else { vec![part.clone()] };
        let whole = [
            old.alternatives.iter().map(|part| rest(&before, part)).collect::<Vec<_>>(),
            new.alternatives.iter().map(|part| rest(&after, part)).collect::<Vec<_>>(),
        ];
        let matched = self.matched(old, new, &whole);
        for (at, other) in matched.iter().enumerate() {
            if let Some(other) = other {
                self.pair_alternatives(whole[0][at].clone(), whole[1][*other].clone());
            } else if self.frame.direction == Direction::Output || !self.is_covered([old, new], &whole, [at..at + 1, 0..whole[1].len()]) {
                self.tell_branch(old.kind, &old.alternatives[at], true);
            }
        }
        for (at, part) in new.alternatives.iter().enumerate() {
            let known = matched.contains(&Some(at));
            if !known && (self.frame.direction == Direction::Input || !self.is_covered([old, new], &whole, [0..whole[0].len(), at..at + 1]))
            {
                let level = self.is_met_twice([old, new], &whole, &matched, at).then_some(Level::Breaking);
                self.tell_branch_at(level, (new.kind, part), false);
            }
        }
        let narrowed = (old.kind, new.kind, self.frame.direction) == (Kind::AnyOf, Kind::OneOf, Direction::Input);
        if narrowed && !self.are_exclusive(new) {
            let spot = self.spot("oneOf");
            self.tell("wrapped-in-one-of", spot, Some(Value::from("anyOf")), Some(Value::from("oneOf")));
        }
    }

    /// Whether a new alternative takes all that another one goes on to take: what is sent then satisfies two of them, and just
    /// one must be satisfied. A discriminator says which one is meant.
    fn is_met_twice(&mut self, groups: [&Group<'a>; 2], whole: &[Vec<Vec<Part<'a>>>; 2], matched: &[Option<usize>], new: usize) -> bool {
        let exclusive = groups.iter().all(|group| group.kind == Kind::OneOf) && self.frame.direction == Direction::Input;
        if !exclusive || self.after.first("discriminator").is_some() {
            return false;
        }
        let staying = matched.iter().enumerate().filter(|(_, other)| other.is_some()).map(|(at, _)| at).take(MAX_COVERING);
        staying.into_iter().any(|at| is_harmless(self.trial_inner(whole[0][at].clone(), whole[1][new].clone())))
    }

    /// Whether one of some alternatives covers one that came or went.
    fn is_covered(&mut self, groups: [&Group<'a>; 2], whole: &[Vec<Vec<Part<'a>>>; 2], [old, new]: [Range<usize>; 2]) -> bool {
        let pairs = old.flat_map(|one| new.clone().map(move |other| (one, other)));
        pairs.take(MAX_COVERING).any(|(one, other)| {
            let same_name = !self.are_others(&groups[0].alternatives[one], &groups[1].alternatives[other]);
            same_name && is_harmless(self.trial_inner(whole[0][one].clone(), whole[1][other].clone()))
        })
    }

    /// Whether two alternatives are different named schemas although both documents have both: one took the other's place,
    /// whatever they hold.
    fn are_others(&self, old: &Part<'a>, new: &Part<'a>) -> bool {
        let (Some(one), Some(other)) = (reference(old), reference(new)) else { return false };
        let [before, after] = self.graph.documents();
        one != other && resolve(after, one).is_some() && resolve(before, other).is_some()
    }

    /// Whether no value satisfies two alternatives, as far as their types and tags tell.
    fn are_exclusive(&mut self, group: &Group<'a>) -> bool {
        let shapes: Vec<_> = group.alternatives.iter().map(|part| self.shape_of(part, false)).collect();
        let apart = |one: &Shape<'a>, other: &Shape<'a>| {
            let types = matches!((one.types, other.types), (Some(one), Some(other)) if !one.without_null().has(other.without_null()));
            let tags = tags(other);
            types || self::tags(one).iter().any(|(name, value)| tags.iter().any(|(key, tag)| key == name && tag != value))
        };
        shapes.iter().enumerate().all(|(at, one)| shapes.iter().skip(at + 1).all(|other| apart(one, other)))
    }

    /// For each old alternative the new one it has become. `whole` are all of them with what stands beside them.
    fn matched(&mut self, old: &Group<'a>, new: &Group<'a>, whole: &[Vec<Vec<Part<'a>>>; 2]) -> Vec<Option<usize>> {
        let mut matching = Matching { matched: vec![None; old.alternatives.len()], taken: vec![false; new.alternatives.len()] };
        let (olds, news) = (&old.alternatives, &new.alternatives);
        matching.pairs(&mut |one, other| name(&olds[one]).is_some() && name(&olds[one]) == name(&news[other]));
        matching.pairs(&mut |one, other| name(&olds[one]).is_none() && is_written_alike(olds[one].value, news[other].value));
        matching.pairs(&mut |one, other| title(&olds[one]).is_some() && title(&olds[one]) == title(&news[other]));
        matching.pairs(&mut |one, other| {
            let tag = tags(&self.shape_of(&olds[one], true)).into_iter().next();
            tag.is_some() && tag == tags(&self.shape_of(&news[other], false)).into_iter().next()
        });
        if matching.left() <= MAX_TRIED {
            for fits in [|level: Option<Level>| level.is_none(), is_harmless] {
                matching.pairs(&mut |one, other| {
                    !self.are_others(&olds[one], &news[other]) && fits(self.trial_inner(whole[0][one].clone(), whole[1][other].clone()))
                });
            }
        }
        matching.pairs(&mut |one, other| {
            let named = name(&olds[one]).is_some() && name(&news[other]).is_some();
            let types = (self.shape_before(&whole[0][one]).types, self.shape_after(&whole[1][other]).types);
            !named && types.0.is_some() && types.0 == types.1
        });
        matching.matched
    }
}

/// A schema of several types as alternatives of one type each.
fn by_type<'a>(shape: &Shape<'a>, kind: Kind) -> Option<Group<'a>> {
    let alternatives: Vec<Part<'a>> = shape.types?.each().map(Part::new).collect();
    (alternatives.len() > 1).then_some(Group { kind, alternatives, or_null: false })
}

/// Which alternatives belong together.
struct Matching {
    matched: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Matching {
    /// Takes all that belong together, each with the first it fits.
    fn pairs(&mut self, fits: &mut dyn FnMut(usize, usize) -> bool) {
        for one in 0..self.matched.len() {
            if self.matched[one].is_some() {
                continue;
            }
            if let Some(other) = (0..self.taken.len()).find(|other| !self.taken[*other] && fits(one, *other)) {
                self.matched[one] = Some(other);
                self.taken[other] = true;
            }
        }
    }

    fn left(&self) -> usize {
        self.matched.iter().filter(|matched| matched.is_none()).count() * self.taken.iter().filter(|taken| !**taken).count()
    }
}

/// What an alternative refers to, when that is all it says.
fn reference<'a>(part: &Part<'a>) -> Option<&'a str> {
    let object = part.value.as_object()?;
    let plain = object.keys().all(|key| key == "$ref" || is_annotation(key));
    object.get("$ref").filter(|_| plain).and_then(Value::as_str)
}

/// The name of the schema that an alternative refers to.
fn name(part: &Part<'_>) -> Option<std::rc::Rc<str>> {
    reference(part).and_then(home).map(|home| home.name.clone())
}

fn title<'a>(part: &Part<'a>) -> Option<&'a str> {
    part.value.get("title").and_then(Value::as_str)
}

/// Members with one fixed value, which tell alternatives apart.
fn tags<'a>(shape: &Shape<'a>) -> Vec<(&'a str, &'a Value)> {
    let fixed = |value: &'a Value| {
        value
            .get("const")
            .or_else(|| value.get("enum").and_then(Value::as_array).filter(|list| list.len() == 1).and_then(|list| list.first()))
    };
    let members = shape.members("properties").into_iter();
    members.filter_map(|(name, parts)| Some((name, parts.iter().find_map(|part| fixed(part.value))?))).collect()
}
