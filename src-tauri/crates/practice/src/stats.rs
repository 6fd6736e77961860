//! Counters: what happened here, by name, for tests and for people who watch. Values never appear in them.

use std::collections::BTreeMap;

use serde::Serialize;

/// How often each thing happened since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests by endpoint and then by HTTP status; `dropped` counts answers that were never sent.
    pub requests: BTreeMap<String, BTreeMap<String, u64>>,
    /// Login forms sent with "Continue".
    pub sign_ins: u64,
    /// Authorize requests answered with a code without showing a page.
    pub silent_sign_ins: u64,
    /// Login forms sent with "Refuse".
    pub sign_ins_refused: u64,
    /// Authorize requests that ended on the error page.
    pub authorize_errors: u64,
    /// Codes exchanged for tokens.
    pub code_exchanges: u64,
    /// Exchanges refused: unknown, used or expired code, wrong verifier, wrong redirect URL.
    pub code_exchanges_refused: u64,
    /// Refresh tokens exchanged for newer ones.
    pub refreshes: u64,
    /// Refresh requests refused for any reason.
    pub refreshes_refused: u64,
    /// The part of `refreshes_refused` where the token had been used before.
    pub refresh_reuses: u64,
    /// Revocation requests that ended something.
    pub revocations: u64,
    /// Sign-outs at the end session endpoint.
    pub end_sessions: u64,
    /// API calls that passed bearer and scope.
    pub api_calls: u64,
    /// API calls refused with 401.
    pub api_unauthorized: u64,
    /// API calls refused with 403.
    pub api_forbidden: u64,
    /// Queue items added.
    pub queue_items: u64,
    /// Jobs started.
    pub jobs_started: u64,
    /// Requests refused because they named another host.
    pub hosts_refused: u64,
}

impl Stats {
    pub(crate) fn count(&mut self, endpoint: &str, outcome: &str) {
        *self.requests.entry(endpoint.to_owned()).or_default().entry(outcome.to_owned()).or_default() += 1;
    }
}
