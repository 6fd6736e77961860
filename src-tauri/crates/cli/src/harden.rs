//! What this process does to keep a token from being written to disk when it crashes.
//!
//! It does not make itself non-dumpable, as the app does: the app could then not see which program asks.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Allows core files of one byte. Zero would do for files, but the kernel still feeds a whole dump to a program that
/// collects crashes (`core(5)`, a pattern that starts with `|`); one is the value that stops both.
pub fn limit_core_dumps() {
    let one = |limit: Option<u64>| Some(limit.map_or(1, |limit| limit.min(1)));
    let now = getrlimit(Resource::Core);
    // Lowering a limit cannot be refused. Were it, the call would still be served: the limit is a second fence.
    let _ = setrlimit(Resource::Core, Rlimit { current: one(now.maximum), maximum: one(now.maximum) });
}
