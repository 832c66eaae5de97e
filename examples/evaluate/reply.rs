//! The author's own words of a reply, against what reply splitters are expected to leave.
//!
//! - `trimmed` of a plain text: the same text, but for white space at the ends of lines and of the text.
//! - `trimmed` of HTML, and `trimmed_text`: the same letters; white space is not compared, nor is markup.
//! - `result` of a quote splitter: what it gives as the author's, when asked to count the line that introduces a quote
//!   with the quote, as we do. Letters are compared.

use crate::data::{self, Data, Set};
use crate::table::{Goal, Miss, Row};
use rapporteur::clock::Timestamp;
use rapporteur::mail::{self, Text};
use serde_json::Value;

pub fn measure(data: &Data) -> anyhow::Result<Vec<Row>> {
    let sets = data.sets("reply")?;
    if sets.is_empty() {
        return Ok(vec![Row::missing("reply_*")]);
    }
    let mut rows = Vec::new();
    for set in &sets {
        let forms = [
            (Form::Plain, ""),
            (Form::Mail, ""),
            (Form::HtmlToText, ", text of HTML"),
            (Form::HtmlToHtml, ", HTML of HTML"),
        ];
        for (form, title) in forms {
            rows.extend(row(data, set, form, title)?);
        }
    }
    Ok(rows)
}

/// How a case is asked and answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Mail,
    HtmlToText,
    /// The answer keeps markup, and with it sometimes a quote that stands among the author's own words.
    HtmlToHtml,
}

fn row(data: &Data, set: &Set, form: Form, title: &str) -> anyhow::Result<Option<Row>> {
    let cases = set.cases.iter().filter_map(|case| Some((case, answer(case)?)));
    let cases: Vec<_> = cases.filter(|(case, answer)| form_of(case, answer) == form).collect();
    if cases.is_empty() {
        return Ok(None);
    }
    let goal = match form {
        _ if set.cases.iter().any(|case| !case["expect"]["result"].is_null()) => Goal::Open,
        Form::Plain => Goal::Percent(93.7),
        Form::Mail | Form::HtmlToText => Goal::Percent(100.0),
        Form::HtmlToHtml => Goal::Open,
    };
    let mut results = Vec::new();
    for (case, answer) in cases {
        let got = visible(&data.input(case)?, form);
        let answer = if form == Form::HtmlToHtml { without_markup(&answer) } else { answer };
        let same = match form {
            Form::Plain if case["expect"]["result"].is_null() => trimmed(&got) == trimmed(&answer),
            _ => letters(&got) == letters(&answer),
        };
        let miss = Miss { case: data::name(case).to_owned(), expected: format!("{answer:?}"), got: format!("{got:?}") };
        results.push(if same { Ok(()) } else { Err(miss) });
    }
    Ok(Some(Row::hits(format!("{}{title}", set.name), goal, results)))
}

fn form_of(case: &Value, answer: &str) -> Form {
    let file = case["file"].as_str().unwrap_or("");
    let html_asked = case["fn"].as_str().is_some_and(|name| name.ends_with("_html")) || case["suite"] == "talon-html";
    match () {
        () if file.ends_with(".eml") => Form::Mail,
        () if !html_asked && !file.ends_with(".html") => Form::Plain,
        () if answer.contains('<') => Form::HtmlToHtml,
        () => Form::HtmlToText,
    }
}

/// What the case expects to be the author's; `None` when it asks something we have no word for.
fn answer(case: &Value) -> Option<String> {
    let expect = &case["expect"];
    if let Some(text) = expect["trimmed"].as_str().or(expect["trimmed_text"].as_str()) {
        return Some(text.to_owned());
    }
    let result = &expect["result"];
    if let Some(parts) = result.as_array() {
        let with_intro = case["kw"]["quote_intro_line"] == true || parts.iter().all(|part| part[0] == true);
        let own = parts.iter().filter(|part| part[0] == true).filter_map(|part| part[1].as_str());
        // A `limit` cuts after so many lines, whoever wrote them.
        return (with_intro && case["kw"]["limit"].is_null()).then(|| own.collect());
    }
    let part = |name: &str| result[name].as_str().unwrap_or("");
    match case["fn"].as_str()? {
        "unwrap" if result.is_null() => case["input"].as_str().map(str::to_owned),
        "unwrap" => Some(format!("{}\n{}", part("text_top"), part("text_bottom"))),
        "unwrap_html" if result.is_object() => Some(format!("{}\n{}", part("html_top"), part("html_bottom"))),
        _ => None,
    }
}

fn visible(input: &[u8], form: Form) -> String {
    let read = |raw: &[u8]| mail::read(raw, Timestamp::UNIX_EPOCH).text.visible_text();
    match form {
        Form::Plain => Text::plain(&String::from_utf8_lossy(input), false).visible_text(),
        Form::Mail => read(input),
        Form::HtmlToText | Form::HtmlToHtml => {
            read(&[b"Subject: Re: x\nContent-Type: text/html; charset=utf-8\n\n", input].concat())
        }
    }
}

fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn letters(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The text between tags. Enough for answers, which are small and well formed; mail is read otherwise.
fn without_markup(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, behind)| behind));
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&#160;", " "), ("&quot;", "\""), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, c)| text.replace(entity, c))
}
