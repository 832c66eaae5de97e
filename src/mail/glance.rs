//! A first look at a text that is compared with many phrases: its first two bytes tell nearly always that it begins
//! with none of them, or its last two that it ends with none. What there is beyond ASCII is left to the closer look.

/// Pairs of bytes, one bit for each.
pub struct Glance(Box<[u64]>);

impl Glance {
    /// Of phrases in lower case.
    pub fn of<'a>(phrases: impl IntoIterator<Item = &'a str>) -> Glance {
        Glance::of_pairs(phrases.into_iter().filter_map(|phrase| phrase.as_bytes().first_chunk().copied()))
    }

    /// The same, to ask for their ends.
    pub fn of_ends<'a>(phrases: impl IntoIterator<Item = &'a str>) -> Glance {
        Glance::of_pairs(phrases.into_iter().filter_map(|phrase| phrase.as_bytes().last_chunk().copied()))
    }

    fn of_pairs(pairs: impl Iterator<Item = [u8; 2]>) -> Glance {
        let mut bits = vec![0; 1 << 10].into_boxed_slice();
        for (place, bit) in pairs.map(place) {
            bits[place] |= bit;
        }
        Glance(bits)
    }

    /// `false` when the text, upper or lower case, begins with none of the phrases.
    pub fn may_begin(&self, text: &str) -> bool {
        text.as_bytes().first_chunk().is_none_or(|pair| self.may_be(*pair))
    }

    /// `false` when it ends with none of them.
    pub fn may_end(&self, text: &str) -> bool {
        text.as_bytes().last_chunk().is_none_or(|pair| self.may_be(*pair))
    }

    fn may_be(&self, pair: [u8; 2]) -> bool {
        let (place, bit) = place(pair.map(|byte| byte.to_ascii_lowercase()));
        !pair.is_ascii() || self.0[place] & bit != 0
    }
}

fn place([first, second]: [u8; 2]) -> (usize, u64) {
    let pair = usize::from(first) << 8 | usize::from(second);
    (pair >> 6, 1 << (pair & 63))
}

#[cfg(test)]
mod tests {
    use super::Glance;

    #[test]
    fn a_glance_passes_over_what_begins_otherwise_and_nothing_else() {
        let glance = Glance::of(["sent from", "öffnen", "x"]);
        for text in ["Sent from", "SE", "Öffnen", "öffnen", "s", "", "sé"] {
            assert!(glance.may_begin(text), "{text}");
        }
        assert!(!glance.may_begin("Since") && !glance.may_begin("from"));
        let ends = Glance::of_ends(["gesendet", "보냄"]);
        assert!(ends.may_end("GESENDET") && ends.may_end("t") && ends.may_end("보냄") && !ends.may_end("gesandt."));
    }
}
