//! `[[list]]` and `[[summit]]`: which lists are watched, for which summits, and when their digests go out.

use super::{ConfigError, Reader};
use crate::grammar::Vocabulary;
use crate::mail::Address;
use crate::session::occasion::Reminders;
use crate::session::policy::DigestForm;
use crate::session::{List, Noise, Summit};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

/// When a summit's digests are due.
#[derive(Clone, Debug, Default)]
pub struct DigestTimes {
    pub summit: String,
    pub proposals: Option<Schedule>,
    /// The hour of the agendas: a week before the summit, and on the eve of each of its days.
    pub agenda: Option<Time>,
    pub outcomes: Option<Schedule>,
}

/// Wall-clock times in the summit's zone: some days of the week, one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub days: Vec<Weekday>,
    pub at: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListTable {
    pub(super) address: Spanned<String>,
    #[serde(default)]
    aliases: Vec<Spanned<String>>,
    #[serde(default)]
    list_ids: Vec<String>,
    #[serde(default)]
    pub(super) subject_prefixes: Vec<String>,
    archive: Option<Spanned<String>>,
    #[serde(default)]
    rewrites_from: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SummitTable {
    pub(super) slug: Spanned<String>,
    name: String,
    lists: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) organisers: Vec<Spanned<String>>,
    zone: Option<Spanned<String>>,
    opens: Option<Spanned<String>>,
    closes: Option<Spanned<String>>,
    proposal_tags: Option<Vec<String>>,
    attend_tags: Option<Vec<String>>,
    outcome_tags: Option<Vec<String>>,
    introduction: Option<String>,
    #[serde(default)]
    tracks: Vec<Spanned<String>>,
    outcome_days: Option<u16>,
    slot_reminder_hours: Option<u16>,
    notes_reminder_days: Option<u16>,
    notes_reminders: Option<u16>,
    action_reminders: Option<u16>,
    proposal_digest: Option<Spanned<String>>,
    outcome_digest: Option<Spanned<String>>,
    agenda: Option<Spanned<String>>,
    first_day: Option<Spanned<String>>,
    last_day: Option<Spanned<String>>,
    remind_after_days: Option<u16>,
    remind_every_days: Option<Spanned<u16>>,
    digest_rows: Option<Spanned<usize>>,
    digest_form: Option<Spanned<String>>,
}

/// For how long an outcome is tentative where the operator does not say.
const OUTCOME_DAYS: u16 = 7;

const WEEK: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];

fn reminders(table: &SummitTable) -> Reminders {
    let usual = Reminders::default();
    Reminders {
        slot_hours: table.slot_reminder_hours.unwrap_or(usual.slot_hours),
        notes_days: table.notes_reminder_days.unwrap_or(usual.notes_days),
        notes_times: table.notes_reminders.unwrap_or(usual.notes_times),
        action_times: table.action_reminders.unwrap_or(usual.action_times),
    }
}

