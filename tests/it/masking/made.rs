//! Strings made by chance, the same in every run: no credential stands in this repository.

/// Makes strings.
pub struct Made {
    rng: fastrand::Rng,
}

impl Made {
    pub fn new(seed: u64) -> Self {
        Self { rng: fastrand::Rng::with_seed(seed) }
    }

    /// One of them.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.rng.usize(..all.len())]
    }

    /// A string of a form: `{A36}` is 36 letters and digits, `{h40}` 40 hexadecimal digits, `{H…}` the same in capitals, `{l…}` small
    /// letters and digits, `{U…}` capitals and digits, `{a…}` letters, `{d…}` digits, `{b…}` base64, `{w…}` its form for addresses,
    /// `{u36}` a UUID; all else stands for itself.
    pub fn of(&mut self, form: &str) -> String {
        let mut made = String::new();
        let mut rest = form;
        while let Some(open) = rest.find('{') {
            let Some(close) = rest[open..].find('}').map(|close| open + close) else {
                break;
            };
            made.push_str(&rest[..open]);
            let (kind, count) = rest[open + 1..close].split_at(1);
            let count: usize = count.parse().expect("a count");
            made.push_str(&self.run(kind, count));
            rest = &rest[close + 1..];
        }
        made + rest
    }

    fn run(&mut self, kind: &str, count: usize) -> String {
        if kind == "u" {
            return self.of("{h8}-{h4}-4{h3}-a{h3}-{h12}");
        }
        let alphabet: Vec<char> = match kind {
            "A" => ('a'..='z').chain('A'..='Z').chain('0'..='9').collect(),
            "h" => ('a'..='f').chain('0'..='9').collect(),
            "H" => ('A'..='F').chain('0'..='9').collect(),
            "l" => ('a'..='z').chain('0'..='9').collect(),
            "U" => ('A'..='Z').chain('0'..='9').collect(),
            "a" => ('a'..='z').chain('A'..='Z').collect(),
            "d" => ('0'..='9').collect(),
            "b" => ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(['+', '/']).collect(),
            "w" => ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(['-', '_']).collect(),
            other => panic!("no alphabet `{other}`"),
        };
        let letters = 'a'..='z';
        let mut made: String = (0..count).map(|_| *self.one_of(&alphabet)).collect();
        // No token ends with a dash, and most begin with a letter.
        if kind == "w" && count > 0 {
            made.pop();
            made.push(*self.one_of(&letters.collect::<Vec<char>>()));
        }
        made
    }

    /// A block as keys are kept in, with so many lines of base64.
    pub fn key_block(&mut self, label: &str, lines: usize) -> String {
        let body: Vec<String> = (0..lines).map(|_| self.of("{b64}")).collect();
        let dashes = "-".repeat(5);
        format!("{dashes}BEGIN {label}{dashes}\n{}\n{dashes}END {label}{dashes}", body.join("\n"))
    }

    /// A password as people make them up.
    pub fn password(&mut self) -> String {
        let words = ["Winter", "sunshine", "Kraken", "tiger", "Blue", "monday", "Berlin", "coffee"];
        let word = *self.one_of(&words);
        let form = *self.one_of(&["{d4}!", "#{d3}", "{d2}${a3}", "-{d4}", "@{d3}{a2}"]);
        format!("{word}{}", self.of(form))
    }

    /// A name of words in camel case or snake case.
    pub fn name(&mut self) -> String {
        const WORDS: [&str; 24] = [
            "order", "user", "payment", "status", "service", "request", "handler", "invoice", "customer", "shipping", "address", "update",
            "create", "session", "token", "password", "config", "manager", "response", "validate", "factory", "provider", "context",
            "default",
        ];
        let words: Vec<&str> = (0..self.rng.usize(3..6)).map(|_| *self.one_of(&WORDS)).collect();
        if self.rng.bool() {
            return words.join("_");
        }
        let humps = words[1..].iter().map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..]));
        words[0].to_owned() + &humps.collect::<String>()
    }
}
