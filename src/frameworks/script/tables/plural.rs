//! English plurals as the `inflection` package and Mongoose make them.

/// Words that have no other form.
#[rustfmt::skip]
const UNCOUNTABLE: &[&str] = &[
    "accommodation", "adulthood", "advertising", "advice", "aggression", "aid", "air", "aircraft", "alcohol", "anger", "applause",
    "arithmetic", "assistance", "athletics", "bacon", "baggage", "beef", "biology", "blood", "botany", "bread", "butter", "carbon",
    "cardboard", "cash", "chalk", "chaos", "chess", "crossroads", "countryside", "data", "deer", "dirt", "economics", "education",
    "electricity", "engineering", "enjoyment", "environment", "envy", "equipment", "ethics", "evidence", "evolution", "faith",
    "fame", "fiction", "flour", "flu", "food", "freedom", "fruit", "fuel", "fun", "furniture", "garbage", "garlic", "genetics",
    "gold", "golf", "gossip", "grammar", "gratitude", "grief", "ground", "guilt", "gymnastics", "happiness", "hardware", "harm",
    "hate", "hatred", "health", "heat", "height", "help", "homework", "honesty", "honey", "hospitality", "housework", "humour",
    "hunger", "hydrogen", "ice", "importance", "inflation", "information", "injustice", "innocence", "iron", "irony", "jealousy",
    "jelly", "judo", "karate", "kindness", "knowledge", "labour", "lack", "laughter", "lava", "leather", "leisure", "lightning",
    "linguistics", "litter", "livestock", "logic", "loneliness", "luck", "luggage", "machinery", "magic", "management", "mankind",
    "marble", "mathematics", "mayonnaise", "measles", "meat", "methane", "milk", "money", "mud", "music", "nature", "news",
    "nitrogen", "nonsense", "nurture", "nutrition", "obedience", "obesity", "oil", "oxygen", "passion", "pasta", "patience",
    "physics", "poetry", "pollution", "poverty", "power", "pronunciation", "psychology", "publicity", "quartz", "racism", "rain",
    "relaxation", "reliability", "research", "respect", "revenge", "rice", "rubbish", "rum", "salad", "satire", "seaside",
    "series", "shame", "sheep", "shopping", "silence", "sleep", "smoke", "smoking", "snow", "soap", "software", "soil", "sorrow",
    "soup", "species", "speed", "spelling", "steam", "stuff", "stupidity", "sunshine", "symmetry", "tennis", "thirst", "thunder",
    "toast", "tolerance", "traffic", "transporation", "travel", "trust", "understanding", "unemployment", "unity", "validity",
    "veal", "vengeance", "violence",
];

/// Words whose plural no rule makes.
#[rustfmt::skip]
const IRREGULAR: &[(&str, &str)] = &[
    ("child", "children"), ("ox", "oxen"), ("person", "people"), ("foot", "feet"), ("tooth", "teeth"), ("goose", "geese"),
    ("man", "men"), ("woman", "women"), ("mouse", "mice"), ("louse", "lice"), ("quiz", "quizzes"), ("datum", "data"),
    ("medium", "media"), ("stadium", "stadia"), ("bacterium", "bacteria"), ("addendum", "addenda"), ("memorandum", "memoranda"),
    ("erratum", "errata"), ("stratum", "strata"), ("curriculum", "curricula"), ("ovum", "ova"), ("symposium", "symposia"),
    ("phenomenon", "phenomena"), ("criterion", "criteria"), ("automaton", "automata"), ("octopus", "octopi"), ("virus", "viruses"),
    ("cactus", "cacti"), ("fungus", "fungi"), ("nucleus", "nuclei"), ("syllabus", "syllabi"), ("focus", "foci"),
    ("thesis", "theses"), ("alumnus", "alumni"), ("genus", "genera"), ("corpus", "corpora"), ("index", "indices"),
    ("matrix", "matrices"), ("vertex", "vertices"), ("appendix", "appendices"), ("axis", "axes"), ("testis", "testes"),
    ("alias", "aliases"), ("status", "statuses"), ("bus", "buses"), ("buffalo", "buffaloes"), ("tomato", "tomatoes"),
    ("potato", "potatoes"), ("echo", "echoes"), ("veto", "vetoes"), ("cargo", "cargoes"), ("torpedo", "torpedoes"),
    ("thief", "thieves"), ("hoof", "hooves"), ("cookie", "cookies"), ("movie", "movies"), ("move", "moves"), ("sex", "sexes"),
    ("genie", "genies"),
];

/// Words ending like these that Mongoose leaves alone.
const SAME_FOR_MONGOOSE: &[&str] = &[
    "advice",
    "energy",
    "excretion",
    "digestion",
    "cooperation",
    "health",
    "justice",
    "labour",
    "machinery",
    "equipment",
    "information",
    "pollution",
    "sewage",
    "paper",
    "money",
    "species",
    "series",
    "rain",
    "rice",
    "fish",
    "sheep",
    "moose",
    "deer",
    "news",
    "expertise",
    "status",
    "media",
];

/// The plural by `inflection`: `Person` as `People`, `Category` as `Categories`; the case of the first letter is kept.
#[must_use]
pub fn plural(word: &str) -> String {
    // Only the last word of `OrderItem` or `order_item` changes.
    let start = last_word(word);
    let (head, tail) = word.split_at(start);
    let lower = tail.to_lowercase();
    if lower.ends_with("data") || UNCOUNTABLE.contains(&lower.as_str()) || UNCOUNTABLE.contains(&word.to_lowercase().as_str()) {
        return word.to_owned();
    }
    if IRREGULAR.iter().any(|(_, many)| *many == lower) {
        return word.to_owned();
    }
    if let Some((_, many)) = IRREGULAR.iter().find(|(one, _)| *one == lower) {
        return format!("{head}{}", cased_like(tail, many));
    }
    format!("{head}{}", by_rule(tail, &lower))
}

