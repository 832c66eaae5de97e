//! Addresses and names under which programs write.

use crate::mail::Author;

/// Programs that run lists. Their mail is about the list, or is a digest of others' mail: nothing in it is said by its
/// sender. `LIST-owner` is not among them: people answer there.
pub fn is_list_manager(key: &str) -> bool {
    const PROGRAMS: [&str; 12] = [
        "majordomo",
        "majordomo-owner",
        "owner-majordomo",
        "listserv",
        "mailman",
        "sympa",
        "mlmmj",
        "ezmlm",
        "ecartis",
        "listar",
        "listproc",
        "smartlist",
    ];
    const PARTS: [&str; 5] = ["-bounces", "-request", "+bounces", "-confirm", "+confirm"];
    let local = key.split('@').next().unwrap_or(key);
    // Behind a `+` stands what a program adds for itself.
    let base = local.split('+').next().unwrap_or(local);
    PROGRAMS.contains(&base) || PARTS.iter().any(|part| base.ends_with(part) || local.ends_with(part))
}

/// Nobody reads what is sent to them, or a program does.
pub fn is_robot(key: &str, author: &Author) -> bool {
    // Compared without `-`, `_` and `.`: each is written in all ways.
    const NOBODY: [&str; 6] = ["noreply", "donotreply", "dontreply", "notreply", "nobody", "unattended"];
    const PROGRAMS: [&str; 22] = [
        "autoresponder",
        "autoreply",
        "bot",
        "bugzilla",
        "bugzilladaemon",
        "buildbot",
        "cron",
        "dependabot",
        "gitlab",
        "jenkins",
        "jira",
        "notifications",
        "notification",
        "notifier",
        "patchbot",
        "patchwork",
        "patchworkbot",
        "robot",
        "root",
        "syzbot",
        "tipbot",
        "wwwdata",
    ];
    let local = key.split(['@', '+']).next().unwrap_or(key);
    let base: String = local.chars().filter(|c| c.is_alphanumeric()).collect();
    let by_address = NOBODY.iter().any(|nobody| base.contains(nobody))
        || PROGRAMS.contains(&base.trim_end_matches(|c: char| c.is_ascii_digit()));
    // `kernel test robot`, `dependabot[bot]`: a word by itself, for people are called Talbot.
    let is_bot = |word: &str| ["bot", "robot", "syzbot", "buildbot"].iter().any(|bot| word.eq_ignore_ascii_case(bot));
    by_address || author.name.as_ref().is_some_and(|name| name.split(|c: char| !c.is_alphanumeric()).any(is_bot))
}
