//! The program: reads settings, starts the server, waits for the stop signal.

mod healthcheck;
mod log;
mod settings;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rds_mock::{Options, Seed, Server, StartError};
use tokio::signal::unix::{SignalKind, signal};

use crate::log::LOG;
use crate::settings::{Command, Settings};

/// How long calls in flight may take after a stop signal.
const GRACE: Duration = Duration::from_millis(800);

fn main() -> ExitCode {
    let settings = Settings::parse();
    let outcome = match settings.command {
        Some(Command::Healthcheck) => healthcheck::run(&settings),
        None => serve(&settings),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(io::stderr(), "rds-mock: {message}");
            ExitCode::FAILURE
        }
    }
}

fn serve(settings: &Settings) -> Result<(), String> {
    LOG.start(settings).map_err(|error| format!("cannot start: {error}"))?;
    let seed = match &settings.seed {
        Some(path) => Seed::read(path).map_err(|error| format!("--seed: {error}"))?,
        None => Seed::default(),
    };
    let options = Options {
        seed,
        max_security_groups: settings.max_security_groups,
        timestamp_skew: settings.timestamp_skew,
        max_accounts: settings.max_accounts,
        journal_entries: settings.journal_entries,
        journal_bytes: settings.journal_bytes,
        strict_parameters: settings.strict_parameters,
        admin_token: settings.admin_token.clone(),
        id_seed: settings.seed_ids,
        ..Options::default()
    };
    // One event loop, as in the library: no call waits for anything but its own bytes, and handing calls from thread to
    // thread costs more than answering them.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
    let outcome = runtime.block_on(async {
        tokio::spawn(LOG.run());
        // Before the URL is printed: whoever reads it may send a signal at once.
        let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
        let server = Server::bind(settings.listen, options).await.map_err(|error| match error {
            StartError::Seed(_) => format!("--seed: {error}"),
            _ => format!("--listen: {error}"),
        })?;
        announce(&server, settings)?;
        let stop = async {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            tracing::info!(signal = name, "stopping");
        };
        server.run(stop, GRACE).await;
        Ok(())
    });
    LOG.finish();
    outcome
}

/// Tells where the server is: the port file first, so that it is there when the URL is read.
fn announce(server: &Server, settings: &Settings) -> Result<(), String> {
    let address = server.address();
    if let Some(path) = &settings.port_file {
        write_atomically(path, &format!("{}\n", address.port()))
            .map_err(|error| format!("--port-file: {}: {error}", path.display()))?;
    }
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    // Nobody may be reading; that is no reason not to serve.
    let mut out = io::stdout();
    let _ = writeln!(out, "http://{address}").and_then(|()| out.flush());
    Ok(())
}

/// Whoever sees the file sees all of it.
fn write_atomically(path: &Path, text: &str) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    fs::write(&draft, text)?;
    fs::rename(&draft, path).inspect_err(|_| {
        let _ = fs::remove_file(&draft);
    })
}
