//! Transcripts: the real program against a scripted app, over real sockets. Each `*.toml` beside this file tells what is
//! typed, what the app says, and what must come out, byte for byte.
//!
//! They run one after another in one test, because some start programs written a moment before, which Linux refuses
//! while another thread forks (`ETXTBSY`).

#[cfg(test)]
mod case;
#[cfg(test)]
mod fake_app;
#[cfg(test)]
mod run;

use case::Case;
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn transcripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let cases = case::read_all(&folder);
    let failures: Vec<String> = cases.iter().filter_map(|case| run::run(case).err()).collect();
    assert!(failures.is_empty(), "{} of {} failed\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
    everything_is_covered(&cases);
}

/// A verb or an exit code without a transcript is a promise nobody keeps.
fn everything_is_covered(cases: &[Case]) {
    let exits: BTreeSet<i32> = cases.iter().map(|case| case.exit).collect();
    let missing: Vec<i32> = (0..=8).filter(|exit| !exits.contains(exit)).collect();
    assert!(missing.is_empty(), "no transcript ends with {missing:?}");
    for verb in ["status", "sign-in", "sign-out", "token", "import", "open", "practice"] {
        let done = |case: &&Case| case.exit == 0 && case.args.first().is_some_and(|first| first == verb);
        assert!(cases.iter().any(|case| done(&case)), "no transcript in which {verb} succeeds");
    }
}
