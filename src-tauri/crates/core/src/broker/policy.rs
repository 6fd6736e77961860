//! Who may have what: `judge(ask, grants, now)`, pure. Anything the grants do not allow is asked; a recent no is a no.

use crate::broker::caller::{Caller, Identity, Run};
use crate::clock::Time;
use crate::registration::RegistrationId;
use crate::scopes;
use crate::view::GrantDuration;
use attendant_protocol::Code;

/// What is asked, after everything the app itself knows was put in.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// For which registration.
    pub registration: &'a RegistrationId,
    /// The scopes it would get: those it named, or all of the sign-in.
    pub scopes: &'a [String],
}

/// What the person allowed.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Names it in the window and in records.
    pub id: String,
    /// For which registration.
    pub registration: RegistrationId,
    /// To whom. A caller that could not be checked never gets a grant that lasts.
    pub identity: Identity,
    /// The process it began with.
    pub run: Run,
    /// The most it may use.
    pub scopes: Vec<String>,
    /// For how long.
    pub duration: GrantDuration,
    /// Since when.
    pub since: Time,
}

/// A no that still holds.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// For which registration.
    pub registration: RegistrationId,
    /// To whom; a caller that could not be checked is known by its process.
    pub who: Who,
    /// Until when.
    pub until: Time,
}

/// Whom a refusal holds for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// A program that could be checked, however often it starts.
    Program(Identity),
    /// One process.
    Process(Run),
}

impl Who {
    /// The most lasting name the system gives this caller.
    pub fn of(caller: &Caller) -> Self {
        caller.identity.clone().map_or(Self::Process(caller.run), Self::Program)
    }
}

impl Who {
    /// Who is answered together with this caller: never another process of a program that runs many automations.
    pub fn joining(caller: &Caller) -> Self {
        if caller.host || caller.terminal { Self::Process(caller.run) } else { Self::of(caller) }
    }
}

/// What to do about an ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Allowed by the grant of this id.
    Allow {
        /// The grant.
        grant: String,
    },
    /// Nobody decided yet: ask the person.
    AskPerson,
    /// No, for this reason.
    Deny(Code),
}

/// Decides what to do about `ask`.
pub fn judge(ask: &Ask<'_>, grants: &[Grant], refusals: &[Refusal], locked: bool, now: Time) -> Verdict {
    if locked {
        return Verdict::Deny(Code::Locked);
    }
    if refused(ask.caller, ask.registration, refusals, now) {
        return Verdict::Deny(Code::DeniedCooldown);
    }
    match grants.iter().find(|grant| allows(grant, ask)) {
        Some(grant) => Verdict::Allow { grant: grant.id.clone() },
        None => Verdict::AskPerson,
    }
}

/// Whether a no to `caller` still holds.
pub fn refused(caller: &Caller, registration: &RegistrationId, refusals: &[Refusal], now: Time) -> bool {
    let who = Who::of(caller);
    refusals.iter().any(|one| one.registration == *registration && one.who == who && one.until > now)
}

fn allows(grant: &Grant, ask: &Ask<'_>) -> bool {
    let Some(identity) = &ask.caller.identity else { return false };
    let same_run = match grant.duration {
        GrantDuration::Once => false,
        GrantDuration::ThisRun => grant.run == ask.caller.run,
        // A host program runs many automations: what one was allowed says nothing about the next.
        GrantDuration::UntilLock => !ask.caller.host && !ask.caller.terminal,
    };
    same_run
        && grant.registration == *ask.registration
        && grant.identity == *identity
        && ask.scopes.iter().all(|scope| scopes::covers(&grant.scopes, scope))
}

