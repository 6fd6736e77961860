//! What the vault promises, against a keyring that misbehaves on demand. The real daemons are met in the stories.

use super::fake::FakeKeyring;
use super::{DEADLINE, Kept, KeyringFinding, Look, Vault};
use crate::registration::RegistrationId;
use crate::secret::Secret;
use crate::view::KeyringState;
use std::sync::Arc;
use std::time::Duration;

const ROOMY: usize = 64 * 1024;

fn kept(refresh: &str, generation: u64) -> Kept {
    Kept {
        refresh: Secret::new(refresh.into()),
        signed_in_at: "2026-11-21T14:03:22Z".parse().unwrap(),
        issuer: "https://cloud.uipath.com/identity_".into(),
        subject: Some("0b2c".into()),
        account: Some("dana.ferreira@acme.example".into()),
        app_id: "7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5".into(),
        scope: vec!["offline_access".into()],
        generation,
    }
}

fn acme() -> RegistrationId {
    RegistrationId::from_name("acme")
}

fn vault(keyring: &Arc<FakeKeyring>) -> Vault {
    Vault::start(keyring.clone(), DEADLINE).unwrap()
}

async fn refresh_of(vault: &Vault) -> String {
    vault.get(&acme()).await.unwrap().unwrap().refresh.expose().to_owned()
}

#[tokio::test]
async fn kept_found_and_removed() {
    let keyring = FakeKeyring::new(ROOMY);
    let vault = vault(&keyring);
    assert!(vault.get(&acme()).await.unwrap().is_none());
    vault.put(&acme(), &kept("rt_1", 1)).await.unwrap();
    vault.put(&acme(), &kept("rt_2", 2)).await.unwrap();
    assert_eq!(refresh_of(&vault).await, "rt_2");
    vault.probe_item(&acme()).await.unwrap();
    vault.delete(&acme()).await.unwrap();
    vault.delete(&acme()).await.unwrap();
    assert!(vault.get(&acme()).await.unwrap().is_none(), "removed by us is not lost");
    assert!(keyring.daemon().items.is_empty());
    assert_eq!(vault.watch().borrow().state, KeyringState::Available);
    assert_eq!(vault.name(), "Fake Keyring");
}

#[tokio::test]
async fn an_equal_value_is_not_written_again() {
    let keyring = FakeKeyring::new(ROOMY);
    let vault = vault(&keyring);
    for _ in 0..3 {
        vault.put(&acme(), &kept("rt_1", 1)).await.unwrap();
    }
    vault.probe().await.unwrap();
    assert_eq!(keyring.daemon().writes, 1);
}

#[tokio::test]
async fn b11_259_large_values_are_split_and_switched_at_once() {
    let keyring = FakeKeyring::new(100);
    let vault = vault(&keyring);
    let (old, new) = ("a".repeat(700), "b".repeat(900));
    vault.put(&acme(), &kept(&old, 1)).await.unwrap();
    assert!(keyring.daemon().items.values().flatten().all(|item| item.len() <= 100));
    assert_eq!(refresh_of(&vault).await, old);
    let before = keyring.daemon().items.len();

    // Break the writing of the new value at every place: the old one stays whole.
    let writes = keyring.daemon().writes;
    for after in 1..=10 {
        keyring.daemon().fails_from_write = Some(writes + after);
        keyring.daemon().writes = writes;
        vault.put(&acme(), &kept(&new, 2)).await.unwrap_err();
        keyring.daemon().fails_from_write = None;
        assert_eq!(refresh_of(&vault).await, old, "broken at write {after}");
    }
    vault.put(&acme(), &kept(&new, 2)).await.unwrap();
    assert_eq!(refresh_of(&vault).await, new);
    assert!(keyring.daemon().items.len() <= before + 3, "old parts are removed");

    // A part that somebody changed makes the whole one nobody's.
    let part = keyring.daemon().items.keys().find(|user| user.contains('.')).unwrap().clone();
    let before = keyring.daemon().items.insert(part.clone(), vec![b"x".to_vec()]).unwrap();
    assert_eq!(vault.probe_item(&acme()).await, Err(KeyringFinding::Lost));
    keyring.daemon().items.insert(part, before);
    vault.delete(&acme()).await.unwrap();
    assert!(!keyring.daemon().items.contains_key("acme"));
    assert!(vault.get(&acme()).await.unwrap().is_none());
}

