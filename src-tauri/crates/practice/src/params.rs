//! Strict reading of `application/x-www-form-urlencoded` parameters: a parameter given twice is an error
//! (RFC 6749 §3.1, §3.2), an unknown one is ignored, an empty one counts as absent.

use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(crate) struct Params(BTreeMap<String, String>);

/// The parameter that was given more than once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repeated(pub(crate) String);

impl Params {
    pub(crate) fn parse(encoded: &[u8]) -> Result<Self, Repeated> {
        let mut params = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(encoded) {
            if params.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(Repeated(name.into_owned()));
            }
        }
        Ok(Self(params))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b16_328_same_parameter_twice_is_refused() {
        assert_eq!(Params::parse(b"a=1&b=2&a=1").unwrap_err(), Repeated("a".into()));
    }

    #[test]
    fn empty_counts_as_absent_and_plus_is_a_space() {
        let params = Params::parse(b"a=&scope=x+y%20z").unwrap();
        assert_eq!(params.get("a"), None);
        assert!(params.has("a"));
        assert_eq!(params.get("scope"), Some("x y z"));
    }
}
