//! `tag=value; tag=value` (RFC 6376 §3.2): signatures, seals and keys are written so.

/// The tags of one list, in order; white space within values is gone, because none of them means any.
pub struct Tags(Vec<(String, String)>);

impl Tags {
    /// `None` when it is no such list, or a tag comes twice.
    pub fn read(value: &[u8]) -> Option<Tags> {
        let text = std::str::from_utf8(value).ok().filter(|text| text.is_ascii())?;
        let mut tags: Vec<(String, String)> = Vec::new();
        for part in text.trim_end().trim_end_matches(';').split(';') {
            let (name, value) = part.split_once('=')?;
            let (name, value) = (name.trim().to_owned(), value.split_ascii_whitespace().collect::<String>());
            // The tag of a longer list than anybody writes is not looked for among all that came before.
            let sound = name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !sound || tags.len() > 40 || tags.iter().any(|(known, _)| *known == name) {
                return None;
            }
            tags.push((name, value));
        }
        Some(Tags(tags))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn first(&self) -> Option<&str> {
        self.0.first().map(|(name, _)| name.as_str())
    }
}
