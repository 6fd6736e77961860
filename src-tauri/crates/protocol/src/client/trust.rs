//! Is it our own app at the other end? Looked at before a byte is sent, because a request may carry a sign-in's answer
//! and a reply is believed.
//!
//! Another user could plant a socket where ours is expected. So the folder must be ours and closed to everybody else,
//! the socket must be ours, and the process behind it must run as us (`SO_PEERCRED`, unix(7): the credentials of the
//! process that called `listen`).

use super::{ClientError, Distrust};
use rustix::net::sockopt::socket_peercred;
use rustix::process::geteuid;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Looks at the socket's folder and at the socket, following no link.
pub(super) fn check_path(socket: &Path) -> Result<(), ClientError> {
    let ours = geteuid().as_raw();
    let look = |path: &Path| path.symlink_metadata().map_err(|error| ClientError::reaching(socket, error));
    let distrust = |why: Distrust, path: &Path| Err(ClientError::NotTrusted { why, path: path.to_owned() });

    let folder = socket.parent().unwrap_or(Path::new("/"));
    let about_folder = look(folder)?;
    if !about_folder.is_dir() {
        return distrust(Distrust::NotAFolder, folder);
    }
    if about_folder.uid() != ours {
        return distrust(Distrust::FolderOwner, folder);
    }
    if about_folder.mode() & 0o077 != 0 {
        return distrust(Distrust::FolderMode, folder);
    }

    let about_socket = look(socket)?;
    if !about_socket.file_type().is_socket() {
        return distrust(Distrust::NotASocket, socket);
    }
    if about_socket.uid() != ours {
        return distrust(Distrust::SocketOwner, socket);
    }
    Ok(())
}

/// Looks at the process that listens.
pub(super) fn check_peer(stream: &UnixStream) -> Result<(), ClientError> {
    let peer = socket_peercred(stream).map_err(std::io::Error::from)?;
    if peer.uid == geteuid() {
        return Ok(());
    }
    let path = stream.peer_addr().ok().and_then(|address| address.as_pathname().map(Path::to_owned));
    Err(ClientError::NotTrusted { why: Distrust::PeerOwner, path: path.unwrap_or_default() })
}
