//! How a practice tenant may differ from the default one. Everything else is fixed, so that two people who practise
//! see the same thing.

use crate::clock::Clock;

/// The redirect URLs registered when none are given: Attendant's own proposal.
pub(crate) const REDIRECT_URLS: [&str; 3] =
    ["http://localhost:8421/callback", "http://localhost:8422/callback", "http://localhost:8423/callback"];

/// What happens when a refresh token that was used already is presented again (RFC 9700 §4.14.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// The request is refused and nothing else happens, as in UiPath's library by default.
    #[default]
    Plain,
    /// Every refresh token of the same sign-in is revoked too.
    RevokeFamily,
}

/// What can be chosen when a practice tenant starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// Decides the App IDs, user ids and folder keys. The same seed gives the same sheet.
    pub seed: u64,
    /// Codes, refresh tokens and cookies come from the seed instead of the operating system, so that a run can be
    /// repeated. (Signatures still differ: the signing key is made at every start.)
    pub repeatable: bool,
    /// Replaces the registered redirect URLs when not empty.
    pub redirect_urls: Vec<String>,
    /// See [`Reuse`].
    pub reuse: Reuse,
    /// A refresh request's `scope` narrows the access token (RFC 6749 §6). UiPath ignores it there, so this is off.
    pub narrow: bool,
    /// Revoking a refresh token also ends its access tokens and the reverse (RFC 7009 §2.1). Off, as at UiPath.
    pub revocation_reaches_access: bool,
    /// Remembers every token, code and verifier for [`Command::Minted`](crate::Command::Minted), for leak scans.
    pub remember_minted: bool,
    /// The practice tenant's own time.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            repeatable: false,
            redirect_urls: Vec::new(),
            reuse: Reuse::Plain,
            narrow: false,
            revocation_reaches_access: false,
            remember_minted: false,
            clock: Clock::system(),
        }
    }
}

/// Why [`Options`] cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub enum OptionsError {
    /// The named redirect URL is not an absolute URL, or carries a fragment (RFC 6749 §3.1.2).
    RedirectUrl(String),
}

impl std::fmt::Display for OptionsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RedirectUrl(url) => write!(
                f,
                "`{url}` cannot be a redirect URL. Give an absolute address without a fragment, such as {}.",
                REDIRECT_URLS[0]
            ),
        }
    }
}

impl std::error::Error for OptionsError {}

impl Options {
    /// Looks at what was given before anything is started.
    ///
    /// # Errors
    /// Names the first redirect URL that no client could use.
    pub fn check(&self) -> Result<(), OptionsError> {
        for url in &self.redirect_urls {
            match url::Url::parse(url) {
                Ok(parsed) if parsed.fragment().is_none() => {}
                Ok(_) | Err(_) => return Err(OptionsError::RedirectUrl(url.clone())),
            }
        }
        Ok(())
    }

    pub(crate) fn registered_redirect_urls(&self) -> Vec<String> {
        if self.redirect_urls.is_empty() {
            REDIRECT_URLS.map(String::from).to_vec()
        } else {
            self.redirect_urls.clone()
        }
    }
}