impl Reader<'_> {
    pub(super) fn list(&self, table: &ListTable) -> Result<List, ConfigError> {
        let archive = match &table.archive {
            Some(url) if !url.get_ref().contains("{message_id}") => {
                let fix = "put `{message_id}` where the Message-ID stands, as in `https://lore.example.org/list/{message_id}/`";
                return Err(self.wrong(url.span().start, "the archive's URL has no `{message_id}`", fix));
            }
            other => other.as_ref().map(|url| url.get_ref().clone()),
        };
        let address = self.address(&table.address)?;
        let mut list_ids: Vec<String> =
            table.list_ids.iter().map(|id| id.trim_matches(['<', '>']).to_lowercase()).collect();
        if list_ids.is_empty() {
            // What list software makes of an address when nobody tells it otherwise.
            list_ids.push(address.key().replace('@', "."));
        }
        let aliases = table.aliases.iter().map(|text| self.address(text)).collect::<Result<_, _>>()?;
        Ok(List { address, aliases, list_ids, archive, rewrites_from: table.rewrites_from })
    }

    pub(super) fn summit(
        &self,
        table: &SummitTable,
        lists: &[List],
        prefixes: &[(Address, Vec<String>)],
    ) -> Result<(Summit, DigestTimes), ConfigError> {
        let slug = table.slug.get_ref().clone();
        let sound = !slug.is_empty() && slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !sound {
            let what = format!("`{slug}` can't be a slug");
            return Err(self.wrong(table.slug.span().start, what, "use a-z, 0-9 and `-`, such as `xen2017`"));
        }
        let own: Vec<Address> =
            table.lists.get_ref().iter().map(|text| self.known_list(text, lists)).collect::<Result<_, _>>()?;
        if own.is_empty() {
            let what = format!("summit `{slug}` has no list");
            return Err(self.wrong(table.lists.span().start, what, "name at least one list's address"));
        }
        let zone = match &table.zone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name.get_ref()).map_err(|_| {
                let what = format!("`{}` is not a time zone", name.get_ref());
                self.wrong(name.span().start, what, "use an IANA name such as `Europe/Budapest` or `UTC`")
            })?,
        };
        let words = Vocabulary::default();
        let list_prefixes =
            prefixes.iter().filter(|(list, _)| own.contains(list)).flat_map(|(_, words)| words.clone()).collect();
        let vocabulary = Vocabulary {
            list_prefixes,
            proposal_tags: table.proposal_tags.clone().unwrap_or(words.proposal_tags),
            attend_tags: table.attend_tags.clone().unwrap_or(words.attend_tags),
            outcome_tags: table.outcome_tags.clone().unwrap_or(words.outcome_tags),
            event: table.name.clone(),
            zone: zone.clone(),
        };
        let times = DigestTimes {
            summit: slug.clone(),
            proposals: self.schedule(table.proposal_digest.as_ref())?,
            agenda: self.hour(table.agenda.as_ref())?,
            outcomes: self.schedule(table.outcome_digest.as_ref())?,
        };
        let (first_day, last_day) = self.days(table)?;
        let summit = Summit {
            slug,
            name: table.name.clone(),
            lists: own,
            organisers: table.organisers.iter().map(|text| self.address(text)).collect::<Result<_, _>>()?,
            zone,
            opens: self.date(table.opens.as_ref())?,
            closes: self.date(table.closes.as_ref())?,
            vocabulary,
            introduction: table.introduction.clone(),
            tracks: self.tracks(&table.tracks)?,
            outcome_days: table.outcome_days.unwrap_or(OUTCOME_DAYS),
            reminders: reminders(table),
            first_day,
            last_day,
            noise: self.noise(table)?,
            form: self.form(table.digest_form.as_ref())?,
        };
        Ok((summit, times))
    }

    fn date(&self, text: Option<&Spanned<String>>) -> Result<Option<Date>, ConfigError> {
        let Some(text) = text else { return Ok(None) };
        text.get_ref().parse().map(Some).map_err(|_| {
            let what = format!("`{}` is not a date", text.get_ref());
            self.wrong(text.span().start, what, "write it as `2017-07-11`")
        })
    }

    fn tracks(&self, names: &[Spanned<String>]) -> Result<Vec<String>, ConfigError> {
        let mut tracks: Vec<String> = Vec::new();
        for name in names {
            let track = name.get_ref().trim();
            let what = match track {
                "" => "a track has no name".to_owned(),
                _ if tracks.iter().any(|known| known.to_lowercase() == track.to_lowercase()) => {
                    format!("the track `{track}` stands there twice")
                }
                _ => {
                    tracks.push(track.to_owned());
                    continue;
                }
            };
            return Err(self.wrong(name.span().start, what, "name each track once, as its heading reads"));
        }
        Ok(tracks)
    }

    /// The first and the last day of the summit itself; a summit of one day names the first.
    fn days(&self, table: &SummitTable) -> Result<(Option<Date>, Option<Date>), ConfigError> {
        let first = self.date(table.first_day.as_ref())?;
        let last = self.date(table.last_day.as_ref())?;
        match (&table.last_day, first, last) {
            (Some(text), None, Some(_)) => {
                let what = "`last_day` stands without `first_day`";
                Err(self.wrong(text.span().start, what, "name the first day of the summit, too"))
            }
            (Some(text), Some(first), Some(last)) if last < first => {
                let what = format!("`last_day` comes before `first_day`, {first}");
                Err(self.wrong(text.span().start, what, "write the later of the two days"))
            }
            _ => Ok((first, last.or(first))),
        }
    }

    fn noise(&self, table: &SummitTable) -> Result<Noise, ConfigError> {
        let usual = Noise::default();
        let positive = |place: usize, name: &str| {
            self.wrong(place, format!("`{name}` is 0"), "write a whole number from 1; `never` is for the digest's time")
        };
        match (&table.remind_every_days, &table.digest_rows) {
            (Some(days), _) if *days.get_ref() == 0 => Err(positive(days.span().start, "remind_every_days")),
            (_, Some(rows)) if *rows.get_ref() == 0 => Err(positive(rows.span().start, "digest_rows")),
            (days, rows) => Ok(Noise {
                after_days: table.remind_after_days.unwrap_or(usual.after_days),
                every_days: days.as_ref().map_or(usual.every_days, |days| *days.get_ref()),
                rows: rows.as_ref().map_or(usual.rows, |rows| *rows.get_ref()),
            }),
        }
    }

    fn form(&self, text: Option<&Spanned<String>>) -> Result<DigestForm, ConfigError> {
        let Some(text) = text else { return Ok(DigestForm::default()) };
        match text.get_ref().as_str() {
            "text" => Ok(DigestForm::Text),
            "index" => Ok(DigestForm::Index),
            "rfc1153" => Ok(DigestForm::Plain),
            "mime" => Ok(DigestForm::Mime),
            other => {
                let what = format!("`{other}` is no form of a digest");
                Err(self.wrong(text.span().start, what, "write `text`, `index`, `rfc1153` or `mime`"))
            }
        }
    }

    /// `18:00`, `never`.
    fn hour(&self, text: Option<&Spanned<String>>) -> Result<Option<Time>, ConfigError> {
        let Some(text) = text.filter(|text| text.get_ref() != "never") else { return Ok(None) };
        time(text.get_ref()).map(Some).ok_or_else(|| {
            let what = format!("`{}` is not an hour", text.get_ref());
            self.wrong(text.span().start, what, "write `18:00` or `never`")
        })
    }

    /// `Mon 09:00`, `Mon,Thu 09:00`, `daily 18:30`, `never`.
    fn schedule(&self, text: Option<&Spanned<String>>) -> Result<Option<Schedule>, ConfigError> {
        let Some(text) = text else { return Ok(None) };
        if text.get_ref() == "never" {
            return Ok(None);
        }
        let parsed = text.get_ref().split_once(' ').and_then(|(days, at)| {
            let days = match days {
                "daily" => WEEK.iter().map(|(_, day)| *day).collect(),
                _ => days
                    .split(',')
                    .map(|name| WEEK.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)).map(|(_, day)| *day))
                    .collect::<Option<Vec<_>>>()?,
            };
            Some(Schedule { days, at: time(at)? })
        });
        parsed.map(Some).ok_or_else(|| {
            let what = format!("`{}` is not a digest time", text.get_ref());
            self.wrong(text.span().start, what, "write `Mon 09:00`, `Mon,Thu 09:00`, `daily 18:30` or `never`")
        })
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}
