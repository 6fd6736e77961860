//! Stories and cases of signing in, over real sockets. Numbers in names are those of the case catalogue.

mod browser;
mod discovery;
mod id_tokens;
mod listener;
mod paste;
mod rig;
mod scripted;
mod story;
mod tokens;
