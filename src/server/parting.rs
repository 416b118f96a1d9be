//! How a connection ends that a fault breaks.

use std::time::Duration;

use axum::body::Body;
use http::Response;
use http_body_util::BodyExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::account::Break;

/// What begins no HTTP answer.
const GARBAGE: &[u8] = b"\x00\xff\xfe garbage, planned by a fault\r\n";

/// How long the client may take to read it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The last that a client gets.
#[derive(Debug)]
pub(super) struct Parting {
    bytes: Vec<u8>,
    resets: bool,
}

impl Parting {
    /// What is left of an answer when its connection is broken.
    pub(super) async fn of(breaks: Break, answer: Response<Body>) -> Self {
        let bytes = match breaks {
            Break::Reset | Break::Close => Vec::new(),
            Break::Garbage => GARBAGE.to_vec(),
            Break::Cut => half(answer).await,
        };
        Self { bytes, resets: breaks == Break::Reset }
    }

    /// Says it and closes.
    pub(super) async fn say(self, mut stream: TcpStream) {
        if self.resets {
            // Nobody can be told if it fails; the client sees a close instead.
            let _ = stream.set_zero_linger();
            return;
        }
        let written = async {
            stream.write_all(&self.bytes).await?;
            stream.shutdown().await
        };
        // Who does not read it does not get it.
        let _ = tokio::time::timeout(PATIENCE, written).await;
    }
}

/// The head of an answer, which promises all of the body, and half of it.
async fn half(answer: Response<Body>) -> Vec<u8> {
    let (head, body) = answer.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\n", head.status, body.len()).into_bytes();
    for (name, value) in &head.headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body[..body.len() / 2]);
    bytes
}
