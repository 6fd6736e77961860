//! Durations as people type them: `90s`, `40m`, `2h`, `1h30m`.

use std::time::Duration;

/// Reads a duration. Every number needs its unit, because a bare `40` means minutes to one reader and seconds to another.
///
/// # Errors
/// A sentence that says how to write it.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || "write it like 90s, 40m, 2h or 1h30m".to_owned();
    let mut total: u64 = 0;
    let mut number: Option<u64> = None;
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            let so_far = number.unwrap_or(0).checked_mul(10).ok_or_else(wrong)?;
            number = Some(so_far.checked_add(digit.into()).ok_or_else(wrong)?);
            continue;
        }
        let seconds = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(wrong()),
        };
        let part = number.take().ok_or_else(wrong)?.checked_mul(seconds).ok_or_else(wrong)?;
        total = total.checked_add(part).ok_or_else(wrong)?;
    }
    if text.is_empty() || number.is_some() { Err(wrong()) } else { Ok(Duration::from_secs(total)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_type() {
        for (text, seconds) in
            [("90s", 90), ("40m", 2400), ("2h", 7200), ("1h30m", 5400), ("1d", 86_400), ("0s", 0)]
        {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn refuses_what_can_be_misread() {
        for text in [
            "",
            "40",
            "m",
            "1h30",
            "-5m",
            "1.5h",
            "40 m",
            "4ß",
            "99999999999999999999s",
            "999999999999999999d",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
