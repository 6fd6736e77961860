//! The address that ends the browser's session at the provider (OpenID Connect RP-Initiated Logout 1.0 §2).

use crate::registration::Registration;
use crate::secret::Secret;
use crate::signin::discovery::Provider;
use url::Url;

/// The address to open, if the provider has one. With `id_token` the provider need not ask whether it is meant.
///
/// The ID token is personal: open the address through a way that does not show it to other users of the computer.
pub fn url(provider: &Provider, id_token: Option<&Secret>, registration: &Registration) -> Option<Url> {
    let mut url = provider.end_session_endpoint.clone()?;
    {
        let mut query = url.query_pairs_mut();
        if let Some(id_token) = id_token {
            query.append_pair("id_token_hint", id_token.expose());
        }
        query.append_pair("client_id", &registration.app_id);
    }
    Some(url)
}
