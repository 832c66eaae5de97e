//! Pages as an HTML5 parser reads them.

use html5gum::{Token, Tokenizer};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A tag that opens an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
}

/// All opening tags of a page, in order, and its text.
pub fn parsed(html: &str) -> (Vec<Tag>, String) {
    let (mut tags, mut text) = (Vec::new(), String::new());
    let plain = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    for token in Tokenizer::new(html) {
        match token.unwrap_or_else(|never| match never {}) {
            Token::StartTag(tag) => {
                let attributes = tag.attributes.iter().map(|(name, value)| (plain(name), plain(&value.value)));
                tags.push(Tag { name: plain(&tag.name), attributes: attributes.collect() });
            }
            Token::String(string) => text.push_str(&plain(&string)),
            Token::Comment(comment) => panic!("a comment: {}", plain(&comment)),
            Token::Error(error) => panic!("{error:?} in {html}"),
            Token::EndTag(_) | Token::Doctype(_) => {}
        }
    }
    (tags, text)
}

/// All files below a directory, by their paths.
pub fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(dir).expect("below it").to_str().expect("UTF-8").to_owned();
                    found.insert(name, fs::read(&path).expect("a file"));
                }
            }
        }
    }
    found
}

/// The pages of a site, by their paths.
pub fn pages(dir: &Path) -> BTreeMap<String, String> {
    let pages = files(dir).into_iter().filter(|(path, _)| path.ends_with(".html"));
    pages.map(|(path, bytes)| (path, String::from_utf8(bytes).expect("UTF-8"))).collect()
}
