//! Text that must not be seen: tokens, codes, verifiers.
//!
//! It prints as `[redacted]`, cannot be serialised or cloned by accident, and is wiped when dropped. What libraries
//! copy on the way is wiped by the program's zero-on-free allocator.

use std::fmt;
use zeroize::Zeroizing;

/// A secret text.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of `text`.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text. Call it where the secret leaves for the one place it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A second copy, named so that it is noticed.
    pub fn duplicate(&self) -> Self {
        Self::new(self.expose().to_owned())
    }

    /// Whether both are the same text, in time that does not depend on where they differ.
    pub fn matches(&self, other: &str) -> bool {
        let (a, b) = (self.expose().as_bytes(), other.as_bytes());
        let mut difference = a.len() ^ b.len();
        for index in 0..a.len().max(b.len()) {
            let x = a.get(index).copied().unwrap_or(0);
            let y = b.get(index).copied().unwrap_or(0);
            difference |= usize::from(x ^ y);
        }
        std::hint::black_box(difference) == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_nothing_of_itself() {
        assert_eq!(format!("{:?}", Secret::new("rt_9f3a".into())), "[redacted]");
    }

    #[test]
    fn matches_only_the_same_text() {
        let secret = Secret::new("abc".into());
        assert!(secret.matches("abc"));
        for other in ["", "ab", "abcd", "abd", "Abc"] {
            assert!(!secret.matches(other), "{other:?}");
        }
    }
}
