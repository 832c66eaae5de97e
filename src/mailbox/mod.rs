//! Where mail comes in: Maildir, mbox, a pipe; and archives for `import`.
