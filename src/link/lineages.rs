//! The bases of every class, and those of libraries among them, worked out once: each look at a member asks for them.
//!
//! While one lineage is worked out, those that it needs are worked out beside it and not kept: in a circle of classes they would
//! depend on where it was entered.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::OnceLock;

use super::system::System;
use super::{classes, fuel};
use crate::base::Name;
use crate::facts::program::{ClassRef, Program};

/// The lineages of all files' classes; a file's table is made when the first of its classes is asked about.
#[derive(Debug)]
pub struct Lineages {
    files: Box<[OnceLock<Table>]>,
}

/// What is known of one file's classes.
type Table = Box<[Known]>;

/// What is known of a class.
#[derive(Debug, Default)]
struct Known {
    lineage: OnceLock<Box<[ClassRef]>>,
    outside: OnceLock<Box<[Name]>>,
}

impl Lineages {
    /// Tables for so many files.
    pub fn new(files: usize) -> Self {
        Self { files: (0..files).map(|_| OnceLock::new()).collect() }
    }
}

thread_local! {
    static IS_WORKING: Cell<bool> = const { Cell::new(false) };
}

/// A class and its own bases, nearest first; a base that several share stands after all of them.
pub(super) fn lineage(system: &System, class: ClassRef) -> Cow<'_, [ClassRef]> {
    if IS_WORKING.get() {
        return classes::linearised(system, class).into();
    }
    let slot = &known_of(system, class).lineage;
    if let Some(known) = slot.get() {
        return Cow::Borrowed(known);
    }
    IS_WORKING.set(true);
    let found = fuel::filled(|| classes::linearised(system, class));
    IS_WORKING.set(false);
    Cow::Borrowed(slot.get_or_init(|| found.into()))
}

/// Library bases of a class and its own bases, nearest first.
pub(super) fn outside_bases(system: &System, class: ClassRef) -> Vec<Name> {
    if IS_WORKING.get() {
        return fuel::filled(|| classes::outside_bases(system, class));
    }
    // Not within `get_or_init`: what a base stands for may lead back here.
    let slot = &known_of(system, class).outside;
    if let Some(known) = slot.get() {
        return known.to_vec();
    }
    let found = fuel::filled(|| classes::outside_bases(system, class));
    slot.get_or_init(|| found.into()).to_vec()
}

fn known_of(system: &System, class: ClassRef) -> &Known {
    let declared = &system.file(class.file).outline.classes;
    let table = system.lineages.files[class.file.index()].get_or_init(|| declared.iter().map(|_| Known::default()).collect());
    &table[class.id.index()]
}
