//! The configuration file (filled below).
