//! One app in one world: folders of its own, a practice tenant, a clock that is moved, a keyring that outlives it.

use super::keyring::MemoryKeyring;
use super::person::{Habit, Person};
use attendant_core::broker::identify::Identifier;
use attendant_core::broker::listen;
use attendant_core::clock::{Clock, ManualClock};
use attendant_core::controller::{self, Desk, World as Outside};
use attendant_core::http::Http;
use attendant_core::paths::Paths;
use attendant_core::random::OsRandom;
use attendant_core::registration::RegistrationId;
use attendant_core::vault::Vault;
use attendant_core::view::{PromptView, RegistrationView, View};
use attendant_practice::{Answer, Command, Options, State, Stats};
use attendant_protocol::SessionState;
use std::ffi::OsString;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Nothing in a story takes this long.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub struct World {
    pub clock: ManualClock,
    pub tenant: State,
    pub person: Arc<Person>,
    pub keyring: MemoryKeyring,
    pub desk: Desk,
    pub folder: PathBuf,
    paths: Paths,
}

impl World {
    /// A world in which nobody has imported anything.
    pub async fn empty(habit: Habit) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("attendant-story-{}-{number}", std::process::id()));
        let home = folder.clone();
        let paths = Paths::new(uid(), |name| match name {
            "HOME" | "XDG_RUNTIME_DIR" => Some(OsString::from(&home)),
            _ => None,
        })
        .unwrap();
        paths.create(uid()).unwrap();
        let tenant = State::new(Options {
            redirect_urls: vec![format!("http://localhost:{}/callback", free_port())],
            remember_minted: true,
            ..Options::default()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        tenant.listens_on(listener.local_addr().unwrap());
        tokio::spawn(attendant_practice::run(listener, tenant.clone(), std::future::pending()));
        let clock = ManualClock::new(attendant_core::clock::SystemClock.now());
        let person = Arc::new(Person::new(habit));
        let keyring = MemoryKeyring::new();
        let desk = start(&clock, &person, &keyring, &paths);
        Self { clock, tenant, person, keyring, desk, folder, paths }
    }

    /// The practice tenant is imported, nobody is signed in.
    pub async fn imported(habit: Habit) -> Self {
        let world = Self::empty(habit).await;
        world.desk.save_sheet(world.tenant.sheet_toml(), None, vec![]).await.unwrap();
        world.until("the registration is shown", |view| !view.registrations.is_empty()).await;
        world
    }

    /// Pat is signed in to the practice tenant.
    pub async fn signed_in() -> Self {
        let world = Self::imported(Habit::SignsInAs("pat")).await;
        world.desk.sign_in(world.id(), false).await.unwrap();
        world.until_state(SessionState::Active).await;
        world
    }

    /// The app ends, however it ends, and starts again.
    pub async fn restart(&mut self) {
        self.person = Arc::new(Person::new(Habit::Waits));
        self.desk = start(&self.clock, &self.person, &self.keyring, &self.paths);
    }

    pub fn id(&self) -> RegistrationId {
        RegistrationId::from_name("Practice tenant")
    }

    pub fn registration(&self) -> RegistrationView {
        self.desk.view().registrations[0].clone()
    }

    /// Waits for a view.
    pub async fn until(&self, what: &str, wanted: impl Fn(&View) -> bool) {
        let mut views = self.desk.views();
        let found = tokio::time::timeout(DEADLINE, views.wait_for(|view| wanted(view))).await;
        assert!(
            found.is_ok_and(|found| found.is_ok()),
            "waited for: {what}; the last view: {:#?}",
            self.desk.view()
        );
    }

    pub async fn until_state(&self, state: SessionState) {
        self.until(&format!("{state:?}"), |view| {
            view.registrations.first().is_some_and(|one| one.status.state == state)
        })
        .await;
    }

    /// Waits for a prompt.
    pub async fn until_prompt(&self, wanted: impl Fn(&PromptView) -> bool) -> PromptView {
        let mut prompts = self.desk.prompts();
        let found = prompts.wait_for(|prompt| prompt.as_ref().is_some_and(&wanted));
        tokio::time::timeout(DEADLINE, found).await.expect("a prompt in time").unwrap().clone().unwrap()
    }

    pub async fn until_no_prompt(&self) {
        let mut prompts = self.desk.prompts();
        tokio::time::timeout(DEADLINE, prompts.wait_for(Option::is_none))
            .await
            .expect("no prompt in time")
            .unwrap();
    }

    pub fn control(&self, command: Command) {
        assert_eq!(self.tenant.control(command), Answer::Done { ok: true });
    }

    pub fn stats(&self) -> Stats {
        let Answer::Stats { stats } = self.tenant.control(Command::Stats {}) else { panic!("no stats") };
        stats
    }

    /// Waits until the tenant has counted what is wanted.
    pub async fn until_served(&self, wanted: impl Fn(&Stats) -> bool) {
        until(|| wanted(&self.stats())).await;
    }

    pub async fn until_keyring_is_empty(&self) {
        until(|| self.keyring.is_empty()).await;
    }

    /// Every token, code and verifier that ever existed here.
    pub fn minted(&self) -> Vec<String> {
        let Answer::Minted { minted } = self.tenant.control(Command::Minted {}) else {
            panic!("not remembered")
        };
        minted.into_iter().map(|one| one.value).collect()
    }

    /// Moves both clocks, the server's first.
    pub fn advance(&self, seconds: u64) {
        self.control(Command::AdvanceClock { seconds: i64::try_from(seconds).unwrap() });
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// The socket's path; the broker serves it.
    pub fn serve_broker(&self) -> PathBuf {
        let path = self.paths.runtime_dir.join("attendant.sock");
        let listener = listen::bind(&path).unwrap();
        let identifier = Arc::new(Identifier::new(None));
        tokio::spawn(listen::serve(listener, self.desk.clone(), identifier, Arc::new(OsRandom)));
        path
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Looks until `wanted`: for what tells nobody that it changed.
async fn until(wanted: impl Fn() -> bool) {
    let seen = async {
        let mut look = tokio::time::interval(Duration::from_millis(10));
        while !wanted() {
            look.tick().await;
        }
    };
    tokio::time::timeout(DEADLINE, seen).await.expect("it happened in time");
}

fn start(clock: &ManualClock, person: &Arc<Person>, keyring: &MemoryKeyring, paths: &Paths) -> Desk {
    controller::start(Outside {
        clock: Arc::new(clock.clone()),
        random: Arc::new(OsRandom),
        shell: person.clone(),
        http: Http::new().unwrap(),
        vault: Vault::start(Arc::new(keyring.clone()), DEADLINE).unwrap(),
        paths: paths.clone(),
    })
    .unwrap()
}

fn uid() -> u32 {
    rustix::process::getuid().as_raw()
}

/// A port free on both loopback families a moment ago; nothing else on the machine hands out the same one soon.
fn free_port() -> u16 {
    loop {
        let probe = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = probe.local_addr().unwrap().port();
        if TcpListener::bind(("::1", port)).is_ok() || TcpListener::bind("[::1]:0").is_err() {
            return port;
        }
    }
}
