//! Where mail goes out: SMTP, sendmail, a Maildir.
