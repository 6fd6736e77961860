//! Looking for secrets in the memory of other processes, through `/proc/PID/mem`. It needs root where a process is closed
//! to others of its own user, as Attendant's is.
//!
//! A secret counts as found when sixteen bytes of it in a row are there, at whatever offset, in one of the spellings a
//! program may keep it in. The spellings are kept masked, so that the scanner never finds itself.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

/// How many bytes of a secret in a row are a find.
const TELLING: usize = 16;
/// Memory is looked at in words: sixteen bytes at any offset hold a whole one.
const WORD: usize = 8;
const MASK: u8 = 0xa5;
const PAGE: u64 = 4096;
/// The most bytes read at once.
const READ: u64 = 4 * 1024 * 1024;
/// Bits of the first, quick look at a word.
const SIEVE_BITS: u32 = 20;

/// A secret found in a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// Which of the secrets that were looked for.
    pub secret: usize,
    /// How it is spelled there.
    pub spelling: String,
    /// Which bytes of the spelled secret are there.
    pub part: std::ops::Range<usize>,
    /// What kind of memory it is: `[heap]`, `[stack]`, a file, or nothing for memory of its own.
    pub region: String,
    /// The text before it, as far as it is text: says whose buffer it is.
    pub before: String,
}

/// One spelling of a secret, masked.
struct Spelled {
    secret: usize,
    name: &'static str,
    masked: Vec<u8>,
    /// For each sixteen bytes in a row, whether they give the secret away.
    telling: Vec<bool>,
}

/// What is looked for.
pub struct Needles {
    spelled: Vec<Spelled>,
    /// From a masked word to where it occurs: the spelling, and the offset there.
    words: HashMap<u64, Vec<(usize, usize)>>,
    sieve: Vec<u64>,
}

impl Needles {
    /// Every telling part of `secrets`; parts that `allowed` secrets have too are not looked for.
    pub fn new(secrets: &[String], allowed: &[String]) -> Self {
        let allowed: HashSet<Vec<u8>> = allowed
            .iter()
            .flat_map(|secret| spellings(secret))
            .flat_map(|(_, bytes)| bytes.windows(TELLING).map(<[u8]>::to_vec).collect::<Vec<_>>())
            .collect();
        let mut needles =
            Self { spelled: Vec::new(), words: HashMap::new(), sieve: vec![0; 1 << (SIEVE_BITS - 6)] };
        for (secret, value) in secrets.iter().enumerate() {
            for (name, bytes) in spellings(value) {
                let telling: Vec<bool> =
                    bytes.windows(TELLING).map(|window| !allowed.contains(window)).collect();
                let index = needles.spelled.len();
                for offset in 0..bytes.len().saturating_sub(WORD - 1) {
                    // Words of which every part of sixteen bytes is allowed lead nowhere.
                    let from = (offset + WORD).saturating_sub(TELLING);
                    if !telling.iter().take(offset + 1).skip(from).any(|telling| *telling) {
                        continue;
                    }
                    let word = word_at(&bytes, offset) ^ u64::from_ne_bytes([MASK; WORD]);
                    needles.words.entry(word).or_default().push((index, offset));
                    let bit = sieved(word);
                    needles.sieve[bit / 64] |= 1 << (bit % 64);
                }
                let masked = bytes.iter().map(|byte| byte ^ MASK).collect();
                needles.spelled.push(Spelled { secret, name, masked, telling });
            }
        }
        needles
    }

    /// Searches `memory`, which begins at a multiple of eight.
    fn search(&self, memory: &[u8], region: &str, finds: &mut Vec<Find>) {
        let (words, _) = memory.as_chunks::<WORD>();
        let mut done = 0;
        for (index, bytes) in words.iter().enumerate() {
            let word = u64::from_ne_bytes(*bytes);
            if word == 0 || index * WORD < done {
                continue;
            }
            let word = word ^ u64::from_ne_bytes([MASK; WORD]);
            let bit = sieved(word);
            if self.sieve[bit / 64] & (1 << (bit % 64)) == 0 {
                continue;
            }
            let at = index * WORD;
            let places = self.words.get(&word).map_or(&[][..], Vec::as_slice);
            let hits = places.iter().map(|place| self.hit(memory, at, *place));
            let Some(hit) = hits.filter(|hit| self.tells(hit)).max_by_key(|hit| hit.part.len()) else {
                continue;
            };
            done = hit.start + hit.part.len();
            let spelled = &self.spelled[hit.spelled];
            finds.push(Find {
                secret: spelled.secret,
                spelling: spelled.name.to_owned(),
                part: hit.part,
                region: region.to_owned(),
                before: printable(&memory[hit.start.saturating_sub(48)..hit.start]),
            });
        }
    }

