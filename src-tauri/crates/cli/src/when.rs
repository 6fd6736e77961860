//! Times from the app, which are RFC 3339, as a clock on the wall would show them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// This moment, here.
pub fn now() -> Zoned {
    Zoned::now()
}

/// `15:40`, or `15:40 on 2 January` when that is another day than `now`'s, or with the year when that differs too.
/// Text that is no time is returned as it is.
pub fn clock_time(text: &str, now: &Zoned) -> String {
    let Some(then) = local(text, now.time_zone()) else { return text.to_owned() };
    let format = if then.date() == now.date() {
        "%H:%M"
    } else if then.year() == now.year() {
        "%H:%M on %-d %B"
    } else {
        "%H:%M on %-d %B %Y"
    };
    then.strftime(format).to_string()
}

/// Whether `text` is a time that is over at `now`.
pub fn is_over(text: &str, now: &Zoned) -> bool {
    text.parse::<Timestamp>().is_ok_and(|then| then <= now.timestamp())
}

fn local(text: &str, zone: &TimeZone) -> Option<Zoned> {
    Some(text.parse::<Timestamp>().ok()?.to_zoned(zone.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Zoned {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_local_and_name_the_day_only_when_needed() {
        let now = at("2026-11-21T14:00:00+09:00[+09:00]");
        assert_eq!(clock_time("2026-11-21T06:40:00Z", &now), "15:40");
        assert_eq!(clock_time("2026-11-21T15:40:00Z", &now), "00:40 on 22 November");
        assert_eq!(clock_time("2027-01-02T06:40:00Z", &now), "15:40 on 2 January 2027");
        assert_eq!(clock_time("soon", &now), "soon");
    }

    #[test]
    fn over_is_over_at_the_moment_itself() {
        let now = at("2026-11-21T14:00:00+00:00[UTC]");
        assert!(is_over("2026-11-21T14:00:00Z", &now));
        assert!(!is_over("2026-11-21T14:00:01Z", &now));
        assert!(!is_over("soon", &now));
    }
}
