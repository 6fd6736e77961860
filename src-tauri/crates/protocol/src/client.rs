//! The blocking client; written next.
