//! Lets a page lay itself out before its window is shown. GTK gives no size to what is not on the screen, so a page that
//! measures itself there would see a width of nothing and ask for a window as tall as the screen.

use gtk::prelude::*;
use tauri::{LogicalSize, WebviewWindow};

/// Gives the page of `window` the size that the window is about to have.
pub fn lay_out(window: &WebviewWindow, size: LogicalSize<f64>) {
    let size: LogicalSize<i32> = size.cast();
    let laid_out = window.with_webview(move |webview| {
        let page = webview.inner();
        if !page.is_mapped() {
            page.size_allocate(&gtk::Allocation::new(0, 0, size.width, size.height));
        }
    });
    if let Err(error) = laid_out {
        tracing::debug!(%error, "the window is gone");
    }
}
