//! Stories and cases of signing in, over real sockets. Numbers in names are those of the case catalogue.

mod browser;
mod rig;
mod scripted;
mod story;
