//! Randomness for codes, tokens, cookies and ids: the operating system's, or a stream that a seed decides so that a
//! run can be repeated. The only file that asks the operating system for random bytes.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

#[derive(Debug)]
pub(crate) enum Random {
    System(SystemRandom),
    Repeatable { seed: u64, block: u64 },
}

impl Random {
    pub(crate) fn system() -> Self {
        Self::System(SystemRandom::new())
    }

    pub(crate) fn repeatable(seed: u64) -> Self {
        Self::Repeatable { seed, block: 0 }
    }

    fn bytes(&mut self) -> [u8; 32] {
        let mut out = [0_u8; 32];
        match self {
            Self::System(system) => {
                system.fill(&mut out).expect("an operating system that has no randomness cannot run this");
            }
            Self::Repeatable { seed, block } => {
                *block += 1;
                out = hash(&format!("attendant-practice stream {seed} {block}"));
            }
        }
        out
    }

    /// 256 bits, base64url: cookies, form tickets.
    pub(crate) fn handle(&mut self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// 256 bits in the shape of the library UiPath uses: 64 upper-case hex digits and a version (`…-1`).
    pub(crate) fn grant(&mut self) -> String {
        let mut text = hex(&self.bytes()).to_uppercase();
        text.push_str("-1");
        text
    }

    /// A version 4 GUID.
    pub(crate) fn guid(&mut self) -> String {
        guid_of(self.bytes())
    }
}

/// The GUID that `seed` and `label` stand for, always the same.
pub(crate) fn fixed_guid(seed: u64, label: &str) -> String {
    guid_of(hash(&format!("attendant-practice {seed} {label}")))
}

/// SHA-256 (FIPS 180-4).
pub(crate) fn sha256(data: &[u8]) -> Vec<u8> {
    digest(&SHA256, data).as_ref().to_vec()
}

fn hash(text: &str) -> [u8; 32] {
    let mut out = [0_u8; 32];
    out.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    out
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn guid_of(bytes: [u8; 32]) -> String {
    let mut b = [0_u8; 16];
    b.copy_from_slice(&bytes[..16]);
    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;
    let h = hex(&b);
    format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
}
