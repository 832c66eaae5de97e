use crate::clock::Timestamp;
use crate::mail::{Bounce, read};
use proptest::prelude::*;

fn bounce(mail: &str) -> Option<Bounce> {
    read(mail.as_bytes(), Timestamp::UNIX_EPOCH).bounce
}

fn all(addresses: &[&str]) -> Vec<String> {
    addresses.iter().map(|text| text.to_string()).collect()
}
fn permanent(addresses: &[&str]) -> Bounce {
    Bounce { permanent: all(addresses), ..Bounce::default() }
}
fn temporary(addresses: &[&str]) -> Bounce {
    Bounce { temporary: all(addresses), ..Bounce::default() }
}

/// A bounce that is one text, from a mail system.
fn text(subject: &str, body: &str) -> Option<Bounce> {
    from("Mail Delivery <mailer-daemon@mx.example.net>", subject, body)
}
fn from(from: &str, subject: &str, body: &str) -> Option<Bounce> {
    bounce(&format!("From: {from}\nTo: summit-bounces@lists.example.org\nSubject: {subject}\n\n{body}\n"))
}

/// A report in its own format, with the fields of its recipients.
fn report(fields: &str) -> Option<Bounce> {
    parts("message/delivery-status", &format!("Reporting-MTA: dns; mx.example.net\n\n{fields}\n"))
}
fn parts(kind: &str, fields: &str) -> Option<Bounce> {
    bounce(&format!(
        "From: Mail Delivery <mailer-daemon@mx.example.net>\n\
         Content-Type: multipart/report; boundary=b\n\n\
         --b\n\nIt did not work: eve@example.org.\n--b\nContent-Type: {kind}\n\n{fields}\n--b--\n"
    ))
}

// Reports in a fixed format.

#[test]
fn a_report_says_who_failed_and_who_is_delayed() {
    let fields = concat!(
        "Original-Recipient: rfc822;Ada.L@Example.ORG\nFinal-Recipient: rfc822; al@mx.example.org\nAction: failed\nStatus: 5.1.1\n\n",
        "Final-Recipient: rfc822;bob@example.org\nAction: Delayed (still trying)\nStatus: 4.4.1\n\n",
        "Final-Recipient: rfc822;cy@example.org\nAction: failed\nStatus: 4.4.7\n\n",
        "Final-Recipient: rfc822;dee@example.org\nAction: delivered\nStatus: 2.0.0\n",
    );
    let expected =
        Bounce { temporary: all(&["bob@example.org", "cy@example.org"]), ..permanent(&["ada.l@example.org"]) };
    assert_eq!(report(fields), Some(expected));
}

#[test]
fn a_broken_report_says_it_all_the_same() {
    for fields in [
        "Final-Recipient: LOCAL;<Ada@example.org>\nAction: failed",
        "Final-Recipient: <ada@example.org>\nAction: Failure (bad address)\nStatus: 553 no",
        "Final-Recipient: rfc822;ada@example.org\nStatus: 5.1.1 (unknown)",
        "Final-Recipient: rfc822;ada@example.org\nAction: error\nDiagnostic-Code: smtp; 550 no such user",
        "Final-Recipient: X-Unix; |/usr/bin/sort\nX-Actual-Recipient: rfc822; ada@example.org\nAction: failed\nStatus: 5.3.0",
        "Original-Recipient: rfc822;unknown\nFinal-Recipient: x400; /RFC-822=ada(a)example.org/ADMD= /C=WW/\nAction: failed",
    ] {
        assert_eq!(report(fields), Some(permanent(&["ada@example.org"])), "{fields}");
    }
    // Without the empty lines between the recipients.
    let run_together = "Final-Recipient: rfc822;ada@example.org\nAction: failed\nStatus: 5.1.1\n\
        Final-Recipient: rfc822;bob@example.org\nAction: failed\nStatus: 5.1.1";
    assert_eq!(report(run_together), Some(permanent(&["ada@example.org", "bob@example.org"])));
    // What RFC 3461 hides stands open again; what only looks like it stays.
    let xtext =
        "Original-Recipient: rfc822;ada+2Bxen@example.org\nFinal-Recipient: rfc822;x@example.org\nAction: failed";
    assert_eq!(report(xtext), Some(permanent(&["ada+xen@example.org"])));
    let plus = "Original-Recipient: rfc822;ada+42@example.org\nFinal-Recipient: rfc822;x@example.org\nAction: failed";
    assert_eq!(report(plus), Some(permanent(&["ada+42@example.org"])));
}

