//! The yardstick: an axum server that does nothing but send one fixed answer, whatever it is asked.
//!
//! Status, headers and body are as many bytes as rds-mock's JSON answer to ModifySecurityGroupConfiguration, so what
//! rds-mock takes longer is what it does: reading parameters, checking signature and nonce, changing the instance, logging.
//! Listens at the address that is its first argument, 127.0.0.1:0 without one, and prints its URL on the first line. It has
//! the event loop that `#[tokio::main]` gives, a thread for each core, or with `one` as second argument a single thread.

use std::io::{self, Write};

use axum::Router;
use axum::response::IntoResponse;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// As long as the answer that rds-mock gives to the calls of `load/sign.py`, to the byte.
const BODY: &str = concat!(
    r#"{"Items":{"EcsSecurityGroupRelation":[{"NetworkType":"VPC","SecurityGroupId":"sg-bp1aaaaaaaaaaaaaaaaa","#,
    r#""RegionId":"cn-hangzhou"}]},"RequestId":"2603CA96-B17D-5903-BC04-61A2C829CD94","DBInstanceName":"rm-uf6wjk5xxxxxx"}"#,
);
const HEADERS: [(&str, &str); 8] = [
    ("content-type", "application/json;charset=utf-8"),
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "*"),
    ("x-acs-request-id", "2603CA96-B17D-5903-BC04-61A2C829CD94"),
    ("x-acs-trace-id", "f893a2eefb32555e71c18690ee42c90b"),
    ("etag", "2oaz//X+g7fiMYVY+oq++Q8x"),
    ("connection", "keep-alive"),
    ("keep-alive", "timeout=25"),
];

async fn answer() -> impl IntoResponse {
    (HEADERS, BODY)
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let address = arguments.first().map_or("127.0.0.1:0", String::as_str);
    let is_one = arguments.get(1).is_some_and(|threads| threads == "one");
    let mut runtime = if is_one { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    runtime.enable_all().build()?.block_on(async {
        let listener = TcpListener::bind(address).await?;
        writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
        io::stdout().flush()?;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, Router::new().fallback(answer)).await
    })
}
