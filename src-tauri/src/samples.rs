//! Views for this package's tests.

use attendant_core::registration::Edition;
use attendant_core::view::{KeyringState, KeyringView, RegistrationView, Settings, View};
use attendant_protocol::{RegistrationStatus, SessionState};

/// A registration in `state`; its id is its name, and what it holds lasts until 14:40 UTC.
pub fn registration(name: &str, state: SessionState) -> RegistrationView {
    RegistrationView {
        status: RegistrationStatus {
            id: name.to_owned(),
            name: name.to_owned(),
            state,
            reason: None,
            account: None,
            held_until: Some("2026-11-21T14:40:00Z".to_owned()),
            expected_until: None,
            signed_in_at: None,
            saved: true,
            tenants: vec!["Production".to_owned()],
            waiting: Vec::new(),
        },
        edition: Edition::Cloud,
        host: "https://cloud.uipath.com".to_owned(),
        on_this_computer: false,
        organization: None,
        app_id: "00000000-0000-0000-0000-000000000000".to_owned(),
        redirect_urls: Vec::new(),
        scopes: Vec::new(),
        attempt: None,
        problem: None,
        offline: false,
        sign_in_until: None,
        sign_in_days: None,
        can_end_browser_session: false,
    }
}

/// A view of `registrations`.
pub fn view(registrations: &[RegistrationView]) -> View {
    View {
        revision: 1,
        locked: false,
        registrations: registrations.to_vec(),
        keyring: KeyringView { state: KeyringState::Available, name: "GNOME Keyring".to_owned() },
        recent: Vec::new(),
        grants: Vec::new(),
        incoming: None,
        settings: Settings::default(),
        proxy: None,
        problem: None,
    }
}
