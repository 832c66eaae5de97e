//! What each line of a mail is, shown on mails as people's programs write them.
//!
//! A file in `tests/spans/` holds cases. `## name` begins one; behind the name, `(flowed)` says that its text is
//! format=flowed and `(first)` that it answers nothing. Each line stands behind the letter of its kind and a space:
//! `v`isible, `q`uote, `a`ttribution, `s`ignature, `f`ooter, for`w`arded, `c`ode, and `x` where only that it is not
//! the author's matters. What an empty line is does not matter.

use rapporteur::mail::{SpanKind, Text};
use std::path::Path;

struct Case {
    name: String,
    /// Letter and text of each line.
    lines: Vec<(char, String)>,
}

#[test]
fn every_line_is_what_it_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spans");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut cases, mut wrong) = (0, Vec::new());
    for file in files {
        let family = file.file_stem().unwrap().to_string_lossy().into_owned();
        for case in cases_of(&std::fs::read_to_string(&file).unwrap()) {
            cases += 1;
            wrong.extend(case.fault().map(|fault| format!("{family}: {}\n{fault}", case.name)));
        }
    }
    assert!(cases > 100, "the cases were not found");
    assert!(wrong.is_empty(), "{} of {cases} cases are wrong\n\n{}", wrong.len(), wrong.join("\n"));
}

fn cases_of(file: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in file.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            cases.push(Case { name: name.to_owned(), lines: Vec::new() });
        } else if let Some(case) = cases.last_mut() {
            let letter = line.chars().next().unwrap_or(' ');
            assert!(" vqasfwcx".contains(letter), "`{line}` begins with no letter of a kind");
            case.lines.push((letter, line.get(2..).unwrap_or("").to_owned()));
        }
    }
    cases
}

impl Case {
    /// The lines that are taken for something else, with the letter they got in front.
    fn fault(&self) -> Option<String> {
        let input: String = self.lines.iter().map(|(_, text)| format!("{text}\n")).collect();
        let first = self.name.ends_with("(first)");
        let text = match self.name.ends_with("(flowed)") {
            true => Text::flowed(&input, false, first),
            false => Text::plain(&input, first),
        };
        let mut fault = String::new();
        for ((expected, line), number) in self.lines.iter().zip(1..) {
            let got = text.lines().find(|line| line.first <= number && number <= line.last).map(|line| line.kind);
            let got = got.map_or('?', letter);
            let right = got == *expected || (*expected == 'x' && !"vc".contains(got));
            if !line.trim().is_empty() && !right {
                fault.push_str(&format!("  {got} for {expected} {line}\n"));
            }
        }
        (!fault.is_empty()).then_some(fault)
    }
}

fn letter(kind: SpanKind) -> char {
    match kind {
        SpanKind::Visible => 'v',
        SpanKind::Quote => 'q',
        SpanKind::Attribution => 'a',
        SpanKind::Signature => 's',
        SpanKind::Footer => 'f',
        SpanKind::Forwarded => 'w',
        SpanKind::Code => 'c',
    }
}