    fn tells(&self, hit: &Hit) -> bool {
        let last = (hit.part.end + 1).saturating_sub(TELLING);
        let telling = &self.spelled[hit.spelled].telling;
        telling.iter().take(last).skip(hit.part.start).any(|telling| *telling)
    }

    /// How much of a spelling stands around `at`, where its word at `offset` stands.
    fn hit(&self, memory: &[u8], at: usize, (spelled, offset): (usize, usize)) -> Hit {
        let masked = &self.spelled[spelled].masked;
        let same = |(memory, masked): &(&u8, &u8)| **memory == **masked ^ MASK;
        let before = memory[..at].iter().rev().zip(masked[..offset].iter().rev()).take_while(same).count();
        let after = memory[at..].iter().zip(&masked[offset..]).take_while(same).count();
        Hit { spelled, start: at - before, part: offset - before..offset + after }
    }
}

/// A place where a spelling begins to stand, and the part of it that does.
struct Hit {
    spelled: usize,
    start: usize,
    part: std::ops::Range<usize>,
}

/// What a look at one process found.
#[derive(Debug, Default)]
pub struct Scan {
    /// How many bytes were looked at.
    pub bytes: u64,
    /// What is there that should not be.
    pub finds: Vec<Find>,
}

/// Searches everything the process `pid` may have written: its heap, its stacks, its own and shared memory.
///
/// # Errors
/// The process is gone, or closed to us.
pub fn scan(pid: u32, needles: &Needles) -> io::Result<Scan> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let mut memory = File::open(format!("/proc/{pid}/mem"))?;
    let pages = File::open(format!("/proc/{pid}/pagemap"))?;
    let mut scan = Scan::default();
    for line in maps.lines() {
        let Ok(region) = Region::read(line) else { continue };
        if !region.may_hold_secrets() {
            continue;
        }
        for (start, end) in present(&pages, region.start, region.end)? {
            let mut bytes = vec![0; usize::try_from(end - start).unwrap_or_default()];
            memory.seek(SeekFrom::Start(start))?;
            // A part of it may be gone again, or belong to a device.
            if memory.read_exact(&mut bytes).is_ok() {
                scan.bytes += end - start;
                needles.search(&bytes, &region.name, &mut scan.finds);
            }
        }
    }
    Ok(scan)
}

/// One line of `/proc/PID/maps` (proc(5)).
struct Region {
    start: u64,
    end: u64,
    permissions: String,
    name: String,
}

impl Region {
    fn read(line: &str) -> crate::Result<Self> {
        let mut fields = line.splitn(6, ' ');
        let mut field = || fields.next().context("a field");
        let (start, end) = field()?.split_once('-').context("a range")?;
        let (start, end) = (u64::from_str_radix(start, 16)?, u64::from_str_radix(end, 16)?);
        let permissions = field()?.to_owned();
        let name = line.splitn(6, ' ').nth(5).unwrap_or_default().trim().to_owned();
        Ok(Self { start, end, permissions, name })
    }

    /// A file that cannot be written through this region holds what the file holds; devices and the kernel's own pages
    /// are not the program's.
    fn may_hold_secrets(&self) -> bool {
        let of_file = self.name.starts_with('/');
        self.permissions.starts_with('r')
            && (self.permissions.contains('w') || !of_file)
            && !self.name.starts_with("[v")
            && !self.name.starts_with("/dev/dri")
    }
}

/// The parts of a region that have pages at all, at most [`READ`] bytes each. Web engines reserve gigabytes they never
/// touch.
fn present(pages: &File, start: u64, end: u64) -> io::Result<Vec<(u64, u64)>> {
    let mut parts: Vec<(u64, u64)> = Vec::new();
    let mut entries = vec![0_u8; 8 * 16 * 1024];
    let mut page = start / PAGE;
    while page < end / PAGE {
        let count = usize::try_from(end / PAGE - page).unwrap_or(usize::MAX).min(entries.len() / 8);
        let read = pages.read_at(&mut entries[..count * 8], page * 8)?;
        if read < 8 {
            break;
        }
        for entry in entries[..read].as_chunks::<8>().0 {
            // Bit 63: in memory. Bit 62: swapped out.
            if u64::from_ne_bytes(*entry) >> 62 != 0 {
                let at = page * PAGE;
                match parts.last_mut() {
                    Some((first, last)) if *last == at && at - *first < READ => *last = at + PAGE,
                    _ => parts.push((at, at + PAGE)),
                }
            }
            page += 1;
        }
    }
    Ok(parts)
}

