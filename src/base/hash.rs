//! Tables that are looked into often: the standard library's, with a faster way to spread the keys.
//!
//! Their order is no more to be relied on than that of others.

use std::collections::{HashMap, HashSet};

/// Spreads keys fast; what they are cannot be told from outside, so that nobody can choose colliding ones.
pub type Spread = foldhash::fast::RandomState;
/// A table with fast look-ups.
pub type FastMap<K, V> = HashMap<K, V, Spread>;
/// A set with fast look-ups.
pub type FastSet<T> = HashSet<T, Spread>;
