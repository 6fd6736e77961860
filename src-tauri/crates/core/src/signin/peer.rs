//! Whose socket is at the other end of a loopback connection, and who holds a port, as the kernel's TCP table says
//! (proc(5), /proc/net/tcp). Readable by everyone, so it works without privileges.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The user behind a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Our own user.
    Own,
    /// Certainly another user.
    Other,
    /// The table does not say: no entry, or one without an owner any more. Not the same as another user.
    Unknown,
}

/// A program that holds a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its name as the system knows it.
    pub name: String,
    /// Its process id.
    pub pid: u32,
}

/// Finds out who connected from `peer` to us at `local`.
#[cfg(target_os = "linux")]
pub(crate) fn peer_of(peer: SocketAddr, local: SocketAddr) -> Peer {
    let own = rustix::process::geteuid().as_raw();
    let found = tables().find_map(|table| {
        table.lines().filter_map(Entry::read).find(|entry| entry.local == peer && entry.remote == local)
    });
    match found {
        Some(Entry { inode: 0, .. }) | None => Peer::Unknown,
        Some(entry) if entry.uid == own => Peer::Own,
        Some(_) => Peer::Other,
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn peer_of(_peer: SocketAddr, _local: SocketAddr) -> Peer {
    Peer::Unknown
}

/// The program of this user that listens on `port`, if it can be told cheaply.
#[cfg(target_os = "linux")]
pub(crate) fn holder_of(port: u16) -> Option<Holder> {
    const LISTEN: &str = "0A";
    let inodes: Vec<u64> = tables()
        .flat_map(|table| table.lines().filter_map(Entry::read).collect::<Vec<_>>())
        .filter(|entry| entry.local.port() == port && entry.state == LISTEN && entry.inode != 0)
        .map(|entry| entry.inode)
        .collect();
    let wanted: Vec<String> = inodes.iter().map(|inode| format!("socket:[{inode}]")).collect();
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(files) = std::fs::read_dir(process.path().join("fd")) else { continue };
        let holds = files.flatten().any(|file| {
            std::fs::read_link(file.path())
                .is_ok_and(|link| wanted.iter().any(|socket| link.as_os_str() == socket.as_str()))
        });
        if holds {
            let name = std::fs::read_to_string(process.path().join("comm")).ok()?;
            return Some(Holder { name: crate::text::clean(&name, 40), pid });
        }
    }
    None
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn holder_of(_port: u16) -> Option<Holder> {
    None
}

#[cfg(target_os = "linux")]
fn tables() -> impl Iterator<Item = String> {
    ["/proc/self/net/tcp", "/proc/self/net/tcp6"]
        .into_iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
}

struct Entry {
    local: SocketAddr,
    remote: SocketAddr,
    state: String,
    uid: u32,
    inode: u64,
}

impl Entry {
    /// `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`
    fn read(line: &str) -> Option<Self> {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let (local, remote) = (address(fields.next()?)?, address(fields.next()?)?);
        let state = fields.next()?.to_owned();
        let mut fields = fields.skip(3);
        let uid = fields.next()?.parse().ok()?;
        let inode = fields.nth(1)?.parse().ok()?;
        Some(Self { local, remote, state, uid, inode })
    }
}

/// Words of 32 bits in the machine's order, then the port in hexadecimal. A program that uses an IPv6 socket for an
/// IPv4 address stands there as a mapped address.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| Some(u32::from_str_radix(ip.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    let ip = if ip.len() == 8 {
        IpAddr::from(word(0)?)
    } else {
        let mut bytes = [0_u8; 16];
        for (index, part) in bytes.chunks_exact_mut(4).enumerate() {
            part.copy_from_slice(&word(index * 8)?);
        }
        Ipv6Addr::from(bytes).to_canonical()
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_both_families_are_read() {
        let line = "   1: 0100007F:20E5 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1001        0 77031 1 0";
        let entry = Entry::read(line).unwrap();
        assert_eq!(entry.local, "127.0.0.1:8421".parse().unwrap());
        assert_eq!((entry.uid, entry.inode, entry.state.as_str()), (1001, 77031, "01"));
        assert_eq!(
            address("00000000000000000000000001000000:20E5").unwrap(),
            "[::1]:8421".parse::<SocketAddr>().unwrap()
        );
        assert_eq!(
            address("0000000000000000FFFF00000100007F:0050").unwrap(),
            "127.0.0.1:80".parse::<SocketAddr>().unwrap()
        );
        assert!(Entry::read("  sl  local_address rem_address   st tx_queue").is_none());
    }

    #[test]
    fn our_own_connection_and_our_own_port_are_recognised() {
        for bind in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = std::net::TcpListener::bind(bind) else { continue };
            let local = listener.local_addr().unwrap();
            let stream = std::net::TcpStream::connect(local).unwrap();
            assert_eq!(peer_of(stream.local_addr().unwrap(), local), Peer::Own, "{bind}");
            assert_eq!(holder_of(local.port()).map(|holder| holder.pid), Some(std::process::id()), "{bind}");
            let nobody = SocketAddr::new(local.ip(), 1);
            assert_eq!(peer_of(nobody, local), Peer::Unknown);
        }
    }
}