#[test]
fn the_fields_may_stand_in_the_text() {
    let fields = "Your mail came back.\n\nFinal-Recipient: rfc822; ada@example.org\nAction: delayed\nStatus: 4.2.2\n\n\
        Received: from mx\nFinal-Recipient: rfc822; eve@example.org\nAction: failed\n";
    assert_eq!(text("Delayed", fields), Some(temporary(&["ada@example.org"])));
    let asked = format!("Does anybody know what this means?\n\n{fields}");
    assert_eq!(from("Ada <ada@example.org>", "A strange bounce", &asked), None, "people show each other their bounces");
}

#[test]
fn who_got_the_mail_did_not_fail() {
    let fields = "Final-Recipient: rfc822; ada@example.org\nAction: relayed\nStatus: 2.0.0\n";
    assert_eq!(report(fields), Some(Bounce::default()), "the text beside the report is not searched");
}

#[test]
fn a_receipt_tells_of_no_failure_unless_the_mail_was_rejected() {
    let receipt = |how: &str| {
        parts(
            "message/disposition-notification",
            &format!("Final-Recipient: rfc822;ada@example.org\nDisposition: {how}\n"),
        )
    };
    assert_eq!(receipt("manual-action/MDN-sent-manually; displayed"), Some(Bounce::default()));
    assert_eq!(receipt("manual-action/MDN-sent-automatically; deleted"), Some(Bounce::default()));
    assert_eq!(receipt("automatic-action/MDN-sent-automatically; deleted"), Some(permanent(&["ada@example.org"])));
}

#[test]
fn a_feedback_report_is_a_complaint() {
    let feedback = |fields: &str| parts("message/feedback-report", fields);
    let abuse = "Feedback-Type: abuse\nUser-Agent: Loop/1\nVersion: 1\nOriginal-Rcpt-To: <Ada@example.org>\n\
        Original-Rcpt-To: bob@example.org\nRemoval-Recipient: ada@example.org\n";
    let complaint = Bounce { complained: all(&["ada@example.org", "bob@example.org"]), ..Bounce::default() };
    assert_eq!(feedback(abuse), Some(complaint));
    let failed_signature = "Feedback-Type: auth-failure\nVersion: 1\nOriginal-Rcpt-To: ada@example.org\n";
    assert_eq!(feedback(failed_signature), Some(Bounce::default()));
}

#[test]
fn a_report_wrapped_by_a_gateway_is_opened() {
    let inner = "Content-Type: multipart/report; boundary=i\n\n--i\nContent-Type: message/delivery-status\n\n\
        Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822;ada@example.org\nAction: failed\nStatus: 5.1.1\n--i--\n";
    let wrapped = |from: &str| {
        format!(
            "From: {from}\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n"
        )
    };
    assert_eq!(bounce(&wrapped("postmaster@example.net")), Some(permanent(&["ada@example.org"])));
    assert_eq!(
        bounce(&wrapped("Postmaster@[192.0.2.1]")),
        Some(permanent(&["ada@example.org"])),
        "no address of a person"
    );
    assert_eq!(bounce(&wrapped("Eve <eve@example.org>")), None, "a person forwards a bounce");
}

// What makes a bounce.

