//! How a string looks: like chance or like words. Knows nothing of where it stands.

/// Pairs of letters that make up most of the words in source code: for each first letter, the second ones as bits.
const PAIRS: [u32; 26] = [
    0x1fe_bd6f, 0x116_4b1f, 0x11e_4d9d, 0x036_493f, 0x1ff_fdff, 0x11e_4939, 0x016_69d1, 0x11e_4191, 0x2ae_ff7f, 0x014_4411, 0x00c_4d11,
    0x13c_c93d, 0x114_d913, 0x13e_fdff, 0x0fe_fd7f, 0x11e_c999, 0x010_0000, 0x17e_fd7f, 0x15c_fdbd, 0x15e_d9bd, 0x01e_b97f, 0x020_4111,
    0x006_6191, 0x088_8114, 0x10c_b901, 0x200_4111,
];

/// Shannon entropy of a string, bits for each byte.
pub(super) fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "tokens are short")]
    let all = bytes.len() as f64;
    let of = |count: u32| {
        let share = f64::from(count) / all;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(|count| of(*count)).sum()
}

/// The kind of a byte, for counting how often the kind changes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    Other,
}

fn kind_of(byte: u8) -> Kind {
    match byte {
        b'a'..=b'z' => Kind::Lower,
        b'A'..=b'Z' => Kind::Upper,
        b'0'..=b'9' => Kind::Digit,
        _ => Kind::Other,
    }
}

/// What a string is made of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Looks {
    pub len: usize,
    pub letters: usize,
    pub digits: usize,
    /// Letters in hexadecimal digits of one case, when it is nothing else.
    pub is_hex: bool,
    pub entropy: f64,
    /// How often a letter stands beside a digit, or a small letter before a capital one or the like, but not at a hump of a name.
    pub turns: usize,
    /// Pairs of letters within a word that words seldom have.
    pub odd: usize,
    /// All pairs of letters within words.
    pub pairs: usize,
    /// Letters and digits in runs of three or more alike in kind that read like words.
    pub worded: usize,
}

impl Looks {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
        let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
        let lower = bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let upper = bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
        let mut looks = Self { len: bytes.len(), letters, digits, is_hex: lower || upper, entropy: entropy(bytes), ..Self::default() };
        looks.count_turns(bytes);
        looks.count_words(bytes);
        looks
    }

    fn count_turns(&mut self, bytes: &[u8]) {
        for pair in bytes.windows(2) {
            let kinds = (kind_of(pair[0]), kind_of(pair[1]));
            self.turns += usize::from(matches!(
                kinds,
                (Kind::Digit, Kind::Lower | Kind::Upper) | (Kind::Lower | Kind::Upper, Kind::Digit) | (Kind::Lower, Kind::Upper)
            ));
        }
    }

    /// Splits into words as names do (`camelCase`, `SNAKE_CASE`) and looks at the pairs of letters inside.
    fn count_words(&mut self, bytes: &[u8]) {
        let mut start = 0;
        while start < bytes.len() {
            let kind = kind_of(bytes[start]);
            let mut end = start + 1;
            let same = |byte: u8, kind: Kind| kind_of(byte) == kind;
            if kind == Kind::Upper && end < bytes.len() && same(bytes[end], Kind::Lower) {
                end += bytes[end..].iter().take_while(|byte| same(**byte, Kind::Lower)).count();
            } else {
                end += bytes[end..].iter().take_while(|byte| same(**byte, kind)).count();
            }
            if matches!(kind, Kind::Lower | Kind::Upper) {
                self.count_word(&bytes[start..end]);
            }
            start = end;
        }
    }

    fn count_word(&mut self, word: &[u8]) {
        let index = |byte: u8| usize::from(byte.to_ascii_lowercase() - b'a');
        let odd = word.windows(2).filter(|pair| PAIRS[index(pair[0])] & (1 << index(pair[1])) == 0).count();
        self.odd += odd;
        self.pairs += word.len() - 1;
        if word.len() >= 3 && odd * 4 <= word.len() {
            self.worded += word.len();
        }
    }

    /// Whether letters and digits are mixed as chance does it.
    pub(super) fn is_mixed(&self) -> bool {
        self.digits > 0 && self.letters > 0 && self.turns * 5 >= self.len && self.worded * 2 <= self.letters.max(1) + 2
    }

    /// Whether its letters make no words.
    pub(super) fn is_gibberish(&self) -> bool {
        self.letters >= 8 && (self.odd * 10 >= self.pairs * 3 && self.pairs >= 6 || self.turns * 3 >= self.len)
    }

    /// Whether it has the form of a key: hexadecimal, or letters and digits in no order that words have. More passes than is drawn by
    /// chance, so this is for strings of which something else says that they are secret.
    pub(super) fn is_keylike(&self) -> bool {
        let has_both = self.digits > 0 && self.letters > 0;
        let signs = self.len - self.letters - self.digits;
        let is_solid = signs == 0 && (self.len >= 16 && self.digits >= 3 && self.turns >= 2 || self.len >= 20 && self.digits >= 4)
            || signs * 16 <= self.len && self.len >= 24 && self.digits >= 4 && self.turns * 6 >= self.len;
        let is_dense = self.len >= 16 && self.digits * 3 >= self.len;
        has_both && (self.is_hex && self.len >= 12 || is_solid || is_dense) || (self.is_hex && self.len >= 30) || self.is_random()
    }

    /// Whether it reads as words: a name of something.
    pub(super) fn is_worded(&self) -> bool {
        let signs = self.len - self.letters - self.digits;
        (self.digits == 0 && !self.is_gibberish()) || (signs > 0 && self.worded * 5 >= self.letters * 4 && self.digits * 8 < self.len)
    }

    /// Whether it looks drawn by chance.
    pub(super) fn is_random(&self) -> bool {
        self.is_mixed() || (self.is_gibberish() && self.worded * 2 <= self.letters)
    }
}
