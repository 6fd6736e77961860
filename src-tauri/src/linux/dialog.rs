//! The file chooser. It is GTK's own and runs in this process: the portal could not identify a process that keeps its
//! memory private, and refuses it.

use attendant_core::error::Problem;
use attendant_core::text::clean;
use attendant_protocol::Code;
use gtk::prelude::*;
use std::cell::Cell;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager as _};
use tokio::sync::oneshot;

/// The largest hand-off sheet that is read. A real one has about one kilobyte.
const MAX_SHEET: u64 = 64 * 1024;

/// A file the person chose.
#[derive(Debug)]
pub struct Sheet {
    /// Its name, without its folder.
    pub file: String,
    /// What it holds.
    pub text: String,
}

/// Lets the person choose a hand-off sheet and reads it; `None` when they closed the dialog.
///
/// # Errors
/// `sheet_unreadable` when the file cannot be read, is too large or is not text.
pub async fn choose_sheet(app: &AppHandle) -> Result<Option<Sheet>, Problem> {
    let Some(path) = choose_file(app).await else { return Ok(None) };
    read_sheet(&path).map(Some)
}

async fn choose_file(app: &AppHandle) -> Option<PathBuf> {
    let (chosen, wait) = oneshot::channel();
    let parent = app.get_webview_window(crate::windows::MAIN);
    app.run_on_main_thread(move || {
        let parent = parent.and_then(|window| window.gtk_window().ok());
        let dialog = gtk::FileChooserDialog::with_buttons(
            Some("Import a hand-off sheet"),
            parent.as_ref(),
            gtk::FileChooserAction::Open,
            &[("Cancel", gtk::ResponseType::Cancel), ("Import", gtk::ResponseType::Accept)],
        );
        dialog.set_default_response(gtk::ResponseType::Accept);
        dialog.set_modal(true);
        dialog.set_default_size(820, 560);
        dialog.add_filter(filter("Hand-off sheets", &["*.toml", "*.json", "*.txt"]));
        dialog.add_filter(filter("All files", &["*"]));
        let chosen = Cell::new(Some(chosen));
        dialog.connect_response(move |dialog, response| {
            let path = (response == gtk::ResponseType::Accept).then(|| dialog.filename()).flatten();
            if let Some(chosen) = chosen.take() {
                let _ = chosen.send(path);
            }
            dialog.close();
        });
        dialog.present();
    })
    .ok()?;
    wait.await.ok().flatten()
}

fn filter(name: &str, patterns: &[&str]) -> gtk::FileFilter {
    let filter = gtk::FileFilter::new();
    filter.set_name(Some(name));
    for pattern in patterns {
        filter.add_pattern(pattern);
    }
    filter
}

fn read_sheet(path: &Path) -> Result<Sheet, Problem> {
    let file = clean(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy(), 80);
    let unreadable = |why: &str| {
        Problem::new(Code::SheetUnreadable, format!("\u{201c}{file}\u{201d} {why}. Nothing was saved."))
    };
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(&reason(&error)))?;
    // A pipe or a device could keep the reader waiting for ever.
    if !metadata.is_file() {
        return Err(unreadable("is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_SHEET + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(&reason(&error)))?;
    if bytes.len() as u64 > MAX_SHEET {
        return Err(unreadable("is larger than any hand-off sheet"));
    }
    let text = String::from_utf8(bytes).map_err(|_| unreadable("is not a text file"))?;
    Ok(Sheet { file, text })
}

fn reason(error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::NotFound {
        "is no longer there".to_owned()
    } else if error.kind() == std::io::ErrorKind::PermissionDenied {
        "may not be read by you".to_owned()
    } else {
        format!("cannot be read ({error})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("attendant-dialog-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(name)
    }

    #[test]
    fn a_sheet_is_read_up_to_the_limit() {
        let path = scratch("limit.toml");
        std::fs::write(&path, vec![b'#'; MAX_SHEET as usize]).unwrap();
        assert_eq!(read_sheet(&path).unwrap().text.len() as u64, MAX_SHEET);
        std::fs::write(&path, vec![b'#'; MAX_SHEET as usize + 1]).unwrap();
        assert!(read_sheet(&path).unwrap_err().message.contains("larger"));
    }

    #[test]
    fn what_is_no_text_file_is_named() {
        let path = scratch("picture.toml");
        std::fs::write(&path, [0x89, b'P', b'N', b'G', 0xff]).unwrap();
        for (path, why) in [
            (path.clone(), "not a text file"),
            (std::env::temp_dir(), "is not a file"),
            (scratch("gone.toml"), "no longer there"),
        ] {
            let problem = read_sheet(&path).unwrap_err();
            assert_eq!(problem.code, Code::SheetUnreadable);
            assert!(problem.message.contains(why), "{}", problem.message);
        }
    }
}