#[test]
fn the_null_sender_and_mail_systems_bounce() {
    assert_eq!(bounce("Return-Path: <>\nFrom: ada@example.org\n\nHi\n"), Some(Bounce::default()));
    assert_eq!(bounce("Return-Path: <MAILER-DAEMON>\nFrom: ada@example.org\n\nHi\n"), Some(Bounce::default()));
    assert_eq!(bounce("From: Postmaster@example.org\n\nHi\n"), Some(Bounce::default()));
    assert_eq!(bounce("From: MAILER-DAEMON (Mail System)\n\nHi\n"), Some(Bounce::default()));
    assert_eq!(bounce("From: \"Mail System\" <>\n\nHi\n"), Some(Bounce::default()));
    assert_eq!(bounce("Return-Path: <ada@example.org>\nFrom: ada@example.org\n\nHi\n"), None);
    let failed = "From: ada@example.org\nX-Failed-Recipients: bob@example.org,\n cy@example.org\n\nSorry.\n";
    assert_eq!(bounce(failed), Some(permanent(&["bob@example.org", "cy@example.org"])));
}

#[test]
fn a_bounce_under_any_name_is_known_by_its_words() {
    let gateway = "Gateway <gw-notices@example.net>";
    for (subject, body) in [
        ("Undeliverable: Slots", "Your message could not be delivered to\nada@example.org\n"),
        (
            "Delivery failure",
            "Could not deliver message to the following recipient(s):\n\nFailed Recipient: ada@example.org\n",
        ),
        ("Warning: ada@example.org - User unknown!", "ada@example.org - no such user here.\n"),
        (
            "[devel] Mail could not be delivered",
            "Sent <<< RCPT TO:<ada@example.org>\nUnable to deliver message to <ada@example.org>.\n",
        ),
    ] {
        assert_eq!(from(gateway, subject, body), Some(permanent(&["ada@example.org"])), "{subject}");
    }
}

#[test]
fn a_person_who_tells_of_a_bounce_is_a_person() {
    let ada = "Ada Lovelace <ada@example.org>";
    let quoted = "your message to the following address could not be delivered:\n> bob@example.org\n";
    for (subject, body) in [
        ("Re: Undeliverable: Slots", "Could not be delivered to the following address:\nbob@example.org".to_owned()),
        ("Delivery failure on the list?", format!("Hi all,\n\nI got this back: {quoted}")),
        ("Delivery failure on the list?", format!("> {quoted}\nDoes anybody else see that?")),
        ("Delivery failure", "My mails are not delivered to the following recipients:\n\nbob@example.org".to_owned()),
        ("Mail delivery of patches", "We should discuss mail delivery to the following people: all of us.".to_owned()),
        ("Undeliverable promises", "A session about roadmaps. Write to bob@example.org.".to_owned()),
        ("Slots", "The mail could not be delivered to bob@example.org: user unknown.".to_owned()),
    ] {
        assert_eq!(from(ada, subject, &body), None, "{subject}: {body}");
    }
}

#[test]
fn a_postmasters_letter_names_nobody() {
    let letter = "The list moves on Monday. Write to help@lists.example.org or ask\nbob@example.org.";
    assert_eq!(from("postmaster@lists.example.org", "The list moves", letter), Some(Bounce::default()));
}

#[test]
fn a_holiday_notice_from_the_null_sender_names_nobody() {
    let notice = "Return-Path: <>\nFrom: ada@example.org\nSubject: Auto: Slots\n\nI do not read this address in May. Write to\nbob@example.org\n";
    assert_eq!(bounce(notice), Some(Bounce::default()));
}

// How mail systems speak.

