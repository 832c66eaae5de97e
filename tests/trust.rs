//! Who is believed: what a mail proves of its author, case by case, and that it is judged the same for ever.

#[path = "support/sealing.rs"]
mod sealing;

use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::daemon::dns::Dns;
use rapporteur::daemon::intake::Intake;
use rapporteur::daemon::replay;
use rapporteur::daemon::understand::{Unread, understand_all};
use rapporteur::letters::sentences;
use rapporteur::mail::dkim::{Answer, Answers, wanted};
use rapporteur::session::rights::Tier;
use rapporteur::store::{Arrival, Origin, Store};
use sealing::{NAMES, dns, sealed, signed, signed_as};
use std::path::Path;

const CONFIG: &str = r#"
address = "rapporteur@summit.example"

[transport]
kind = "maildir"
path = "sent"

[trust]
authserv_ids = ["mx.example.net", "mx2.example.net"]
verify_signatures = true
sealers = ["lists.example.org", "relay.example.net"]

[[list]]
address = "devel@lists.example.org"
rewrites_from = true

[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@lists.example.org"]
organisers = ["olga@example.org"]
"#;

fn config() -> Config {
    Config::parse(Path::new("rapporteur.toml"), CONFIG).expect("the configuration")
}

fn now() -> Timestamp {
    "2027-05-03T09:00:00Z".parse().expect("a time")
}

/// An organiser's mail, as it leaves her.
const MAIL: &str = concat!(
    "From: Olga <olga@example.org>\nTo: devel@lists.example.org\nSubject: Re: [TOPIC] Console\n",
    "Date: Mon, 03 May 2027 08:59:00 +0000\nMessage-ID: <olga@example.org>\nIn-Reply-To: <console@example.org>\n\n",
    "#session accept\n",
);

/// The tier of a mail, and why, when the DNS says this.
fn judged(raw: &str, answers: &Answers) -> (Tier, String) {
    let config = config();
    let list = config.only_list();
    let unread = Unread { raw: raw.as_bytes(), received: now(), list, answers: Some(answers) };
    let understood = understand_all(&[unread], &config.policy).pop().expect("one mail in, one out");
    let via = config.policy.via(&understood.mail, list);
    let trust = config.policy.trust(&understood.mail, &via, &understood.proof);
    (trust.tier, sentences::trust(&trust))
}

/// Plays the cases: a name, a mail, the tier, and some words of the reason.
fn play(cases: &[(&str, String, Tier, &str)], answers: &Answers) {
    let mut wrong = Vec::new();
    for (name, raw, tier, reason) in cases {
        let (got, why) = judged(raw, answers);
        if (got, why.contains(reason)) != (*tier, true) {
            wrong.push(format!("{name}: {got:?}, {why}\n  should be {tier:?}: …{reason}…"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// The mail with lines on top.
fn below(lines: &str) -> String {
    format!("{lines}\n{MAIL}")
}

#[test]
fn a_servers_word() {
    use Tier::{T0, T1, T2};
    const OURS: &str = "Authentication-Results: mx.example.net; dmarc=pass header.from=example.org";
    const RECEIVED: &str = "Received: from lists.example.org by mx.example.net; Mon, 3 May 2027 09:00:00 +0000";
    const AWAY: &str = "Received: from eve.example.com by lists.example.org; Mon, 3 May 2027 08:59:30 +0000";
    let says = |what: &str| below(&format!("Authentication-Results: mx.example.net; {what}"));
    let from = |from: &str, lines: &str| format!("{lines}\n{}", MAIL.replace("Olga <olga@example.org>", from));
    let via = "Olga via Devel <devel@lists.example.org>\nReply-To: Olga <olga@example.org>";
    let cases = [
        ("no header at all", MAIL.to_owned(), T1, "watched list"),
        ("a pass of ours", below(OURS), T2, "mx.example.net says dmarc=pass"),
        ("the name in capitals", below(&OURS.replace("mx.example", "MX.Example")), T2, "dmarc=pass"),
        ("the name quoted", below(&OURS.replace("mx.example.net", "\"mx.example.net\"")), T2, "dmarc=pass"),
        ("a version", below(&OURS.replace(".net;", ".net 1;")), T2, "dmarc=pass"),
        ("an unknown version", below(&OURS.replace(".net;", ".net 2;")), T1, "watched list"),
        ("the method in capitals", says("DMARC=PASS header.from=Example.ORG"), T2, "dmarc=pass"),
        ("folded", says("spf=none\n\tsmtp.mailfrom=x;\n dmarc=pass\n header.from=example.org"), T2, "dmarc=pass"),
        (
            "comments everywhere",
            says("(a;b) dmarc (c) = (d) pass (p=none; (dis)=none) header.from=example.org"),
            T2,
            "dmarc=pass",
        ),
        ("a pass within a comment", says("dkim=none (; dmarc=pass header.from=example.org)"), T1, "watched list"),
        (
            "a pass within a reason",
            says("dkim=none reason=\"; dmarc=pass header.from=example.org\""),
            T1,
            "watched list",
        ),
        ("a comment that does not end", says("dmarc=pass header.from=example.org ("), T1, "watched list"),
        (
            "several methods",
            says("spf=fail smtp.mailfrom=a@b; dkim=fail header.d=x; dmarc=pass header.from=example.org"),
            T2,
            "dmarc=pass",
        ),
        (
            "a reason",
            says("dmarc=pass reason=\"all good\" header.from=example.org policy.dmarc=none"),
            T2,
            "dmarc=pass",
        ),
        ("none", says("none"), T1, "watched list"),
        ("dmarc=none", says("dmarc=none header.from=example.org"), T1, "says dmarc=none"),
        ("dmarc=temperror", says("dmarc=temperror header.from=example.org"), T1, "says dmarc=temperror"),
        ("dmarc=permerror", says("dmarc=permerror header.from=example.org"), T1, "says dmarc=permerror"),
        ("a guess", says("dmarc=bestguesspass header.from=example.org"), T1, "says dmarc=bestguesspass"),
        ("dmarc=fail", says("dmarc=fail header.from=example.org"), T0, "says dmarc=fail"),
        (
            "dmarc=fail with dkim=pass",
            says("dkim=pass header.d=example.org; dmarc=fail header.from=example.org"),
            T0,
            "dmarc=fail",
        ),
        ("dmarc=fail without properties", says("dmarc=fail"), T0, "dmarc=fail"),
        (
            "a pass and a fail",
            says("dmarc=pass header.from=example.org; dmarc=fail header.from=example.org"),
            T0,
            "dmarc=fail",
        ),
        (
            "two passes",
            says("dmarc=pass header.from=example.org; dmarc=pass header.from=example.com"),
            T1,
            "more than one",
        ),
        ("a pass for another domain", says("dmarc=pass header.from=example.com"), T1, "dmarc=pass for example.com"),
        ("a pass for a domain below", says("dmarc=pass header.from=mail.example.org"), T1, "for mail.example.org"),
        ("a pass for a domain above", from("Olga <olga@mail.example.org>", OURS), T1, "for example.org"),
        ("a pass for nobody", says("dmarc=pass"), T1, "says dmarc=pass"),
        (
            "two domains of one pass",
            says("dmarc=pass header.from=example.org header.from=example.com"),
            T1,
            "says dmarc=pass",
        ),
        ("spf alone", says("spf=pass smtp.mailfrom=olga@example.org"), T1, "watched list"),
        ("dkim alone", says("dkim=pass header.d=example.org"), T1, "watched list"),
        ("arc of a header", says("arc=pass (i=1 dkim=pass dkdomain=example.org)"), T1, "watched list"),
        ("another server's name", below(&OURS.replace("mx.example.net", "mx.example.com")), T1, "watched list"),
        (
            "a name that begins like ours",
            below(&OURS.replace("mx.example.net", "mx.example.net.example.com")),
            T1,
            "watched list",
        ),
        ("our name in a comment", below(&OURS.replace("mx.example.net", "(mx.example.net) eve")), T1, "watched list"),
        ("theirs on top of ours", below(&format!("Authentication-Results: eve; dmarc=fail\n{OURS}")), T2, "dmarc=pass"),
        (
            "forged below ours",
            below(&format!("Authentication-Results: mx.example.net; dmarc=fail\n{OURS}")),
            T0,
            "dmarc=fail",
        ),
        (
            "forged below ours that is silent",
            below(&format!("Authentication-Results: mx.example.net; none\n{OURS}")),
            T1,
            "watched list",
        ),
        (
            "forged below ours that is broken",
            below(&format!("Authentication-Results: mx.example.net; (\n{OURS}")),
            T1,
            "watched list",
        ),
        (
            "two servers of ours",
            below(&format!("Authentication-Results: mx2.example.net; dmarc=fail\n{OURS}")),
            T0,
            "mx2.example.net says",
        ),
        ("above our Received", below(&format!("{OURS}\n{RECEIVED}\n{AWAY}")), T2, "dmarc=pass"),
        ("just below our Received", below(&format!("{RECEIVED}\n{OURS}\n{AWAY}")), T2, "dmarc=pass"),
        ("below a stranger's Received", below(&format!("{RECEIVED}\n{AWAY}\n{OURS}")), T1, "watched list"),
        ("below two Received of ours", below(&format!("{RECEIVED}\n{RECEIVED}\n{OURS}\n{AWAY}")), T2, "dmarc=pass"),
        (
            "an old name of the header",
            below(&OURS.replace("Authentication-Results", "X-Original-Authentication-Results")),
            T1,
            "watched list",
        ),
        ("the header in the body", format!("{MAIL}\n{OURS}\n"), T1, "watched list"),
        ("a list in From", from(via, OURS), T1, "a watched list says"),
        (
            "a list in From, passed for itself",
            from(via, &OURS.replace("from=example.org", "from=lists.example.org")),
            T1,
            "a watched list says",
        ),
        ("a list in From, failed", from(via, &OURS.replace("pass", "fail")), T0, "dmarc=fail"),
        ("an author spelled out", from("Olga <olga=40example.org@lists.example.org>", OURS), T1, "a watched list says"),
        ("two From", from("Olga <olga@example.org>\nFrom: Eve <eve@example.org>", OURS), T0, "nobody can say"),
        ("two addresses", from("olga@example.org, eve@example.org", OURS), T0, "nobody can say"),
        ("the domain in capitals", from("Olga <olga@EXAMPLE.org>", OURS), T2, "dmarc=pass"),
        (
            "past the list",
            below(OURS).replace("devel@lists.example.org", "rapporteur@summit.example"),
            T2,
            "dmarc=pass",
        ),
        (
            "past the list, unproven",
            MAIL.replace("devel@lists.example.org", "rapporteur@summit.example"),
            T0,
            "nothing is known",
        ),
    ];
    play(&cases, &Answers::new());
    assert!(cases.len() >= 45);
}

#[test]
fn signatures() {
    use Tier::{T0, T1, T2};
    let tagged = |tags: &str| signed_as("DKIM-Signature", MAIL, tags, "example.org");
    let usual = format!("v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=k; h={NAMES};");
    let with = |old: &str, new: &str| tagged(&usual.replace(old, new));
    let good = signed(MAIL, "example.org");
    let mut answers = dns(&["example.org", "lists.example.org"]);
    // RSA keys of 512 and of 1024 bits, a withdrawn key, one that is only tried out, one that nobody could look up.
    let short = "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMQUL9SL0jhtOlXVA7x5LsSdB9M7xLoa5MEQKck/C1jcH+vgL1MktmWxOxysAc+dBrXE3UkVVK9FX64r/F8MMC8CAwEAAQ==";
    for (selector, record) in [("short", short), ("gone", "v=DKIM1; p="), ("odd", "v=spf1 -all")] {
        answers.insert(format!("{selector}._domainkey.example.org"), Answer::Found(vec![record.to_owned()]));
    }
    let Some(Answer::Found(own)) = answers.get("k._domainkey.example.org").cloned() else { panic!("a record") };
    for (selector, flags) in
        [("tried", "t=y; "), ("strict", "t=s; "), ("calendar", "s=calendar; "), ("sha1", "h=sha1; ")]
    {
        let record = own[0].replace("k=", &format!("{flags}k="));
        answers.insert(format!("{selector}._domainkey.example.org"), Answer::Found(vec![record]));
    }
    answers.insert("two._domainkey.example.org".into(), Answer::Found(vec![short.to_owned(), own[0].clone()]));
    answers.insert("later._domainkey.example.org".into(), Answer::Unknown);
    answers.insert("none._domainkey.example.org".into(), Answer::Nothing);
    let fail = "Authentication-Results: mx.example.net; dmarc=fail header.from=example.org";
    let cases = [
        ("signed by the author's domain", good.clone(), T2, "signed by example.org (key `k`)"),
        ("with the line ends of the wire", good.replace('\n', "\r\n"), T2, "signed by example.org"),
        (
            "white space changed on the way",
            good.replace("Subject: Re:", "Subject:  Re:\n "),
            T2,
            "signed by example.org",
        ),
        ("empty lines at the end", format!("{good}\n\n"), T2, "signed by example.org"),
        ("other headers on top", format!("X-Other: 1\nReceived: by x\n{good}"), T2, "signed by example.org"),
        ("in spite of a server behind the list", format!("{fail}\n{good}"), T2, "signed by example.org"),
        ("a second key under the name", with("s=k", "s=two"), T2, "signed by example.org"),
        ("i= below d=", with("s=k;", "s=k; i=olga@dev.example.org;"), T2, "signed by example.org"),
        ("i= elsewhere", with("s=k;", "s=k; i=olga@example.com;"), T1, "i="),
        ("i= below d= with a strict key", with("s=k;", "s=strict; i=olga@dev.example.org;"), T1, "i="),
        (
            "signed by another domain",
            signed(MAIL, "lists.example.org"),
            T1,
            "lists.example.org signed it, not example.org",
        ),
        ("signed by both", signed(&good, "lists.example.org"), T2, "signed by example.org"),
        ("the text changed", format!("{good}#session withdraw\n"), T1, "the text was changed"),
        ("a footer of the list", format!("{good}-- \nDevel mailing list\n"), T1, "the text was changed"),
        ("the subject changed", good.replace("Re: [TOPIC]", "[devel] Re: [TOPIC]"), T1, "does not fit"),
        ("From changed", good.replace("Olga <olga@", "Eve <eve@"), T1, "does not fit"),
        ("l=", with("h=", "l=16; h="), T1, "l="),
        ("l= and more text", format!("{}more\n", with("h=", "l=16; h=")), T1, "l="),
        ("rsa-sha1", with("ed25519-sha256", "rsa-sha1"), T1, "SHA-1"),
        ("an unknown algorithm", with("ed25519-sha256", "rsa-md5"), T1, "unknown way"),
        (
            "a key of 512 bits",
            tagged(&usual.replace("ed25519", "rsa").replace("s=k", "s=short")),
            T1,
            "fewer than 1024 bits",
        ),
        ("another kind of key", with("s=k", "s=short"), T1, "another kind"),
        ("a withdrawn key", tagged(&usual.replace("ed25519", "rsa").replace("s=k", "s=gone")), T1, "withdrawn"),
        ("a key in test mode", with("s=k", "s=tried"), T1, "tried out"),
        ("a key that is not for mail", with("s=k", "s=calendar"), T1, "not for mail"),
        ("a key for SHA-1 only", with("s=k", "s=sha1"), T1, "not for SHA-256"),
        ("what is no key", with("s=k", "s=odd"), T1, "odd._domainkey.example.org"),
        ("no key", with("s=k", "s=none"), T1, "there is no key"),
        ("a key that can't be looked up", with("s=k", "s=later"), T1, "could not be looked up"),
        (
            "the same, past the list",
            with("s=k", "s=later").replace("To: devel@lists.example.org", "To: rapporteur@summit.example"),
            T0,
            "could not be looked up",
        ),
        ("From not signed", with(NAMES, "to:subject:date:message-id"), T1, "leaves out From"),
        ("the subject not signed", with(NAMES, "from:date:message-id"), T1, "leaves out subject"),
        ("the date not signed", with(NAMES, "from:subject:message-id"), T1, "leaves out date"),
        ("the id not signed", with(NAMES, "from:subject:date"), T1, "leaves out message-id"),
        ("a second subject on top", format!("Subject: [TOPIC] Other\n{good}"), T1, "leaves out subject"),
        ("a second From on top", format!("From: Eve <eve@example.net>\n{good}"), T0, "nobody can say"),
        ("a second From below", good.replace("\nTo:", "\nFrom: Eve <eve@example.org>\nTo:"), T0, "nobody can say"),
        ("a line that is no field", good.replace("\nTo:", "\nno field\nTo:"), T1, "watched list"),
        ("expired", with("s=k;", "s=k; x=1000;"), T1, "expired"),
        ("not yet expired", with("s=k;", "s=k; t=1000; x=9999999999;"), T2, "signed by example.org"),
        ("another version", with("v=1", "v=2"), T1, "another version"),
        ("an unknown canonical form", with("relaxed/relaxed", "relaxed/nofws"), T1, "unknown c="),
        ("a tag twice", with("s=k;", "s=k; s=k;"), T1, "cannot be read"),
        ("a selector that leads elsewhere", with("s=k;", "s=k._domainkey.example.com/;"), T1, "no possible name"),
        (
            "six signatures, the good one last",
            (0..5).fold(good.clone(), |mail, _| format!("DKIM-Signature: v=1\n{mail}")),
            T1,
            "without d=",
        ),
        (
            "a list in From that signed",
            signed(
                &MAIL.replace(
                    "Olga <olga@example.org>",
                    "Olga via Devel <devel@lists.example.org>\nReply-To: Olga <olga@example.org>",
                ),
                "lists.example.org",
            ),
            T1,
            "a watched list says",
        ),
    ];
    play(&cases, &answers);
}

#[test]
fn seals() {
    use Tier::{T1, T2};
    const SAW: &str = "dkim=pass header.d=example.org; dmarc=pass header.from=example.org";
    let answers = dns(&["example.org", "lists.example.org", "relay.example.net", "eve.example.com"]);
    // What a list does to a mail, after which its signature is broken.
    let changed = |mail: &str| format!("{}-- \nDevel mailing list\n", mail.replace("Subject: ", "Subject: [devel] "));
    let signed = signed(MAIL, "example.org");
    let list = |saw: &str| sealed(&changed(&signed), "lists.example.org", saw);
    let good = list(SAW);
    let fail = "Authentication-Results: mx.example.net; dmarc=fail header.from=example.org";
    let mut unknown = answers.clone();
    unknown.insert("k._domainkey.lists.example.org".into(), Answer::Unknown);
    let cases = [
        ("changed and sealed by a trusted list", good.clone(), T2, "sealed by lists.example.org"),
        ("in spite of a server behind it", format!("{fail}\n{good}"), T2, "sealed by lists.example.org"),
        ("changed and not sealed", changed(&signed), T1, "the text was changed"),
        ("only dkim seen", list("dkim=pass header.d=example.org"), T2, "sealed by"),
        ("only dmarc seen", list("spf=fail; dmarc=pass header.from=example.org"), T2, "sealed by"),
        (
            "another domain seen",
            list("dkim=pass header.d=example.com; dmarc=pass header.from=example.com"),
            T1,
            "did not see",
        ),
        (
            "dmarc seen to fail",
            list("dkim=pass header.d=example.org; dmarc=fail header.from=example.org"),
            T1,
            "did not see",
        ),
        ("nothing seen", list("none"), T1, "did not see"),
        ("sealed by a stranger", sealed(&changed(&signed), "eve.example.com", SAW), T1, "does not trust"),
        (
            "a stranger's word below a trusted seal",
            sealed(&sealed(&changed(&signed), "eve.example.com", SAW), "lists.example.org", "arc=pass; dkim=fail"),
            T1,
            "did not see",
        ),
        (
            "a stranger's seal below, and seen by the list itself",
            sealed(&changed(&sealed(&signed, "eve.example.com", "none")), "lists.example.org", SAW),
            T2,
            "sealed by lists.example.org",
        ),
        ("a stranger's seal on top", sealed(&good, "eve.example.com", SAW), T1, "does not trust"),
        (
            "two trusted seals",
            sealed(&changed(&good), "relay.example.net", "arc=pass; dkim=fail"),
            T2,
            "sealed by lists.example.org",
        ),
        ("changed after the seal", format!("{good}#session withdraw\n"), T1, "the text was changed"),
        ("what was seen is changed", good.replace("dmarc=pass", "dmarc=pass "), T2, "sealed by"),
        ("what was seen is forged", list("dmarc=none").replace("dmarc=none", SAW), T1, "does not fit"),
        (
            "a part of it gone",
            good.lines()
                .filter(|line| !line.starts_with("ARC-Auth"))
                .fold(String::new(), |mail, line| mail + line + "\n"),
            T1,
            "not whole",
        ),
        ("a gap in the numbers", good.replace("i=1", "i=2"), T1, "gap"),
        ("a number too high", good.replace("i=1;", "i=51;"), T1, "1 to 50"),
        ("said to be broken before", good.replace("cv=none", "cv=fail"), T1, "broken"),
        ("signed and sealed, both good", sealed(&signed, "lists.example.org", SAW), T2, "signed by example.org"),
        (
            "a list in From that sealed",
            sealed(
                &changed(&MAIL.replace(
                    "Olga <olga@example.org>",
                    "Olga via Devel <devel@lists.example.org>\nReply-To: Olga <olga@example.org>",
                )),
                "lists.example.org",
                SAW,
            ),
            T1,
            "a watched list says",
        ),
        ("the subject twice", format!("Subject: [TOPIC] Other\n{good}"), T1, ""),
    ];
    play(&cases, &answers);
    let (tier, why) = judged(&good, &unknown);
    assert_eq!((tier, why.contains("could not be looked up")), (T1, true), "{why}");
    // More seals than RFC 8617 allows.
    let many = (0..51).fold(MAIL.to_owned(), |mail, _| sealed(&mail, "lists.example.org", SAW));
    assert_eq!(judged(&many, &answers).0, T1);
}

/// What the program makes of an organiser's signed mail while the DNS says this: the state, and what a replay that asks
/// nobody makes of it.
async fn settled(raws: &[&str], table: Answers) -> (Vec<String>, usize) {
    let mut config = config();
    config.database = "sqlite::memory:".to_owned();
    let store = Store::memory([27; 32]).await.expect("a database");
    let mut intake = Intake::new(&store, &config, "trust").asking(Some(Dns::Table(table)));
    for (n, raw) in raws.iter().enumerate() {
        let raw = raw.as_bytes().to_vec();
        let arrival = Arrival { source_key: n.to_string(), raw, received: now(), origin: Origin::Live };
        store.receive("inbox", &[arrival], None).await.expect("it is kept");
        intake.settle(now()).await.expect("it is settled");
    }
    let facts = store.log_all().await.expect("facts").iter().map(|fact| format!("{:?}", fact.change)).collect();
    let replayed = replay::replay(&store, &config, now(), |_| {}).await.expect("a replay");
    (facts, replayed.differences.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_judged_by_what_the_dns_said_when_it_came() {
    let proposal = "From: Ada <ada@example.org>\nTo: devel@lists.example.org\nSubject: [TOPIC] Console\n\
                    Message-ID: <console@example.org>\nDate: Mon, 03 May 2027 08:00:00 +0000\n\nOne is not enough.\n";
    let command = signed(MAIL, "example.org");
    let accepted = |facts: &[String]| facts.iter().any(|fact| fact == "Accepted");
    let (facts, differences) = settled(&[proposal, &command], dns(&["example.org"])).await;
    assert!(accepted(&facts) && differences == 0, "{facts:?}, {differences} differences");
    // Whoever can't tell says nothing: the command waits for the organiser's word, and so it does in a replay.
    let (facts, differences) = settled(&[proposal, &command], Answers::new()).await;
    assert!(!accepted(&facts) && differences == 0, "{facts:?}, {differences} differences");
}

#[test]
fn only_names_that_can_be_names_are_asked_for() {
    let names = |mail: &str| wanted(mail.as_bytes()).into_iter().collect::<Vec<_>>();
    assert_eq!(names(&signed(MAIL, "Example.org")), ["k._domainkey.example.org"]);
    assert_eq!(names(MAIL), [""; 0]);
    for odd in
        ["s=k; d=a b", "s=k; d=", "s=; d=example.org", "s=k/../x; d=example.org", "s=k; d=exämple.org", "d=example.org"]
    {
        let long = format!("DKIM-Signature: v=1; {odd}\n{MAIL}");
        assert!(names(&long).iter().all(|name| name == "k._domainkey.ab"), "{odd}: {:?}", names(&long));
    }
    let many = (0..9).fold(MAIL.to_owned(), |mail, n| format!("DKIM-Signature: v=1; s=k{n}; d=example.org\n{mail}"));
    assert_eq!(names(&many).len(), 5);
}
