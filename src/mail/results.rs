//! Authentication-Results (RFC 8601): what a server on the way found out about who wrote a mail.
//!
//! Anybody can write such a header. So only the one counts that a server of the operator's put there: it bears a name
//! (authserv-id) that the operator trusts, it is the topmost that does, and it does not lie below what that server wrote
//! when it took the mail in. Nothing else in a mail says by itself whose word a header is.

use super::header::Header;
use std::borrow::Cow;

/// A header that a server on the way leaves, from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// The host that wrote a Received header, in lower case; empty when it does not say.
    Received(String),
    /// An Authentication-Results header, unfolded.
    Results(String),
}

/// What the operator's server says of From by DMARC (RFC 7489).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// None of the headers is theirs, or theirs does not speak of it.
    Nothing,
    /// The mail is from the domain that From shows.
    Pass { by: String },
    /// It is not, as far as the server could see.
    Fail { by: String },
    /// Neither: `temperror`, `none`, or a pass for another domain.
    Unsure { by: String, result: String },
}

/// One header, read.
#[derive(Debug, PartialEq, Eq)]
pub struct Results {
    /// The authserv-id, in lower case.
    pub by: String,
    /// Empty for `none`, and when what follows the name cannot be read.
    pub methods: Vec<Method>,
}

/// `dmarc=pass reason="…" header.from=example.org`.
#[derive(Debug, PartialEq, Eq)]
pub struct Method {
    /// In lower case, as the result is.
    pub name: String,
    pub result: String,
    /// Names in lower case, such as `header.from`; values as they stand.
    pub properties: Vec<(String, String)>,
}

impl Method {
    /// The only value of a property: two of one name prove nothing.
    pub fn property(&self, name: &str) -> Option<&str> {
        let mut values = self.properties.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    }
}

/// The headers that matter here. Most mails have no results, and for them nothing is kept.
pub fn trace(header: &Header) -> Vec<Trace> {
    if header.first("authentication-results").is_none() {
        return Vec::new();
    }
    let read = |(name, value): (&str, &str)| match name {
        _ if name.eq_ignore_ascii_case("received") => Some(Trace::Received(received_by(value))),
        _ if name.eq_ignore_ascii_case("authentication-results") => Some(Trace::Results(value.trim().to_owned())),
        _ => None,
    };
    header.fields().filter_map(read).collect()
}

/// What the servers of these names say of a mail from this domain; both in lower case.
pub fn said(trace: &[Trace], authserv_ids: &[String], domain: &str) -> Said {
    let Some(results) = trusted(trace, authserv_ids) else { return Said::Nothing };
    let Results { by, methods } = results;
    let dmarc: Vec<&Method> = methods.iter().filter(|method| method.name == "dmarc").collect();
    let of = |method: &Method| method.property("header.from").map(str::to_ascii_lowercase);
    match dmarc.as_slice() {
        [] => Said::Nothing,
        several if several.iter().any(|method| method.result == "fail") => Said::Fail { by },
        [one] if one.result == "pass" && of(one).as_deref() == Some(domain) => Said::Pass { by },
        [one] => {
            let about = of(one).filter(|from| from != domain).map_or(String::new(), |from| format!(" for {from}"));
            Said::Unsure { by, result: format!("dmarc={}{about}", one.result) }
        }
        _ => Said::Unsure { by, result: "more than one result of dmarc".to_owned() },
    }
}

/// The names that a mail's results bear, from the top.
pub fn names(raw: &[u8]) -> Vec<String> {
    let header = Header::read(raw);
    header.all("authentication-results").filter_map(parse).map(|results| results.by).collect()
}

/// The topmost header of one of these servers.
fn trusted(trace: &[Trace], authserv_ids: &[String]) -> Option<Results> {
    let own = trace.iter().enumerate().find_map(|(at, field)| match field {
        Trace::Results(value) => parse(value).filter(|results| authserv_ids.contains(&results.by)).map(|it| (at, it)),
        Trace::Received(_) => None,
    });
    let (at, results) = own?;
    // The server's own Received headers, where they tell its name, are its hand's upper edge: below them and another
    // host's, everything came with the mail.
    let is_its = |field: &&Trace| matches!(field, Trace::Received(host) if *host == results.by);
    let mut above = trace[..at].iter().skip_while(|field| !is_its(field));
    let came_with_it = above.any(|field| matches!(field, Trace::Received(host) if *host != results.by));
    (!came_with_it).then_some(results)
}

