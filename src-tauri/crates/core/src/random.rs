//! Randomness, passed in: one door to the operating system's generator.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Where unpredictable bytes come from.
pub trait Randomness: Send + Sync {
    /// Fills `bytes`. An implementation that cannot, aborts: a predictable `state` would be worse than no sign-in.
    fn fill(&self, bytes: &mut [u8]);

    /// 256 random bits as 43 characters of base64url, the form RFC 7636 §4.1 recommends for verifiers.
    fn token(&self) -> String {
        let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
        self.fill(bytes.as_mut_slice());
        URL_SAFE_NO_PAD.encode(bytes.as_slice())
    }
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Randomness for OsRandom {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "the one door to the operating system's generator")]
        let filled = getrandom::fill(bytes);
        if filled.is_err() {
            tracing::error!("the operating system gives no random numbers");
            std::process::abort();
        }
    }
}
