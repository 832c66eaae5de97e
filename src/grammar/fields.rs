//! (room of the grammar)