#[tokio::test]
async fn b11_259_what_fits_nowhere_is_too_large() {
    let keyring = FakeKeyring::new(20);
    let vault = vault(&keyring);
    let large = kept(&"a".repeat(2_000), 1);
    assert_eq!(vault.put(&acme(), &large).await, Err(KeyringFinding::TooLarge));
    assert!(keyring.daemon().items.is_empty());
}

#[tokio::test]
async fn b11_262_a_locked_keyring_is_not_an_empty_one() {
    let keyring = FakeKeyring::new(ROOMY);
    let vault = vault(&keyring);
    vault.put(&acme(), &kept("rt_1", 1)).await.unwrap();
    keyring.set_look(Look::Locked);
    assert_eq!(vault.get(&acme()).await.unwrap_err(), KeyringFinding::Locked);
    assert_eq!(vault.put(&acme(), &kept("rt_2", 2)).await, Err(KeyringFinding::Locked));
    assert_eq!(vault.delete(&acme()).await, Err(KeyringFinding::Locked));
    assert_eq!(vault.probe().await, Err(KeyringFinding::Locked));
    assert_eq!(vault.watch().borrow().state, KeyringState::Locked);
    assert_eq!(keyring.daemon().unlocks, 0, "nobody was asked");
    assert_eq!(keyring.daemon().items.len(), 1);

    vault.unlock().await.unwrap();
    assert_eq!(refresh_of(&vault).await, "rt_1");
}

#[tokio::test]
async fn b11_263_a_call_that_hangs_is_reported_and_goes_on() {
    let keyring = FakeKeyring::new(ROOMY);
    let vault = Vault::start(keyring.clone(), Duration::from_millis(50)).unwrap();
    keyring.daemon().held = true;
    assert_eq!(vault.put(&acme(), &kept("rt_1", 1)).await, Err(KeyringFinding::Timeout));
    assert_eq!(vault.watch().borrow().state, KeyringState::Waiting);
    keyring.release();
    let mut state = vault.watch();
    let done = state.wait_for(|view| view.state == KeyringState::Available);
    tokio::time::timeout(Duration::from_secs(10), done).await.unwrap().unwrap();
    assert_eq!(refresh_of(&vault).await, "rt_1");
}

#[tokio::test]
async fn b11_264_a_restarted_daemon_gets_a_new_store() {
    let keyring = FakeKeyring::new(ROOMY);
    let vault = vault(&keyring);
    vault.put(&acme(), &kept("rt_1", 1)).await.unwrap();
    keyring.daemon().life += 1;
    assert_eq!(refresh_of(&vault).await, "rt_1");
    assert_eq!(keyring.daemon().opened, 2);

    // It comes back empty: that is a loss, not "never signed in".
    keyring.daemon().items.clear();
    assert_eq!(vault.get(&acme()).await.unwrap_err(), KeyringFinding::Lost);
    assert_eq!(vault.probe_item(&acme()).await, Err(KeyringFinding::Lost));
}

#[tokio::test]
async fn b11_265_no_keyring_is_absent_and_may_come_later() {
    let keyring = FakeKeyring::new(ROOMY);
    keyring.set_look(Look::Absent);
    let vault = vault(&keyring);
    assert_eq!(vault.put(&acme(), &kept("rt_1", 1)).await, Err(KeyringFinding::Absent));
    assert_eq!(vault.watch().borrow().state, KeyringState::Absent);
    keyring.set_look(Look::Open);
    vault.put(&acme(), &kept("rt_1", 1)).await.unwrap();
}

#[tokio::test]
async fn b11_266_a_closed_question_leaves_it_locked() {
    let keyring = FakeKeyring::new(ROOMY);
    keyring.set_look(Look::Locked);
    keyring.set_person_says_yes(false);
    let vault = vault(&keyring);
    assert_eq!(vault.unlock().await, Err(KeyringFinding::Locked));
    vault.probe().await.unwrap_err();
    assert_eq!(keyring.daemon().unlocks, 1);
}

