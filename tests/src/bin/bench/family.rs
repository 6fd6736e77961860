//! A program with the processes it started, as `/proc` shows them to everybody (proc(5)).

use attendant_tests::process;
use std::fs;

/// `pid` and everything below it.
pub fn of(pid: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> =
        all().into_iter().filter_map(|one| Some((one, numbers(one)?.parent))).collect();
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(parents.iter().filter(|(_, above)| *above == parent).map(|(one, _)| *one));
        next += 1;
    }
    family.retain(|one| process::runs(*one));
    family
}

/// The processor time that the family of `pid` has used, in clock ticks (10 ms), children that ended included.
pub fn ticks(pid: u32) -> u64 {
    of(pid).into_iter().filter_map(numbers).map(|numbers| numbers.ticks).sum()
}

/// How many WebKit pages run on this computer now.
pub fn webkit_pages() -> usize {
    let is_page = |pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.starts_with("WebKitWebProc"))
    };
    all().iter().filter(|pid| is_page(pid)).count()
}

fn all() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

struct Numbers {
    parent: u32,
    ticks: u64,
}

/// Fields 4 and 14 to 17. The name in field 2 may hold anything, so the count starts after its last `)`.
fn numbers(pid: u32) -> Option<Numbers> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat).into_owned();
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let ticks = fields.get(11..15)?.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
    Some(Numbers { parent: fields.get(1)?.parse().ok()?, ticks })
}
