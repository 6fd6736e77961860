//! Counting tests in what test programs print.

/// Tests that passed and that did not.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Passed.
    pub passed: u32,
    /// Failed. A test that was ignored did not run, and counts here.
    pub failed: u32,
}

impl Count {
    /// One check that is its own test.
    pub fn one(passed: bool) -> Self {
        Self { passed: u32::from(passed), failed: u32::from(!passed) }
    }

    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

/// Sums the `test result:` lines of Rust's test programs.
pub fn rust(lines: &[String]) -> Count {
    let mut count = Count::default();
    for line in lines {
        let Some((_, result)) = line.split_once("test result: ") else { continue };
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(what)) = (words.next(), words.next()) else { continue };
            let Ok(number) = number.parse::<u32>() else { continue };
            match what {
                "passed" => count.passed += number,
                "failed" | "ignored" => count.failed += number,
                _ => {}
            }
        }
    }
    count
}

/// Reads vitest's closing `Tests  3 failed | 12 passed (15)` line.
pub fn vitest(lines: &[String]) -> Count {
    let mut count = Count::default();
    for line in lines.iter().map(|line| plain(line)) {
        let Some(rest) = line.trim().strip_prefix("Tests ") else { continue };
        let words: Vec<&str> = rest.split_whitespace().collect();
        for pair in words.windows(2) {
            if let [number, what] = pair
                && let Ok(number) = number.parse::<u32>()
            {
                match *what {
                    "passed" => count.passed += number,
                    "failed" | "skipped" | "todo" => count.failed += number,
                    _ => {}
                }
            }
        }
    }
    count
}

/// `line` without terminal colours.
fn plain(line: &str) -> String {
    let mut plain = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            letters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(letter);
        }
    }
    plain
}

/// The test programs that `cargo test --no-run` names on standard error, as `(source file, program)`.
pub fn executables(lines: &[String]) -> Vec<(String, String)> {
    lines
        .iter()
        .map(|line| plain(line))
        .filter_map(|line| {
            let rest = line.trim().strip_prefix("Executable ")?.to_owned();
            let (source, program) = rest.split_once(" (")?;
            let source = source.trim_start_matches("unittests ").to_owned();
            Some((source, program.trim_end_matches(')').to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn ignored_tests_count_as_failed() {
        let said = lines(
            "running 3 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s\n\
             test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        );
        assert_eq!(rust(&said), Count { passed: 6, failed: 3 });
    }

    #[test]
    fn vitest_is_read_with_and_without_colours() {
        assert_eq!(vitest(&lines("      Tests  12 passed (12)")), Count { passed: 12, failed: 0 });
        let coloured = lines(
            "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m3 failed\u{1b}[39m\u{1b}[22m | \u{1b}[32m9 passed\u{1b}[39m (12)",
        );
        assert_eq!(vitest(&coloured), Count { passed: 9, failed: 3 });
    }

    #[test]
    fn test_programs_are_found() {
        let said = lines(
            "   Compiling x\n  Executable stories/main.rs (target/debug/deps/stories-0a1b)\n  Executable unittests src/lib.rs (/t/x-2)",
        );
        assert_eq!(
            executables(&said),
            [
                ("stories/main.rs".to_owned(), "target/debug/deps/stories-0a1b".to_owned()),
                ("src/lib.rs".to_owned(), "/t/x-2".to_owned())
            ]
        );
    }
}