/// The durations a caller may be offered, the first preselected.
pub fn durations(caller: &Caller) -> Vec<GrantDuration> {
    if caller.identity.is_none() {
        return vec![GrantDuration::Once];
    }
    if caller.host || caller.terminal {
        return vec![GrantDuration::Once, GrantDuration::ThisRun];
    }
    vec![GrantDuration::Once, GrantDuration::ThisRun, GrantDuration::UntilLock]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::caller::Program;
    use std::sync::Arc;

    fn caller(inode: u64, pid: u32) -> Caller {
        let program = Program { path: "/opt/sync".into(), device: 1, inode };
        Caller {
            run: Run { pid, started: 7 },
            pidfd: Arc::new(std::fs::File::open("/dev/null").unwrap().into()),
            identity: Some(Identity { program, script: None, content: [0; 32] }),
            host: false,
            terminal: false,
            started_by: vec![],
            folder: None,
        }
    }

    fn grant(duration: GrantDuration) -> Grant {
        let one = caller(1, 10);
        Grant {
            id: "g".into(),
            registration: RegistrationId::from_name("acme"),
            identity: one.identity.unwrap(),
            run: one.run,
            scopes: vec!["OR.Jobs".into(), "OR.Queues.Read".into()],
            duration,
            since: now(),
        }
    }

    fn now() -> Time {
        chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn verdict(
        caller: &Caller,
        scopes: &[&str],
        grants: &[Grant],
        refusals: &[Refusal],
        locked: bool,
    ) -> Verdict {
        let scopes: Vec<String> = scopes.iter().map(|one| (*one).to_owned()).collect();
        let registration = RegistrationId::from_name("acme");
        judge(&Ask { caller, registration: &registration, scopes: &scopes }, grants, refusals, locked, now())
    }

    #[test]
    fn every_row() {
        let allow = Verdict::Allow { grant: "g".into() };
        let unchecked = Caller { identity: None, ..caller(1, 10) };
        let host = Caller { host: true, ..caller(1, 10) };
        let until_lock = [grant(GrantDuration::UntilLock)];
        let this_run = [grant(GrantDuration::ThisRun)];
        let once = [grant(GrantDuration::Once)];
        type Row<'a> = (&'a str, Caller, &'a [&'a str], &'a [Grant], Verdict);
        let rows: Vec<Row<'_>> = vec![
            ("nobody was asked yet", caller(1, 10), &["OR.Jobs"], &[], Verdict::AskPerson),
            ("the same run", caller(1, 10), &["OR.Jobs"], &this_run, allow.clone()),
            ("another run of the same program", caller(1, 11), &["OR.Jobs"], &this_run, Verdict::AskPerson),
            ("until lock: another run too", caller(1, 11), &["OR.Jobs"], &until_lock, allow.clone()),
            ("a parent scope covers its child", caller(1, 10), &["OR.Jobs.Read"], &until_lock, allow),
            (
                "a child does not cover its parent",
                caller(1, 10),
                &["OR.Queues"],
                &until_lock,
                Verdict::AskPerson,
            ),
            ("more than granted", caller(1, 10), &["OR.Jobs", "OR.Assets"], &until_lock, Verdict::AskPerson),
            ("the program was replaced", caller(2, 10), &["OR.Jobs"], &until_lock, Verdict::AskPerson),
            ("a caller that cannot be checked", unchecked, &["OR.Jobs"], &until_lock, Verdict::AskPerson),
            ("a host program, until lock", host, &["OR.Jobs"], &until_lock, Verdict::AskPerson),
            ("once is over when it was used", caller(1, 10), &["OR.Jobs"], &once, Verdict::AskPerson),
        ];
        for (row, caller, scopes, grants, expected) in rows {
            assert_eq!(verdict(&caller, scopes, grants, &[], false), expected, "{row}");
        }
    }

    #[test]
    fn locked_gives_nothing_whatever_was_granted() {
        let verdict = verdict(&caller(1, 10), &["OR.Jobs"], &[grant(GrantDuration::UntilLock)], &[], true);
        assert_eq!(verdict, Verdict::Deny(Code::Locked));
    }

    #[test]
    fn b10_220_a_no_holds_for_its_time_and_no_longer() {
        let who = Who::of(&caller(1, 10));
        let refusal = |seconds| Refusal {
            registration: RegistrationId::from_name("acme"),
            who: who.clone(),
            until: now() + chrono::TimeDelta::seconds(seconds),
        };
        let again = caller(1, 99);
        assert_eq!(
            verdict(&again, &["OR.Jobs"], &[], &[refusal(1)], false),
            Verdict::Deny(Code::DeniedCooldown)
        );
        assert_eq!(verdict(&again, &["OR.Jobs"], &[], &[refusal(0)], false), Verdict::AskPerson);
    }

    #[test]
    fn processes_of_a_host_program_are_not_answered_together() {
        for host in [true, false] {
            let one = |pid| Caller { host, terminal: !host, ..caller(1, pid) };
            assert_ne!(Who::joining(&one(10)), Who::joining(&one(11)));
        }
        assert_eq!(Who::joining(&caller(1, 10)), Who::joining(&caller(1, 11)));
    }

    #[test]
    fn what_may_be_offered_depends_on_what_could_be_checked() {
        let terminal = Caller { terminal: true, ..caller(1, 1) };
        assert_eq!(durations(&caller(1, 1)).len(), 3);
        assert_eq!(durations(&terminal), [GrantDuration::Once, GrantDuration::ThisRun]);
        assert_eq!(durations(&Caller { identity: None, ..caller(1, 1) }), [GrantDuration::Once]);
    }
}