/// Where the last word begins.
fn last_word(word: &str) -> usize {
    let mut start = 0;
    let mut before = ' ';
    for (at, c) in word.char_indices() {
        if c.is_uppercase() && before.is_lowercase() || matches!(before, '_' | '-' | ' ') && at > 0 {
            start = at;
        }
        before = c;
    }
    start
}

fn cased_like(model: &str, word: &str) -> String {
    if model.starts_with(char::is_uppercase) { super::naming::upper_first(word) } else { word.to_owned() }
}

fn by_rule(word: &str, lower: &str) -> String {
    let cut = |count: usize| &word[..word.len().saturating_sub(count)];
    let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    if !word.is_ascii() {
        return format!("{word}s");
    }
    if ends(&["ies", "oes", "ches", "shes", "sses", "xes", "ves"]) || lower.ends_with('s') && !ends(&["ss", "us", "is", "as"]) {
        return word.to_owned();
    }
    if lower.ends_with("sis") {
        return format!("{}ses", cut(3));
    }
    if lower == "gas" {
        return word.to_owned();
    }
    if ends(&["ss", "sh", "ch", "x", "us", "as", "is"]) {
        return format!("{word}es");
    }
    if lower.ends_with('y') && !ends(&["ay", "ey", "iy", "oy", "uy"]) || lower.ends_with("quy") {
        return format!("{}ies", cut(1));
    }
    if ends(&["lf", "rf"]) {
        return format!("{}ves", cut(1));
    }
    if lower.ends_with("fe") && !lower.ends_with("ffe") {
        return format!("{}ves", cut(2));
    }
    format!("{word}s")
}

/// The name of a collection for a model by Mongoose: small letters, plural, nothing behind a digit.
#[must_use]
pub fn collection(model: &str) -> String {
    let lower = model.to_lowercase();
    if SAME_FOR_MONGOOSE.contains(&lower.as_str()) || !lower.is_ascii() || lower.ends_with(|c: char| c.is_ascii_digit()) {
        return lower;
    }
    const RULES: &[(&str, usize, &str)] = &[
        ("human", 0, "s"),
        ("man", 2, "en"),
        ("person", 4, "ople"),
        ("child", 0, "ren"),
        ("ox", 0, "en"),
        ("axis", 2, "es"),
        ("testis", 2, "es"),
        ("octopus", 2, "i"),
        ("virus", 0, "es"),
        ("alias", 0, "es"),
        ("status", 0, "es"),
        ("bus", 0, "es"),
        ("buffalo", 0, "es"),
        ("tomato", 0, "es"),
        ("potato", 0, "es"),
        ("tum", 2, "a"),
        ("ium", 2, "a"),
        ("sis", 2, "es"),
        ("hive", 0, "s"),
        ("quy", 1, "ies"),
        ("series", 0, ""),
        ("species", 0, ""),
        ("mouse", 4, "ice"),
        ("louse", 4, "ice"),
        ("quiz", 0, "zes"),
        ("goose", 4, "eese"),
        ("ives", 0, ""),
    ];
    if lower == "oxen" || lower.ends_with("people") || lower.ends_with("children") {
        return lower;
    }
    for (end, cut, add) in RULES {
        if lower.ends_with(end) && (*end != "ox" || lower == "ox") {
            return format!("{}{add}", &lower[..lower.len() - cut]);
        }
    }
    by_mongoose_ending(&lower)
}

fn by_mongoose_ending(lower: &str) -> String {
    let cut = |count: usize| &lower[..lower.len().saturating_sub(count)];
    let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    if lower.ends_with("ife") && lower.len() > 3 || lower.ends_with("fe") && !lower.ends_with("ffe") {
        return format!("{}ves", cut(2));
    }
    if ends(&["lf", "rf"]) {
        return format!("{}ves", cut(1));
    }
    if lower.ends_with('y') && !ends(&["ay", "ey", "iy", "oy", "uy"]) {
        return format!("{}ies", cut(1));
    }
    if ends(&["x", "ch", "ss", "sh"]) {
        return format!("{lower}es");
    }
    if lower.ends_with('s') {
        return lower.to_owned();
    }
    format!("{lower}s")
}

/// The singular by `inflection`: `People` as `Person`, `categories` as `category`.
#[must_use]
pub fn singular(word: &str) -> String {
    let start = last_word(word);
    let (head, tail) = word.split_at(start);
    let lower = tail.to_lowercase();
    if lower.ends_with("data") || UNCOUNTABLE.contains(&lower.as_str()) || !word.is_ascii() {
        return word.to_owned();
    }
    if let Some((one, _)) = IRREGULAR.iter().find(|(_, many)| *many == lower) {
        return format!("{head}{}", cased_like(tail, one));
    }
    let cut = |count: usize| &tail[..tail.len().saturating_sub(count)];
    let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    let one = if lower.ends_with("ies") && lower.len() > 4 {
        format!("{}y", cut(3))
    } else if ends(&["ives"]) {
        format!("{}fe", cut(3))
    } else if ends(&["lves", "rves"]) {
        format!("{}f", cut(3))
    } else if ends(&["sses", "shes", "ches", "xes", "zes"]) {
        cut(2).to_owned()
    } else if ends(&["ss", "us", "is"]) || !lower.ends_with('s') {
        tail.to_owned()
    } else {
        cut(1).to_owned()
    };
    format!("{head}{one}")
}