#[test]
fn every_mail_system_names_its_failures() {
    let two = permanent(&["ada@example.org", "bob@example.org"]);
    for (system, body) in [
        (
            "qmail (QSBMF)",
            "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the \
             following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n\
             <ada@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n<bob@example.org>:\n192.0.2.1 said: eve@example.org\n\n\
             --- Below this line is a copy of the message.\n\nReturn-Path: <list@example.org>\nTo: eve@example.org\n",
        ),
        (
            "Exim",
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to \
             one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  ada@example.org\n    \
             host mx.example.org [192.0.2.1]\n    eve@example.org is an alias\n  bob@example.org\n    Unrouteable address\n\n\
             ------ This is a copy of the message, including all the headers. ------\n\nTo: dee@example.org\n",
        ),
        (
            "Postfix",
            "This is the mail system at host mx.example.net.\n\nI'm sorry to have to inform you that your message could not\n\
             be delivered to one or more recipients. It's attached below.\n\nFor further assistance, please send mail to postmaster.\n\n\
             <ada@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1\n    <eve@example.org>: Recipient address rejected\n\n\
             <bob@example.org>: unknown user: \"bob\"\n",
        ),
        (
            "sendmail 8",
            "The original message was received at Mon, 3 May 2027 10:00:00 +0200\nfrom localhost [127.0.0.1]\n\n   \
             ----- The following addresses had permanent fatal errors -----\n<ada@example.org>\n    (reason: 550 5.1.1 User unknown)\n    \
             (expanded from: <bob@example.org>)\n\n   ----- Transcript of session follows -----\n... while talking to mx.example.org.:\n",
        ),
        (
            "sendmail 5",
            "   ----- Transcript of session follows -----\n>>> RCPT To:<ada@example.org>\n<<< 550 <ada@example.org>... User unknown\n\
             550 <ada@example.org>... User unknown\n550 bob@example.org...Host unknown\n\n   ----- Unsent message follows -----\n\
             Received: by x\nTo: eve@example.org\n",
        ),
        (
            "OpenSMTPD",
            "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n    An error has occurred while attempting to \
             deliver a message for\n    the following list of recipients:\n\nada@example.org: 550 Invalid recipient\n\
             bob@example.org: 550 Invalid recipient\n\n    Below is a copy of the original message:\n\nTo: eve@example.org\n",
        ),
        (
            "Courier",
            "This is a delivery status notification from mx.example.net,\nrunning the Courier mail server.\n\n                           \
             UNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<ada@example.org>:\n    \
             mx.example.org [192.0.2.1]:\n>>> RCPT TO:<ada@example.org>\n<<< 550 User unknown.\n\n<bob@example.org>:\n    No such domain.\n\n\
             ---------------------------------------------------------------------------\n\nIf your message was also sent to eve@example.org\n",
        ),
        (
            "Exchange 5.5",
            "Your message\n\n  To:      devel@lists.example.org\n  Subject: Slots\n  Sent:    Mon, 3 May 2027 10:00:00 +0200\n\n\
             did not reach the following recipient(s):\n\nada@example.org on Mon, 3 May 2027 10:00:01 +0200\n    The recipient name is not \
             recognized\n\tMSEXCH:IMS:X:Y:Z 0 (000C05A6) Unknown Recipient\nc=US;a= ;p=X;o=Y;dda:SMTP=bob@example.org; on Mon, 3 May 2027\n",
        ),
        (
            "Exchange 2013",
            "Delivery has failed to these recipients or groups:\n\nada@example.org<mailto:ada@example.org>\nThe email address wasn't found.\n\n\
             bob@example.org<mailto:bob@example.org>\nThe mailbox is full.\n\nDiagnostic information for administrators:\n\n\
             Generating server: mx.example.net\n\neve@example.org\n",
        ),
        (
            "Domino",
            "Your message\n\n  Subject: Slots\n\nwas not delivered to:\n\n  ada@example.org\n  bob@example.org\n\nbecause:\n\n  \
             User ada (eve@example.org) not listed in Domino Directory\n",
        ),
        (
            "Notes",
            "------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\nada@example.org\nbob@example.org\n\n\
             ------- Returned Message --------\n\nTo: eve@example.org\n",
        ),
        (
            "Apache James",
            "Hi. This is the James mail server at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the following \
             addresses.\n\nMessage details:\n  Subject: Slots\n  MAIL FROM: eve@example.org\n  RCPT TO: ada@example.org\n  \
             RCPT TO: bob@example.org\n  From: Eve <eve@example.org>\n",
        ),
        (
            "Zoho",
            "This message was created automatically by mail delivery software.\n A message that you sent could not be delivered to one or more \
             of its recipients. This is a permanent error.\n\nada@example.org Invalid Address, ERROR_CODE :550\n\nbob@example.org Over quota\n",
        ),
        (
            "MDaemon",
            "The attached message had PERMANENT fatal delivery errors!\n\nThe following addresses did NOT receive a copy of your message:\n\n\
             > ada@example.org\n> bob@example.org\n\n--- Session Transcript ---\n RCPT To:<eve@example.org>\n",
        ),
        (
            "IMail",
            "Unknown user: ada@example.org\n\nRCPT TO generated following response:\n550 <ada@example.org>... Addressee unknown\n\n\
             Unknown user: bob@example.org\n\n\nOriginal message follows.\n\nTo: eve@example.org\n",
        ),
        (
            "hMailServer",
            "Your message did not reach some or all of the intended recipients.\n\n   Sent: Mon, 3 May 2027\n   Subject: Slots\n\n\
             The following recipient(s) could not be reached:\n\nada@example.org\n   Error Type: SMTP\n   Remote server replied: 550 \
             <eve@example.org> unknown\n\nbob@example.org\n   Error Type: SMTP\n",
        ),
        (
            "MailEnable",
            "MailEnable: Message could not be delivered to some recipients.\nThe following recipient(s) could not be reached:\n\n\t\
             Recipient: [SMTP:ada@example.org]\n\tReason: Remote SMTP Server Returned: 550 no\n\n\tRecipient: [SMTP:bob@example.org]\n\n\
             Message headers follow:\n\nTo: eve@example.org\n",
        ),
        (
            "Oracle Messaging Server",
            "This report relates to a message you sent with the following header fields:\n\n  Message-id: <x@y.example.org>\n  \
             From: Summit <eve@example.org>\n  To: devel@lists.example.org\n\nYour message cannot be delivered to the following recipients:\n\n  \
             Recipient address: ada@example.org\n  Reason: Unknown user\n\n  Recipient address: bob@example.org\n",
        ),
        (
            "LISTSERV's form",
            "An error was detected while processing the enclosed message.\n\n--> Error description:\n\nError-for:  ada@example.org\n\
             Error-Code: 0\nError-for:  bob@example.org\n\n------------------------------ Original message ------------------------------\n",
        ),
    ] {
        assert_eq!(text("failure notice", body), Some(two.clone()), "{system}");
    }
}