/// How programs may hold a secret: as it is, as UTF-16, as base64 of it alone or inside something, in hexadecimal
/// digits, percent-encoded. The header of a token (RFC 7515 §3) is the same in every token, and no secret.
fn spellings(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let parts: Vec<&str> = secret.splitn(3, '.').collect();
    let telling = if parts.len() == 3 { &secret[parts[0].len() + 1..] } else { secret };
    let bytes = telling.as_bytes();
    let mut all = vec![
        ("raw", bytes.to_vec()),
        ("UTF-16", bytes.iter().flat_map(|byte| [*byte, 0]).collect()),
        ("hexadecimal", bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()),
    ];
    let percent: String = telling
        .chars()
        .map(|letter| match letter {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '_' | '.' | '~' => letter.to_string(),
            other => format!("%{:02X}", u32::from(other)),
        })
        .collect();
    if percent != telling {
        all.push(("percent-encoded", percent.into_bytes()));
    }
    for (lead, name) in
        ["base64", "base64, after one byte", "base64, after two bytes"].into_iter().enumerate()
    {
        let mut text = vec![0_u8; lead];
        text.extend_from_slice(bytes);
        // The first letters depend on what stood before, the last ones on what comes after.
        let own = |encoded: String| encoded.as_bytes()[[0, 2, 3][lead]..encoded.len() - 2].to_vec();
        let standard = own(STANDARD_NO_PAD.encode(&text));
        let for_urls = own(URL_SAFE_NO_PAD.encode(&text));
        if for_urls != standard {
            all.push((name, for_urls));
        }
        all.push((name, standard));
    }
    all.retain(|(_, bytes)| bytes.len() >= TELLING);
    all
}

fn word_at(bytes: &[u8], offset: usize) -> u64 {
    bytes[offset..].first_chunk().map_or(0, |word| u64::from_ne_bytes(*word))
}

fn sieved(word: u64) -> usize {
    // Fibonacci hashing.
    usize::try_from(word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SIEVE_BITS)).unwrap_or_default()
}

fn printable(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '·' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    /// Text nobody else has, made so that it never stands in memory before it is asked for.
    fn made(seed: u64) -> String {
        let mut value = seed;
        (0..64)
            .map(|_| {
                value = value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(b'a' + u8::try_from(value >> 33 & 15).unwrap_or_default())
            })
            .collect()
    }

    fn found(needles: &Needles) -> Vec<Find> {
        scan(std::process::id(), needles).unwrap().finds
    }

    #[test]
    fn a_secret_in_this_process_is_found_in_every_spelling_and_not_before() {
        let needles = Needles::new(&[made(7)], &[]);
        // The needle's own plain text was freed above; whatever is left of it is in freed memory, so look for names.
        let before = found(&needles).len();
        for (name, spelled) in spellings(&made(7)) {
            let mut buffer = vec![b'.'; 3];
            buffer.extend_from_slice(&spelled);
            let kept = black_box(buffer);
            let finds = found(&needles);
            assert!(
                finds.iter().any(|find| find.spelling == name
                    && find.before.ends_with("...")
                    && find.part.start == 0),
                "{name}: {before} before, now {finds:?}"
            );
            drop(black_box(kept));
        }
    }

    #[test]
    fn sixteen_bytes_anywhere_are_enough_and_fifteen_are_not() {
        let secret = made(8);
        let needles = Needles::new(std::slice::from_ref(&secret), &[]);
        for shift in 0..9 {
            for (length, expected) in [(16, 1), (15, 0)] {
                let mut memory = vec![b'!'; shift];
                memory.extend_from_slice(&secret.as_bytes()[20..20 + length]);
                memory.resize(64, b'!');
                let mut finds = Vec::new();
                needles.search(&memory, "", &mut finds);
                assert_eq!(finds.len(), expected, "{length} bytes at {shift}: {finds:?}");
                assert!(finds.iter().all(|find| find.part == (20..36)), "{finds:?}");
            }
        }
    }

    #[test]
    fn what_an_allowed_secret_has_too_is_not_looked_for() {
        let (shared, old, new) = (made(9), made(10), made(11));
        let needles = Needles::new(&[format!("{shared}{old}")], &[format!("{shared}{new}")]);
        let count = |text: &str| {
            let mut finds = Vec::new();
            needles.search(text.as_bytes(), "", &mut finds);
            finds.len()
        };
        assert_eq!((count(&shared), count(&new), count(&old)), (0, 0, 1));
    }

    #[test]
    fn the_scanner_does_not_find_what_it_looks_for_in_itself() {
        // Masked, the words of a secret stand nowhere as they are.
        let needles = Needles::new(&[made(12)], &[]);
        let mut finds = Vec::new();
        for spelled in &needles.spelled {
            let (padded, _) = spelled.masked.as_chunks::<WORD>();
            needles.search(padded.as_flattened(), "", &mut finds);
        }
        assert_eq!(finds, []);
    }
}
