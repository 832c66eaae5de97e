//! Sessions by track, in the order in which the organisers plan the tracks.

use super::{Session, Summit};
use std::borrow::Borrow;

/// A heading, and what stands below it.
pub struct Track<S> {
    /// `None` for the sessions that have no track.
    pub name: Option<String>,
    pub sessions: Vec<S>,
}

impl Summit {
    /// The planned tracks come first, also those that are still empty; then those that proposals name, as they come; last
    /// the sessions that have none. A track is the same in any case of its letters, spelled as it was first.
    pub fn by_track<S: Borrow<Session>>(&self, sessions: impl IntoIterator<Item = S>) -> Vec<Track<S>> {
        let planned = self.tracks.iter().map(|name| Track { name: Some(name.clone()), sessions: Vec::new() });
        let mut tracks: Vec<Track<S>> = planned.collect();
        for session in sessions {
            let name = session.borrow().proposal.track.as_deref().map(str::trim).filter(|name| !name.is_empty());
            let key = name.map(str::to_lowercase);
            match tracks.iter_mut().find(|track| track.name.as_deref().map(str::to_lowercase) == key) {
                Some(track) => track.sessions.push(session),
                None => tracks.push(Track { name: name.map(str::to_owned), sessions: vec![session] }),
            }
        }
        tracks.sort_by_key(|track| track.name.is_none());
        tracks
    }
}
