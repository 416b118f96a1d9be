//! The program's settings: every flag is also an `RDS_MOCK_…` variable.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Parser, Subcommand, ValueEnum};
use jiff::SignedDuration;
use rds_mock::{
    DEFAULT_JOURNAL_BYTES, DEFAULT_JOURNAL_ENTRIES, DEFAULT_MAX_ACCOUNTS, DEFAULT_MAX_SECURITY_GROUPS, Secret,
};

/// A local stand-in for the Alibaba Cloud ApsaraDB RDS endpoint (rds.aliyuncs.com, API version 2014-08-15).
///
/// Prints its URL on the first line of standard output and logs to standard error. Point an SDK's endpoint at it and sign
/// with an access key of the seed (testid / testsecret unless --seed says otherwise).
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Settings {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, global = true, env = "RDS_MOCK_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:20140")]
    pub(crate) listen: SocketAddr,

    /// Write the port to this file once the server is listening
    #[arg(long, global = true, env = "RDS_MOCK_PORT_FILE", value_name = "PATH")]
    pub(crate) port_file: Option<PathBuf>,

    /// Start with the accounts of this YAML or JSON file instead of the built-in demo
    #[arg(long, global = true, env = "RDS_MOCK_SEED", value_name = "FILE")]
    pub(crate) seed: Option<PathBuf>,

    /// How many ECS security groups an instance may be added to, 1 to 1000; the newest service allows 10
    #[arg(long, global = true, env = "RDS_MOCK_MAX_SECURITY_GROUPS", value_name = "N",
          default_value_t = DEFAULT_MAX_SECURITY_GROUPS, value_parser = max_security_groups)]
    pub(crate) max_security_groups: usize,

    /// How far a call's timestamp may be from now, 1s to 24h; for example 90s, 15m, 1h
    #[arg(long, global = true, env = "RDS_MOCK_TIMESTAMP_SKEW", value_name = "TIME",
          default_value = "15m", value_parser = timestamp_skew)]
    pub(crate) timestamp_skew: Duration,

    /// How many accounts there may be, the seed's included, 1 to 1000000
    #[arg(long, global = true, env = "RDS_MOCK_MAX_ACCOUNTS", value_name = "N",
          default_value_t = DEFAULT_MAX_ACCOUNTS, value_parser = max_accounts)]
    pub(crate) max_accounts: usize,

    /// How many calls the journal of an account keeps, 0 to 1000000
    #[arg(long, global = true, env = "RDS_MOCK_JOURNAL_ENTRIES", value_name = "N",
          default_value_t = DEFAULT_JOURNAL_ENTRIES, value_parser = journal_entries)]
    pub(crate) journal_entries: usize,

    /// How many bytes the journal of an account keeps, 0 to 1000000000
    #[arg(long, global = true, env = "RDS_MOCK_JOURNAL_BYTES", value_name = "N",
          default_value_t = DEFAULT_JOURNAL_BYTES, value_parser = journal_bytes)]
    pub(crate) journal_bytes: usize,

    /// Refuse parameters that the real action does not have; the service ignores them
    #[arg(long, global = true, env = "RDS_MOCK_STRICT_PARAMETERS", value_parser = FalseyValueParser::new())]
    pub(crate) strict_parameters: bool,

    /// Ask for this bearer token on the routes under /_mock/
    #[arg(long, global = true, env = "RDS_MOCK_ADMIN_TOKEN", value_name = "TOKEN", hide_env_values = true,
          value_parser = admin_token)]
    pub(crate) admin_token: Option<Secret>,

    /// Make request ids and other generated ids repeatable: the same number, the same ids
    #[arg(long, global = true, env = "RDS_MOCK_SEED_IDS", value_name = "N")]
    pub(crate) seed_ids: Option<u64>,

    /// The least important messages to log; `info` has one line for each call
    #[arg(long, global = true, env = "RDS_MOCK_LOG_LEVEL", value_name = "LEVEL", default_value = "info")]
    pub(crate) log_level: LogLevel,

    /// How to write the log
    #[arg(long, global = true, env = "RDS_MOCK_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask the running server whether it answers; exit 0 if it does and 1 if not
    ///
    /// Finds the server by the same settings it was started with: the port file if there is one, else the address.
    Healthcheck,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

fn max_security_groups(text: &str) -> Result<usize, String> {
    number(text, 1, 1000)
}

fn max_accounts(text: &str) -> Result<usize, String> {
    number(text, 1, 1_000_000)
}

fn journal_entries(text: &str) -> Result<usize, String> {
    number(text, 0, 1_000_000)
}

fn journal_bytes(text: &str) -> Result<usize, String> {
    number(text, 0, 1_000_000_000)
}

fn number(text: &str, least: usize, most: usize) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("valid are whole numbers from {least} to {most}")),
    }
}

fn admin_token(text: &str) -> Result<Secret, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Secret::new(text))
    } else {
        Err("valid are visible ASCII characters without a space, at least one".to_owned())
    }
}

fn timestamp_skew(text: &str) -> Result<Duration, String> {
    let error = || "valid are times from 1s to 24h, such as 90s, 15m or 1h".to_owned();
    let time: SignedDuration = text.parse().map_err(|_| error())?;
    let is_valid = (SignedDuration::from_secs(1)..=SignedDuration::from_hours(24)).contains(&time);
    if is_valid { Ok(time.unsigned_abs()) } else { Err(error()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_flag_is_a_variable_too() {
        Settings::command().debug_assert();
        for flag in Settings::command().get_arguments().filter(|flag| flag.get_long().is_some()) {
            let name = flag.get_long().unwrap().replace('-', "_").to_uppercase();
            assert_eq!(flag.get_env().unwrap().to_str().unwrap(), format!("RDS_MOCK_{name}"));
        }
    }
}
