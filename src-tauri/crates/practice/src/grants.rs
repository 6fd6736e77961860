//! What the practice tenant remembers about who signed in and what it handed out. Everything lives in memory and ends
//! with the process.

use std::collections::HashMap;

/// Authorization codes live five minutes (the default of the library UiPath uses; RFC 6749 §4.1.2 allows ten).
pub(crate) const CODE_SECONDS: i64 = 300;
/// Refresh tokens live 60 days from the sign-in, however often they are rotated.
pub(crate) const REFRESH_SECONDS: i64 = 60 * 24 * 3600;
/// A login form can be sent for ten minutes.
pub(crate) const TICKET_SECONDS: i64 = 600;

/// One act of signing in, in one browser.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    /// The `sid` claim.
    pub(crate) sid: String,
    /// [`User::key`](crate::seed::User).
    pub(crate) user: &'static str,
    /// Unix seconds; the `auth_time` claim.
    pub(crate) at: i64,
}

/// An authorize request that passed every check.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) client_id: String,
    /// As the client wrote it, byte for byte.
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    /// The S256 challenge (RFC 7636 §4.2).
    pub(crate) challenge: String,
    /// The request's own query, for `returnUrl` on error 219.
    pub(crate) query: String,
}

/// An authorization code that was not presented yet.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) request: Request,
    pub(crate) sign_in: SignIn,
    pub(crate) issued_at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefreshState {
    Live,
    /// Exchanged for a newer one.
    Used,
    Revoked,
}

#[derive(Clone, Debug)]
pub(crate) struct Refresh {
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) sign_in: SignIn,
    /// Inherited by every successor, which makes the 60 days absolute.
    pub(crate) created_at: i64,
    /// All tokens that came from one code.
    pub(crate) family: u64,
    pub(crate) state: RefreshState,
}

#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) user: &'static str,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: i64,
    pub(crate) family: u64,
    pub(crate) revoked: bool,
}

/// A login form that was shown and not sent yet.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) request: Request,
    pub(crate) shown_at: i64,
}

/// Who an ID token was about: what end session needs to know from a hint.
#[derive(Clone, Debug)]
pub(crate) struct Hint {
    pub(crate) client_id: String,
    pub(crate) user: &'static str,
    pub(crate) sid: String,
}

#[derive(Debug, Default)]
pub(crate) struct Grants {
    pub(crate) codes: HashMap<String, Code>,
    /// Codes that were presented, with the family they led to (if any): a second try revokes it under
    /// [`Reuse::RevokeFamily`](crate::Reuse).
    pub(crate) spent_codes: HashMap<String, Option<u64>>,
    pub(crate) refresh: HashMap<String, Refresh>,
    pub(crate) access: HashMap<String, Access>,
    pub(crate) hints: HashMap<String, Hint>,
    pub(crate) tickets: HashMap<String, Ticket>,
    /// Browser sessions by cookie value.
    pub(crate) sessions: HashMap<String, SignIn>,
    families: u64,
}

impl Grants {
    pub(crate) fn new_family(&mut self) -> u64 {
        self.families += 1;
        self.families
    }

    pub(crate) fn revoke_refresh_where(&mut self, which: impl Fn(&Refresh) -> bool) -> usize {
        let mut revoked = 0;
        for token in self.refresh.values_mut().filter(|token| which(token)) {
            if token.state != RefreshState::Revoked {
                token.state = RefreshState::Revoked;
                revoked += 1;
            }
        }
        revoked
    }

    pub(crate) fn revoke_access_where(&mut self, which: impl Fn(&Access) -> bool) -> usize {
        let mut revoked = 0;
        for token in self.access.values_mut().filter(|token| which(token)) {
            if !token.revoked {
                token.revoked = true;
                revoked += 1;
            }
        }
        revoked
    }

    /// The end of a browser session: its cookies stop working and its refresh tokens die. Access tokens live on.
    pub(crate) fn end_sign_in(&mut self, sid: &str) -> usize {
        self.sessions.retain(|_, sign_in| sign_in.sid != sid);
        self.revoke_refresh_where(|token| token.sign_in.sid == sid)
    }
}
