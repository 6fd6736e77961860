//! Linux: the freedesktop.org Secret Service (GNOME Keyring, KWallet, KeePassXC), over an encrypted D-Bus session.
//!
//! The store crate unlocks by itself, inside any call and for as long as the person takes. So this file asks the service
//! directly first, over a connection of its own: is what we need locked? (Secret Service API Draft 0.2, §5 and §8.)

use super::{KeyringFinding, Look, SERVICE, StoreFactory, UNLOCK_DEADLINE};
use crate::text::clean;
use keyring::{CredentialStore, Entry};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;
use zbus::blocking::{Connection, Proxy, connection};
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

const BUS_NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const INTERFACE: &str = "org.freedesktop.Secret.Service";

/// Longer than any answer that needs no person, a service that must be started first included.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a question to the person is checked for a service that died over it.
const STILL_THERE: Duration = Duration::from_secs(1);

/// D-Bus has no limit that matters; a refresh token is far below this.
const LIMIT: usize = 64 * 1024;

/// The Secret Service of the session bus.
#[derive(Default)]
pub struct SecretService {
    bus: Mutex<Option<Connection>>,
}

impl StoreFactory for SecretService {
    fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
        Ok(zbus_secret_service_keyring_store::Store::new()?)
    }

    fn entry(&self, store: &CredentialStore, user: &str) -> keyring::Result<Entry> {
        // What people see in their keyring program.
        let label = format!("Attendant sign-in ({user})");
        store.build(SERVICE, user, Some(&HashMap::from([("label", label.as_str())])))
    }

    fn look(&self, user: Option<&str>) -> Look {
        self.with_bus(|bus| {
            if let Some(user) = user {
                let (unlocked, locked) =
                    search(bus, &HashMap::from([("service", SERVICE), ("username", user)]))?;
                if !locked.is_empty() {
                    return Ok(Look::Locked);
                }
                if !unlocked.is_empty() {
                    return Ok(Look::Open);
                }
            }
            let Some(collection) = default_collection(bus)? else { return Ok(Look::Absent) };
            Ok(if is_locked(bus, &collection)? { Look::Locked } else { Look::Open })
        })
        .unwrap_or_else(|look| look)
    }

    fn unlock(&self) -> Result<(), KeyringFinding> {
        let asked = self.with_bus(|bus| {
            let (_, mut locked) = search(bus, &HashMap::from([("service", SERVICE)]))?;
            if let Some(collection) = default_collection(bus)?
                && is_locked(bus, &collection)?
            {
                locked.push(collection);
            }
            if locked.is_empty() {
                return Ok(None);
            }
            let (_, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = call(bus, "Unlock", &(locked,))?;
            Ok((prompt.as_str() != "/").then(|| (bus.clone(), prompt)))
        });
        match asked {
            Ok(None) => Ok(()),
            Ok(Some((bus, prompt))) => ask_person(bus, prompt),
            Err(Look::Absent) => Err(KeyringFinding::Absent),
            Err(Look::Refused(words)) => Err(KeyringFinding::Refused(words)),
            Err(Look::Locked | Look::Open) => Err(KeyringFinding::Locked),
        }
    }

    fn name(&self) -> Option<String> {
        let owner = self.with_bus(|bus| {
            let daemon =
                Proxy::new(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")?;
            daemon.call::<_, _, u32>("GetConnectionUnixProcessID", &(BUS_NAME,))
        });
        let program = owner.ok().and_then(|pid| std::fs::read_to_string(format!("/proc/{pid}/comm")).ok());
        // The kernel cuts names after 15 letters.
        let name = match program?.trim() {
            "gnome-keyring-d" => "GNOME Keyring",
            "keepassxc" => "KeePassXC",
            "kwalletd5" | "kwalletd6" | "ksecretd" => "KWallet",
            "oo7-daemon" => "oo7",
            _ => return None,
        };
        Some(name.to_owned())
    }

    fn limit(&self) -> usize {
        LIMIT
    }
}

impl SecretService {
    /// Does `act` on our connection, which is opened afresh after any failure.
    fn with_bus<T>(&self, act: impl FnOnce(&Connection) -> zbus::Result<T>) -> Result<T, Look> {
        let mut held = self.bus.lock().unwrap_or_else(PoisonError::into_inner);
        let bus = match held.take() {
            Some(bus) => bus,
            None => connection::Builder::session()
                .and_then(|builder| builder.method_timeout(PATIENCE).build())
                .map_err(|error| {
                    tracing::debug!(%error, "there is no session bus");
                    Look::Absent
                })?,
        };
        let outcome = act(&bus).map_err(|error| look_of(&error))?;
        *held = Some(bus);
        Ok(outcome)
    }
}

/// Shows the service's own question and waits until it is answered, or the service is gone.
fn ask_person(bus: Connection, prompt: OwnedObjectPath) -> Result<(), KeyringFinding> {
    let owner = |bus: &Connection| {
        let daemon =
            Proxy::new(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")?;
        daemon.call::<_, _, String>("GetNameOwner", &(BUS_NAME,))
    };
    let asked = owner(&bus).map_err(|_| KeyringFinding::Absent)?;
    let (answer, answered) = mpsc::channel();
    let other = bus.clone();
    // The wait for a signal has no end of its own, so it gets a thread: if the service dies over it, that one stays
    // behind, and this one goes on.
    std::thread::Builder::new()
        .name("keyring-prompt".to_owned())
        .spawn(move || {
            let _ = answer.send(completed(&other, &prompt));
        })
        .map_err(|error| KeyringFinding::Refused(error.to_string()))?;
    let mut left = UNLOCK_DEADLINE;
    while !left.is_zero() {
        match answered.recv_timeout(STILL_THERE) {
            Ok(Ok(true)) => return Ok(()),
            Ok(Ok(false)) | Err(mpsc::RecvTimeoutError::Disconnected) => return Err(KeyringFinding::Locked),
            Ok(Err(error)) => return Err(KeyringFinding::Refused(clean(&error.to_string(), 160))),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                left = left.saturating_sub(STILL_THERE);
                if owner(&bus).ok().as_ref() != Some(&asked) {
                    return Err(KeyringFinding::Locked);
                }
            }
        }
    }
    Err(KeyringFinding::Locked)
}

/// Whether the question was answered with yes.
fn completed(bus: &Connection, prompt: &OwnedObjectPath) -> zbus::Result<bool> {
    let proxy = Proxy::new(bus, BUS_NAME, prompt, "org.freedesktop.Secret.Prompt")?;
    // Listen first: a question that cannot be shown is dismissed at once.
    let mut signals = proxy.receive_signal("Completed")?;
    proxy.call::<_, _, ()>("Prompt", &("",))?;
    let Some(signal) = signals.next() else { return Ok(false) };
    let (dismissed, _): (bool, OwnedValue) = signal.body().deserialize()?;
    Ok(!dismissed)
}

fn call<B, R>(bus: &Connection, method: &str, body: &B) -> zbus::Result<R>
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
    R: for<'d> zbus::zvariant::DynamicDeserialize<'d>,
{
    bus.call_method(Some(BUS_NAME), PATH, Some(INTERFACE), method, body)?.body().deserialize()
}

type Found = (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>);

/// The items with these attributes: unlocked, locked.
fn search(bus: &Connection, attributes: &HashMap<&str, &str>) -> zbus::Result<Found> {
    call(bus, "SearchItems", &(attributes,))
}

/// Where new items go; none if the service has no such place.
fn default_collection(bus: &Connection) -> zbus::Result<Option<OwnedObjectPath>> {
    let path: OwnedObjectPath = call(bus, "ReadAlias", &("default",))?;
    Ok((path.as_str() != "/").then_some(path))
}

fn is_locked(bus: &Connection, collection: &OwnedObjectPath) -> zbus::Result<bool> {
    let reply = bus.call_method(
        Some(BUS_NAME),
        collection,
        Some("org.freedesktop.DBus.Properties"),
        "Get",
        &("org.freedesktop.Secret.Collection", "Locked"),
    )?;
    let value: OwnedValue = reply.body().deserialize()?;
    Ok(bool::try_from(value)?)
}

/// What a failed call says about the keyring.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library's list is open")]
fn look_of(error: &zbus::Error) -> Look {
    let name = match error {
        zbus::Error::MethodError(name, _, _) => name.as_str(),
        zbus::Error::InputOutput(io) if io.kind() == std::io::ErrorKind::TimedOut => {
            return Look::Refused("it does not answer".to_owned());
        }
        // The connection is gone: a bus that ended took the keyring with it.
        zbus::Error::InputOutput(_) => return Look::Absent,
        _ => "",
    };
    let nobody = ["ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected"];
    if name.starts_with("org.freedesktop.DBus.Error.Spawn")
        || name.strip_prefix("org.freedesktop.DBus.Error.").is_some_and(|name| nobody.contains(&name))
    {
        return Look::Absent;
    }
    Look::Refused(clean(&error.to_string(), 160))
}