#[test]
fn an_address_stands_within_a_sentence_or_a_label() {
    let ada = Some(permanent(&["ada@example.org"]));
    for body in [
        "The following message, addressed to 'ada@example.org',\nfailed because it was not collected after 30 days.",
        "There was an error delivering your mail to <ada@example.org>.\n\nmx.example.org did not like our RCPT TO.",
        "Delivery failed 20 attempts: ada@example.org",
        "undeliverable to ada@example.org",
        "Invalid final delivery userid: ada@example.org",
        "Undeliverable Address: ada@example.org\nSystem Contact: eve@example.org",
        "Sorry, unable to deliver your message to ada@example.org for\nthe following reason: over quota",
        "Your message has encountered delivery problems\nto local user ada.\n(Originally addressed to ada@example.org)",
        "An undisclosed address failed:\n\n  an undisclosed address\n    (generated from ada@example.org)",
        "Votre message n'a pas pu etre delivre a\nada@example.org\n",
        "Uw bericht kan niet worden bezorgd bij de volgende geadresseerden of groepen:\n\nada@example.org\n",
        "邮件退回\n\n<ada@example.org>:\n\n用户不存在\n",
        "Ваше письмо не доставлено:\n\nada@example.org: user not found\n",
    ] {
        assert_eq!(text("Returned mail", body), ada, "{body}");
    }
}

