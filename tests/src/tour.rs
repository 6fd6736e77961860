//! The demo's story, step by step. Under construction: the steps follow with the window.
