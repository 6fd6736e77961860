//! Whether there is a screen to draw on. Asked before the window library is, because that one ends the program with a
//! panic when there is none.

use attendant_core::error::Problem;
use attendant_protocol::Code;

/// Connects GTK to the display. Costs nothing extra: the window library does the same again and finds it done.
///
/// # Errors
/// `no_display`, with the name of the display that was tried.
pub fn connect() -> Result<(), Problem> {
    gtk::init().map_err(|_| Problem::new(Code::NoDisplay, sentence(|name| std::env::var(name).ok())))
}

fn sentence(env: impl Fn(&str) -> Option<String>) -> String {
    let tried: Vec<String> = ["WAYLAND_DISPLAY", "DISPLAY"]
        .into_iter()
        .filter_map(|name| env(name).filter(|value| !value.is_empty()).map(|value| (name, value)))
        .map(|(name, value)| format!("{name}={}", value.escape_debug()))
        .collect();
    if tried.is_empty() {
        "There is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set, so no window can be opened."
            .to_owned()
    } else {
        format!("The display cannot be reached ({}), so no window can be opened.", tried.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_what_was_tried() {
        let both = sentence(|name| (name == "DISPLAY").then(|| ":99".to_owned()));
        assert!(both.contains("DISPLAY=:99"), "{both}");
        assert!(sentence(|_| None).contains("neither DISPLAY nor WAYLAND_DISPLAY"));
    }
}