#[test]
fn html_is_read_where_there_is_nothing_else() {
    let html = |body: &str| bounce(&format!("From: mailer-daemon@example.net\nContent-Type: text/html\n\n{body}\n"));
    let ada = Some(permanent(&["ada@example.org"]));
    assert_eq!(html("<p>did not reach the following recipient(s):<br><br>\nada@example.org on Monday<br>no</p>"), ada);
    assert_eq!(
        html("Unable to deliver:\nTo: ada@example.org\n--- Below this line is a copy.\nTo: eve@example.org"),
        ada
    );
}

#[test]
fn what_is_still_being_tried_is_temporary() {
    let ada = Some(temporary(&["ada@example.org"]));
    for body in [
        "Your message to ada@example.org has been delayed.",
        "A message that you sent has not yet been delivered to one or more of its\nrecipients. The address to which the message \
         has not yet been delivered is:\n\n  ada@example.org\n\nNo action is required on your part.",
        "THIS IS A WARNING MESSAGE ONLY.\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following recipient has been \
         delayed:\n\n     ada@example.org\n",
        "could not be delivered to the following recipients:\nada@example.org\n\nDelivery attempts will continue to be made for 5 days.",
    ] {
        assert_eq!(text("Delivery Status Notification (Delay)", body), ada, "{body}");
    }
    let given_up = "<ada@example.org> delivery failed; will not continue trying";
    assert_eq!(text("Delivery report", given_up), Some(permanent(&["ada@example.org"])));
}

#[test]
fn a_provider_calls_its_own_people_by_their_local_names() {
    let body = "Your mail to the following recipients could not be delivered because they are not accepting mail from \
        devel@lists.example.org:\n\n\tada\n";
    assert_eq!(text("Mail Delivery Problem", body), Some(permanent(&["ada@mx.example.net"])));
}

#[test]
fn who_is_only_mentioned_did_not_fail() {
    for body in [
        "Nobody there. Contact eve@example.org for assistance.",
        "No match. If first.last@example.org fails, try first.m.last@example.org or flast@example.org.",
        "It was shortened: ada@exam... is all that I know.",
        "Message-Id: <20270503.4711@example.org>\n",
    ] {
        assert_eq!(text("Returned mail", body), Some(Bounce::default()), "{body}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_and_line_ends_make_no_difference(pieces in prop::collection::vec(piece(), 0..60)) {
        let body = pieces.concat();
        let kinds = ["text/plain", "text/html", "message/delivery-status", "message/feedback-report"];
        for kind in kinds {
            let mail = format!("From: mailer-daemon@example.net\nContent-Type: {kind}\n\n{body}");
            let read = bounce(&mail);
            prop_assert_eq!(&bounce(&mail.replace('\n', "\r\n")), &read);
            let read = read.expect("the sender makes it a bounce");
            for list in [&read.permanent, &read.temporary, &read.complained] {
                prop_assert!(list.is_sorted_by(|a, b| a < b) && list.iter().all(|address| address.contains('@')));
            }
        }
    }
}

/// What bounces are made of, and what they are not.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "\n",
        "\n\n",
        " ",
        "  ",
        "<ada@example.org>:",
        "bob@example.org",
        "SMTP=cy@example.org",
        "@",
        "...",
        ":",
        "550 ",
        "5.1.1 ",
        ">",
        "* ",
        "-----",
        "Final-Recipient: rfc822;",
        "Action: failed",
        "Status: 4.2.2",
        "Original-Rcpt-To: ",
        "Feedback-Type: abuse",
        "following recipients",
        "message to ",
        " from ",
        "(expanded from: ",
        "To: ",
        "Received: ",
        "ü",
        "İ",
        "会：",
        "\u{feff}",
        "\0",
    ])
}
