//! `rds-mock healthcheck`: does the server that these settings started answer?

use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::settings::Settings;

/// For connecting, writing and reading, each.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Asks the server for its options, which it answers to anyone, and looks for the header that all its answers have.
pub(crate) fn run(settings: &Settings) -> Result<(), String> {
    let address = address(settings)?;
    match answer(address) {
        Ok(answer)
            if answer.starts_with("HTTP/1.1 200") && answer.to_ascii_lowercase().contains("x-acs-request-id:") =>
        {
            Ok(())
        }
        Ok(_) => Err(format!("something else than rds-mock answers on {address}")),
        Err(error) => Err(format!("no answer from {address}: {error}")),
    }
}

/// Where to ask: an address that stands for all of a machine's is asked on the loopback interface.
fn address(settings: &Settings) -> Result<SocketAddr, String> {
    let mut address = settings.listen;
    if let Some(path) = &settings.port_file {
        let complain = |why: String| format!("--port-file: {}: {why}", path.display());
        let text = fs::read_to_string(path).map_err(|error| complain(error.to_string()))?;
        let port = text.trim().parse().map_err(|_| complain(format!("{:?} is not a port", text.trim())))?;
        address.set_port(port);
    }
    if address.port() == 0 {
        return Err("--listen: port 0 says nothing about where the server is; give --port-file too".to_owned());
    }
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok(address)
}

fn answer(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(format!("OPTIONS / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    stream.take(16 * 1024).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
