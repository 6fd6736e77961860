//! Declares the windows' commands to Tauri and makes sure there is a page to embed.

#[path = "command_names.rs"]
mod command_names;

use std::fs;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=command_names.rs");
    println!("cargo:rerun-if-changed=../ui/dist");
    placeholder(Path::new("../ui/dist"));
    let mut commands: Vec<&'static str> = [command_names::MAIN, command_names::PROMPT].concat();
    commands.sort_unstable();
    commands.dedup();
    // Tauri wants the list for as long as the build script lives.
    let manifest = tauri_build::AppManifest::new().commands(Vec::leak(commands));
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        println!("cargo:warning=Tauri's build step failed: {error:#}");
        std::process::exit(1);
    }
}

/// A fresh clone compiles before the pages were built: each window then says what is missing.
fn placeholder(dist: &Path) {
    for page in ["index.html", "prompt.html"] {
        let page = dist.join(page);
        if page.exists() {
            continue;
        }
        let text = "<!doctype html><meta charset=\"utf-8\"><title>Attendant</title>\
                    <p>The pages are not built yet. Run <code>npm ci && npm run build</code> in <code>ui/</code>, \
                    then build Attendant again.</p>\n";
        if let Err(error) = fs::create_dir_all(dist).and_then(|()| fs::write(&page, text)) {
            println!("cargo:warning={} cannot be written: {error}", page.display());
        }
        println!("cargo:warning=ui/dist has no {}: using a placeholder", page.display());
    }
}
