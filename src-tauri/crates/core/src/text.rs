//! Text that strangers wrote, made fit to be shown: nothing invisible, nothing that turns writing around, not endless.

/// Whether `letter` could make text look different from what it is: controls, and the marks that reorder, hide or
/// tag text (Unicode UAX #9 and the zero-width characters).
pub fn is_deceptive(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00ad}' | '\u{061c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// `text` on one line without deceptive characters, cut after `max` characters with an ellipsis.
pub fn clean(text: &str, max: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    for letter in text.trim().chars() {
        let letter = if matches!(letter, '\n' | '\r' | '\t') { ' ' } else { letter };
        if is_deceptive(letter) {
            continue;
        }
        if count == max {
            out.push('…');
            break;
        }
        out.push(letter);
        count += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_text_is_what_it_looks_like() {
        assert_eq!(clean("a\u{202e}b\u{0}c\u{200b}d\ne", 40), "abcd e");
        assert_eq!(clean("\u{1b}[31mred", 40), "[31mred");
        assert_eq!(clean("abcdef", 3), "abc…");
        assert_eq!(clean("abc", 3), "abc");
        assert_eq!(clean("Übung für Zoë", 40), "Übung für Zoë");
    }
}
