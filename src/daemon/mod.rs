//! Moves values between the rooms; holds no rule about sessions.