/// Reads the value of an Authentication-Results header; `None` when it does not even say whose it is.
pub fn parse(value: &str) -> Option<Results> {
    let mut rest = Cursor(value);
    rest.skip()?;
    let by = rest.value().filter(|by| !by.is_empty())?.to_ascii_lowercase();
    let methods = rest.methods().unwrap_or_default();
    Some(Results { by, methods })
}

/// The host behind `by` in a Received header (RFC 5321 §4.4).
fn received_by(value: &str) -> String {
    let mut rest = Cursor(value);
    while rest.skip().is_some() && !rest.0.is_empty() {
        match rest.value() {
            Some(word) if word.eq_ignore_ascii_case("by") => {
                rest.skip();
                return rest.value().unwrap_or_default().to_ascii_lowercase();
            }
            Some(word) if !word.is_empty() => {}
            _ => break,
        }
    }
    String::new()
}

/// What is still to be read.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    /// Past white space and comments (CFWS, RFC 5322 §3.2.2); `None` when a comment does not end.
    fn skip(&mut self) -> Option<()> {
        loop {
            self.0 = self.0.trim_start();
            let Some(inside) = self.0.strip_prefix('(') else { return Some(()) };
            let (mut depth, mut escaped) = (1_usize, false);
            let end = inside.char_indices().find(|(_, c)| {
                match c {
                    _ if escaped => {}
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                escaped = *c == '\\' && !escaped;
                depth == 0
            });
            self.0 = &inside[end?.0 + 1..];
        }
    }

    fn takes(&mut self, c: char) -> bool {
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// The characters up to one that ends a word; perhaps none.
    fn run(&mut self, ends: &[char]) -> &'a str {
        let end = self.0.find(|c: char| c.is_whitespace() || ends.contains(&c)).unwrap_or(self.0.len());
        let (run, rest) = self.0.split_at(end);
        self.0 = rest;
        run
    }

    /// A word, a quoted string, or an address with a quoted local part; `None` when a quoted string does not end.
    fn value(&mut self) -> Option<Cow<'a, str>> {
        const ENDS: [char; 3] = [';', '(', '"'];
        if !self.takes('"') {
            return Some(Cow::Borrowed(self.run(&ENDS)));
        }
        let mut value = String::new();
        let mut chars = self.0.chars();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => value.push(chars.next()?),
                c => value.push(c),
            }
        }
        self.0 = chars.as_str();
        value.push_str(self.run(&ENDS));
        Some(Cow::Owned(value))
    }

    /// `name` or `ptype . property`, in lower case.
    fn key(&mut self) -> Option<String> {
        let mut key = String::new();
        loop {
            key.push_str(&self.run(&['.', '=', '/', ';', '(', ')', '"']).to_ascii_lowercase());
            self.skip()?;
            if !self.takes('.') {
                return Some(key).filter(|key| !key.is_empty());
            }
            key.push('.');
            self.skip()?;
        }
    }

    fn after_equals(&mut self) -> Option<()> {
        self.takes('=').then_some(())?;
        self.skip()
    }

    /// Everything behind the authserv-id, or nothing: half a header that was understood is none.
    fn methods(&mut self) -> Option<Vec<Method>> {
        let mut methods = Vec::new();
        self.skip()?;
        // A version that is not 1 means something that nobody knows yet (§2.2).
        let version = self.run(&[';', '(']);
        if !version.is_empty() && version != "1" {
            return None;
        }
        self.skip()?;
        while self.takes(';') {
            self.skip()?;
            if self.0.is_empty() {
                break;
            }
            let name = self.key()?;
            if name == "none" && methods.is_empty() && self.0.trim_matches(';').trim().is_empty() {
                return Some(methods);
            }
            if self.takes('/') {
                self.skip()?;
                if self.run(&['=', '(']) != "1" {
                    return None;
                }
                self.skip()?;
            }
            self.after_equals()?;
            let result = self.run(&[';', '(', '"']).to_ascii_lowercase();
            methods.push(Method { name, result, properties: self.properties()? });
        }
        self.0.is_empty().then_some(methods)
    }

    /// The reason among them: it is as little ours to act on.
    fn properties(&mut self) -> Option<Vec<(String, String)>> {
        let mut properties = Vec::new();
        self.skip()?;
        while !self.0.is_empty() && !self.0.starts_with(';') {
            let key = self.key()?;
            self.after_equals()?;
            properties.push((key, self.value()?.into_owned()));
            self.skip()?;
        }
        Some(properties)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(value: &str, name: &str) -> Option<(String, Vec<(String, String)>)> {
        let mut methods = parse(value)?.methods.into_iter();
        methods.find(|method| method.name == name).map(|method| (method.result, method.properties))
    }
    fn pass(from: &str) -> Option<(String, Vec<(String, String)>)> {
        Some(("pass".into(), vec![("header.from".into(), from.into())]))
    }

    #[test]
    fn headers_as_servers_write_them() {
        for value in [
            "mx.example.org; dmarc=pass header.from=example.org",
            "mx.example.org 1; spf=pass smtp.mailfrom=example.org; dmarc=pass header.from=example.org",
            "MX.example.org;dkim=pass header.d=example.org header.i=@example.org header.b=a/b==;dmarc=pass header.from=example.org;",
            "mx.example.org (our; server (really)) ; DMARC = PASS (p=none; \\) dis=none) header . from = example.org",
            "\"mx.example.org\"; dmarc/1=pass header.from=\"example.org\"",
            "mx.example.org; iprev=permerror; spf=fail smtp.mailfrom=\"a;b c\"@example.net;\t dmarc=pass header.from=example.org",
        ] {
            assert_eq!(parse(value).map(|it| it.by).as_deref(), Some("mx.example.org"), "{value}");
            assert_eq!(method(value, "dmarc"), pass("example.org"), "{value}");
        }
        let reason = "mx; dmarc=pass reason=\"good; signature\" header.from=example.org";
        assert_eq!(method(reason, "dmarc").map(|(_, properties)| properties.len()), Some(2));
        assert_eq!(parse("mx.example.org; none").map(|it| it.methods), Some(Vec::new()));
    }

    #[test]
    fn half_a_header_proves_nothing() {
        for value in [
            "mx 2; dmarc=pass header.from=example.org",
            "mx; dmarc=pass header.from=example.org (and so on",
            "mx; dmarc=pass header.from=\"example.org",
            "mx; dmarc=pass header.from example.org",
            "mx; dmarc/2=pass header.from=example.org",
            "mx; =pass; dmarc=pass header.from=example.org",
            "mx dmarc=pass header.from=example.org",
            "mx",
            "mx;",
        ] {
            assert_eq!(parse(value).map(|it| it.methods), Some(Vec::new()), "{value}");
        }
        for value in ["", ";", "(mx) ; dmarc=pass", "(mx", "\"mx"] {
            assert_eq!(parse(value), None, "{value}");
        }
    }

    #[test]
    fn the_host_that_received_a_mail() {
        for (value, host) in [
            (" from a.example.net (by b [192.0.2.1])\tby MX.example.org (Postfix) with ESMTP id 1", "mx.example.org"),
            (" by mx.example.org; Mon, 3 May 2027 10:00:00 +0000", "mx.example.org"),
            (" from a.example.net", ""),
            (" from (", ""),
        ] {
            assert_eq!(received_by(value), host, "{value}");
        }
    }

    #[test]
    fn splitting_takes_time_in_proportion() {
        for piece in ["(", ")", "\"", "a=b ", "; a=b", ".", "\\", "/", " ", "by ", "(()"] {
            let text = piece.repeat(30_000);
            parse(&format!("mx;{text}"));
            received_by(&text);
        }
    }
}