#[tokio::test]
async fn b11_267_a_failed_write_keeps_the_old_one() {
    let keyring = FakeKeyring::new(ROOMY);
    let vault = vault(&keyring);
    vault.put(&acme(), &kept("rt_1", 1)).await.unwrap();
    keyring.daemon().says_no = Some("quota \u{202e}exceeded".into());
    assert_eq!(
        vault.put(&acme(), &kept("rt_2", 2)).await,
        Err(KeyringFinding::Refused("Platform failure: quota exceeded".into()))
    );
    assert_eq!(vault.watch().borrow().state, KeyringState::Refused);
    keyring.daemon().says_no = None;
    assert_eq!(refresh_of(&vault).await, "rt_1");
}

#[tokio::test]
async fn b11_268_a_cut_value_is_a_failed_write() {
    let keyring = FakeKeyring::new(ROOMY);
    let vault = vault(&keyring);
    keyring.daemon().cut_at = Some(40);
    assert!(matches!(vault.put(&acme(), &kept("rt_1", 1)).await, Err(KeyringFinding::Refused(_))));
}

#[tokio::test]
async fn b11_269_of_two_items_the_newest_counts() {
    let keyring = FakeKeyring::new(ROOMY);
    let vault = vault(&keyring);
    let framed = |kept: &Kept| [b"w", kept.encode().expose().as_bytes()].concat();
    for order in [[3, 5, 4], [5, 4, 3], [3, 4, 5]] {
        let items = order.iter().map(|n| framed(&kept(&format!("rt_{n}"), *n))).collect();
        keyring.daemon().items.insert("acme".into(), items);
        assert_eq!(refresh_of(&vault).await, "rt_5");
        assert_eq!(keyring.daemon().items["acme"].len(), 1);
    }
}

#[tokio::test]
async fn b11_270_271_what_is_not_ours_is_set_aside() {
    for garbage in
        [&b"hunter2"[..], &[0xff, 0xfe], b"w{\"v\":1}", b"p 1 2 abc", b"p 1 9999999 abc", b"", b"w\xff"]
    {
        let keyring = FakeKeyring::new(ROOMY);
        keyring.daemon().items.insert("acme".into(), vec![garbage.to_vec()]);
        let vault = vault(&keyring);
        // A whole value that is no sign-in is overwritten by a new one; all else is moved before that too.
        if !garbage.starts_with(b"w") {
            vault.put(&acme(), &kept("rt_0", 0)).await.unwrap();
            assert_eq!(keyring.daemon().items.remove("acme.damaged").unwrap(), vec![garbage.to_vec()]);
            keyring.daemon().items.insert("acme".into(), vec![garbage.to_vec()]);
        }
        assert_eq!(vault.get(&acme()).await.unwrap_err(), KeyringFinding::Lost, "{garbage:?}");
        assert_eq!(keyring.daemon().items["acme.damaged"], vec![garbage.to_vec()]);
        vault.put(&acme(), &kept("rt_1", 1)).await.unwrap();
        assert_eq!(refresh_of(&vault).await, "rt_1");
    }
    // A newer version's item stays where it is.
    let keyring = FakeKeyring::new(ROOMY);
    keyring.daemon().items.insert("acme".into(), vec![b"w{\"v\":9}".to_vec()]);
    assert!(matches!(vault(&keyring).get(&acme()).await, Err(KeyringFinding::Refused(_))));
    assert_eq!(keyring.daemon().items.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b11_272_calls_are_done_one_at_a_time_in_order() {
    let keyring = FakeKeyring::new(100);
    let vault = vault(&keyring);
    let calls: Vec<_> = (1..=40)
        .map(|n| {
            let vault = vault.clone();
            tokio::spawn(async move { vault.put(&acme(), &kept(&format!("rt_{n}"), n)).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    vault.put(&acme(), &kept("rt_last", 41)).await.unwrap();
    assert_eq!(refresh_of(&vault).await, "rt_last");
}

#[tokio::test]
async fn everything_is_erased() {
    let keyring = FakeKeyring::new(100);
    let vault = vault(&keyring);
    for name in ["acme", "other"] {
        vault.put(&RegistrationId::from_name(name), &kept(&"x".repeat(500), 1)).await.unwrap();
    }
    vault.erase_all().await.unwrap();
    assert!(keyring.daemon().items.is_empty());
    assert!(vault.get(&acme()).await.unwrap().is_none());
}

#[test]
fn b11_274_items_have_names() {
    // Empty attributes match everything in some keyrings.
    assert!(!super::SERVICE.is_empty() && !RegistrationId::from_name("").as_str().is_empty());
}
