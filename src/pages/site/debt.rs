//! What a summit owes in writing, as a picture: two lines over time, drawn as SVG within the page.

use super::Site;
use crate::session::Summit;
use crate::session::debt::{Debt, Ledger};
use jiff::civil::Date;

/// The picture's size; it is scaled to the page.
const WIDTH: usize = 640;
const HEIGHT: usize = 120;
/// Points of a line, at most: more than there are places for would only make the page larger.
const POINTS: usize = 120;

pub struct Picture {
    pub now: Debt,
    pub first: String,
    pub last: String,
    /// What the top of the picture stands for.
    pub most: usize,
    /// `x,y x,y …`
    pub notes: String,
    pub actions: String,
    pub width: usize,
    pub height: usize,
}

impl Site {
    /// `None` before anything took place.
    pub fn debt(&self, summit: &Summit) -> Option<Picture> {
        let ledger = Ledger::of(self.register.of_summit(&summit.slug));
        let course = thinned(ledger.course(&summit.zone, self.now));
        let ((first, _), (last, now)) = (course.first()?, course.last()?);
        let most = course.iter().map(|(_, debt)| debt.without_notes().max(debt.open_actions())).max()?.max(1);
        let day = |date: &Date| date.strftime("%-d %B %Y").to_string();
        Some(Picture {
            now: *now,
            first: day(first),
            last: day(last),
            most,
            notes: steps(course.iter().map(|(_, debt)| debt.without_notes()), course.len(), most),
            actions: steps(course.iter().map(|(_, debt)| debt.open_actions()), course.len(), most),
            width: WIDTH,
            height: HEIGHT,
        })
    }
}

/// Every so-manieth day, and always the last.
fn thinned(course: Vec<(Date, Debt)>) -> Vec<(Date, Debt)> {
    let (stride, last) = (course.len().div_ceil(POINTS).max(1), course.len().saturating_sub(1));
    let kept = course.into_iter().enumerate().filter(|(at, _)| at.is_multiple_of(stride) || *at == last);
    kept.map(|(_, point)| point).collect()
}

/// A line that goes up and down in steps: what is owed stays so until something changes.
fn steps(values: impl Iterator<Item = usize>, days: usize, most: usize) -> String {
    let mut points = Vec::new();
    let mut before = None;
    for (day, value) in values.enumerate() {
        let (from, until) = (day * WIDTH / days, (day + 1) * WIDTH / days);
        let height = HEIGHT - value * HEIGHT / most;
        if before != Some(height) {
            points.push(format!("{from},{height}"));
        }
        if day + 1 == days || before != Some(height) {
            points.push(format!("{until},{height}"));
        } else if let Some(last) = points.last_mut() {
            *last = format!("{until},{height}");
        }
        before = Some(height);
    }
    points.join(" ")
}
