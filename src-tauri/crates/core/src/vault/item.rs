//! How a value lies in the store: whole in one item, or, where the platform's items are too small, in numbered parts
//! and a head that names them. The head is written last, so a crash at any point leaves the old or the new value.

use keyring::{CredentialStore, Entry, Error};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use zeroize::Zeroizing;

use super::StoreFactory;
use super::kept::Kept;

/// First byte of an item that holds a whole value.
const WHOLE: u8 = b'w';
/// First byte of a head: `p SET COUNT SHA256`.
const PARTS: u8 = b'p';
/// More parts than this are not written.
const MOST_PARTS: usize = 32;

type Bytes = Zeroizing<Vec<u8>>;

/// What went wrong with an item.
#[derive(Debug)]
pub(super) enum ItemError {
    /// The store's own words.
    Store(Error),
    /// The value needs more parts than are written.
    TooLarge,
    /// What was read back is not what was written.
    Differs,
    /// There is an item, but not one of ours, or parts of it are gone.
    Damaged,
}

impl From<Error> for ItemError {
    fn from(error: Error) -> Self {
        ItemError::Store(error)
    }
}

/// The items of one value.
pub(super) struct Item<'a> {
    pub(super) factory: &'a dyn StoreFactory,
    pub(super) store: &'a CredentialStore,
    pub(super) user: &'a str,
}

struct Head {
    set: u32,
    count: usize,
    digest: String,
}

impl Item<'_> {
    /// The value; none if there is no item.
    pub(super) fn read(&self) -> Result<Option<Bytes>, ItemError> {
        let Some(head) = self.get(self.user)? else { return Ok(None) };
        match head.first() {
            Some(&WHOLE) => Ok(Some(Zeroizing::new(head.get(1..).unwrap_or_default().to_vec()))),
            Some(&PARTS) => self.read_parts(&parse(&head).ok_or(ItemError::Damaged)?).map(Some),
            _ => Err(ItemError::Damaged),
        }
    }

    /// Puts `value` in place of what is there and reads it back. An equal value is not written again.
    pub(super) fn write(&self, value: &[u8]) -> Result<(), ItemError> {
        let before = match self.read() {
            Ok(Some(there)) if there.as_slice() == value => return Ok(()),
            Ok(_) => self.get(self.user)?.and_then(|head| parse(&head)),
            Err(ItemError::Damaged) => {
                self.set_aside()?;
                None
            }
            Err(error) => return Err(error),
        };
        let limit = self.factory.limit();
        let set = before.as_ref().map_or(1, |head| head.set.wrapping_add(1));
        let head = if value.len() < limit {
            let mut whole = Zeroizing::new(Vec::with_capacity(value.len() + 1));
            whole.push(WHOLE);
            whole.extend_from_slice(value);
            whole
        } else {
            let parts: Vec<&[u8]> = value.chunks(limit.max(1)).collect();
            if parts.len() > MOST_PARTS {
                return Err(ItemError::TooLarge);
            }
            for (index, part) in parts.iter().enumerate() {
                let user = self.part(set, index);
                self.set(&user, part)?;
                self.same(&user, part)?;
            }
            Zeroizing::new(format!("p {set} {} {}", parts.len(), digest(value)).into_bytes())
        };
        self.set(self.user, &head)?;
        self.same(self.user, &head)?;
        if let Some(old) = before {
            self.delete_parts(&old);
        }
        Ok(())
    }

    /// Removes the value. The head goes first: what is left of a broken removal reads as nothing.
    pub(super) fn delete(&self) -> Result<(), ItemError> {
        let head = self.get(self.user)?.and_then(|head| parse(&head));
        self.remove(self.user)?;
        if let Some(head) = head {
            self.delete_parts(&head);
        }
        if self.get(self.user)?.is_some() { Err(ItemError::Differs) } else { Ok(()) }
    }

    /// Moves an item that is not ours to read out of the way, to `USER.damaged`, and deletes nothing of it.
    pub(super) fn set_aside(&self) -> Result<(), ItemError> {
        let Some(head) = self.get(self.user)? else { return Ok(()) };
        let aside = format!("{}.damaged", self.user);
        self.set(&aside, &head)?;
        self.same(&aside, &head)?;
        self.remove(self.user)
    }

    fn read_parts(&self, head: &Head) -> Result<Bytes, ItemError> {
        let mut value = Zeroizing::new(Vec::with_capacity(self.factory.limit().saturating_mul(head.count)));
        for index in 0..head.count {
            let part = self.get(&self.part(head.set, index))?.ok_or(ItemError::Damaged)?;
            value.extend_from_slice(&part);
        }
        if digest(&value) == head.digest { Ok(value) } else { Err(ItemError::Damaged) }
    }

    /// Best effort: a part without a head is harmless, and the next removal of everything finds it.
    fn delete_parts(&self, head: &Head) {
        for index in 0..head.count {
            let _ = self.remove(&self.part(head.set, index));
        }
    }

    /// Ids hold no dot, so a part is never another registration's head.
    fn part(&self, set: u32, index: usize) -> String {
        format!("{}.{set}.{index}", self.user)
    }

    fn entry(&self, user: &str) -> Result<Entry, Error> {
        self.factory.entry(self.store, user)
    }

    fn get(&self, user: &str) -> Result<Option<Bytes>, ItemError> {
        match self.entry(user)?.get_secret() {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(Error::NoEntry) => Ok(None),
            Err(Error::Ambiguous(entries)) => Ok(newest(&entries)?),
            Err(error) => Err(error.into()),
        }
    }

    fn set(&self, user: &str, bytes: &[u8]) -> Result<(), ItemError> {
        Ok(self.entry(user)?.set_secret(bytes)?)
    }

    fn same(&self, user: &str, bytes: &[u8]) -> Result<(), ItemError> {
        match self.get(user)? {
            Some(back) if back.as_slice() == bytes => Ok(()),
            _ => Err(ItemError::Differs),
        }
    }

    fn remove(&self, user: &str) -> Result<(), ItemError> {
        match self.entry(user)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(Error::Ambiguous(entries)) => {
                for entry in entries {
                    entry.delete_credential()?;
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Of several items under one name the newest counts; the others go, after it was read.
fn newest(entries: &[Entry]) -> Result<Option<Bytes>, Error> {
    let mut best: Option<(u64, usize, Bytes)> = None;
    for (index, entry) in entries.iter().enumerate() {
        let bytes = Zeroizing::new(entry.get_secret()?);
        let generation = bytes
            .get(1..)
            .and_then(|value| std::str::from_utf8(value).ok())
            .and_then(|text| Kept::decode(text).ok())
            .map_or(0, |kept| kept.generation);
        if best.as_ref().is_none_or(|(other, _, _)| generation >= *other) {
            best = Some((generation, index, bytes));
        }
    }
    if let Some((_, winner, _)) = &best {
        for (index, entry) in entries.iter().enumerate() {
            if index != *winner {
                let _ = entry.delete_credential();
            }
        }
    }
    Ok(best.map(|(_, _, bytes)| bytes))
}

fn parse(head: &[u8]) -> Option<Head> {
    let mut words = std::str::from_utf8(head).ok()?.split(' ');
    if words.next()? != "p" {
        return None;
    }
    let head = Head {
        set: words.next()?.parse().ok()?,
        count: words.next()?.parse().ok().filter(|count| (1..=MOST_PARTS).contains(count))?,
        digest: words.next()?.to_owned(),
    };
    words.next().is_none().then_some(head)
}

fn digest(value: &[u8]) -> String {
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(value) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}
