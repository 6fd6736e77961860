//! One HTTP/1.1 request to a driver program on this computer, and its answer.

use crate::Result;
use anyhow::{Context, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Sends `body` and answers the `value` member of the reply.
///
/// # Errors
/// Nothing answers at `port`, or the driver says what went wrong.
pub(super) fn call(
    port: u16,
    method: &str,
    path: &str,
    body: Option<&Value>,
    within: Duration,
) -> Result<Value> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(within))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut reader = BufReader::new(stream);
    let (ok, text) = answer(&mut reader).with_context(|| format!("{method} {path}"))?;
    let reply: Value = serde_json::from_slice(&text).with_context(|| format!("{method} {path}: no JSON"))?;
    let value = reply.get("value").cloned().unwrap_or_default();
    if ok {
        return Ok(value);
    }
    let said = value["message"].as_str().unwrap_or_default().lines().next().unwrap_or_default();
    bail!("{method} {path}: {}: {said}", value["error"].as_str().unwrap_or("failed"))
}

/// Whether the status was 2xx, and the body.
fn answer(reader: &mut impl BufRead) -> Result<(bool, Vec<u8>)> {
    let status = line(reader)?;
    let ok = status.split(' ').nth(1).is_some_and(|code| code.starts_with('2'));
    let (mut length, mut chunked) = (None, false);
    loop {
        let header = line(reader)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').context("a header")?;
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = Some(value.trim().parse()?),
            "transfer-encoding" => chunked = value.trim().eq_ignore_ascii_case("chunked"),
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            let size = usize::from_str_radix(line(reader)?.split(';').next().unwrap_or_default().trim(), 16)?;
            exactly(reader, size, &mut body)?;
            line(reader)?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = length {
        exactly(reader, length, &mut body)?;
    } else {
        reader.read_to_end(&mut body)?;
    }
    Ok((ok, body))
}

fn exactly(reader: &mut impl BufRead, size: usize, body: &mut Vec<u8>) -> Result<()> {
    let read = reader.take(u64::try_from(size)?).read_to_end(body)?;
    if read == size { Ok(()) } else { bail!("the answer ended early") }
}

fn line(reader: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        bail!("no answer");
    }
    Ok(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_end_a_body_are_read() {
        let plain = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}rest";
        assert_eq!(answer(&mut &plain[..]).unwrap(), (true, b"{}".to_vec()));
        let chunked = b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
        assert_eq!(answer(&mut &chunked[..]).unwrap(), (false, b"{}".to_vec()));
        let short = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}";
        assert!(answer(&mut &short[..]).is_err());
    }
}
